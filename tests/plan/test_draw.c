/* SPDX-License-Identifier: Apache-2.0
 *
 * What chance gives an animal. Moments are compared within four standard errors of 4,000 draws; seeds are fixed, so a
 * test that passes once passes always.
 */
#include <string.h>

#include "support/model_text.h"
#include "support/near.h"

#include "plan/plan_priv.h"

enum { N = 4000 };

static const char VARIED[] = "model: m\n"
                             "time: day\n"
                             "parameters:\n"
                             "  fixed: {value: 3, unit: 1, source: s}\n"
                             "  lg: {value: 2, unit: 1, source: s, variability: {lognormal: 0.3}}\n"
                             "  norm: {value: 2, unit: 1, source: s, variability: {normal: 0.1}}\n"
                             "  even: {value: 2, unit: 1, source: s, variability: {uniform: 0.5}}\n"
                             "  beta: {value: 0.8, unit: 1, source: s, variability: {beta: 0.05}}\n"
                             "states:\n"
                             "  x: {initial: 1, unit: 1, rate: (fixed + lg + norm + even + beta)/t*0}\n"
                             "correlations:\n"
                             "  - {between: [lg, norm], rho: 0.6}\n"
                             "  - {between: [norm, even], rho: -0.5}\n";

static Plan plan_of(const Model *model, uint64_t seed)
{
    Plan *plan = NEW(arena, Plan);
    Diags diags = diags_new(arena);
    *plan = (Plan){.model = model, .seed = seed, .variability = true};
    PlanLoader loader = {.arena = arena, .units = units, .diags = &diags, .plan = plan};
    assert_true(draw_prepare_correlations(&loader));
    return *plan;
}

static void draws_have_the_declared_distributions(void **state)
{
    (void)state;
    const Model *model = model_of(VARIED);
    Plan plan = plan_of(model, 7);
    Cohort cohort = {.name = "wt"};
    double sum[5] = {0.0}, square[5] = {0.0}, lowest = 9.0, highest = 0.0;
    for (size_t a = 0; a < N; a++) {
        AnimalDraw *draw = plan_draw(arena, &plan, &cohort, a);
        double v[5] = {draw->parameters[0], log(draw->parameters[1] / 2.0), draw->parameters[2], draw->parameters[3],
                       draw->parameters[4]};
        lowest = fmin(lowest, v[3]);
        highest = fmax(highest, v[3]);
        for (size_t i = 0; i < 5; i++) {
            sum[i] += v[i];
            square[i] += v[i] * v[i];
        }
    }
    const struct {
        const char *row;
        double mean, sd;
    } want[5] = {{"fixed", 3.0, 0.0},
                 {"log of lognormal", 0.0, 0.3},
                 {"normal", 2.0, 0.2},
                 {"uniform", 2.0, 0.57735},
                 {"beta", 0.8, 0.05}};
    for (size_t i = 0; i < 5; i++) {
        double mean = sum[i] / N, sd = sqrt(fmax(0.0, square[i] / N - mean * mean));
        assert_near(want[i].row, mean, want[i].mean, 0.0, 4.0 * want[i].sd / sqrt(N) + 1e-12);
        assert_near(want[i].row, sd, want[i].sd, 4.0 / sqrt(2.0 * N), 1e-7);
    }
    assert_true(lowest >= 1.0 && highest <= 3.0);
}

static double correlation(const double *x, const double *y)
{
    double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
    for (size_t i = 0; i < N; i++) {
        sx += x[i];
        sy += y[i];
        sxx += x[i] * x[i];
        syy += y[i] * y[i];
        sxy += x[i] * y[i];
    }
    return (N * sxy - sx * sy) / sqrt((N * sxx - sx * sx) * (N * syy - sy * sy));
}

static void named_parameters_are_correlated_and_others_are_not(void **state)
{
    (void)state;
    static double v[5][N];
    const Model *model = model_of(VARIED);
    Plan plan = plan_of(model, 11);
    Cohort cohort = {.name = "wt"};
    for (size_t a = 0; a < N; a++) {
        AnimalDraw *draw = plan_draw(arena, &plan, &cohort, a);
        for (size_t i = 1; i < 5; i++)
            v[i][a] = i == 1 ? log(draw->parameters[i]) : draw->parameters[i];
    }
    /* four standard errors of a correlation from 4,000 pairs: 0.063 */
    assert_near("log, norm", correlation(v[1], v[2]), 0.6, 0.0, 0.06);
    assert_near("norm, even", correlation(v[2], v[3]), -0.483, 0.0, 0.063); /* 6/pi asin(-0.5/2) for a uniform rank */
    assert_near("log, even", correlation(v[1], v[3]), 0.0, 0.0, 0.063);
    assert_near("norm, beta", correlation(v[2], v[4]), 0.0, 0.0, 0.063);
}

static void contradicting_correlations_are_refused(void **state)
{
    (void)state;
    Text text = text_new(arena);
    text_print(&text, "%s  - {between: [lg, even], rho: 0.9}\n", VARIED);
    Plan plan = {.model = model_of(text_string(&text))};
    Diags diags = diags_new(arena);
    const Source source = {"m.yaml", "", 0};
    const YamlNode root = {.where = {.source = &source}};
    PlanLoader loader = {.arena = arena, .units = units, .diags = &diags, .plan = &plan, .root = &root};
    assert_false(draw_prepare_correlations(&loader));
    assert_string_equal(diags.list[0].text,
                        "the correlations of the model 'm' contradict each other: their matrix is not "
                        "positive definite");
}

static void a_draw_depends_on_seed_cohort_and_animal_only(void **state)
{
    (void)state;
    const Model *model = model_of(VARIED);
    Plan one = plan_of(model, 7), other = plan_of(model, 8);
    Cohort wt = {.name = "wt"}, ko = {.name = "ko"};
    double base = plan_draw(arena, &one, &wt, 3)->parameters[1];
    assert_near("again", plan_draw(arena, &one, &wt, 3)->parameters[1], base, 0.0, 0.0);
    assert_true(fabs(plan_draw(arena, &other, &wt, 3)->parameters[1] - base) > 0.0);
    assert_true(fabs(plan_draw(arena, &one, &ko, 3)->parameters[1] - base) > 0.0);
    assert_true(fabs(plan_draw(arena, &one, &wt, 4)->parameters[1] - base) > 0.0);
    one.twins = true;
    assert_near("twins", plan_draw(arena, &one, &wt, 3)->parameters[1], plan_draw(arena, &one, &ko, 3)->parameters[1],
                0.0, 0.0);
    one.variability = false;
    assert_near("typical", plan_draw(arena, &one, &wt, 3)->parameters[1], 2.0, 0.0, 0.0);
}

static void the_beta_quantile_inverts_known_values(void **state)
{
    (void)state;
    /* I_x(1, b) = 1 - (1-x)^b; I_x(a, 1) = x^a; I_x(a, b) = 1 - I_1-x(b, a). Bisection ends at 2^-60. */
    static const double probabilities[] = {1e-6, 0.025, 0.5, 0.9, 0.999};
    for (size_t i = 0; i < ARRAY_LENGTH(probabilities); i++) {
        double p = probabilities[i];
        assert_near("I_x(1, 3)", beta_quantile(p, 1.0, 3.0), 1.0 - cbrt(1.0 - p), 1e-9, 1e-14);
        assert_near("I_x(4, 1)", beta_quantile(p, 4.0, 1.0), pow(p, 0.25), 1e-11, 0.0);
        assert_near("symmetry", beta_quantile(p, 51.2, 12.8), 1.0 - beta_quantile(1.0 - p, 12.8, 51.2), 1e-9, 0.0);
    }
    assert_near("median of a symmetric one", beta_quantile(0.5, 7.0, 7.0), 0.5, 1e-12, 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_have_the_declared_distributions),
        cmocka_unit_test(named_parameters_are_correlated_and_others_are_not),
        cmocka_unit_test(contradicting_correlations_are_refused),
        cmocka_unit_test(a_draw_depends_on_seed_cohort_and_animal_only),
        cmocka_unit_test(the_beta_quantile_inverts_known_values),
    };
    return cmocka_run_group_tests_name("plan/draw", tests, open_all, close_all);
}
