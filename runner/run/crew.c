/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads. Each takes the batch that was dealt first and puts down what came out. The calling thread deals ahead into
 * the ring, writes what is finished in its turn, and computes a batch whenever there is nothing to write: so all
 * processors have work whatever the share of writing is.
 */
#include <pthread.h>

#include "run/deal.h"

/* Places of the ring for each thread. While the calling thread computes a batch the others must find work and room for
 * its results; memory is bounded by them. */
enum { PLACES_PER_THREAD = 8 };

/* Everything below `lock`, and the ring with its counts, is guarded by it. */
typedef struct Crew {
    Deal *deal;
    const System *system;
    pthread_mutex_t lock;
    pthread_cond_t batch_dealt, first_finished;
    size_t n_taken;
    bool over; /* no batch will be dealt any more */
    Err err;   /* of a worker that could not be set up */
} Crew;

/* Takes the next batch that was dealt. False: there is none, or it is not to be begun. Under the lock. */
static bool take_batch(Crew *crew, size_t *ret_index)
{
    bool left = crew->n_taken < crew->deal->n_dealt && !deal_stops(crew->deal) && crew->err.kind == ERR_NONE;
    if (left)
        *ret_index = crew->n_taken++;
    return left;
}

static bool await_batch(Crew *crew, size_t *ret_index)
{
    pthread_mutex_lock(&crew->lock);
    bool taken = take_batch(crew, ret_index);
    while (!taken && !crew->over) {
        pthread_cond_wait(&crew->batch_dealt, &crew->lock);
        taken = take_batch(crew, ret_index);
    }
    pthread_mutex_unlock(&crew->lock);
    return taken;
}

/* A place keeps its batch from when it is dealt until it is written: it can be read without the lock. */
static void compute(Crew *crew, Worker *worker, size_t index)
{
    Place *place = deal_place(crew->deal, index);
    worker_limit(worker, crew->deal->options->animal_s, crew->deal->options->stop);
    Records records = batch_simulate(worker, &place->batch);
    pthread_mutex_lock(&crew->lock);
    place->records = records;
    if (index == crew->deal->n_written)
        pthread_cond_signal(&crew->first_finished);
    pthread_mutex_unlock(&crew->lock);
}

static void *work(void *shared)
{
    Crew *crew = shared;
    SCOPED(arena_close) Arena *arena = arena_open();
    Err err = {0};
    SCOPED(worker_close)
    Worker *worker =
        worker_open(arena, crew->deal->plan, crew->system, crew->deal->options->rtol, crew->deal->options->cpu, &err);
    size_t index;
    if (worker != NULL)
        while (await_batch(crew, &index))
            compute(crew, worker, index);
    else {
        pthread_mutex_lock(&crew->lock);
        crew->err = err;
        pthread_mutex_unlock(&crew->lock);
    }
    return NULL;
}

/* ---- The calling thread ---- */

static bool deal_ahead(Crew *crew, Err *reterr)
{
    Batch batch;
    bool left = true;
    while (left && deal_has_place(crew->deal)) {
        if (!deal_next(crew->deal, &batch, &left, reterr))
            return false;
        if (!left)
            continue;
        pthread_mutex_lock(&crew->lock);
        deal_add(crew->deal, &batch);
        pthread_cond_signal(&crew->batch_dealt);
        pthread_mutex_unlock(&crew->lock);
    }
    return true;
}

typedef enum Step { STEP_WRITE, STEP_COMPUTE, STEP_END } Step;

/* What to do next: write the first batch when it is finished, else compute one, else wait for the first. Batches that
 * nobody will begin are taken back. */
static Step next_step(Crew *crew, Place *ret_done, size_t *ret_index)
{
    Deal *deal = crew->deal;
    pthread_mutex_lock(&crew->lock);
    *ret_done = (Place){0};
    bool taken = false;
    while (deal->n_written < deal->n_dealt && !taken && ret_done->records.arena == NULL) {
        *ret_done = deal_take_first(deal);
        if (ret_done->records.arena != NULL)
            continue;
        taken = take_batch(crew, ret_index);
        if (!taken && crew->n_taken < deal->n_dealt)
            deal->n_dealt = crew->n_taken;
        else if (!taken)
            pthread_cond_wait(&crew->first_finished, &crew->lock);
    }
    pthread_mutex_unlock(&crew->lock);
    return taken ? STEP_COMPUTE : ret_done->records.arena != NULL ? STEP_WRITE : STEP_END;
}

static bool lead(Crew *crew, Worker *worker, Err *reterr)
{
    Place done;
    size_t index;
    while (deal_ahead(crew, reterr)) {
        Step step = next_step(crew, &done, &index);
        if (step == STEP_END)
            return true;
        if (step == STEP_COMPUTE)
            compute(crew, worker, index);
        else if (!deal_write(crew->deal, &done, reterr))
            return false;
    }
    return false;
}

static void end_work(Crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->over = true;
    crew->deal->n_dealt = crew->n_taken;
    pthread_cond_broadcast(&crew->batch_dealt);
    pthread_mutex_unlock(&crew->lock);
}

bool crew_run(Arena *arena, Deal *deal, const System *system, size_t n_threads, Err *reterr)
{
    Crew crew = {.deal = deal, .system = system};
    SCOPED(worker_close)
    Worker *worker = worker_open(arena, deal->plan, system, deal->options->rtol, deal->options->cpu, reterr);
    if (worker == NULL)
        return false;
    deal_set_places(arena, deal, PLACES_PER_THREAD * n_threads);
    pthread_t *threads = NEW_ARRAY(arena, pthread_t, n_threads);
    size_t n_started = 0;
    pthread_mutex_init(&crew.lock, NULL);
    pthread_cond_init(&crew.batch_dealt, NULL);
    pthread_cond_init(&crew.first_finished, NULL);
    while (n_started + 1 < n_threads && pthread_create(&threads[n_started], NULL, work, &crew) == 0)
        n_started++; /* fewer threads are slower, not wrong */
    bool done = lead(&crew, worker, reterr);
    end_work(&crew);
    for (size_t i = 0; i < n_started; i++)
        pthread_join(threads[i], NULL);
    if (done && crew.err.kind != ERR_NONE) {
        *reterr = crew.err;
        done = false;
    }
    pthread_cond_destroy(&crew.first_finished);
    pthread_cond_destroy(&crew.batch_dealt);
    pthread_mutex_destroy(&crew.lock);
    return done;
}
