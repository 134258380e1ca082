/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing and reading, and what must not happen: rows twice, rows by halves, another program's file touched. "The same
 * database" means the dump: every row of every table in order, but for the clock columns of `run`. Values are powers of
 * two or short sums of them, so they come back exactly.
 */
#include <dirent.h>
#include <fcntl.h>
#include <float.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store_priv.h"
#include "support/near.h"

/* -- a folder for each test ------------------------------------------------------------------------------------ */

static Arena *arena;
static char folder[64];

static int open_folder(void **state)
{
    (void)state;
    arena = arena_open();
    snprintf(folder, sizeof folder, "/tmp/marblebone-store-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static const char *in_folder(const char *name)
{
    return arena_print(arena, "%s/%s", folder, name);
}

static int close_folder(void **state)
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

/* -- the runs that are written --------------------------------------------------------------------------------- */

enum { BV, OC, TEETH, CELLS, N_MOUSE_METRICS };

static const StoreMetric MOUSE_METRICS[N_MOUSE_METRICS] = {
    {"BV/TV", "%", "bone volume over tissue volume", "phenotype"},
    {"N.Oc/B.Pm", "1/mm", "", "phenotype"},
    {"teeth", "1", "erupted incisors", "trait"},
    {"C", "pmol/L", "active osteoclasts", "recorded"},
};
static const StoreMetric OTHER_METRICS[] = {{"CTX", "ng/mL", "", "phenotype"}, {"BV/TV", "%", "", "phenotype"}};

static const StoreCohort COHORTS[] = {
    {"littermate", "littermate", "Tnfsf11 fl/fl", "{\"genes\":{}}", "none", "{\"doses\":[]}", "{\"sex\":\"female\"}", 3},
    {"ocy-RANKL-cKO", "littermate", "Tnfsf11 fl/fl; Dmp1-Cre", "{\"genes\":{},\"cre\":[\"Dmp1-Cre\"]}",
     "OPG-Fc 5 mg/kg at 84 day", "{\"doses\":[{\"drug\":\"OPG-Fc\"}]}", "{\"sex\":\"male\"}", 2},
};
static const StoreSetting VERSIONS[] = {{"engine", "1"}, {"compiler", "12.2.0"}};
enum { N_ANIMALS = 5 };

static StoreRun mouse_run(void)
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
                      .n_cohorts = ARRAY_LENGTH(COHORTS)};
}

/* Another experiment with the same model, without drivers. */
static StoreRun other_run(void)
{
    StoreRun run = mouse_run();
    run.key = "k-other";
    run.experiment = (StoreFile){"other", "other.yaml", "experiment: other\n"};
    run.drivers = (StoreFile){0};
    run.metrics = OTHER_METRICS;
    run.n_metrics = ARRAY_LENGTH(OTHER_METRICS);
    return run;
}

/* Animal `index` of the run in the order of the design; the last one (cohort 1, number 1) failed. Two sites, two ages. */
static StoreAnimal mouse_animal(size_t index)
{
    static const char *const sites[] = {"vertebra", "femur"};
    static const double ages[] = {56.0, 84.0}, times[] = {0.0, 0.5, 1.0};
    size_t cohort = index < 3 ? 0 : 1, number = index < 3 ? index : index - 3;
    StoreAnimal animal = {.cohort = cohort, .number = number, .parameters_json = "{\"r0\":0.0057,\"Dmp1-Cre osteocyte\":0.5}",
                          .steps = 10 + index, .rate_evaluations = 20, .jacobian_evaluations = 3, .newton_iterations = 14};
    if (index == N_ANIMALS - 1) {
        animal.failure = "too much work at t = 3 day";
        return animal;
    }
    StoreMeasurement *measurements = NEW_ARRAY(arena, StoreMeasurement, 9);
    double *values = NEW_ARRAY(arena, double, 3);
    for (size_t i = 0; i < 8; i++) {
        double truth = 8.0 * (double)(index + 1) + (double)i;
        measurements[i] = (StoreMeasurement){i < 4 ? BV : OC, sites[i % 2], ages[i / 2 % 2], truth + 0.25, truth};
    }
    measurements[8] = (StoreMeasurement){TEETH, sites[0], 21.0, (double)cohort, (double)cohort};
    for (size_t i = 0; i < 3; i++)
        values[i] = i == 1 ? (double)NAN : 1.0 / 3.0 + (double)index;
    StoreSeries *series = NEW(arena, StoreSeries);
    *series = (StoreSeries){CELLS, sites[1], 3, times, values};
    animal.measurements = measurements;
    animal.n_measurements = 9;
    animal.series = series;
    animal.n_series = 1;
    return animal;
}

/* -- doing it or failing the test ------------------------------------------------------------------------------ */

static void must(bool done, const Err *err)
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

static Store *opened(const char *path, bool read_only)
{
    Err err = {0};
    Store *store = NULL;
    must(store_open(path, read_only, &store, &err), &err);
    return store;
}

static int64_t begun(Store *store, StoreRun run)
{
    Err err = {0};
    int64_t id = 0;
    must(store_begin(store, &run, &id, &err), &err);
    return id;
}

static void append_one(Store *store, int64_t run, size_t index)
{
    Err err = {0};
    StoreAnimal animal = mouse_animal(index);
    must(store_append(store, run, &animal, 1, &err), &err);
}

static void finish(Store *store, int64_t run)
{
    Err err = {0};
    must(store_finish(store, run, &err), &err);
}

/* The whole mouse run into one file, its animals in the order given, `per_session` animals between opening and closing. */
static void write_mouse(const char *path, const size_t order[N_ANIMALS], size_t per_session)
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

static void close_raw(sqlite3 **db)
{
    sqlite3_close(*db);
    *db = NULL;
}

static sqlite3 *raw(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL), SQLITE_OK);
    return db;
}

static void raw_execute(const char *path, const char *sql)
{
    SCOPED(close_raw) sqlite3 *db = raw(path);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void add_rows(sqlite3 *db, const char *sql, Text *text)
{
    char number[NUMBER_TEXT];
    SCOPED(statement_close) sqlite3_stmt *rows = NULL;
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
static const char *query(const char *path, const char *sql)
{
    SCOPED(close_raw) sqlite3 *db = raw(path);
    Text text = text_new(arena);
    add_rows(db, sql, &text);
    return text_end(&text);
}

static const char *dump(const char *path)
{
    static const char *const tables[] = {
        "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2",
        "SELECT * FROM file ORDER BY 1",
        "SELECT run_id, key, experiment, question, model, experiment_file_id, model_file_id, drivers_file_id, seed, rtol, "
        "status, command, experiment_path, model_path, drivers_path, host FROM run ORDER BY 1",
        "SELECT * FROM run_version ORDER BY 1, 2",
        "SELECT * FROM cohort ORDER BY 1",
        "SELECT * FROM metric ORDER BY 1",
        "SELECT * FROM animal ORDER BY 1",
        "SELECT * FROM measurement ORDER BY 1, 2, 3, 4",
        "SELECT * FROM series ORDER BY 1, 2, 3",
    };
    SCOPED(close_raw) sqlite3 *db = raw(path);
    Text text = text_new(arena);
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++)
        add_rows(db, tables[i], &text);
    return text_end(&text);
}

static void assert_sound(const char *path)
{
    assert_string_equal(query(path, "PRAGMA integrity_check"), "ok\n");
    assert_string_equal(query(path, "PRAGMA foreign_key_check"), "");
}

/* -- tests: what goes in comes out ----------------------------------------------------------------------------- */

static void cohorts_and_metrics_come_back_in_the_order_of_the_design(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    const StoreCohortInfo *cohorts;
    const StoreMetricInfo *metrics;
    size_t n_cohorts, n_metrics;
    Err err = {0};
    write_mouse(path, IN_ORDER, N_ANIMALS);
    Store *store = opened(path, true);
    must(store_cohorts(store, arena, 1, &cohorts, &n_cohorts, &err), &err);
    must(store_metrics(store, arena, 1, &metrics, &n_metrics, &err), &err);
    store_close(&store);
    assert_int_equal(n_cohorts, ARRAY_LENGTH(COHORTS));
    for (size_t i = 0; i < n_cohorts; i++) {
        assert_string_equal(cohorts[i].name, COHORTS[i].name);
        assert_string_equal(cohorts[i].control, "littermate");
        assert_string_equal(cohorts[i].genotype, COHORTS[i].genotype);
        assert_string_equal(cohorts[i].treatment, COHORTS[i].treatment);
        assert_int_equal(cohorts[i].n_planned, COHORTS[i].n_animals);
        assert_int_equal(cohorts[i].n_stored, COHORTS[i].n_animals);
        assert_int_equal(cohorts[i].n_failed, i);
    }
    assert_int_equal(n_metrics, N_MOUSE_METRICS);
    for (size_t i = 0; i < n_metrics; i++) {
        assert_string_equal(metrics[i].name, MOUSE_METRICS[i].name);
        assert_string_equal(metrics[i].unit, MOUSE_METRICS[i].unit);
        assert_string_equal(metrics[i].about, MOUSE_METRICS[i].about);
        assert_string_equal(metrics[i].kind, MOUSE_METRICS[i].kind);
    }
}

/* "12.25 20.25 ", NaN as "nan ". */
static const char *values_text(Store *store, const char *cohort, const char *metric, const char *site, double age_d)
{
    const double *values;
    char number[NUMBER_TEXT];
    size_t n;
    Err err = {0};
    Text text = text_new(arena);
    must(store_values(store, arena, 1, cohort, metric, site, age_d, &values, &n, &err), &err);
    for (size_t i = 0; i < n; i++)
        text_print(&text, "%s ", isnan(values[i]) ? "nan" : number_show(values[i], number));
    return text_end(&text);
}

static void values_come_back_in_the_order_of_the_animals(void **state)
{
    (void)state;
    static const struct {
        const char *name, *cohort, *metric, *site;
        double age_d;
        const char *values;
    } rows[] = {
        {"with assay noise", "littermate", "BV/TV", "vertebra", 56.0, "8.25 16.25 24.25 "},
        {"another site", "littermate", "BV/TV", "femur", 56.0, "9.25 17.25 25.25 "},
        {"another age", "littermate", "BV/TV", "femur", 84.0, "11.25 19.25 27.25 "},
        {"an age off by rounding", "littermate", "BV/TV", "femur", 84.0 + 1e-9, "11.25 19.25 27.25 "},
        {"an age that is another", "littermate", "BV/TV", "femur", 84.00001, ""},
        {"the failed animal is not among them", "ocy-RANKL-cKO", "N.Oc/B.Pm", "vertebra", 84.0, "38.25 "},
        {"a trait", "ocy-RANKL-cKO", "teeth", "vertebra", 21.0, "1 "},
        {"the site is not asked for", "littermate", "teeth", NULL, 21.0, "0 0 0 "},
        {"a series", "littermate", "C", "femur", 1.0, "0.3333333333333333 1.3333333333333333 2.3333333333333335 "},
        {"a series that is not a number there", "ocy-RANKL-cKO", "C", NULL, 0.5, "nan "},
        {"no such site", "littermate", "C", "vertebra", 0.5, ""},
        {"no such cohort", "x", "BV/TV", NULL, 56.0, ""},
        {"no such metric", "littermate", "x", NULL, 56.0, ""},
        {"no age", "littermate", "BV/TV", NULL, (double)NAN, ""},
    };
    const char *path = in_folder("r.db");
    write_mouse(path, IN_ORDER, N_ANIMALS);
    Store *store = opened(path, true);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *got = values_text(store, rows[i].cohort, rows[i].metric, rows[i].site, rows[i].age_d);
        if (strcmp(got, rows[i].values) != 0)
            fail_msg("%s: got '%s', want '%s'", rows[i].name, got, rows[i].values);
    }
    store_close(&store);
}

static void points_are_those_of_measurements_and_series(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    const StorePoint *points;
    size_t n;
    Err err = {0};
    Text text = text_new(arena);
    write_mouse(path, IN_ORDER, N_ANIMALS);
    Store *store = opened(path, true);
    must(store_points(store, arena, 1, &points, &n, &err), &err);
    for (size_t i = 0; i < n; i++)
        text_print(&text, "%s %g; ", points[i].site, points[i].age_d);
    assert_string_equal(text_end(&text), "femur 0; femur 0.5; femur 1; femur 56; femur 84; "
                                         "vertebra 21; vertebra 56; vertebra 84; ");
    must(store_points(store, arena, 7, &points, &n, &err), &err);
    assert_int_equal(n, 0);
    store_close(&store);
}

/* Where two doubles beside each other and the ends of the range come back as they went in. */
static void numbers_come_back_to_the_last_bit(void **state)
{
    (void)state;
    static const double hard[] = {0.1, 1.0 / 3.0, 1.0 + DBL_EPSILON, DBL_MIN, DBL_MAX, -DBL_TRUE_MIN, 6.02214076e23};
    enum { N = ARRAY_LENGTH(hard) };
    StoreMeasurement measurements[N];
    const double *values;
    size_t n;
    Err err = {0};
    for (size_t i = 0; i < N; i++)
        measurements[i] = (StoreMeasurement){BV, "", (double)i, hard[i], -hard[i]};
    StoreSeries series = {CELLS, "", N, hard, hard};
    StoreAnimal animal = {.parameters_json = "{}", .measurements = measurements, .n_measurements = N, .series = &series,
                          .n_series = 1};
    Store *store = opened(in_folder("r.db"), false);
    int64_t run = begun(store, mouse_run());
    must(store_append(store, run, &animal, 1, &err), &err);
    for (size_t i = 0; i < N; i++) {
        must(store_values(store, arena, run, "littermate", "BV/TV", NULL, (double)i, &values, &n, &err), &err);
        assert_int_equal(n, 1);
        assert_memory_equal(values, &hard[i], sizeof hard[i]);
    }
    must(store_values(store, arena, run, "littermate", "C", NULL, DBL_MAX, &values, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_memory_equal(values, &hard[4], sizeof hard[4]);
    store_close(&store);
    const char *truths = query(in_folder("r.db"), "SELECT truth FROM measurement ORDER BY age_d LIMIT 2");
    assert_string_equal(truths, "-0.1\n-0.3333333333333333\n");
}
