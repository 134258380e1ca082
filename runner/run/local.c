/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes a queue with the threads of this process. The calling thread deals batches and writes their records, in the
 * order of the queue.
 */
#include "run/queue.h"
#include "threads/threads.h"

/* Places for each thread. While the calling thread computes a batch, the other threads need further batches, and room
 * for their records. The number of places bounds the memory. */
enum { PLACES_PER_THREAD = 8 };

typedef struct LocalRun {
    Arena *arena; /* of the calling thread */
    Queue *queue;
    const System *system;
    QueuePlace *places;
} LocalRun;

/* A thread's worker lives on an arena of its own. */
typedef struct LocalWorker {
    Arena *arena;
    Worker *worker;
} LocalWorker;

static void local_close_worker(void *context, void *opened)
{
    LocalWorker *local = opened;
    (void)context;
    if (local == NULL)
        return;
    Arena *arena = local->arena; /* `local` lies on it */
    worker_close(&local->worker);
    arena_close(&arena);
}

static void *local_open_worker(void *context, Err *reterr)
{
    const LocalRun *run = context;
    const RunOptions *options = run->queue->options;
    Arena *arena = arena_open();
    LocalWorker *local = NEW(arena, LocalWorker);
    local->arena = arena;
    local->worker = worker_open(arena, run->queue->plan, run->system, options->rtol, options->cpu, reterr);
    if (local->worker == NULL) {
        local_close_worker(context, local);
        return NULL;
    }
    worker_limit(local->worker, options->animal_s, options->stop);
    return local;
}

static bool local_enqueue(void *context, size_t place, bool *ret_left, Err *reterr)
{
    LocalRun *run = context;
    run->places[place] = (QueuePlace){0};
    return queue_next(run->queue, &run->places[place].batch, ret_left, reterr);
}

static bool local_compute(void *context, void *opened, size_t place, Err *reterr)
{
    const LocalRun *run = context;
    LocalWorker *local = opened;
    (void)reterr; /* an animal that fails is a result */
    run->places[place].records = queue_simulate(local->worker, run->places[place].batch);
    return true;
}

static bool local_finish(void *context, size_t place, Err *reterr)
{
    LocalRun *run = context;
    QueuePlace done = run->places[place];
    run->places[place].records = (Records){0};
    return queue_write(run->queue, &done, reterr);
}

bool local_run(Arena *arena, Queue *queue, const System *system, Err *reterr)
{
    size_t wanted = queue->options->n_workers;
    size_t n_threads = wanted < queue->n_batches ? wanted : queue->n_batches;
    if (n_threads == 0)
        return true; /* nothing is missing */
    size_t n_places = PLACES_PER_THREAD * n_threads;
    LocalRun run = {.arena = arena, .queue = queue, .system = system, .places = NEW_ARRAY(arena, QueuePlace, n_places)};
    const ThreadJobs jobs = {.context = &run,
                             .enqueue = local_enqueue,
                             .open = local_open_worker,
                             .close = local_close_worker,
                             .compute = local_compute,
                             .finish = local_finish,
                             .stop = queue->options->stop};
    bool done = threads_run(&jobs, n_threads, n_places, reterr);
    for (size_t i = 0; i < n_places; i++)
        arena_close(&run.places[i].records.arena); /* records that were computed and not written */
    return done;
}
