/* SPDX-License-Identifier: Apache-2.0
 *
 * trial: integrates given parameter vectors as the lanes of one batch, for callers that vary parameters on purpose
 * (fit/). A trial is one batch of one cohort with up to TRIAL_LANES vectors. All vectors share every step of the
 * integrator, so the choice of steps does not blur the differences between them; the first vector is usually the one
 * that the others are compared with. The result of a trial depends on the trial alone: trials may run on any threads,
 * at the same time, in any order.
 */
#ifndef MB_SIMULATE_TRIAL_H
#define MB_SIMULATE_TRIAL_H

#include "model/system.h"
#include "plan/plan.h"

/* Every trial has this width, because the animals or vectors that share a batch decide the last digits. */
enum { TRIAL_LANES = 16 };

typedef struct Trial {
    const Plan *plan;
    const System *system;         /* of the plan's model */
    size_t cohort;                /* index into the plan. Each vector gets the events of this cohort, and the drivers of
                                     its animal 0 */
    const double *const *vectors; /* [n_vectors][model->n_parameters] */
    size_t n_vectors;             /* 1 .. TRIAL_LANES */
    double *outputs; /* [n_sites][plan->n_times][n_outputs][TRIAL_LANES], owned by the caller; without noise */
    bool ran;        /* false: the trial was never begun */
    bool failed;     /* when one vector fails, the trial fails: no vector is integrated again alone */
    Err err;         /* why */
} Trial;

typedef struct TrialOptions {
    double rtol;
    double animal_s;  /* limit of wall-clock time; 0: none. A trial that takes longer fails (worker_limit) */
    const Stop *stop; /* may be NULL. Once it is set, no new trial is begun, and running trials end */
} TrialOptions;

/* Runs a trial. A failure of the trial is a result (`failed`, `err`), and the function returns true. It opens a worker
 * for each trial: that takes far less time than the trial, and no trial influences the next. Returns false when the
 * integrator cannot be set up. */
MUST_CHECK bool trial_run(Trial *trial, const TrialOptions *options, Err *reterr);

#endif
