/* SPDX-License-Identifier: Apache-2.0
 *
 * Triggers: CVODE's root finding watches the numbers of all lanes. A root is where one crosses 0 upwards; whether that
 * fires is ours to say, since a number that is 0 but for rounding just after it fired crosses 0 again a moment later.
 */
#include "solve/solve_priv.h"

#include <math.h>

#include "solve/vector.h"

static size_t n_watched(const Run *run)
{
    return run->ode->n_triggers * LANES;
}

static void evaluate(const Run *run, double t, const double *y, double *ret_values)
{
    run->ode->triggers(run->ode->self, t, y, ret_values);
}

void triggers_start(Run *run)
{
    Triggers *triggers = &run->triggers;
    Arena *arena = run->solver->run_arena;
    if (run->ode->n_triggers == 0)
        return;
    triggers->armed = NEW_ARRAY(arena, bool, n_watched(run));
    triggers->values = NEW_LANES(arena, n_watched(run));
    triggers->roots = NEW_ARRAY(arena, int, n_watched(run));
    evaluate(run, run->t, vector_values(run->y), triggers->values);
    for (size_t i = 0; i < n_watched(run); i++)
        triggers->armed[i] = !(triggers->values[i] > 0.0);
}

static int cvode_roots(sunrealtype t, N_Vector y, sunrealtype *ret_values, void *user_data)
{
    const Run *run = user_data;
    evaluate(run, t, vector_values(y), ret_values);
    for (size_t i = 0; i < n_watched(run); i++)
        if (!isfinite(ret_values[i]))
            ret_values[i] = -1.0; /* no condition that cannot be told begins to hold */
    return 0;
}

int triggers_watch(Run *run)
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

static bool all_armed(const Run *run)
{
    for (size_t i = 0; i < n_watched(run); i++)
        if (!run->triggers.armed[i])
            return false;
    return true;
}

/* The numbers a moment later, a thousandth of the last step: at a root itself they are 0 but for rounding, and say
 * nothing. */
static void evaluate_later(Run *run)
{
    double *y = vector_values(run->y), *later = vector_values(run->inside), step = 0.0;
    if (run->cvode == NULL || CVodeGetLastStep(run->cvode, &step) != CV_SUCCESS)
        step = 0.0;
    step *= 1e-3;
    run->ode->rates(run->ode->self, run->t, y, later);
    for (size_t i = 0; i < run->ode->n_states * LANES; i++)
        later[i] = y[i] + step * later[i];
    evaluate(run, run->t + step, later, run->triggers.values);
}

/* Those that CVODE has stopped at. A condition that does not hold a moment later does not begin to hold: the error of
 * the states has made that root. */
static void roots_of_cvode(Run *run)
{
    Triggers *triggers = &run->triggers;
    if (CVodeGetRootInfo(run->cvode, triggers->roots) != CV_SUCCESS)
        return;
    evaluate_later(run);
    for (size_t i = 0; i < n_watched(run); i++)
        triggers->roots[i] = triggers->roots[i] > 0 && triggers->values[i] > 0.0;
}

bool triggers_begin(Run *run, bool at_root)
{
    Triggers *triggers = &run->triggers;
    bool begins = false;
    if (run->ode->n_triggers == 0)
        return false;
    memset(triggers->roots, 0, n_watched(run) * sizeof *triggers->roots);
    if (at_root)
        roots_of_cvode(run);
    evaluate(run, run->t, vector_values(run->y), triggers->values);
    for (size_t i = 0; i < n_watched(run); i++) {
        bool holds = triggers->values[i] > 0.0;
        triggers->roots[i] = triggers->armed[i] && (triggers->roots[i] || (holds && !at_root));
        triggers->armed[i] = triggers->armed[i] || !holds;
        begins = begins || triggers->roots[i] != 0;
    }
    return begins;
}

/* Fires each trigger with a root, in the order of the triggers; those that fire are armed no more. */
static void fire_roots(Run *run)
{
    Triggers *triggers = &run->triggers;
    for (size_t trigger = 0; trigger < run->ode->n_triggers; trigger++) {
        bool lanes[LANES], any = false;
        for (size_t lane = 0; lane < LANES; lane++) {
            size_t i = trigger * LANES + lane;
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

/* The armed triggers whose condition holds now, be it by an event: they have roots. */
static bool find_roots(Run *run)
{
    Triggers *triggers = &run->triggers;
    bool any = false;
    evaluate(run, run->t, vector_values(run->y), triggers->values);
    for (size_t i = 0; i < n_watched(run); i++) {
        triggers->roots[i] = triggers->armed[i] && triggers->values[i] > 0.0;
        any = any || triggers->roots[i] != 0;
    }
    return any;
}

static void arm_after(Run *run)
{
    Triggers *triggers = &run->triggers;
    evaluate_later(run);
    for (size_t i = 0; i < n_watched(run); i++)
        triggers->armed[i] = triggers->armed[i] || !(triggers->values[i] > 0.0);
}

bool triggers_fire(Run *run, bool at_root, Err *reterr)
{
    const Ode *ode = run->ode;
    if (ode->n_triggers == 0)
        return true;
    if (at_root)
        fire_roots(run);
    while (find_roots(run)) /* ends: what has fired is not armed */
        fire_roots(run);
    if (!fault_check(vector_values(run->y), ode->n_states, FAULT_EVENT, run->t, &run->solver->fault))
        return fault_set_err(&run->solver->fault, ode, run->task->n_lanes, reterr);
    if (!all_armed(run))
        arm_after(run);
    return true;
}
