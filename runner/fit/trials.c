/* SPDX-License-Identifier: Apache-2.0
 *
 * Spreads the trials of an evaluation over threads.
 */
#include "fit/fit_priv.h"
#include "threads/threads.h"

typedef struct TrialJobs {
    TrialList list;
    TrialOptions options;
    size_t n_queued;
    Trial **at; /* [n]: the trial at each place */
} TrialJobs;

static bool trial_enqueue(void *context, size_t place, bool *ret_left, Err *reterr)
{
    TrialJobs *jobs = context;
    (void)reterr;
    *ret_left = jobs->n_queued < jobs->list.n;
    if (*ret_left)
        jobs->at[place] = &jobs->list.trials[jobs->n_queued++];
    return true;
}

static bool trial_compute(void *context, void *none, size_t place, Err *reterr)
{
    const TrialJobs *jobs = context;
    (void)none;
    return trial_run(jobs->at[place], &jobs->options, reterr);
}

bool trials_run(Arena *arena, TrialList list, const FitOptions *options, bool *ret_stopped, Err *reterr)
{
    TrialJobs context = {.list = list,
                         .options = {.rtol = options->rtol, .animal_s = options->animal_s, .stop = options->stop},
                         .at = NEW_ARRAY(arena, Trial *, list.n)};
    const ThreadJobs jobs = {
        .context = &context, .enqueue = trial_enqueue, .compute = trial_compute, .stop = options->stop};
    for (size_t i = 0; i < list.n; i++) { /* memory comes from the caller's thread */
        Trial *trial = &list.trials[i];
        size_t n_sites = trial->plan->cohorts[trial->cohort].n_sites;
        trial->outputs = NEW_LANES(arena, n_sites * trial->plan->n_times * trial->system->n_outputs * TRIAL_LANES);
    }
    size_t n_threads = options->n_workers < list.n ? options->n_workers : list.n;
    if (list.n > 0 && !threads_run(&jobs, n_threads, list.n, reterr))
        return false;
    *ret_stopped = false;
    for (size_t i = 0; i < list.n && stop_asked(options->stop);
         i++) /* a trial may have failed only because of the stop */
        *ret_stopped = *ret_stopped || !list.trials[i].ran || list.trials[i].failed;
    return true;
}
