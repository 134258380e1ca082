/* SPDX-License-Identifier: Apache-2.0
 *
 * A reference file -> Reference: at least one row, each with what its statistic needs.
 */
#include <math.h>

#include "fuzz/fuzz.h"
#include "judge/reference.h"

static void check(const ReferenceRow *row)
{
    ASSERT(row->id != NULL && row->metric != NULL && row->cite != NULL && row->test.cohort != NULL);
    ASSERT(isfinite(row->test.age_d) && row->test.age_d >= 0.0);
    ASSERT(!row->compares || (row->control.cohort != NULL && isfinite(row->control.age_d)));
    ASSERT(isnan(row->low) || row->low <= row->high);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const YamlNode *root;
    const Reference *reference;
    if (!fuzz_tree(arena, "fuzz.yaml", data, size, &root))
        return 0;
    Diags diags = diags_new(arena);
    bool built = reference_build(arena, root, fuzz_units(), &reference, &diags);
    fuzz_said(arena, &diags, built);
    if (!built)
        return 0;
    ASSERT(reference->n_rows > 0);
    for (size_t i = 0; i < reference->n_rows; i++)
        check(&reference->rows[i]);
    return 0;
}
