/* SPDX-License-Identifier: Apache-2.0
 *
 *   1. equations on lanes, as the integrator calls them     2. integrate
 *   3. a batch                                              4. a worker's life
 * What is done to a batch is in events.c.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/batch_priv.h"
#include "run/deal.h"
#include "run/trial.h"

/* Of one animal: for good, and for each restart of the integrator. */
enum { MOST_STEPS = 500000, STEPS_AN_EVENT = 1000 };

/* Absolute tolerance = rtol * scale of the state * this: far below what is resolved relatively, far above rounding. */
static const double ABSOLUTE_SHARE = 1e-2;

/* 0 would be no limit. */
static const double LEAST_S = 1e-9;

/* ---- 1. Equations ---- */

static void ode_initial(void *self, double t, double *ret_y)
{
    Worker *worker = self;
    system_lanes_eval(worker->lanes, TAPE_INITIAL, t, NULL, ret_y);
}

static void ode_rates(void *self, double t, const double *y, double *ret_rates)
{
    Worker *worker = self;
    if (worker->held)
        system_lanes_held_rates(worker->lanes, t, y, ret_rates, worker->numbers);
    else
        system_lanes_eval(worker->lanes, TAPE_RATES, t, y, ret_rates);
}

static void ode_jacobian(void *self, double t, const double *y, double *ret_entries)
{
    Worker *worker = self;
    system_lanes_eval(worker->lanes, worker->held ? TAPE_HELD_JACOBIAN : TAPE_JACOBIAN, t, y, ret_entries);
}

static void ode_hold(void *self, const double *held, const double ahead[LANES])
{
    Worker *worker = self;
    memcpy(worker->lanes->ahead, ahead, sizeof worker->lanes->ahead);
    worker->held = held != NULL;
    double *switches = system_lanes_switches(worker->lanes);
    size_t bytes = worker->system->n_switches * worker_width(worker) * sizeof(double);
    if (held == NULL || memcmp(switches, held, bytes) == 0)
        return;
    memcpy(switches, held, bytes);
    system_lanes_ready(worker->lanes);
}

static void ode_switches(void *self, double t, const double *y, double *ret_numbers)
{
    Worker *worker = self;
    system_lanes_eval(worker->lanes, TAPE_SWITCHES, t, y, ret_numbers);
}

static void ode_outputs(void *self, double t, const double *y, double *ret_outputs)
{
    Worker *worker = self;
    system_lanes_eval(worker->lanes, TAPE_OUTPUTS, t, y, ret_outputs);
}

/* ---- 2. Integration ---- */

bool worker_stops(const Worker *worker)
{
    return worker->stopped;
}

/* Has the batch used up its time? What is left of it is not begun. */
static bool batch_is_late(const Worker *worker, Failure *ret_failure, Err *reterr)
{
    if (!(worker->animal_s > 0.0) || run_seconds() < worker->batch_end_s)
        return false;
    *ret_failure = (Failure){.kind = FAILURE_LATE};
    (void)err_set(reterr, ERR_SOLVE, "not begun: the animals of its batch took more than %g s",
                  BATCH_SHARE * worker->animal_s);
    return true;
}

static bool solve_from(Worker *worker, const double *start, SolveTask *task, double *outputs, SolveStats *ret_stats,
                       Failure *ret_failure, Err *reterr)
{
    if (batch_is_late(worker, ret_failure, reterr))
        return false;
    double left_s = worker->batch_end_s - run_seconds();
    task->most_s = worker->animal_s > 0.0 ? fmax(fmin(worker->animal_s, left_s), LEAST_S) : 0.0;
    worker->culprit = (Culprit){0};
    stop_infusions(worker);
    set_slots(worker, start);
    bool done = solver_run(worker->solver, task, outputs, ret_stats, reterr);
    *ret_failure = solver_failure(worker->solver);
    return done;
}

/* What the clock ended is no pure function of the animal: the reason says so. */
static void tell_failure(Worker *worker, const Failure *failure, Err *reterr)
{
    explain_failure(worker, failure, reterr);
    if (failure->kind == FAILURE_LATE)
        (void)err_note(reterr, "a limit of time, not of the model: it may get further when it is run again");
}

/* By the held conditions of the rates, where there are some; if that fails, as they are. */
static bool solve_twice(Worker *worker, const double *start, SolveTask *task, double *outputs, SolveStats *ret_stats,
                        Failure *ret_failure, Err *reterr)
{
    task->hold = worker->system->n_switches > 0 && worker->system->n_triggers == 0;
    bool done = solve_from(worker, start, task, outputs, ret_stats, ret_failure, reterr);
    if (done || !task->hold || ret_failure->kind == FAILURE_LATE || ret_failure->kind == FAILURE_STOPPED)
        return done;
    task->hold = false;
    return solve_from(worker, start, task, outputs, ret_stats, ret_failure, reterr);
}

bool integrate_lanes(Worker *worker, const Option *site, AnimalDraw *const draws[LANES], size_t n, double *outputs,
                     SolveStats *ret_stats, SteadyReport *ret_steady, size_t *ret_lane, Err *reterr)
{
    Arena *arena = worker->scratch; /* the events of a programme of years are a long list: no batch keeps it */
    arena_reset(arena);
    *ret_stats = (SolveStats){0};
    Failure failure = {0};
    BatchEvents events = {0};
    bool done = false;
    if (!batch_is_late(worker, &failure, reterr)) { /* events are long to make */
        const double *start = batch_slots(worker, arena, site, draws, -INFINITY);
        make_events(worker, arena, site, draws, start, &events);
        double *event_times = NEW_ARRAY(arena, double, events.n);
        for (size_t i = 0; i < events.n; i++)
            event_times[i] = events.items[i].time;
        worker->events = events.items;
        SolveTask task = {.t_start = worker->plan->start,
                          .n_events = events.n,
                          .event_times = event_times,
                          .n_times = worker->n_times,
                          .times = worker->times,
                          .rtol = worker->rtol,
                          .atol = worker->atol,
                          .max_steps = MOST_STEPS + STEPS_AN_EVENT * events.n,
                          .stop = worker->stop,
                          .ret_steady = ret_steady,
                          .n_lanes = n};
        done = solve_twice(worker, start, &task, outputs, ret_stats, &failure, reterr);
    }
    worker->stopped = failure.kind == FAILURE_STOPPED;
    *ret_lane = !failure.has_lane ? n : failure.lane < n ? failure.lane : n - 1;
    if (!done)
        tell_failure(worker, &failure, reterr);
    return done;
}

void set_width(Worker *worker, size_t n_animals)
{
    worker->ode.width = lanes_width(n_animals);
    system_lanes_widen(worker->lanes, worker->ode.width);
}

double *new_outputs(const Worker *worker, Arena *arena)
{
    return NEW_LANES(arena, worker->n_times * worker->system->n_outputs * worker_width(worker));
}

SteadyReport *steady_report(const Worker *worker, Arena *arena)
{
    return worker->system->steady != NULL ? NEW(arena, SteadyReport) : NULL;
}

/* Once for a batch: a key costs five hashes, a reading with it one block of Philox. */
static const RngKey *noise_keys(const Worker *worker, Arena *arena, const Option *site)
{
    const System *system = worker->system;
    if (!worker->plan->variability || worker->plan->dense)
        return NULL;
    RngKey *keys = NEW_ARRAY(arena, RngKey, worker->n_times * system->n_outputs);
    for (size_t time = 0; time < worker->n_times; time++)
        for (size_t output = 0; output < system->n_outputs; output++)
            if (system->outputs[output].noise.kind != VARIABILITY_NONE)
                keys[time * system->n_outputs + output] = plan_noise_key(
                    worker->plan, worker->cohort, system->outputs[output].name, site_name(site), worker->times[time]);
    return keys;
}

static SiteResult *run_site(Worker *worker, Arena *arena, const Option *site, AnimalDraw *const draws[LANES], size_t n)
{
    SiteResult *result = NEW(arena, SiteResult);
    result->noise = noise_keys(worker, arena, site);
    run_mates(worker, arena, site, draws, n, result);
    return result;
}

/* ---- 3. A batch ---- */

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void find_infusions(Worker *worker, Arena *arena)
{
    VEC(size_t) found = {0};
    for (size_t i = 0; i < worker->cohort->n_doses; i++)
        if (worker->cohort->doses[i].duration > 0.0)
            *vec_push(arena, &found) = i;
    worker->infusions = found.items;
    worker->n_infusions = found.n;
    worker->infusion_ends = NEW_ARRAY(arena, double, found.n);
    for (size_t i = 0; i < found.n; i++) {
        const Dose *dose = &worker->cohort->doses[found.items[i]];
        worker->infusion_ends[i] = dose->time + dose->duration;
    }
    if (found.n > 1)
        qsort(worker->infusion_ends, found.n, sizeof *worker->infusion_ends, compare_times);
}

static void find_ages(Worker *worker, Arena *arena)
{
    const Plan *plan = worker->plan;
    double *ages = NEW_ARRAY(arena, double, plan->n_times);
    for (size_t i = 0; i < plan->n_times; i++)
        ages[i] = age_of(plan, plan->times[i]);
    worker->ages = ages;
}

static void begin_batch(Worker *worker, Arena *arena, size_t cohort)
{
    worker->cohort = &worker->plan->cohorts[cohort];
    worker->stopped = false;
    worker->batch_end_s = run_seconds() + BATCH_SHARE * worker->animal_s;
    find_infusions(worker, arena);
    find_ages(worker, arena);
}

Animal *worker_run(Worker *worker, Arena *arena, size_t cohort, size_t first, size_t n)
{
    AnimalDraw *draws[LANES];
    ASSERT(n > 0);
    begin_batch(worker, arena, cohort);
    for (size_t lane = 0; lane < LANES; lane++)
        draws[lane] = lane < n ? plan_draw(arena, worker->plan, worker->cohort, first + lane) : draws[n - 1];
    SiteResult **results = NEW_ARRAY(arena, SiteResult *, worker->cohort->n_sites);
    for (size_t s = 0; s < worker->cohort->n_sites && !worker_stops(worker); s++)
        results[s] = run_site(worker, arena, worker->cohort->sites[s], draws, n);
    if (worker_stops(worker))
        return NULL;

    Animal *records = NEW_ARRAY(arena, Animal, n);
    for (size_t animal = 0; animal < n; animal++) {
        records[animal].cohort = cohort;
        records[animal].number = first + animal;
        records[animal].parameters_json = record_draw(arena, worker->plan, worker->cohort, draws[animal]);
        record_fill(worker, arena, results, animal, &records[animal]);
    }
    return records;
}

bool worker_try(Worker *worker, Arena *arena, size_t cohort, const double *const *vectors, size_t n,
                double *ret_outputs, Err *reterr)
{
    AnimalDraw *draws[LANES];
    const Plan *plan = worker->plan;
    size_t n_outputs = worker->system->n_outputs, bytes = plan->model->n_parameters * sizeof(double);
    ASSERT(n > 0);
    begin_batch(worker, arena, cohort);
    set_width(worker, TRIAL_LANES);
    for (size_t lane = 0; lane < TRIAL_LANES; lane++) {
        draws[lane] = lane < n ? plan_draw(arena, plan, worker->cohort, 0) : draws[n - 1];
        if (lane < n)
            memcpy(draws[lane]->parameters, vectors[lane], bytes);
    }
    double *outputs = new_outputs(worker, arena);
    for (size_t s = 0; s < worker->cohort->n_sites; s++) {
        SolveStats stats;
        size_t lane;
        if (!integrate_lanes(worker, worker->cohort->sites[s], draws, n, outputs, &stats, NULL, &lane, reterr))
            return false;
        for (size_t i = 0; i < plan->n_times; i++)
            memcpy(ret_outputs + (s * plan->n_times + i) * n_outputs * TRIAL_LANES,
                   outputs + worker->measured[i] * n_outputs * TRIAL_LANES, n_outputs * TRIAL_LANES * sizeof(double));
    }
    return true;
}

/* ---- 4. A worker's life ---- */

/* Index of a time among the worker's; it is there. */
static size_t time_index(const Worker *worker, double time)
{
    size_t low = 0, high = worker->n_times;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (worker->times[middle] < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void index_times(Worker *worker, Arena *arena)
{
    worker->measured = NEW_ARRAY(arena, size_t, worker->plan->n_times);
    worker->decided = NEW_ARRAY(arena, size_t, worker->system->n_outputs);
    for (size_t i = 0; i < worker->plan->n_times; i++)
        worker->measured[i] = time_index(worker, worker->plan->times[i]);
    for (size_t i = 0; i < worker->system->n_outputs; i++)
        if (!isnan(worker->system->outputs[i].at))
            worker->decided[i] = time_index(worker, worker->system->outputs[i].at);
}

static void collect_times(Worker *worker, Arena *arena)
{
    const Plan *plan = worker->plan;
    worker->times = NEW_ARRAY(arena, double, plan->n_times + worker->system->n_outputs);
    memcpy(worker->times, plan->times, plan->n_times * sizeof(double));
    worker->n_times = plan->n_times;
    for (size_t i = 0; i < worker->system->n_outputs; i++) { /* few: insert each in its place */
        double at = worker->system->outputs[i].at;
        size_t place = worker->n_times;
        while (place > 0 && worker->times[place - 1] > at)
            place--;
        bool there = place > 0 && worker->times[place - 1] >= at;
        if (isnan(at) || there)
            continue;
        memmove(worker->times + place + 1, worker->times + place, (worker->n_times - place) * sizeof(double));
        worker->times[place] = at;
        worker->n_times++;
    }
    index_times(worker, arena);
}

/* A state's typical size: the model's word, else its start in the typical animal, else 1. */
static void choose_tolerances(Worker *worker, Arena *arena)
{
    const Model *model = worker->plan->model;
    set_width(worker, 1);
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

/* What states cannot be below; NULL: no model says so. */
static const double *least_states(const Model *model, Arena *arena)
{
    double *least = NEW_ARRAY(arena, double, model->n_states);
    bool any = false;
    for (size_t i = 0; i < model->n_states; i++) {
        least[i] = model->states[i].at_least;
        any = any || isfinite(least[i]);
    }
    return any ? least : NULL;
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
    worker->numbers = NEW_LANES(arena, system->n_switches * LANES);
    worker->event_values = NEW_LANES(arena, system->n_event_results * LANES);
    collect_times(worker, arena);
    list_happenings(worker, arena);
    choose_tolerances(worker, arena);
    worker->ode = (Ode){.width = LANES,
                        .n_states = plan->model->n_states,
                        .n_outputs = system->n_outputs,
                        .state_names = system->state_names,
                        .time_unit = plan->model->time_text,
                        .least = least_states(plan->model, arena),
                        .n_entries = system->n_jacobian,
                        .rows = system->jacobian_rows,
                        .columns = system->jacobian_columns,
                        .self = worker,
                        .initial = ode_initial,
                        .rates = ode_rates,
                        .jacobian = ode_jacobian,
                        .outputs = ode_outputs,
                        .event = ode_event,
                        .steady = system->steady,
                        .n_triggers = system->n_triggers,
                        .trigger_names = system->trigger_names,
                        .inclusive = system->inclusive,
                        .triggers = ode_triggers,
                        .fire = ode_fire,
                        .n_switches = system->n_switches,
                        .hold = ode_hold,
                        .numbers = worker->numbers,
                        .switches = ode_switches};
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
