/* SPDX-License-Identifier: Apache-2.0
 *
 * run: computes a plan and writes the animals into a store. Front door of the room. It deals batches, each with animals
 * of one cohort, to the threads of this process (local.c) or to the other ranks of mpirun or srun (ranks.h), which
 * simulate them. The cohort alone decides which animals share a batch, so results do not depend on threads, ranks,
 * other cohorts or their order. Memory does not grow with the number of animals.
 *
 * Animals that the store has are not computed again: neither those of the run itself, nor those of a cohort with the
 * same key in another run (provenance.h).
 *
 * Thread rule: the thread that calls run_plan, on rank 0, is the only one that writes; it writes in the order of the
 * plan.
 */
#ifndef MB_RUN_RUN_H
#define MB_RUN_RUN_H

#include "plan/plan.h"
#include "store/store.h"

typedef struct RunProgress {
    size_t n_animals; /* to be computed by this call */
    size_t n_done;
    size_t n_failed;
    double seconds;
} RunProgress;

typedef struct RunOptions {
    size_t n_workers;           /* threads, >= 1; among several ranks each is one thread */
    double rtol;                /* 1e-12 .. 1e-3 */
    double animal_s;            /* wall-clock time after which an animal fails; 0: no limit */
    CpuSet cpu;                 /* a usable instruction set; all give the same digits */
    const char *const *cohorts; /* names of the cohorts to run; NULL and 0: all */
    size_t n_cohorts;
    bool force;          /* computes stored animals again, and replaces them */
    const char *command; /* for provenance */
    const Stop *stop;    /* may be NULL. Once it is set, no new batch is begun, running batches end without
                            records, and records that are computed are written */
    /* The calling thread calls this after each batch; may be NULL. */
    void (*progress)(void *context, const RunProgress *progress);
    void *context;
} RunOptions;

typedef struct RunResult {
    int64_t run; /* id in the store */
    RunProgress progress;
    size_t n_found; /* animals that were in the store already */
    size_t n_taken; /* animals taken over from other runs of the store */
    bool stopped;   /* by `stop`: animals or summaries of cohorts (store_summarise) may be missing */
} RunResult;

/* The default relative tolerance of the integrator. We promise relative errors of at most 1e-6. The errors of a run add
 * up to about a hundred times the tolerance: compared with rtol 1e-12, the worst relative error in the nine panels of
 * Lemaire's figure 2 is 1.3e-6 with 1e-8, and 1e-7 with 1e-9, which takes 1.4 times the steps. */
#define RUN_RTOL 1e-9

/* The default limit of wall-clock time for an animal, in s. The slowest shipped model, proctor-2016, takes 2.4 s and
 * 1.3 million steps for one animal. */
#define RUN_ANIMAL_S 600

MUST_CHECK bool run_plan(const Plan *plan, Store *store, const RunOptions *options, RunResult *ret_result, Err *reterr);

/* On a rank other than 0: computes the batches that rank 0 deals, until rank 0 dismisses this rank (ranks.h). `plans`:
 * the plans that rank 0 runs, in any order. `why` not NULL: this rank could not load the plans; it tells rank 0 why. */
void ranks_run_worker(const Plan *const *plans, size_t n_plans, double rtol, double animal_s, CpuSet cpu,
                      const Err *why);

#endif
