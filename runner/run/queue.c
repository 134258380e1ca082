/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the batches that the store lacks, and writes the records of computed batches.
 */
#include "run/queue.h"

/* Reads how many animals of each cohort the store has. Cohorts that --cohort does not select count 0 animals. */
static bool count_cohorts(Arena *arena, const Queue *queue, StoreCohortInfo **ret_cohorts, size_t *ret_stored,
                          size_t *ret_missing, Err *reterr)
{
    const StoreCohortInfo *stored;
    size_t n, n_stored = 0, n_missing = 0;
    if (!store_cohorts(arena, queue->store, queue->run, &stored, &n, reterr))
        return false;
    ASSERT(n == queue->plan->n_cohorts);
    StoreCohortInfo *cohorts = NEW_ARRAY(arena, StoreCohortInfo, n);
    for (size_t c = 0; c < n; c++) {
        if (!plan_selects(queue->options->cohorts, queue->options->n_cohorts, &queue->plan->cohorts[c]))
            continue;
        cohorts[c] = stored[c];
        n_stored += stored[c].n_stored;
        n_missing += stored[c].n_planned - stored[c].n_stored;
    }
    *ret_cohorts = cohorts;
    *ret_stored = n_stored;
    *ret_missing = n_missing;
    return true;
}

bool queue_open(Arena *arena, Queue *queue, Err *reterr)
{
    StoreCohortInfo *cohorts;
    size_t n_stored, n_cohorts = queue->plan->n_cohorts, most = lanes_shared(queue->plan->model->n_states);
    queue->start_s = clock_seconds();
    if (!count_cohorts(arena, queue, &cohorts, &n_stored, &queue->progress.n_animals, reterr))
        return false;
    for (size_t c = 0; queue->options->force && c < n_cohorts; c++) {
        queue->progress.n_animals += cohorts[c].n_stored;
        cohorts[c].n_stored = 0; /* stored animals are computed again, too */
    }
    for (size_t c = 0; c < n_cohorts; c++)
        queue->n_batches += (cohorts[c].n_planned - cohorts[c].n_stored + most - 1) / most;
    queue->selected = cohorts;
    return true;
}

/* *ret_missing: whether the store lacks an animal of the batch. */
static bool is_missing(const Queue *queue, const AnimalRange *batch, bool *ret_missing, Err *reterr)
{
    size_t n_stored = 0;
    if (queue->selected[batch->cohort].n_stored > 0 && /* saves a query: an empty cohort lacks all */
        !store_count(queue->store, queue->run, batch, &n_stored, reterr))
        return false;
    *ret_missing = n_stored < batch->n;
    return true;
}

bool queue_is_stopping(const Queue *queue)
{
    return stop_asked(queue->options->stop);
}

bool queue_next(Queue *queue, AnimalRange *ret_batch, bool *ret_left, Err *reterr)
{
    bool missing = false;
    size_t most = lanes_shared(queue->plan->model->n_states);
    while (!missing && queue->cohort < queue->plan->n_cohorts && !queue_is_stopping(queue)) {
        size_t left = queue->selected[queue->cohort].n_planned - queue->first;
        AnimalRange batch = {.cohort = queue->cohort, .first = queue->first, .n = left < most ? left : most};
        if (left == 0) {
            queue->cohort++;
            queue->first = 0;
            continue;
        }
        if (!is_missing(queue, &batch, &missing, reterr))
            return false;
        queue->first += batch.n;
        *ret_batch = batch;
    }
    *ret_left = missing;
    return true;
}

bool queue_write(Queue *queue, QueuePlace *done, Err *reterr)
{
    SCOPED(arena_close) Arena *arena = done->records.arena; /* the records end with this scope */
    if (done->records.animals == NULL)
        return true; /* the batch was stopped */
    if (!(queue->options->force ? store_replace : store_append)(queue->store, queue->run, done->records.animals,
                                                                done->batch.n, reterr))
        return false;
    queue->progress.n_done += done->batch.n;
    for (size_t i = 0; i < done->batch.n; i++)
        queue->progress.n_failed += done->records.animals[i].failure != NULL;
    queue->progress.seconds = clock_seconds() - queue->start_s;
    if (queue->options->progress != NULL)
        queue->options->progress(queue->options->context, &queue->progress);
    (void)arena;
    return true;
}

bool queue_result(Queue *queue, RunResult *ret_result, Err *reterr)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    StoreCohortInfo *cohorts;
    size_t n_stored, n_missing;
    if (!store_finish(queue->store, queue->run, reterr) ||
        !store_summarise(queue->store, queue->run, queue->options->stop, reterr) ||
        !count_cohorts(scratch, queue, &cohorts, &n_stored, &n_missing, reterr))
        return false;
    if (!queue->options->force) /* another process may have stored animals, too */
        queue->progress.n_animals = queue->progress.n_done + n_missing;
    queue->progress.seconds = clock_seconds() - queue->start_s;
    *ret_result =
        (RunResult){.run = queue->run,
                    .progress = queue->progress,
                    .n_found = n_stored - queue->progress.n_done,
                    .stopped = queue->progress.n_done < queue->progress.n_animals || queue_is_stopping(queue)};
    return true;
}

Records queue_simulate(Worker *worker, AnimalRange batch)
{
    Arena *arena = arena_open();
    return (Records){arena, worker_run(arena, worker, batch)};
}
