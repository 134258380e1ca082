/* SPDX-License-Identifier: Apache-2.0
 *
 * units: what texts mean in SI base units, what is refused and why, factors, quantities, arithmetic on exponents.
 * Scales come out of UDUNITS with a few roundings: ROUNDING allows thousands of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/near.h"

#include "units/units.h"

static const double ROUNDING = 1e-13;

/* Powers in the order of UNIT_BASES: m kg s A K mol cd. */
static const struct {
    const char *text;
    double scale;
    double power[UNIT_BASES];
} READ[] = {
    {"1", 1.0, {0}},
    {"%", 0.01, {0}},
    {"percent", 0.01, {0}},
    {"cell", 1.0, {0}},
    {"cells", 1.0, {0}},
    {"rad", 1.0, {0}},
    {"degree", 0.017453292519943295, {0}},
    {"mg/kg", 1e-6, {0}},
    {"m", 1.0, {1}},
    {"kg", 1.0, {0, 1}},
    {"s", 1.0, {0, 0, 1}},
    {"A", 1.0, {0, 0, 0, 1}},
    {"K", 1.0, {0, 0, 0, 0, 1}},
    {"mol", 1.0, {0, 0, 0, 0, 0, 1}},
    {"cd", 1.0, {0, 0, 0, 0, 0, 0, 1}},
    {"day", 86400.0, {0, 0, 1}},
    {"wk", 604800.0, {0, 0, 1}},
    {"weeks", 604800.0, {0, 0, 1}},
    {"h", 3600.0, {0, 0, 1}},
    {"min", 60.0, {0, 0, 1}},
    {"um", 1e-6, {1}},
    {"\xC2\xB5m", 1e-6, {1}},
    {"mm2", 1e-6, {2}},
    {"mm^2", 1e-6, {2}},
    {"mm**2", 1e-6, {2}},
    {"mm\xC2\xB2", 1e-6, {2}},
    {"L", 1e-3, {3}},
    {"mL/min", 1e-6 / 60.0, {3, 0, -1}},
    {"1/day", 1.0 / 86400.0, {0, 0, -1}},
    {"1 / day", 1.0 / 86400.0, {0, 0, -1}},
    {"/day", 1.0 / 86400.0, {0, 0, -1}},
    {"day-1", 1.0 / 86400.0, {0, 0, -1}},
    {" day\n", 86400.0, {0, 0, 1}},
    {"%/day", 0.01 / 86400.0, {0, 0, -1}},
    {"M", 1e3, {-3, 0, 0, 0, 0, 1}},
    {"molar", 1e3, {-3, 0, 0, 0, 0, 1}},
    {"mM", 1.0, {-3, 0, 0, 0, 0, 1}},
    {"uM", 1e-3, {-3, 0, 0, 0, 0, 1}},
    {"nM", 1e-6, {-3, 0, 0, 0, 0, 1}},
    {"pM", 1e-9, {-3, 0, 0, 0, 0, 1}},
    {"pmol/L/day", 1e-9 / 86400.0, {-3, 0, -1, 0, 0, 1}},
    {"pmol L-1 day-1", 1e-9 / 86400.0, {-3, 0, -1, 0, 0, 1}},
    {"pmol.L-1.day-1", 1e-9 / 86400.0, {-3, 0, -1, 0, 0, 1}},
    {"1/(nM day)", 1e6 / 86400.0, {3, 0, -1, 0, 0, -1}},
    {"cmH2O", 98.0665, {-1, 1, -2}},
    {"m^2g", 1e-3, {2, 1}},
    {"m-2g", 1e-3, {-2, 1}},
    {"m per g2", 1e6, {1, -2}},
    {"1/(m2)g", 1e-3, {-2, 1}},
    {"Mg", 1e3, {0, 1}},
    {"U", 1e-6 / 60.0, {0, 0, -1, 0, 0, 1}},
    {"U/L", 1e-3 / 60.0, {-3, 0, -1, 0, 0, 1}},
    {"mU/mL", 1e-3 / 60.0, {-3, 0, -1, 0, 0, 1}},
    {"cells/mm2", 1e6, {-2}},
    {"GPa", 1e9, {-1, 1, -2}},
};

#define NUMBER_INSIDE "has a number of its own: a unit has whole powers only, as in 1/day or mm2"
#define HAS_OFFSET "has an offset, and an offset cannot be scaled: use a unit that starts at zero, such as K"
#define NOT_KNOWN "is not a unit that UDUNITS-2 knows"

static const struct {
    const char *text, *reason;
} REFUSED[] = {
    {"", "is empty: write 1 for a pure number"},
    {" \t", "is empty: write 1 for a pure number"},
    {"dya", NOT_KNOWN},
    {"mg//kg", NOT_KNOWN},
    {"mg/", NOT_KNOWN},
    {"(mg", NOT_KNOWN},
    {"since", NOT_KNOWN},
    {"-day", NOT_KNOWN},
    {"\xFF", NOT_KNOWN},
    {"m\xB2", NOT_KNOWN},
    {"m\xE0\x82\xB2", NOT_KNOWN}, /* an overlong form of U+00B2 */
    {"m\xED\xA0\x80", NOT_KNOWN}, /* a surrogate */
    {"day\xE2\x82", NOT_KNOWN},
    {"day\xE2\x82\xAC", NOT_KNOWN},
    {"5 day", NUMBER_INSIDE},
    {"5", NUMBER_INSIDE},
    {"0.5 day", NUMBER_INSIDE},
    {".5 day", NUMBER_INSIDE},
    {"1 day", NUMBER_INSIDE},
    {"1e3 day", NUMBER_INSIDE},
    {"-1", NUMBER_INSIDE},
    {"day 5", NUMBER_INSIDE},
    {"day\n5", NOT_KNOWN},
    {"day -1", NUMBER_INSIDE},
    {"m^0.5", NUMBER_INSIDE},
    {"m.5", NUMBER_INSIDE},
    {"m\xC2\xB7"
     "5",
     NUMBER_INSIDE},
    {"1/5 day", NUMBER_INSIDE},
    {"mg/(100 kg)", NUMBER_INSIDE},
    {"10^3/uL", NUMBER_INSIDE},
    {"degC", HAS_OFFSET},
    {"\xC2\xB0"
     "F",
     HAS_OFFSET},
    {"m since5", HAS_OFFSET},
    {"day since20000101", "is a point in time: use a unit such as day"},
    {"lg(re mW)", "is logarithmic, and a logarithm cannot be scaled"},
    {"m @ 5", NUMBER_INSIDE},
    {"day since 2000-01-01", NUMBER_INSIDE},
    {"lg(re 1 mW)", NUMBER_INSIDE},
    {"m2g", NOT_KNOWN},
    {"0 g", NUMBER_INSIDE},
    {"m per0g", NUMBER_INSIDE},
    {"m peR0g", NUMBER_INSIDE},
    {"N\xC2\xB9per0r", NUMBER_INSIDE},
    {"m'since4's", NUMBER_INSIDE},
    {"m per 5 g", NUMBER_INSIDE},
    {"1/(Bm)m1g", NOT_KNOWN},
    {"m1-0 g", NUMBER_INSIDE},
    {"m--0g", NUMBER_INSIDE},
    {"m\xC2\xB7"
     "0 g",
     NUMBER_INSIDE},
    {"m\xC2\xB2-0 g", NUMBER_INSIDE},
    {"m\xE2\x81\xB4-0 g", NUMBER_INSIDE},
    {"Ym200", "is too large or too small to compute with"},
    {"m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m."
     "m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m."
     "m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m."
     "m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m.m."
     "m",
     "is too long for a unit"},
};

static int open_units(void **state)
{
    Err err = {0};
    *state = units_open(&err);
    if (*state == NULL)
        print_error("%s\n", err.text);
    return *state == NULL;
}

static int close_units(void **state)
{
    Units *units = *state;
    units_close(&units);
    units_close(&units);
    return units != NULL;
}

static Unit unit_of(void **state, const char *text)
{
    Unit unit = unit_one();
    const char *reason;
    if (!units_parse(*state, text, &unit, &reason))
        fail_msg("the unit '%s' %s", text, reason);
    return unit;
}

static void units_mean_scales_and_powers(void **state)
{
    for (size_t i = 0; i < ARRAY_LENGTH(READ); i++) {
        Unit unit = unit_of(state, READ[i].text);
        assert_near(READ[i].text, unit.scale, READ[i].scale, ROUNDING, 0.0);
        for (size_t k = 0; k < UNIT_BASES; k++)
            assert_near(READ[i].text, unit.power[k], READ[i].power[k], 0.0, 0.0);
    }
}

static void text_that_is_not_a_unit_is_refused_with_a_reason(void **state)
{
    for (size_t i = 0; i < ARRAY_LENGTH(REFUSED); i++) {
        Unit unit = {.scale = -77.0, .power = {3}};
        const Unit untouched = unit;
        const char *reason = NULL;
        if (units_parse(*state, REFUSED[i].text, &unit, &reason))
            fail_msg("'%s' was taken for a unit", REFUSED[i].text);
        if (!text_equal(reason, REFUSED[i].reason))
            fail_msg("'%s' %s, wanted: %s", REFUSED[i].text, reason, REFUSED[i].reason);
        assert_memory_equal(&unit, &untouched, sizeof unit);
    }
    char longest[1000];
    memset(longest, 'm', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    Unit unit;
    const char *reason = NULL;
    assert_false(units_parse(*state, longest, &unit, &reason));
    assert_string_equal(reason, "is too long for a unit");
}

/* What should be a whole number, or a ratio of small ones, is that to the last bit. */
static void factors_of_whole_numbers_are_exact(void **state)
{
    static const struct {
        const char *from, *to;
        double factor;
    } rows[] = {
        {"wk", "day", 7.0},
        {"day", "wk", 1.0 / 7.0},
        {"1", "%", 100.0},
        {"%", "1", 0.01},
        {"day", "day", 1.0},
        {"h", "wk", 1.0 / 168.0},
        {"day", "min", 1440.0},
        {"mm", "um", 1000.0},
        {"um", "mm", 0.001},
        {"nM", "pmol/L", 1000.0},
        {"pM", "pmol/L", 1.0},
        {"mM", "mmol/L", 1.0},
        {"mol", "pmol", 1e12},
        {"mg/kg", "ng/g", 1000.0},
        {"1/day", "1/wk", 7.0},
        {"ug/mL", "mg/L", 1.0},
        {"mL/min", "L/day", 1.44},
        {"U/L", "umol/min/L", 1.0},
        {"pmol/L/day", "nM/wk", 0.007},
        {"cell", "1", 1.0},
        {"1/(pM day)", "1/(nM wk)", 7000.0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_near(rows[i].from, unit_factor(unit_of(state, rows[i].from), unit_of(state, rows[i].to)), rows[i].factor,
                    0.0, 0.0);
    assert_near("month in days", unit_factor(unit_of(state, "month"), unit_of(state, "day")), 30.436849, 1e-7, 0.0);
}

static void quantity_is_a_number_and_a_unit(void **state)
{
    static const struct {
        const char *text;
        double value, scale;
        const char *unit_text;
    } rows[] = {
        {"5 mg/kg", 5.0, 1e-6, "mg/kg"},
        {"12 wk", 12.0, 604800.0, "wk"},
        {"12wk", 12.0, 604800.0, "wk"},
        {"1e-4 pmol/L/day", 1e-4, 1e-9 / 86400.0, "pmol/L/day"},
        {"0.3", 0.3, 1.0, "1"},
        {" -2 ", -2.0, 1.0, "1"},
        {"50 %", 50.0, 0.01, "%"},
        {"50%", 50.0, 0.01, "%"},
        {"0.4 1/day", 0.4, 1.0 / 86400.0, "1/day"},
        {"0.4 /day", 0.4, 1.0 / 86400.0, "/day"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        Quantity quantity = {0};
        const char *reason = "";
        if (!quantity_parse(*state, rows[i].text, &quantity, &reason))
            fail_msg("'%s' %s", rows[i].text, reason);
        assert_near(rows[i].text, quantity.value, rows[i].value, 0.0, 0.0);
        assert_near(rows[i].text, quantity.unit.scale, rows[i].scale, ROUNDING, 0.0);
        assert_string_equal(quantity.unit_text, rows[i].unit_text);
    }
}

static void text_that_is_not_a_quantity_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *text, *reason;
    } rows[] = {
        {"", "does not start with a number"},
        {"wk", "does not start with a number"},
        {"x0.5", "does not start with a number"},
        {"1e999 day", "does not start with a number"},
        {"inf day", "does not start with a number"},
        {"5 dya", NOT_KNOWN},
        {"5 6 day", NUMBER_INSIDE},
        {"1_000 day", NOT_KNOWN},
        {"0x10", NOT_KNOWN},
        {"20 degC", HAS_OFFSET},
        {"12, wk", NOT_KNOWN},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        Quantity quantity = {.value = -77.0};
        const char *reason = NULL;
        if (quantity_parse(*state, rows[i].text, &quantity, &reason))
            fail_msg("'%s' was taken for a quantity", rows[i].text);
        if (!text_equal(reason, rows[i].reason))
            fail_msg("'%s' %s, wanted: %s", rows[i].text, reason, rows[i].reason);
        assert_near("untouched", quantity.value, -77.0, 0.0, 0.0);
        assert_null(quantity.unit_text);
    }
}

static void arithmetic_on_units_follows_that_on_values(void **state)
{
    Unit nmol = unit_of(state, "nmol"), litre = unit_of(state, "L"), day = unit_of(state, "day");
    Unit nM = unit_over(nmol, litre);
    assert_true(unit_converts(nM, unit_of(state, "M")));
    assert_near("nM", unit_factor(nM, unit_of(state, "nM")), 1.0, 0.0, 0.0);
    assert_false(unit_converts(nM, nmol));
    assert_true(unit_is_number(unit_over(day, unit_of(state, "wk"))));
    assert_false(unit_is_number(day));
    assert_true(unit_is_number(unit_times(day, unit_raised(day, -1.0))));
    assert_true(unit_is_number(unit_raised(day, 0.0)));
    Unit root = unit_raised(nM, 0.5);
    assert_true(unit_converts(unit_times(root, root), nM));
    assert_near("root", unit_factor(unit_times(root, root), nM), 1.0, 0.0, 0.0);
    Unit third = unit_raised(nM, 1.0 / 3.0);
    assert_true(unit_converts(unit_times(third, unit_times(third, third)), nM));
    assert_true(unit_is_number(unit_one()));
}

static void units_are_shown_in_base_units(void **state)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"pmol/L/day", "1.15741e-14 m-3 s-1 mol"},
        {"1", "1"},
        {"%", "0.01"},
        {"s", "s"},
        {"mM", "m-3 mol"},
        {"day", "86400 s"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_string_equal(unit_show(arena, unit_of(state, rows[i].text)), rows[i].shown);
    assert_string_equal(unit_show(arena, unit_raised(unit_of(state, "m3/s"), 0.5)), "m^1.5 s^-0.5");
}

static void misspelt_units_get_a_hint(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Diags diags = diags_new(arena);
    assert_string_equal(units_suggest(&diags, "dya"), "did you mean 'day'?");
    assert_string_equal(units_suggest(&diags, "pmol/L/dya"), "did you mean 'day'?");
    assert_string_equal(units_suggest(&diags, "mgg/kg"), "did you mean 'mg'?");
    assert_null(units_suggest(&diags, "furlongs"));
    assert_null(units_suggest(&diags, "5 dya"));
    assert_null(units_suggest(&diags, ""));
    assert_int_equal(strncmp(units_version(), "UDUNITS-2", 9), 0);
}

/* -- the database of UDUNITS itself ----------------------------------------------------------------------------- */

static void assert_cannot_open(const char *path, ErrKind kind, const char *text)
{
    Err err = {0};
    assert_int_equal(setenv("UDUNITS2_XML_PATH", path, 1), 0);
    assert_null(units_open(&err));
    assert_int_equal(err.kind, kind);
    assert_string_equal(err.text, text);
    assert_int_equal(unsetenv("UDUNITS2_XML_PATH"), 0);
}

static const char *units_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "<?xml version=\"1.0\" encoding=\"US-ASCII\"?><unit-system>%s</unit-system>", text);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void an_incomplete_database_of_units_is_an_error(void **state)
{
    (void)state;
    static const char lacks[] = "the units database of UDUNITS-2 lacks 'kg' or 'mol', or has its own 'wk' or 'M'";
    static const char bases[] = "<unit><base/><name><singular>metre</singular></name><symbol>m</symbol></unit>"
                                "<unit><base/><name><singular>kilogram</singular></name><symbol>kg</symbol></unit>"
                                "<unit><base/><name><singular>second</singular></name><symbol>s</symbol></unit>"
                                "<unit><base/><name><singular>ampere</singular></name><symbol>A</symbol></unit>"
                                "<unit><base/><name><singular>kelvin</singular></name><symbol>K</symbol></unit>"
                                "<unit><base/><name><singular>mole</singular></name><symbol>mol</symbol></unit>"
                                "<unit><base/><name><singular>candela</singular></name><symbol>cd</symbol></unit>";
    char path[] = "/tmp/marblebone-units-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0 && close(file) == 0);
    assert_cannot_open("/no/such/units.xml", ERR_STORE,
                       "cannot read the units database of UDUNITS-2: is udunits2 installed?");
    assert_cannot_open(units_file(path, ""), ERR_INPUT, lacks);
    assert_cannot_open(units_file(path, bases), ERR_INPUT, lacks); /* no week */
    assert_int_equal(remove(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_mean_scales_and_powers),
        cmocka_unit_test(text_that_is_not_a_unit_is_refused_with_a_reason),
        cmocka_unit_test(factors_of_whole_numbers_are_exact),
        cmocka_unit_test(quantity_is_a_number_and_a_unit),
        cmocka_unit_test(text_that_is_not_a_quantity_is_refused_with_a_reason),
        cmocka_unit_test(arithmetic_on_units_follows_that_on_values),
        cmocka_unit_test(units_are_shown_in_base_units),
        cmocka_unit_test(misspelt_units_get_a_hint),
        cmocka_unit_test(an_incomplete_database_of_units_is_an_error),
    };
    return cmocka_run_group_tests_name("units", tests, open_units, close_units);
}
