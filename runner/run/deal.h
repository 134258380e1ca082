/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside a run: its batches, dealt and written in the order of the plan, whoever computes them. deal.c asks the store
 * as it goes which batches it lacks, so that memory does not grow with the number of animals; what is finished before
 * its turn waits in a ring. Three ways to compute share it: a plain loop, threads (crew.c), ranks (ranks.c).
 *
 * Thread rule: the store belongs to the calling thread, and with it deal_open, deal_next and deal_write. The ring is
 * guarded by whoever shares it.
 */
#ifndef MB_RUN_DEAL_H
#define MB_RUN_DEAL_H

#include "run/batch.h"
#include "run/run.h"

typedef struct Batch {
    size_t cohort, first, n; /* animals first .. first + n - 1 of a cohort of the plan */
} Batch;

/* What came out of a batch, on an arena of its own. arena NULL: it is not finished. */
typedef struct Records {
    Arena *arena;
    const Animal *animals; /* [batch.n]; NULL: the batch was stopped, and there is nothing to write */
} Records;

/* Batch i of this run stands at place i % n_places from when it is dealt until it is written. */
typedef struct Place {
    Batch batch;
    Records records;
} Place;

typedef struct Deal {
    const Plan *plan;
    Store *store;
    const RunOptions *options;
    int64_t run;
    double start;                    /* of the clock, in s */
    const StoreCohortInfo *selected; /* [plan->n_cohorts]: n_planned 0: not asked for; n_stored as the run began */
    size_t n_batches;                /* to be run, as it began */
    size_t cohort, first;            /* where the next batch is looked for */
    Place *ring;
    size_t n_places;
    size_t n_dealt, n_written; /* batches */
    RunProgress progress;
} Deal;

/* Counts what is to be done; the ring has n_places. */
MUST_CHECK bool deal_open(Arena *arena, const Plan *plan, Store *store, const RunOptions *options, int64_t run,
                          Deal *ret_deal, Err *reterr);
void deal_set_places(Arena *arena, Deal *deal, size_t n_places);

/* The next batch that the store lacks; *ret_left false: there is none, or the run is to stop. */
MUST_CHECK bool deal_next(Deal *deal, Batch *ret_batch, bool *ret_left, Err *reterr);

/* Has somebody asked to stop? From any thread. */
bool deal_stops(const Deal *deal);

/* Ring: a place is free; put a batch into it; the place of a batch; take out what is to be written next (arena NULL: it
 * is not finished). */
bool deal_has_place(const Deal *deal);
void deal_add(Deal *deal, const Batch *batch);
Place *deal_place(Deal *deal, size_t index);
Place deal_take_first(Deal *deal);

/* Writes a batch, gives its memory back, and tells how far the run is. */
MUST_CHECK bool deal_write(Deal *deal, Place *done, Err *reterr);

/* What is stored and missing in the end. */
MUST_CHECK bool deal_result(Deal *deal, RunResult *ret_result, Err *reterr);

/* Gives back what was not written. */
void deal_close(Deal *deal);

/* Of a clock that only goes forward. */
double run_seconds(void);

/* Simulates a batch. */
Records batch_simulate(Worker *worker, const Batch *batch);

/* crew.c: deals to threads; the calling thread is one of them. */
MUST_CHECK bool crew_run(Arena *arena, Deal *deal, const System *system, size_t n_threads, Err *reterr);

/* ranks.c: deals to the other ranks; this one writes. */
MUST_CHECK bool ranks_run(Arena *arena, Deal *deal, const StoreRun *description, Err *reterr);

#endif
