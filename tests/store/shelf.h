/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the store share: a folder for each test, an experiment to write into it, and a look at the file
 * past the room. Static, so that each test file has its own.
 */
#ifndef MB_TESTS_STORE_SHELF_H
#define MB_TESTS_STORE_SHELF_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store_priv.h"
#include "support/near.h"

/* -- a folder for each test ------------------------------------------------------------------------------------ */

static Arena *arena;
static char folder[64];

static inline int open_folder(void **state)
{
    (void)state;
    arena = arena_open();
    snprintf(folder, sizeof folder, "/tmp/marblebone-store-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static inline const char *in_folder(const char *name)
{
    return arena_print(arena, "%s/%s", folder, name);
}

static inline int close_folder(void **state)
{
    (void)state;
    DIR *entries = opendir(folder);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (entry->d_name[0] != '.')
            remove(in_folder(entry->d_name));
    closedir(entries);
    int failed = rmdir(folder);
    arena_close(&arena);
    return failed;
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, open_folder, close_folder)

/* -- the runs that are written --------------------------------------------------------------------------------- */

enum { BV, OC, TEETH, CELLS, N_MOUSE_METRICS };

static const StoreMetric MOUSE_METRICS[N_MOUSE_METRICS] = {
    {"BV/TV", "%", "bone volume over tissue volume", "phenotype", (double)NAN},
    {"N.Oc/B.Pm", "1/mm", "", "phenotype", (double)NAN},
    {"teeth", "1", "erupted incisors", "trait", 21.0},
    {"C", "pmol/L", "active osteoclasts", "recorded", (double)NAN},
};
static const StoreMetric OTHER_METRICS[] = {{"CTX", "ng/mL", "", "phenotype", (double)NAN},
                                            {"BV/TV", "%", "", "phenotype", (double)NAN}};

static const StoreCohort COHORTS[] = {
    {"littermate", "c-littermate", "littermate", "Tnfsf11 fl/fl", "{\"genes\":{}}", "none", "{\"doses\":[]}",
     "{\"sex\":\"female\"}", 3},
    {"ocy-RANKL-cKO", "c-cKO", "littermate", "Tnfsf11 fl/fl; Dmp1-Cre", "{\"genes\":{},\"cre\":[\"Dmp1-Cre\"]}",
     "OPG-Fc 5 mg/kg at 84 day", "{\"doses\":[{\"drug\":\"OPG-Fc\"}]}", "{\"sex\":\"male\"}", 2},
};
static const StoreUnexpressed UNEXPRESSED[] = {{"no OPG", "'Tnfrsf11b' is not a gene of the model 'mouse'"},
                                               {"MALP", "'MALP' is not a site of 'Tnfsf11' in the model 'mouse'"}};
static const StoreSetting VERSIONS[] = {{"engine", "1"}, {"compiler", "12.2.0"}};
enum { N_ANIMALS = 5 };

static inline StoreRun mouse_run(void)
{
    return (StoreRun){.key = "k-mouse",
                      .command = "marblebone run ocy.yaml",
                      .seed = 20111,
                      .rtol = 1e-8,
                      .experiment = {"ocy", "ocy.yaml", "experiment: ocy\n"},
                      .model = {"mouse", "models/mouse.yaml", "model: mouse\n"},
                      .drivers = {"drivers", "models/drivers.yaml", "drivers: {}\n"},
                      .question = "Is it the osteocyte?",
                      .versions = VERSIONS,
                      .n_versions = ARRAY_LENGTH(VERSIONS),
                      .host = "bench Linux",
                      .metrics = MOUSE_METRICS,
                      .n_metrics = N_MOUSE_METRICS,
                      .cohorts = COHORTS,
                      .n_cohorts = ARRAY_LENGTH(COHORTS),
                      .unexpressed = UNEXPRESSED,
                      .n_unexpressed = ARRAY_LENGTH(UNEXPRESSED)};
}

/* Another experiment with the same model, without drivers. */
static inline StoreRun other_run(void)
{
    StoreRun run = mouse_run();
    run.key = "k-other";
    run.experiment = (StoreFile){"other", "other.yaml", "experiment: other\n"};
    run.drivers = (StoreFile){0};
    run.metrics = OTHER_METRICS;
    run.n_metrics = ARRAY_LENGTH(OTHER_METRICS);
    StoreCohort *cohorts = NEW_ARRAY(arena, StoreCohort, ARRAY_LENGTH(COHORTS));
    for (size_t i = 0; i < ARRAY_LENGTH(COHORTS); i++) {
        cohorts[i] = COHORTS[i];
        cohorts[i].key = arena_print(arena, "other-%zu", i);
    }
    run.cohorts = cohorts;
    return run;
}

/* A reading of n metrics of which one is a number. */
static inline Reading one_value(size_t n, size_t metric, const char *site, double age_d, double value, double truth)
{
    double *values = NEW_ARRAY(arena, double, n), *truths = NEW_ARRAY(arena, double, n);
    for (size_t i = 0; i < n; i++)
        values[i] = truths[i] = (double)NAN;
    values[metric] = value;
    truths[metric] = truth;
    return (Reading){site, age_d, true, values, truths};
}

static inline Reading mouse_reading(size_t metric, const char *site, double age_d, double value, double truth)
{
    return one_value(N_MOUSE_METRICS, metric, site, age_d, value, truth);
}

/* Animal `index` of the run in the order of the design, at two sites and two ages; the last one (cohort 1, number 1)
 * failed. */
static inline Animal mouse_animal(size_t index)
{
    static const char *const sites[] = {"vertebra", "femur"};
    static const double ages[] = {56.0, 84.0}, times[] = {0.0, 0.5, 1.0};
    size_t cohort = index < 3 ? 0 : 1, number = index < 3 ? index : index - 3;
    Animal animal = {.cohort = cohort,
                     .number = number,
                     .parameters_json = "{\"r0\":0.0057,\"Dmp1-Cre osteocyte\":0.5}",
                     .steps = 10 + index,
                     .rate_evaluations = 20,
                     .jacobian_evaluations = 3,
                     .newton_iterations = 14,
                     .start_json = index == 0 ? "{\"femur\":{\"method\":\"m\",\"steps\":12,\"residual\":1e-17,"
                                                "\"slowest\":\"C\",\"time_constant\":5.5}}"
                                              : NULL};
    if (index == N_ANIMALS - 1) {
        animal.failure = "too much work at t = 3 day";
        return animal;
    }
    Reading *readings = NEW_ARRAY(arena, Reading, 5);
    double *values = NEW_ARRAY(arena, double, 3);
    for (size_t i = 0; i < 4; i++) {
        double truth = 8.0 * (double)(index + 1) + (double)i, *both = NEW_ARRAY(arena, double, 2 * N_MOUSE_METRICS);
        readings[i] = (Reading){sites[i % 2], ages[i / 2], true, both, both + N_MOUSE_METRICS};
        for (size_t m = 0; m < N_MOUSE_METRICS; m++) {
            both[N_MOUSE_METRICS + m] = m == BV ? truth : m == OC ? truth + 4.0 : (double)NAN;
            both[m] = both[N_MOUSE_METRICS + m] + 0.25;
        }
    }
    readings[4] = mouse_reading(TEETH, sites[0], 21.0, (double)cohort, (double)cohort);
    readings[4].measured = false;
    for (size_t i = 0; i < 3; i++)
        values[i] = i == 1 ? (double)NAN : 1.0 / 3.0 + (double)index;
    Series *series = NEW(arena, Series);
    *series = (Series){CELLS, sites[1], 3, times, values};
    animal.readings = readings;
    animal.n_readings = 5;
    animal.series = series;
    animal.n_series = 1;
    return animal;
}

/* -- doing it or failing the test ------------------------------------------------------------------------------ */

static inline void must(bool done, const Err *err)
{
    if (!done)
        fail_msg("%s", err->text);
}

#define assert_refused(done, err, ...)                                                                                 \
    do {                                                                                                               \
        assert_false(done);                                                                                            \
        assert_int_equal((err).kind, ERR_STORE);                                                                       \
        assert_string_equal((err).text, arena_print(arena, __VA_ARGS__));                                              \
    } while (0)

static inline Store *opened(const char *path, bool read_only)
{
    Err err = {0};
    Store *store = NULL;
    must(store_open(path, read_only, &store, &err), &err);
    return store;
}

static inline int64_t begun(Store *store, StoreRun run)
{
    Err err = {0};
    int64_t id = 0;
    must(store_begin(store, &run, &id, &err), &err);
    return id;
}

static inline void append_one(Store *store, int64_t run, size_t index)
{
    Err err = {0};
    Animal animal = mouse_animal(index);
    must(store_append(store, run, &animal, 1, &err), &err);
}

static inline void finish(Store *store, int64_t run)
{
    Err err = {0};
    must(store_finish(store, run, &err) && store_summarise(store, run, NULL, &err), &err);
}

/* The whole mouse run into one file: its animals in the order given, `per_session` of them between open and close. */
static inline void write_mouse(const char *path, const size_t order[N_ANIMALS], size_t per_session)
{
    for (size_t first = 0; first < N_ANIMALS; first += per_session) {
        Store *store = opened(path, false);
        int64_t run = begun(store, mouse_run());
        for (size_t i = first; i < first + per_session && i < N_ANIMALS; i++)
            append_one(store, run, order[i]);
        finish(store, run);
        store_close(&store);
    }
}

static const size_t IN_ORDER[N_ANIMALS] = {0, 1, 2, 3, 4};

/* -- looking past the room ------------------------------------------------------------------------------------- */

static inline void close_raw(sqlite3 **db)
{
    sqlite3_close(*db);
    *db = NULL;
}

static inline sqlite3 *raw(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL), SQLITE_OK);
    return db;
}

static inline void raw_execute(const char *path, const char *sql)
{
    SCOPED(close_raw) sqlite3 *db = raw(path);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static inline void add_rows(sqlite3 *db, const char *sql, Text *text)
{
    char number[NUMBER_TEXT];
    SCOPED(store_statement_close) sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sqlite3_errmsg(db), sql);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            const char *value = (const char *)sqlite3_column_text(rows, i);
            if (sqlite3_column_type(rows, i) == SQLITE_FLOAT)
                value = number_show(sqlite3_column_double(rows, i), number);
            text_print(text, "%s%s", i > 0 ? "|" : "", value != NULL ? value : "NULL");
        }
        text_print(text, "\n");
    }
}

/* All rows of a query: columns parted by '|', each row with its newline; numbers with all their digits. */
static inline const char *query(const char *path, const char *sql)
{
    SCOPED(close_raw) sqlite3 *db = raw(path);
    Text text = text_new(arena);
    add_rows(db, sql, &text);
    return text_string(&text);
}

static inline const char *dump(const char *path)
{
    static const char run_columns[] =
        "SELECT run_id, key, experiment, question, model, experiment_file_id, model_file_id, "
        "drivers_file_id, seed, rtol, status, command, experiment_path, model_path, "
        "drivers_path, host FROM run ORDER BY 1";
    static const char *const tables[] = {
        "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2",
        "SELECT * FROM file ORDER BY 1",
        run_columns,
        "SELECT * FROM run_version ORDER BY 1, 2",
        "SELECT * FROM cohort ORDER BY 1",
        "SELECT * FROM metric ORDER BY 1",
        "SELECT * FROM animal ORDER BY 1",
        "SELECT * FROM reading ORDER BY 1",
        "SELECT * FROM series ORDER BY 1, 2, 3",
        "SELECT * FROM summary ORDER BY 1, 2, 3, 4",
    };
    SCOPED(close_raw) sqlite3 *db = raw(path);
    Text text = text_new(arena);
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++)
        add_rows(db, tables[i], &text);
    return text_string(&text);
}

static inline void assert_sound(const char *path)
{
    assert_string_equal(query(path, "PRAGMA integrity_check"), "ok\n");
    assert_string_equal(query(path, "PRAGMA foreign_key_check"), "");
}

/* The text of a source. */
static inline const char *read_source(const char *path)
{
    Text text = text_new(arena);
    char block[4096];
    size_t n;
    FILE *file = fopen(arena_print(arena, "%s/%s", SOURCE_DIR, path), "rb");
    assert_non_null(file);
    while ((n = fread(block, 1, sizeof block, file)) > 0)
        text_add(&text, block, n);
    fclose(file);
    return text_string(&text);
}

/* The number of the newest schema: the sections of schema.sql. */
static inline int newest_schema(void)
{
    int n = 0;
    for (const char *at = read_source("results-schema/schema.sql"); (at = strstr(at, "\n-- Schema ")) != NULL; at++)
        n++;
    return n;
}

/* -- databases of older schemas --------------------------------------------------------------------------------- */

/* Every view, in an order that leaves nothing open. */
static const char *const VIEWS[] = {
    "phenotype ORDER BY run_id, cohort, animal, site, age_d",
    "measurement ORDER BY metric_id, animal_id, site, age_d",
    "cohort_summary ORDER BY cohort_id, metric_id, site, age_d",
    "versus_control ORDER BY run_id, cohort, metric, site, age_d",
    "recording ORDER BY run_id, cohort, animal, metric, site, age_d",
    "failure ORDER BY run_id, cohort, animal",
    "across_models ORDER BY run_id, cohort, metric, site, age_d",
    "steady_start ORDER BY run_id, cohort, animal, site",
};

/* What the program of that schema wrote. EXTRA: to delete a journal is synced, too. */
static inline const char *old_database(const char *path, int schema)
{
    raw_execute(path, arena_print(arena,
                                  "PRAGMA synchronous = EXTRA; %s; PRAGMA application_id = 1835159345; "
                                  "PRAGMA user_version = %d",
                                  read_source(arena_print(arena, "tests/store/schema-%d.sql", schema)), schema));
    return path;
}

/* What the views say, each of them something. */
static inline const char *answers(const char *path)
{
    Text text = text_new(arena);
    for (size_t i = 0; i < ARRAY_LENGTH(VIEWS); i++) {
        const char *rows = query(path, arena_print(arena, "SELECT * FROM %s", VIEWS[i]));
        if (rows[0] == '\0')
            fail_msg("'%s' has no row to compare", VIEWS[i]);
        text_print(&text, "%s\n%s", VIEWS[i], rows);
    }
    return text_string(&text);
}

#endif
