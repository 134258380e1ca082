/* SPDX-License-Identifier: Apache-2.0
 *
 * queue: inside a run, its batches in the order of the plan, whoever computes them. queue.c asks the store as it goes
 * which batches it lacks, so that memory does not grow with the number of animals, and writes what was computed. Two
 * ways to compute share it: the threads of this process (local.c), and other processes (ranks.c).
 *
 * Thread rule: the store belongs to the calling thread, and with it every function here but queue_is_stopping.
 */
#ifndef MB_RUN_QUEUE_H
#define MB_RUN_QUEUE_H

#include "run/run.h"
#include "simulate/simulate.h"

/* What came out of a batch, on an arena of its own. arena NULL: it is not computed yet. */
typedef struct Records {
    Arena *arena;
    const Animal *animals; /* [n]; NULL: the batch was stopped, and there is nothing to write */
} Records;

/* A batch that was dealt. */
typedef struct QueuePlace {
    AnimalRange batch;
    Records records;
} QueuePlace;

typedef struct Queue {
    const Plan *plan;
    Store *store;
    const RunOptions *options;
    int64_t run;
    double start_s;                  /* of the clock */
    const StoreCohortInfo *selected; /* [plan->n_cohorts]: n_planned 0: not asked for; n_stored as the run began */
    size_t n_batches;                /* to be run, as it began */
    size_t cohort, first;            /* where the next batch is looked for */
    RunProgress progress;
} Queue;

/* Counts what is to be done. The caller has set plan, store, options and run; the rest is 0. */
MUST_CHECK bool queue_open(Arena *arena, Queue *queue, Err *reterr);

/* The next batch that the store lacks; *ret_left false: there is none, or the run is to stop. */
MUST_CHECK bool queue_next(Queue *queue, AnimalRange *ret_batch, bool *ret_left, Err *reterr);

/* Has somebody asked to stop? From any thread. */
bool queue_is_stopping(const Queue *queue);

/* Writes a batch, gives its memory back, and tells how far the run is. */
MUST_CHECK bool queue_write(Queue *queue, QueuePlace *done, Err *reterr);

/* What is stored and missing in the end. */
MUST_CHECK bool queue_result(Queue *queue, RunResult *ret_result, Err *reterr);

/* Simulates a batch. From any thread. */
Records queue_simulate(Worker *worker, AnimalRange batch);

/* local.c: computes the queue with threads of this process; the calling thread is one of them. */
MUST_CHECK bool local_run(Arena *arena, Queue *queue, const System *system, Err *reterr);

/* ranks.c: deals the queue to the other ranks; this one writes. */
MUST_CHECK bool ranks_run_root(Arena *arena, Queue *queue, const StoreRun *description, Err *reterr);

#endif
