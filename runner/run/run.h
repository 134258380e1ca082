/* SPDX-License-Identifier: Apache-2.0
 *
 * run: a plan into a store. Deals batches of animals of one cohort, has them simulated, writes them. Two ways to
 * compute: the threads of this process (local.c), or the other ranks of mpirun or srun (ranks.h). Which animals share a
 * batch follows from the cohort alone, so results do not depend on threads, ranks, other cohorts or their order. The
 * calling thread of rank 0 is the only writer, in the order of the plan. Memory does not grow with the number of
 * animals.
 *
 * What the store has is not computed again: neither the run's own animals nor those of a cohort of another run with the
 * same key (provenance.h).
 */
#ifndef MB_RUN_RUN_H
#define MB_RUN_RUN_H

#include "plan/plan.h"
#include "store/store.h"

typedef struct RunProgress {
    size_t n_animals; /* of this call */
    size_t n_done;
    size_t n_failed;
    double seconds;
} RunProgress;

typedef struct RunOptions {
    size_t n_workers;           /* threads, >= 1; among several ranks each is one thread */
    double rtol;                /* 1e-12 .. 1e-3 */
    double animal_s;            /* of the clock, for an animal that fails when it takes longer; 0: no limit */
    CpuSet cpu;                 /* instruction set of the hot loops, usable; decides no digit */
    const char *const *cohorts; /* names; none: all */
    size_t n_cohorts;
    bool force;          /* computes what is stored already, too, and writes over it */
    const char *command; /* for provenance */
    const Stop *stop;    /* not NULL and set: no new batch is begun, those at hand end without a result, what is
                            computed is written */
    /* Called by the calling thread after each batch; NULL: not at all. */
    void (*progress)(void *context, const RunProgress *progress);
    void *context;
} RunOptions;

typedef struct RunResult {
    int64_t run; /* id in the store */
    RunProgress progress;
    size_t n_found; /* animals that were in the store already */
    size_t n_taken; /* animals taken over from other runs of the store */
    bool stopped;   /* by `stop`: animals may be missing, or what the store says of whole cohorts (store_summarise) */
} RunResult;

/* The default relative tolerance of the integrator. Errors of a run add up to about a hundred times as much: against
 * rtol 1e-12 the nine panels of Lemaire's figure 2 are off by 1.3e-6 relative at worst with 1e-8, by 1e-7 with 1e-9
 * (1.4 times the steps), and 1e-6 is promised. */
#define RUN_RTOL 1e-9

/* The default limit of an animal's time, in s. The slowest of the shipped models, proctor-2016, takes 1.3 million steps
 * and 2.4 s for one. */
#define RUN_ANIMAL_S 600

MUST_CHECK bool run_plan(const Plan *plan, Store *store, const RunOptions *options, RunResult *ret_result, Err *reterr);

/* On a rank other than 0: computes what rank 0 deals, until it dismisses this rank (ranks.h). The plans are those that
 * rank 0 runs, in any order; `why` not NULL: there are none, and rank 0 is to be told so. */
void ranks_run_worker(const Plan *const *plans, size_t n_plans, double rtol, double animal_s, CpuSet cpu,
                      const Err *why);

#endif
