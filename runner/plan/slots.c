/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes the values of a model's slots at a time: what an animal was born with, then settings, genes, procedures and
 * perturbations, in this order. Each call starts anew and keeps no history, so a value cannot depend on the order in
 * which a caller asks for times.
 */
#include <math.h>
#include <string.h>

#include "plan/plan_priv.h"

static double changed(const Change *change, double value)
{
    return change->scales ? value * change->value : change->value;
}

static void apply_option(const Option *option, double *slots)
{
    for (size_t i = 0; option != NULL && i < option->n_changes; i++)
        slots[option->changes[i].parameter] = changed(&option->changes[i], slots[option->changes[i].parameter]);
}

/* Does a driver leave the bones of this skeletal site alone? */
static bool driver_spares(const Driver *driver, const Option *site)
{
    for (size_t i = 0; site != NULL && i < driver->n_spares; i++)
        if (text_equal(driver->spares[i], site->name))
            return true;
    return false;
}

/* The fraction of the cells of a type in which the drivers have deleted floxed alleles by now. */
static double recombined_at(const AnimalAt *at, const char *cells)
{
    const Genotype *genotype = &at->cohort->genotype;
    double recombined = 0.0;
    for (size_t d = 0; d < genotype->n_drivers; d++) {
        const Driver *driver = genotype->drivers[d];
        if (driver_spares(driver, at->site) || (driver->inducer != NULL && !(at->time >= genotype->induce)))
            continue;
        if (driver->germline)
            recombined = 1.0;
        for (size_t s = 0; s < driver->n_cells; s++)
            if (text_equal(driver->cells[s].name, cells))
                recombined = genotype_recombined_by_both(recombined, at->draw->recombined[d][s]);
    }
    return recombined;
}

double plan_level(const AnimalAt *at, const GeneGenotype *genotype, size_t cells)
{
    const GeneCells *in = &genotype->gene->cells[cells];
    double left = genotype->deleted_at != NULL && genotype->deleted_at[cells] ? 1.0 - genotype->deleted : 1.0;
    double extra = genotype->expressed_at != NULL && genotype->expressed_at[cells] ? genotype->fold - 1.0 : 0.0;
    return genotype_level(in->endogenous * left, genotype->alleles, recombined_at(at, in->name), extra);
}

/* Genes that the genotype does not name are +/+: their level is the endogenous one, which matters where that is 0. */
static void apply_genes(const Model *model, const AnimalAt *at, double *slots)
{
    const Genotype *genotypes = &at->cohort->genotype;
    for (size_t g = 0; g < model->n_genes; g++) {
        const Gene *gene = &model->genes[g];
        const GeneGenotype wild = {.gene = gene, .fold = 1.0}, *genotype = &wild;
        for (size_t i = 0; i < genotypes->n_genes; i++)
            if (genotypes->genes[i].gene == gene)
                genotype = &genotypes->genes[i];
        for (size_t s = 0; s < gene->n_cells; s++) {
            double level = plan_level(at, genotype, s);
            for (size_t p = 0; p < gene->cells[s].n_parameters; p++)
                slots[gene->cells[s].parameters[p]] *= level;
        }
    }
}

/* Sets a parameter's course from `time` on: towards `target`, from where it is, with rate constant k (0: at once). */
static void steer(const Model *model, uint32_t parameter, double target, double k, double time, double *slots)
{
    uint32_t ramp = model->ramp_slots[parameter];
    if (ramp != UINT32_MAX) {
        double before = slots[parameter], from = slots[ramp + RAMP_FROM];
        double now = before + (from - before) * exp(slots[ramp + RAMP_K] * (slots[ramp + RAMP_START] - time));
        slots[ramp + RAMP_FROM] = k > 0.0 ? now : target;
        slots[ramp + RAMP_K] = k;
        slots[ramp + RAMP_START] = k > 0.0 ? time : 0.0;
    }
    slots[parameter] = target;
}

static const double LN_2 = 0.69314718055994530942;

static bool turns_at(const ProcedureUse *use, double time)
{
    return times_same_moment(use->from, time) || times_same_moment(use->until, time);
}

static bool touches(const ProcedureUse *use, uint32_t parameter)
{
    for (size_t i = 0; i < use->procedure->n_changes; i++)
        if (use->procedure->changes[i].parameter == parameter)
            return true;
    return false;
}

/* What all procedures that are on at `time` make of a parameter, in the order in which they began: values replace,
 * factors multiply. */
static double target_at(const Cohort *cohort, uint32_t parameter, double born, double time)
{
    double target = born;
    for (size_t i = 0; i < cohort->n_procedures; i++) {
        const ProcedureUse *use = &cohort->procedures[i];
        for (size_t c = 0; c < use->procedure->n_changes && time >= use->from && time < use->until; c++)
            if (use->procedure->changes[c].parameter == parameter)
                target = changed(&use->procedure->changes[c], target);
    }
    return target;
}

/* Beginnings and ends of procedures at one time: a parameter heads for its new target with the half time of the
 * procedure that begins or ends (the last such one, in the order of beginnings). */
static void turn(const Model *model, const Cohort *cohort, const double *born, double time, double *slots)
{
    for (size_t i = 0; i < cohort->n_procedures; i++) {
        const ProcedureUse *use = &cohort->procedures[i];
        if (!turns_at(use, time))
            continue;
        double k = use->procedure->half_time > 0.0 ? LN_2 / use->procedure->half_time : 0.0;
        for (size_t c = 0; c < use->procedure->n_changes; c++) {
            uint32_t parameter = use->procedure->changes[c].parameter;
            bool again = false; /* the last procedure that turns at this time decides */
            for (size_t later = i + 1; later < cohort->n_procedures; later++)
                again = again ||
                        (turns_at(&cohort->procedures[later], time) && touches(&cohort->procedures[later], parameter));
            if (!again)
                steer(model, parameter, target_at(cohort, parameter, born[parameter], time), k, time, slots);
        }
    }
}

static void apply_procedures(const Model *model, const Cohort *cohort, const double *born, double time, double *slots)
{
    double reached = -INFINITY;
    for (;;) {
        double next = INFINITY;
        for (size_t i = 0; i < cohort->n_procedures; i++) {
            const ProcedureUse *use = &cohort->procedures[i];
            next = use->from > reached && use->from < next ? use->from : next;
            next = use->until > reached && use->until < next ? use->until : next;
        }
        if (!(next <= time))
            return;
        turn(model, cohort, born, next, slots);
        reached = next;
    }
}

/* A value replaces the whole course; a factor scales it, gradual or not. */
static void perturb(const Model *model, const Change *change, double time, double *slots)
{
    uint32_t ramp = model->ramp_slots[change->parameter];
    if (!change->scales) {
        steer(model, change->parameter, change->value, 0.0, time, slots);
        return;
    }
    slots[change->parameter] *= change->value;
    if (ramp != UINT32_MAX)
        slots[ramp + RAMP_FROM] *= change->value;
}

bool plan_changes_at(const Cohort *cohort, double time)
{
    bool changes = times_same_moment(cohort->genotype.induce, time);
    for (size_t i = 0; i < cohort->n_procedures; i++)
        changes = changes || turns_at(&cohort->procedures[i], time);
    for (size_t i = 0; i < cohort->n_perturbations; i++)
        changes = changes || times_same_moment(cohort->perturbations[i].from, time) ||
                  times_same_moment(cohort->perturbations[i].until, time);
    return changes;
}

void plan_slots(Arena *scratch, const Plan *plan, const AnimalAt *at, double *ret_slots)
{
    const Model *model = plan->model;
    const Cohort *cohort = at->cohort;
    memset(ret_slots, 0, model->n_slots * sizeof *ret_slots);
    memcpy(ret_slots, at->draw->parameters, model->n_parameters * sizeof *ret_slots);
    for (size_t i = 0; i < model->n_settings; i++)
        apply_option(cohort->options[i], ret_slots);
    apply_option(at->site, ret_slots);
    apply_genes(model, at, ret_slots);
    for (size_t i = 0; i < model->n_parameters; i++)
        if (model->ramp_slots[i] != UINT32_MAX)
            ret_slots[model->ramp_slots[i] + RAMP_FROM] = ret_slots[i];

    double *born = NEW_ARRAY(scratch, double, model->n_parameters); /* what a procedure scales, and what it ends in */
    memcpy(born, ret_slots, model->n_parameters * sizeof *born);
    apply_procedures(model, cohort, born, at->time, ret_slots);
    for (size_t i = 0; i < cohort->n_perturbations; i++) {
        const Perturbation *p = &cohort->perturbations[i];
        if (at->time >= p->from && at->time < p->until)
            perturb(model, &p->change, at->time, ret_slots);
    }
}
