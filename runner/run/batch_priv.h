/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside a worker: batch.c integrates, records.c writes down what came out.
 */
#ifndef MB_RUN_BATCH_PRIV_H
#define MB_RUN_BATCH_PRIV_H

#include "run/batch.h"

struct Worker {
    const Plan *plan;
    const System *system;
    SystemLanes *lanes;
    Solver *solver;
    Ode ode;
    double rtol;
    double *atol;    /* [n_states] */
    double *amounts; /* [n_drugs][LANES] */
    double *times;   /* measured times and those of traits, ascending */
    size_t n_times;
    size_t *measured;  /* [plan->n_times]: index of each among `times` */
    size_t *decided;   /* [n_outputs]: the same for `at` of a trait that has one */
    size_t *infusions; /* indices of the slow doses among the cohort's */
    size_t n_infusions;
    /* of the batch at hand */
    const Cohort *cohort;
    const double *ages;               /* [plan->n_times], in days: what series share */
    const double *const *event_slots; /* of each event: [n_slots][LANES] from then on; NULL: as before */
};

/* Outputs of a batch at one site, and for each animal whether it failed. */
typedef struct SiteResult {
    double *outputs[LANES]; /* of each animal: [n_times][n_outputs][LANES], */
    size_t lane[LANES];     /* in this lane */
    bool failed[LANES];
    Err errors[LANES];
    SolveStats stats[LANES];
    const RngKey *noise; /* [n_times][n_outputs]: keys of the readings' noise; NULL: readings have none */
} SiteResult;

/* Model time in days, without the dust of the conversion: 26 wk of a model in years are 182 d, not
 * 182.00000000000003. */
double age_of(const Plan *plan, double time);

/* Fills one animal's record from what each site of its cohort gave (results[n_sites]); `animal` counts within the
 * batch. What it points to is on the arena. */
void record_fill(Worker *worker, Arena *arena, SiteResult *const *results, size_t animal, StoreAnimal *ret_record);

/* What chance gave an animal, as JSON. */
const char *record_draw(Arena *arena, const Plan *plan, const Cohort *cohort, const AnimalDraw *draw);

#endif
