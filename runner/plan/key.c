/* SPDX-License-Identifier: Apache-2.0
 *
 * What the numbers of a cohort follow from, as text: two cohorts with the same text have the same animals, whatever
 * their files look like. A line for each thing; numbers read back exactly, names are quoted.
 */
#include <string.h>

#include "plan/plan_priv.h"

static void key_add_name(Text *text, const char *what, const char *name)
{
    text_print(text, "%s ", what);
    if (name != NULL)
        text_add_json(text, name);
    text_print(text, "\n");
}

static void add_number(Text *text, const char *what, double value)
{
    char number[NUMBER_TEXT];
    text_print(text, "%s %s\n", what, number_show(value, number));
}

static void add_count(Text *text, const char *what, size_t count)
{
    text_print(text, "%s %zu\n", what, count);
}

void plan_key(const Plan *plan, Text *text)
{
    text_print(text, "seed %llu\ntwins %d\nvariability %d\ndense %d\n", (unsigned long long)plan->seed, plan->twins,
               plan->variability, plan->dense);
    add_number(text, "start", plan->start);
    for (size_t i = 0; i < plan->n_times; i++)
        add_number(text, "time", plan->times[i]);
    for (size_t i = 0; i < plan->n_record; i++)
        key_add_name(text, "record", plan->record[i]);
    add_count(text, "model", strlen(plan->model->text));
    text_print(text, "%s\n", plan->model->text);
}

static void add_gene(Text *text, const GeneGenotype *genotype)
{
    key_add_name(text, "gene", genotype->gene->name);
    text_print(text, "alleles %s/%s\n", allele_show(genotype->alleles[0]), allele_show(genotype->alleles[1]));
    add_number(text, "fold", genotype->fold);
    add_number(text, "deleted", genotype->deleted);
    for (size_t s = 0; s < genotype->gene->n_sites; s++)
        text_print(text, "site %d %d\n", genotype->at_site != NULL && genotype->at_site[s],
                   genotype->deleted_at != NULL && genotype->deleted_at[s]);
}

static void add_driver(Text *text, const Driver *driver)
{
    key_add_name(text, "driver", driver->name);
    text_print(text, "germline %d inducible %d\n", driver->germline, driver->inducer != NULL);
    for (size_t i = 0; i < driver->n_spares; i++)
        key_add_name(text, "spares", driver->spares[i]);
    for (size_t i = 0; i < driver->n_sites; i++) {
        key_add_name(text, "site", driver->sites[i].name);
        add_number(text, "efficiency", driver->sites[i].efficiency);
        text_print(text, "variability %d\n", (int)driver->sites[i].variability.kind);
        add_number(text, "spread", driver->sites[i].variability.spread);
    }
}

static void add_genotype(Text *text, const Genotype *genotype)
{
    for (size_t i = 0; i < genotype->n_genes; i++)
        add_gene(text, &genotype->genes[i]);
    for (size_t i = 0; i < genotype->n_drivers; i++)
        add_driver(text, genotype->drivers[i]);
    for (size_t i = 0; i < genotype->n_overrides; i++) {
        key_add_name(text, "override", genotype->overrides[i].site);
        add_number(text, "efficiency", genotype->overrides[i].efficiency);
    }
    add_number(text, "induce", genotype->induce);
}

/* In the order in which they act, which is all that is left of that of the file. */
static void add_treatment(Text *text, const Model *model, const Cohort *cohort)
{
    for (size_t i = 0; i < cohort->n_doses; i++) {
        const Dose *dose = &cohort->doses[i];
        key_add_name(text, "drug", model->drugs[dose->drug].name);
        add_number(text, "time", dose->time);
        add_number(text, "dose", dose->dose);
        add_number(text, "duration", dose->duration);
    }
    for (size_t i = 0; i < cohort->n_procedures; i++) {
        const ProcedureUse *use = &cohort->procedures[i];
        key_add_name(text, "procedure", use->procedure->name);
        add_number(text, "from", use->from);
        add_number(text, "until", use->until);
    }
    for (size_t i = 0; i < cohort->n_perturbations; i++) {
        const Perturbation *p = &cohort->perturbations[i];
        key_add_name(text, "parameter", model->parameters[p->change.parameter].name);
        add_number(text, p->change.scales ? "factor" : "value", p->change.value);
        add_number(text, "from", p->from);
        add_number(text, "until", p->until);
    }
}

void plan_cohort_key(const Plan *plan, const Cohort *cohort, Text *text)
{
    key_add_name(text, "cohort", cohort->name);    /* draws depend on it */
    add_count(text, "animals", cohort->n_animals); /* which of them share the last batch */
    for (size_t i = 0; i < plan->model->n_settings; i++)
        key_add_name(text, "option", cohort->options[i] != NULL ? cohort->options[i]->name : NULL);
    for (size_t i = 0; i < cohort->n_sites; i++)
        key_add_name(text, "skeletal-site", plan_site_name(cohort->sites[i]));
    add_genotype(text, &cohort->genotype);
    add_treatment(text, plan->model, cohort);
}
