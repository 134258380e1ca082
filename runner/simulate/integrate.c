/* SPDX-License-Identifier: Apache-2.0
 *
 * Gives the integrator the equations of a batch, and integrates a batch from its start to its last measurement.
 */
#include <math.h>
#include <string.h>

#include "simulate/simulate_priv.h"

/* The limit of steps for an animal: MAX_STEPS, and STEPS_AN_EVENT more for each event, because an event restarts the
 * integrator. */
enum { MAX_STEPS = 500000, STEPS_AN_EVENT = 1000 };

/* The shortest limit of time in s that the integrator gets: it reads 0 as "no limit". */
static const double MIN_SOLVE_S = 1e-9;

/* ---- Equations ---- */

static void equations_initial(void *self, double t, double *ret_y)
{
    Worker *worker = self;
    system_lanes_eval(worker->lanes, TAPE_INITIAL, t, NULL, ret_y);
}

static void equations_rates(void *self, double t, const double *y, double *ret_rates)
{
    Worker *worker = self;
    if (worker->batch.held)
        system_lanes_held_rates(worker->lanes, t, y, ret_rates, worker->root_values);
    else
        system_lanes_eval(worker->lanes, TAPE_RATES, t, y, ret_rates);
}

static void equations_jacobian(void *self, double t, const double *y, double *ret_entries)
{
    Worker *worker = self;
    system_lanes_eval(worker->lanes, worker->batch.held ? TAPE_HELD_JACOBIAN : TAPE_JACOBIAN, t, y, ret_entries);
}

static void equations_hold(void *self, const double *held, const double ahead[LANES])
{
    Worker *worker = self;
    memcpy(worker->lanes->ahead, ahead, sizeof worker->lanes->ahead);
    worker->batch.held = held != NULL;
    double *switches = system_lanes_conditions(worker->lanes);
    size_t bytes = worker->system->n_root_functions * worker_width(worker) * sizeof(double);
    if (held == NULL || memcmp(switches, held, bytes) == 0)
        return;
    memcpy(switches, held, bytes);
    system_lanes_ready(worker->lanes);
}

static void equations_root_functions(void *self, double t, const double *y, double *ret_root_values)
{
    Worker *worker = self;
    system_lanes_eval(worker->lanes, TAPE_ROOT_FUNCTIONS, t, y, ret_root_values);
}

static void equations_outputs(void *self, double t, const double *y, double *ret_outputs)
{
    Worker *worker = self;
    system_lanes_eval(worker->lanes, TAPE_OUTPUTS, t, y, ret_outputs);
}

void integrate_connect(Worker *worker)
{
    const System *system = worker->system;
    Ode *ode = &worker->ode;
    ode->self = worker;
    ode->initial = equations_initial;
    ode->rates = equations_rates;
    ode->jacobian = equations_jacobian;
    ode->outputs = equations_outputs;
    ode->event = events_happen;
    ode->steady = system->steady;
    ode->n_triggers = system->n_triggers;
    ode->trigger_names = system->trigger_names;
    ode->inclusive = system->inclusive;
    ode->event_functions = events_functions;
    ode->fire = events_fire;
    ode->n_root_functions = system->n_root_functions;
    ode->hold = equations_hold;
    ode->root_values = worker->root_values;
    ode->root_functions = equations_root_functions;
}

/* ---- Integration ---- */

/* True when the batch has used up its time: no further integration of the batch is begun. */
static bool batch_is_late(const Worker *worker, Failure *ret_failure, Err *reterr)
{
    if (!(worker->animal_s > 0.0) || clock_seconds() < worker->batch.end_s)
        return false;
    *ret_failure = (Failure){.kind = FAILURE_LATE};
    (void)err_set(reterr, ERR_SOLVE, "not begun: the animals of its batch took more than %g s",
                  BATCH_SHARE * worker->animal_s);
    return true;
}

static bool solve_from(Worker *worker, const double *start, SolveTask *task, Integration *integration,
                       Failure *ret_failure, Err *reterr)
{
    if (batch_is_late(worker, ret_failure, reterr))
        return false;
    double left_s = worker->batch.end_s - clock_seconds();
    task->max_s = worker->animal_s > 0.0 ? fmax(fmin(worker->animal_s, left_s), MIN_SOLVE_S) : 0.0;
    worker->batch.fault_source = (FaultSource){0};
    events_stop_infusions(worker);
    events_set_slots(worker, start);
    bool done = solver_run(worker->solver, task, integration->outputs, &integration->stats, reterr);
    *ret_failure = solver_failure(worker->solver);
    return done;
}

/* A failure by the limit of time depends on the machine, not on the animal alone: the reason says so. */
static void integrate_explain(Worker *worker, const Failure *failure, Err *reterr)
{
    explain_failure(worker, failure, reterr);
    if (failure->kind == FAILURE_LATE)
        (void)err_note(reterr, "a limit of time, not of the model: it may get further when it is run again");
}

/* Integrates with the conditions in the rates held constant between their switches, where the rates have conditions.
 * If that fails, integrates again with conditions that are evaluated at each step. */
static bool solve_twice(Worker *worker, const double *start, SolveTask *task, Integration *integration,
                        Failure *ret_failure, Err *reterr)
{
    task->hold = worker->system->n_root_functions > 0 && worker->system->n_triggers == 0;
    bool done = solve_from(worker, start, task, integration, ret_failure, reterr);
    if (done || !task->hold || ret_failure->kind == FAILURE_LATE || ret_failure->kind == FAILURE_STOPPED)
        return done;
    task->hold = false;
    return solve_from(worker, start, task, integration, ret_failure, reterr);
}

bool integrate_lanes(Worker *worker, const BatchLanes *lanes, Integration *integration, Err *reterr)
{
    Arena *arena = worker->scratch; /* frees the events after each integration: years of treatment are a long list */
    arena_reset(arena);
    integration->stats = (SolveStats){0};
    Failure failure = {0};
    BatchEvents events = {0};
    bool done = false;
    if (!batch_is_late(worker, &failure, reterr)) { /* asked first, because the list of events takes time to make */
        const double *start = events_slots(arena, worker, lanes, -INFINITY);
        events_list(arena, worker, lanes, start, &events);
        double *event_times = NEW_ARRAY(arena, double, events.n);
        for (size_t i = 0; i < events.n; i++)
            event_times[i] = events.items[i].time;
        worker->batch.events = events.items;
        SolveTask task = {.t_start = worker->plan->start,
                          .n_events = events.n,
                          .event_times = event_times,
                          .n_times = worker->schedule.n_times,
                          .times = worker->schedule.times,
                          .rtol = worker->rtol,
                          .atol = worker->atol,
                          .max_steps = MAX_STEPS + STEPS_AN_EVENT * events.n,
                          .stop = worker->stop,
                          .ret_steady = integration->steady,
                          .n_lanes = lanes->n};
        done = solve_twice(worker, start, &task, integration, &failure, reterr);
    }
    worker->batch.stopped = failure.kind == FAILURE_STOPPED;
    integration->failed_lane = !failure.has_lane ? lanes->n : failure.lane < lanes->n ? failure.lane : lanes->n - 1;
    if (!done)
        integrate_explain(worker, &failure, reterr);
    return done;
}

Integration integration_new(Arena *arena, const Worker *worker)
{
    size_t n = worker->schedule.n_times * worker->system->n_outputs * worker_width(worker);
    return (Integration){.outputs = NEW_LANES(arena, n),
                         .steady = worker->system->steady != NULL ? NEW(arena, SteadyReport) : NULL};
}
