/* SPDX-License-Identifier: Apache-2.0
 *
 * A drivers file -> Drivers: efficiencies are shares.
 */
#include "fuzz/fuzz.h"
#include "plan/plan.h"

static void check(const Driver *driver)
{
    ASSERT(driver->name != NULL);
    for (size_t i = 0; i < driver->n_cells; i++) {
        ASSERT(driver->cells[i].name != NULL);
        ASSERT(driver->cells[i].efficiency >= 0.0 && driver->cells[i].efficiency <= 1.0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const YamlNode *root;
    const Drivers *drivers;
    if (!fuzz_tree(arena, "fuzz.yaml", data, size, &root))
        return 0;
    Diags diags = diags_new(arena);
    bool built = drivers_build(arena, root, &drivers, &diags);
    fuzz_said(arena, &diags, built);
    for (size_t i = 0; built && i < drivers->n; i++)
        check(&drivers->drivers[i]);
    return 0;
}
