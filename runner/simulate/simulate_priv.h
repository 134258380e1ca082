/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the room: a worker, the batch that it has at hand, and what its files do for each other.
 *
 *   worker.c     opens a worker: times, tolerances, the integrator        batch.c      runs one batch at its sites
 *   integrate.c  the equations as CVODE calls them, one integration       isolate.c    animals that make a batch fail
 *   events.c     what is done to a batch, and when                        explain.c    why an animal failed
 *   readings.c   outputs -> the record of an animal                       trial.c      given parameters, for a fit
 */
#ifndef MB_SIMULATE_SIMULATE_PRIV_H
#define MB_SIMULATE_SIMULATE_PRIV_H

#include "simulate/simulate.h"
#include "solve/solve.h"

/* One time at which a scheduled event of the model happens. */
typedef struct Occurrence {
    double time;
    uint32_t event;
} Occurrence;

/* What is done to a batch at one time, in this order: new values of the slots, doses, events of the model. */
typedef struct BatchEvent {
    double time;
    const double *slots; /* [n_slots][width] from then on; NULL: as before */
    const Dose *doses;   /* those that begin now, slow ones among them */
    size_t n_doses;
    bool infuses;                 /* the rates of infusion are set anew: */
    const Dose *const *infusions; /* these run from now on */
    size_t n_infusions;
    const Occurrence *occurrences;
    size_t n_occurrences;
} BatchEvent;

typedef VEC(BatchEvent) BatchEvents;

/* What gave a state a value that is no finite number: an event of the model, or a dose. NULL: nothing did. */
typedef struct FaultSource {
    const char *event, *drug;
    const EventAction *action; /* of the event */
} FaultSource;

/* The times at which a worker reads outputs: those of the plan and those of traits that are decided once. */
typedef struct Schedule {
    double *times; /* ascending */
    size_t n_times;
    size_t *measured;     /* [plan->n_times]: index of each among `times` */
    size_t *decided;      /* [n_outputs]: the same for `at` of a trait that has one */
    const double *ages_d; /* [plan->n_times], in days: what series share */
} Schedule;

/* What lives as long as one batch. */
typedef struct Batch {
    const Cohort *cohort;
    double end_s;             /* of the clock: when the batch is given up; INFINITY: never */
    const BatchEvent *events; /* of the integration at hand */
    FaultSource fault_source;
    bool held;    /* the conditions of the rates are */
    bool stopped; /* by the worker's `stop` */
} Batch;

/* What lives as long as the worker. */
struct Worker {
    Arena *scratch; /* of one integration */
    const Plan *plan;
    const System *system;
    SystemLanes *lanes;
    Solver *solver;
    Ode ode;
    double rtol;
    double *atol; /* [n_states] */
    Schedule schedule;
    const Occurrence *occurrences; /* of the scheduled events of the model, by time */
    size_t n_occurrences;
    double animal_s;  /* of the clock, for an animal; 0: no limit */
    const Stop *stop; /* may be NULL */
    /* room for values of all lanes */
    double *amounts;      /* [n_drugs][width] */
    double *event_values; /* [system->n_event_results][width] */
    double *root_values;  /* [system->n_root_functions][width] of the switches */
    Batch batch;          /* the one at hand */
};

/* The animals of a batch as lanes: n of them, and the last one repeated. */
typedef struct BatchLanes {
    const Option *site;
    AnimalDraw *draws[LANES];
    size_t n;
} BatchLanes;

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

/* What came out of one integration. */
typedef struct Integration {
    double *outputs; /* [n_times][n_outputs][width] */
    SolveStats stats;
    SteadyReport *steady; /* NULL: no state starts steady */
    size_t failed_lane;   /* on failure; as many as there are animals when it is not known */
} Integration;

/* Lanes of the batch at hand. */
static inline size_t worker_width(const Worker *worker)
{
    return worker->ode.width;
}

/* ---- worker.c ---- */

void worker_set_width(Worker *worker, size_t n_animals);

/* ---- batch.c ---- */

void batch_begin(Worker *worker, size_t cohort);

/* ---- integrate.c ---- */

/* The functions of worker->ode. */
void integrate_connect(Worker *worker);

/* Room for an integration of the present width. */
Integration integration_new(const Worker *worker, Arena *arena);

/* Integrates the lanes together. On failure *reterr says why in the words of the model. */
MUST_CHECK bool integrate_lanes(Worker *worker, const BatchLanes *lanes, Integration *integration, Err *reterr);

/* ---- isolate.c ---- */

/* Integrates the animals of a batch; those that fail leave it, and the others are integrated again without them. */
void isolate_failures(Worker *worker, Arena *arena, const BatchLanes *lanes, SiteResult *result);

/* ---- explain.c ---- */

/* Notes the equation in which an animal's number or step went wrong, and the values in it. */
void explain_failure(Worker *worker, const Failure *failure, Err *reterr);

/* ---- events.c ---- */

/* Slots of the batch at a time (-INFINITY: before anything is done), lane by lane. */
double *events_slots(const Worker *worker, Arena *arena, const BatchLanes *lanes, double time);
void events_set_slots(Worker *worker, const double *slots);

/* Sets all rates of infusion to 0 and returns them, [n_drugs][width]. */
double *events_stop_infusions(Worker *worker);

/* What is done to the batch at hand, by time; `start` is what its slots are before. */
void events_list(const Worker *worker, Arena *arena, const BatchLanes *lanes, const double *start,
                 BatchEvents *ret_events);

/* When the scheduled events of the model happen, up to the last measured time. */
void events_list_occurrences(Worker *worker, Arena *arena);

/* What the integrator calls (solve.h). */
void events_happen(void *self, size_t event, double t, double *y);
void events_functions(void *self, double t, const double *y, double *ret_values);
void events_fire(void *self, size_t trigger, double t, const bool *lanes, double *y);

/* ---- readings.c ---- */

/* Fills one animal's record from what each site of its cohort gave (results[n_sites]); `animal` counts within the
 * batch. What it points to is on the arena. */
void readings_fill(Worker *worker, Arena *arena, SiteResult *const *results, size_t animal, Animal *ret_record);

/* What chance gave an animal, as JSON. */
const char *readings_draw(Arena *arena, const Plan *plan, const Cohort *cohort, const AnimalDraw *draw);

#endif
