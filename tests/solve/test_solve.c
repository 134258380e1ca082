/* SPDX-License-Identifier: Apache-2.0
 *
 * solve: equations with known answers, events, and that runs leave no trace.
 *
 * decay       C' = input - k C, C = C0 exp(-k t) without input
 * oscillator  x'' = -w^2 x, x = cos(w t)
 * Robertson   support/odes.h; against CVODE with its own dense matrix and serial vector at rtol 1e-11, which in turn
 *             must agree with the five figures that SUNDIALS prints in its example cvRoberts_dns
 *
 * Tolerances: CVODE bounds the local error of a step by rtol |y| + atol; the global error of these problems is a few
 * tens of that. A comparison allows GLOBAL = 100 times rtol unless it says otherwise. Where nothing but rounding can
 * differ, the comparison is bit by bit.
 */
#include "support/near.h"

#include "solve/sundials_compat.h"

#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>

#include "support/odes.h"

static const double GLOBAL = 100.0;

static const double ATOL[] = {1e-12, 1e-14, 1e-12};

/* One run with a solver of its own; it must succeed. */
static SolveStats run_once(const Ode *ode, const SolveTask *task, double *outputs)
{
    Err err = {0};
    SolveStats stats;
    Solver *solver = solver_open(ode, cpu_best(), &err);
    assert_non_null(solver);
    if (!solver_run(solver, task, outputs, &stats, &err))
        fail_msg("%s", err.text);
    solver_close(&solver);
    return stats;
}

static SolveTask task_of(size_t n_times, const double *times)
{
    return (SolveTask){
        .n_times = n_times, .times = times, .rtol = 1e-8, .atol = ATOL, .max_steps = 100000, .n_lanes = LANES};
}

static void decay_follows_its_exponential_in_every_lane(void **unused)
{
    (void)unused;
    const double times[] = {0.0, 0.1, 1.0, 7.3, 20.0};
    double outputs[ARRAY_LENGTH(times) * 2 * LANES];
    Decay decay = decay_new(0.0);
    for (size_t lane = 0; lane < LANES; lane++)
        decay.k[lane] = 0.05 * (double)(lane + 1);
    Ode ode = decay_ode(&decay);
    SolveTask task = task_of(ARRAY_LENGTH(times), times);
    SolveStats stats = run_once(&ode, &task, outputs);
    for (size_t i = 0; i < ARRAY_LENGTH(times); i++)
        for (size_t lane = 0; lane < LANES; lane++)
            assert_near("decay", outputs[i * 2 * LANES + lane], exp(-decay.k[lane] * times[i]), GLOBAL * task.rtol,
                        1e-10);
    assert_true(stats.steps > 10 && stats.rate_evaluations > stats.steps && stats.newton_iterations >= stats.steps);
    assert_true(stats.jacobian_evaluations > 0);
}

/* Ten periods: an error in phase grows with t, so ten times the usual allowance, of an amplitude of 1. */
static void an_oscillator_keeps_its_phase(void **unused)
{
    (void)unused;
    const double times[] = {1.0, 31.4, 62.8};
    double outputs[ARRAY_LENGTH(times) * 2 * LANES];
    Oscillator oscillator;
    for (size_t lane = 0; lane < LANES; lane++)
        oscillator.w[lane] = 0.5 + 0.5 * (double)lane / LANES;
    Ode ode = oscillator_ode(&oscillator);
    SolveTask task = task_of(ARRAY_LENGTH(times), times);
    task.rtol = 1e-9;
    const double atol[] = {1e-9, 1e-9};
    task.atol = atol;
    run_once(&ode, &task, outputs);
    for (size_t i = 0; i < ARRAY_LENGTH(times); i++)
        for (size_t lane = 0; lane < LANES; lane++)
            assert_near("oscillator", outputs[i * 2 * LANES + lane], cos(oscillator.w[lane] * times[i]), 0.0,
                        10 * GLOBAL * task.rtol);
}

/* ---- Robertson ---- */

/* The first lane of the same equations. */
static int stock_rates(sunrealtype t, N_Vector y, N_Vector rates, void *user_data)
{
    const Ode *ode = user_data;
    double lanes[3 * LANES], out[3 * LANES];
    for (size_t i = 0; i < 3 * LANES; i++)
        lanes[i] = N_VGetArrayPointer(y)[i / LANES];
    ode->rates(ode->self, t, lanes, out);
    for (size_t state = 0; state < 3; state++)
        N_VGetArrayPointer(rates)[state] = out[state * LANES];
    return 0;
}

static void stock_solve(const Ode *ode, size_t n_times, const double *times, double *ret_y)
{
    SUNContext context;
    CompatMessage message;
    assert_int_equal(compat_context_open(&context, &message), 0);
    N_Vector y = N_VNew_Serial(3, context);
    double *values = N_VGetArrayPointer(y), t;
    values[0] = 1.0, values[1] = 0.0, values[2] = 0.0;
    SUNMatrix matrix = SUNDenseMatrix(3, 3, context);
    SUNLinearSolver solver = SUNLinSol_Dense(y, matrix, context);
    void *cvode = CVodeCreate(CV_BDF, context);
    union {
        const Ode *in;
        void *out;
    } self = {.in = ode};
    assert_int_equal(CVodeInit(cvode, stock_rates, 0.0, y), CV_SUCCESS);
    assert_int_equal(CVodeSStolerances(cvode, 1e-11, 1e-16), CV_SUCCESS);
    assert_int_equal(CVodeSetUserData(cvode, self.out), CV_SUCCESS);
    assert_int_equal(CVodeSetLinearSolver(cvode, solver, matrix), CV_SUCCESS);
    assert_int_equal(CVodeSetMaxNumSteps(cvode, 100000), CV_SUCCESS);
    for (size_t i = 0; i < n_times; i++) {
        assert_int_equal(CVode(cvode, times[i], y, &t, CV_NORMAL), CV_SUCCESS);
        memcpy(ret_y + 3 * i, values, 3 * sizeof *values);
    }
    CVodeFree(&cvode);
    SUNLinSolFree(solver);
    SUNMatDestroy(matrix);
    N_VDestroy(y);
    SUNContext_Free(&context);
}

static void robertson_agrees_with_stock_cvode_and_published_values(void **unused)
{
    (void)unused;
    const double times[] = {0.4, 40.0, 4000.0};
    const double published[] = {9.8517e-1, 7.1583e-1, 1.8320e-1};
    double outputs[3 * 3 * LANES], stock[3 * 3];
    Robertson robertson;
    for (size_t lane = 0; lane < LANES; lane++)
        robertson.factor[lane] = 1.0;
    Ode ode = robertson_ode(&robertson);
    SolveTask task = task_of(3, times);
    run_once(&ode, &task, outputs);
    stock_solve(&ode, 3, times, stock);
    for (size_t i = 0; i < 3; i++) {
        assert_near("published", stock[3 * i], published[i], 1e-4, 0.0);
        for (size_t state = 0; state < 3; state++)
            for (size_t lane = 0; lane < LANES; lane++)
                assert_near("stock", outputs[(3 * i + state) * LANES + lane], stock[3 * i + state], GLOBAL * task.rtol,
                            0.0);
    }
}

/* Each tenth of rtol takes off at least a third of the error (BDF changes its order, so not a tenth each time), and
 * five tenths take off 1e4. */
static void the_error_falls_as_rtol_falls(void **unused)
{
    (void)unused;
    const double end = 5.0;
    double outputs[2 * LANES], first = 0.0, before = 1.0;
    Decay decay = decay_new(1.0);
    Ode ode = decay_ode(&decay);
    for (int tenth = 4; tenth <= 9; tenth++) {
        SolveTask task = task_of(1, &end);
        const double atol = pow(10.0, -tenth - 4);
        task.rtol = pow(10.0, -tenth);
        task.atol = &atol;
        run_once(&ode, &task, outputs);
        double error = fabs(outputs[0] / exp(-end) - 1.0);
        assert_true(error < before / 1.5);
        assert_true(error < GLOBAL * task.rtol);
        first = tenth == 4 ? error : first;
        before = error;
    }
    assert_true(before < 1e-4 * first);
}

/* Fifteen lanes are almost at rest; the norm must not let them water down the sixteenth. */
static void every_lane_meets_its_own_tolerance(void **unused)
{
    (void)unused;
    const double times[] = {3.0, 10.0};
    double together[2 * 2 * LANES], alone[2 * 2 * LANES];
    Decay decay = decay_new(1e-6), hard = decay_new(2.0);
    decay.k[13] = 2.0;
    SolveTask task = task_of(2, times);
    Ode ode = decay_ode(&decay), hard_ode = decay_ode(&hard);
    SolveStats mixed = run_once(&ode, &task, together), single = run_once(&hard_ode, &task, alone);
    for (size_t i = 0; i < 2; i++) {
        assert_near("hard lane", together[i * 2 * LANES + 13], exp(-2.0 * times[i]), GLOBAL * task.rtol, 1e-10);
        assert_near("easy lane", together[i * 2 * LANES], exp(-1e-6 * times[i]), task.rtol, 0.0);
    }
    assert_near("steps", (double)mixed.steps, (double)single.steps, 0.1, 0.0);
}

/* Sharing steps changes an answer by no more than the tolerance allows. */
static void a_lane_agrees_with_its_animal_alone(void **unused)
{
    (void)unused;
    const double times[] = {0.4, 40.0, 4000.0};
    double together[3 * 3 * LANES], alone[3 * 3 * LANES];
    Robertson robertson, one;
    for (size_t lane = 0; lane < LANES; lane++)
        robertson.factor[lane] = 0.5 + 0.1 * (double)lane;
    Ode ode = robertson_ode(&robertson), one_ode = robertson_ode(&one);
    SolveTask task = task_of(3, times);
    run_once(&ode, &task, together);
    for (size_t lane = 0; lane < LANES; lane += 5) {
        for (size_t i = 0; i < LANES; i++)
            one.factor[i] = robertson.factor[lane];
        run_once(&one_ode, &task, alone);
        for (size_t i = 0; i < 9; i++) {
            assert_near("lane", together[i * LANES + lane], alone[i * LANES + lane], GLOBAL * task.rtol, 0.0);
            assert_true(memcmp(&alone[i * LANES], &alone[i * LANES + 7], sizeof(double)) == 0);
        }
    }
}

/* ---- no trace ---- */

static void a_second_run_gives_the_same_bits_as_a_fresh_solver(void **unused)
{
    (void)unused;
    const double times[] = {0.4, 40.0, 4000.0}, events[] = {3.0, 50.0};
    double fresh[9 * LANES], again[9 * LANES];
    Robertson robertson;
    Ode ode = robertson_ode(&robertson);
    SolveTask task = task_of(3, times), other = task_of(2, times), stopped = task_of(3, times);
    task.n_events = 2, task.event_times = events;
    other.rtol = 1e-5;
    stopped.max_steps = 20;
    Err err = {0};
    SolveStats stats, stats_again;
    for (size_t lane = 0; lane < LANES; lane++)
        robertson.factor[lane] = 1.0 + 0.05 * (double)lane;
    stats = run_once(&ode, &task, fresh);
    Solver *solver = solver_open(&ode, cpu_best(), &err);
    robertson.factor[3] = 9.0;
    assert_true(solver_run(solver, &other, again, &stats_again, &err));
    assert_false(solver_run(solver, &stopped, again, &stats_again, &err));
    robertson.factor[3] = 1.0 + 0.05 * 3.0;
    for (int repeat = 0; repeat < 2; repeat++) {
        memset(again, 0, sizeof again);
        assert_true(solver_run(solver, &task, again, &stats_again, &err));
        assert_memory_equal(again, fresh, sizeof fresh);
        assert_memory_equal(&stats_again, &stats, sizeof stats);
    }
    solver_close(&solver);
    assert_null(solver);
    solver_close(&solver);
}

static void the_version_names_sundials(void **unused)
{
    (void)unused;
    assert_memory_equal(solve_version(), "SUNDIALS ", 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decay_follows_its_exponential_in_every_lane),
        cmocka_unit_test(an_oscillator_keeps_its_phase),
        cmocka_unit_test(robertson_agrees_with_stock_cvode_and_published_values),
        cmocka_unit_test(the_error_falls_as_rtol_falls),
        cmocka_unit_test(every_lane_meets_its_own_tolerance),
        cmocka_unit_test(a_lane_agrees_with_its_animal_alone),
        cmocka_unit_test(a_second_run_gives_the_same_bits_as_a_fresh_solver),
        cmocka_unit_test(the_version_names_sundials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
