/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside a worker: batch.c integrates, mates.c what shares a batch with animals that fail, explain.c says why they do,
 * records.c writes down what came out.
 */
#ifndef MB_RUN_BATCH_PRIV_H
#define MB_RUN_BATCH_PRIV_H

#include "run/batch.h"

/* When an event of the model happens. */
typedef struct Happening {
    double time;
    uint32_t event;
} Happening;

/* What is done to a batch at one time, in this order: new values of the slots, doses, events of the model. */
typedef struct BatchEvent {
    double time;
    bool of_cohort;      /* it stands among the cohort's event times */
    const double *slots; /* [n_slots][width] from then on; NULL: as before */
    bool doses;          /* some are given, or an infusion begins or ends */
    const Happening *happenings;
    size_t n_happenings;
} BatchEvent;

typedef VEC(BatchEvent) BatchEvents;

/* What made a state no number first: an event of the model, or a dose. NULL: nothing has. */
typedef struct Culprit {
    const char *event, *drug;
    const EventAction *action; /* of the event */
} Culprit;

struct Worker {
    Arena *scratch; /* of one integration */
    const Plan *plan;
    const System *system;
    SystemLanes *lanes;
    Solver *solver;
    Ode ode;
    double rtol;
    double *atol;    /* [n_states] */
    double *amounts; /* [n_drugs][width] */
    double *times;   /* measured times and those of traits, ascending */
    size_t n_times;
    size_t *measured;      /* [plan->n_times]: index of each among `times` */
    size_t *decided;       /* [n_outputs]: the same for `at` of a trait that has one */
    size_t *infusions;     /* indices of the slow doses among the cohort's */
    double *infusion_ends; /* when they end, ascending */
    size_t n_infusions;
    const Happening *happenings; /* scheduled events of the model, by time */
    size_t n_happenings;
    double *event_values; /* [system->n_event_results][width] */
    bool held;            /* the conditions of the rates are */
    double *numbers;      /* [system->n_switches][width] of the switches */
    /* of the batch at hand */
    const Cohort *cohort;
    const double *ages; /* [plan->n_times], in days: what series share */
    const BatchEvent *events;
    Culprit culprit;
    double animal_s;    /* of the clock, for an animal; 0: no limit */
    double batch_end_s; /* when the batch at hand is given up; INFINITY: never */
    const Stop *stop;   /* may be NULL */
    bool stopped;       /* by it */
};

/* Outputs of a batch at one site, and for each animal whether it failed. */
typedef struct SiteResult {
    double *outputs[LANES];           /* of each animal: [n_times][n_outputs][width], */
    size_t width[LANES], lane[LANES]; /* in this lane of so many */
    bool failed[LANES];
    Err errors[LANES];
    SolveStats stats[LANES];
    const SteadyReport *steady[LANES]; /* NULL: no state starts steady */
    const RngKey *noise;               /* [n_times][n_outputs]: keys of the readings' noise; NULL: readings have none */
} SiteResult;

/* One integration of the batch's animals `draws` [LANES], n of them and the last repeated, into lanes of the width that
 * n gives. *ret_lane: where it failed, or n when that is not known. Says why in the words of the model. */
MUST_CHECK bool integrate_lanes(Worker *worker, const Option *site, AnimalDraw *const draws[LANES], size_t n,
                                double *outputs, SolveStats *ret_stats, SteadyReport *ret_steady, size_t *ret_lane,
                                Err *reterr);
void set_width(Worker *worker, size_t n_animals);
double *new_outputs(const Worker *worker, Arena *arena);         /* of that width */
SteadyReport *steady_report(const Worker *worker, Arena *arena); /* NULL: no state starts steady */

/* The batch at hand was ended by `stop`: what comes out is nothing. */
bool worker_stops(const Worker *worker);

/* ---- mates.c ---- */

/* Integrates the n animals of a batch; those that fail leave it, and the others are integrated again without them. */
void run_mates(Worker *worker, Arena *arena, const Option *site, AnimalDraw *const draws[LANES], size_t n,
               SiteResult *result);

/* ---- explain.c ---- */

/* Notes the equation in which an animal's number or step went wrong, and the values in it. */
void explain_failure(Worker *worker, const Failure *failure, Err *reterr);

/* Lanes of the batch at hand. */
static inline size_t worker_width(const Worker *worker)
{
    return worker->ode.width;
}

/* ---- events.c ---- */

/* Slots of the batch at a time (-INFINITY: before anything is done): lane by lane, the last animal repeated. */
double *batch_slots(const Worker *worker, Arena *arena, const Option *site, AnimalDraw *const draws[LANES],
                    double time);
void set_slots(Worker *worker, const double *slots);

/* Sets all rates of infusion to 0 and returns them, [n_drugs][width]. */
double *stop_infusions(Worker *worker);

/* What is done to the batch at hand, by time; `start` is what its slots are before. */
void make_events(Worker *worker, Arena *arena, const Option *site, AnimalDraw *const draws[LANES], const double *start,
                 BatchEvents *ret_events);

/* When the scheduled events of the model happen, up to the last measured time. */
void list_happenings(Worker *worker, Arena *arena);

/* What the integrator calls (solve.h). */
void ode_event(void *self, size_t event, double t, double *y);
void ode_triggers(void *self, double t, const double *y, double *ret_values);
void ode_fire(void *self, size_t trigger, double t, const bool *lanes, double *y);

/* ---- records.c ---- */

/* Model time in days, without the dust of the conversion: 26 wk of a model in years are 182 d, not
 * 182.00000000000003. */
double age_of(const Plan *plan, double time);

/* Fills one animal's record from what each site of its cohort gave (results[n_sites]); `animal` counts within the
 * batch. What it points to is on the arena. */
void record_fill(Worker *worker, Arena *arena, SiteResult *const *results, size_t animal, Animal *ret_record);

/* What chance gave an animal, as JSON. */
const char *record_draw(Arena *arena, const Plan *plan, const Cohort *cohort, const AnimalDraw *draw);

#endif
