/* SPDX-License-Identifier: Apache-2.0
 *
 * solve: what cannot be integrated fails with a text that names the time, the state and the animal, and harms nothing
 * else. Texts are compared exactly, or their beginnings where CVODE's step sizes decide a digit (a time between steps).
 */
#include "support/near.h"

#include <stdio.h>
#include <string.h>

#include "support/odes.h"

#define NOT_A_NUMBER ((double)NAN)

static const double ATOL[] = {1e-10, 1e-10};
static const double TIMES[] = {5.0, 20.0};

static SolveTask task_new(void)
{
    return (SolveTask){.n_times = 2, .times = TIMES, .rtol = 1e-6, .atol = ATOL, .max_steps = 10000, .n_lanes = LANES};
}

/* The text of the failure that the run must give. */
static Err failure_of(const Ode *ode, const SolveTask *task, SolveStats *ret_stats)
{
    Err err = {0};
    double outputs[2 * 2 * LANES];
    SCOPED(solver_close) Solver *solver = solver_open(ode, cpu_best(), &err);
    assert_non_null(solver);
    assert_false(solver_run(solver, task, outputs, ret_stats, &err));
    assert_int_equal(err.kind, ERR_SOLVE);
    return err;
}

static void starts_with(const char *text, const char *start)
{
    if (strncmp(text, start, strlen(start)) != 0)
        fail_msg("'%s' does not start with '%s'", text, start);
}

/* The rate breaks after t = 12.5: CVODE shortens its step towards it and gives up within 1e-5 of it, the text shows six
 * digits. */
static void a_rate_that_is_not_finite_is_named_with_time_and_animal(void **unused)
{
    (void)unused;
    const struct {
        double bad;
        size_t lane, n_lanes;
        const char *text;
    } rows[] = {
        {NOT_A_NUMBER, 2, LANES, "not a number in the rate of 'C' at t = 12.5, animal 3 of the batch"},
        {HUGE_VAL, 0, LANES, "infinity in the rate of 'C' at t = 12.5, animal 1 of the batch"},
        {-HUGE_VAL, 9, 4, "infinity in the rate of 'C' at t = 12.5, animal 4 of the batch"},
        {NOT_A_NUMBER, 2, 1, "not a number in the rate of 'C' at t = 12.5"},
    };
    for (size_t row = 0; row < ARRAY_LENGTH(rows); row++) {
        Decay decay = decay_new(0.1);
        decay.bad_after = 12.5, decay.bad = rows[row].bad, decay.bad_lane = rows[row].lane;
        Ode ode = decay_ode(&decay);
        SolveTask task = task_new();
        task.n_lanes = rows[row].n_lanes;
        SolveStats stats;
        Err err = failure_of(&ode, &task, &stats);
        assert_string_equal(err.text, rows[row].text);
        assert_true(stats.steps > 0 && stats.convergence_failures > 0);
    }
}

static void a_failure_tells_state_lane_and_states_for_whoever_knows_the_equations(void **unused)
{
    (void)unused;
    Decay decay = decay_new(0.1);
    decay.bad_after = 12.5, decay.bad = NOT_A_NUMBER, decay.bad_lane = 2;
    Ode ode = decay_ode(&decay);
    ode.time_unit = "wk";
    SolveTask task = task_new();
    double outputs[2 * 2 * LANES];
    SolveStats stats;
    Err err = {0};
    SCOPED(solver_close) Solver *solver = solver_open(&ode, cpu_best(), &err);
    assert_false(solver_run(solver, &task, outputs, &stats, &err));
    assert_string_equal(err.text, "not a number in the rate of 'C' at t = 12.5 wk, animal 3 of the batch");
    Failure failure = solver_failure(solver);
    assert_int_equal(failure.kind, FAILURE_RATE);
    assert_true(failure.has_lane && failure.lane == 2 && failure.state == 0);
    assert_near("t", failure.t, 12.5, 1e-5, 0.0);
    assert_near("C", failure.y[0], decay.start[2] * exp(-0.1 * 12.5), 1e-4, 0.0);
    decay.bad_after = 1e300;
    assert_true(solver_run(solver, &task, outputs, &stats, &err));
    assert_int_equal(solver_failure(solver).kind, FAILURE_OTHER);
    assert_false(solver_failure(solver).has_lane);
}

/* C' = -0.2 from 1 is below 0 after t = 5. What is below by less than errors add up to, 1e4 times its atol, is not. */
static void a_state_below_its_least_is_named(void **unused)
{
    (void)unused;
    static const double none[] = {-HUGE_VAL}, zero[] = {0.0};
    const double event = 2.0;
    Decay decay = decay_new(0.0);
    decay.input = -0.2;
    for (size_t lane = 0; lane < LANES; lane++)
        decay.start[lane] = lane == 6 ? 1.0 : 100.0;
    Ode ode = decay_ode(&decay);
    SolveTask task = task_new();
    SolveStats stats;
    ode.lower_bounds = zero;
    Err err = failure_of(&ode, &task, &stats);
    starts_with(err.text, "'C' is -");
    assert_non_null(strstr(err.text, ", and cannot be below 0, animal 7 of the batch"));
    decay.start[6] = -1.01e-6;
    err = failure_of(&ode, &task, &stats);
    assert_string_equal(err.text, "'C' is -1.01e-06 at t = 0, and cannot be below 0, animal 7 of the batch");
    decay.start[6] = 100.0, decay.bolus = -200.0;
    task.n_events = 1, task.event_times = &event;
    err = failure_of(&ode, &task, &stats);
    starts_with(err.text, "'C' is -100.4 at t = 2, and cannot be below 0, animal 1 of the batch");

    double outputs[2 * 2 * LANES];
    SCOPED(solver_close) Solver *solver = solver_open(&ode, cpu_best(), &err);
    ode.lower_bounds = none;
    assert_true(solver_run(solver, &task, outputs, &stats, &err));
    ode.lower_bounds = zero;
    decay = decay_new(0.0);
    decay.start[6] = -0.99e-6;
    task.n_events = 0;
    assert_true(solver_run(solver, &task, outputs, &stats, &err));
}

static void a_rate_that_breaks_at_the_start_is_named(void **unused)
{
    (void)unused;
    Decay decay = decay_new(0.1);
    decay.bad_after = -1.0, decay.bad = NOT_A_NUMBER, decay.bad_lane = 15;
    Ode ode = decay_ode(&decay);
    SolveTask task = task_new();
    SolveStats stats;
    Err err = failure_of(&ode, &task, &stats);
    assert_string_equal(err.text, "not a number in the rate of 'C' at t = 0, animal 16 of the batch");
}

static void a_state_that_is_not_finite_is_named(void **unused)
{
    (void)unused;
    const double event = 7.0;
    Decay initial = decay_new(0.1), bolus = decay_new(0.1), first = decay_new(0.1);
    initial.start[4] = NOT_A_NUMBER, bolus.bolus = HUGE_VAL, first.bolus = NOT_A_NUMBER;
    Ode initial_ode = decay_ode(&initial), bolus_ode = decay_ode(&bolus), first_ode = decay_ode(&first);
    SolveTask task = task_new();
    SolveStats stats;
    Err err = failure_of(&initial_ode, &task, &stats);
    assert_string_equal(err.text, "not a number in the initial value of 'C', animal 5 of the batch");
    task.n_events = 1, task.event_times = &event;
    err = failure_of(&bolus_ode, &task, &stats);
    assert_string_equal(err.text, "infinity in 'C' after the event at t = 7, animal 1 of the batch");
    assert_true(stats.steps > 0);
    const double start = 0.0;
    task.event_times = &start;
    err = failure_of(&first_ode, &task, &stats);
    assert_string_equal(err.text, "not a number in 'C' after the event at t = 0, animal 1 of the batch");
}

/* ---- linear systems ---- */

static double bad_entry;

static void spoiled_jacobian(void *self, double t, const double *y, double *ret_entries)
{
    (void)self, (void)t, (void)y;
    memset(ret_entries, 0, 2 * LANES * sizeof *ret_entries);
    ret_entries[LANES + 6] = bad_entry;
}

static void a_derivative_that_is_not_finite_is_named(void **unused)
{
    (void)unused;
    Oscillator oscillator = {{0}};
    Ode ode = oscillator_ode(&oscillator);
    ode.jacobian = spoiled_jacobian;
    bad_entry = NOT_A_NUMBER;
    SolveTask task = task_new();
    SolveStats stats;
    Err err = failure_of(&ode, &task, &stats);
    starts_with(err.text, "not a number in the derivative of the rate of 'v' by 'x' at t = ");
    assert_non_null(strstr(err.text, ", animal 7 of the batch"));
}

/* The Jacobian of x' = a (y - x), v' = a (x - v) with a = 1e300: I - gamma J is singular to rounding. */
static void balanced_rates(void *self, double t, const double *y, double *ret_rates)
{
    (void)self, (void)t, (void)y;
    for (size_t i = 0; i < 2 * LANES; i++)
        ret_rates[i] = 1.0;
}

static void balanced_jacobian(void *self, double t, const double *y, double *ret_entries)
{
    (void)self, (void)t, (void)y;
    for (size_t i = 0; i < 4 * LANES; i++)
        ret_entries[i] = (i / LANES == 0 || i / LANES == 3) ? -1e300 : 1e300;
}

static void a_singular_system_is_named(void **unused)
{
    (void)unused;
    static const uint32_t rows[] = {0, 0, 1, 1}, columns[] = {0, 1, 0, 1};
    Oscillator oscillator = {{0}};
    Ode ode = oscillator_ode(&oscillator);
    ode.n_entries = 4, ode.rows = rows, ode.columns = columns;
    ode.rates = balanced_rates, ode.jacobian = balanced_jacobian;
    SolveTask task = task_new();
    SolveStats stats;
    Err err = failure_of(&ode, &task, &stats);
    starts_with(err.text, "the linear system has no pivot for 'v' at t = ");
}

/* ---- limits ---- */

static void too_many_steps_are_told(void **unused)
{
    (void)unused;
    Oscillator oscillator;
    for (size_t lane = 0; lane < LANES; lane++)
        oscillator.w[lane] = 1.0;
    Ode ode = oscillator_ode(&oscillator);
    SolveTask task = task_new();
    task.max_steps = 7;
    SolveStats stats;
    Err err = failure_of(&ode, &task, &stats);
    starts_with(err.text, "more than 7 steps: stopped at t = ");
    assert_non_null(strstr(err.text, " on the way to t = 20"));
    assert_int_equal(stats.steps, 7);
}

/* Some 1e11 steps ahead: the clock ends it, or whoever asks to stop. */
static void a_run_ends_when_its_time_is_over_and_when_it_is_stopped(void **unused)
{
    (void)unused;
    Oscillator oscillator;
    for (size_t lane = 0; lane < LANES; lane++)
        oscillator.w[lane] = 1e9;
    Ode ode = oscillator_ode(&oscillator);
    SolveTask task = task_new();
    task.max_steps = SIZE_MAX, task.max_s = 0.02;
    SolveStats stats;
    Err err = failure_of(&ode, &task, &stats);
    starts_with(err.text, "not done after 0.02 s: given up at t = ");
    assert_non_null(strstr(err.text, ": worst in '"));
    assert_true(stats.steps > 0);
    const Stop stop = 1;
    task.max_s = 0.0, task.stop = &stop;
    err = failure_of(&ode, &task, &stats);
    assert_string_equal(err.text, "interrupted at t = 0");
}

/* x' = x^3 from 1 reaches infinity at t = 1/2 (a little before, by the error of the steps): the steps shrink with what
 * is left until they no longer move t. */
static void exploding_rates(void *self, double t, const double *y, double *ret_rates)
{
    (void)self, (void)t;
    for (size_t i = 0; i < LANES; i++)
        ret_rates[i] = y[i] * y[i] * y[i];
}

static void exploding_jacobian(void *self, double t, const double *y, double *ret_entries)
{
    (void)self, (void)t;
    for (size_t i = 0; i < LANES; i++)
        ret_entries[i] = 3.0 * y[i] * y[i];
}

static void a_run_that_is_stuck_names_the_worst_state(void **unused)
{
    (void)unused;
    Decay decay = decay_new(0.0);
    Ode ode = decay_ode(&decay);
    ode.rates = exploding_rates, ode.jacobian = exploding_jacobian;
    SolveTask task = task_new();
    SolveStats stats;
    Err err = failure_of(&ode, &task, &stats);
    starts_with(err.text, "stuck at t = 0.4999");
    assert_non_null(strstr(err.text, ", the steps have become too small: worst in 'C', animal 1 of the batch"));
}

/* A rate that jumps about with every call: no step ever passes the error test. */
static void jumping_rates(void *self, double t, const double *y, double *ret_rates)
{
    Decay *decay = self;
    (void)t, (void)y;
    decay->input = -2.0 * decay->input;
    for (size_t i = 0; i < LANES; i++)
        ret_rates[i] = decay->input;
}

static void the_integrators_own_words_are_kept(void **unused)
{
    (void)unused;
    Decay decay = decay_new(0.0);
    decay.input = 1.0;
    Ode ode = decay_ode(&decay);
    ode.rates = jumping_rates;
    SolveTask task = task_new();
    SolveStats stats;
    Err err = failure_of(&ode, &task, &stats);
    starts_with(err.text, "the integrator gave up at t = 0: at t = 0");
    assert_non_null(strstr(err.text, ": worst in 'C', animal 1 of the batch"));
}

static void a_tolerance_that_is_not_above_zero_is_refused(void **unused)
{
    (void)unused;
    const double none[] = {0.0};
    Decay decay = decay_new(0.1);
    Ode ode = decay_ode(&decay);
    SolveStats stats;
    SolveTask task = task_new();
    task.rtol = -1.0;
    Err err = failure_of(&ode, &task, &stats);
    assert_string_equal(err.text, "the relative tolerance -1 is not a number above zero");
    task = task_new();
    task.atol = none;
    err = failure_of(&ode, &task, &stats);
    assert_string_equal(err.text, "the absolute tolerance 0 of 'C' is not a number above zero");
}

/* A solver that has failed in every way gives the bits of a fresh one, and so does another open beside it. */
static void a_failure_harms_no_later_run_and_no_other_solver(void **unused)
{
    (void)unused;
    double fresh[4 * LANES], after[4 * LANES], beside[4 * LANES];
    Decay decay = decay_new(0.1), broken = decay_new(0.1);
    Ode ode = decay_ode(&decay), broken_ode = decay_ode(&broken);
    SolveTask task = task_new(), refused = task_new();
    refused.rtol = 0.0;
    SolveStats stats;
    Err err = {0};
    SCOPED(solver_close) Solver *one = solver_open(&ode, cpu_best(), &err);
    SCOPED(solver_close) Solver *two = solver_open(&broken_ode, cpu_best(), &err);
    assert_true(solver_run(one, &task, fresh, &stats, &err));
    broken.bad_after = 12.5, broken.bad = NOT_A_NUMBER;
    assert_false(solver_run(two, &task, after, &stats, &err));
    assert_false(solver_run(two, &refused, after, &stats, &err));
    assert_true(solver_run(one, &task, beside, &stats, &err));
    broken.bad_after = 1e300;
    assert_true(solver_run(two, &task, after, &stats, &err));
    assert_memory_equal(after, fresh, sizeof fresh);
    assert_memory_equal(beside, fresh, sizeof fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_that_is_not_finite_is_named_with_time_and_animal),
        cmocka_unit_test(a_failure_tells_state_lane_and_states_for_whoever_knows_the_equations),
        cmocka_unit_test(a_state_below_its_least_is_named),
        cmocka_unit_test(a_run_ends_when_its_time_is_over_and_when_it_is_stopped),
        cmocka_unit_test(a_rate_that_breaks_at_the_start_is_named),
        cmocka_unit_test(a_state_that_is_not_finite_is_named),
        cmocka_unit_test(a_derivative_that_is_not_finite_is_named),
        cmocka_unit_test(a_singular_system_is_named),
        cmocka_unit_test(too_many_steps_are_told),
        cmocka_unit_test(a_run_that_is_stuck_names_the_worst_state),
        cmocka_unit_test(the_integrators_own_words_are_kept),
        cmocka_unit_test(a_tolerance_that_is_not_above_zero_is_refused),
        cmocka_unit_test(a_failure_harms_no_later_run_and_no_other_solver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
