/* SPDX-License-Identifier: Apache-2.0
 *
 * trial: given parameter vectors on the lanes of batches, for whoever varies parameters on purpose (fit/). A trial is
 * one batch of one cohort: up to TRIAL_LANES vectors that share every step, the first of which is usually what the
 * others are compared with. Trials are spread over threads; each is a function of itself alone, so the answer does not
 * depend on how many threads there are, on other trials or on their order.
 */
#ifndef MB_RUN_TRIAL_H
#define MB_RUN_TRIAL_H

#include "model/system.h"
#include "plan/plan.h"

/* Always as wide: what lanes share decides digits. */
enum { TRIAL_LANES = 16 };

typedef struct Trial {
    const Plan *plan;
    const System *system;         /* of the plan's model */
    size_t cohort;                /* index into the plan */
    const double *const *vectors; /* [n_vectors][model->n_parameters] */
    size_t n_vectors;             /* 1 .. TRIAL_LANES */
    /* what came out */
    double *outputs; /* [n_sites][plan->n_times][n_outputs][TRIAL_LANES], on the arena: truth, without noise */
    bool failed;
    Err err; /* why */
} Trial;

typedef struct TrialOptions {
    size_t n_workers; /* >= 1 */
    double rtol;
    double animal_s;  /* of the clock; 0: no limit. A trial that takes longer has failed: worker_limit in batch.h */
    const Stop *stop; /* not NULL and set: no new trial is begun, those at hand end */
} TrialOptions;

/* Runs all trials. That one fails is a result (`failed`). *ret_stopped: by `stop`, and what came out is incomplete.
 * False when a worker cannot be set up. */
MUST_CHECK bool trials_run(Arena *arena, Trial *trials, size_t n, const TrialOptions *options, bool *ret_stopped,
                           Err *reterr);

/* What decides a digit beside texts, seed and tolerance: versions of engine, integrator, compiler ... */
const char *trial_versions(Arena *arena);

#endif
