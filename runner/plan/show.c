/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints the resolved design of an experiment for people (--dry-run).
 */
#include <math.h>

#include "plan/plan.h"

static void show_levels(const Plan *plan, const Cohort *cohort, Text *text)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Plan typical = *plan;
    typical.variability = false;
    const AnimalDraw *draw = plan_draw(scratch, &typical, cohort, 0);
    AnimalAt start = {.cohort = cohort, .site = cohort->sites[0], .draw = draw, .time = 0.0}, end = start;
    end.time = plan->times[plan->n_times - 1];
    for (size_t g = 0; g < cohort->genotype.n_genes; g++) {
        const GeneGenotype *gene = &cohort->genotype.genes[g];
        text_print(text, "    expression of %s:", gene->gene->name);
        for (size_t s = 0; s < gene->gene->n_cells; s++) {
            double first = plan_level(&start, gene, s), last = plan_level(&end, gene, s);
            text_print(text, "%s %s %.4g", s > 0 ? "," : "", gene->gene->cells[s].name, first);
            if (fabs(first - last) > 0.0)
                text_print(text, " -> %.4g", last);
        }
        text_print(text, "\n");
    }
}

/* Bones that a driver does not reach: there the levels above do not hold. */
static void show_spared(const Cohort *cohort, Text *text)
{
    for (size_t d = 0; d < cohort->genotype.n_drivers; d++) {
        const Driver *driver = cohort->genotype.drivers[d];
        for (size_t i = 0; i < driver->n_spares; i++)
            for (size_t s = 0; s < cohort->n_sites; s++)
                if (text_equal(driver->spares[i], plan_site_name(cohort->sites[s])))
                    text_print(text, "    %s deletes nothing in %s\n", driver->name, driver->spares[i]);
    }
}

static void show_settings(const Model *model, const Cohort *cohort, Text *text)
{
    for (size_t i = 0; i < model->n_settings; i++) {
        text_print(text, "%s%s", i == 0 ? "    settings: " : "; ", model->settings[i].name);
        if (cohort->options[i] != NULL)
            text_print(text, " %s", cohort->options[i]->name);
        for (size_t s = 0; cohort->options[i] == NULL && s < cohort->n_sites; s++)
            text_print(text, "%s %s", s > 0 ? "," : "", cohort->sites[s]->name);
    }
    text_print(text, model->n_settings > 0 ? "\n" : "");
}

static void show_times(const Plan *plan, Text *text)
{
    enum { SHOWN = 12 };
    if (plan->n_times > SHOWN) {
        text_print(text, "  measured at %zu times from %.6g to %.6g %s", plan->n_times, plan->times[0],
                   plan->times[plan->n_times - 1], plan->model->time_text);
    } else {
        text_print(text, "  measured at");
        for (size_t i = 0; i < plan->n_times; i++)
            text_print(text, "%s %.6g", i > 0 ? "," : "", plan->times[i]);
        text_print(text, " %s", plan->model->time_text);
    }
    text_print(text, ", stored as %s\n", plan->dense ? "series" : "measurements");
}

static void show_drivers(const Genotype *genotype, Text *text)
{
    for (size_t d = 0; d < genotype->n_drivers; d++)
        for (size_t s = 0; s < genotype->drivers[d]->n_cells; s++) {
            const DriverCells *site = &genotype->drivers[d]->cells[s];
            text_print(text, "    %s in %s: %.4g (%s: %s)\n", genotype->drivers[d]->name, site->name, site->efficiency,
                       site->evidence, text_one_line(text->arena, site->source));
        }
}

static size_t count_batches(const Plan *plan, const Cohort *cohort)
{
    size_t most = lanes_shared(plan->model->n_states);
    return (cohort->n_animals + most - 1) / most * cohort->n_sites;
}

static void show_cohort(const Plan *plan, const Cohort *cohort, Text *text)
{
    size_t batches = count_batches(plan, cohort);
    text_print(text, "  %s\n    genotype: %s\n", cohort->name, cohort->genotype_text);
    if (cohort->about != NULL)
        text_print(text, "    about: %s\n", text_one_line(text->arena, cohort->about));
    show_drivers(&cohort->genotype, text);
    show_levels(plan, cohort, text);
    show_spared(cohort, text);
    text_print(text, "    treatment: %s\n", cohort->treatment_text);
    show_settings(plan->model, cohort, text);
    text_print(text, "    control: %s\n", plan->cohorts[cohort->control].name);
    text_print(text, "    %zu animal%s at %zu site%s, %zu batch%s\n", cohort->n_animals,
               cohort->n_animals == 1 ? "" : "s", cohort->n_sites, cohort->n_sites == 1 ? "" : "s", batches,
               batches == 1 ? "" : "es");
}

void plan_show(const Plan *plan, Text *text)
{
    size_t animals = 0, batches = 0;
    text_print(text, "experiment %s\n", plan->name);
    if (plan->question[0] != '\0')
        text_print(text, "  question: %s\n", text_one_line(text->arena, plan->question));
    text_print(text, "  model: %s (%s)\n", plan->model->name, text_one_line(text->arena, plan->model->path));
    if (plan->drivers != NULL)
        text_print(text, "  drivers: %s\n", text_one_line(text->arena, plan->drivers->path));
    text_print(text, "  seed %llu; animals %s%s\n", (unsigned long long)plan->seed,
               plan->variability ? "vary" : "are typical (variability: no)",
               plan->twins ? "; the same animals in every cohort (twins)" : "");
    show_times(plan, text);
    text_print(text, "cohorts\n");
    for (size_t i = 0; i < plan->n_cohorts; i++) {
        const Cohort *cohort = &plan->cohorts[i];
        show_cohort(plan, cohort, text);
        animals += cohort->n_animals;
        batches += count_batches(plan, cohort);
    }
    for (size_t i = 0; i < plan->n_unexpressed; i++)
        text_print(text, "  %s\n    cannot be expressed: %s\n", plan->unexpressed[i].cohort,
                   plan->unexpressed[i].reason);
    text_print(text, "%zu cohort%s, %zu animal%s, %zu batch%s of %zu\n", plan->n_cohorts,
               plan->n_cohorts == 1 ? "" : "s", animals, animals == 1 ? "" : "s", batches, batches == 1 ? "" : "es",
               lanes_shared(plan->model->n_states));
}
