/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens and closes a worker: chooses the times at which it reads outputs, the tolerance of each state, the integrator.
 */
#include <math.h>
#include <string.h>

#include "simulate/simulate_priv.h"

/* Absolute tolerance = rtol * scale of the state * ABSOLUTE_SHARE: far below the values that rtol resolves, far above
 * rounding errors. */
static const double ABSOLUTE_SHARE = 1e-2;

double simulate_age_d(const Plan *plan, double time)
{
    double age = time * plan->model->days_per_time, microdays = rint(age * 1e6) / 1e6;
    return fabs(age - microdays) <= 1e-12 * fabs(age) ? microdays : age;
}

void worker_set_width(Worker *worker, size_t n_animals)
{
    worker->ode.width = lanes_width(n_animals);
    system_lanes_widen(worker->lanes, worker->ode.width);
}

/* Index of a time that the schedule contains. */
static size_t schedule_index(const Schedule *schedule, double time)
{
    size_t low = 0, high = schedule->n_times;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (schedule->times[middle] < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Inserts a time in its place. Few traits are decided once, so this is fast enough. */
static void schedule_insert(Schedule *schedule, double at)
{
    size_t place = schedule->n_times;
    while (place > 0 && schedule->times[place - 1] > at)
        place--;
    bool there = place > 0 && schedule->times[place - 1] >= at;
    if (isnan(at) || there)
        return;
    memmove(schedule->times + place + 1, schedule->times + place, (schedule->n_times - place) * sizeof(double));
    schedule->times[place] = at;
    schedule->n_times++;
}

static Schedule schedule_build(Arena *arena, const Plan *plan, const System *system)
{
    Schedule schedule = {.times = NEW_ARRAY(arena, double, plan->n_times + system->n_outputs),
                         .n_times = plan->n_times,
                         .measured = NEW_ARRAY(arena, size_t, plan->n_times),
                         .decided = NEW_ARRAY(arena, size_t, system->n_outputs)};
    double *ages_d = NEW_ARRAY(arena, double, plan->n_times);
    memcpy(schedule.times, plan->times, plan->n_times * sizeof(double));
    for (size_t i = 0; i < system->n_outputs; i++)
        schedule_insert(&schedule, system->outputs[i].at);
    for (size_t i = 0; i < plan->n_times; i++) {
        schedule.measured[i] = schedule_index(&schedule, plan->times[i]);
        ages_d[i] = simulate_age_d(plan, plan->times[i]);
    }
    for (size_t i = 0; i < system->n_outputs; i++)
        if (!isnan(system->outputs[i].at))
            schedule.decided[i] = schedule_index(&schedule, system->outputs[i].at);
    schedule.ages_d = ages_d;
    return schedule;
}

/* The scale of a state is `scale` in the model's file; if that is absent, its initial value in the typical animal; if
 * that is 0 or not finite, 1. */
static void choose_tolerances(Arena *arena, Worker *worker)
{
    const Model *model = worker->plan->model;
    worker_set_width(worker, 1);
    size_t width = worker_width(worker);
    double *initial = NEW_LANES(arena, model->n_states * width);
    for (size_t i = 0; i < model->n_parameters; i++) {
        double *slot = system_lanes_slot(worker->lanes, (uint32_t)i);
        for (size_t lane = 0; lane < width; lane++)
            slot[lane] = model->parameters[i].value;
        if (model->ramp_slots[i] != UINT32_MAX)
            memcpy(system_lanes_slot(worker->lanes, model->ramp_slots[i] + RAMP_FROM), slot, width * sizeof(double));
    }
    system_lanes_ready(worker->lanes);
    system_lanes_eval(worker->lanes, TAPE_INITIAL, 0.0, NULL, initial);
    worker->atol = NEW_ARRAY(arena, double, model->n_states);
    for (size_t i = 0; i < model->n_states; i++) {
        double scale = model->states[i].scale;
        if (isnan(scale))
            scale = fabs(initial[i * width]) > 0.0 && isfinite(initial[i * width]) ? fabs(initial[i * width]) : 1.0;
        worker->atol[i] = worker->rtol * scale * ABSOLUTE_SHARE;
    }
}

/* The lowest allowed value of each state; NULL when the model gives none. */
static const double *lower_bounds_of(Arena *arena, const Model *model)
{
    double *lower_bounds = NEW_ARRAY(arena, double, model->n_states);
    bool any = false;
    for (size_t i = 0; i < model->n_states; i++) {
        lower_bounds[i] = model->states[i].at_least;
        any = any || isfinite(lower_bounds[i]);
    }
    return any ? lower_bounds : NULL;
}

void worker_limit(Worker *worker, double animal_s, const Stop *stop)
{
    worker->animal_s = animal_s;
    worker->stop = stop;
}

Worker *worker_open(Arena *arena, const Plan *plan, const System *system, double rtol, CpuSet cpu, Err *reterr)
{
    Worker *worker = NEW(arena, Worker);
    *worker = (Worker){.scratch = arena_open(), .plan = plan, .system = system, .rtol = model_rtol(plan->model, rtol)};
    worker->lanes = system_lanes_new(arena, system, cpu, LANES);
    worker->amounts = NEW_LANES(arena, plan->model->n_drugs * LANES);
    worker->root_values = NEW_LANES(arena, system->n_root_functions * LANES);
    worker->event_values = NEW_LANES(arena, system->n_event_results * LANES);
    worker->schedule = schedule_build(arena, plan, system);
    events_list_occurrences(arena, worker);
    choose_tolerances(arena, worker);
    worker->ode = (Ode){.width = LANES,
                        .n_states = plan->model->n_states,
                        .n_outputs = system->n_outputs,
                        .state_names = system->state_names,
                        .time_unit = plan->model->time_text,
                        .lower_bounds = lower_bounds_of(arena, plan->model),
                        .n_entries = system->n_jacobian,
                        .rows = system->jacobian_rows,
                        .columns = system->jacobian_columns};
    integrate_connect(worker);
    worker->solver = solver_open(&worker->ode, cpu, reterr);
    if (worker->solver == NULL)
        worker_close(&worker);
    return worker;
}

void worker_close(Worker **worker)
{
    if (*worker != NULL) {
        solver_close(&(*worker)->solver);
        arena_close(&(*worker)->scratch);
    }
    *worker = NULL;
}
