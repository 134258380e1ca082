/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a plan: describes the run, takes over animals from other runs, finds the missing ones, computes and writes them.
 */
#include "run/provenance.h"
#include "run/queue.h"
#include "run/ranks.h"

/* Takes over animals of the selected cohorts from other runs of the store. *ret_n: how many. */
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
    Queue queue = {.plan = plan, .store = store, .options = options};
    const System *system = system_build(arena, plan->model, plan->record, plan->n_record);
    const StoreRun description = provenance_describe(arena, plan, system, model_rtol(plan->model, options->rtol),
                                                     options->cpu, options->command);
    size_t n_taken;
    if (!store_begin(store, &description, &queue.run, reterr) ||
        !take_over(plan, store, options, queue.run, &n_taken, reterr) || !queue_open(arena, &queue, reterr))
        return false;
    bool done = ranks_count() > 1 ? ranks_run_root(arena, &queue, &description, reterr)
                                  : local_run(arena, &queue, system, reterr);
    if (!done || !queue_result(&queue, ret_result, reterr))
        return false;
    ret_result->n_taken = n_taken;
    ret_result->n_found -= n_taken;
    return true;
}
