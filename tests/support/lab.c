/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens a small laboratory: loads an experiment from text, simulates its cohorts, and finds values of animals.
 */
#include <string.h>

#include "support/near.h"

#include "support/lab.h"

Lab lab_open(const char *text, const char *models, double rtol)
{
    Lab lab = {.arena = arena_open()};
    Err err = {0};
    Diags diags = diags_new(lab.arena);
    const char *folder = arena_print(lab.arena, "%s/%s", SOURCE_DIR, models);
    const PlanOptions options = {.model_folders = &folder, .n_model_folders = 1};
    const YamlNode *root;
    lab.units = units_open(&err);
    assert_non_null(lab.units);
    if (!yaml_parse(lab.arena, "lab.yaml", text, strlen(text), &root, &diags) ||
        !plan_build(lab.arena, lab.units, root, &options, &lab.plan, &diags)) {
        Text shown = text_new(lab.arena);
        for (size_t i = 0; i < diags.n; i++)
            diag_show(&diags.list[i], &shown);
        fail_msg("%s", text_string(&shown));
    }
    lab.system = system_build(lab.arena, lab.plan->model, lab.plan->record, lab.plan->n_record);
    lab.worker = worker_open(lab.arena, lab.plan, lab.system, rtol, cpu_best(), &err);
    if (lab.worker == NULL)
        fail_msg("%s", err.text);
    return lab;
}

void lab_close(Lab *lab)
{
    worker_close(&lab->worker);
    units_close(&lab->units);
    arena_close(&lab->arena);
}

size_t lab_cohort(const Lab *lab, const char *name)
{
    for (size_t i = 0; i < lab->plan->n_cohorts; i++)
        if (text_equal(lab->plan->cohorts[i].name, name))
            return i;
    fail_msg("no cohort '%s'", name);
    return 0;
}

size_t lab_output(const Lab *lab, const char *name)
{
    for (size_t i = 0; i < lab->system->n_outputs; i++)
        if (text_equal(lab->system->outputs[i].name, name))
            return i;
    fail_msg("no output '%s'", name);
    return 0;
}

const Animal *lab_run(Lab *lab, const char *cohort)
{
    size_t index = lab_cohort(lab, cohort), n = lab->plan->cohorts[index].n_animals;
    assert_true(n <= LANES);
    return worker_run(lab->arena, lab->worker, (AnimalRange){index, 0, n});
}

/* NULL when the animal was not read then. */
static const Reading *find_reading(const Animal *animal, double age_d)
{
    for (size_t i = 0; i < animal->n_readings; i++)
        if (fabs(animal->readings[i].age_d - age_d) < 1e-9)
            return &animal->readings[i];
    return NULL;
}

double lab_value(const Lab *lab, const Animal *animal, const char *output, double age_d)
{
    size_t metric = lab_output(lab, output);
    if (animal->failure != NULL)
        fail_msg("the animal failed: %s", animal->failure);
    for (size_t i = 0; i < animal->n_series; i++)
        for (size_t k = 0; animal->series[i].metric == metric && k < animal->series[i].n; k++)
            if (fabs(animal->series[i].times_d[k] - age_d) < 1e-9)
                return animal->series[i].values[k];
    const Reading *found = find_reading(animal, age_d);
    if (found == NULL)
        fail_msg("'%s' was not measured at %g d", output, age_d);
    return found->truths[metric];
}

double lab_reading(const Lab *lab, const Animal *animal, const char *output, double age_d)
{
    const Reading *found = find_reading(animal, age_d);
    assert_non_null(found);
    return found->values[lab_output(lab, output)];
}
