/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "run/batch.h"
#include "run/trial.h"

/* What the threads share; `next`, `stopped` and `err` are guarded by `lock`. */
typedef struct Crew {
    Trial *trials;
    size_t n;
    const TrialOptions *options;
    pthread_mutex_t lock;
    size_t next;
    bool stopped;
    Err err; /* of a worker that could not be set up */
} Crew;

static bool take_trial(Crew *crew, Trial **ret_trial)
{
    pthread_mutex_lock(&crew->lock);
    bool left = crew->next < crew->n && crew->err.kind == ERR_NONE;
    if (left && stop_asked(crew->options->stop))
        crew->stopped = true;
    bool taken = left && !crew->stopped;
    if (taken)
        *ret_trial = &crew->trials[crew->next++];
    pthread_mutex_unlock(&crew->lock);
    return taken;
}

/* A worker for each trial: to open one takes far less time than a trial, and nothing is left from the one before. */
static bool run_trial(Trial *trial, const TrialOptions *options, Err *reterr)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(worker_close)
    Worker *worker = worker_open(arena, trial->plan, trial->system, options->rtol, cpu_best(), reterr);
    if (worker == NULL)
        return false;
    worker_limit(worker, options->animal_s, options->stop);
    trial->failed =
        !worker_try(worker, arena, trial->cohort, trial->vectors, trial->n_vectors, trial->outputs, &trial->err);
    return true;
}

static void *work(void *shared)
{
    Crew *crew = shared;
    Trial *trial;
    while (take_trial(crew, &trial)) {
        Err err = {0};
        bool ran = run_trial(trial, crew->options, &err);
        pthread_mutex_lock(&crew->lock);
        if (!ran)
            crew->err = err;
        else if (trial->failed && stop_asked(crew->options->stop))
            crew->stopped = true; /* perhaps it failed for nothing else */
        pthread_mutex_unlock(&crew->lock);
    }
    return NULL;
}

bool trials_run(Arena *arena, Trial *trials, size_t n, const TrialOptions *options, bool *ret_stopped, Err *reterr)
{
    size_t n_threads = (options->n_workers < n ? options->n_workers : n), started = 0;
    Crew crew = {.trials = trials, .n = n, .options = options};
    pthread_t *threads = NEW_ARRAY(arena, pthread_t, n_threads);
    for (size_t i = 0; i < n; i++) { /* memory comes from the caller's thread */
        const Plan *plan = trials[i].plan;
        size_t n_sites = plan->cohorts[trials[i].cohort].n_sites;
        trials[i].outputs = NEW_LANES(arena, n_sites * plan->n_times * trials[i].system->n_outputs * TRIAL_LANES);
    }
    pthread_mutex_init(&crew.lock, NULL);
    while (started + 1 < n_threads && pthread_create(&threads[started], NULL, work, &crew) == 0)
        started++;
    work(&crew); /* this thread works, too: fewer threads are slower, not wrong */
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&crew.lock);
    if (crew.err.kind != ERR_NONE) {
        *reterr = crew.err;
        return false;
    }
    *ret_stopped = crew.stopped;
    return true;
}
