/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds a run by its key, or registers it with its files, versions, metrics and cohorts, and gives them their ids.
 */
#include <string.h>

#include "store/store_priv.h"

static bool begin_find_cohort(const StoreRun *run, const char *name, size_t *ret_index)
{
    for (size_t i = 0; i < run->n_cohorts; i++)
        if (text_equal(run->cohorts[i].name, name)) {
            *ret_index = i;
            return true;
        }
    return false;
}

static bool begin_add_file(Store *store, const char *kind, const StoreFile *file, int64_t *ret_id, Err *reterr)
{
    char hash[HASH_TEXT];
    hash_text(file->text, strlen(file->text), hash);
    return store_run_once(store, reterr,
                          "INSERT INTO file (file_id, kind, sha256, name, text) "
                          "SELECT 1 + ifnull(max(file_id), 0), ?1, ?2, ?3, ?4 FROM file WHERE true "
                          "ON CONFLICT (kind, sha256) DO NOTHING",
                          "ssss", kind, hash, file->name, file->text) &&
           store_query_count(store, ret_id, reterr, "SELECT file_id FROM file WHERE kind = ?1 AND sha256 = ?2", "ss",
                             kind, hash);
}

static bool add_run_row(Store *store, const StoreRun *run, int64_t *ret_run, Err *reterr)
{
    int64_t experiment = 0, model = 0, drivers = 0;
    if (!begin_add_file(store, "experiment", &run->experiment, &experiment, reterr) ||
        !begin_add_file(store, "model", &run->model, &model, reterr) ||
        (run->drivers.text != NULL && !begin_add_file(store, "drivers", &run->drivers, &drivers, reterr)) ||
        !store_query_count(store, ret_run, reterr, "SELECT 1 + ifnull(max(run_id), 0) FROM run", ""))
        return false;
    return store_run_once(
        store, reterr,
        "INSERT INTO run (run_id, key, experiment, question, model, experiment_file_id, model_file_id, "
        "drivers_file_id, seed, rtol, status, command, experiment_path, model_path, drivers_path, "
        "host, started_at, asked) "
        "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, 0), ?9, ?10, 'running', ?11, ?12, ?13, ?14, ?15, "
        "strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 1 + ifnull(max(asked), 0) FROM run",
        "issssiiiidsssss", *ret_run, run->key, run->experiment.name, run->question, run->model.name, experiment, model,
        drivers, (int64_t)run->seed, run->rtol, run->command, run->experiment.path, run->model.path, run->drivers.path,
        run->host);
}

static bool add_metrics(Store *store, const StoreRun *run, int64_t id, Err *reterr)
{
    int64_t first = 0;
    if (!store_query_count(store, &first, reterr, "SELECT 1 + ifnull(max(metric_id), 0) FROM metric", ""))
        return false;
    for (size_t i = 0; i < run->n_metrics; i++) {
        const StoreMetric *metric = &run->metrics[i];
        int64_t number = 0;
        if (!store_number_metric(store, metric->name, &number, reterr) ||
            !store_run_once(store, reterr,
                            "INSERT INTO metric (metric_id, run_id, position, metric, unit, kind, about, at_d, "
                            "column_number) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                            "iiissssdi", first + (int64_t)i, id, (int64_t)i, metric->name, metric->unit, metric->kind,
                            metric->about, metric->at_d, number))
            return false;
    }
    return true;
}

static bool add_cohorts(Store *store, const StoreRun *run, int64_t id, Err *reterr)
{
    int64_t first = 0, animal = 0;
    if (!store_query_count(store, &first, reterr, "SELECT 1 + ifnull(max(cohort_id), 0) FROM cohort", "") ||
        !store_query_count(store, &animal, reterr,
                           "SELECT 1 + ifnull(max(first_animal_id + n_animals - 1), 0) FROM cohort", ""))
        return false;
    for (size_t i = 0; i < run->n_cohorts; i++) {
        const StoreCohort *cohort = &run->cohorts[i];
        size_t control;
        if (!begin_find_cohort(run, cohort->control, &control))
            return err_set(reterr, ERR_STORE, "the control '%s' of '%s' is not a cohort of the run", cohort->control,
                           cohort->name);
        if (!store_run_once(store, reterr,
                            "INSERT INTO cohort (cohort_id, run_id, position, cohort, control_id, n_animals, "
                            "first_animal_id, genotype, genotype_json, treatment, treatment_json, settings_json, key) "
                            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                            "iiisiiissssss", first + (int64_t)i, id, (int64_t)i, cohort->name, first + (int64_t)control,
                            (int64_t)cohort->n_animals, animal, cohort->genotype, cohort->genotype_json,
                            cohort->treatment, cohort->treatment_json, cohort->settings_json, cohort->key))
            return false;
        animal += (int64_t)cohort->n_animals;
    }
    return true;
}

static bool add_unexpressed(Store *store, const StoreRun *run, int64_t id, Err *reterr)
{
    for (size_t i = 0; i < run->n_unexpressed; i++)
        if (!store_run_once(store, reterr,
                            "INSERT INTO unexpressed (run_id, position, cohort, reason) VALUES (?1, ?2, ?3, ?4)",
                            "iiss", id, (int64_t)i, run->unexpressed[i].cohort, run->unexpressed[i].reason))
            return false;
    return true;
}

static bool add_versions(Store *store, const StoreRun *run, int64_t id, Err *reterr)
{
    for (size_t i = 0; i < run->n_versions; i++)
        if (!store_run_once(store, reterr, "INSERT INTO run_version (run_id, name, value) VALUES (?1, ?2, ?3)", "iss",
                            id, run->versions[i].name, run->versions[i].value))
            return false;
    return true;
}

/* Makes a run that is found again the newest of its experiment and model. When it is so already, it writes nothing. */
static bool ask_again(Store *store, int64_t run, Err *reterr)
{
    return store_run_once(store, reterr,
                          "UPDATE run SET asked = (SELECT 1 + max(asked) FROM run) WHERE run_id = ?1 AND asked < "
                          "(SELECT max(same.asked) FROM run AS same WHERE same.experiment = run.experiment "
                          "AND same.model = run.model)",
                          "i", run);
}

static bool register_run(Store *store, const StoreRun *run, int64_t *ret_run, Err *reterr)
{
    int64_t id = 0;
    if (!store_query_count(store, &id, reterr, "SELECT run_id FROM run WHERE key = ?1", "s", run->key))
        return false;
    bool known = id != 0;
    if (known && !ask_again(store, id, reterr))
        return false;
    if (!known && (!add_run_row(store, run, &id, reterr) || !add_versions(store, run, id, reterr) ||
                   !add_metrics(store, run, id, reterr) || !add_cohorts(store, run, id, reterr) ||
                   !add_unexpressed(store, run, id, reterr) || !store_build_views(store, reterr)))
        return false;
    *ret_run = id;
    return true;
}

/* The whole numbers of a query about the run, which has n rows; on the arena of the store. */
static bool begin_list_numbers(Store *store, const char *sql, int64_t run, size_t n, const int64_t **ret_numbers,
                               Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
    int64_t *numbers = NEW_ARRAY(store->arena, int64_t, n);
    bool row;
    if (!store_prepare(store, &statement, reterr, sql, "i", run))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!store_step(store, statement, &row, reterr))
            return false;
        ASSERT(row);
        numbers[i] = sqlite3_column_int64(statement, 0);
    }
    *ret_numbers = numbers;
    return true;
}

/* The statement that writes a reading: it names the columns of this run's metrics. */
static void write_insert(Store *store)
{
    Text sql = text_new(store->arena), places = text_new(store->arena);
    text_print(&sql, "INSERT INTO reading (reading_id, site, age_d, measured");
    for (size_t i = 0; i < store->n_metrics; i++) {
        text_print(&sql, ", value_%lld, truth_%lld", (long long)store->columns[i], (long long)store->columns[i]);
        text_print(&places, ", ?, ?");
    }
    text_print(&sql, ") VALUES (?, ?, ?, ?%s)", text_string(&places));
    store->insert_reading = text_string(&sql);
    sqlite3_finalize(store->statements[STATEMENT_READING]);
    store->statements[STATEMENT_READING] = NULL;
}

/* Keeps the first ids of this run's cohorts, metrics and animals, and the columns of its values. */
static bool remember_ids(Store *store, const StoreRun *run, int64_t id, Err *reterr)
{
    if (!store_query_count(store, &store->first_cohort, reterr, "SELECT min(cohort_id) FROM cohort WHERE run_id = ?1",
                           "i", id) ||
        !store_query_count(store, &store->first_metric, reterr, "SELECT min(metric_id) FROM metric WHERE run_id = ?1",
                           "i", id) ||
        !begin_list_numbers(store, "SELECT first_animal_id FROM cohort WHERE run_id = ?1 ORDER BY position", id,
                            run->n_cohorts, &store->first_animals, reterr) ||
        !begin_list_numbers(store, "SELECT column_number FROM metric WHERE run_id = ?1 ORDER BY position", id,
                            run->n_metrics, &store->columns, reterr))
        return false;
    store->n_metrics = run->n_metrics;
    write_insert(store);
    store->run = id;
    return true;
}

bool store_begin(Store *store, const StoreRun *run, int64_t *ret_run, Err *reterr)
{
    int64_t id = 0;
    if (!store_execute(store, "write", "BEGIN IMMEDIATE", reterr))
        return false;
    if (!register_run(store, run, &id, reterr) || !store_execute(store, "write", "COMMIT", reterr)) {
        store_roll_back(store);
        return false;
    }
    if (!remember_ids(store, run, id, reterr))
        return false;
    *ret_run = id;
    return true;
}
