/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads runs, cohorts, metrics and values from the database into structs.
 */
#include <math.h>

#include "store/store_priv.h"

bool store_progress(Store *store, int64_t run, StoreProgress *ret_progress, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
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

bool store_run_model(Arena *arena, Store *store, int64_t run, const char **ret_model, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
    bool row;
    if (!store_prepare(store, &statement, reterr, "SELECT model FROM run WHERE run_id = ?1", "i", run) ||
        !store_step(store, statement, &row, reterr))
        return false;
    if (!row)
        return err_set(reterr, ERR_INPUT, "'%s' holds no run %lld", store->path, (long long)run);
    *ret_model = store_column_text(arena, statement, 0);
    return true;
}

bool store_start(Arena *arena, Store *store, int64_t run, StoreStart *ret_start, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
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
        .slowest = sqlite3_column_type(statement, 4) != SQLITE_NULL ? store_column_text(arena, statement, 4) : "",
        .cohort = store_column_text(arena, statement, 5)};
    return true;
}

bool store_unexpressed(Arena *arena, Store *store, int64_t run, const StoreUnexpressed **ret_unexpressed, size_t *ret_n,
                       Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
    VEC(StoreUnexpressed) list = {0};
    bool row = true;
    if (!store_prepare(store, &statement, reterr,
                       "SELECT cohort, reason FROM unexpressed WHERE run_id = ?1 ORDER BY position", "i", run))
        return false;
    while (row) {
        if (!store_step(store, statement, &row, reterr))
            return false;
        if (row)
            *vec_push(arena, &list) = (StoreUnexpressed){.cohort = store_column_text(arena, statement, 0),
                                                         .reason = store_column_text(arena, statement, 1)};
    }
    *ret_unexpressed = list.items;
    *ret_n = list.n;
    return true;
}

bool store_cohorts(Arena *arena, Store *store, int64_t run, const StoreCohortInfo **ret_cohorts, size_t *ret_n,
                   Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
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
            *vec_push(arena, &list) = (StoreCohortInfo){.name = store_column_text(arena, statement, 0),
                                                        .control = store_column_text(arena, statement, 1),
                                                        .genotype = store_column_text(arena, statement, 2),
                                                        .treatment = store_column_text(arena, statement, 3),
                                                        .n_planned = (size_t)sqlite3_column_int64(statement, 4),
                                                        .n_stored = (size_t)sqlite3_column_int64(statement, 5),
                                                        .n_failed = (size_t)sqlite3_column_int64(statement, 6)};
    }
    *ret_cohorts = list.items;
    *ret_n = list.n;
    return true;
}

bool store_metrics(Arena *arena, Store *store, int64_t run, const StoreMetricInfo **ret_metrics, size_t *ret_n,
                   Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
    VEC(StoreMetricInfo) list = {0};
    bool row = true;
    if (!store_prepare(store, &statement, reterr,
                       "SELECT metric, unit, about, kind FROM metric WHERE run_id = ?1 ORDER BY position", "i", run))
        return false;
    while (row) {
        if (!store_step(store, statement, &row, reterr))
            return false;
        if (row)
            *vec_push(arena, &list) = (StoreMetricInfo){.name = store_column_text(arena, statement, 0),
                                                        .unit = store_column_text(arena, statement, 1),
                                                        .about = store_column_text(arena, statement, 2),
                                                        .kind = store_column_text(arena, statement, 3)};
    }
    *ret_metrics = list.items;
    *ret_n = list.n;
    return true;
}

/* All animals of a run are measured at the same ages, and all animals of a cohort at the same sites: so it is enough to
 * look at one animal of each cohort. */
bool store_points(Arena *arena, Store *store, int64_t run, const StorePoint **ret_points, size_t *ret_n, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
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
            *vec_push(arena, &list) = (StorePoint){.site = store_column_text(arena, statement, 0),
                                                   .age_d = sqlite3_column_double(statement, 1),
                                                   .measured = sqlite3_column_int64(statement, 2) != 0};
    }
    *ret_points = list.items;
    *ret_n = list.n;
    return true;
}

/* Two ages count as the same as in number_same: they differ by at most 1e-9 of the larger. */
#define AT_POINT "site = ifnull(?4, site) AND abs(age_d - ?5) <= 1e-9 * max(abs(age_d), abs(?5))"

bool store_summary(Store *store, const StoreSelection *selection, StoreSummary *ret_summary, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
    bool row;
    *ret_summary = (StoreSummary){.mean = (double)NAN, .sd = (double)NAN};
    if (!store_prepare(
            store, &statement, reterr,
            "SELECT n, mean, sd FROM cohort JOIN metric USING (run_id) JOIN summary USING (cohort_id, metric_id) "
            "WHERE run_id = ?1 AND cohort = ?2 AND metric = ?3 AND " AT_POINT,
            "isssd", selection->run, selection->cohort, selection->metric, selection->site, selection->age_d) ||
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

/* It names the column itself: the view `measurement` would choose the column anew for each reading. */
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

bool store_values(Arena *arena, Store *store, const StoreSelection *selection, const double **ret_values, size_t *ret_n,
                  Err *reterr)
{
    VEC(double) list = {0};
    int64_t column = 0;
    if (!store_query_count(store, &column, reterr, "SELECT column_number FROM metric WHERE run_id = ?1 AND metric = ?2",
                           "is", selection->run, selection->metric))
        return false;
    const char *readings = arena_print(arena, READINGS_SQL, (long long)column);
    for (int series = column == 0 ? 2 : 0; series < 2 && list.n == 0; series++) { /* a metric is the one or the other */
        SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
        bool row = true;
        if (!store_prepare(store, &statement, reterr, series ? SERIES_SQL : readings, "isssd", selection->run,
                           selection->cohort, selection->metric, selection->site, selection->age_d))
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
