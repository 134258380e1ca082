/* SPDX-License-Identifier: Apache-2.0
 *
 * A plan into a store: describe the run, see what is missing, compute and write it.
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

bool run_plan(const Plan *plan, Store *store, const RunOptions *options, RunResult *ret_result, Err *reterr)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(deal_close) Deal deal = {0};
    const System *system = system_build(arena, plan->model, plan->record, plan->n_record);
    const StoreRun description =
        run_describe(arena, plan, system, model_rtol(plan->model, options->rtol), options->cpu, options->command);
    int64_t run;
    if (!store_begin(store, &description, &run, reterr) || !deal_open(arena, plan, store, options, run, &deal, reterr))
        return false;
    size_t n_threads = options->n_workers < deal.n_batches ? options->n_workers : deal.n_batches;
    bool done = ranks_count() > 1 ? ranks_run(arena, &deal, &description, reterr)
                : n_threads > 1   ? crew_run(arena, &deal, system, n_threads, reterr)
                                  : run_loop(arena, &deal, system, reterr);
    return done && deal_result(&deal, ret_result, reterr);
}
