/* SPDX-License-Identifier: Apache-2.0
 *
 * queue: the batches of a run in the order of the plan; inside the room. queue.c asks the store batch by batch what it
 * lacks, so memory does not grow with the number of animals, and it writes the records. Two ways to compute share the
 * queue: the threads of this process (local.c), and other processes (ranks.c).
 *
 * Thread rule: only the calling thread uses the store, so only the calling thread calls these functions. Exceptions:
 * queue_is_stopping and queue_simulate.
 */
#ifndef MB_RUN_QUEUE_H
#define MB_RUN_QUEUE_H

#include "run/run.h"
#include "simulate/simulate.h"

/* The records of a batch, on an arena of their own. arena NULL: the batch is not computed yet. */
typedef struct Records {
    Arena *arena;
    const Animal *animals; /* [n]; NULL: the batch was stopped, and there is nothing to write */
} Records;

/* A batch that was dealt to a thread or a rank, and its records once they are computed. */
typedef struct QueuePlace {
    AnimalRange batch;
    Records records;
} QueuePlace;

typedef struct Queue {
    const Plan *plan;
    Store *store;
    const RunOptions *options;
    int64_t run;
    double start_s;                  /* clock_seconds() at the start */
    const StoreCohortInfo *selected; /* [plan->n_cohorts]; n_planned 0: not selected; n_stored: at the start */
    size_t n_batches;                /* to be computed, at the start */
    size_t cohort, first;            /* the search for the next batch begins at this animal */
    RunProgress progress;
} Queue;

/* Counts the batches to be computed. The caller has set plan, store, options and run; the rest is 0. */
MUST_CHECK bool queue_open(Arena *arena, Queue *queue, Err *reterr);

/* Finds the next batch that the store lacks. *ret_left false: there is none, or somebody asked the run to stop. */
MUST_CHECK bool queue_next(Queue *queue, AnimalRange *ret_batch, bool *ret_left, Err *reterr);

/* True when somebody asked the run to stop. Any thread may call it. */
bool queue_is_stopping(const Queue *queue);

/* Writes the records of a batch, frees them, and reports the progress of the run. */
MUST_CHECK bool queue_write(Queue *queue, QueuePlace *done, Err *reterr);

/* Finishes the run in the store, and counts its stored and missing animals. */
MUST_CHECK bool queue_result(Queue *queue, RunResult *ret_result, Err *reterr);

/* Simulates a batch. Any thread may call it with its own worker; the caller closes the arena of the records. */
Records queue_simulate(Worker *worker, AnimalRange batch);

/* local.c: computes the queue with threads of this process; the calling thread is one of them. */
MUST_CHECK bool local_run(Arena *arena, Queue *queue, const System *system, Err *reterr);

/* ranks.c: deals the queue to the other ranks and writes their records. Rank 0 only. */
MUST_CHECK bool ranks_run_root(Arena *arena, Queue *queue, const StoreRun *description, Err *reterr);

#endif
