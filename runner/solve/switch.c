/* SPDX-License-Identifier: Apache-2.0
 *
 * Integrates a segment (from one event to the next) in legs, and holds the conditions in the rates constant within a
 * leg. All moving lanes restart at the beginning of a leg. A leg ends when no lane is moving any more, or PATIENCE
 * steps after the first lane began to wait.
 *
 *   1. lanes          2. conditions          3. outputs          4. a leg          5. a segment
 *
 * over budget: what a lane does at its own time goes through all five; parted, a dozen helpers would be public.
 */
#include "solve/solve_priv.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "solve/vector.h"

/* Steps that a waiting lane is left alone: about as many as a restart costs (70 on openbonemin-2017 at rtol 1e-8), so
 * that waiting costs at most as much again as restarting at once. Measured: tests/bench/README.md. */
enum { PATIENCE = 100 };

/* Times that a lane may wait in one segment. One that slides along a condition changes it at every step. */
enum { MAX_WAITS = 200 };

/* A condition that changed and moves no state by more than this share of what it may err in one step goes on without
 * a restart: states that are 0 but for rounding change sign at any time. */
static const double INSIGNIFICANT = 0.1;

/* The weight of a lane that is not under way: its errors do not count, and 1 / weight is a number for CVODE. */
static const double NO_WEIGHT = 1e-150;

/* ---- 1. Lanes ---- */

/* The lanes after the last one in use repeat it. */
static size_t lanes_like(const Integrator *run, size_t lane)
{
    return lane + 1 == run->task->n_lanes ? run->ode->width : lane + 1;
}

static bool under_way(const Switches *switches, size_t lane)
{
    return switches->keep[lane] != 0;
}

static bool any_under_way(const Integrator *run)
{
    bool any = false;
    for (size_t lane = 0; lane < run->ode->width; lane++)
        any = any || under_way(&run->switches, lane);
    return any;
}

static void copy_lane(const Integrator *run, double *to, const double *from, size_t n, size_t lane)
{
    for (size_t i = lane; i < n * run->ode->width; i += run->ode->width)
        to[i] = from[i];
}

static void set_under_way(Integrator *run, size_t lane, bool is)
{
    Switches *switches = &run->switches;
    switches->keep[lane] = is ? -1 : 0;
    switches->idle = false;
    for (size_t other = 0; other < run->ode->width; other++)
        switches->idle = switches->idle || !under_way(switches, other);
    run->solver->linear->keep = switches->idle ? switches->keep : NULL;
}

void switches_mask_rates(const Integrator *run, double *rates)
{
    if (run->switches.idle)
        run->solver->loops->keep(run->ode->n_states, run->ode->width, run->switches.keep, rates);
}

void switches_mask_weights(const Integrator *run, double *weights)
{
    size_t width = run->ode->width;
    for (size_t lane = 0; run->switches.idle && lane < width; lane++)
        for (size_t i = lane; !under_way(&run->switches, lane) && i < run->ode->n_states * width; i += width)
            weights[i] = NO_WEIGHT;
}

/* y at a time of the integrator inside its last step goes to run->inside, if it is not there. */
static bool interpolate(Integrator *run, double t, Err *reterr)
{
    double *at = &run->switches.inside_at;
    if (is_exactly(*at, t))
        return true;
    int flag = CVodeGetDky(run->cvode, fmin(t, run->t), 0, run->inside);
    *at = t;
    return flag == CV_SUCCESS || integrator_fail(run, flag, reterr);
}

/* ---- 2. Conditions ---- */

/* Above 0 as far as no condition of the lane has changed. */
static double margin(const Integrator *run, const double *root_values, size_t lane)
{
    const Switches *switches = &run->switches;
    double least = INFINITY;
    for (size_t i = 0; i < run->ode->n_root_functions; i++) {
        double number = root_values[i * run->ode->width + lane];
        least = fmin(least, switches->held[i * run->ode->width + lane] > 0.0 ? number : -number);
    }
    return least;
}

/* Not in a lane whose numbers are none: it keeps its conditions. */
static bool has_changed(const Integrator *run, const double *root_values, size_t lane)
{
    bool changed = false;
    for (size_t i = 0; i < run->ode->n_root_functions; i++) {
        double number = root_values[i * run->ode->width + lane];
        bool held = run->switches.held[i * run->ode->width + lane] > 0.0;
        changed = changed || (held ? number <= 0.0 : number > 0.0);
    }
    return changed;
}

/* At almost all steps none has: in one pass over all lanes, those that are not under way included. */
static bool any_differs(const Integrator *run)
{
    const double *held = run->switches.held, *root_values = run->ode->root_values;
    int differs = 0;
    for (size_t i = 0; i < run->ode->n_root_functions * run->ode->width; i++)
        differs |= (root_values[i] > 0.0) != (held[i] > 0.0);
    return differs != 0;
}

/* Whether any of the lane's is another than before. */
static bool decide(const Integrator *run, const double *root_values, size_t lane, double *held)
{
    bool changed = false;
    for (size_t i = lane; i < run->ode->n_root_functions * run->ode->width; i += run->ode->width) {
        bool holds = root_values[i] > 0.0;
        changed = changed || holds != (held[i] > 0.0);
        held[i] = holds ? 1.0 : 0.0;
    }
    return changed;
}

static void hold(const Integrator *run, const double *held)
{
    run->ode->hold(run->ode->self, held, run->switches.ahead);
}

/* A branch that is held may hide what is not a number, as that of max(a, 0) where a is none. The rates as they are
 * tell, for numbers may be none in a branch that is not taken, too. Leaves the conditions held. */
static bool rates_are_numbers(Integrator *run, Err *reterr)
{
    const Switches *switches = &run->switches;
    const Ode *ode = run->ode;
    double *rates = switches->scratch[0];
    const double *y = vector_values(run->y);
    ode->hold(ode->self, NULL, switches->ahead);
    ode->rates(ode->self, run->t, y, rates);
    hold(run, switches->held);
    switches_mask_rates(run, rates);
    return fault_check(run->solver->loops, ode, rates, (Fault){.kind = FAULT_RATE, .t = run->t}, y,
                       &run->solver->fault) ||
           solver_fail(run->solver, reterr);
}

/* What the conditions of some lanes are at run->t, y. One may stand inside a branch of another, and change when that
 * one does: as many passes as there are at most. Leaves them held. */
static void decide_all(Integrator *run, const bool lanes[LANES], double *held)
{
    double *root_values = run->switches.root_values;
    bool changed = true;
    hold(run, held);
    for (size_t pass = 0; changed && pass <= run->ode->n_root_functions; pass++) {
        run->ode->root_functions(run->ode->self, run->t, vector_values(run->y), root_values);
        changed = false;
        for (size_t lane = 0; lane < run->ode->width; lane++)
            changed = (lanes[lane] && decide(run, root_values, lane, held)) || changed;
        if (changed)
            hold(run, held);
    }
}

/* The rates with the conditions of `changed` lanes as they have become: does that move a state noticeably within a
 * step? Those that it does not keep the new ones, and are not `changed` any more. */
static bool drop_insignificant(Integrator *run, bool changed[LANES], Err *reterr)
{
    Switches *switches = &run->switches;
    const Ode *ode = run->ode;
    double *before = switches->scratch[0], *after = switches->scratch[1], step;
    ode->rates(ode->self, run->t, vector_values(run->y), before);
    memcpy(switches->flipped, switches->held, ode->n_root_functions * ode->width * sizeof(double));
    decide_all(run, changed, switches->flipped);
    ode->rates(ode->self, run->t, vector_values(run->y), after);
    int flag = CVodeGetErrWeights(run->cvode, run->inside);
    switches->inside_at = (double)NAN;
    if (flag == CV_SUCCESS)
        flag = CVodeGetLastStep(run->cvode, &step);
    if (flag != CV_SUCCESS)
        return integrator_fail(run, flag, reterr);
    const double *weights = vector_values(run->inside);
    for (size_t lane = 0; lane < ode->width; lane++) {
        bool moves = false; /* what is not a number does */
        for (size_t i = lane; changed[lane] && i < ode->n_states * ode->width; i += ode->width)
            moves = moves || !(fabs((after[i] - before[i]) * step * weights[i]) < INSIGNIFICANT);
        if (!changed[lane] || moves)
            continue;
        changed[lane] = false;
        copy_lane(run, switches->held, switches->flipped, ode->n_root_functions, lane);
    }
    hold(run, switches->held);
    return true;
}

/* Numbers at a time inside the last step, and what of them counts for a lane. */
static bool switch_look(Integrator *run, size_t lane, double t, double *ret_root_values, double *ret_margin,
                        Err *reterr)
{
    if (!interpolate(run, t, reterr))
        return false;
    run->ode->root_functions(run->ode->self, t, vector_values(run->inside), ret_root_values);
    *ret_margin = margin(run, ret_root_values, lane);
    return true;
}

/* A condition on time changes in all lanes at once: where the last lane's did, so may this one's. */
static bool change_is_there(const Integrator *run, size_t lane, double low, double high)
{
    const SwitchChange *last = &run->switches.change;
    return last->found && last->low >= low && last->high <= high && !has_changed(run, last->before, lane) &&
           has_changed(run, last->after, lane);
}

/* Narrows (change->low, change->high] to the first time at which a condition of the lane has changed, if one has in
 * it. False position with halved ends (Illinois; Dowell & Jarratt 1971, doi:10.1007/BF01934364), and a halving every
 * third time: a number that is 0 but for rounding hides how far the others are from 0. */
static bool find_change(Integrator *run, size_t lane, SwitchChange *change, Err *reterr)
{
    enum { MOST = 200 }; /* 60 halvings are among them; a dozen of both kinds is usual */
    double least = 4.0 * DBL_EPSILON * fmax(fabs(change->low), fabs(change->high));
    double at_low, at_high, at;
    int side = 0;
    if (!switch_look(run, lane, change->low, change->before, &at_low, reterr) ||
        !switch_look(run, lane, change->high, change->after, &at_high, reterr))
        return false;
    change->found = has_changed(run, change->after, lane);
    for (unsigned n = 0; change->found && change->high - change->low > least && n < MOST; n++) {
        double *root_values = run->switches.root_values, share = n % 3 == 2 ? 0.5 : at_low / (at_low - at_high);
        double t = change->low + (share > 0.0 && share < 1.0 ? share : 0.5) * (change->high - change->low);
        t = fmin(fmax(t, change->low + 0.5 * least), change->high - 0.5 * least);
        if (!switch_look(run, lane, t, root_values, &at, reterr))
            return false;
        bool changed = has_changed(run, root_values, lane);
        double **own = changed ? &change->after : &change->before;
        run->switches.root_values = *own;
        *own = root_values;
        at_low *= changed && side > 0 ? 0.5 : 1.0;
        at_high *= !changed && side < 0 ? 0.5 : 1.0;
        side = changed ? 1 : -1;
        *(changed ? &change->high : &change->low) = t;
        *(changed ? &at_high : &at_low) = at;
    }
    return true;
}

/* ---- 3. Outputs ---- */

/* The time of an output that belongs to this segment; INFINITY: there is no such output. */
static double output_time(const Integrator *run, size_t index)
{
    const Switches *switches = &run->switches;
    if (index == run->task->n_times)
        return INFINITY;
    double time = run->task->times[index];
    bool at_end = time >= switches->end || solve_same_time(time, switches->end);
    return at_end && switches->event_at_end ? (double)INFINITY : time;
}

/* Derivatives of y at run->t, from which all lanes' polynomials are evaluated, each at a time of its own. */
static bool find_derivatives(Integrator *run, size_t *ret_terms, Err *reterr)
{
    Switches *switches = &run->switches;
    int order = 0, flag = CVodeGetLastOrder(run->cvode, &order);
    for (int k = 0; flag == CV_SUCCESS && k <= order; k++)
        flag = CVodeGetDky(run->cvode, run->t, k, switches->derivatives[k]);
    *ret_terms = (size_t)order + 1;
    return flag == CV_SUCCESS || integrator_fail(run, flag, reterr);
}

/* Which lanes have an output to come by where they leave, when by their own clocks, and how far from run->t it lies. */
static bool outputs_due(const Integrator *run, const double leave[LANES], bool due[LANES], double clocks[LANES],
                        double dt[LANES])
{
    const Switches *switches = &run->switches;
    bool any = false;
    for (size_t lane = 0; lane < run->ode->width; lane++) {
        double time = output_time(run, switches->next_time[lane]), t = time - switches->ahead[lane];
        double last = fmin(leave[lane], run->t);
        due[lane] = under_way(switches, lane) && isfinite(t) && (t <= last || solve_same_time(t, last));
        clocks[lane] = due[lane] ? time : 0.0;
        dt[lane] = due[lane] ? t - run->t : 0.0;
        any = any || due[lane];
    }
    return any;
}

/* The outputs of lanes under way up to where each is to leave: one of each lane at a time, each at its own time. */
static bool write_outputs(Integrator *run, const double leave[LANES], Err *reterr)
{
    Switches *switches = &run->switches;
    const Ode *ode = run->ode;
    const double *derivatives[MAX_DERIVATIVES];
    double clocks[LANES], dt[LANES];
    bool due[LANES] = {false};
    size_t terms = 0;
    while (outputs_due(run, leave, due, clocks, dt)) {
        if (terms == 0 && !find_derivatives(run, &terms, reterr))
            return false;
        for (size_t k = 0; k < terms; k++)
            derivatives[k] = vector_values(switches->derivatives[k]);
        run->solver->loops->taylor(ode->n_states, ode->width, terms, derivatives, dt, switches->scratch[0]);
        ode->hold(ode->self, switches->held, clocks);
        ode->outputs(ode->self, 0.0, switches->scratch[0], switches->outputs);
        for (size_t lane = 0; lane < ode->width; lane++)
            if (due[lane]) {
                size_t row = switches->next_time[lane]++ * ode->n_outputs * ode->width;
                copy_lane(run, run->outputs + row, switches->outputs, ode->n_outputs, lane);
            }
    }
    if (terms > 0)
        hold(run, switches->held);
    return true;
}

/* ---- 4. A leg ---- */

static bool begin_leg(Integrator *run, double *ret_aim, Err *reterr)
{
    Switches *switches = &run->switches;
    double first = INFINITY, least_ahead = INFINITY;
    for (size_t lane = 0; lane < run->ode->width; lane++) {
        set_under_way(run, lane, !switches->arrived[lane]);
        first = switches->arrived[lane] ? first : fmin(first, switches->at[lane]);
    }
    for (size_t lane = 0; lane < run->ode->width; lane++) {
        switches->ahead[lane] = switches->arrived[lane] ? 0.0 : switches->at[lane] - first;
        least_ahead = switches->arrived[lane] ? least_ahead : fmin(least_ahead, switches->ahead[lane]);
    }
    memcpy(vector_values(run->y), switches->waiting, run->ode->n_states * run->ode->width * sizeof(double));
    hold(run, switches->held);
    integrator_add_stats(run);
    run->t = first;
    *ret_aim = switches->end - least_ahead;
    int flag = CVodeReInit(run->cvode, run->t, run->y);
    if (flag == CV_SUCCESS)
        flag = CVodeSetStopTime(run->cvode, *ret_aim);
    return flag == CV_SUCCESS || integrator_fail(run, flag, reterr);
}

/* Where each lane leaves the step that began at `before`: INFINITY, it does not; because a condition changed, or
 * because it has come to the end of the segment. */
static bool find_leaves(Integrator *run, double before, double leave[LANES], bool changed[LANES], Err *reterr)
{
    Switches *switches = &run->switches;
    bool any = false, maybe = any_differs(run);
    size_t n_numbers = run->ode->n_root_functions * run->ode->width;
    if (!run->solver->loops->all_finite(n_numbers, run->ode->root_values) && !rates_are_numbers(run, reterr))
        return false;
    switches->inside_at = (double)NAN;
    for (size_t lane = 0; lane < run->ode->width; lane++) {
        double stop = switches->end - switches->ahead[lane];
        leave[lane] = under_way(switches, lane) && (stop <= run->t || solve_same_time(stop, run->t)) ? stop
                                                                                                     : (double)INFINITY;
        changed[lane] = maybe && under_way(switches, lane) && has_changed(run, run->ode->root_values, lane);
        any = any || changed[lane];
    }
    if (any && !drop_insignificant(run, changed, reterr))
        return false;
    SwitchChange *change = &switches->change;
    change->found = false;
    for (size_t lane = 0; lane < run->task->n_lanes; lane++) {
        double high = fmin(leave[lane], run->t);
        if (!changed[lane])
            continue;
        if (!change_is_there(run, lane, before, high)) {
            change->low = before;
            change->high = high;
            if (!find_change(run, lane, change, reterr))
                return false;
        }
        bool at_stop = isfinite(leave[lane]) &&
                       (change->high >= leave[lane] || solve_same_time(change->high, leave[lane]));
        for (size_t other = lane; other < lanes_like(run, lane); other++) {
            changed[other] = change->found && !at_stop; /* at the end of the segment all is decided anew */
            if (!changed[other])
                continue;
            leave[other] = change->high;
            (void)decide(run, change->after, other, switches->held);
        }
    }
    return true;
}

static bool leave_lanes(Integrator *run, const double leave[LANES], const bool changed[LANES], bool *ret_waits,
                        Err *reterr)
{
    Switches *switches = &run->switches;
    for (size_t lane = 0; lane < run->ode->width; lane++) {
        if (isinf(leave[lane]) || !under_way(switches, lane))
            continue;
        if (!interpolate(run, leave[lane], reterr))
            return false;
        copy_lane(run, switches->waiting, vector_values(run->inside), run->ode->n_states, lane);
        set_under_way(run, lane, false);
        switches->arrived[lane] = !changed[lane];
        switches->at[lane] = changed[lane] ? leave[lane] + switches->ahead[lane] : switches->end;
        *ret_waits = *ret_waits || changed[lane];
        if (changed[lane] && ++switches->n_waits[lane] > MAX_WAITS) /* who runs it again, with `hold` false, tells */
            return err_set(reterr, ERR_SOLVE, "a condition changes without end at t = %g", switches->at[lane]);
    }
    return true;
}

static bool switches_leg(Integrator *run, Err *reterr)
{
    Switches *switches = &run->switches;
    double aim, leave[LANES] = {0.0};
    bool changed[LANES] = {false}, waits = false;
    if (!begin_leg(run, &aim, reterr))
        return false;
    for (unsigned patience = PATIENCE; any_under_way(run) && patience > 0; patience -= waits) {
        double before = run->t;
        int flag;
        if (!integrator_step(run, aim, &flag, reterr) || !find_leaves(run, before, leave, changed, reterr) ||
            !write_outputs(run, leave, reterr) || !leave_lanes(run, leave, changed, &waits, reterr) ||
            !integrator_above_lower_bounds(run, switches->keep, FAILURE_RATE, reterr))
            return false;
    }
    for (size_t lane = 0; lane < run->ode->width; lane++)
        if (under_way(switches, lane)) {
            copy_lane(run, switches->waiting, vector_values(run->y), run->ode->n_states, lane);
            switches->at[lane] = run->t + switches->ahead[lane];
        }
    return true;
}

/* ---- 5. A segment ---- */

void switches_free(const Ode *ode)
{
    static const double together[LANES];
    if (ode->n_root_functions > 0)
        ode->hold(ode->self, NULL, together);
}

void switches_start(Integrator *run)
{
    Switches *switches = &run->switches;
    const Ode *ode = run->ode;
    Arena *arena = run->solver->run_arena;
    ASSERT(!run->task->hold || ode->n_triggers == 0);
    switches->used = run->task->hold && ode->n_root_functions > 0;
    if (!switches->used)
        return;
    switches->held = NEW_LANES(arena, ode->n_root_functions * ode->width);
    switches->root_values = NEW_LANES(arena, ode->n_root_functions * ode->width);
    switches->flipped = NEW_LANES(arena, ode->n_root_functions * ode->width);
    switches->change.before = NEW_LANES(arena, ode->n_root_functions * ode->width);
    switches->change.after = NEW_LANES(arena, ode->n_root_functions * ode->width);
    switches->waiting = NEW_LANES(arena, ode->n_states * ode->width);
    switches->outputs = NEW_LANES(arena, ode->n_outputs * ode->width);
    for (size_t k = 0; k < MAX_DERIVATIVES; k++)
        switches->derivatives[k] = N_VClone(run->y);
    for (size_t i = 0; i < ARRAY_LENGTH(switches->scratch); i++)
        switches->scratch[i] = NEW_LANES(arena, ode->n_states * ode->width);
}

static void begin_segment(Integrator *run)
{
    bool all[LANES] = {false};
    Switches *switches = &run->switches;
    const SolveTask *task = run->task;
    bool to_event = integrator_event_ahead(run);
    switches->event_at_end = to_event;
    switches->end = to_event ? task->event_times[run->next_event] : task->times[task->n_times - 1];
    for (size_t lane = 0; lane < run->ode->width; lane++) {
        all[lane] = true;
        switches->at[lane] = run->t;
        switches->ahead[lane] = 0.0;
        switches->arrived[lane] = false;
        switches->n_waits[lane] = 0;
        switches->next_time[lane] = run->next_time;
    }
    memcpy(switches->waiting, vector_values(run->y), run->ode->n_states * run->ode->width * sizeof(double));
    decide_all(run, all, switches->held);
}

static void end_segment(Integrator *run)
{
    Switches *switches = &run->switches;
    for (size_t lane = 0; lane < run->ode->width; lane++) {
        ASSERT(switches->next_time[lane] == switches->next_time[0]); /* no lane lacks an output */
        set_under_way(run, lane, true);
    }
    switches_free(run->ode);
    run->t = switches->end;
    memcpy(vector_values(run->y), switches->waiting, run->ode->n_states * run->ode->width * sizeof(double));
    run->next_time = switches->next_time[0];
}

bool switches_segment(Integrator *run, Err *reterr)
{
    const Switches *switches = &run->switches;
    bool arrived = false;
    begin_segment(run);
    while (!arrived) {
        if (!switches_leg(run, reterr))
            return false;
        arrived = true;
        for (size_t lane = 0; lane < run->ode->width; lane++)
            arrived = arrived && switches->arrived[lane];
    }
    end_segment(run);
    return true;
}
