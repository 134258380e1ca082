/* SPDX-License-Identifier: Apache-2.0
 *
 * Fits of a straight line (tests/cases/models/line.yaml), y = k (a + b t) with k = 1, to y_i at t_i = 1, 2, 3, 4 days.
 * Bands reach 1 to each side, so sd = (high - low)/4 = 0.5. With priors a0, b0 of spreads s_a, s_b (linear) the sum of
 * squares is quadratic, and its minimum solves
 *
 *   [ S_1/sd^2 + 1/s_a^2    S_t/sd^2            ] [a]   [ S_y/sd^2  + a0/s_a^2 ]
 *   [ S_t/sd^2              S_tt/sd^2 + 1/s_b^2 ] [b] = [ S_ty/sd^2 + b0/s_b^2 ]
 *
 * whose matrix is the inverse of the covariance. Tolerance: the minimiser ends when the sum of squares changes by less
 * than 1e-6 of itself, which leaves 1e-3 of a standard error; derivatives are differences with a step of 1e-4, exact
 * for what is linear but for the curvature of a logarithmic scale: 1e-4.
 *
 * And of its state x' = g x^2, x(0) = 1, which is 1/(1 - g t): it explodes at t = 1/g.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/near.h"

#include "fit/fit_priv.h"

static const double TIMES[] = {1, 2, 3, 4}, VALUES[] = {3.1, 4.9, 7.2, 8.8};
static const double SD = 0.5, NEAR = 1e-3, SAME = 1e-4;

#define HEAD "fit: line\nmodel: line\nseed: 3\n"
#define LINE HEAD "references: [models/line-data.yaml]\nparameters:\n"
#define LINE_A "  a: {low: -10, high: 10, prior: 1, spread: 1, scale: linear}\n"
#define LINE_B "  b: {low: -10, high: 10, prior: 1, spread: 0.5, scale: linear}\n"
#define MORE HEAD "references: [models/line-more.yaml]\nleave_out: {"
#define ALL_BUT_X "Q-in: '', Q-out: '', S-1: '', Y-male: ''}\nparameters:\n"

typedef struct Bench {
    Arena *arena;
    Units *units;
    FitOptions options;
} Bench;

static int bench_open(void **state)
{
    static Bench bench;
    Err err = {0};
    bench = (Bench){.arena = arena_open(), .units = units_open(&err)};
    bench.options = (FitOptions){.n_workers = 1, .rtol = 1e-9};
    *state = &bench;
    return bench.units != NULL ? 0 : -1;
}

static int bench_close(void **state)
{
    Bench *bench = *state;
    units_close(&bench->units);
    arena_close(&bench->arena);
    return 0;
}

static const Fit *fit_of(Bench *bench, const char *text)
{
    Diags diags = diags_new(bench->arena);
    const char *folder = SOURCE_DIR "/tests/cases/models";
    const PlanOptions options = {.first_folder = folder};
    const YamlNode *root;
    const Fit *fit = NULL;
    if (!yaml_parse(bench->arena, SOURCE_DIR "/tests/cases/x.fit.yaml", text, strlen(text), &root, &diags) ||
        !fit_build(bench->arena, bench->units, root, &options, &fit, &diags)) {
        Text shown = text_new(bench->arena);
        for (size_t i = 0; i < diags.n; i++)
            diag_show(&diags.list[i], &shown);
        fail_msg("%s", text_string(&shown));
    }
    return fit;
}

static FitResult fitted(Bench *bench, const Fit *fit)
{
    FitResult result;
    Err err = {0};
    bool stopped = false;
    if (!fit_run(bench->arena, fit, &bench->options, &result, &stopped, &err))
        fail_msg("%s", err.text);
    assert_false(stopped);
    return result;
}

static void a_line_has_its_least_squares_and_their_covariance(void **state)
{
    Bench *bench = *state;
    const double a0 = 1, s_a = 1, b0 = 1, s_b = 0.5, w = 1 / (SD * SD);
    double n = 0, t = 0, tt = 0, y = 0, ty = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(TIMES); i++) {
        n += w;
        t += w * TIMES[i];
        tt += w * TIMES[i] * TIMES[i];
        y += w * VALUES[i];
        ty += w * TIMES[i] * VALUES[i];
    }
    n += 1 / (s_a * s_a);
    tt += 1 / (s_b * s_b);
    y += a0 / (s_a * s_a);
    ty += b0 / (s_b * s_b);
    double det = n * tt - t * t, a = (tt * y - t * ty) / det, b = (n * ty - t * y) / det;
    double sd_a = sqrt(tt / det), sd_b = sqrt(n / det);

    FitResult result = fitted(bench, fit_of(bench, LINE LINE_A LINE_B));
    assert_true(result.starts[0].converged);
    assert_near("a", result.look.values[0], a, 0, NEAR * sd_a);
    assert_near("b", result.look.values[1], b, 0, NEAR * sd_b);
    assert_near("sd of a", result.sd[0] * s_a, sd_a, SAME, 0);
    assert_near("sd of b", result.sd[1] * s_b, sd_b, SAME, 0);
    assert_near("low", result.low[0], result.look.values[0] - 1.959963984540054 * sd_a, 0, SAME);
    assert_near("high", result.high[1], result.look.values[1] + 1.959963984540054 * sd_b, 0, SAME);
    assert_near("correlation", result.correlation[1], -t / sqrt(n * tt), SAME, 0);
    assert_near("learned", result.learned[0], 1 - sd_a * sd_a, SAME, 0);
    double data = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(TIMES); i++)
        data += w * pow(a + b * TIMES[i] - VALUES[i], 2);
    assert_near("data", result.look.data, data, SAME, 0);
    assert_near("prior", result.look.prior, pow((a - a0) / s_a, 2) + pow((b - b0) / s_b, 2), SAME, 0);
    assert_false(result.at_bound[0] || result.at_bound[1]);
}

static void every_start_comes_to_the_same_minimum(void **state)
{
    Bench *bench = *state;
    FitResult result = fitted(bench, fit_of(bench, LINE LINE_A LINE_B "starts: 4\n"));
    for (size_t i = 1; i < 4; i++) {
        assert_true(result.starts[i].converged);
        assert_near("last", result.starts[i].last, result.starts[0].last, 1e-6, 0);
        assert_true(fabs(result.starts[i].first - result.starts[i - 1].first) > 1e-6);
    }
}

/* In the middle between the bounds lies the origin of the minimiser's coordinates, which has no size to take the first
 * step from. */
static void a_start_in_the_middle_of_the_bounds_moves(void **state)
{
    Bench *bench = *state;
    static const char middle[] = LINE "  a: {low: 0.5, high: 4.5, prior: 1.5, spread: 0.5}\n"
                                      "  b: {low: 0, high: 2, prior: 1, spread: 0.5, scale: linear}\n";
    FitResult result = fitted(bench, fit_of(bench, middle));
    assert_true(result.starts[0].converged);
    assert_true(result.starts[0].last < 0.1 * result.starts[0].first);
    double slope = 0;
    Evaluation evaluation;
    Err err = {0};
    Evaluator evaluator = {.fit = fit_of(bench, middle), .options = &bench->options};
    assert_true(evaluator_evaluate(bench->arena, &evaluator, result.look.values, &evaluation, &err));
    for (size_t i = 0; i < ARRAY_LENGTH(VALUES); i++)
        slope += evaluation.jacobian[2 * i + 1] * evaluation.residuals[i];
    assert_near("the gradient is 0", slope + (result.look.values[1] - 1) / 0.5, 0, 0, 1e-2);
}

static void values_stay_within_their_bounds(void **state)
{
    Bench *bench = *state;
    FitResult result =
        fitted(bench, fit_of(bench, LINE LINE_A "  b: {low: 0.5, high: 1.5, prior: 1, spread: 2, scale: linear}\n"));
    assert_true(result.look.values[1] <= 1.5);
    assert_near("b", result.look.values[1], 1.5, 0, 0.01);
    assert_true(result.at_bound[1]);
    assert_false(result.at_bound[0]);
}

static void a_parameter_without_data_keeps_its_prior(void **state)
{
    Bench *bench = *state;
    FitResult result =
        fitted(bench, fit_of(bench, LINE LINE_A "  idle: {low: 0.1, high: 30, prior: 3, spread: 0.4}\n"));
    assert_near("idle", result.look.values[1], 3, 0, NEAR * 0.4 * 3);
    assert_near("sd", result.sd[1], 1, 1e-12, 0);
    assert_near("low", result.low[1], 3 * exp(-1.959963984540054 * 0.4), NEAR, 0);
    assert_near("eigenvalue", result.eigenvalues[0], 0, 0, 1e-12);
    assert_near("direction", result.directions[1], 1, 1e-12, 0);
    assert_near("learned", result.learned[1], 0, 0, 1e-12);
}

static void residuals_are_distances_in_standard_errors(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        Statistic statistic;
        Evidence evidence;
        double target, low, high, estimate, residual;
    } rows[] = {
        {"mean", STATISTIC_MEAN, EVIDENCE_MEASURED, 3, 2, 4, 4, 2},
        {"mean of positive numbers is no ratio", STATISTIC_MEAN, EVIDENCE_DIGITISED, 8, 2, 32, 8.75, 0.1},
        {"difference", STATISTIC_DIFFERENCE, EVIDENCE_MEASURED, 0, -1, 1, -1, -2},
        {"ratio, in logarithms", STATISTIC_RATIO_OF_MEANS, EVIDENCE_MEASURED, 2, 1, 4, 4, 2},
        {"ratio of changes, in logarithms", STATISTIC_RATIO_OF_CHANGES, EVIDENCE_MEASURED, 2, 1, 4, 1, -2},
        {"ratio from 0", STATISTIC_RATIO_OF_MEANS, EVIDENCE_MEASURED, 0, 0, 0.4, 0.2, 2},
        {"inside a qualitative band", STATISTIC_RATIO_OF_MEANS, EVIDENCE_QUALITATIVE, 2, 1, 4, 1.01, 0},
        {"below a qualitative band", STATISTIC_RATIO_OF_MEANS, EVIDENCE_QUALITATIVE, 2, 1, 4, 0.5, -2},
        {"above a qualitative band", STATISTIC_MEAN, EVIDENCE_QUALITATIVE, 0, -1, 1, 2, 2},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const ReferenceRow row = {.statistic = rows[i].statistic,
                                  .evidence = rows[i].evidence,
                                  .target = rows[i].target,
                                  .low = rows[i].low,
                                  .high = rows[i].high};
        assert_near(rows[i].name, fit_row_residual(&row, rows[i].estimate), rows[i].residual, 1e-12, 1e-12);
    }
    /* below a hundredth of the lower edge the logarithm goes on as its tangent: without a jump, to 0 and beyond */
    const ReferenceRow row = {.statistic = STATISTIC_RATIO_OF_MEANS, .target = 2, .low = 1, .high = 4};
    double sd = log(4.0) / 4;
    assert_near("at the corner", fit_row_residual(&row, 0.01), log(0.005) / sd, 1e-12, 0);
    assert_near("at 0", fit_row_residual(&row, 0), (log(0.005) - 1) / sd, 1e-12, 0);
    assert_near("below 0", fit_row_residual(&row, -0.01), (log(0.005) - 2) / sd, 1e-12, 0);
}

/* One row, y(1) = a + 1 in 10 .. 14, qualitative: it pulls to its edge and no further. Its residual (a + 1 - 10)/1
 * against a prior of 4 +- 1: halfway between 4 and 9. A prior within the band is left alone. */
static void a_qualitative_row_pulls_to_the_edge_of_its_band(void **state)
{
    Bench *bench = *state;
    static const char OUTSIDE[] = MORE "Q-in: '', X-4: '', S-1: '', Y-male: ''}\nparameters:\n"
                                       "  a: {low: 0, high: 40, prior: 4, spread: 1, scale: linear}\n";
    static const char INSIDE[] = MORE "Q-in: '', X-4: '', S-1: '', Y-male: ''}\nparameters:\n"
                                      "  a: {low: 0, high: 40, prior: 10, spread: 1, scale: linear}\n";
    assert_near("outside", fitted(bench, fit_of(bench, OUTSIDE)).look.values[0], 6.5, 0, NEAR);
    FitResult inside = fitted(bench, fit_of(bench, INSIDE));
    assert_near("inside", inside.look.values[0], 10, 0, NEAR);
    assert_near("sum", inside.look.data, 0, 0, 0);
}

static void a_factor_of_a_setting_scales_the_fitted_value(void **state)
{
    Bench *bench = *state;
    const Fit *fit = fit_of(bench, MORE "Q-in: '', Q-out: '', X-4: '', S-1: ''}\nparameters:\n" LINE_A);
    Evaluation evaluation;
    Err err = {0};
    const double a = 2.5;
    Evaluator evaluator = {.fit = fit, .options = &bench->options};
    assert_true(evaluator_evaluate(bench->arena, &evaluator, &a, &evaluation, &err));
    assert_near("male", evaluation.residuals[0], (1.2 * 2.5 + 1 - 3) / 0.5, 1e-12, 0);
    assert_near("slope", evaluation.jacobian[0], 1.2 / 0.5, 1e-8, 0);
}

/* More parameters than lanes: each batch has its own base. d sum / d z = i c_i spread, in sd 5. */
static void derivatives_of_many_parameters_take_several_batches(void **state)
{
    Bench *bench = *state;
    Text text = text_new(bench->arena);
    text_print(&text, MORE "Q-in: '', Q-out: '', X-4: '', Y-male: ''}\nparameters:\n");
    for (int i = 1; i <= 16; i++)
        text_print(&text, "  c%d: {low: 0.1, high: 10, prior: 1, spread: 0.5}\n", i);
    const Fit *fit = fit_of(bench, text_string(&text));
    double values[16];
    for (size_t i = 0; i < 16; i++)
        values[i] = 1 + 0.1 * (double)i;
    Evaluation evaluation;
    Err err = {0};
    Evaluator evaluator = {.fit = fit, .options = &bench->options};
    assert_true(evaluator_evaluate(bench->arena, &evaluator, values, &evaluation, &err));
    for (size_t i = 0; i < 16; i++)
        assert_near("slope", evaluation.jacobian[i], (double)(i + 1) * values[i] * 0.5 / 5, SAME, 0);
}

static void count_failed(void *context, const FitProgress *progress)
{
    size_t *n = context;
    *n += progress->failed;
}

static void the_minimiser_steps_back_from_a_vector_that_cannot_be_integrated(void **state)
{
    Bench *bench = *state;
    const Fit *fit = fit_of(bench, MORE ALL_BUT_X "  g: {low: 1e-6, high: 1, prior: 0.2, spread: 1}\n");
    Evaluation evaluation;
    Err err = {0};
    const double beyond = 0.5;
    Evaluator evaluator = {.fit = fit, .options = &bench->options};
    assert_true(evaluator_evaluate(bench->arena, &evaluator, &beyond, &evaluation, &err));
    assert_non_null(evaluation.failure);
    size_t n_failed = 0;
    bench->options.progress = count_failed;
    bench->options.context = &n_failed;
    FitResult result = fitted(bench, fit);
    assert_true(n_failed > 0);
    assert_true(result.starts[0].converged);
    assert_near("g", result.look.values[0], 0.2, 0.01, 0); /* where x(4) = 5, the target, and the prior agree */
}

static void a_model_that_does_not_integrate_cannot_be_fitted(void **state)
{
    Bench *bench = *state;
    const Fit *fit = fit_of(bench, MORE ALL_BUT_X "  g: {low: 0.4, high: 1, prior: 0.5, spread: 1}\n");
    FitResult result = {.n_evaluations = 77};
    Err err = {0};
    bool stopped;
    assert_false(fit_run(bench->arena, fit, &bench->options, &result, &stopped, &err));
    assert_int_equal(err.kind, ERR_SOLVE);
    assert_non_null(strstr(err.text, "the model's own values: cohort 'female' of 'line-curve': "));
    assert_int_equal(result.n_evaluations, 77);
}

static void eigenvalues_and_vectors_are_those_of_the_matrix(void **state)
{
    Bench *bench = *state;
    /* 2 -1 0; -1 2 -1; 0 -1 2: 2 - 2 cos(k pi / 4) with vectors sin(i k pi / 4) / sqrt(2) */
    static const double matrix[] = {2, -1, 0, -1, 2, -1, 0, -1, 2};
    double values[3], vectors[9];
    statistics_eigen(bench->arena, matrix, 3, values, vectors);
    for (size_t k = 0; k < 3; k++) {
        double angle = (double)(k + 1) * acos(-1.0) / 4;
        assert_near("value", values[k], 2 - 2 * cos(angle), 1e-14, 1e-14);
        for (size_t i = 0; i < 3; i++)
            assert_near("vector", fabs(vectors[k * 3 + i]), fabs(sin((double)(i + 1) * angle) / sqrt(2)), 1e-14, 1e-14);
    }
}

/* ---- the journal ---- */

typedef struct Bytes {
    char text[1 << 16];
    size_t n;
} Bytes;

static void read_bytes(const char *path, Bytes *bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    bytes->n = fread(bytes->text, 1, sizeof bytes->text, file);
    (void)fclose(file);
}

static void write_bytes(const char *path, const char *text, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, n, file), n);
    (void)fclose(file);
}

static void assert_same_result(const FitResult *got, const FitResult *want)
{
    assert_memory_equal(got->look.values, want->look.values, 2 * sizeof(double));
    assert_memory_equal(got->sd, want->sd, 2 * sizeof(double));
    assert_memory_equal(got->correlation, want->correlation, 4 * sizeof(double));
    assert_memory_equal(got->eigenvalues, want->eigenvalues, 2 * sizeof(double));
    assert_true(got->look.data <= want->look.data && got->look.data >= want->look.data);
}

static void a_fit_goes_on_from_its_journal_to_the_same_bytes(void **state)
{
    Bench *bench = *state;
    char path[] = "/tmp/marblebone-journal-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    (void)close(file);
    bench->options.journal = path;
    const Fit *fit = fit_of(bench, LINE LINE_A LINE_B "starts: 2\n");
    static Bytes whole, now;
    FitResult want = fitted(bench, fit);
    read_bytes(path, &whole);
    assert_int_equal(want.n_found, 0);

    FitResult again = fitted(bench, fit);
    assert_int_equal(again.n_found, want.n_evaluations);
    assert_same_result(&again, &want);

    /* cut at the end of a line, within one, within the head; with rubbish behind; another fit's; thrown away */
    size_t head = (size_t)(strchr(whole.text, '\n') - whole.text) + 1,
           cuts[] = {whole.n - 1, whole.n / 2, head, head - 5, 0};
    for (size_t i = 0; i < ARRAY_LENGTH(cuts); i++) {
        write_bytes(path, whole.text, cuts[i]);
        FitResult result = fitted(bench, fit);
        assert_same_result(&result, &want);
        assert_true(cuts[i] > head ? result.n_found > 0 && result.n_found < want.n_evaluations : result.n_found == 0);
        read_bytes(path, &now);
        assert_int_equal(now.n, whole.n);
        assert_memory_equal(now.text, whole.text, whole.n);
    }
    write_bytes(path, "what is this\n", 13);
    assert_int_equal(fitted(bench, fit).n_found, 0);
    bench->options.rtol = 1e-8;
    assert_int_equal(fitted(bench, fit).n_found, 0);
    assert_true(fitted(bench, fit).n_found > 0);
    bench->options.fresh = true;
    assert_int_equal(fitted(bench, fit).n_found, 0);
    bench->options.journal = "/no/such/folder/x.journal";
    FitResult untouched;
    Err err = {0};
    bool stopped;
    assert_false(fit_run(bench->arena, fit, &bench->options, &untouched, &stopped, &err));
    assert_int_equal(err.kind, ERR_STORE);
    (void)remove(path);
}

static Stop stop_now;

static void stop_at_third(void *context, const FitProgress *progress)
{
    (void)context;
    stop_now = progress->n_evaluations >= 3;
}

static void a_stopped_fit_keeps_what_it_evaluated(void **state)
{
    Bench *bench = *state;
    char path[] = "/tmp/marblebone-journal-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    (void)close(file);
    const Fit *fit = fit_of(bench, LINE LINE_A LINE_B);
    FitResult want = fitted(bench, fit), result = {.n_evaluations = 77};
    Err err = {0};
    bool stopped = false;
    bench->options.journal = path;
    bench->options.stop = &stop_now;
    bench->options.progress = stop_at_third;
    assert_true(fit_run(bench->arena, fit, &bench->options, &result, &stopped, &err));
    assert_true(stopped);
    assert_int_equal(result.n_evaluations, 77);
    stop_now = 0;
    bench->options.progress = NULL;
    result = fitted(bench, fit);
    assert_int_equal(result.n_found, 3);
    assert_same_result(&result, &want);
    (void)remove(path);
}

static void the_answer_does_not_depend_on_workers(void **state)
{
    Bench *bench = *state;
    const Fit *fit = fit_of(bench,
                            HEAD "references: [models/line-data.yaml, models/line-more.yaml]\nparameters:\n" LINE_A
                                 "  g: {low: 0.001, high: 0.24, prior: 0.1, spread: 1}\n");
    FitResult one = fitted(bench, fit);
    bench->options.n_workers = 3;
    FitResult three = fitted(bench, fit);
    assert_same_result(&three, &one);
}

static void a_value_is_rounded_to_four_digits(void **state)
{
    (void)state;
    static const double rows[][2] = {{0.00574049, 0.00574}, {12344.9, 12340}, {-0.123449, -0.1234},
                                     {9.99996, 10},         {0, 0},           {1e-9, 1e-9}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_near("rounded", fit_rounded(rows[i][0]), rows[i][1], 0, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_has_its_least_squares_and_their_covariance),
        TEST(every_start_comes_to_the_same_minimum),
        TEST(a_start_in_the_middle_of_the_bounds_moves),
        TEST(values_stay_within_their_bounds),
        TEST(a_parameter_without_data_keeps_its_prior),
        TEST(residuals_are_distances_in_standard_errors),
        TEST(a_qualitative_row_pulls_to_the_edge_of_its_band),
        TEST(a_factor_of_a_setting_scales_the_fitted_value),
        TEST(derivatives_of_many_parameters_take_several_batches),
        TEST(the_minimiser_steps_back_from_a_vector_that_cannot_be_integrated),
        TEST(a_model_that_does_not_integrate_cannot_be_fitted),
        TEST(eigenvalues_and_vectors_are_those_of_the_matrix),
        TEST(a_fit_goes_on_from_its_journal_to_the_same_bytes),
        TEST(a_stopped_fit_keeps_what_it_evaluated),
        TEST(the_answer_does_not_depend_on_workers),
        TEST(a_value_is_rounded_to_four_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
