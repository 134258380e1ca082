/* SPDX-License-Identifier: Apache-2.0
 *
 * solve: events and output times, on C' = input - k C (support/odes.h).
 *
 * Between events the solution is known: C(t) = input / k + (C0 - input / k) exp(-k t), or C0 + input t when k = 0.
 * Tolerance: 100 times rtol for the integrator's global error, as in test_solve.c; with k = 0 BDF is exact and only
 * rounding is left, 1e-13.
 */
#include "support/near.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#include "support/odes.h"

static const double RTOL = 1e-9, NEAR = 1e-7, ROUNDING = 1e-13;
static const double ATOL[] = {1e-13};

enum { ROW = 2 * LANES, TIMES_MAX = 16 };

typedef struct Answer {
    double outputs[TIMES_MAX * ROW]; /* C, events so far */
    SolveStats stats;
} Answer;

static Answer answer_of(Decay *decay, size_t n_events, const double *events, size_t n_times, const double *times)
{
    Answer answer = {0};
    Err err = {0};
    Ode ode = decay_ode(decay);
    SolveTask task = {.t_start = 0.0,
                      .n_events = n_events,
                      .event_times = events,
                      .n_times = n_times,
                      .times = times,
                      .rtol = RTOL,
                      .atol = ATOL,
                      .max_steps = 100000,
                      .n_lanes = LANES};
    assert_true(n_times <= TIMES_MAX);
    SCOPED(solver_close) Solver *solver = solver_open(&ode, cpu_best(), &err);
    assert_non_null(solver);
    if (!solver_run(solver, &task, answer.outputs, &answer.stats, &err))
        fail_msg("%s", err.text);
    return answer;
}

/* Every lane of the row. */
static void row_near(const char *name, const Answer *answer, size_t time, double want, double relative)
{
    for (size_t lane = 0; lane < LANES; lane++)
        assert_near(name, answer->outputs[time * ROW + lane], want, relative, 0.0);
}

static double events_by(const Answer *answer, size_t time)
{
    return answer->outputs[time * ROW + LANES];
}

static void a_bolus_lands_on_its_time_exactly(void **unused)
{
    (void)unused;
    const double events[] = {1.0, 2.5}, times[] = {0.5, 1.0 - 1e-9, 1.0, 2.0, 2.5, 3.0};
    Decay decay = decay_new(0.7);
    decay.bolus = 1.0;
    Answer answer = answer_of(&decay, 2, events, 6, times);
    double after_first = exp(-0.7) + 1.0, after_second = after_first * exp(-0.7 * 1.5) + 1.0;
    row_near("before", &answer, 0, exp(-0.35), NEAR);
    row_near("just before", &answer, 1, exp(-0.7), NEAR);
    row_near("at", &answer, 2, after_first, NEAR);
    row_near("between", &answer, 3, after_first * exp(-0.7), NEAR);
    row_near("at the second", &answer, 4, after_second, NEAR);
    row_near("after", &answer, 5, after_second * exp(-0.35), NEAR);
    assert_int_equal(decay.n_events, 2);
    assert_memory_equal(decay.event_times, events, sizeof events);
}

static void a_forcing_window_adds_its_integral(void **unused)
{
    (void)unused;
    const double events[] = {2.0, 3.5}, times[] = {1.0, 2.0, 2.75, 3.5, 300.0};
    Decay decay = decay_new(0.0);
    decay.event_input = 4.0;
    Answer answer = answer_of(&decay, 2, events, 5, times);
    const double wanted[] = {1.0, 1.0, 4.0, 7.0, 7.0};
    for (size_t time = 0; time < 5; time++)
        row_near("window", &answer, time, wanted[time], ROUNDING);
}

/* 0.1 + 0.2 is not 0.3, but it is the same time. */
static void events_at_one_time_are_all_applied_in_their_order(void **unused)
{
    (void)unused;
    const double events[] = {0.3, 0.1 + 0.2, 0.1 + 0.2, 1.0}, times[] = {0.2, 0.3, 0.1 + 0.2, 0.5};
    Decay decay = decay_new(0.0);
    decay.bolus = 1.0;
    Answer answer = answer_of(&decay, 4, events, 4, times);
    const double wanted[] = {1.0, 4.0, 4.0, 4.0};
    for (size_t time = 0; time < 4; time++)
        row_near("boluses", &answer, time, wanted[time], ROUNDING);
    assert_int_equal(decay.n_events, 3);
    for (size_t event = 0; event < 3; event++)
        assert_int_equal(decay.event_numbers[event], event);
}

static void an_event_at_the_start_comes_before_the_first_output(void **unused)
{
    (void)unused;
    const double events[] = {0.0, 0.0}, times[] = {0.0, 1.0};
    Decay decay = decay_new(0.5);
    decay.bolus = 2.0;
    Answer answer = answer_of(&decay, 2, events, 2, times);
    row_near("start", &answer, 0, 5.0, ROUNDING);
    row_near("later", &answer, 1, 5.0 * exp(-0.5), NEAR);
}

static void an_event_after_the_last_output_is_not_reached(void **unused)
{
    (void)unused;
    const double events[] = {2.0, 4.0}, times[] = {1.0, 3.0};
    Decay decay = decay_new(0.0);
    decay.bolus = 1.0;
    Answer answer = answer_of(&decay, 2, events, 2, times);
    assert_int_equal(decay.n_events, 1);
    assert_near("first", events_by(&answer, 0), 0.0, 0.0, 0.0);
    assert_near("second", events_by(&answer, 1), 1.0, 0.0, 0.0);
}

/* An event at the very last output is reached, and the output sees it. */
static void an_event_at_the_last_output_is_reached(void **unused)
{
    (void)unused;
    const double events[] = {3.0}, times[] = {3.0, 3.0};
    Decay decay = decay_new(0.0);
    decay.bolus = 1.0;
    Answer answer = answer_of(&decay, 1, events, 2, times);
    row_near("last", &answer, 0, 2.0, ROUNDING);
    row_near("last again", &answer, 1, 2.0, ROUNDING);
}

static void a_run_of_no_length_gives_the_start(void **unused)
{
    (void)unused;
    const double start = 0.0;
    Decay decay = decay_new(1.0);
    Answer answer = answer_of(&decay, 0, NULL, 1, &start);
    row_near("start", &answer, 0, 1.0, 0.0);
    assert_int_equal(answer.stats.steps, 0);
    answer = answer_of(&decay, 0, NULL, 0, NULL);
    assert_int_equal(answer.stats.steps, 0);
}

static void equal_output_times_get_equal_bits(void **unused)
{
    (void)unused;
    const double events[] = {2.0}, times[] = {0.0, 0.0, 0.7, 0.7, 2.0, 2.0, 5.0, 5.0};
    Decay decay = decay_new(0.3);
    decay.bolus = 1.0;
    Answer answer = answer_of(&decay, 1, events, 8, times);
    for (size_t pair = 0; pair < 8; pair += 2)
        assert_memory_equal(answer.outputs + pair * ROW, answer.outputs + (pair + 1) * ROW, ROW * sizeof(double));
}

/* More outputs, the same steps: the values they share are the same bits. */
static void outputs_never_cut_a_step(void **unused)
{
    (void)unused;
    const double few[] = {10.0}, many[] = {0.1, 0.2, 0.3, 1.7, 2.0, 3.1, 5.5, 9.999, 10.0};
    const double events[] = {3.1};
    Decay decay = decay_new(0.4), again = decay_new(0.4);
    Answer rare = answer_of(&decay, 1, events, 1, few), dense = answer_of(&again, 1, events, 9, many);
    assert_int_equal(rare.stats.steps, dense.stats.steps);
    assert_memory_equal(rare.outputs, dense.outputs + 8 * ROW, ROW * sizeof(double));
}

/* Two events 200 ulp apart, just more than what counts as one time: each starts a segment. */
static void events_close_together_are_all_reached(void **unused)
{
    (void)unused;
    const double close = 1.0 + 200 * DBL_EPSILON, times[] = {1.0, 1.0 + 1e-6};
    const double events[] = {1.0, close};
    Decay decay = decay_new(0.1);
    decay.bolus = 1.0;
    Answer answer = answer_of(&decay, 2, events, 2, times);
    row_near("first", &answer, 0, exp(-0.1) + 1.0, NEAR);
    row_near("both", &answer, 1, exp(-0.1) + 2.0, 1e-6);
    assert_int_equal(decay.n_events, 2);
}

/* A start other than 0, before and after it. */
static void a_run_may_start_at_any_time(void **unused)
{
    (void)unused;
    const double times[] = {-2.0, 0.0, 3.0};
    double outputs[3 * ROW];
    Err err = {0};
    SolveStats stats;
    Decay decay = decay_new(0.5);
    Ode ode = decay_ode(&decay);
    SolveTask task = {
        .t_start = -3.0, .n_times = 3, .times = times, .rtol = RTOL, .atol = ATOL, .max_steps = 1000, .n_lanes = 1};
    SCOPED(solver_close) Solver *solver = solver_open(&ode, cpu_best(), &err);
    assert_true(solver_run(solver, &task, outputs, &stats, &err));
    for (size_t time = 0; time < 3; time++)
        assert_near("shifted", outputs[time * ROW], exp(-0.5 * (times[time] + 3.0)), NEAR, 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bolus_lands_on_its_time_exactly),
        cmocka_unit_test(a_forcing_window_adds_its_integral),
        cmocka_unit_test(events_at_one_time_are_all_applied_in_their_order),
        cmocka_unit_test(an_event_at_the_start_comes_before_the_first_output),
        cmocka_unit_test(an_event_after_the_last_output_is_not_reached),
        cmocka_unit_test(an_event_at_the_last_output_is_reached),
        cmocka_unit_test(a_run_of_no_length_gives_the_start),
        cmocka_unit_test(equal_output_times_get_equal_bits),
        cmocka_unit_test(outputs_never_cut_a_step),
        cmocka_unit_test(events_close_together_are_all_reached),
        cmocka_unit_test(a_run_may_start_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
