/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that number_show, which is fast, gives the same bytes as number_show_by_trial, which is simple, for every
 * double; and which numbers number_same takes for the same.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/near.h"

#include "base/base.h"

static void same_text(double value)
{
    char shown[NUMBER_TEXT], by_trial[NUMBER_TEXT];
    if (strcmp(number_show(value, shown), number_show_by_trial(value, by_trial)) != 0)
        fail_msg("%a is shown as %s, by trial %s", value, shown, by_trial);
}

/* The number, its neighbours, and all three negative. */
static void same_texts(double value)
{
    const double near[] = {value, nextafter(value, -HUGE_VAL), nextafter(value, HUGE_VAL)};
    for (size_t i = 0; i < ARRAY_LENGTH(near); i++) {
        same_text(near[i]);
        same_text(-near[i]);
    }
}

static uint64_t random_bits(uint64_t key, uint64_t i)
{
    uint32_t block[4];
    rng_philox((const uint32_t[4]){(uint32_t)i}, (const uint32_t[2]){(uint32_t)key}, block);
    return (uint64_t)block[0] << 32 | block[1];
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void special_values_are_shown_as_by_trial(void **state)
{
    (void)state;
    const double rows[] = {0.0,       DBL_MAX,   DBL_MIN,     DBL_TRUE_MIN, HUGE_VAL,      (double)NAN,
                           1.0 / 3.0, 0.1 + 0.2, 999999999.5, 1e-4,         1e-5,          9.9999e-5,
                           0x1p53,    0x1p-52,   0.30103,     365.25,       123456789.125, 5e-324,
                           1e21,      1e22,      1e23,        9.5e-11,      12.3e-6,       0.000123456789};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        same_texts(rows[i]);
}

static void powers_are_shown_as_by_trial(void **state)
{
    (void)state;
    for (int power = -1074; power <= 1023; power++)
        same_texts(ldexp(1.0, power));
    for (int power = -323; power <= 308; power++) {
        char text[NUMBER_TEXT];
        snprintf(text, sizeof text, "1e%d", power);
        double ten;
        assert_true(number_parse(text, &ten));
        same_texts(ten);
        same_texts(ten / 2);
    }
}

/* Ties of 15 and 16 digits are among them. */
static void decimals_are_shown_as_by_trial(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20000; i++) {
        uint64_t integer = random_bits(1, i) >> (11 + i % 53);
        same_texts((double)integer);
        same_texts((double)integer + 0.5);
        same_text((double)integer / 10);
        same_text((double)integer / 100);
        same_text((double)(integer % 100000) * 1e-9);
        same_text((double)i);
        same_text((double)i / 8);
    }
}

/* Every mantissa, in the sizes that the fast way is for and in all. */
static void random_bits_are_shown_as_by_trial(void **state)
{
    (void)state;
    const uint64_t n = 500000;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t mantissa = random_bits(2, i) >> 12, exponent = 1023 - 38 + random_bits(3, i) % 90;
        same_text(double_of(exponent << 52 | mantissa));
        same_text(double_of(random_bits(4, i)));
    }
}

static void numbers_are_the_same_up_to_rounding(void **state)
{
    (void)state;
    const double inf = HUGE_VAL, nan = (double)NAN;
    const struct {
        const char *row;
        double a, b;
        bool same;
    } rows[] = {
        {"equal", 84.0, 84.0, true},
        {"0.1 wk and 0.7 day", 0.1 * 7.0, 0.7, true},
        {"3 times 0.1 day and 0.3 day", 0.1 + 0.1 + 0.1, 0.3, true},
        {"a third of a year, there and back", 365.25 / 3.0 * 24.0 / 24.0 * 3.0, 365.25, true},
        {"5 min in days and back", 5.0 / 1440.0 * 1440.0, 5.0, true},
        {"next double", 84.0, nextafter(84.0, inf), true},
        {"within 1e-9", 1.0, 1.0 + 0.9e-9, true},
        {"outside 1e-9", 1.0, 1.0 + 1.1e-9, false},
        {"the slack is of the larger", 1e6, 1e6 + 0.9e-3, true},
        {"a second in a year", 365.25, 365.25 + 1.0 / 86400.0, false},
        {"a millisecond in a day", 1.0, 1.0 + 1.0 / 86400000.0, false},
        {"negative, within", -1.0, -1.0 - 0.9e-9, true},
        {"negative, outside", -1.0, -1.0 - 1.1e-9, false},
        {"of different sign", -1e-12, 1e-12, false},
        {"zero", 0.0, 0.0, true},
        {"zero and minus zero", 0.0, -0.0, true},
        {"zero and almost zero", 0.0, 1e-15, false},
        {"zero and the least number", 0.0, DBL_TRUE_MIN, false},
        {"tiny, equal", DBL_TRUE_MIN, DBL_TRUE_MIN, true},
        {"tiny, neighbours", DBL_TRUE_MIN, 2 * DBL_TRUE_MIN, false},
        {"tiny, of different sign", DBL_TRUE_MIN, -DBL_TRUE_MIN, false},
        {"small, within", 1e-290, 1e-290 * (1.0 + 0.9e-9), true},
        {"huge, equal", DBL_MAX, DBL_MAX, true},
        {"huge, neighbours", DBL_MAX, nextafter(DBL_MAX, 0.0), true},
        {"huge, of different sign", DBL_MAX, -DBL_MAX, false},
        {"infinity", inf, inf, true},
        {"minus infinity", -inf, -inf, true},
        {"infinities of different sign", inf, -inf, false},
        {"infinity and a number", inf, 1.0, false},
        {"minus infinity and a number", -inf, 1.0, false},
        {"infinity and the largest number", inf, DBL_MAX, false},
        {"NaN", nan, nan, false},
        {"NaN and a number", nan, 1.0, false},
        {"NaN and infinity", nan, inf, false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (number_same(rows[i].a, rows[i].b) != rows[i].same || number_same(rows[i].b, rows[i].a) != rows[i].same)
            fail_msg("%s: %a and %a are %sthe same", rows[i].row, rows[i].a, rows[i].b, rows[i].same ? "not " : "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(special_values_are_shown_as_by_trial), cmocka_unit_test(powers_are_shown_as_by_trial),
        cmocka_unit_test(decimals_are_shown_as_by_trial),       cmocka_unit_test(random_bits_are_shown_as_by_trial),
        cmocka_unit_test(numbers_are_the_same_up_to_rounding),
    };
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
