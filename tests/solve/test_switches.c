/* SPDX-License-Identifier: Apache-2.0
 *
 * solve: conditions held while lanes move, on
 *
 *   x' = -K max(x - theta, 0) - R, x(0) = 1, one theta for each lane        z' = the lane's clock
 *
 * Above theta x = theta - R/K + (1 - theta + R/K) exp(-K t); it is there until exp(-K tau) = (R/K) / (1 - theta + R/K),
 * and falls by R (t - tau) after that. z = t^2 / 2 tells whether a lane knows its own time.
 *
 * Tolerance: 100 times rtol for the integrator's global error, as in test_solve.c.
 */
#include "support/near.h"

#include <string.h>

#include "solve/solve.h"

static const double RTOL = 1e-9, NEAR = 1e-7, K = 3.0, R = 0.5;
static const double ATOL[] = {1e-13, 1e-13};

enum { N_TIMES = 60, N_OUTPUTS = 2, ROW = N_OUTPUTS * LANES };

typedef struct Ramp {
    _Alignas(64) double root_values[LANES];
    double theta[LANES], ahead[LANES], held[LANES];
    bool holds;
    bool slides; /* instead: x' = x > 0 ? -1 : 1 */
    bool fades;  /* instead: x' = -20 max(x, 0), which rounding takes below 0 and back */
    bool breaks; /* not a number below theta - 0.1 */
    double bolus;
    size_t n_events;
} Ramp;

static double number_of(const Ramp *ramp, size_t lane, double x)
{
    return ramp->slides || ramp->fades ? x : x - ramp->theta[lane];
}

static bool is_on(const Ramp *ramp, size_t lane, double x)
{
    return ramp->holds ? ramp->held[lane] > 0.0 : number_of(ramp, lane, x) > 0.0;
}

static void initial(void *self, double t, double *ret_y)
{
    (void)self, (void)t;
    for (size_t lane = 0; lane < LANES; lane++) {
        ret_y[lane] = 1.0;
        ret_y[LANES + lane] = 0.0;
    }
}

static void rates(void *self, double t, const double *y, double *ret_rates)
{
    Ramp *ramp = self;
    for (size_t lane = 0; lane < LANES; lane++) {
        double x = y[lane], number = number_of(ramp, lane, x);
        bool on = is_on(ramp, lane, x);
        ramp->root_values[lane] = number;
        ret_rates[LANES + lane] = t + ramp->ahead[lane];
        if (ramp->slides)
            ret_rates[lane] = on ? -1.0 : 1.0;
        else if (ramp->fades)
            ret_rates[lane] = on ? -20.0 * x : 0.0;
        else
            ret_rates[lane] = (on ? -K * number : 0.0) - R;
        if (ramp->breaks && on && number < -0.1)
            ret_rates[lane] = (double)NAN;
    }
}

static void jacobian(void *self, double t, const double *y, double *ret_entries)
{
    const Ramp *ramp = self;
    (void)t;
    for (size_t lane = 0; lane < LANES; lane++)
        ret_entries[lane] = is_on(ramp, lane, y[lane]) && !ramp->slides ? (ramp->fades ? -20.0 : -K) : 0.0;
}

static void outputs(void *self, double t, const double *y, double *ret_outputs)
{
    (void)self, (void)t;
    memcpy(ret_outputs, y, ROW * sizeof(double));
}

static void event(void *self, size_t which, double t, double *y)
{
    Ramp *ramp = self;
    (void)which, (void)t;
    ramp->n_events++;
    for (size_t lane = 0; lane < LANES; lane++)
        y[lane] += ramp->bolus;
}

static void hold(void *self, const double *held, const double ahead[LANES])
{
    Ramp *ramp = self;
    ramp->holds = held != NULL;
    memcpy(ramp->ahead, ahead, sizeof ramp->ahead);
    if (held != NULL)
        memcpy(ramp->held, held, sizeof ramp->held);
}

static void switches(void *self, double t, const double *y, double *ret_root_values)
{
    (void)t;
    for (size_t lane = 0; lane < LANES; lane++)
        ret_root_values[lane] = number_of(self, lane, y[lane]);
}

static Ode ode_of(Ramp *ramp)
{
    static const char *const names[] = {"x", "z"};
    static const uint32_t zero[] = {0};
    return (Ode){.width = LANES,
                 .n_states = 2,
                 .n_outputs = N_OUTPUTS,
                 .state_names = names,
                 .n_entries = 1,
                 .rows = zero,
                 .columns = zero,
                 .self = ramp,
                 .initial = initial,
                 .rates = rates,
                 .jacobian = jacobian,
                 .outputs = outputs,
                 .event = event,
                 .n_root_functions = 1,
                 .hold = hold,
                 .root_values = ramp->root_values,
                 .root_functions = switches};
}

static Ramp ramp_new(void)
{
    Ramp ramp = {0};
    for (size_t lane = 0; lane < LANES; lane++)
        ramp.theta[lane] = 0.2 + 0.7 * (double)lane / LANES;
    return ramp;
}

static double time_of(size_t i)
{
    return 0.05 * (double)i;
}

/* From x at time 0, `t` later. */
static double fallen(double theta, double x, double t)
{
    double above = x - theta + R / K, tau = x > theta ? log(above * K / R) / K : 0.0;
    if (x > theta && t < tau)
        return theta - R / K + above * exp(-K * t);
    return fmin(x, theta) - R * (t - tau);
}

/* answer is [N_TIMES][ROW]. */
static bool run(Ramp *ramp, bool held, size_t n_events, const double *events, double *answer, SolveStats *ret_stats,
                Err *reterr)
{
    double times[N_TIMES];
    Ode ode = ode_of(ramp);
    SolveTask task = {.n_events = n_events,
                      .event_times = events,
                      .n_times = N_TIMES,
                      .times = times,
                      .rtol = RTOL,
                      .atol = ATOL,
                      .max_steps = 100000,
                      .hold = held,
                      .n_lanes = LANES};
    for (size_t i = 0; i < N_TIMES; i++)
        times[i] = time_of(i);
    SCOPED(solver_close) Solver *solver = solver_open(&ode, cpu_best(), reterr);
    assert_non_null(solver);
    return solver_run(solver, &task, answer, ret_stats, reterr);
}

static void lanes_pass_their_kinks_at_times_of_their_own(void **unused)
{
    (void)unused;
    static double answer[N_TIMES * ROW];
    SolveStats stats[2];
    for (int held = 0; held < 2; held++) {
        Ramp ramp = ramp_new();
        Err err = {0};
        if (!run(&ramp, held != 0, 0, NULL, answer, &stats[held], &err))
            fail_msg("%s", err.text);
        for (size_t i = 0; i < N_TIMES; i++)
            for (size_t lane = 0; lane < LANES; lane++) {
                double t = time_of(i);
                assert_near("x", answer[i * ROW + lane], fallen(ramp.theta[lane], 1.0, t), 0.0, NEAR);
                assert_near("z", answer[i * ROW + LANES + lane], 0.5 * t * t, NEAR, NEAR);
            }
        assert_false(ramp.holds); /* left as it was found */
    }
    assert_true(stats[1].steps < stats[0].steps); /* what it is for */
}

/* The event raises x above every threshold, in lanes that have passed theirs and in others that have not. */
static void all_lanes_meet_at_an_event(void **unused)
{
    (void)unused;
    static double answer[N_TIMES * ROW];
    const double events[] = {0.4001};
    Ramp ramp = ramp_new();
    SolveStats stats;
    Err err = {0};
    ramp.bolus = 0.8;
    if (!run(&ramp, true, 1, events, answer, &stats, &err))
        fail_msg("%s", err.text);
    assert_int_equal(ramp.n_events, 1);
    for (size_t i = 0; i < N_TIMES; i++)
        for (size_t lane = 0; lane < LANES; lane++) {
            double t = time_of(i), theta = ramp.theta[lane], want = fallen(theta, 1.0, t);
            if (t > events[0])
                want = fallen(theta, fallen(theta, 1.0, events[0]) + ramp.bolus, t - events[0]);
            assert_near("x", answer[i * ROW + lane], want, 0.0, NEAR);
            assert_near("z", answer[i * ROW + LANES + lane], 0.5 * t * t, NEAR, NEAR);
        }
}

/* Lanes that have left a branch do not see what it would be like further on. */
static void a_waiting_lane_is_not_evaluated(void **unused)
{
    (void)unused;
    static double answer[N_TIMES * ROW];
    Ramp ramp = ramp_new();
    SolveStats stats;
    Err err = {0};
    ramp.breaks = true;
    if (!run(&ramp, true, 0, NULL, answer, &stats, &err))
        fail_msg("%s", err.text);
    for (size_t lane = 0; lane < LANES; lane++)
        assert_near("x", answer[(N_TIMES - 1) * ROW + lane], fallen(ramp.theta[lane], 1.0, time_of(N_TIMES - 1)), 0.0,
                    NEAR);
}

static void a_condition_that_changes_without_end_is_told(void **unused)
{
    (void)unused;
    static double answer[N_TIMES * ROW];
    Ramp ramp = ramp_new();
    SolveStats stats;
    Err err = {0};
    ramp.slides = true;
    assert_false(run(&ramp, true, 0, NULL, answer, &stats, &err));
    assert_string_equal(err.text, "a condition changes without end at t = 1");
}

/* exp(-20 t) is 1e-26 at the end: 0 but for rounding, far below what it may err. */
static void a_state_that_is_zero_but_for_rounding_waits_for_nothing(void **unused)
{
    (void)unused;
    static double answer[N_TIMES * ROW];
    Ramp ramp = ramp_new();
    SolveStats stats;
    Err err = {0};
    ramp.fades = true;
    if (!run(&ramp, true, 0, NULL, answer, &stats, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < N_TIMES; i++)
        assert_near("x", answer[i * ROW], exp(-20.0 * time_of(i)), 0.0, NEAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_pass_their_kinks_at_times_of_their_own),
        cmocka_unit_test(all_lanes_meet_at_an_event),
        cmocka_unit_test(a_waiting_lane_is_not_evaluated),
        cmocka_unit_test(a_condition_that_changes_without_end_is_told),
        cmocka_unit_test(a_state_that_is_zero_but_for_rounding_waits_for_nothing),
    };
    return cmocka_run_group_tests_name("solve/switches", tests, NULL, NULL);
}
