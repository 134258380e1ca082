/* SPDX-License-Identifier: Apache-2.0
 *
 * The table `summary` against the SQL that the view cohort_summary has for cohorts without one: n is the same and
 * quartiles are to the last bit, as both take the same two order statistics; mean and sd within 1e-12 relative, as sums
 * of thousands of values are taken in another order. Little room is left to the quartiles, so that each way to find
 * them is gone. And when a summary must not stand any more.
 */
#include "store/shelf.h"

enum { N_SHAPES = 8, N_MICE = 6000 };

static uint64_t state_of_chance = 88172645463325252U;

static double chance(void)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return (double)(state_of_chance >> 11) * 0x1p-53;
}

static const char *const SHAPES[N_SHAPES] = {"even",      "heavy tails",         "two values",          "in order",
                                             "backwards", "every other far off", "nearly all the same", "gaps"};

static double shaped(size_t shape, size_t i)
{
    double u = chance();
    switch (shape) {
    case 0: return u;
    case 1: return 1.0 / (u - 0.5);
    case 2: return u < 0.25 ? 0.0 : 1.0;
    case 3: return (double)i;
    case 4: return -(double)i;
    case 5: return i % 2 == 0 ? u * 1e-9 : 1e9 + u; /* those that are kept are all of one kind */
    case 6: return u < 0.9 ? 5.0 : u;
    default: return u < 0.3 ? (double)NAN : floor(u * 40.0);
    }
}

static void write_shapes(const char *path, size_t n, size_t bytes)
{
    StoreMetric metrics[N_SHAPES];
    for (size_t m = 0; m < N_SHAPES; m++)
        metrics[m] = (StoreMetric){SHAPES[m], "1", "", "phenotype", (double)NAN};
    const StoreCohort cohort = {"it", "", "it", "", "{}", "", "{}", "{}", n};
    StoreRun run = mouse_run();
    run.metrics = metrics;
    run.n_metrics = N_SHAPES;
    run.cohorts = &cohort;
    run.n_cohorts = 1;
    Animal *animals = NEW_ARRAY(arena, Animal, n);
    for (size_t i = 0; i < n; i++) {
        Reading *readings = NEW_ARRAY(arena, Reading, 2);
        double *values = NEW_ARRAY(arena, double, 2 * N_SHAPES);
        for (size_t k = 0; k < 2; k++) {
            for (size_t m = 0; m < N_SHAPES; m++)
                values[k * N_SHAPES + m] = shaped(m, i);
            readings[k] = (Reading){k == 0 ? "femur" : "L3", 84.0, true, values + k * N_SHAPES, values};
        }
        animals[i] = (Animal){.number = i, .parameters_json = "{}", .readings = readings, .n_readings = i == 5 ? 0 : 2};
        animals[i].failure = i == 5 ? "it failed" : NULL;
    }
    Err err = {0};
    Store *store = opened(path, false);
    store->summary_bytes = bytes;
    int64_t id = begun(store, run);
    must(store_append(store, id, animals, n, &err), &err);
    finish(store, id);
    store_close(&store);
}

static const char TABLE_AND_SQL[] =
    "CREATE TEMP TABLE own AS SELECT * FROM cohort_summary; DELETE FROM summary;"
    "CREATE TEMP TABLE sql AS SELECT * FROM cohort_summary;"
    "CREATE TABLE pair AS SELECT own.metric, own.site, own.n = sql.n AND own.q1 IS sql.q1 AND own.median IS sql.median "
    " AND own.q3 IS sql.q3 AS same, abs(own.mean - sql.mean) / max(abs(sql.mean), 1e-3) AS mean, "
    " abs(own.sd - sql.sd) / sql.sd AS sd "
    "FROM temp.own AS own JOIN temp.sql AS sql USING (cohort_id, metric_id, site, age_d)";

static void the_table_says_what_sql_says(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t n, bytes;
    } rows[] = {{"all kept", N_MICE, 32 << 20},
                {"a few kept, all at once", N_MICE, 1 << 20},
                {"little room, one point at a time", N_MICE, 1},
                {"two", 2, 32 << 20},
                {"seven", 7, 1}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *path = in_folder(arena_print(arena, "%zu.db", i));
        write_shapes(path, rows[i].n, rows[i].bytes);
        assert_string_equal(query(path, "SELECT count(DISTINCT metric_id) FROM summary"), "8\n");
        raw_execute(path, TABLE_AND_SQL);
        assert_string_equal(query(path, "SELECT count(*) FROM pair"), "16\n");
        const char *bad = query(path, "SELECT * FROM pair WHERE NOT same OR mean > 1e-12 OR sd > 1e-12");
        if (bad[0] != '\0')
            fail_msg("%s: %s", rows[i].name, bad);
    }
}

static void a_summary_is_made_when_the_last_animal_is_there(void **state)
{
    (void)state;
    const char *path = in_folder("r.db"), *ask = "SELECT DISTINCT cohort_id FROM summary";
    Store *store = opened(path, false);
    int64_t run = begun(store, mouse_run());
    for (size_t i = 0; i < 4; i++)
        append_one(store, run, i);
    finish(store, run);
    assert_string_equal(query(path, ask), "1\n");
    append_one(store, run, 4);
    finish(store, run);
    assert_string_equal(query(path, ask), "1\n2\n");
    store_close(&store);
    assert_sound(path);
}

static void a_summary_goes_when_what_it_tells_of_is_changed(void **state)
{
    (void)state;
    static const char *const changes[] = {"UPDATE reading SET value_1 = 1 WHERE animal_id = 2",
                                          "DELETE FROM reading WHERE animal_id = 2 AND age_d = 84",
                                          "DELETE FROM animal WHERE animal_id = 2"};
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        const char *path = in_folder(arena_print(arena, "%zu.db", i));
        write_mouse(path, IN_ORDER, N_ANIMALS);
        raw_execute(path, changes[i]);
        assert_string_equal(query(path, "SELECT DISTINCT cohort_id FROM summary"), "2\n");
        Store *store = opened(path, false); /* the next run makes it again, of a cohort that is whole */
        finish(store, begun(store, mouse_run()));
        store_close(&store);
        assert_string_equal(query(path, "SELECT DISTINCT cohort_id FROM summary"), i < 2 ? "1\n2\n" : "2\n");
        raw_execute(path, TABLE_AND_SQL);
        assert_string_equal(query(path, "SELECT * FROM pair WHERE NOT same"), "");
    }
}

/* -- while it is worked out ------------------------------------------------------------------------------------ */

/* What happens once, as soon as a scan reads. */
typedef struct Visit {
    sqlite3 *scanner, *other;
    const char *sql; /* of the other; NULL: stop is set instead */
    Stop stop;
    size_t n;
    int code;
} Visit;

static int visit(void *context)
{
    Visit *visit = context;
    if (visit->n > 0 || sqlite3_get_autocommit(visit->scanner) != 0 ||
        sqlite3_txn_state(visit->scanner, "main") != SQLITE_TXN_READ)
        return 0;
    visit->n++;
    if (visit->sql != NULL)
        visit->code = sqlite3_exec(visit->other, visit->sql, NULL, NULL, NULL);
    else
        visit->stop = 1;
    return 0;
}

/* The mouse run, all stored, is summarised. Its result code is that of the other's SQL. */
static int summarise_disturbed(const char *path, const char *journal, const char *sql)
{
    Err err = {0};
    write_mouse(path, IN_ORDER, N_ANIMALS);
    raw_execute(path, "DELETE FROM summary");
    Store *store = opened(path, false);
    int64_t run = begun(store, mouse_run());
    assert_int_equal(sqlite3_exec(store->db, journal, NULL, NULL, NULL), SQLITE_OK);
    SCOPED(close_raw) sqlite3 *other = raw(path);
    Visit context = {.scanner = store->db, .other = other, .sql = sql};
    sqlite3_progress_handler(store->db, 1, visit, &context);
    must(store_summarise(store, run, &context.stop, &err), &err);
    assert_int_equal(context.n, 1);
    assert_int_equal(sqlite3_get_autocommit(store->db), 1); /* nothing is left open */
    store_close(&store);
    return context.code;
}

static void others_write_while_a_cohort_is_scanned(void **state)
{
    (void)state;
    static const char WAL[] = "PRAGMA journal_mode = WAL", OLD[] = "PRAGMA journal_mode = DELETE";
    static const struct {
        const char *name, *journal, *sql, *cohorts;
        int code;
    } rows[] = {{"what is no reading of the cohort", WAL, "UPDATE run SET host = 'elsewhere'", "1\n2\n", SQLITE_OK},
                {"a value of the cohort", WAL, "UPDATE reading SET value_1 = 1 WHERE animal_id = 2", "2\n", SQLITE_OK},
                {"a reading less", WAL, "DELETE FROM reading WHERE animal_id = 2 AND age_d = 84", "2\n", SQLITE_OK},
                {"without WAL the other has to wait", OLD, "UPDATE reading SET value_1 = 1 WHERE animal_id = 2",
                 "1\n2\n", SQLITE_BUSY}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *path = in_folder(arena_print(arena, "%zu.db", i));
        int code = summarise_disturbed(path, rows[i].journal, rows[i].sql);
        const char *cohorts = query(path, "SELECT DISTINCT cohort_id FROM summary");
        if (code != rows[i].code || strcmp(cohorts, rows[i].cohorts) != 0)
            fail_msg("%s: code %d, cohorts %s", rows[i].name, code, cohorts);
        write_mouse(path, IN_ORDER, N_ANIMALS); /* again: nothing to do but what was left */
        assert_string_equal(query(path, "SELECT DISTINCT cohort_id FROM summary"), "1\n2\n");
        raw_execute(path, TABLE_AND_SQL);
        assert_string_equal(query(path, "SELECT * FROM pair WHERE NOT same"), "");
        assert_string_equal(query(path, "SELECT count(*) FROM pair WHERE same"), "18\n");
    }
}

static void who_is_stopped_summarises_nothing(void **state)
{
    (void)state;
    const char *path = in_folder("r.db"), *ask = "SELECT count(*) FROM summary";
    const char *views = "SELECT * FROM cohort_summary ORDER BY cohort_id, metric_id, site, age_d";
    const Stop stop = 1;
    Err err = {0};
    summarise_disturbed(path, "PRAGMA journal_mode = WAL", NULL); /* in the midst of it */
    assert_string_equal(query(path, ask), "0\n");
    Store *store = opened(path, false);
    int64_t run = begun(store, mouse_run());
    must(store_summarise(store, run, &stop, &err), &err); /* before it */
    assert_string_equal(query(path, ask), "0\n");
    const char *live = query(path, views);
    must(store_summarise(store, run, NULL, &err), &err);
    store_close(&store);
    assert_string_equal(query(path, ask), "18\n");
    assert_string_equal(query(path, views), live);
}

/* -- readers --------------------------------------------------------------------------------------------------- */

/* What tables for people are made of, by the way of the summary and by that of the values. */
static void a_summary_is_that_of_the_values(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    StoreSummary summary;
    const double *values;
    size_t n;
    Err err = {0};
    write_mouse(path, IN_ORDER, N_ANIMALS);
    Store *store = opened(path, true);
    must(store_summary(store, &(StoreSelection){1, "littermate", "BV/TV", "femur", 84.0 + 1e-9}, &summary, &err), &err);
    must(store_values(arena, store, &(StoreSelection){1, "littermate", "BV/TV", "femur", 84.0}, &values, &n, &err),
         &err);
    assert_int_equal(n, 3);
    assert_int_equal(summary.n, n);
    assert_near("mean", summary.mean, (values[0] + values[1] + values[2]) / 3.0, 1e-15, 0.0);
    assert_near("sd of 11.25, 19.25, 27.25", summary.sd, 8.0, 1e-15, 0.0);
    must(store_summary(store, &(StoreSelection){1, "ocy-RANKL-cKO", "teeth", NULL, 21.0}, &summary, &err), &err);
    assert_true(summary.n == 1 && isnan(summary.sd));
    must(store_summary(store, &(StoreSelection){1, "littermate", "C", NULL, 1.0}, &summary, &err), &err); /* a series */
    assert_int_equal(summary.n, 0);
    store_close(&store);
}

/* A reading that somebody added at a point of its own: nothing is left out, SQL tells it all. */
static void a_cohort_that_is_not_read_alike_is_left_to_sql(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    write_mouse(path, IN_ORDER, N_ANIMALS);
    raw_execute(path, "UPDATE reading SET age_d = 99 WHERE animal_id = 2 AND age_d = 84 AND site = 'femur'");
    Store *store = opened(path, false);
    finish(store, begun(store, mouse_run()));
    store_close(&store);
    assert_string_equal(query(path, "SELECT DISTINCT cohort_id FROM summary"), "2\n");
    assert_string_equal(query(path, "SELECT n, mean FROM cohort_summary WHERE age_d = 99 AND metric = 'BV/TV'"),
                        "1|19.25\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_table_says_what_sql_says),
        IN_FOLDER(a_summary_is_made_when_the_last_animal_is_there),
        IN_FOLDER(a_summary_goes_when_what_it_tells_of_is_changed),
        IN_FOLDER(others_write_while_a_cohort_is_scanned),
        IN_FOLDER(who_is_stopped_summarises_nothing),
        IN_FOLDER(a_summary_is_that_of_the_values),
        IN_FOLDER(a_cohort_that_is_not_read_alike_is_left_to_sql),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
