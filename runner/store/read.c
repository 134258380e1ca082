/* SPDX-License-Identifier: Apache-2.0
 *
 * Typed readers.
 */
#include <math.h>

#include "store/store_priv.h"

bool store_progress(Store *store, int64_t run, StoreProgress *ret_progress, Err *reterr)
{
    SCOPED(statement_close) sqlite3_stmt *statement = NULL;
    bool row;
    if (!store_prepare(store, &statement, reterr,
                       "SELECT (SELECT sum(n_animals) FROM cohort WHERE run_id = ?1), count(*), "
                       "count(*) FILTER (WHERE status = 'failed') FROM animal JOIN cohort USING (cohort_id) "
                       "WHERE run_id = ?1",
                       "i", run) ||
        !store_step(store, statement, &row, reterr))
        return false;
    *ret_progress = (StoreProgress){.n_planned = (size_t)sqlite3_column_int64(statement, 0),
                                    .n_stored = (size_t)sqlite3_column_int64(statement, 1),
                                    .n_failed = (size_t)sqlite3_column_int64(statement, 2)};
    return true;
}

bool store_find_run(Store *store, const char *experiment, const char *model, int64_t *ret_run, Err *reterr)
{
    int64_t run = 0;
    if (!store_query_count(store, &run, reterr,
                           "SELECT run_id FROM run WHERE experiment = ifnull(?1, experiment) "
                           "AND model = ifnull(?2, model) ORDER BY asked DESC LIMIT 1",
                           "ss", experiment, model))
        return false;
    if (run == 0 && model != NULL && experiment == NULL)
        return err_set(reterr, ERR_INPUT, "'%s' holds no run with the model '%s'", store->path, model);
    if (run == 0 && model != NULL)
        return err_set(reterr, ERR_INPUT, "'%s' holds no run of the experiment '%s' with the model '%s'", store->path,
                       experiment, model);
    if (run == 0 && experiment != NULL)
        return err_set(reterr, ERR_INPUT, "'%s' holds no run of the experiment '%s'", store->path, experiment);
    if (run == 0)
        return err_set(reterr, ERR_INPUT, "'%s' holds no run", store->path);
    *ret_run = run;
    return true;
}

bool store_run_model(Store *store, Arena *arena, int64_t run, const char **ret_model, Err *reterr)
{
    SCOPED(statement_close) sqlite3_stmt *statement = NULL;
    bool row;
    if (!store_prepare(store, &statement, reterr, "SELECT model FROM run WHERE run_id = ?1", "i", run) ||
        !store_step(store, statement, &row, reterr))
        return false;
    if (!row)
        return err_set(reterr, ERR_INPUT, "'%s' holds no run %lld", store->path, (long long)run);
    *ret_model = column_text(arena, statement, 0);
    return true;
}

bool store_start(Store *store, Arena *arena, int64_t run, StoreStart *ret_start, Err *reterr)
{
    SCOPED(statement_close) sqlite3_stmt *statement = NULL;
    bool row;
    *ret_start = (StoreStart){0};
    if (!store_prepare(
            store, &statement, reterr,
            "SELECT count(*) OVER (), max(steps) OVER (), max(residual) OVER (), time_constant, slowest, cohort "
            "FROM steady_start WHERE run_id = ?1 ORDER BY time_constant DESC NULLS FIRST, cohort, animal LIMIT 1",
            "i", run) ||
        !store_step(store, statement, &row, reterr))
        return false;
    if (!row)
        return true;
    bool known = sqlite3_column_type(statement, 3) != SQLITE_NULL;
    *ret_start = (StoreStart){
        .n = (size_t)sqlite3_column_int64(statement, 0),
        .steps = (size_t)sqlite3_column_int64(statement, 1),
        .residual = sqlite3_column_double(statement, 2),
        .time_constant = known ? sqlite3_column_double(statement, 3) : (double)NAN,
        .slowest = sqlite3_column_type(statement, 4) != SQLITE_NULL ? column_text(arena, statement, 4) : "",
        .cohort = column_text(arena, statement, 5)};
    return true;
}

bool store_unexpressed(Store *store, Arena *arena, int64_t run, const StoreUnexpressed **ret_unexpressed, size_t *ret_n,
                       Err *reterr)
{
    SCOPED(statement_close) sqlite3_stmt *statement = NULL;
    VEC(StoreUnexpressed) list = {0};
    bool row = true;
    if (!store_prepare(store, &statement, reterr,
                       "SELECT cohort, reason FROM unexpressed WHERE run_id = ?1 ORDER BY position", "i", run))
        return false;
    while (row) {
        if (!store_step(store, statement, &row, reterr))
            return false;
        if (row)
            *vec_push(arena, &list) = (StoreUnexpressed){.cohort = column_text(arena, statement, 0),
                                                         .reason = column_text(arena, statement, 1)};
    }
    *ret_unexpressed = list.items;
    *ret_n = list.n;
    return true;
}

bool store_cohorts(Store *store, Arena *arena, int64_t run, const StoreCohortInfo **ret_cohorts, size_t *ret_n,
                   Err *reterr)
{
    SCOPED(statement_close) sqlite3_stmt *statement = NULL;
    VEC(StoreCohortInfo) list = {0};
    bool row = true;
    if (!store_prepare(store, &statement, reterr,
                       "SELECT own.cohort, control.cohort, own.genotype, own.treatment, own.n_animals, "
                       "(SELECT count(*) FROM animal WHERE animal.cohort_id = own.cohort_id), "
                       "(SELECT count(*) FROM animal WHERE animal.cohort_id = own.cohort_id AND status = 'failed') "
                       "FROM cohort AS own JOIN cohort AS control ON control.cohort_id = own.control_id "
                       "WHERE own.run_id = ?1 ORDER BY own.position",
                       "i", run))
        return false;
    while (row) {
        if (!store_step(store, statement, &row, reterr))
            return false;
        if (row)
            *vec_push(arena, &list) = (StoreCohortInfo){.name = column_text(arena, statement, 0),
                                                        .control = column_text(arena, statement, 1),
                                                        .genotype = column_text(arena, statement, 2),
                                                        .treatment = column_text(arena, statement, 3),
                                                        .n_planned = (size_t)sqlite3_column_int64(statement, 4),
                                                        .n_stored = (size_t)sqlite3_column_int64(statement, 5),
                                                        .n_failed = (size_t)sqlite3_column_int64(statement, 6)};
    }
    *ret_cohorts = list.items;
    *ret_n = list.n;
    return true;
}

bool store_metrics(Store *store, Arena *arena, int64_t run, const StoreMetricInfo **ret_metrics, size_t *ret_n,
                   Err *reterr)
{
    SCOPED(statement_close) sqlite3_stmt *statement = NULL;
    VEC(StoreMetricInfo) list = {0};
    bool row = true;
    if (!store_prepare(store, &statement, reterr,
                       "SELECT metric, unit, about, kind FROM metric WHERE run_id = ?1 ORDER BY position", "i", run))
        return false;
    while (row) {
        if (!store_step(store, statement, &row, reterr))
            return false;
        if (row)
            *vec_push(arena, &list) = (StoreMetricInfo){.name = column_text(arena, statement, 0),
                                                        .unit = column_text(arena, statement, 1),
                                                        .about = column_text(arena, statement, 2),
                                                        .kind = column_text(arena, statement, 3)};
    }
    *ret_metrics = list.items;
    *ret_n = list.n;
    return true;
}

/* Every animal of a run is measured at the same ages and a cohort at its sites: one animal a cohort tells them all. */
bool store_points(Store *store, Arena *arena, int64_t run, const StorePoint **ret_points, size_t *ret_n, Err *reterr)
{
    SCOPED(statement_close) sqlite3_stmt *statement = NULL;
    VEC(StorePoint) list = {0};
    bool row = true;
    if (!store_prepare(store, &statement, reterr,
                       "WITH one AS (SELECT min(animal_id) AS animal_id FROM animal JOIN cohort USING (cohort_id) "
                       " WHERE run_id = ?1 AND status = 'done' GROUP BY cohort_id) "
                       "SELECT site, age_d, max(measured) FROM ("
                       " SELECT site, age_d, measured FROM one AS animal JOIN reading " READINGS_OF_ANIMAL
                       " UNION SELECT site, age.value, 1 FROM series JOIN one USING (animal_id) "
                       " JOIN json_each(series.ages_json) AS age) GROUP BY 1, 2 ORDER BY 1, 2",
                       "i", run))
        return false;
    while (row) {
        if (!store_step(store, statement, &row, reterr))
            return false;
        if (row)
            *vec_push(arena, &list) = (StorePoint){.site = column_text(arena, statement, 0),
                                                   .age_d = sqlite3_column_double(statement, 1),
                                                   .measured = sqlite3_column_int64(statement, 2) != 0};
    }
    *ret_points = list.items;
    *ret_n = list.n;
    return true;
}

/* Ages are the same as in number_same: 1e-9 of the larger. */
#define AT_POINT "site = ifnull(?4, site) AND abs(age_d - ?5) <= 1e-9 * max(abs(age_d), abs(?5))"

bool store_summary(Store *store, int64_t run, const char *cohort, const char *metric, const char *site, double age_d,
                   StoreSummary *ret_summary, Err *reterr)
{
    SCOPED(statement_close) sqlite3_stmt *statement = NULL;
    bool row;
    *ret_summary = (StoreSummary){.mean = (double)NAN, .sd = (double)NAN};
    if (!store_prepare(
            store, &statement, reterr,
            "SELECT n, mean, sd FROM cohort JOIN metric USING (run_id) JOIN summary USING (cohort_id, metric_id) "
            "WHERE run_id = ?1 AND cohort = ?2 AND metric = ?3 AND " AT_POINT,
            "isssd", run, cohort, metric, site, age_d) ||
        !store_step(store, statement, &row, reterr))
        return false;
    if (!row)
        return true;
    ret_summary->n = (size_t)sqlite3_column_int64(statement, 0);
    if (sqlite3_column_type(statement, 1) != SQLITE_NULL)
        ret_summary->mean = sqlite3_column_double(statement, 1);
    if (sqlite3_column_type(statement, 2) != SQLITE_NULL)
        ret_summary->sd = sqlite3_column_double(statement, 2);
    return true;
}

/* The column is known here, so that a cohort's readings are gone through without the view's choice for each. */
static const char READINGS_SQL[] =
    "WITH wanted AS (SELECT at_d, first_animal_id, n_animals FROM metric JOIN cohort USING (run_id) "
    " WHERE run_id = ?1 AND cohort = ?2 AND metric = ?3) "
    "SELECT value_%lld FROM wanted CROSS JOIN reading "
    "WHERE reading_id BETWEEN first_animal_id << 20 AND ((first_animal_id + n_animals) << 20) - 1 "
    "AND iif(at_d IS NULL, measured, age_d = at_d) AND " AT_POINT;

static const char SERIES_SQL[] =
    "WITH wanted AS (SELECT metric_id, first_animal_id, n_animals FROM metric JOIN cohort USING (run_id) "
    " WHERE run_id = ?1 AND cohort = ?2 AND metric = ?3), "
    "sample AS (SELECT animal_id, site, age.value AS age_d, sample.value AS value FROM wanted "
    " JOIN series USING (metric_id) JOIN json_each(series.ages_json) AS age "
    " JOIN json_each(series.values_json) AS sample ON sample.key = age.key "
    " WHERE animal_id BETWEEN first_animal_id AND first_animal_id + n_animals - 1) "
    "SELECT value FROM sample WHERE " AT_POINT " ORDER BY animal_id";

bool store_values(Store *store, Arena *arena, int64_t run, const char *cohort, const char *metric, const char *site,
                  double age_d, const double **ret_values, size_t *ret_n, Err *reterr)
{
    VEC(double) list = {0};
    int64_t column = 0;
    if (!store_query_count(store, &column, reterr, "SELECT column_number FROM metric WHERE run_id = ?1 AND metric = ?2",
                           "is", run, metric))
        return false;
    const char *readings = arena_print(arena, READINGS_SQL, (long long)column);
    for (int series = column == 0 ? 2 : 0; series < 2 && list.n == 0; series++) { /* a metric is the one or the other */
        SCOPED(statement_close) sqlite3_stmt *statement = NULL;
        bool row = true;
        if (!store_prepare(store, &statement, reterr, series ? SERIES_SQL : readings, "isssd", run, cohort, metric,
                           site, age_d))
            return false;
        while (row) {
            if (!store_step(store, statement, &row, reterr))
                return false;
            if (row)
                *vec_push(arena, &list) = sqlite3_column_type(statement, 0) == SQLITE_NULL
                                              ? (double)NAN
                                              : sqlite3_column_double(statement, 0);
        }
    }
    *ret_values = list.items;
    *ret_n = list.n;
    return true;
}
