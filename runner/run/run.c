/* SPDX-License-Identifier: Apache-2.0
 *
 * A plan into a store, in three steps:
 *   1. describe the run to the store and list the batches that it does not have
 *   2. workers simulate batches, taking the next one each time
 *   3. the calling thread writes them in the order of the list
 */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "run/batch.h"
#include "run/provenance.h"
#include "run/run.h"

typedef struct Batch {
    size_t cohort, first, n;
} Batch;

typedef VEC(Batch) Batches;

/* A finished batch waits here for its turn to be written. */
typedef struct Finished {
    Arena *arena;         /* of its records; NULL: the place is free */
    StoreAnimal *animals; /* NULL: the worker failed (see Crew.err) */
    size_t n;
} Finished;

/* What workers and the writer share. Everything below `lock` is guarded by it. */
typedef struct Crew {
    const Plan *plan;
    const System *system;
    const RunOptions *options;
    Batches batches;
    size_t n_places; /* of the ring of finished batches: bounds the memory */
    pthread_mutex_t lock;
    pthread_cond_t batch_finished, place_free;
    Finished *ring; /* batch i stands at i % n_places */
    size_t next;    /* batch to be begun */
    size_t n_written;
    bool halted; /* no new batch */
    Err err;     /* of a worker that could not be set up */
} Crew;

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- 1. What is to be done ---- */

static bool any_missing(Store *store, int64_t run, const Batch *batch, bool *ret_missing, Err *reterr)
{
    bool has = true;
    for (size_t i = 0; has && i < batch->n; i++)
        if (!store_has(store, run, batch->cohort, batch->first + i, &has, reterr))
            return false;
    *ret_missing = !has;
    return true;
}

static bool list_batches(Arena *arena, const Plan *plan, Store *store, const RunOptions *options, RunResult *result,
                         Batches *batches, Err *reterr)
{
    StoreProgress stored;
    if (!store_progress(store, result->run, &stored, reterr))
        return false;
    for (size_t c = 0; c < plan->n_cohorts; c++) {
        const Cohort *cohort = &plan->cohorts[c];
        if (!plan_selects(options->cohorts, options->n_cohorts, cohort))
            continue;
        size_t most = lanes_shared(plan->model->n_states);
        for (size_t first = 0; first < cohort->n_animals; first += most) {
            size_t left = cohort->n_animals - first;
            Batch batch = {.cohort = c, .first = first, .n = left < most ? left : most};
            bool missing = true;
            if (stored.n_stored > 0 && !any_missing(store, result->run, &batch, &missing, reterr))
                return false;
            if (missing) {
                *vec_push(arena, batches) = batch;
                result->progress.n_animals += batch.n;
            } else {
                result->n_found += batch.n;
            }
        }
    }
    return true;
}

/* ---- 2. Workers ---- */

static bool must_stop(const Crew *crew)
{
    return crew->options->stop != NULL && *crew->options->stop != 0;
}

/* The next batch, when there is one and a place for its result; blocks while the ring is full. */
static bool take_batch(Crew *crew, size_t *ret_index)
{
    pthread_mutex_lock(&crew->lock);
    while (!crew->halted && crew->next < crew->batches.n && crew->next >= crew->n_written + crew->n_places)
        pthread_cond_wait(&crew->place_free, &crew->lock);
    if (must_stop(crew))
        crew->halted = true;
    bool taken = !crew->halted && crew->next < crew->batches.n;
    if (taken)
        *ret_index = crew->next++;
    else
        pthread_cond_broadcast(&crew->batch_finished); /* the writer may be waiting for what will not come */
    pthread_mutex_unlock(&crew->lock);
    return taken;
}

static Finished simulate(Worker *worker, const Batch *batch)
{
    Finished done = {.arena = arena_open(), .n = batch->n};
    done.animals = worker_run(worker, done.arena, batch->cohort, batch->first, batch->n);
    return done;
}

static void hand_over(Crew *crew, size_t index, Finished done)
{
    pthread_mutex_lock(&crew->lock);
    crew->ring[index % crew->n_places] = done;
    pthread_cond_broadcast(&crew->batch_finished);
    pthread_mutex_unlock(&crew->lock);
}

static void halt(Crew *crew, const Err *err)
{
    pthread_mutex_lock(&crew->lock);
    crew->halted = true;
    if (err != NULL)
        crew->err = *err;
    pthread_cond_broadcast(&crew->batch_finished);
    pthread_cond_broadcast(&crew->place_free);
    pthread_mutex_unlock(&crew->lock);
}

static void *work(void *shared)
{
    Crew *crew = shared;
    SCOPED(arena_close) Arena *arena = arena_open();
    Err err = {0};
    SCOPED(worker_close)
    Worker *worker = worker_open(arena, crew->plan, crew->system, crew->options->rtol, crew->options->cpu, &err);
    size_t index;
    if (worker == NULL)
        halt(crew, &err);
    else
        while (take_batch(crew, &index))
            hand_over(crew, index, simulate(worker, &crew->batches.items[index]));
    return NULL;
}

/* ---- 3. The writer ---- */

static bool write_batch(Store *store, const RunOptions *options, double start, Finished *done, RunResult *result,
                        Err *reterr)
{
    SCOPED(arena_close) Arena *arena = done->arena; /* the records end with this scope */
    done->arena = NULL;
    if (!store_append(store, result->run, done->animals, done->n, reterr))
        return false;
    result->progress.n_done += done->n;
    for (size_t i = 0; i < done->n; i++)
        result->progress.n_failed += done->animals[i].failure != NULL;
    result->progress.seconds = seconds_now() - start;
    if (options->progress != NULL)
        options->progress(options->context, &result->progress);
    (void)arena;
    return true;
}

/* Waits for the batch whose turn it is. False: it will not come, the crew halted before it was begun. */
static bool await_batch(Crew *crew, Finished *ret_done)
{
    pthread_mutex_lock(&crew->lock);
    Finished *place = &crew->ring[crew->n_written % crew->n_places];
    while (place->arena == NULL && !(crew->halted && crew->n_written >= crew->next))
        pthread_cond_wait(&crew->batch_finished, &crew->lock);
    *ret_done = *place;
    *place = (Finished){0};
    pthread_mutex_unlock(&crew->lock);
    return ret_done->arena != NULL;
}

static bool write_all(Crew *crew, Store *store, double start, RunResult *result, Err *reterr)
{
    bool written = true;
    Finished done;
    while (written && crew->n_written < crew->batches.n && await_batch(crew, &done)) {
        written = write_batch(store, crew->options, start, &done, result, reterr);
        pthread_mutex_lock(&crew->lock);
        crew->n_written++;
        pthread_cond_broadcast(&crew->place_free);
        pthread_mutex_unlock(&crew->lock);
    }
    return written;
}

static void free_ring(Crew *crew)
{
    for (size_t i = 0; i < crew->n_places; i++)
        arena_close(&crew->ring[i].arena);
}

static bool run_crew(Arena *arena, Crew *crew, Store *store, double start, RunResult *result, Err *reterr)
{
    size_t n = crew->options->n_workers, started = 0;
    if (n > crew->batches.n)
        n = crew->batches.n;
    pthread_t *threads = NEW_ARRAY(arena, pthread_t, n);
    crew->n_places = 2 * n;
    crew->ring = NEW_ARRAY(arena, Finished, crew->n_places);
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->batch_finished, NULL);
    pthread_cond_init(&crew->place_free, NULL);
    while (started < n && pthread_create(&threads[started], NULL, work, crew) == 0)
        started++;
    bool written = started > 0 ? write_all(crew, store, start, result, reterr)
                               : err_set(reterr, ERR_SOLVE, "cannot start a worker thread");
    if (!written)
        halt(crew, NULL);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free_ring(crew);
    if (written && crew->err.kind != ERR_NONE) {
        *reterr = crew->err;
        written = false;
    }
    pthread_cond_destroy(&crew->place_free);
    pthread_cond_destroy(&crew->batch_finished);
    pthread_mutex_destroy(&crew->lock);
    return written;
}

/* One worker: no threads. */
static bool run_loop(Arena *arena, Crew *crew, Store *store, double start, RunResult *result, Err *reterr)
{
    SCOPED(worker_close)
    Worker *worker = worker_open(arena, crew->plan, crew->system, crew->options->rtol, crew->options->cpu, reterr);
    if (worker == NULL)
        return false;
    for (size_t i = 0; i < crew->batches.n && !must_stop(crew); i++) {
        Finished done = simulate(worker, &crew->batches.items[i]);
        if (!write_batch(store, crew->options, start, &done, result, reterr))
            return false;
    }
    return true;
}

bool run_plan(const Plan *plan, Store *store, const RunOptions *options, RunResult *ret_result, Err *reterr)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    double start = seconds_now();
    const System *system = system_build(arena, plan->model, plan->record, plan->n_record);
    const StoreRun description =
        run_describe(arena, plan, system, model_rtol(plan->model, options->rtol), options->command);
    Crew crew = {.plan = plan, .system = system, .options = options};
    RunResult result = {0};
    if (!store_begin(store, &description, &result.run, reterr) ||
        !list_batches(arena, plan, store, options, &result, &crew.batches, reterr))
        return false;
    bool alone = options->n_workers == 1 || crew.batches.n <= 1;
    bool done = alone ? run_loop(arena, &crew, store, start, &result, reterr)
                      : run_crew(arena, &crew, store, start, &result, reterr);
    if (!done || !store_finish(store, result.run, reterr))
        return false;
    result.progress.seconds = seconds_now() - start;
    result.stopped = result.progress.n_done < result.progress.n_animals;
    *ret_result = result;
    return true;
}
