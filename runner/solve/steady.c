/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the steady state that a start asks for: first by the flow, then by pseudo-transient continuation.
 */
#include "solve/steady.h"

#include <float.h>
#include <math.h>

#include "solve/vector.h"

/* Step 1, the flow. FLOW_RTOL and FLOW_SHARE are its tolerances, relative to a state and as a share of its scale. A
 * state has moved when it changed by MOVED. The flow seems to be at rest when nothing has moved for AT_REST times as
 * long as it took until the last move. Polishing checks this; if it is not at rest, the flow continues LONGER times as
 * long. BDF has order 2 at most, because higher orders do not damp weakly damped oscillations. */
static const double FLOW_RTOL = 1e-4, FLOW_SHARE = 1e-8, STEADY_MOVED = 1e-3, AT_REST = 1e4, LONGER = 100.0,
                    LONGEST = 1e13;
enum { FLOW_ORDER = 2 };
static const double RUNAWAY = 1e30; /* a state so many times its size at the start has no steady state */
static const double CROSSED = 1e-7;
enum { MAX_FLOW_STEPS = 20000, MIN_FLOW_STEPS = 20 };

/* A rate counts as rounding error when it is a smaller share of the terms that add up to it, which the row of J gives.
 * */
static const double RATE_ROUNDING = 16 * DBL_EPSILON;

/* Step 2, polishing. The states are steady when the rates are rounding errors, or when QUIET_STEPS steps in succession,
 * each ten times as long as the one before, change the states by less than a thousandth of the integrator's relative
 * tolerance: then no rate is left that could add up over time. If the polished state is further than FAR from the end
 * of the flow, the flow has not reached it yet, or it is another steady state. The first step is FIRST_POLISH times the
 * shortest time constant: longer steps than needed add rounding errors to conserved quantities. */
static const double GROWTH = 10.0, QUIET_SHARE = 1e-3, QUIET_MIN = 1e-13, FAR = 5e-3, FIRST_POLISH = 10.0;
enum { QUIET_STEPS = 5, MAX_POLISH_STEPS = 100 };

/* The slowest way back. delta is so many times the shortest time constant; a mode as slow as CONSERVED times that is
 * none: something is conserved. */
static const double SPAN = 1e6, CONSERVED = 1e9;
enum { ITERATIONS = 60 };

typedef struct SteadySearch {
    const Ode *ode;
    const SolveTask *task;
    Solver *solver;
    Linear *linear;
    double t;
    void *cvode;
    N_Vector state;              /* CVODE's */
    double *y;                   /* [n_states][width], the caller's */
    double *rates, *step, *kept; /* [n_states][width] */
    double *before, *at_start;   /* the same: y before the last step of the flow or before polishing, sizes at start */
    bool *from_above;            /* the same: it began at 0 or above */
    SteadyReport *report;
} SteadySearch;

/* atol is rtol times the scale of a state times a hundredth (simulate/worker.c). */
static const double SCALES = 100.0;

static size_t n_values(const SteadySearch *search)
{
    return search->ode->n_states * search->ode->width;
}

static size_t state_of(const SteadySearch *search, size_t value)
{
    ASSERT(search->ode->width > 0);
    return value / search->ode->width;
}

static double scale_of(const SteadySearch *search, size_t state)
{
    return SCALES * search->task->atol[state] / search->task->rtol;
}

/* Of a state in a lane: what its changes are measured by. As the error weights, over rtol. */
static double size_of(const SteadySearch *search, size_t value)
{
    return fabs(search->y[value]) + search->task->atol[state_of(search, value)] / search->task->rtol;
}

/* The largest change of a steady state in any lane, relative to its size; NaN when one is. */
static double largest(const SteadySearch *search, const double *changes)
{
    double most = 0.0;
    for (size_t i = 0; i < n_values(search); i++) {
        double relative = fabs(changes[i]) / size_of(search, i);
        if (search->ode->steady[state_of(search, i)] && !(relative <= most))
            most = relative;
    }
    return most;
}

/* How far y is from there, as `largest` says. */
static double distance(SteadySearch *search, const double *there)
{
    for (size_t i = 0; i < n_values(search); i++)
        search->step[i] = search->y[i] - there[i];
    return largest(search, search->step);
}

static bool rates_at(const SteadySearch *search, const double *y, double *ret_rates)
{
    const Ode *ode = search->ode;
    ode->rates(ode->self, search->t, y, ret_rates);
    for (size_t i = 0; i < n_values(search); i++)
        ret_rates[i] = ode->steady[state_of(search, i)] ? ret_rates[i] : 0.0;
    return fault_check(search->linear->loops, ode, ret_rates, (Fault){.kind = FAULT_RATE, .t = search->t}, y,
                       search->linear->fault);
}

/* Are all rates rounding? */
static bool rates_are_rounding(SteadySearch *search)
{
    const Ode *ode = search->ode;
    double *sums = search->step;
    memset(sums, 0, n_values(search) * sizeof *sums);
    if (!linear_build(search->linear, search->t, search->y, ode->steady, false, 0.0))
        return false;
    for (size_t entry = 0; entry < ode->n_entries; entry++)
        for (size_t lane = 0; lane < search->ode->width; lane++)
            sums[ode->rows[entry] * ode->width + lane] += fabs(search->linear->jacobian[entry * ode->width + lane]) *
                                                          size_of(search, ode->columns[entry] * ode->width + lane);
    for (size_t i = 0; i < n_values(search); i++)
        if (!(fabs(search->rates[i]) <= RATE_ROUNDING * sums[i]))
            return false;
    return true;
}

/* ---- failing ---- */

static bool search_fails(const SteadySearch *search, Err *reterr)
{
    double most = -1.0;
    size_t worst = 0;
    char animal[FAULT_ANIMAL];
    for (size_t i = 0; i < n_values(search); i++) {
        double relative = fabs(search->rates[i]) / size_of(search, i);
        if (relative > most) {
            most = relative;
            worst = i;
        }
    }
    size_t state = state_of(search, worst), lane = worst % search->ode->width;
    fault_record(search->linear->fault, search->ode, (Fault){.kind = FAULT_NONE, .lane = lane}, search->y);
    search->solver->failure = (Failure){.kind = FAILURE_RATE,
                                        .has_lane = true,
                                        .state = state,
                                        .lane = lane,
                                        .t = search->t,
                                        .y = search->linear->fault->y};
    const char *unit = search->ode->time_unit;
    return err_set(reterr, ERR_SOLVE,
                   "no steady state was found in %u steps: '%s' is %g and still changes by %g per %s%s",
                   search->report->steps, search->ode->state_names[state], search->y[worst], search->rates[worst],
                   unit != NULL ? unit : "time", fault_show_animal(lane, search->task->n_lanes, animal));
}

static bool search_faults(const SteadySearch *search, Err *reterr)
{
    if (search->solver->watch.over != FAILURE_OTHER)
        return watch_fail(search->solver, search->t, reterr);
    if (search->linear->fault->kind != FAULT_NONE)
        return solver_fail(search->solver, reterr);
    return search_fails(search, reterr);
}

/* ---- polishing ---- */

/* As the largest entry of the last Jacobian tells it, in the sizes of the states; 1 when there is none. */
static double shortest_time(const SteadySearch *search)
{
    const Ode *ode = search->ode;
    double fastest = 0.0;
    for (size_t entry = 0; entry < ode->n_entries; entry++)
        for (size_t lane = 0; ode->steady[ode->rows[entry]] && lane < search->ode->width; lane++) {
            double row = size_of(search, ode->rows[entry] * ode->width + lane);
            double column = size_of(search, ode->columns[entry] * ode->width + lane);
            fastest = fmax(fastest, fabs(search->linear->jacobian[entry * ode->width + lane]) * column / row);
        }
    return fastest > 0.0 ? 1.0 / fastest : 1.0;
}

/* One step of the implicit Euler method; false, and nothing changed, when its end is no state. */
static bool polish_step(SteadySearch *search, double delta, double *ret_change)
{
    size_t n = n_values(search);
    if (!linear_factor(search->linear, search->t, search->y, search->ode->steady, delta))
        return false;
    for (size_t i = 0; i < n; i++)
        search->step[i] = delta * search->rates[i];
    lu_solve(search->linear->lu, search->linear->loops, search->ode->width, search->linear->system, search->step);
    *ret_change = largest(search, search->step);
    if (!isfinite(*ret_change))
        return false;
    for (size_t i = 0; i < n; i++)
        search->step[i] += search->y[i];
    double *next = search->step;
    if (!rates_at(search, next, vector_values(search->state)))
        return false;
    memcpy(search->y, next, n * sizeof(double));
    memcpy(search->rates, vector_values(search->state), n * sizeof(double));
    return true;
}

/* False, and y as it was, when it does not end near where it began. */
static bool polish(SteadySearch *search)
{
    size_t bytes = n_values(search) * sizeof(double);
    unsigned quiet = 0;
    double limit = fmax(QUIET_SHARE * search->task->rtol, QUIET_MIN), change;
    bool near = linear_build(search->linear, search->t, search->y, search->ode->steady, false, 0.0) &&
                rates_at(search, search->y, search->rates);
    double delta = FIRST_POLISH * shortest_time(search);
    memcpy(search->before, search->y, bytes);
    for (unsigned i = 0; near && i < MAX_POLISH_STEPS && quiet < QUIET_STEPS; i++) {
        if (watch_expired(search->solver))
            break;
        bool stepped = polish_step(search, delta, &change);
        search->report->steps++;
        quiet = stepped && change <= limit ? quiet + 1 : 0;
        if (stepped && rates_are_rounding(search))
            quiet = QUIET_STEPS;
        delta *= stepped ? GROWTH : 1.0 / (GROWTH * GROWTH);
        near = distance(search, search->before) <= FAR;
    }
    search->linear->fault->kind = FAULT_NONE;
    if (near && quiet == QUIET_STEPS)
        return true;
    memcpy(search->y, search->before, bytes);
    return false;
}

/* ---- the flow ---- */

static int flow_rates(sunrealtype t, N_Vector y, N_Vector rates, void *user_data)
{
    (void)t;
    return rates_at(user_data, vector_values(y), vector_values(rates)) ? 0 : 1;
}

static int flow_system(sunrealtype t, N_Vector y, N_Vector rates, SUNMatrix matrix, CompatBool reuse,
                       CompatBool *ret_current, sunrealtype gamma, void *user_data, N_Vector v1, N_Vector v2,
                       N_Vector v3)
{
    (void)t, (void)rates, (void)matrix, (void)v1, (void)v2, (void)v3;
    const SteadySearch *search = user_data;
    *ret_current = !reuse;
    return linear_build(search->linear, search->t, vector_values(y), search->ode->steady, reuse != 0, gamma) ? 0 : 1;
}

static int flow_weights(N_Vector y, N_Vector weights, void *user_data)
{
    const SteadySearch *search = user_data;
    for (size_t i = 0; i < n_values(search); i++) {
        double lower_bounds = FLOW_SHARE * scale_of(search, state_of(search, i));
        vector_values(weights)[i] = 1.0 / (FLOW_RTOL * fabs(vector_values(y)[i]) + lower_bounds);
    }
    return 0;
}

static int flow_open(SteadySearch *search, double first_step)
{
    const Problem problem = {flow_rates, flow_weights, flow_system, search};
    integrator_open(search->solver, &problem, 0.0, search->state, &search->cvode);
    int flag = CVodeSetMaxOrd(search->cvode, FLOW_ORDER);
    return flag == CV_SUCCESS ? CVodeSetInitStep(search->cvode, first_step) : flag;
}

static bool runs_away(const SteadySearch *search)
{
    for (size_t i = 0; i < n_values(search); i++)
        if (search->ode->steady[state_of(search, i)] && !(fabs(search->y[i]) <= RUNAWAY * search->at_start[i]))
            return true;
    return false;
}

/* A state that began at 0 or above and whose rate at 0 does not fall cannot flow below: a step that put it there by
 * more than CROSSED of its scale has jumped, across a pole perhaps. Undoes such a step, from 0 for what was below
 * already. */
static bool undo_jump(SteadySearch *search)
{
    bool crossed = false, jumped = false;
    for (size_t i = 0; i < n_values(search); i++) {
        bool below = search->ode->steady[state_of(search, i)] && search->from_above[i] &&
                     search->y[i] < -CROSSED * scale_of(search, state_of(search, i));
        search->step[i] = below ? 0.0 : search->y[i];
        crossed = crossed || below;
    }
    if (!crossed || !rates_at(search, search->step, search->rates))
        return false;
    for (size_t i = 0; i < n_values(search); i++)
        jumped = jumped || (search->y[i] < 0.0 && !(search->step[i] < 0.0) && search->rates[i] >= 0.0);
    for (size_t i = 0; jumped && i < n_values(search); i++)
        search->y[i] = search->from_above[i] ? fmax(search->before[i], 0.0) : search->before[i];
    return jumped;
}

/* From y on, with a share of the last step. */
static bool flow_again(SteadySearch *search, double t, double share)
{
    double step;
    memcpy(vector_values(search->state), search->y, n_values(search) * sizeof(double));
    return CVodeGetLastStep(search->cvode, &step) == CV_SUCCESS &&
           CVodeReInit(search->cvode, t, search->state) == CV_SUCCESS &&
           CVodeSetInitStep(search->cvode, share * step) == CV_SUCCESS;
}

/* Steps until nothing moves and polishing says so, too. False when it does not come to rest. */
static bool flow_follow(SteadySearch *search, double first_step)
{
    size_t bytes = n_values(search) * sizeof(double);
    double t = 0.0, t_before, moved_at = first_step, rest = AT_REST;
    memcpy(search->kept, search->y, bytes);
    for (int i = 0; i < MAX_FLOW_STEPS && !watch_expired(search->solver); i++) {
        memcpy(search->before, search->y, bytes);
        t_before = t;
        int flag = CVode(search->cvode, DBL_MAX, search->state, &t, CV_ONE_STEP);
        if (flag == CV_MEM_FAIL)
            out_of_memory();
        if (flag < 0)
            return false;
        search->report->steps++;
        search->linear->fault->kind = FAULT_NONE;
        memcpy(search->y, vector_values(search->state), bytes);
        if (undo_jump(search)) {
            t = t_before;
            if (!flow_again(search, t, 0.1))
                return false;
            continue;
        }
        if (runs_away(search) || !rates_at(search, search->y, search->rates))
            return false;
        if (distance(search, search->kept) > STEADY_MOVED) {
            moved_at = t;
            rest = AT_REST;
            memcpy(search->kept, search->y, bytes);
        }
        if (i < MIN_FLOW_STEPS || t < rest * moved_at)
            continue;
        if (polish(search))
            return true;
        rest *= LONGER;
        if (rest > LONGEST || !flow_again(search, t, 1.0))
            return false;
    }
    return false;
}

static bool follow_flow(SteadySearch *search, Err *reterr)
{
    double rate = largest(search, search->rates);
    if (!(rate > 0.0))
        return true; /* at rest to the bit */
    for (size_t i = 0; i < n_values(search); i++) {
        search->at_start[i] = size_of(search, i);
        search->from_above[i] = search->y[i] >= 0.0;
    }
    memcpy(vector_values(search->state), search->y, n_values(search) * sizeof(double));
    bool rests = flow_open(search, STEADY_MOVED / rate) == CV_SUCCESS && flow_follow(search, STEADY_MOVED / rate);
    CVodeFree(&search->cvode);
    bool finite = rates_at(search, search->y, search->rates); /* where it ended, for whoever is told */
    return (rests && finite) || search_faults(search, reterr);
}

/* ---- the slowest way back ---- */

/* u1 and u2 are M u0 and M u1, with M = (I - delta J)^-1, in the sizes of the states. The rate (real part) of the mode
 * of M with the largest factor mu, from the fit u2 = p u1 + q u0, so that mu^2 = p mu + q; iteration has turned u0 into
 * that mode, or that pair of modes. */
static double slowest_rate(const double *u0, const double *u1, const double *u2, size_t n, double delta)
{
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0, e = 0.0;
    for (size_t i = 0; i < n; i++) {
        a += u1[i] * u1[i];
        b += u1[i] * u0[i];
        c += u0[i] * u0[i];
        d += u2[i] * u1[i];
        e += u2[i] * u0[i];
    }
    double det = a * c - b * b, mu = d / a;
    if (det > 1e-12 * a * c) { /* not one mode, but two */
        double p = (d * c - e * b) / det, q = (a * e - b * d) / det, inside = 0.25 * p * p + q;
        if (inside < 0.0)
            return (1.0 - 0.5 * p / -q) / delta;
        mu = 0.5 * p + (p < 0.0 ? -sqrt(inside) : sqrt(inside));
    }
    return (1.0 - 1.0 / mu) / delta;
}

/* M step, and the lane's values in the sizes of the states. */
static void slow_step(SteadySearch *search, double *ret_lanes)
{
    lu_solve(search->linear->lu, search->linear->loops, search->ode->width, search->linear->system, search->step);
    size_t n = search->ode->n_states;
    for (size_t i = 0; i < n_values(search); i++)
        ret_lanes[(i % search->ode->width) * n + state_of(search, i)] = search->step[i] / size_of(search, i);
}

/* So that nothing underflows on the way. */
static void slow_normalise(SteadySearch *search)
{
    for (size_t lane = 0; lane < search->ode->width; lane++) {
        double most = 0.0;
        for (size_t i = lane; i < n_values(search); i += search->ode->width)
            most = fmax(most, fabs(search->step[i]) / size_of(search, i));
        for (size_t i = lane; most > 0.0 && i < n_values(search); i += search->ode->width)
            search->step[i] /= most;
    }
}

/* Fills step with something of every mode: no two states are alike in it. */
static void step_seed(SteadySearch *search)
{
    double n = (double)search->ode->n_states;
    for (size_t i = 0; i < n_values(search); i++)
        search->step[i] = search->ode->steady[state_of(search, i)]
                              ? size_of(search, i) * (1.0 + (double)state_of(search, i) / n)
                              : 0.0;
}

static void report_slowest(Arena *arena, SteadySearch *search)
{
    const bool *steady = search->ode->steady;
    size_t n = search->ode->n_states;
    double *u[3];
    for (size_t k = 0; k < 3; k++)
        u[k] = NEW_ARRAY(arena, double, n_values(search));
    for (size_t lane = 0; lane < search->ode->width; lane++)
        search->report->time_constant[lane] = (double)NAN;
    if (!linear_build(search->linear, search->t, search->y, steady, false, 0.0))
        return; /* what is not known is not told */
    double delta = SPAN * shortest_time(search);
    if (!linear_factor(search->linear, search->t, search->y, steady, delta))
        return;
    step_seed(search);
    for (int i = 0; i < ITERATIONS; i++) {
        slow_step(search, u[0]);
        slow_normalise(search);
    }
    for (size_t k = 0; k < 3; k++)
        slow_step(search, u[k]);
    for (size_t lane = 0; lane < search->ode->width; lane++) {
        const double *mode = u[0] + lane * n;
        double rate = slowest_rate(mode, u[1] + lane * n, u[2] + lane * n, n, delta), most = -1.0;
        search->report->time_constant[lane] = fabs(rate) * CONSERVED * delta < 1.0 ? (double)INFINITY : -1.0 / rate;
        for (size_t state = 0; state < n; state++)
            if (fabs(mode[state]) > most) {
                most = fabs(mode[state]);
                search->report->slowest[lane] = (uint32_t)state;
            }
    }
}

bool steady_find(Solver *solver, const SolveTask *task, double t, double *y, SteadyReport *ret_report, Err *reterr)
{
    Arena *arena = solver->run_arena;
    const Ode *ode = solver->ode;
    size_t n = ode->n_states * ode->width;
    SteadySearch search = {.ode = ode,
                           .task = task,
                           .solver = solver,
                           .linear = solver->linear,
                           .t = t,
                           .state = vector_new(arena, solver->context, solver->loops, ode->n_states, ode->width),
                           .y = y,
                           .rates = NEW_LANES(arena, n),
                           .step = NEW_LANES(arena, n),
                           .kept = NEW_LANES(arena, n),
                           .before = NEW_LANES(arena, n),
                           .at_start = NEW_LANES(arena, n),
                           .from_above = NEW_ARRAY(arena, bool, n),
                           .report = ret_report};
    *ret_report = (SteadyReport){0};
    if (!rates_at(&search, y, search.rates))
        return search_faults(&search, reterr);
    if (!follow_flow(&search, reterr))
        return false;
    for (size_t i = 0; i < n; i++)
        ret_report->residual[i % ode->width] =
            fmax(ret_report->residual[i % ode->width], fabs(search.rates[i]) / size_of(&search, i));
    report_slowest(arena, &search);
    solver->fault.kind = FAULT_NONE;
    solver->message = (CompatMessage){{0}};
    return true;
}
