/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists and carries out the events of a batch: changes of parameters, doses, infusions, and the events of the model.
 *
 *   1. carrying out an event      2. the list of a batch      3. the scheduled events of the model
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "simulate/simulate_priv.h"

/* ---- 1. Carrying out an event ---- */

void events_set_slots(Worker *worker, const double *slots)
{
    size_t n = worker->plan->model->infusion_slots; /* set_infusions sets the slots after these */
    memcpy(system_lanes_slot(worker->lanes, 0), slots, n * worker_width(worker) * sizeof(double));
    system_lanes_ready(worker->lanes);
}

double *events_stop_infusions(Worker *worker)
{
    const Model *model = worker->plan->model;
    double *rates = system_lanes_slot(worker->lanes, model->infusion_slots);
    return memset(rates, 0, model->n_drugs * worker_width(worker) * sizeof(double));
}

/* While an infusion runs, its state gains amount / duration per unit of time. */
static void set_infusions(Worker *worker, const BatchEvent *event, double t)
{
    size_t width = worker_width(worker);
    double *rates = events_stop_infusions(worker);
    for (size_t i = 0; i < event->n_infusions; i++) {
        const Dose *dose = event->infusions[i];
        system_lanes_dose(worker->lanes, t, dose->dose, worker->amounts);
        for (size_t lane = 0; lane < width; lane++)
            rates[(size_t)dose->drug * width + lane] += worker->amounts[(size_t)dose->drug * width + lane] /
                                                        dose->duration;
    }
    system_lanes_ready(worker->lanes);
}

static bool has_fault_source(const Worker *worker)
{
    return worker->batch.fault_source.event != NULL || worker->batch.fault_source.drug != NULL;
}

static void give_dose(Worker *worker, const Dose *dose, double t, double *y)
{
    const Drug *drug = &worker->plan->model->drugs[dose->drug];
    size_t width = worker_width(worker);
    system_lanes_dose(worker->lanes, t, dose->dose, worker->amounts);
    for (size_t lane = 0; lane < width; lane++) {
        double *state = &y[drug->into * width + lane];
        *state += worker->amounts[(size_t)dose->drug * width + lane];
        if (!isfinite(*state) && !has_fault_source(worker))
            worker->batch.fault_source.drug = drug->name;
    }
}

/* Carries out an event of the model in some lanes (NULL: all). Its guard and its values are evaluated from the states
 * before the event. */
static void model_event_happen(Worker *worker, uint32_t event, double t, const bool *lanes, double *y)
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
            if (!isfinite(state[lane]) && !has_fault_source(worker))
                worker->batch.fault_source = (FaultSource){.event = what->name, .action = action};
        }
    }
}

void events_happen(void *self, size_t event, double t, double *y)
{
    Worker *worker = self;
    const BatchEvent *what = &worker->batch.events[event];
    if (what->slots != NULL)
        events_set_slots(worker, what->slots);
    for (size_t i = 0; i < what->n_doses; i++)
        if (!(what->doses[i].duration > 0.0))
            give_dose(worker, &what->doses[i], t, y);
    if (what->infuses)
        set_infusions(worker, what, t);
    for (size_t i = 0; i < what->n_occurrences; i++)
        model_event_happen(worker, what->occurrences[i].event, t, NULL, y);
}

void events_functions(void *self, double t, const double *y, double *ret_values)
{
    Worker *worker = self;
    system_lanes_eval(worker->lanes, TAPE_EVENT_FUNCTIONS, t, y, ret_values);
}

void events_fire(void *self, size_t trigger, double t, const bool *lanes, double *y)
{
    Worker *worker = self;
    model_event_happen(worker, worker->system->triggers[trigger], t, lanes, y);
}

/* ---- 2. The list of a batch ---- */

double *events_slots(Arena *arena, const Worker *worker, const BatchLanes *lanes, double time)
{
    size_t n = worker->plan->model->n_slots, width = worker_width(worker);
    double *slots = NEW_LANES(arena, n * width), *one = NEW_ARRAY(arena, double, n);
    for (size_t lane = 0; lane < width; lane++) {
        if (lane == 0 || lanes->draws[lane] != lanes->draws[lane - 1])
            plan_slots(arena, worker->plan, &(AnimalAt){worker->batch.cohort, lanes->site, lanes->draws[lane], time},
                       one);
        for (size_t i = 0; i < n; i++)
            slots[i * width + lane] = one[i];
    }
    return slots;
}

/* The position up to which the list of a batch is built. Times only go forward. */
typedef struct EventCursor {
    const Worker *worker;
    Arena *arena;
    size_t cohort_time;           /* index of the cohort's next event time */
    size_t dose;                  /* index of the cohort's next dose; doses are sorted by time */
    const Occurrence *occurrence; /* the next event of the model */
    VEC(const Dose *) infusions;  /* the infusions that run, in the order of the doses */
} EventCursor;

/* True when `time` is not after `other`, or after it by rounding only. */
static bool not_after(double time, double other)
{
    return time <= other || number_same(time, other);
}

/* Removes the infusions that have ended at `time`. True when there were any. */
static bool end_infusions(EventCursor *cursor, double time)
{
    size_t n_left = 0, n = cursor->infusions.n;
    for (size_t i = 0; i < n; i++) {
        const Dose *dose = cursor->infusions.items[i];
        if (time < dose->time + dose->duration)
            cursor->infusions.items[n_left++] = dose;
    }
    cursor->infusions.n = n_left;
    return n_left < n;
}

/* Adds to the event the doses that begin at its time, and the infusions that run from then on. */
static void list_doses(EventCursor *cursor, BatchEvent *event)
{
    const Cohort *cohort = cursor->worker->batch.cohort;
    bool ended = end_infusions(cursor, event->time);
    while (cursor->dose < cohort->n_doses && cohort->doses[cursor->dose].time < event->time)
        cursor->dose++;
    if (cursor->dose < cohort->n_doses)
        event->doses = &cohort->doses[cursor->dose];
    for (; cursor->dose < cohort->n_doses && cohort->doses[cursor->dose].time <= event->time; cursor->dose++) {
        event->n_doses++;
        if (cohort->doses[cursor->dose].duration > 0.0)
            *vec_push(cursor->arena, &cursor->infusions) = &cohort->doses[cursor->dose];
    }
    event->infuses = ended || (event->n_doses > 0 && cursor->infusions.n > 0);
    if (!event->infuses)
        return;
    const Dose **running = NEW_ARRAY(cursor->arena, const Dose *, cursor->infusions.n);
    memcpy(running, cursor->infusions.items, cursor->infusions.n * sizeof(const Dose *));
    event->infusions = running;
    event->n_infusions = cursor->infusions.n;
}

/* The event at the earlier of the next time of the cohort and the next occurrence of a model event. Times that differ
 * by rounding only count as one time: the cohort's. */
static BatchEvent next_event(EventCursor *cursor, bool *ret_of_cohort)
{
    const Worker *worker = cursor->worker;
    const Cohort *cohort = worker->batch.cohort;
    const Occurrence *next = cursor->occurrence, *end = worker->occurrences + worker->n_occurrences;
    bool of_cohort = cursor->cohort_time < cohort->n_event_times;
    double time = of_cohort ? cohort->event_times[cursor->cohort_time] : next->time;
    if (of_cohort && next < end && !not_after(time, next->time)) {
        of_cohort = false;
        time = next->time;
    }
    BatchEvent event = {.time = time, .occurrences = next};
    for (; next < end && not_after(next->time, time); next++)
        event.n_occurrences++;
    cursor->occurrence = next;
    cursor->cohort_time += of_cohort;
    *ret_of_cohort = of_cohort;
    return event;
}

/* Leaves out events that change nothing: each event restarts the integrator, so a knockout of efficiency 0 would differ
 * from its control in the last bits. */
void events_list(Arena *arena, const Worker *worker, const BatchLanes *lanes, const double *start,
                 BatchEvents *ret_events)
{
    const double *before = start;
    const Cohort *cohort = worker->batch.cohort;
    const Occurrence *end = worker->occurrences + worker->n_occurrences;
    size_t bytes = worker->plan->model->n_slots * worker_width(worker) * sizeof(double);
    EventCursor cursor = {.worker = worker, .arena = arena, .occurrence = worker->occurrences};
    while (cursor.cohort_time < cohort->n_event_times || cursor.occurrence < end) {
        bool of_cohort;
        BatchEvent event = next_event(&cursor, &of_cohort);
        if (of_cohort)
            list_doses(&cursor, &event);
        if (of_cohort && plan_changes_at(cohort, event.time))
            event.slots = events_slots(arena, worker, lanes, event.time);
        if (event.slots != NULL && memcmp(event.slots, before, bytes) == 0)
            event.slots = NULL;
        if (event.slots == NULL && event.n_doses == 0 && !event.infuses && event.n_occurrences == 0)
            continue;
        before = event.slots != NULL ? event.slots : before;
        *vec_push(arena, ret_events) = event;
    }
}

/* ---- 3. The scheduled events of the model ---- */

/* Orders occurrences by time; at the same time, by the order of the events in the model's file. */
static int compare_occurrences(const void *a, const void *b)
{
    const Occurrence *x = a, *y = b;
    return x->time < y->time ? -1 : x->time > y->time ? 1 : x->event < y->event ? -1 : x->event > y->event;
}

void events_list_occurrences(Arena *arena, Worker *worker)
{
    const Model *model = worker->plan->model;
    double last = worker->schedule.times[worker->schedule.n_times - 1];
    VEC(Occurrence) list = {0};
    for (size_t i = 0; i < model->n_events; i++) {
        double time = model_event_next(&model->events[i], worker->plan->start);
        for (; time <= last; time = model_event_next(&model->events[i], nextafter(time, INFINITY)))
            *vec_push(arena, &list) = (Occurrence){.time = time, .event = (uint32_t)i};
    }
    if (list.n > 1)
        qsort(list.items, list.n, sizeof *list.items, compare_occurrences);
    static const Occurrence none; /* worker->occurrences is never NULL */
    worker->occurrences = list.n > 0 ? list.items : &none;
    worker->n_occurrences = list.n;
}
