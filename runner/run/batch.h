/* SPDX-License-Identifier: Apache-2.0
 *
 * One batch: draw its animals, turn what is done to them into events, integrate, read the outputs.
 */
#ifndef MB_RUN_BATCH_H
#define MB_RUN_BATCH_H

#include "model/system.h"
#include "plan/plan.h"
#include "solve/solve.h"
#include "store/store.h"

/* What one worker owns: a register file and an integrator for the plan's equations. */
typedef struct Worker Worker;

/* On the arena, for an instruction set that is usable; NULL and *reterr when the integrator cannot be set up. */
Worker *worker_open(Arena *arena, const Plan *plan, const System *system, double rtol, CpuSet cpu, Err *reterr);
void worker_close(Worker **worker);

/* Bounds what follows. An animal that takes longer than `animal_s` seconds of the clock (0: no limit) fails; its batch
 * together takes at most BATCH_SHARE times as long: animals that are not done then fail. When *stop (may be NULL) is
 * set, worker_run ends at the integrator's next step. */
enum { BATCH_SHARE = 4 };
void worker_limit(Worker *worker, double animal_s, const Stop *stop);

/* Simulates `n` animals (1 .. LANES) of a cohort from `first` on, at all its sites. The records are [n] on the arena,
 * ready for store_append; NULL when it was stopped. `cohort` is an index into the plan. Failures are in the records. */
Animal *worker_run(Worker *worker, Arena *arena, size_t cohort, size_t first, size_t n);

/* Simulates `n` given parameter vectors (1 .. TRIAL_LANES, each [model->n_parameters]) as the lanes of one batch, so
 * that they share every step: differences between them are not blurred by the choice of steps. What is done to the
 * cohort is done to each; its drivers are as in animal 0. ret_outputs is
 * [n_sites][plan->n_times][n_outputs][TRIAL_LANES], the truth without noise. When one lane fails all do: nothing is run
 * again alone. */
MUST_CHECK bool worker_try(Worker *worker, Arena *arena, size_t cohort, const double *const *vectors, size_t n,
                           double *ret_outputs, Err *reterr);

#endif
