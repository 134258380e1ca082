/* SPDX-License-Identifier: Apache-2.0
 *
 * A plan into a store: describe the run, take over what other runs have, see what is missing, compute and write it.
 */
#include "run/deal.h"
#include "run/provenance.h"
#include "run/ranks.h"

/* One thread: no threads. */
static bool run_loop(Arena *arena, Deal *deal, const System *system, Err *reterr)
{
    SCOPED(worker_close)
    Worker *worker = worker_open(arena, deal->plan, system, deal->options->rtol, deal->options->cpu, reterr);
    Place place;
    bool left = true;
    if (worker == NULL)
        return false;
    worker_limit(worker, deal->options->animal_s, deal->options->stop);
    while (deal_next(deal, &place.batch, &left, reterr)) {
        if (!left)
            return true;
        place.records = batch_simulate(worker, &place.batch);
        if (!deal_write(deal, &place, reterr))
            return false;
    }
    return false;
}

/* Of the cohorts that are asked for. */
static bool take_over(const Plan *plan, Store *store, const RunOptions *options, int64_t run, size_t *ret_n,
                      Err *reterr)
{
    *ret_n = 0;
    for (size_t c = 0; c < plan->n_cohorts && !options->force; c++) {
        size_t n = 0;
        if (plan_selects(options->cohorts, options->n_cohorts, &plan->cohorts[c]) &&
            !store_take_over(store, run, c, options->stop, &n, reterr))
            return false;
        *ret_n += n;
    }
    return true;
}

bool run_plan(const Plan *plan, Store *store, const RunOptions *options, RunResult *ret_result, Err *reterr)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(deal_close) Deal deal = {0};
    const System *system = system_build(arena, plan->model, plan->record, plan->n_record);
    const StoreRun description =
        run_describe(arena, plan, system, model_rtol(plan->model, options->rtol), options->cpu, options->command);
    int64_t run;
    size_t n_taken;
    if (!store_begin(store, &description, &run, reterr) || !take_over(plan, store, options, run, &n_taken, reterr) ||
        !deal_open(arena, plan, store, options, run, &deal, reterr))
        return false;
    size_t n_threads = options->n_workers < deal.n_batches ? options->n_workers : deal.n_batches;
    bool done = ranks_count() > 1 ? ranks_run(arena, &deal, &description, reterr)
                : n_threads > 1   ? crew_run(arena, &deal, system, n_threads, reterr)
                                  : run_loop(arena, &deal, system, reterr);
    if (!done || !deal_result(&deal, ret_result, reterr))
        return false;
    ret_result->n_taken = n_taken;
    ret_result->n_found -= n_taken;
    return true;
}
