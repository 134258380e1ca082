/* SPDX-License-Identifier: Apache-2.0
 *
 * A model file -> Model -> System; each stage shown, and each tape run once.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "model/system.h"

static void run_tapes(Arena *arena, const System *system)
{
    const Program *program = system->program;
    SystemLanes *lanes = system_lanes_new(arena, system, cpu_best(), MIN_LANES);
    for (uint32_t slot = 0; slot < system->model->n_slots; slot++)
        for (size_t lane = 0; lane < MIN_LANES; lane++)
            system_lanes_slot(lanes, slot)[lane] =
                slot < system->model->n_parameters ? system->model->parameters[slot].value : 0.0;
    system_lanes_ready(lanes);
    double *states = NEW_LANES(arena, system->model->n_states * MIN_LANES);
    system_lanes_eval(lanes, TAPE_INITIAL, 0.0, NULL, states);
    for (SystemTape tape = 0; tape < N_TAPES; tape++)
        system_lanes_eval(lanes, tape, 1.0, states, NEW_LANES(arena, program->tapes[tape].n_results * MIN_LANES));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const YamlNode *root;
    const Model *model = NULL;
    if (!fuzz_tree(arena, "fuzz.yaml", data, size, &root))
        return 0;
    Diags diags = diags_new(arena);
    bool built = model_build(arena, fuzz_units(), root, &model, &diags);
    fuzz_said(arena, &diags, built);
    if (!built)
        return 0;
    Text text = text_new(arena);
    const char *recorded = model->n_states > 0 ? model->states[0].name : NULL;
    const System *system = system_build(arena, model, &recorded, recorded != NULL);
    model_show(model, &text);
    system_show_dag(system, &text);
    system_show_jacobian(system, &text);
    system_show_tape(system, &text);
    fuzz_shown(&text);
    run_tapes(arena, system);
    return 0;
}
