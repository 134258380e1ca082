/* SPDX-License-Identifier: Apache-2.0
 *
 * Integrates the vectors of a trial as the lanes of one batch.
 */
#include <string.h>

#include "simulate/simulate_priv.h"
#include "simulate/trial.h"

static BatchLanes trial_lanes(Arena *arena, const Worker *worker, const Trial *trial)
{
    BatchLanes lanes = {.n = trial->n_vectors};
    for (size_t lane = 0; lane < TRIAL_LANES; lane++) {
        lanes.draws[lane] = lane < trial->n_vectors ? plan_draw(arena, trial->plan, worker->batch.cohort, 0)
                                                    : lanes.draws[trial->n_vectors - 1];
        if (lane < trial->n_vectors)
            memcpy(lanes.draws[lane]->parameters, trial->vectors[lane],
                   trial->plan->model->n_parameters * sizeof(double));
    }
    return lanes;
}

/* Copies the outputs of one site at the measured times. The integration also has times at which only traits are
 * decided. */
static void keep_measured(const Worker *worker, const Integration *integration, size_t site, double *ret_outputs)
{
    size_t n = worker->system->n_outputs * TRIAL_LANES, n_times = worker->plan->n_times;
    for (size_t i = 0; i < n_times; i++)
        memcpy(ret_outputs + (site * n_times + i) * n, integration->outputs + worker->schedule.measured[i] * n,
               n * sizeof(double));
}

static bool trial_integrate(Arena *arena, Worker *worker, Trial *trial, Err *reterr)
{
    ASSERT(trial->n_vectors > 0);
    batch_begin(worker, trial->cohort);
    worker_set_width(worker, TRIAL_LANES);
    BatchLanes lanes = trial_lanes(arena, worker, trial);
    Integration integration = integration_new(arena, worker);
    integration.steady = NULL; /* a fit does not ask how a steady start was found */
    for (size_t s = 0; s < worker->batch.cohort->n_sites; s++) {
        lanes.site = worker->batch.cohort->sites[s];
        if (!integrate_lanes(worker, &lanes, &integration, reterr))
            return false;
        keep_measured(worker, &integration, s, trial->outputs);
    }
    return true;
}

bool trial_run(Trial *trial, const TrialOptions *options, Err *reterr)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(worker_close)
    Worker *worker = worker_open(arena, trial->plan, trial->system, options->rtol, cpu_best(), reterr);
    if (worker == NULL)
        return false;
    worker_limit(worker, options->animal_s, options->stop);
    trial->failed = !trial_integrate(arena, worker, trial, &trial->err);
    trial->ran = true;
    return true;
}
