/* SPDX-License-Identifier: Apache-2.0
 *
 * A fit file -> Fit; its model, references and experiments are those of tests/cases/models.
 */
#include <math.h>

#include "fit/fit.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const folders[] = {SOURCE_DIR "/tests/cases/models"};
    const PlanOptions options = {.model_folders = folders, .n_model_folders = ARRAY_LENGTH(folders)};
    SCOPED(arena_close) Arena *arena = arena_open();
    const YamlNode *root;
    const Fit *fit;
    if (!fuzz_tree(arena, SOURCE_DIR "/tests/cases/fuzz.yaml", data, size, &root))
        return 0;
    Diags diags = diags_new(arena);
    bool built = fit_build(arena, fuzz_units(), root, &options, &fit, &diags);
    fuzz_said(arena, &diags, built);
    for (size_t i = 0; built && i < fit->n_parameters; i++)
        ASSERT(fit->parameters[i].low < fit->parameters[i].high && isfinite(fit->parameters[i].spread));
    return 0;
}
