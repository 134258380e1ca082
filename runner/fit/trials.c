/* SPDX-License-Identifier: Apache-2.0
 *
 * Spreads the trials of an evaluation over threads.
 */
#include "fit/fit_priv.h"
#include "threads/threads.h"

typedef struct TrialJobs {
    Trial *trials;
    size_t n;
    const TrialOptions *options;
    size_t n_dealt;
    Trial **at; /* [n]: the trial at each place */
} TrialJobs;

static bool trial_deal(void *context, size_t place, bool *ret_left, Err *reterr)
{
    TrialJobs *jobs = context;
    (void)reterr;
    *ret_left = jobs->n_dealt < jobs->n;
    if (*ret_left)
        jobs->at[place] = &jobs->trials[jobs->n_dealt++];
    return true;
}

static bool trial_compute(void *context, void *none, size_t place, Err *reterr)
{
    const TrialJobs *jobs = context;
    (void)none;
    return trial_run(jobs->at[place], jobs->options, reterr);
}

bool trials_run(Arena *arena, Trial *trials, size_t n, const TrialOptions *options, size_t n_threads, bool *ret_stopped,
                Err *reterr)
{
    TrialJobs context = {.trials = trials, .n = n, .options = options, .at = NEW_ARRAY(arena, Trial *, n)};
    const ThreadJobs jobs = {.context = &context, .deal = trial_deal, .compute = trial_compute, .stop = options->stop};
    for (size_t i = 0; i < n; i++) { /* memory comes from the caller's thread */
        const Plan *plan = trials[i].plan;
        size_t n_sites = plan->cohorts[trials[i].cohort].n_sites;
        trials[i].outputs = NEW_LANES(arena, n_sites * plan->n_times * trials[i].system->n_outputs * TRIAL_LANES);
    }
    if (n > 0 && !threads_run(&jobs, n_threads < n ? n_threads : n, n, reterr))
        return false;
    *ret_stopped = false;
    for (size_t i = 0; i < n && stop_asked(options->stop); i++) /* one that failed did so perhaps for nothing else */
        *ret_stopped = *ret_stopped || !trials[i].ran || trials[i].failed;
    return true;
}
