/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the room: the handle, statements, and one way to bind.
 */
#ifndef MB_STORE_STORE_PRIV_H
#define MB_STORE_STORE_PRIV_H

#include <sqlite3.h>

#include "store/store.h"

/* Statements of the writer's hot path, prepared once. */
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
    size_t summary_bytes; /* SUMMARY_BYTES; tests leave less */
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

/* Fails with SQLite's words: "cannot <doing> '<path>': ...". */
bool store_fail(const Store *store, const char *doing, Err *reterr);

/* Runs statements without results. */
MUST_CHECK bool store_execute(Store *store, const char *doing, const char *sql, Err *reterr);

/* Prepares a statement and binds the arguments that `types` lists: i int64_t, d double (NaN: NULL), s const char *
 * (NULL: NULL). */
MUST_CHECK bool store_prepare(Store *store, sqlite3_stmt **ret_statement, Err *reterr, const char *sql,
                              const char *types, ...);

/* The same on a statement that exists; resets it first. */
MUST_CHECK bool store_bind(Store *store, sqlite3_stmt *statement, Err *reterr, const char *types, ...);

/* Steps. *ret_row: there is a row. */
MUST_CHECK bool store_step(Store *store, sqlite3_stmt *statement, bool *ret_row, Err *reterr);

/* Prepares, binds and runs a statement without results. */
MUST_CHECK bool store_run_once(Store *store, Err *reterr, const char *sql, const char *types, ...);

/* One whole number from a query; 0 when it has no row or NULL. */
MUST_CHECK bool store_query_count(Store *store, int64_t *ret_count, Err *reterr, const char *sql, const char *types,
                                  ...);

/* For SCOPED. */
void statement_close(sqlite3_stmt **statement);

/* The text of a column, NULL for NULL; column_peek's lasts until the next step. SQLite's own answer is NULL without
 * memory, too. */
const char *column_peek(sqlite3_stmt *statement, int column);
const char *column_text(Arena *arena, sqlite3_stmt *statement, int column);

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

/* The number of a metric's columns in `reading`; of a new name, the next that is free. */
MUST_CHECK bool store_number_metric(Store *store, const char *metric, int64_t *ret_number, Err *reterr);

/* Adds columns to `reading` and makes the views `measurement` and `phenotype` anew, for all metrics of the file, and
 * the triggers. */
MUST_CHECK bool store_make_views(Store *store, Err *reterr);

#endif
