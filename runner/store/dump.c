/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes every result as text, in an order that follows from names and numbers alone. Ids, positions in the
 * experiment's file, controls (the first cohort of the file, when it names none), clock and host are left out. Each
 * query of a list gives rows, and each row is a line.
 */
#include <string.h>

#include "store/store_priv.h"

/* Queries about a run; ?1 is its id. */
static const char *const OF_RUN[] = {
    "SELECT 'run', experiment, model, seed, rtol, question, model_file.sha256, drivers_file.sha256 FROM run "
    "JOIN file AS model_file ON model_file.file_id = model_file_id "
    "LEFT JOIN file AS drivers_file ON drivers_file.file_id = drivers_file_id WHERE run_id = ?1",
    "SELECT 'version', name, value FROM run_version WHERE run_id = ?1 AND name NOT IN ('source', 'lane-kernel') "
    "ORDER BY name",
    "SELECT 'metric', metric, unit, kind, at_d, about FROM metric WHERE run_id = ?1 ORDER BY metric",
    "SELECT 'unexpressed', cohort, reason FROM unexpressed WHERE run_id = ?1 ORDER BY cohort",
    "SELECT 'cohort', cohort, n_animals, genotype, genotype_json, treatment, treatment_json, settings_json FROM cohort "
    "WHERE run_id = ?1 ORDER BY cohort",
};

enum { N_OF_ANIMAL = 3 };

typedef struct Dump {
    Store *store;
    StoreSink sink;
    void *context;
    Arena *line;
    sqlite3_stmt *of_animal[N_OF_ANIMAL];
} Dump;

/* A name may hold any byte: what separates fields or lines, or controls a terminal, is written as an escape of C. */
static void dump_field(Text *text, const char *field)
{
    size_t length = strlen(field);
    bool harmless;
    for (size_t at = 0, n; at < length; at += n) {
        n = text_character(field + at, length - at, &harmless);
        if (field[at] == '\t' || field[at] == '\n' || field[at] == '\\')
            text_print(text, field[at] == '\t' ? "\\t" : field[at] == '\n' ? "\\n" : "\\\\");
        else if (harmless)
            text_add(text, field + at, n);
        else
            for (size_t i = 0; i < n; i++)
                text_print(text, "\\x%02X", (unsigned)(unsigned char)field[at + i]);
    }
}

static bool dump_row(Dump *dump, sqlite3_stmt *row, Err *reterr)
{
    char number[NUMBER_TEXT];
    arena_reset(dump->line);
    Text text = text_new(dump->line);
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        text_print(&text, "%s", i > 0 ? "\t" : "");
        if (sqlite3_column_type(row, i) == SQLITE_NULL)
            text_print(&text, "\\N");
        else if (sqlite3_column_type(row, i) == SQLITE_FLOAT)
            text_print(&text, "%s", number_show(sqlite3_column_double(row, i), number));
        else
            dump_field(&text, store_column_peek(row, i));
    }
    text_print(&text, "\n");
    return dump->sink(dump->context, text_string(&text), text.length, reterr);
}

static bool dump_rows(Dump *dump, sqlite3_stmt *rows, int64_t id, Err *reterr)
{
    bool row = true;
    if (!store_bind(dump->store, rows, reterr, "i", id))
        return false;
    while (row) {
        if (!store_step(dump->store, rows, &row, reterr) || (row && !dump_row(dump, rows, reterr)))
            return false;
    }
    sqlite3_reset(rows);
    return true;
}

static bool dump_run(Dump *dump, int64_t run, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *animals = NULL;
    bool row = true;
    for (size_t i = 0; i < ARRAY_LENGTH(OF_RUN); i++) {
        SCOPED(store_statement_close) sqlite3_stmt *rows = NULL;
        if (!store_prepare(dump->store, &rows, reterr, OF_RUN[i], "") || !dump_rows(dump, rows, run, reterr))
            return false;
    }
    if (!store_prepare(dump->store, &animals, reterr,
                       "SELECT animal_id FROM (SELECT * FROM cohort WHERE run_id = ?1 ORDER BY cohort) AS own "
                       "CROSS JOIN animal USING (cohort_id) ORDER BY own.cohort, animal.number",
                       "i", run))
        return false;
    while (row) {
        if (!store_step(dump->store, animals, &row, reterr))
            return false;
        for (size_t i = 0; row && i < N_OF_ANIMAL; i++)
            if (!dump_rows(dump, dump->of_animal[i], sqlite3_column_int64(animals, 0), reterr))
                return false;
    }
    return true;
}

/* Prepares the queries about an animal; ?1 is its id. */
static bool dump_prepare(Dump *dump, Err *reterr)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    const char *const queries[N_OF_ANIMAL] = {
        arena_print(scratch,
                    "SELECT 'animal', cohort, number, status%s FROM animal JOIN cohort USING (cohort_id) "
                    "WHERE animal_id = ?1",
                    store_columns_list(scratch, true)),
        "SELECT 'measurement', cohort, number, site, age_d, metric, value, truth FROM measurement "
        "JOIN metric USING (metric_id) JOIN animal USING (animal_id) JOIN cohort USING (cohort_id) "
        "WHERE animal_id = ?1 ORDER BY site, age_d, metric",
        "SELECT 'series', cohort, number, site, metric, ages_json, values_json FROM animal "
        "JOIN cohort USING (cohort_id) JOIN metric USING (run_id) JOIN series USING (metric_id, animal_id) "
        "WHERE animal_id = ?1 ORDER BY site, metric",
    };
    for (size_t i = 0; i < N_OF_ANIMAL; i++)
        if (!store_prepare(dump->store, &dump->of_animal[i], reterr, queries[i], ""))
            return false;
    return true;
}

/* The key orders runs that have the same names, seed and tolerance. */
static bool dump_runs(Dump *dump, const char *experiment, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *runs = NULL;
    bool row = true;
    if (!dump_prepare(dump, reterr) ||
        !store_prepare(dump->store, &runs, reterr,
                       "SELECT run_id FROM run WHERE experiment = ifnull(?1, experiment) "
                       "ORDER BY experiment, model, seed, rtol, key",
                       "s", experiment))
        return false;
    while (row) {
        if (!store_step(dump->store, runs, &row, reterr) ||
            (row && !dump_run(dump, sqlite3_column_int64(runs, 0), reterr)))
            return false;
    }
    return true;
}

bool store_dump(Store *store, const char *experiment, StoreSink sink, void *context, Err *reterr)
{
    SCOPED(arena_close) Arena *line = arena_open();
    Dump dump = {.store = store, .sink = sink, .context = context, .line = line};
    int64_t run;
    if (experiment != NULL && !store_find_run(store, experiment, NULL, &run, reterr))
        return false;
    /* One transaction: when a run goes on meanwhile, the dump shows it as it is now. */
    bool done = store_execute(store, "read", "BEGIN", reterr) && dump_runs(&dump, experiment, reterr);
    for (size_t i = 0; i < N_OF_ANIMAL; i++)
        store_statement_close(&dump.of_animal[i]);
    store_roll_back(store);
    return done;
}
