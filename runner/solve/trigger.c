/* SPDX-License-Identifier: Apache-2.0
 *
 * Triggers: CVODE's root finding watches the numbers of all lanes for the time at which one crosses 0 upwards, and so
 * do we inside each step, where one may come and go. Whether that fires is ours to say: a number that is 0 but for
 * rounding just after it fired crosses 0 again a moment later.
 */
#include "solve/solve_priv.h"

#include <float.h>
#include <math.h>

#include "solve/vector.h"

/* Points inside a step at which conditions are looked at. */
enum { SAMPLES = 8 };

/* What CVODE watches is never nearer to 0, nor so near that two of them multiplied are 0: by the sign of that product
 * it tells whether a number crossed 0, and at t = 0 it did not find the root of -DBL_MIN and 1e-22. */
#define ROOT_MIN 1e-150

/* Of a step that is 4 ulp of its time or longer, 60 are enough. */
enum { MAX_HALVINGS = 200 };

/* Triggers that set each other off at one moment, at most. */
enum { MAX_CASCADE = 1000 };

static size_t n_watched(const Integrator *run)
{
    return run->ode->n_triggers * run->ode->width;
}

static void trigger_evaluate(const Integrator *run, double t, const double *y, double *ret_values)
{
    run->ode->event_functions(run->ode->self, t, y, ret_values);
}

/* What is not a number does not hold. */
static bool holds(const Integrator *run, size_t watched, double value)
{
    ASSERT(run->ode->width > 0);
    return value > 0.0 || (run->ode->inclusive[watched / run->ode->width] && value >= 0.0);
}

void triggers_start(Integrator *run)
{
    Triggers *triggers = &run->triggers;
    Arena *arena = run->solver->run_arena;
    if (run->ode->n_triggers == 0)
        return;
    triggers->armed = NEW_ARRAY(arena, bool, n_watched(run));
    triggers->values = NEW_LANES(arena, n_watched(run));
    triggers->later = NEW_LANES(arena, n_watched(run));
    triggers->scratch = NEW_LANES(arena, run->ode->n_states * run->ode->width);
    triggers->roots = NEW_ARRAY(arena, int, n_watched(run));
    trigger_evaluate(run, run->t, vector_values(run->y), triggers->values);
    for (size_t i = 0; i < n_watched(run); i++)
        triggers->armed[i] = !holds(run, i, triggers->values[i]);
}

/* ---- where conditions begin to hold ---- */

/* Never 0, on which CVODE looks away or gives up: what holds is above it, what does not or is no number below. */
static int cvode_roots(sunrealtype t, N_Vector y, sunrealtype *ret_values, void *user_data)
{
    const Integrator *run = user_data;
    trigger_evaluate(run, t, vector_values(y), ret_values);
    for (size_t i = 0; i < n_watched(run); i++)
        ret_values[i] = holds(run, i, ret_values[i]) ? fmax(ret_values[i], ROOT_MIN)
                        : isfinite(ret_values[i])    ? fmin(ret_values[i], -ROOT_MIN)
                                                     : -1.0;
    return 0;
}

int triggers_watch(Integrator *run)
{
    if (run->ode->n_triggers == 0)
        return CV_SUCCESS;
    for (size_t i = 0; i < n_watched(run); i++)
        run->triggers.roots[i] = 1; /* upwards only */
    int flag = CVodeRootInit(run->cvode, (int)n_watched(run), cvode_roots);
    if (flag == CV_SUCCESS)
        flag = CVodeSetRootDirection(run->cvode, run->triggers.roots);
    if (flag == CV_SUCCESS)
        flag = CVodeSetNoInactiveRootWarn(run->cvode);
    return flag;
}

/* The numbers at t, y and a moment later, a thousandth of the last step: at a root itself they are 0 but for rounding,
 * and say nothing. */
static void evaluate_later(Integrator *run, double t, const double *y)
{
    double step = 0.0, *scratch = run->triggers.scratch;
    if (run->cvode == NULL || CVodeGetLastStep(run->cvode, &step) != CV_SUCCESS)
        step = 0.0;
    step *= 1e-3;
    run->ode->rates(run->ode->self, t, y, scratch);
    for (size_t i = 0; i < run->ode->n_states * run->ode->width; i++)
        scratch[i] = y[i] + step * scratch[i];
    trigger_evaluate(run, t + step, scratch, run->triggers.later);
}

/* The numbers at a time inside the last step; y goes to run->inside. */
static bool evaluate_inside(Integrator *run, double t, Err *reterr)
{
    int flag = CVodeGetDky(run->cvode, t, 0, run->inside);
    if (flag != CV_SUCCESS)
        return integrator_fail(run, flag, reterr);
    trigger_evaluate(run, t, vector_values(run->inside), run->triggers.values);
    return true;
}

/* Marks the armed conditions that hold by run->triggers.values. */
static bool mark_armed(Integrator *run)
{
    Triggers *triggers = &run->triggers;
    bool any = false;
    for (size_t i = 0; i < n_watched(run); i++) {
        triggers->roots[i] = triggers->armed[i] && holds(run, i, triggers->values[i]);
        any = any || triggers->roots[i] != 0;
    }
    return any;
}

/* None of the armed conditions holds at `low`, some do at `high`: *high becomes the first time at which one does. */
static bool trigger_narrow(Integrator *run, double low, double *high, Err *reterr)
{
    double lower_bounds = 4.0 * DBL_EPSILON *
                          fmax(fabs(low), fabs(*high)); /* a share of t would never end beside t = 0 */
    for (unsigned n = 0; *high - low > lower_bounds && n < MAX_HALVINGS; n++) {
        double middle = low + 0.5 * (*high - low);
        if (!evaluate_inside(run, middle, reterr))
            return false;
        *(mark_armed(run) ? high : &low) = middle;
    }
    return true;
}

/* Unmarks what does not hold a moment later either: the error of the states made it hold. */
static bool unmark_noise(Integrator *run, double t)
{
    Triggers *triggers = &run->triggers;
    bool any = false;
    evaluate_later(run, t, vector_values(run->inside));
    for (size_t i = 0; i < n_watched(run); i++) {
        triggers->roots[i] = triggers->roots[i] && holds(run, i, triggers->later[i]);
        any = any || triggers->roots[i] != 0;
    }
    return any;
}

/* Looks at (low, t] and, if a condition begins to hold there, goes back to that time. */
static bool triggers_look_at(Integrator *run, double low, double t, bool *ret_begins, Err *reterr)
{
    Triggers *triggers = &run->triggers;
    if (!evaluate_inside(run, t, reterr))
        return false;
    if (mark_armed(run)) {
        double high = t;
        if (!trigger_narrow(run, low, &high, reterr) || !evaluate_inside(run, high, reterr))
            return false;
        *ret_begins = mark_armed(run) && unmark_noise(run, high);
        if (*ret_begins) {
            run->t = high;
            N_VScale(1.0, run->inside, run->y);
            return true;
        }
        if (!evaluate_inside(run, t, reterr))
            return false;
    }
    for (size_t i = 0; i < n_watched(run); i++)
        triggers->armed[i] = triggers->armed[i] || !holds(run, i, triggers->values[i]);
    return true;
}

bool triggers_find_begin(Integrator *run, double before, bool *ret_begins, Err *reterr)
{
    *ret_begins = false;
    if (run->ode->n_triggers == 0)
        return true;
    double end = run->t, low = before;
    for (int i = 1; i <= SAMPLES && !*ret_begins; i++) {
        double t = i < SAMPLES ? before + (end - before) * i / SAMPLES : end;
        if (t > low && !triggers_look_at(run, low, t, ret_begins, reterr))
            return false;
        low = t;
    }
    return true;
}

/* ---- firing ---- */

/* Fires each marked trigger, in the order of the triggers; those that fire are armed no more. */
static void fire_marked(Integrator *run)
{
    Triggers *triggers = &run->triggers;
    for (size_t trigger = 0; trigger < run->ode->n_triggers; trigger++) {
        bool lanes[LANES] = {false}, any = false;
        for (size_t lane = 0; lane < run->ode->width; lane++) {
            size_t i = trigger * run->ode->width + lane;
            lanes[lane] = triggers->roots[i] != 0;
            any = any || lanes[lane];
            triggers->armed[i] = triggers->armed[i] && !lanes[lane];
        }
        if (!any)
            continue;
        run->ode->fire(run->ode->self, trigger, run->t, lanes, vector_values(run->y));
        triggers->n_fired++;
        triggers->last = trigger;
    }
}

/* After y was changed: arms those whose condition that made false, marks those that hold. */
static bool trigger_settle(Integrator *run)
{
    Triggers *triggers = &run->triggers;
    trigger_evaluate(run, run->t, vector_values(run->y), triggers->later);
    for (size_t i = 0; i < n_watched(run); i++) {
        double now = triggers->later[i], then = triggers->values[i];
        bool changed = now < then || now > then;
        triggers->armed[i] = triggers->armed[i] || (changed && !holds(run, i, now));
        triggers->values[i] = now;
    }
    return mark_armed(run);
}

/* Names the first lane in which some still fire. */
static bool cascade_fails(Integrator *run, Err *reterr)
{
    size_t i = 0;
    while (run->triggers.roots[i] == 0)
        i++;
    run->solver->failure = (Failure){.kind = FAILURE_CASCADE,
                                     .has_lane = true,
                                     .lane = i % run->ode->width,
                                     .trigger = run->triggers.last,
                                     .t = run->t};
    char at[FAULT_TIME];
    return err_set(reterr, ERR_SOLVE, "events set each other off without end at %s, '%s' among them",
                   fault_show_time(run->ode, run->t, at), run->ode->trigger_names[run->triggers.last]);
}

bool triggers_fire(Integrator *run, bool begun, Err *reterr)
{
    const Ode *ode = run->ode;
    if (ode->n_triggers == 0)
        return true;
    if (begun)
        fire_marked(run);
    for (unsigned n = 0; trigger_settle(run); n++) {
        if (n == MAX_CASCADE)
            return cascade_fails(run, reterr);
        if (watch_expired(run->solver))
            return watch_fail(run->solver, run->t, reterr);
        fire_marked(run);
    }
    const double *y = vector_values(run->y);
    if (!fault_check(run->solver->loops, ode, y, (Fault){.kind = FAULT_EVENT, .t = run->t}, y, &run->solver->fault))
        return solver_fail(run->solver, reterr);
    return integrator_above_lower_bounds(run, NULL, FAILURE_EVENT, reterr);
}
