/* SPDX-License-Identifier: Apache-2.0
 *
 * simulate, inside the room: the worker, its current batch, and the functions that the files of the room share.
 *
 *   worker.c     opens a worker: times, tolerances, the integrator        batch.c      runs one batch at its sites
 *   integrate.c  the equations as CVODE calls them, one integration       isolate.c    animals that make a batch fail
 *   events.c     changes of parameters, doses, model events               explain.c    why an animal failed
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

/* All changes to a batch at one time, carried out in this order: new values of the slots, doses, events of the model.
 * */
typedef struct BatchEvent {
    double time;
    const double *slots; /* [n_slots][width] new values; NULL: unchanged */
    const Dose *doses;   /* the doses that begin now, infusions included */
    size_t n_doses;
    bool infuses;                 /* the rates of infusion change: */
    const Dose *const *infusions; /* these run from now on */
    size_t n_infusions;
    const Occurrence *occurrences;
    size_t n_occurrences;
} BatchEvent;

typedef VEC(BatchEvent) BatchEvents;

/* The event of the model, or the drug, that gave a state a value that is not finite. Both NULL: none did. */
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
    const double *ages_d; /* [plan->n_times], in days; all series point to it */
} Schedule;

/* What lives as long as one batch. */
typedef struct Batch {
    const Cohort *cohort;
    double end_s;             /* clock_seconds() at which the batch ends */
    const BatchEvent *events; /* of the current integration */
    FaultSource fault_source;
    bool held;    /* the conditions in the rates are held constant */
    bool stopped; /* because worker->stop is set */
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
    double animal_s;  /* limit of wall-clock time for an animal; 0: no limit */
    const Stop *stop; /* may be NULL */
    /* room for values of all lanes */
    double *amounts;      /* [n_drugs][width] */
    double *event_values; /* [system->n_event_results][width] */
    double *root_values;  /* [system->n_root_functions][width] of the switches */
    Batch batch;          /* the current one */
};

/* The animals of a batch as lanes: n animals, then the last one repeated. */
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
    size_t failed_lane;   /* on failure: the lane that failed; the number of animals when it is not known */
} Integration;

/* Number of lanes of the current batch. */
static inline size_t worker_width(const Worker *worker)
{
    return worker->ode.width;
}

/* ---- worker.c ---- */

void worker_set_width(Worker *worker, size_t n_animals);

/* ---- batch.c ---- */

void batch_begin(Worker *worker, size_t cohort);

/* ---- integrate.c ---- */

/* Sets the functions of worker->ode. */
void integrate_connect(Worker *worker);

/* Allocates the results of an integration of the current width. */
Integration integration_new(Arena *arena, const Worker *worker);

/* Integrates the lanes together. On failure *reterr says why, with the equation of the model. */
MUST_CHECK bool integrate_lanes(Worker *worker, const BatchLanes *lanes, Integration *integration, Err *reterr);

/* ---- isolate.c ---- */

/* Integrates the animals of a batch. Animals that fail leave the batch; the others are integrated again without them.
 * */
void isolate_failures(Arena *arena, Worker *worker, const BatchLanes *lanes, SiteResult *result);

/* ---- explain.c ---- */

/* Appends to *reterr the equation that made the animal fail, and the values in it. */
void explain_failure(Worker *worker, const Failure *failure, Err *reterr);

/* ---- events.c ---- */

/* Slots of the batch at a time (-INFINITY: before all events), [n_slots][width] on the arena. */
double *events_slots(Arena *arena, const Worker *worker, const BatchLanes *lanes, double time);
void events_set_slots(Worker *worker, const double *slots);

/* Sets all rates of infusion to 0 and returns them, [n_drugs][width]. */
double *events_stop_infusions(Worker *worker);

/* Lists the events of the current batch by time. `start`: the slots before the first event. */
void events_list(Arena *arena, const Worker *worker, const BatchLanes *lanes, const double *start,
                 BatchEvents *ret_events);

/* Lists when the scheduled events of the model happen, up to the last measured time, in worker->occurrences. */
void events_list_occurrences(Arena *arena, Worker *worker);

/* The integrator calls these (solve.h); `self` is the Worker. */
void events_happen(void *self, size_t event, double t, double *y);
void events_functions(void *self, double t, const double *y, double *ret_values);
void events_fire(void *self, size_t trigger, double t, const bool *lanes, double *y);

/* ---- readings.c ---- */

/* Fills the record of one animal from the results of each site of its cohort (results[n_sites]). `animal` counts within
 * the batch. Everything that the record points to is on the arena. */
void readings_fill(Arena *arena, Worker *worker, SiteResult *const *results, size_t animal, Animal *ret_record);

/* The parameters that were drawn for an animal, as JSON. */
const char *readings_draw(Arena *arena, const Plan *plan, const Cohort *cohort, const AnimalDraw *draw);

#endif
