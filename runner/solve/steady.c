/* SPDX-License-Identifier: Apache-2.0 */
#include "solve/steady.h"

#include <float.h>
#include <math.h>

#include "solve/vector.h"

/* Following the flow. Relative tolerance, and what counts as having moved; it is at rest when it has not moved for
 * AT_REST times as long as it took until it last did. BDF of order 2 at most: higher ones keep weakly damped
 * oscillations going. */
static const double FLOW_RTOL = 1e-4, MOVED = 1e-3, AT_REST = 1e4;
enum { FLOW_ORDER = 2 };
static const double RUNAWAY = 1e30; /* a state so many times its size at the start has no steady state */
enum { MOST_FLOW_STEPS = 20000, LEAST_FLOW_STEPS = 20 };

/* Polishing. Steady when QUIET_STEPS on end, each ten times as long as the one before, change less than a thousandth of
 * the integrator's relative tolerance: then no rate is left that time could add up. A polished state that is far from
 * where the flow ended is another one. */
static const double GROWTH = 10.0, QUIET_SHARE = 1e-3, QUIET_LEAST = 1e-13, FAR = 0.1;
enum { QUIET_STEPS = 5, MOST_POLISH_STEPS = 100 };

/* The slowest way back. delta is so many times the shortest time constant; a mode as slow as CONSERVED times that is
 * none: something is conserved. */
static const double SPAN = 1e6, CONSERVED = 1e9;
enum { ITERATIONS = 60 };

typedef struct Search {
    const Ode *ode;
    const SolveTask *task;
    Solver *solver;
    Linear *linear;
    double t;
    void *cvode;
    N_Vector state;              /* CVODE's */
    double *y;                   /* [n_states][LANES], the caller's */
    double *rates, *step, *kept; /* [n_states][LANES] */
    SteadyReport *report;
} Search;

static size_t n_values(const Search *search)
{
    return search->ode->n_states * LANES;
}

/* Of a state in a lane: what its changes are measured by. As the error weights, over rtol. */
static double size_of(const Search *search, size_t value)
{
    return fabs(search->y[value]) + search->task->atol[value / LANES] / search->task->rtol;
}

/* The largest change of a steady state in any lane, relative to its size; NaN when one is. */
static double largest(const Search *search, const double *changes)
{
    double most = 0.0;
    for (size_t i = 0; i < n_values(search); i++) {
        double relative = fabs(changes[i]) / size_of(search, i);
        if (search->ode->steady[i / LANES] && !(relative <= most))
            most = relative;
    }
    return most;
}

static bool rates_at(const Search *search, const double *y, double *ret_rates)
{
    const Ode *ode = search->ode;
    ode->rates(ode->self, search->t, y, ret_rates);
    for (size_t i = 0; i < n_values(search); i++)
        ret_rates[i] = ode->steady[i / LANES] ? ret_rates[i] : 0.0;
    return fault_check(ret_rates, ode->n_states, FAULT_RATE, search->t, search->linear->fault);
}

/* ---- failing ---- */

static bool search_fails(const Search *search, Err *reterr)
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
    return err_set(reterr, ERR_SOLVE,
                   "no steady state was found in %u steps: '%s' is %g and still changes by %g per time%s",
                   search->report->steps, search->ode->state_names[worst / LANES], search->y[worst],
                   search->rates[worst], fault_animal(worst % LANES, search->task->n_lanes, animal));
}

static bool search_faults(const Search *search, Err *reterr)
{
    const Fault *fault = search->linear->fault;
    if (fault->kind != FAULT_NONE)
        return fault_set_err(fault, search->ode, search->task->n_lanes, reterr);
    return search_fails(search, reterr);
}

/* ---- 1. the flow ---- */

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
    const Search *search = user_data;
    *ret_current = !reuse;
    return linear_build(search->linear, search->t, vector_values(y), search->ode->steady, reuse != 0, gamma) ? 0 : 1;
}

static int flow_weights(N_Vector y, N_Vector weights, void *user_data)
{
    const Search *search = user_data;
    for (size_t i = 0; i < n_values(search); i++)
        vector_values(weights)[i] =
            1.0 / (FLOW_RTOL * (fabs(vector_values(y)[i]) + search->task->atol[i / LANES] / search->task->rtol));
    return 0;
}

static int flow_open(Search *search, double first_step)
{
    search->cvode = CVodeCreate(CV_BDF, search->solver->context);
    if (search->cvode == NULL)
        return CV_MEM_FAIL;
    int flag = compat_catch_messages(search->cvode, &search->solver->message);
    if (flag == CV_SUCCESS)
        flag = CVodeInit(search->cvode, flow_rates, 0.0, search->state);
    if (flag == CV_SUCCESS)
        flag = CVodeSetUserData(search->cvode, search);
    if (flag == CV_SUCCESS)
        flag = CVodeWFtolerances(search->cvode, flow_weights);
    if (flag == CV_SUCCESS)
        flag = CVodeSetLinearSolver(search->cvode, search->linear->solver, search->linear->matrix);
    if (flag == CV_SUCCESS)
        flag = CVodeSetLinSysFn(search->cvode, flow_system);
    if (flag == CV_SUCCESS)
        flag = CVodeSetMaxOrd(search->cvode, FLOW_ORDER);
    return flag == CV_SUCCESS ? CVodeSetInitStep(search->cvode, first_step) : flag;
}

static bool runs_away(const Search *search, const double *at_start)
{
    for (size_t i = 0; i < n_values(search); i++)
        if (search->ode->steady[i / LANES] && !(fabs(search->y[i]) <= RUNAWAY * at_start[i]))
            return true;
    return false;
}

/* Steps until nothing moves. *ret_step is the last one. False when it does not come to rest. */
static bool flow_follow(Search *search, double first_step, const double *at_start, double *ret_step)
{
    double t = 0.0, moved_at = first_step;
    memcpy(search->kept, search->y, n_values(search) * sizeof(double));
    for (int i = 0; i < MOST_FLOW_STEPS; i++) {
        if (CVode(search->cvode, DBL_MAX, search->state, &t, CV_ONE_STEP) < 0)
            return false;
        search->report->steps++;
        search->linear->fault->kind = FAULT_NONE;
        memcpy(search->y, vector_values(search->state), n_values(search) * sizeof(double));
        if (runs_away(search, at_start))
            return false;
        for (size_t k = 0; k < n_values(search); k++)
            search->step[k] = search->y[k] - search->kept[k];
        if (largest(search, search->step) > MOVED) {
            moved_at = t;
            memcpy(search->kept, search->y, n_values(search) * sizeof(double));
        }
        if (i >= LEAST_FLOW_STEPS && t >= AT_REST * moved_at)
            return CVodeGetLastStep(search->cvode, ret_step) == CV_SUCCESS;
    }
    return false;
}

static bool follow_flow(Search *search, Arena *arena, double *ret_step, Err *reterr)
{
    double rate = largest(search, search->rates), *at_start = NEW_LANES(arena, n_values(search));
    *ret_step = 1.0;
    if (!(rate > 0.0))
        return true; /* at rest to the bit */
    for (size_t i = 0; i < n_values(search); i++)
        at_start[i] = size_of(search, i);
    memcpy(vector_values(search->state), search->y, n_values(search) * sizeof(double));
    bool rests = flow_open(search, MOVED / rate) == CV_SUCCESS && flow_follow(search, MOVED / rate, at_start, ret_step);
    CVodeFree(&search->cvode);
    bool finite = rates_at(search, search->y, search->rates); /* where it ended, for whoever is told */
    return (rests && finite) || search_faults(search, reterr);
}

/* ---- 2. polishing ---- */

/* One step of the implicit Euler method; false, and nothing changed, when its end is no state. */
static bool polish_step(Search *search, double delta, double *ret_change)
{
    size_t n = n_values(search);
    if (!linear_factor(search->linear, search->t, search->y, search->ode->steady, delta))
        return false;
    for (size_t i = 0; i < n; i++)
        search->step[i] = delta * search->rates[i];
    lu_solve(search->linear->lu, search->linear->system, search->step);
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

static bool polish(Search *search, double delta, Err *reterr)
{
    unsigned quiet = 0;
    double limit = fmax(QUIET_SHARE * search->task->rtol, QUIET_LEAST), change;
    memcpy(search->kept, search->y, n_values(search) * sizeof(double));
    for (unsigned i = 0; i < MOST_POLISH_STEPS && quiet < QUIET_STEPS; i++) {
        bool stepped = polish_step(search, delta, &change);
        search->report->steps++;
        quiet = stepped && change <= limit ? quiet + 1 : 0;
        delta *= stepped ? GROWTH : 1.0 / (GROWTH * GROWTH);
    }
    search->linear->fault->kind = FAULT_NONE;
    for (size_t i = 0; i < n_values(search); i++)
        search->step[i] = search->y[i] - search->kept[i];
    return (quiet == QUIET_STEPS && largest(search, search->step) <= FAR) || search_fails(search, reterr);
}

/* ---- 3. the slowest way back ---- */

/* delta: SPAN times the shortest time constant, as the largest entry of J in the sizes of the states tells it. */
static double span_of(const Search *search)
{
    const Ode *ode = search->ode;
    double fastest = 0.0;
    for (size_t entry = 0; entry < ode->n_entries; entry++)
        for (size_t lane = 0; ode->steady[ode->rows[entry]] && lane < LANES; lane++) {
            double row = size_of(search, ode->rows[entry] * LANES + lane);
            double column = size_of(search, ode->columns[entry] * LANES + lane);
            fastest = fmax(fastest, fabs(search->linear->jacobian[entry * LANES + lane]) * column / row);
        }
    return fastest > 0.0 ? SPAN / fastest : 1.0;
}

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
static void slow_step(Search *search, double *ret_lanes)
{
    lu_solve(search->linear->lu, search->linear->system, search->step);
    size_t n = search->ode->n_states;
    for (size_t i = 0; i < n_values(search); i++)
        ret_lanes[(i % LANES) * n + i / LANES] = search->step[i] / size_of(search, i);
}

/* So that nothing underflows on the way. */
static void slow_normalise(Search *search)
{
    for (size_t lane = 0; lane < LANES; lane++) {
        double most = 0.0;
        for (size_t i = lane; i < n_values(search); i += LANES)
            most = fmax(most, fabs(search->step[i]) / size_of(search, i));
        for (size_t i = lane; most > 0.0 && i < n_values(search); i += LANES)
            search->step[i] /= most;
    }
}

/* Fills step with something of every mode: no two states are alike in it. */
static void step_seed(Search *search)
{
    double n = (double)search->ode->n_states;
    for (size_t i = 0; i < n_values(search); i++)
        search->step[i] = search->ode->steady[i / LANES] ? size_of(search, i) * (1.0 + (double)(i / LANES) / n) : 0.0;
}

static void report_slowest(Search *search, Arena *arena)
{
    size_t n = search->ode->n_states;
    double *u[3], delta = span_of(search);
    for (size_t k = 0; k < 3; k++)
        u[k] = NEW_ARRAY(arena, double, n_values(search));
    for (size_t lane = 0; lane < LANES; lane++)
        search->report->time_constant[lane] = (double)NAN;
    if (!linear_factor(search->linear, search->t, search->y, search->ode->steady, delta))
        return; /* what is not known is not told */
    step_seed(search);
    for (int i = 0; i < ITERATIONS; i++) {
        slow_step(search, u[0]);
        slow_normalise(search);
    }
    for (size_t k = 0; k < 3; k++)
        slow_step(search, u[k]);
    for (size_t lane = 0; lane < LANES; lane++) {
        const double *mode = u[0] + lane * n;
        double rate = slowest_rate(mode, u[1] + lane * n, u[2] + lane * n, n, delta), most = -1.0;
        search->report->time_constant[lane] = fabs(rate) * CONSERVED * delta < 1.0 ? INFINITY : -1.0 / rate;
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
    size_t n = ode->n_states * LANES;
    Search search = {.ode = ode,
                     .task = task,
                     .solver = solver,
                     .linear = solver->linear,
                     .t = t,
                     .state = vector_new(arena, solver->context, ode->n_states),
                     .y = y,
                     .rates = NEW_LANES(arena, n),
                     .step = NEW_LANES(arena, n),
                     .kept = NEW_LANES(arena, n),
                     .report = ret_report};
    double last_step;
    *ret_report = (SteadyReport){0};
    if (!rates_at(&search, y, search.rates))
        return search_faults(&search, reterr);
    if (!follow_flow(&search, arena, &last_step, reterr) || !polish(&search, last_step, reterr))
        return false;
    for (size_t i = 0; i < n; i++)
        ret_report->residual[i % LANES] =
            fmax(ret_report->residual[i % LANES], fabs(search.rates[i]) / size_of(&search, i));
    report_slowest(&search, arena);
    solver->fault.kind = FAULT_NONE;
    solver->message = (CompatMessage){{0}};
    return true;
}
