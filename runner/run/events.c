/* SPDX-License-Identifier: Apache-2.0
 *
 * What is done to a batch, and when: changes of parameters, doses, infusions, the events of the model.
 *
 *   1. what is done      2. the list of a batch      3. the model's own events
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/batch_priv.h"

/* ---- 1. What is done ---- */

void set_slots(Worker *worker, const double *slots)
{
    size_t n = worker->plan->model->infusion_slots; /* those behind are set_infusions' */
    memcpy(system_lanes_slot(worker->lanes, 0), slots, n * worker_width(worker) * sizeof(double));
    system_lanes_ready(worker->lanes);
}

double *stop_infusions(Worker *worker)
{
    const Model *model = worker->plan->model;
    double *rates = system_lanes_slot(worker->lanes, model->infusion_slots);
    return memset(rates, 0, model->n_drugs * worker_width(worker) * sizeof(double));
}

/* An infusion's state gains amount / duration per time while it runs. */
static void set_infusions(Worker *worker, double t)
{
    if (worker->n_infusions == 0)
        return;
    size_t width = worker_width(worker);
    double *rates = stop_infusions(worker);
    for (size_t i = 0; i < worker->n_infusions; i++) {
        const Dose *dose = &worker->cohort->doses[worker->infusions[i]];
        if (!(t >= dose->time && t < dose->time + dose->duration))
            continue;
        system_lanes_dose(worker->lanes, t, dose->dose, worker->amounts);
        for (size_t lane = 0; lane < width; lane++)
            rates[(size_t)dose->drug * width + lane] += worker->amounts[(size_t)dose->drug * width + lane] /
                                                        dose->duration;
    }
    system_lanes_ready(worker->lanes);
}

/* The first dose at or after a time; doses are sorted. */
static size_t first_dose(const Cohort *cohort, double time)
{
    size_t low = 0, high = cohort->n_doses;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cohort->doses[middle].time < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_culprit(const Worker *worker)
{
    return worker->culprit.event != NULL || worker->culprit.drug != NULL;
}

static void give_doses(Worker *worker, double t, double *y)
{
    const Cohort *cohort = worker->cohort;
    size_t width = worker_width(worker);
    for (size_t i = first_dose(cohort, t); i < cohort->n_doses && cohort->doses[i].time <= t; i++) {
        const Dose *dose = &cohort->doses[i];
        if (dose->duration > 0.0)
            continue;
        system_lanes_dose(worker->lanes, t, dose->dose, worker->amounts);
        size_t into = worker->plan->model->drugs[dose->drug].into;
        for (size_t lane = 0; lane < width; lane++) {
            double *state = &y[into * width + lane];
            *state += worker->amounts[(size_t)dose->drug * width + lane];
            if (!isfinite(*state) && !has_culprit(worker))
                worker->culprit.drug = worker->plan->model->drugs[dose->drug].name;
        }
    }
}

/* An event of the model in some lanes (NULL: all): its guard and its values are those of the states before it. */
static void happen(Worker *worker, uint32_t event, double t, const bool *lanes, double *y)
{
    size_t width = worker_width(worker);
    const ModelEvent *what = &worker->plan->model->events[event];
    system_lanes_eval(worker->lanes, TAPE_EVENTS, t, y, worker->event_values);
    const double *guard = worker->event_values + (size_t)worker->system->event_results[event] * width;
    for (size_t a = 0; a < what->n_actions; a++) {
        const EventAction *action = &what->actions[a];
        const double *value = guard + (1 + a) * width;
        double *state = y + (size_t)action->state * width;
        for (size_t lane = 0; lane < width; lane++) {
            if ((lanes != NULL && !lanes[lane]) || !(guard[lane] > 0.0 || guard[lane] < 0.0))
                continue;
            state[lane] = action->adds ? state[lane] + value[lane] : value[lane];
            if (!isfinite(state[lane]) && !has_culprit(worker))
                worker->culprit = (Culprit){.event = what->name, .action = action};
        }
    }
}

void ode_event(void *self, size_t event, double t, double *y)
{
    Worker *worker = self;
    const BatchEvent *what = &worker->events[event];
    if (what->slots != NULL)
        set_slots(worker, what->slots);
    if (what->doses) {
        give_doses(worker, t, y);
        set_infusions(worker, t);
    }
    for (size_t i = 0; i < what->n_happenings; i++)
        happen(worker, what->happenings[i].event, t, NULL, y);
}

void ode_triggers(void *self, double t, const double *y, double *ret_values)
{
    Worker *worker = self;
    system_lanes_eval(worker->lanes, TAPE_TRIGGERS, t, y, ret_values);
}

void ode_fire(void *self, size_t trigger, double t, const bool *lanes, double *y)
{
    Worker *worker = self;
    happen(worker, worker->system->triggers[trigger], t, lanes, y);
}

/* ---- 2. The list of a batch ---- */

/* Slots of the batch at a time: lane by lane, the last animal repeated. */
double *batch_slots(const Worker *worker, Arena *arena, const Option *site, AnimalDraw *const draws[LANES], double time)
{
    size_t n = worker->plan->model->n_slots, width = worker_width(worker);
    double *slots = NEW_LANES(arena, n * width), *one = NEW_ARRAY(arena, double, n);
    for (size_t lane = 0; lane < width; lane++) {
        if (lane == 0 || draws[lane] != draws[lane - 1])
            plan_slots(arena, worker->plan, worker->cohort, site, draws[lane], time, one);
        for (size_t i = 0; i < n; i++)
            slots[i * width + lane] = one[i];
    }
    return slots;
}

static bool doses_at(const Worker *worker, double time)
{
    const Cohort *cohort = worker->cohort;
    size_t next = first_dose(cohort, time);
    if (next < cohort->n_doses && cohort->doses[next].time <= time)
        return true;
    size_t low = 0, high = worker->n_infusions; /* the first that ends then or later */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (worker->infusion_ends[middle] < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low < worker->n_infusions && worker->infusion_ends[low] <= time;
}

/* Not after another time, or after it by rounding only. */
static bool not_after(double time, double other)
{
    return time <= other || number_same(time, other);
}

/* What happens at the next time of either list; times that differ by rounding are one, the cohort's. */
static BatchEvent next_event(const Worker *worker, size_t *cohort_time, size_t *happening)
{
    const Cohort *cohort = worker->cohort;
    const Happening *next = worker->happenings + *happening, *end = worker->happenings + worker->n_happenings;
    bool of_cohort = *cohort_time < cohort->n_event_times;
    double time = of_cohort ? cohort->event_times[*cohort_time] : next->time;
    if (of_cohort && next < end && !not_after(time, next->time)) {
        of_cohort = false;
        time = next->time;
    }
    BatchEvent event = {.time = time, .of_cohort = of_cohort, .happenings = next};
    for (; next < end && not_after(next->time, time); next++)
        event.n_happenings++;
    *happening += event.n_happenings;
    *cohort_time += of_cohort;
    return event;
}

/* Events that change nothing are left out: they would restart the integrator, and a knockout of efficiency 0 would
 * differ in the last bits. */
void make_events(Worker *worker, Arena *arena, const Option *site, AnimalDraw *const draws[LANES], const double *start,
                 BatchEvents *ret_events)
{
    const double *before = start;
    size_t bytes = worker->plan->model->n_slots * worker_width(worker) * sizeof(double), cohort_time = 0, happening = 0;
    while (cohort_time < worker->cohort->n_event_times || happening < worker->n_happenings) {
        BatchEvent event = next_event(worker, &cohort_time, &happening);
        if (event.of_cohort && plan_changes_at(worker->cohort, event.time))
            event.slots = batch_slots(worker, arena, site, draws, event.time);
        if (event.slots != NULL && memcmp(event.slots, before, bytes) == 0)
            event.slots = NULL;
        event.doses = event.of_cohort && doses_at(worker, event.time);
        if (event.slots == NULL && !event.doses && event.n_happenings == 0)
            continue;
        before = event.slots != NULL ? event.slots : before;
        *vec_push(arena, ret_events) = event;
    }
}

/* ---- 3. The model's own events ---- */

/* By time; at one time in the order of the file. */
static int by_time(const void *a, const void *b)
{
    const Happening *x = a, *y = b;
    return x->time < y->time ? -1 : x->time > y->time ? 1 : x->event < y->event ? -1 : x->event > y->event;
}

void list_happenings(Worker *worker, Arena *arena)
{
    const Model *model = worker->plan->model;
    double last = worker->times[worker->n_times - 1];
    VEC(Happening) list = {0};
    for (size_t i = 0; i < model->n_events; i++) {
        double time = model_event_next(&model->events[i], worker->plan->start);
        for (; time <= last; time = model_event_next(&model->events[i], nextafter(time, INFINITY)))
            *vec_push(arena, &list) = (Happening){.time = time, .event = (uint32_t)i};
    }
    if (list.n > 1)
        qsort(list.items, list.n, sizeof *list.items, by_time);
    static const Happening none; /* so that there is a place to point at */
    worker->happenings = list.n > 0 ? list.items : &none;
    worker->n_happenings = list.n;
}
