/* SPDX-License-Identifier: Apache-2.0
 *
 * trial: given parameter vectors on the lanes of batches, for whoever varies parameters on purpose (fit/). A trial is
 * one batch of one cohort: up to TRIAL_LANES vectors that share every step, the first of which is usually what the
 * others are compared with: so differences between vectors are not blurred by the choice of steps. A trial is a
 * function of itself alone: it may run on any thread, beside any others, in any order.
 */
#ifndef MB_SIMULATE_TRIAL_H
#define MB_SIMULATE_TRIAL_H

#include "model/system.h"
#include "plan/plan.h"

/* Always as wide: what lanes share decides digits. */
enum { TRIAL_LANES = 16 };

typedef struct Trial {
    const Plan *plan;
    const System *system;         /* of the plan's model */
    size_t cohort;                /* index into the plan. What is done to it is done to each vector; its drivers are as
                                     in animal 0 */
    const double *const *vectors; /* [n_vectors][model->n_parameters] */
    size_t n_vectors;             /* 1 .. TRIAL_LANES */
    double *outputs; /* [n_sites][plan->n_times][n_outputs][TRIAL_LANES], the caller's: truth, without noise */
    bool ran;        /* false: it was never begun */
    bool failed;     /* when one vector fails all do: nothing is integrated again alone */
    Err err;         /* why */
} Trial;

typedef struct TrialOptions {
    double rtol;
    double animal_s;  /* of the clock; 0: no limit. A trial that takes longer has failed (worker_limit) */
    const Stop *stop; /* not NULL and set: no new trial is begun, those at hand end */
} TrialOptions;

/* Runs a trial. That it fails is a result (`failed`). A worker is opened for each: that takes far less time than a
 * trial, and nothing is left from the one before. False when the integrator cannot be set up. */
MUST_CHECK bool trial_run(Trial *trial, const TrialOptions *options, Err *reterr);

#endif
