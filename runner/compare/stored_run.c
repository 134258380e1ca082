/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the description of a stored run at once, and samples of its values on demand.
 */
#include <inttypes.h>
#include <math.h>

#include "compare/stored_run.h"

const StoreCohortInfo *stored_run_find_cohort(const StoredRun *run, const char *name)
{
    for (size_t i = 0; i < run->n_cohorts; i++)
        if (text_equal(run->cohorts[i].name, name))
            return &run->cohorts[i];
    return NULL;
}

const StoreMetricInfo *stored_run_find_metric(const StoredRun *run, const char *name)
{
    for (size_t i = 0; i < run->n_metrics; i++)
        if (text_equal(run->metrics[i].name, name))
            return &run->metrics[i];
    return NULL;
}

bool stored_run_has_site(const StoredRun *run, const char *site)
{
    for (size_t i = 0; i < run->n_sites; i++)
        if (text_equal(run->sites[i], site))
            return true;
    return false;
}

bool stored_run_read(Arena *arena, Store *store, int64_t id, StoredRun *ret_run, Err *reterr)
{
    StoredRun run = {.arena = arena, .store = store, .run = id};
    if (!store_cohorts(arena, store, id, &run.cohorts, &run.n_cohorts, reterr))
        return false;
    if (run.n_cohorts == 0)
        return err_set(reterr, ERR_INPUT, "the database has no run %" PRId64, id);
    if (!store_run_model(arena, store, id, &run.model, reterr) ||
        !store_unexpressed(arena, store, id, &run.unexpressed, &run.n_unexpressed, reterr) ||
        !store_metrics(arena, store, id, &run.metrics, &run.n_metrics, reterr) ||
        !store_points(arena, store, id, &run.points, &run.n_points, reterr))
        return false;
    run.sites = NEW_ARRAY(arena, const char *, run.n_points);
    for (size_t i = 0; i < run.n_points; i++)
        if (!stored_run_has_site(&run, run.points[i].site))
            run.sites[run.n_sites++] = run.points[i].site;
    *ret_run = run;
    return true;
}

static StoredSample sample_of(const double *values, size_t n_values)
{
    StoredSample sample = {.n_read = n_values, .mean = (double)NAN, .sd = (double)NAN};
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n_values; i++) {
        bool finite = isfinite(values[i]);
        sample.n += finite;
        sample.n_present += finite && values[i] > 0.0;
        sum += finite ? values[i] : 0.0;
    }
    if (sample.n == 0)
        return sample;
    sample.mean = sum / (double)sample.n;
    for (size_t i = 0; i < n_values; i++)
        squares += isfinite(values[i]) ? (values[i] - sample.mean) * (values[i] - sample.mean) : 0.0;
    if (sample.n > 1)
        sample.sd = sqrt(squares / (double)(sample.n - 1));
    return sample;
}

bool stored_run_sample(const StoredRun *run, const char *cohort, const char *metric, const StorePoint *point,
                       StoredSample *ret_sample, Err *reterr)
{
    const StoreSelection selection = {run->run, cohort, metric, point->site, point->age_d};
    StoreSummary known;
    const double *values;
    size_t n;
    if (!store_summary(run->store, &selection, &known, reterr))
        return false;
    if (known.n > 0 && isfinite(known.mean)) {
        size_t n_present = (size_t)(known.mean * (double)known.n + 0.5); /* of a trait, whose values are 0 and 1 */
        *ret_sample =
            (StoredSample){.n_read = known.n, .n = known.n, .n_present = n_present, .mean = known.mean, .sd = known.sd};
        return true;
    }
    SCOPED(arena_close) Arena *scratch = arena_open();
    if (!store_values(scratch, run->store, &selection, &values, &n, reterr))
        return false;
    *ret_sample = sample_of(values, n);
    return true;
}
