/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes what depends on the metrics of a database: the columns of the table `reading`, the triggers that watch it, and
 * the two views that give its columns names. `measurement` has a row for each value, `phenotype` a column for each
 * metric. SQLite itself quotes every name (%w).
 */
#include <string.h>

#include "store/store_priv.h"

/* A table of SQLite has at most 2,000 columns, and a metric takes two. */
enum { MAX_METRICS = 950 };

static bool execute_str(Store *store, sqlite3_str *sql, Err *reterr)
{
    char *text = sqlite3_str_finish(sql);
    if (text == NULL)
        out_of_memory();
    bool done = store_execute(store, "make the views of", text, reterr);
    sqlite3_free(text);
    return done;
}

static bool count_columns(Store *store, int64_t *ret_n, Err *reterr)
{
    return store_query_count(store, ret_n, reterr, "SELECT max(column_number) FROM metric", "");
}

bool store_number_metric(Store *store, const char *metric, int64_t *ret_number, Err *reterr)
{
    int64_t n = 0, number = 0;
    if (!store_query_count(store, &number, reterr, "SELECT column_number FROM metric WHERE metric = ?1", "s", metric) ||
        !count_columns(store, &n, reterr))
        return false;
    if (number == 0 && n == MAX_METRICS)
        return err_set(reterr, ERR_STORE, "'%s' has %d metrics and no room for '%s'; name another file with --db",
                       store->path, (int)MAX_METRICS, metric);
    *ret_number = number != 0 ? number : n + 1;
    return true;
}

/* Makes a table without rows anew: ALTER TABLE would read the whole schema again for each column. */
static bool make_reading(Store *store, int64_t n_there, int64_t n_columns, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *schema = NULL;
    bool row;
    if (!store_prepare(store, &schema, reterr, "SELECT sql FROM sqlite_schema WHERE name = 'reading'", "") ||
        !store_step(store, schema, &row, reterr))
        return false;
    ASSERT(row);
    const char *text = store_column_peek(schema, 0);
    sqlite3_str *sql = sqlite3_str_new(store->db);
    sqlite3_str_appendf(sql, "DROP TABLE reading; %.*s", (int)(strrchr(text, ')') - text), text);
    for (int64_t i = n_there + 1; i <= n_columns; i++)
        sqlite3_str_appendf(sql, ", value_%lld REAL, truth_%lld REAL", i, i);
    sqlite3_str_appendall(sql, ") STRICT");
    sqlite3_reset(schema);
    return execute_str(store, sql, reterr);
}

static bool widen_reading(Store *store, int64_t n_there, int64_t n_columns, Err *reterr)
{
    sqlite3_str *sql = sqlite3_str_new(store->db);
    for (int64_t i = n_there + 1; i <= n_columns; i++)
        sqlite3_str_appendf(sql,
                            "ALTER TABLE reading ADD COLUMN value_%lld REAL;"
                            "ALTER TABLE reading ADD COLUMN truth_%lld REAL;",
                            i, i);
    return execute_str(store, sql, reterr);
}

static bool add_columns(Store *store, int64_t n_columns, Err *reterr)
{
    int64_t n_rows = 0, n_there = 0;
    if (!store_query_count(store, &n_rows, reterr, "SELECT count(*) FROM (SELECT 1 FROM reading LIMIT 1)", "") ||
        !store_query_count(store, &n_there, reterr,
                           "SELECT count(*) FROM pragma_table_info('reading') WHERE name GLOB 'value_*'", ""))
        return false;
    if (n_there == n_columns)
        return true;
    return n_rows == 0 ? make_reading(store, n_there, n_columns, reterr)
                       : widen_reading(store, n_there, n_columns, reterr);
}

/* Chooses the column of metric.column_number by halving: SQL goes through a list of cases from its start. */
static void add_choice(sqlite3_str *sql, const char *what, int64_t low, int64_t high)
{
    int64_t middle = low + (high - low) / 2;
    if (low >= high) {
        sqlite3_str_appendf(sql, high == 0 ? "NULL" : "%s_%lld", what, low);
        return;
    }
    sqlite3_str_appendf(sql, "iif(metric.column_number <= %lld, ", middle);
    add_choice(sql, what, low, middle);
    sqlite3_str_appendall(sql, ", ");
    add_choice(sql, what, middle + 1, high);
    sqlite3_str_appendall(sql, ")");
}

static bool make_measurement(Store *store, int64_t n_columns, Err *reterr)
{
    sqlite3_str *sql = sqlite3_str_new(store->db);
    sqlite3_str_appendall(sql, "DROP VIEW IF EXISTS measurement;\n"
                               "CREATE VIEW measurement AS\n"
                               "SELECT metric.metric_id, animal.animal_id, reading.site, reading.age_d,\n ");
    add_choice(sql, "reading.value", 1, n_columns);
    sqlite3_str_appendall(sql, " AS value,\n ");
    add_choice(sql, "reading.truth", 1, n_columns);
    sqlite3_str_appendall(sql, " AS truth\n"
                               "FROM metric JOIN cohort USING (run_id) JOIN animal USING (cohort_id)\n"
                               " CROSS JOIN reading " READINGS_OF_ANIMAL "\n"
                               "WHERE iif(metric.at_d IS NULL, reading.measured, reading.age_d = metric.at_d)");
    return execute_str(store, sql, reterr);
}

static bool add_names(Store *store, sqlite3_str *sql, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *names = NULL;
    bool row = true;
    if (!store_prepare(store, &names, reterr,
                       "SELECT DISTINCT column_number, metric FROM metric ORDER BY column_number", ""))
        return false;
    while (row) {
        if (!store_step(store, names, &row, reterr))
            return false;
        if (row)
            sqlite3_str_appendf(sql, ",\n reading.value_%lld AS \"%w\"", sqlite3_column_int64(names, 0),
                                store_column_peek(names, 1));
    }
    return true;
}

static bool make_phenotype(Store *store, Err *reterr)
{
    sqlite3_str *sql = sqlite3_str_new(store->db);
    sqlite3_str_appendall(sql, "DROP VIEW IF EXISTS phenotype;\n"
                               "CREATE VIEW phenotype AS\n"
                               "SELECT run.run_id, run.experiment, cohort.cohort, animal.number AS animal,\n"
                               " cohort.genotype AS genotype, reading.site, reading.age_d,\n"
                               " reading.age_d / 7.0 AS age_wk");
    bool named = add_names(store, sql, reterr);
    sqlite3_str_appendall(sql, "\nFROM run JOIN cohort USING (run_id) JOIN animal USING (cohort_id)\n"
                               " CROSS JOIN reading " READINGS_OF_ANIMAL);
    if (!named) {
        sqlite3_free(sqlite3_str_finish(sql));
        return false;
    }
    return execute_str(store, sql, reterr);
}

/* Triggers: when readings of a cohort are changed or deleted, they take the cohort out of `summary` and count that in
 * cohort.changes. (When the table `reading` is made anew, SQLite drops its triggers with it.) */
static bool make_triggers(Store *store, Err *reterr)
{
    static const struct {
        const char *when, *cohort;
    } triggers[] = {
        {"reading_updated AFTER UPDATE ON reading", "(SELECT cohort_id FROM animal WHERE animal_id = OLD.animal_id)"},
        {"reading_deleted AFTER DELETE ON reading", "(SELECT cohort_id FROM animal WHERE animal_id = OLD.animal_id)"},
        {"animal_deleted AFTER DELETE ON animal", "OLD.cohort_id"}};
    SCOPED(arena_close) Arena *scratch = arena_open();
    for (size_t i = 0; i < ARRAY_LENGTH(triggers); i++)
        if (!store_execute(store, "make the schema of",
                           arena_print(scratch,
                                       "CREATE TRIGGER IF NOT EXISTS %s BEGIN\n"
                                       "DELETE FROM summary WHERE cohort_id = %s;\n"
                                       "UPDATE cohort SET changes = changes + 1 WHERE cohort_id = %s;\nEND;\n",
                                       triggers[i].when, triggers[i].cohort, triggers[i].cohort),
                           reterr))
            return false;
    return true;
}

bool store_build_views(Store *store, Err *reterr)
{
    int64_t n_columns = 0;
    return count_columns(store, &n_columns, reterr) && add_columns(store, n_columns, reterr) &&
           make_measurement(store, n_columns, reterr) && make_phenotype(store, reterr) && make_triggers(store, reterr);
}
