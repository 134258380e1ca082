/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes animals with their readings and series, one transaction a batch.
 */
#include <math.h>
#include <string.h>

#include "store/store_priv.h"

static const char *const sql_of[N_STATEMENTS] = {
    [STATEMENT_COUNT] = "SELECT count(*) FROM animal WHERE animal_id BETWEEN ?1 AND ?2",
    [STATEMENT_SERIES] = "INSERT INTO series (metric_id, animal_id, site, ages_json, values_json) "
                         "VALUES (?1, ?2, ?3, ?4, ?5)",
};

static bool statement_of(Store *store, StoreStatement which, sqlite3_stmt **ret_statement, Err *reterr)
{
    if (store->statements[which] == NULL) {
        const char *sql = which == STATEMENT_READING  ? store->insert_reading
                          : which == STATEMENT_ANIMAL ? store_columns_upsert(store->arena)
                                                      : sql_of[which];
        if (!store_prepare(store, &store->statements[which], reterr, sql, ""))
            return false;
    }
    *ret_statement = store->statements[which];
    return true;
}

static int64_t animal_id(const Store *store, size_t cohort, size_t number)
{
    return store->first_animals[cohort] + (int64_t)number;
}

bool store_count(Store *store, int64_t run, const AnimalRange *animals, size_t *ret_n, Err *reterr)
{
    sqlite3_stmt *statement;
    bool row;
    ASSERT(run == store->run);
    int64_t first = animal_id(store, animals->cohort, animals->first);
    if (!statement_of(store, STATEMENT_COUNT, &statement, reterr) ||
        !store_bind(store, statement, reterr, "ii", first, first + (int64_t)animals->n - 1) ||
        !store_step(store, statement, &row, reterr))
        return false;
    *ret_n = (size_t)sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return true;
}

static bool finish_insert(Store *store, sqlite3_stmt *statement, Err *reterr)
{
    bool row;
    bool done = store_step(store, statement, &row, reterr);
    sqlite3_reset(statement);
    return done;
}

static void json_numbers(Text *text, const double *values, size_t n)
{
    char number[NUMBER_TEXT];
    text_add(text, "[", 1);
    for (size_t i = 0; i < n; i++) {
        const char *shown = isfinite(values[i]) ? number_show(values[i], number) : "null";
        text_add(text, ",", i > 0);
        text_add(text, shown, strlen(shown));
    }
    text_add(text, "]", 1);
}

static bool append_series(Store *store, int64_t id, const Series *series, Err *reterr)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Text ages = text_new(scratch), values = text_new(scratch);
    sqlite3_stmt *statement;
    json_numbers(&ages, series->times_d, series->n);
    json_numbers(&values, series->values, series->n);
    return statement_of(store, STATEMENT_SERIES, &statement, reterr) &&
           store_bind(store, statement, reterr, "iisss", store->first_metric + (int64_t)series->metric, id,
                      series->site, text_string(&ages), text_string(&values)) &&
           finish_insert(store, statement, reterr);
}

static bool append_reading(Store *store, int64_t id, const Reading *reading, Err *reterr)
{
    sqlite3_stmt *statement;
    if (!statement_of(store, STATEMENT_READING, &statement, reterr) ||
        !store_bind(store, statement, reterr, "isdi", id, reading->site, reading->age_d, (int64_t)reading->measured))
        return false;
    for (size_t i = 0; i < store->n_metrics; i++) {
        int place = (int)(5 + 2 * i);
        if (sqlite3_bind_double(statement, place, reading->values[i]) != SQLITE_OK || /* NaN becomes NULL */
            sqlite3_bind_double(statement, place + 1, reading->truths[i]) != SQLITE_OK)
            return store_fail(store, "write", reterr);
    }
    return finish_insert(store, statement, reterr);
}

/* Deletes the readings and series of an animal that is replaced. Its own row is written over, not deleted: for a
 * deleted row SQLite would search both tables for references. The summary of its cohort goes, too: the triggers of
 * `reading` do that only for an animal that had readings, and a failed one had none. */
static bool clear_animal(Store *store, int64_t id, int64_t cohort, Err *reterr)
{
    return store_run_once(store, reterr, "DELETE FROM reading WHERE reading_id BETWEEN ?1 AND ?2", "ii",
                          id << READING_BITS, ((id + 1) << READING_BITS) - 1) &&
           store_run_once(store, reterr,
                          "DELETE FROM series WHERE animal_id = ?1 AND metric_id IN "
                          "(SELECT metric_id FROM metric WHERE run_id = ?2)",
                          "ii", id, store->run) &&
           store_run_once(store, reterr, "DELETE FROM summary WHERE cohort_id = ?1", "i", cohort) &&
           store_run_once(store, reterr, "UPDATE cohort SET changes = changes + 1 WHERE cohort_id = ?1", "i", cohort);
}

static bool write_animal(Store *store, const Animal *animal, bool replace, Err *reterr)
{
    sqlite3_stmt *statement;
    int64_t id = animal_id(store, animal->cohort, animal->number);
    size_t n_there;
    const AnimalRange range = {.cohort = animal->cohort, .first = animal->number, .n = 1};
    if (!store_count(store, store->run, &range, &n_there, reterr))
        return false;
    if (n_there > 0 && !replace)
        return true;
    int64_t cohort = store->first_cohort + (int64_t)animal->cohort;
    if (n_there > 0 && !clear_animal(store, id, cohort, reterr))
        return false;
    if (!statement_of(store, STATEMENT_ANIMAL, &statement, reterr) ||
        !store_bind(store, statement, reterr, "iiis", id, cohort, (int64_t)animal->number,
                    animal->failure != NULL ? "failed" : "done") ||
        !store_columns_bind(store, statement, animal, reterr) || !finish_insert(store, statement, reterr))
        return false;
    if (animal->n_readings > (size_t)1 << READING_BITS)
        return err_set(reterr, ERR_STORE, "cannot write '%s': an animal has %zu readings, more than %d", store->path,
                       animal->n_readings, 1 << READING_BITS);
    for (size_t i = 0; i < animal->n_readings; i++)
        if (!append_reading(store, (id << READING_BITS) + (int64_t)i, &animal->readings[i], reterr))
            return false;
    for (size_t i = 0; i < animal->n_series; i++)
        if (!append_series(store, id, &animal->series[i], reterr))
            return false;
    return true;
}

/* The system goes on writing into a file that was deleted or replaced, and drops it when it is closed. */
static bool check_place(const Store *store, Err *reterr)
{
    int moved = 0;
    sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved == 0 || err_set(reterr, ERR_STORE,
                                 "cannot write '%s': the file was moved, replaced or deleted during the run; run the "
                                 "same command again, and leave it there",
                                 store->path);
}

static bool write_animals(Store *store, const Animal *animals, size_t n_animals, bool replace, Err *reterr)
{
    if (!check_place(store, reterr) || !store_execute(store, "write", "BEGIN IMMEDIATE", reterr))
        return false;
    bool written = true;
    for (size_t i = 0; written && i < n_animals; i++)
        written = write_animal(store, &animals[i], replace, reterr);
    written = written && store_execute(store, "write", "COMMIT", reterr);
    if (!written)
        store_roll_back(store);
    return written;
}

bool store_append(Store *store, int64_t run, const Animal *animals, size_t n_animals, Err *reterr)
{
    ASSERT(run == store->run);
    return write_animals(store, animals, n_animals, false, reterr);
}

bool store_replace(Store *store, int64_t run, const Animal *animals, size_t n_animals, Err *reterr)
{
    ASSERT(run == store->run);
    return write_animals(store, animals, n_animals, true, reterr);
}

bool store_finish(Store *store, int64_t run, Err *reterr)
{
    StoreProgress progress;
    ASSERT(run == store->run);
    if (!check_place(store, reterr) || !store_progress(store, run, &progress, reterr))
        return false;
    const char *status = progress.n_stored == progress.n_planned ? "complete" : "partial";
    /* EXTRA: this transaction is synced, and with it all that stands before it in the WAL. */
    return store_execute(store, "write", "PRAGMA synchronous = EXTRA", reterr) &&
           store_run_once(store, reterr,
                          "UPDATE run SET status = ?2, finished_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') "
                          "WHERE run_id = ?1 AND status <> 'complete'",
                          "is", run, status) &&
           store_execute(store, "write", "PRAGMA synchronous = NORMAL", reterr);
}
