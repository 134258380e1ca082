/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "run/deal.h"

double run_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The cohorts of the run as they stand in the store; those that are not asked for have no animals. */
static bool count_cohorts(Arena *arena, const Deal *deal, StoreCohortInfo **ret_cohorts, size_t *ret_stored,
                          size_t *ret_missing, Err *reterr)
{
    const StoreCohortInfo *stored;
    size_t n, n_stored = 0, n_missing = 0;
    if (!store_cohorts(deal->store, arena, deal->run, &stored, &n, reterr))
        return false;
    ASSERT(n == deal->plan->n_cohorts);
    StoreCohortInfo *cohorts = NEW_ARRAY(arena, StoreCohortInfo, n);
    for (size_t c = 0; c < n; c++) {
        if (!plan_selects(deal->options->cohorts, deal->options->n_cohorts, &deal->plan->cohorts[c]))
            continue;
        cohorts[c] = stored[c];
        n_stored += stored[c].n_stored;
        n_missing += stored[c].n_planned - stored[c].n_stored;
    }
    *ret_cohorts = cohorts;
    *ret_stored = n_stored;
    *ret_missing = n_missing;
    return true;
}

bool deal_open(Arena *arena, const Plan *plan, Store *store, const RunOptions *options, int64_t run, Deal *ret_deal,
               Err *reterr)
{
    Deal deal = {.plan = plan, .store = store, .options = options, .run = run, .start = run_seconds()};
    StoreCohortInfo *cohorts;
    size_t n_stored, most = lanes_shared(plan->model->n_states);
    if (!count_cohorts(arena, &deal, &cohorts, &n_stored, &deal.progress.n_animals, reterr))
        return false;
    for (size_t c = 0; options->force && c < plan->n_cohorts; c++) {
        deal.progress.n_animals += cohorts[c].n_stored;
        cohorts[c].n_stored = 0; /* as good as missing */
    }
    for (size_t c = 0; c < plan->n_cohorts; c++)
        deal.n_batches += (cohorts[c].n_planned - cohorts[c].n_stored + most - 1) / most;
    deal.selected = cohorts;
    *ret_deal = deal;
    return true;
}

void deal_set_places(Arena *arena, Deal *deal, size_t n_places)
{
    deal->n_places = n_places;
    deal->ring = NEW_ARRAY(arena, Place, n_places);
}

/* Does the store lack an animal of it? */
static bool is_missing(const Deal *deal, const Batch *batch, bool *ret_missing, Err *reterr)
{
    const StoreRange animals = {batch->cohort, batch->first, batch->n};
    size_t n_stored = 0;
    if (deal->selected[batch->cohort].n_stored > 0 && /* else it need not be asked */
        !store_count(deal->store, deal->run, &animals, &n_stored, reterr))
        return false;
    *ret_missing = n_stored < batch->n;
    return true;
}

bool deal_stops(const Deal *deal)
{
    return stop_asked(deal->options->stop);
}

bool deal_next(Deal *deal, Batch *ret_batch, bool *ret_left, Err *reterr)
{
    bool missing = false;
    size_t most = lanes_shared(deal->plan->model->n_states);
    while (!missing && deal->cohort < deal->plan->n_cohorts && !deal_stops(deal)) {
        size_t left = deal->selected[deal->cohort].n_planned - deal->first;
        Batch batch = {.cohort = deal->cohort, .first = deal->first, .n = left < most ? left : most};
        if (left == 0) {
            deal->cohort++;
            deal->first = 0;
            continue;
        }
        if (!is_missing(deal, &batch, &missing, reterr))
            return false;
        deal->first += batch.n;
        *ret_batch = batch;
    }
    *ret_left = missing;
    return true;
}

bool deal_has_place(const Deal *deal)
{
    return deal->n_dealt < deal->n_written + deal->n_places;
}

Place *deal_place(Deal *deal, size_t index)
{
    return &deal->ring[index % deal->n_places];
}

void deal_add(Deal *deal, const Batch *batch)
{
    *deal_place(deal, deal->n_dealt++) = (Place){.batch = *batch};
}

Place deal_take_first(Deal *deal)
{
    Place *place = deal_place(deal, deal->n_written), first = *place;
    if (first.records.arena != NULL) {
        *place = (Place){0};
        deal->n_written++;
    }
    return first;
}

bool deal_write(Deal *deal, Place *done, Err *reterr)
{
    SCOPED(arena_close) Arena *arena = done->records.arena; /* the records end with this scope */
    if (done->records.animals == NULL)
        return true; /* it was stopped */
    if (!(deal->options->force ? store_replace : store_append)(deal->store, deal->run, done->records.animals,
                                                               done->batch.n, reterr))
        return false;
    deal->progress.n_done += done->batch.n;
    for (size_t i = 0; i < done->batch.n; i++)
        deal->progress.n_failed += done->records.animals[i].failure != NULL;
    deal->progress.seconds = run_seconds() - deal->start;
    if (deal->options->progress != NULL)
        deal->options->progress(deal->options->context, &deal->progress);
    (void)arena;
    return true;
}

bool deal_result(Deal *deal, RunResult *ret_result, Err *reterr)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    StoreCohortInfo *cohorts;
    size_t n_stored, n_missing;
    if (!store_finish(deal->store, deal->run, reterr) ||
        !store_summarise(deal->store, deal->run, deal->options->stop, reterr) ||
        !count_cohorts(scratch, deal, &cohorts, &n_stored, &n_missing, reterr))
        return false;
    if (!deal->options->force) /* another process may have stored some */
        deal->progress.n_animals = deal->progress.n_done + n_missing;
    deal->progress.seconds = run_seconds() - deal->start;
    *ret_result = (RunResult){.run = deal->run,
                              .progress = deal->progress,
                              .n_found = n_stored - deal->progress.n_done,
                              .stopped = deal->progress.n_done < deal->progress.n_animals || deal_stops(deal)};
    return true;
}

void deal_close(Deal *deal)
{
    for (size_t i = 0; i < deal->n_places; i++)
        arena_close(&deal->ring[i].records.arena);
}

Records batch_simulate(Worker *worker, const Batch *batch)
{
    Arena *arena = arena_open();
    return (Records){arena, worker_run(worker, arena, batch->cohort, batch->first, batch->n)};
}
