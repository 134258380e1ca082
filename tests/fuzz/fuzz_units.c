/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts of units and quantities. What is read has a scale that can be computed with, converts into itself, and is as
 * wide as its square's root.
 */
#include <math.h>

#include "fuzz/fuzz.h"

static void check(Arena *arena, Unit unit)
{
    ASSERT(isfinite(unit.scale) && unit.scale > 0.0);
    ASSERT(unit_converts(unit, unit) && unit_factor(unit, unit) >= 1.0 && unit_factor(unit, unit) <= 1.0);
    ASSERT(unit_is_number(unit_over(unit, unit)));
    ASSERT(unit_converts(unit_raised(unit_times(unit, unit), 0.5), unit));
    Text text = text_new(arena);
    text_print(&text, "%s", unit_show(arena, unit));
    fuzz_shown(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const char *text = arena_copy_text(arena, (const char *)data, size), *reason = NULL;
    Unit unit;
    Quantity quantity;
    if (units_parse(fuzz_units(), text, &unit, &reason))
        check(arena, unit);
    else
        ASSERT(reason != NULL);
    if (quantity_parse(fuzz_units(), text, &quantity, &reason)) {
        ASSERT(isfinite(quantity.value));
        check(arena, quantity.unit);
    }
    Diags diags = diags_new(arena);
    (void)units_suggest(&diags, text);
    return 0;
}
