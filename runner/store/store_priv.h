/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the room share: the handle, SQL statements, and the columns that depend on tables.
 */
#ifndef MB_STORE_STORE_PRIV_H
#define MB_STORE_STORE_PRIV_H

#include <sqlite3.h>

#include "store/store.h"

/* Statements that are needed for each animal: they are prepared once. */
typedef enum StoreStatement {
    STATEMENT_COUNT,
    STATEMENT_ANIMAL,
    STATEMENT_READING,
    STATEMENT_SERIES,
    N_STATEMENTS
} StoreStatement;

struct Store {
    Arena *arena; /* of the handle */
    sqlite3 *db;
    const char *path;
    size_t summary_bytes; /* SUMMARY_BYTES; tests set less */
    sqlite3_stmt *statements[N_STATEMENTS];
    /* of the run that store_begin found or made */
    int64_t run;
    const int64_t *first_animals; /* [n_cohorts] ids of the cohorts' animals number 0 */
    int64_t first_cohort, first_metric;
    const int64_t *columns; /* [n_metrics] column_number of each */
    size_t n_metrics;
    const char *insert_reading;
};

/* Readings of an animal have the ids from animal_id * 2^20 on. */
#define READING_BITS 20
#define READINGS_OF_ANIMAL "ON reading.reading_id BETWEEN animal.animal_id << 20 AND (animal.animal_id << 20) + 1048575"

/* Fills *reterr with SQLite's reason, "cannot <doing> '<path>': ...", and returns false. */
bool store_fail(const Store *store, const char *doing, Err *reterr);

/* Runs SQL statements that give no rows. */
MUST_CHECK bool store_execute(Store *store, const char *doing, const char *sql, Err *reterr);

/* Prepares a statement and binds the arguments that `types` lists: i int64_t, d double (NaN: NULL), s const char *
 * (NULL: NULL). */
MUST_CHECK bool store_prepare(Store *store, sqlite3_stmt **ret_statement, Err *reterr, const char *sql,
                              const char *types, ...);

/* Resets a statement that is prepared, and binds it anew. */
MUST_CHECK bool store_bind(Store *store, sqlite3_stmt *statement, Err *reterr, const char *types, ...);

/* Goes to the next row of a statement. *ret_row false: there is none. */
MUST_CHECK bool store_step(Store *store, sqlite3_stmt *statement, bool *ret_row, Err *reterr);

/* Prepares, binds and runs a statement that gives no rows. */
MUST_CHECK bool store_run_once(Store *store, Err *reterr, const char *sql, const char *types, ...);

/* One whole number from a query; 0 when it has no row or NULL. */
MUST_CHECK bool store_query_count(Store *store, int64_t *ret_count, Err *reterr, const char *sql, const char *types,
                                  ...);

/* Ends a transaction and undoes it. */
void store_roll_back(Store *store);

/* Closes a statement; for SCOPED. */
void store_statement_close(sqlite3_stmt **statement);

/* The text of a column; NULL for NULL. The text of store_column_peek lasts until the next step. (SQLite's own function
 * returns NULL also when memory runs out; these two do not return then.) */
const char *store_column_peek(sqlite3_stmt *statement, int column);
const char *store_column_text(Arena *arena, sqlite3_stmt *statement, int column);

/* ---- columns.c ---- */

/* Before the columns of animal_columns: animal_id, cohort_id, number, status. */
enum { N_KEY_COLUMNS = 4 };

/* ", failure, parameters_json, ...": the columns of animal_columns, or those of them that are dumped. On the arena. */
const char *store_columns_list(Arena *arena, bool only_dumped);

/* The statement that writes an animal's row, or writes over it: ?1 to ?4 are the key columns, then animal_columns. */
const char *store_columns_upsert(Arena *arena);

/* Binds all but the key columns. Texts are borrowed until the statement is bound again. */
MUST_CHECK bool store_columns_bind(const Store *store, sqlite3_stmt *upsert, const Animal *animal, Err *reterr);

/* ---- views.c ---- */

/* The number of a metric's columns in `reading`. A new name gets the next number that is free. */
MUST_CHECK bool store_number_metric(Store *store, const char *metric, int64_t *ret_number, Err *reterr);

/* Adds the columns of new metrics to `reading`; makes the triggers, and makes the views `measurement` and `phenotype`
 * anew for all metrics of the file. */
MUST_CHECK bool store_build_views(Store *store, Err *reterr);

#endif
