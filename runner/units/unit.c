/* SPDX-License-Identifier: Apache-2.0
 *
 * Multiplies, compares, converts and shows units.
 */
#include <math.h>

#include "units/units.h"

/* Scales that differ by a smaller share are the same. 1e-12 allows thousands of roundings, and is far below any real
 * difference. */
static const double UNIT_ROUNDING = 1e-12;

/* The same for powers, which are sums and products of small numbers such as 0.5 or 1/3. */
static const double POWER_ROUNDING = 1e-9;

static bool is_near(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance;
}

Unit unit_one(void)
{
    return (Unit){.scale = 1.0};
}

Unit unit_times(Unit a, Unit b)
{
    a.scale *= b.scale;
    for (size_t i = 0; i < UNIT_BASES; i++)
        a.power[i] += b.power[i];
    return a;
}

Unit unit_over(Unit a, Unit b)
{
    a.scale /= b.scale;
    for (size_t i = 0; i < UNIT_BASES; i++)
        a.power[i] -= b.power[i];
    return a;
}

Unit unit_raised(Unit unit, double power)
{
    unit.scale = pow(unit.scale, power);
    for (size_t i = 0; i < UNIT_BASES; i++)
        unit.power[i] *= power;
    return unit;
}

bool unit_converts(Unit from, Unit to)
{
    for (size_t i = 0; i < UNIT_BASES; i++)
        if (!is_near(from.power[i], to.power[i], POWER_ROUNDING))
            return false;
    return true;
}

bool unit_is_number(Unit unit)
{
    return unit_converts(unit, unit_one());
}

/* UDUNITS returns scales with a few rounding errors. When a ratio is within ROUNDING of a fraction p/q of whole numbers
 * (7, 1/168, 36/25), this finds p and q. `ratio` is at least 1. Above 1e15 every double is a whole number. */
static bool find_fraction(double ratio, double *ret_over, double *ret_under)
{
    static const double UNDER_MAX = 100.0, OVER_MAX = 1e6;
    for (double under = 1.0; under <= UNDER_MAX; under++) {
        double over = round(ratio * under);
        if (under > 1.0 && over > OVER_MAX)
            return false; /* with so large numbers, every ratio is near a fraction */
        if (over < 1e15 && is_near(ratio * under, over, UNIT_ROUNDING * over)) {
            *ret_over = over;
            *ret_under = under;
            return true;
        }
    }
    return false;
}

double unit_factor(Unit from, Unit to)
{
    ASSERT(unit_converts(from, to));
    double factor = from.scale / to.scale, over, under;
    if (find_fraction(factor < 1.0 ? to.scale / from.scale : factor, &over, &under))
        return factor < 1.0 ? under / over : over / under;
    return factor;
}

const char *unit_show(Arena *arena, Unit unit)
{
    static const char *const SYMBOLS[UNIT_BASES] = {"m", "kg", "s", "A", "K", "mol", "cd"};
    Text text = text_new(arena);
    bool is_one = is_near(unit.scale, 1.0, UNIT_ROUNDING);
    if (!is_one || unit_is_number(unit))
        text_print(&text, "%g", unit.scale);
    for (size_t i = 0; i < UNIT_BASES; i++) {
        double power = unit.power[i];
        if (is_near(power, 0.0, POWER_ROUNDING))
            continue;
        text_print(&text, "%s%s", text.length > 0 ? " " : "", SYMBOLS[i]);
        if (!is_near(power, 1.0, POWER_ROUNDING))
            text_print(&text, is_near(power, round(power), POWER_ROUNDING) ? "%g" : "^%g", power);
    }
    return text_string(&text);
}
