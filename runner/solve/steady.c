/* SPDX-License-Identifier: Apache-2.0 */
#include "solve/steady.h"

#include <float.h>
#include <math.h>

/* Steps are accepted up to this change of a lane (root mean square over the states, each relative to its size). */
static const double LARGEST_CHANGE = 1.0;
static const double FIRST_CHANGE = 0.1; /* what the first step is to change */
static const double AIMED_CHANGE = 0.3; /* and the following ones, at most */
static const double GROWTH = 10.0;      /* of delta from step to step, at most */

/* Steady when so many steps on end, each ten times as long as the one before, change less than a thousandth of the
 * integrator's relative tolerance: then no rate is left that time could add up. */
enum { QUIET_STEPS = 5, MOST_STEADY_STEPS = 400 };
static const double QUIET_SHARE = 1e-3;

typedef struct Search {
    const Ode *ode;
    const SolveTask *task;
    Linear *linear;
    double t, delta;
    double *y, *rates, *step, *trial; /* [n_states][LANES] */
} Search;

/* Of a state in a lane: what its changes are measured by. As the error weights, over rtol. */
static double size_of(const Search *search, size_t state, size_t lane)
{
    return fabs(search->y[state * LANES + lane]) + search->task->atol[state] / search->task->rtol;
}

/* The largest lane's root mean square of values relative to the states' sizes. */
static double change_of(const Search *search, const double *values)
{
    double most = 0.0;
    size_t n = search->ode->n_states;
    for (size_t lane = 0; lane < LANES; lane++) {
        double sum = 0.0;
        size_t count = 0;
        for (size_t state = 0; state < n; state++) {
            double relative = values[state * LANES + lane] / size_of(search, state, lane);
            sum += search->ode->steady[state] ? relative * relative : 0.0;
            count += search->ode->steady[state];
        }
        most = fmax(most, sqrt(sum / (double)count));
    }
    return most;
}

static bool rates_at(Search *search, const double *y, double *ret_rates)
{
    const Ode *ode = search->ode;
    ode->rates(ode->self, search->t, y, ret_rates);
    for (size_t state = 0; state < ode->n_states; state++)
        for (size_t lane = 0; !ode->steady[state] && lane < LANES; lane++)
            ret_rates[state * LANES + lane] = 0.0;
    return fault_check(ret_rates, ode->n_states, FAULT_RATE, search->t, search->linear->fault);
}

/* step = (I - delta J)^-1 delta rates */
static bool step_make(Search *search)
{
    size_t n = search->ode->n_states * LANES;
    if (!linear_factor(search->linear, search->t, search->y, search->ode->steady, search->delta))
        return false;
    for (size_t i = 0; i < n; i++)
        search->step[i] = search->delta * search->rates[i];
    lu_solve(search->linear->lu, search->linear->system, search->step);
    for (size_t i = 0; i < n; i++)
        search->trial[i] = search->y[i] + search->step[i];
    return true;
}

/* The slowest way back to the steady state: what (I - delta J)^-1 damps least, by power iteration. */
static void find_slowest(Search *search, SteadyReport *report)
{
    enum { ITERATIONS = 30 };
    size_t n = search->ode->n_states;
    for (size_t lane = 0; lane < LANES; lane++)
        report->time_constant[lane] = (double)NAN;
    if (!linear_factor(search->linear, search->t, search->y, search->ode->steady, search->delta))
        return; /* delta has grown since the last step; what is not known is not told */
    for (size_t i = 0; i < n * LANES; i++)
        search->step[i] = search->ode->steady[i / LANES] ? size_of(search, i / LANES, i % LANES) : 0.0;
    for (size_t iteration = 0; iteration < ITERATIONS; iteration++) {
        lu_solve(search->linear->lu, search->linear->system, search->step);
        for (size_t lane = 0; lane < LANES; lane++) {
            double most = 0.0;
            for (size_t state = 0; state < n; state++) {
                double share = fabs(search->step[state * LANES + lane]) / size_of(search, state, lane);
                if (share > most) {
                    most = share;
                    report->slowest[lane] = (uint32_t)state;
                }
            }
            for (size_t state = 0; most > 0.0 && state < n; state++)
                search->step[state * LANES + lane] /= most;
            /* the factor is 1 / (1 + delta / tau); 1, but for rounding: something is conserved */
            report->time_constant[lane] = most < 1.0 - 1e-6 ? search->delta * most / (1.0 - most) : INFINITY;
        }
    }
}

/* The largest relative rate of a lane, and whose it is. */
static double residual_of(const Search *search, size_t lane, size_t *ret_state)
{
    double most = 0.0;
    *ret_state = 0;
    for (size_t state = 0; state < search->ode->n_states; state++) {
        double relative = fabs(search->rates[state * LANES + lane]) / size_of(search, state, lane);
        if (relative > most) {
            most = relative;
            *ret_state = state;
        }
    }
    return most;
}

static bool steady_fails(const Search *search, Err *reterr)
{
    double most = -1.0;
    size_t worst = 0, lane = 0;
    char animal[FAULT_ANIMAL];
    for (size_t i = 0; i < LANES; i++) {
        size_t state;
        double residual = residual_of(search, i, &state);
        if (residual > most) {
            most = residual;
            worst = state;
            lane = i;
        }
    }
    return err_set(reterr, ERR_SOLVE,
                   "no steady state was found in %d steps: '%s' is %g and still changes by %g per time%s",
                   MOST_STEADY_STEPS, search->ode->state_names[worst], search->y[worst * LANES + lane],
                   search->rates[worst * LANES + lane], fault_animal(lane, search->task->n_lanes, animal));
}

/* The first step changes FIRST_CHANGE. */
static void choose_delta(Search *search)
{
    double rate = change_of(search, search->rates);
    search->delta = rate > 0.0 ? FIRST_CHANGE / rate : 1.0;
}

static bool search_run(Search *search, SteadyReport *report)
{
    size_t n = search->ode->n_states * LANES;
    unsigned quiet = 0;
    choose_delta(search);
    while (quiet < QUIET_STEPS && report->steps < MOST_STEADY_STEPS) {
        report->steps++;
        double *next_rates = search->step; /* the step is done with when they are wanted */
        double change = INFINITY;
        if (step_make(search))
            change = change_of(search, search->step);
        if (!(change <= LARGEST_CHANGE) || !rates_at(search, search->trial, next_rates)) {
            search->delta *= 0.25;
            quiet = 0;
            continue;
        }
        memcpy(search->y, search->trial, n * sizeof(double));
        memcpy(search->rates, next_rates, n * sizeof(double));
        quiet = change <= QUIET_SHARE * search->task->rtol ? quiet + 1 : 0;
        search->delta *= fmin(GROWTH, fmax(0.5, AIMED_CHANGE / fmax(change, DBL_MIN)));
    }
    search->linear->fault->kind = FAULT_NONE;
    return quiet == QUIET_STEPS;
}

bool steady_find(Arena *arena, Linear *linear, const Ode *ode, const SolveTask *task, double t, double *y,
                 SteadyReport *ret_report, Err *reterr)
{
    size_t n = ode->n_states * LANES;
    Search search = {.ode = ode,
                     .task = task,
                     .linear = linear,
                     .t = t,
                     .y = y,
                     .rates = NEW_LANES(arena, n),
                     .step = NEW_LANES(arena, n),
                     .trial = NEW_LANES(arena, n)};
    *ret_report = (SteadyReport){0};
    if (!rates_at(&search, y, search.rates))
        return fault_set_err(linear->fault, ode, task->n_lanes, reterr);
    if (!search_run(&search, ret_report))
        return steady_fails(&search, reterr);
    for (size_t lane = 0; lane < LANES; lane++) {
        size_t state;
        ret_report->residual[lane] = residual_of(&search, lane, &state);
    }
    find_slowest(&search, ret_report);
    linear->fault->kind = FAULT_NONE;
    return true;
}
