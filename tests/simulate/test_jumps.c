/* SPDX-License-Identifier: Apache-2.0
 *
 * Rates that jump at whole numbers (floor, ceil, round, mod), and those with sin, cos, atan2, erf and lgamma: the model
 * tests/cases/models/stairs.yaml. Each animal's clock u = k t has a speed of its own, so no two jump at one time. The
 * integrals over u are in closed form.
 *
 * Tolerance: rtol 1e-11 of the integrator, a hundredfold for what errors add up to over a run, and a tenfold because
 * the time of a jump is found from the state, whose error it carries: 1e-8 of the largest value.
 */
#include "support/near.h"

#include "support/lab.h"

static const double RTOL = 1e-11, NEAR = 1e-8;

static double floors_to(double u)
{
    double n = floor(u);
    return n * (n - 1.0) / 2.0 + n * (u - n);
}

/* The integral of ceil(v) for v from 2.5 down to 2.5 - u is that of ceil(2.5 - s), s from 0 to u. */
static double ceils_to(double u)
{
    double whole = u < 0.5 ? 0.0 : 1.0 + floor(u - 0.5); /* steps passed: at 0.5, 1.5, ... */
    double sum = 3.0 * fmin(u, 0.5);
    for (double i = 1.0; i <= whole; i++)
        sum += (3.0 - i) * (i < whole ? 1.0 : u - 0.5 - (whole - 1.0));
    return sum;
}

/* round(2.5 - s) is 3 at s = 0 only, then 2 until s = 1, 1 until 2, 0 until 3, -1 from there (halves go away from
 * 0). */
static double rounds_to(double u)
{
    double sum = 0.0;
    for (double i = 0.0; i < u; i++)
        sum += (2.0 - i) * fmin(u - i, 1.0);
    return sum;
}

static double saw_to(double u)
{
    double n = floor(u / 1.5), left = u - 1.5 * n;
    return n * 1.5 * 1.5 / 2.0 + left * left / 2.0;
}

static void rates_that_jump_are_integrated_from_jump_to_jump(void **state)
{
    (void)state;
    static const double PI = 3.14159265358979323846;
    Lab lab = lab_open("experiment: e\nmodel: stairs\nanimals: 16\nseed: 5\n"
                       "record: [k, floors, ceils, rounds, saw, hours, wave, angle, bell, gammas]\n"
                       "measure: {from: 0 day, to: 9 day, every: 0.25 day}\ncohorts: {it: {}}\n",
                       "tests/cases/models", RTOL);
    const Animal *animals = lab_run(&lab, "it");
    for (size_t a = 0; a < 16; a++) {
        assert_null(animals[a].failure);
        for (double i = 0.0; i <= 36.0; i++) {
            double t = 0.25 * i, u = lab_value(&lab, &animals[a], "k", t) * t;
            const struct {
                const char *name;
                double want;
            } rows[] = {
                {"floors", floors_to(u)},
                {"ceils", ceils_to(u)},
                {"rounds", rounds_to(u)},
                {"saw", saw_to(u)},
                {"hours", floors_to(t)},
                {"wave", 1.0 - cos(u) + sin(2.0 * u)},
                {"angle", u * atan(u) - 0.5 * log1p(u * u)},
                {"bell", u * erf(u) + expm1(-u * u) / sqrt(PI)},
                {"gammas", 0.0}, /* lgamma(u + 2) = lgamma(u + 1) + log(u + 1) */
            };
            for (size_t r = 0; r < ARRAY_LENGTH(rows); r++)
                assert_near(rows[r].name, lab_value(&lab, &animals[a], rows[r].name, t), rows[r].want, 0.0,
                            50.0 * NEAR);
        }
    }
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_that_jump_are_integrated_from_jump_to_jump),
    };
    return cmocka_run_group_tests_name("simulate/jumps", tests, NULL, NULL);
}
