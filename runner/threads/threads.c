/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs jobs on a pool of threads. The calling thread deals jobs ahead, finishes the first job when it is computed, and
 * computes a job itself whenever there is nothing to finish. So all processors have work, however long finishing takes.
 */
#include <pthread.h>

#include "threads/threads.h"

/* `lock` guards itself and every field after it. */
typedef struct ThreadPool {
    const ThreadJobs *jobs;
    size_t n_places;
    pthread_mutex_t lock;
    pthread_cond_t job_queued, first_computed;
    bool *computed; /* [n_places] */
    size_t n_queued, n_taken, n_finished;
    bool over; /* no job will be dealt any more */
    Err err;   /* the first error of a thread */
} ThreadPool;

/* ---- Any thread ---- */

/* Takes the job that was dealt first. Returns false when there is none, or when no job may be begun any more. The
 * caller holds the lock. */
static bool pool_take(ThreadPool *pool, size_t *ret_job)
{
    bool left = pool->n_taken < pool->n_queued && !stop_asked(pool->jobs->stop) && pool->err.kind == ERR_NONE;
    if (left)
        *ret_job = pool->n_taken++;
    return left;
}

static bool pool_await_job(ThreadPool *pool, size_t *ret_job)
{
    pthread_mutex_lock(&pool->lock);
    bool taken = pool_take(pool, ret_job);
    while (!taken && !pool->over) {
        pthread_cond_wait(&pool->job_queued, &pool->lock);
        taken = pool_take(pool, ret_job);
    }
    pthread_mutex_unlock(&pool->lock);
    return taken;
}

static void pool_fail(ThreadPool *pool, const Err *err)
{
    pthread_mutex_lock(&pool->lock);
    if (pool->err.kind == ERR_NONE)
        pool->err = *err;
    pthread_mutex_unlock(&pool->lock);
}

static void pool_compute(ThreadPool *pool, void *worker, size_t job)
{
    Err err = {0};
    if (!pool->jobs->compute(pool->jobs->context, worker, job % pool->n_places, &err))
        pool_fail(pool, &err);
    pthread_mutex_lock(&pool->lock);
    pool->computed[job % pool->n_places] = true;
    if (job == pool->n_finished)
        pthread_cond_signal(&pool->first_computed);
    pthread_mutex_unlock(&pool->lock);
}

static bool jobs_open(const ThreadJobs *jobs, void **ret_worker, Err *reterr)
{
    *ret_worker = NULL;
    if (jobs->open == NULL)
        return true;
    *ret_worker = jobs->open(jobs->context, reterr);
    return *ret_worker != NULL;
}

static void jobs_close(const ThreadJobs *jobs, void *worker)
{
    if (jobs->close != NULL)
        jobs->close(jobs->context, worker);
}

static bool jobs_finish(const ThreadJobs *jobs, size_t place, Err *reterr)
{
    return jobs->finish == NULL || jobs->finish(jobs->context, place, reterr);
}

static void *pool_help(void *shared)
{
    ThreadPool *pool = shared;
    Err err = {0};
    void *worker;
    size_t job;
    if (jobs_open(pool->jobs, &worker, &err))
        while (pool_await_job(pool, &job))
            pool_compute(pool, worker, job);
    else
        pool_fail(pool, &err);
    jobs_close(pool->jobs, worker);
    return NULL;
}

/* ---- The calling thread ---- */

/* Only the calling thread changes n_dealt and n_finished, so it may read them without the lock. */
static bool pool_enqueue_ahead(ThreadPool *pool, Err *reterr)
{
    bool left = true;
    while (left && pool->n_queued < pool->n_finished + pool->n_places) {
        if (!pool->jobs->enqueue(pool->jobs->context, pool->n_queued % pool->n_places, &left, reterr))
            return false;
        if (!left)
            continue;
        pthread_mutex_lock(&pool->lock);
        pool->n_queued++;
        pthread_cond_signal(&pool->job_queued);
        pthread_mutex_unlock(&pool->lock);
    }
    return true;
}

typedef enum PoolStep { POOL_FINISH, POOL_COMPUTE, POOL_END } PoolStep;

/* The next step of the calling thread: finish the first job when it is computed, else compute a job, else wait for the
 * first. Drops dealt jobs that no thread may begin any more. */
static PoolStep pool_next_step(ThreadPool *pool, size_t *ret_job)
{
    PoolStep step = POOL_END;
    pthread_mutex_lock(&pool->lock);
    while (pool->n_finished < pool->n_queued && step == POOL_END) {
        if (pool->computed[pool->n_finished % pool->n_places])
            step = POOL_FINISH;
        else if (pool_take(pool, ret_job))
            step = POOL_COMPUTE;
        else if (pool->n_taken < pool->n_queued)
            pool->n_queued = pool->n_taken;
        else
            pthread_cond_wait(&pool->first_computed, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return step;
}

static bool pool_finish_first(ThreadPool *pool, Err *reterr)
{
    size_t place = pool->n_finished % pool->n_places;
    bool finished = jobs_finish(pool->jobs, place, reterr);
    pthread_mutex_lock(&pool->lock);
    pool->computed[place] = false;
    pool->n_finished++;
    pthread_mutex_unlock(&pool->lock);
    return finished;
}

static bool pool_lead(ThreadPool *pool, void *worker, Err *reterr)
{
    size_t job = 0;
    while (pool_enqueue_ahead(pool, reterr)) {
        PoolStep step = pool_next_step(pool, &job);
        if (step == POOL_END)
            return true;
        if (step == POOL_COMPUTE)
            pool_compute(pool, worker, job);
        else if (!pool_finish_first(pool, reterr))
            return false;
    }
    return false;
}

static void pool_end(ThreadPool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->over = true;
    pool->n_queued = pool->n_taken;
    pthread_cond_broadcast(&pool->job_queued);
    pthread_mutex_unlock(&pool->lock);
}

static bool pool_run(Arena *arena, const ThreadJobs *jobs, size_t n_threads, size_t n_places, void *worker, Err *reterr)
{
    ThreadPool pool = {.jobs = jobs, .n_places = n_places, .computed = NEW_ARRAY(arena, bool, n_places)};
    pthread_t *threads = NEW_ARRAY(arena, pthread_t, n_threads);
    size_t n_started = 0;
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.job_queued, NULL);
    pthread_cond_init(&pool.first_computed, NULL);
    while (n_started + 1 < n_threads && pthread_create(&threads[n_started], NULL, pool_help, &pool) == 0)
        n_started++; /* with fewer threads the results are the same */
    bool done = pool_lead(&pool, worker, reterr);
    pool_end(&pool);
    for (size_t i = 0; i < n_started; i++)
        pthread_join(threads[i], NULL);
    if (done && pool.err.kind != ERR_NONE) {
        *reterr = pool.err;
        done = false;
    }
    pthread_cond_destroy(&pool.first_computed);
    pthread_cond_destroy(&pool.job_queued);
    pthread_mutex_destroy(&pool.lock);
    return done;
}

/* With one thread, the calling thread does everything in a loop. */
static bool run_loop(const ThreadJobs *jobs, void *worker, Err *reterr)
{
    bool left = true;
    while (!stop_asked(jobs->stop)) {
        if (!jobs->enqueue(jobs->context, 0, &left, reterr))
            return false;
        if (!left)
            return true;
        if (!jobs->compute(jobs->context, worker, 0, reterr) || !jobs_finish(jobs, 0, reterr))
            return false;
    }
    return true;
}

bool threads_run(const ThreadJobs *jobs, size_t n_threads, size_t n_places, Err *reterr)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    void *worker;
    ASSERT(n_places > 0);
    bool done =
        jobs_open(jobs, &worker, reterr) &&
        (n_threads > 1 ? pool_run(arena, jobs, n_threads, n_places, worker, reterr) : run_loop(jobs, worker, reterr));
    jobs_close(jobs, worker);
    return done;
}
