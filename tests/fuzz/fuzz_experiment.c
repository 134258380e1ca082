/* SPDX-License-Identifier: Apache-2.0
 *
 * An experiment file -> Plans; its models and drivers are those of tests/cases/models, then of models/. Of each cohort
 * the first animal is drawn, and its slots are computed at every time of the plan.
 */
#include <math.h>

#include "fuzz/fuzz.h"
#include "plan/plan.h"

enum { MAX_DRAWN = 20 };

static void draw(Arena *arena, const Plan *plan, const Cohort *cohort)
{
    const AnimalDraw *animal = plan_draw(arena, plan, cohort, cohort->n_animals - 1);
    double *slots = NEW_ARRAY(arena, double, plan->model->n_slots);
    for (size_t i = 0; i < plan->model->n_parameters; i++)
        ASSERT(!isnan(animal->parameters[i]));
    for (size_t i = 0; i < plan->n_times && i < MAX_DRAWN; i++)
        plan_slots(arena, plan, &(AnimalAt){cohort, cohort->sites[0], animal, plan->times[i]}, slots);
    for (size_t i = 0; i < cohort->n_event_times && i < MAX_DRAWN; i++)
        plan_slots(arena, plan, &(AnimalAt){cohort, cohort->sites[0], animal, cohort->event_times[i]}, slots);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const folders[] = {SOURCE_DIR "/tests/cases/models", SOURCE_DIR "/models"};
    const PlanOptions options = {.model_folders = folders, .n_model_folders = ARRAY_LENGTH(folders)};
    SCOPED(arena_close) Arena *arena = arena_open();
    const YamlNode *root;
    Plans plans = {0};
    if (!fuzz_tree(arena, SOURCE_DIR "/tests/cases/fuzz.yaml", data, size, &root))
        return 0;
    Diags diags = diags_new(arena);
    bool built = plans_build(arena, fuzz_units(), root, &options, &plans, &diags);
    fuzz_said(arena, &diags, built);
    for (size_t i = 0; built && i < plans.n; i++) {
        Text text = text_new(arena);
        plan_show(plans.plans[i], &text);
        fuzz_shown(&text);
        for (size_t c = 0; c < plans.plans[i]->n_cohorts && c < MAX_DRAWN; c++)
            draw(arena, plans.plans[i], &plans.plans[i]->cohorts[c]);
    }
    return 0;
}
