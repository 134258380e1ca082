/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing and reading, and what must not happen: rows twice, rows by halves. "The same database" means the dump: every
 * row of every table in order, but for the clock columns of `run`. Most values are short sums of powers of two, which
 * come back exactly.
 */
#include <float.h>
#include <signal.h>
#include <sys/wait.h>

#include "store/shelf.h"

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
    must(store_cohorts(arena, store, 1, &cohorts, &n_cohorts, &err), &err);
    must(store_metrics(arena, store, 1, &metrics, &n_metrics, &err), &err);
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
    must(store_values(arena, store, &(StoreSelection){1, cohort, metric, site, age_d}, &values, &n, &err), &err);
    for (size_t i = 0; i < n; i++)
        text_print(&text, "%s ", isnan(values[i]) ? "nan" : number_show(values[i], number));
    return text_string(&text);
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
    must(store_points(arena, store, 1, &points, &n, &err), &err);
    for (size_t i = 0; i < n; i++)
        text_print(&text, "%s %g%s; ", points[i].site, points[i].age_d, points[i].measured ? "" : " decided");
    assert_string_equal(text_string(&text), "femur 0; femur 0.5; femur 1; femur 56; femur 84; "
                                            "vertebra 21 decided; vertebra 56; vertebra 84; ");
    must(store_points(arena, store, 7, &points, &n, &err), &err);
    assert_int_equal(n, 0);
    store_close(&store);
}

static void points_are_those_of_all_cohorts(void **state)
{
    (void)state;
    const Reading readings[] = {mouse_reading(BV, "femur", 7.0, 1.0, 1.0), mouse_reading(BV, "tibia", 14.0, 1.0, 1.0)};
    const StorePoint *points;
    size_t n;
    Err err = {0};
    Store *store = opened(in_folder("r.db"), false);
    int64_t run = begun(store, mouse_run());
    for (size_t i = 0; i < 2; i++) {
        Animal animal = {i, 0, NULL, "{}", .readings = &readings[i], .n_readings = 1};
        must(store_append(store, run, &animal, 1, &err), &err);
    }
    must(store_points(arena, store, run, &points, &n, &err), &err);
    assert_int_equal(n, 2);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(points[i].site, readings[i].site);
        assert_near(points[i].site, points[i].age_d, readings[i].age_d, 0.0, 0.0);
    }
    store_close(&store);
}

/* Where two doubles beside each other and the ends of the range come back as they went in. */
static void numbers_come_back_to_the_last_bit(void **state)
{
    (void)state;
    static const double hard[] = {0.1, 1.0 / 3.0, 1.0 + DBL_EPSILON, DBL_MIN, DBL_MAX, -DBL_TRUE_MIN, 6.02214076e23};
    enum { N = ARRAY_LENGTH(hard) };
    Reading readings[N];
    const double *values;
    size_t n;
    Err err = {0};
    for (size_t i = 0; i < N; i++)
        readings[i] = mouse_reading(BV, "", (double)i, hard[i], -hard[i]);
    Series series = {CELLS, "", N, hard, hard};
    Animal animal = {.parameters_json = "{}", .readings = readings, .n_readings = N, .series = &series, .n_series = 1};
    Store *store = opened(in_folder("r.db"), false);
    int64_t run = begun(store, mouse_run());
    must(store_append(store, run, &animal, 1, &err), &err);
    for (size_t i = 0; i < N; i++) {
        must(store_values(arena, store, &(StoreSelection){run, "littermate", "BV/TV", NULL, (double)i}, &values, &n,
                          &err),
             &err);
        assert_int_equal(n, 1);
        assert_memory_equal(values, &hard[i], sizeof hard[i]);
    }
    must(store_values(arena, store, &(StoreSelection){run, "littermate", "C", NULL, DBL_MAX}, &values, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_memory_equal(values, &hard[4], sizeof hard[4]);
    store_close(&store);
    const char *truths =
        query(in_folder("r.db"), "SELECT truth FROM measurement WHERE metric_id = 1 ORDER BY age_d LIMIT 2");
    assert_string_equal(truths, "-0.1\n-0.3333333333333333\n");
}

static void a_run_is_complete_when_no_animal_is_missing(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t n_stored, n_failed;
        const char *status;
    } rows[] = {{"nothing", 0, 0, "partial"}, {"most", 4, 0, "partial"}, {"all, one of them failed", 5, 1, "complete"}};
    const char *path = in_folder("r.db");
    StoreProgress progress;
    Err err = {0};
    size_t n;
    Store *store = opened(path, false);
    int64_t run = begun(store, mouse_run());
    assert_string_equal(query(path, "SELECT status, finished_at FROM run"), "running|NULL\n");
    for (size_t row = 0, next = 0; row < ARRAY_LENGTH(rows); row++) {
        for (; next < rows[row].n_stored; next++)
            append_one(store, run, next);
        finish(store, run);
        must(store_progress(store, run, &progress, &err), &err);
        assert_int_equal(progress.n_planned, N_ANIMALS);
        assert_int_equal(progress.n_stored, rows[row].n_stored);
        assert_int_equal(progress.n_failed, rows[row].n_failed);
        assert_string_equal(query(path, "SELECT status FROM run"), arena_print(arena, "%s\n", rows[row].status));
        for (size_t i = 0; i < N_ANIMALS; i++) {
            must(store_count(store, run, &(AnimalRange){i < 3 ? 0 : 1, i < 3 ? i : i - 3, 1}, &n, &err), &err);
            assert_int_equal(n, i < next);
        }
        must(store_count(store, run, &(AnimalRange){0, 1, 2}, &n, &err), &err); /* none of the cohort that follows */
        assert_int_equal(n, next == 0 ? 0 : 2);
    }
    store_close(&store);
    store_close(&store); /* NULL by now */
}

static void a_run_is_found_by_its_experiment_or_as_the_newest(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    int64_t found = -1;
    Err err = {0};
    Store *store = opened(path, false);
    assert_false(store_find_run(store, NULL, NULL, &found, &err));
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.text, arena_print(arena, "'%s' holds no run", path));
    assert_false(store_find_run(store, "ocy", NULL, &found, &err));
    assert_string_equal(err.text, arena_print(arena, "'%s' holds no run of the experiment 'ocy'", path));
    assert_int_equal(found, -1);
    StoreRun again = mouse_run();
    again.key = "k-mouse-again";
    assert_int_equal(begun(store, mouse_run()), 1);
    assert_int_equal(begun(store, again), 2);
    assert_int_equal(begun(store, other_run()), 3);
    must(store_find_run(store, "ocy", NULL, &found, &err), &err);
    assert_int_equal(found, 2);
    must(store_find_run(store, NULL, NULL, &found, &err), &err);
    assert_int_equal(found, 3);
    assert_int_equal(begun(store, mouse_run()), 1); /* known, but now the one that was asked for last */
    must(store_find_run(store, "ocy", "mouse", &found, &err), &err);
    assert_int_equal(found, 1);
    must(store_find_run(store, NULL, NULL, &found, &err), &err);
    assert_int_equal(found, 1);
    store_close(&store);
}

/* -- tests: the same again ------------------------------------------------------------------------------------- */

static void what_a_model_cannot_express_and_how_it_started_come_back(void **state)
{
    (void)state;
    const char *path = in_folder("r.db"), *model;
    const StoreUnexpressed *unexpressed;
    StoreStart start;
    int64_t run;
    size_t n;
    Err err = {0};
    write_mouse(path, IN_ORDER, N_ANIMALS);
    Store *store = opened(path, true);
    must(store_unexpressed(arena, store, 1, &unexpressed, &n, &err), &err);
    assert_int_equal(n, ARRAY_LENGTH(UNEXPRESSED));
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(unexpressed[i].cohort, UNEXPRESSED[i].cohort);
        assert_string_equal(unexpressed[i].reason, UNEXPRESSED[i].reason);
    }
    must(store_run_model(arena, store, 1, &model, &err), &err);
    assert_string_equal(model, "mouse");
    must(store_start(arena, store, 1, &start, &err), &err);
    assert_int_equal(start.n, 1);
    assert_int_equal(start.steps, 12);
    assert_string_equal(start.slowest, "C");
    assert_string_equal(start.cohort, "littermate");
    assert_true(start.time_constant > 5.4 && start.time_constant < 5.6);
    must(store_start(arena, store, 7, &start, &err), &err);
    assert_int_equal(start.n, 0);
    must(store_find_run(store, "ocy", "mouse", &run, &err), &err);
    assert_int_equal(run, 1);
    assert_false(store_find_run(store, "ocy", "rat", &run, &err));
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.text,
                        arena_print(arena, "'%s' holds no run of the experiment 'ocy' with the model 'rat'", path));
    store_close(&store);
}

static void running_the_same_again_adds_nothing(void **state)
{
    (void)state;
    const char *path = in_folder("r.db"), *columns = "SELECT started_at, finished_at FROM run";
    write_mouse(path, IN_ORDER, N_ANIMALS);
    const char *before = dump(path), *clock = query(path, columns);
    write_mouse(path, IN_ORDER, N_ANIMALS);
    assert_string_equal(dump(path), before);
    assert_string_equal(query(path, columns), clock); /* complete already */
    assert_sound(path);
}

static void order_and_sessions_leave_no_trace(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t order[N_ANIMALS], per_session;
    } rows[] = {
        {"backwards", {4, 3, 2, 1, 0}, N_ANIMALS},
        {"mixed", {3, 0, 4, 2, 1}, N_ANIMALS},
        {"two sessions", {0, 1, 2, 3, 4}, 3},
        {"a session each, mixed", {2, 4, 1, 0, 3}, 1},
    };
    const char *straight = in_folder("straight.db");
    write_mouse(straight, IN_ORDER, N_ANIMALS);
    const char *want = dump(straight);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *path = in_folder(arena_print(arena, "%zu.db", i));
        write_mouse(path, rows[i].order, rows[i].per_session);
        if (strcmp(dump(path), want) != 0)
            fail_msg("%s: another database", rows[i].name);
    }
}

static void runs_that_take_turns_leave_no_trace(void **state)
{
    (void)state;
    const char *dumps[2];
    for (size_t turn = 0; turn < 2; turn++) {
        const char *path = in_folder(turn == 0 ? "one.db" : "two.db");
        Store *store = opened(path, false);
        int64_t mouse = begun(store, mouse_run()), other = begun(store, other_run());
        Reading reading = one_value(ARRAY_LENGTH(OTHER_METRICS), 1, "", 56.0, 3.5, 3.0);
        Animal animal = {.parameters_json = "{}", .readings = &reading, .n_readings = 1};
        Err err = {0};
        if (turn == 0)
            must(store_append(store, other, &animal, 1, &err), &err);
        assert_int_equal(begun(store, mouse_run()), mouse);
        append_one(store, mouse, 3);
        if (turn == 1) {
            assert_int_equal(begun(store, other_run()), other);
            must(store_append(store, other, &animal, 1, &err), &err);
        }
        store_close(&store);
        assert_sound(path);
        dumps[turn] = dump(path);
    }
    assert_string_equal(dumps[0], dumps[1]);
    assert_string_equal(query(in_folder("one.db"),
                              "SELECT cohort, animal_id, metric_id, value FROM measurement JOIN animal "
                              "USING (animal_id) JOIN cohort USING (cohort_id) WHERE run_id = 2 AND value > 0"),
                        "littermate|6|6|3.5\n");
}

/* -- tests: all or nothing ------------------------------------------------------------------------------------- */

static void a_failed_append_leaves_nothing_behind(void **state)
{
    (void)state;
    const Reading no_age = mouse_reading(BV, "", (double)NAN, 1.0, 1.0);
    const struct {
        Animal animal;
        const char *words;
    } rows[] = {
        {{.parameters_json = "{}", .readings = &no_age, .n_readings = 1}, "NOT NULL constraint failed: reading.age_d"},
        {{.parameters_json = "{}", .readings = &no_age, .n_readings = (1 << READING_BITS) + 1},
         "an animal has 1048577 readings, more than 1048576"},
        {{.parameters_json = "{r0"}, "CHECK constraint failed: json_valid(parameters_json)"},
    };
    const char *path = in_folder("r.db");
    Store *store = opened(path, false);
    int64_t run = begun(store, mouse_run());
    append_one(store, run, 0);
    const char *before = dump(path);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        Animal animals[] = {mouse_animal(1), rows[i].animal};
        animals[1].number = 2;
        Err err = {0};
        assert_refused(store_append(store, run, animals, 2, &err), err, "cannot write '%s': %s", path, rows[i].words);
        assert_string_equal(dump(path), before);
    }
    for (size_t i = 1; i < N_ANIMALS; i++)
        append_one(store, run, i);
    finish(store, run);
    store_close(&store);
    write_mouse(in_folder("straight.db"), IN_ORDER, N_ANIMALS);
    assert_string_equal(dump(path), dump(in_folder("straight.db")));
}

static void a_run_that_is_refused_leaves_nothing_behind(void **state)
{
    (void)state;
    static const StoreCohort lonely[] = {{"KO", "", "WT", "", "{}", "", "{}", "{}", 1}};
    static const StoreMetric wrong[] = {{"BV/TV", "%", "", "guess", (double)NAN}};
    StoreRun runs[] = {mouse_run(), mouse_run()};
    runs[0].cohorts = lonely;
    runs[0].n_cohorts = 1;
    runs[1].metrics = wrong;
    runs[1].n_metrics = 1;
    const char *path = in_folder("r.db");
    const char *texts[] = {
        "the control 'WT' of 'KO' is not a cohort of the run",
        arena_print(arena, "cannot write '%s': CHECK constraint failed: kind IN ('phenotype', 'recorded', 'trait')",
                    path)};
    Store *store = opened(path, false);
    const char *before = dump(path);
    for (size_t i = 0; i < ARRAY_LENGTH(runs); i++) {
        int64_t id = -1;
        Err err = {0};
        assert_refused(store_begin(store, &runs[i], &id, &err), err, "%s", texts[i]);
        assert_int_equal(id, -1);
        assert_string_equal(dump(path), before);
    }
    assert_int_equal(begun(store, mouse_run()), 1);
    store_close(&store);
}

/* A child commits two animals and is killed amid the third. */
static void what_is_committed_survives_a_kill(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    int status;
    pid_t child = fork();
    if (child == 0) {
        Err err;
        Store *store = opened(path, false);
        int64_t run = begun(store, mouse_run());
        append_one(store, run, 0);
        append_one(store, run, 3);
        if (store_execute(store, "write",
                          "CREATE TEMP TABLE third AS SELECT * FROM animal WHERE animal_id = 1; "
                          "UPDATE third SET animal_id = 2, number = 1; "
                          "BEGIN IMMEDIATE; INSERT INTO animal SELECT * FROM third",
                          &err))
            raise(SIGKILL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_string_equal(query(path, "SELECT group_concat(animal_id), (SELECT status FROM run) FROM animal"),
                        "1,4|running\n");
    assert_sound(path);
    write_mouse(path, IN_ORDER, N_ANIMALS);
    write_mouse(in_folder("straight.db"), IN_ORDER, N_ANIMALS);
    assert_string_equal(dump(path), dump(in_folder("straight.db")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(cohorts_and_metrics_come_back_in_the_order_of_the_design),
        IN_FOLDER(values_come_back_in_the_order_of_the_animals),
        IN_FOLDER(points_are_those_of_measurements_and_series),
        IN_FOLDER(points_are_those_of_all_cohorts),
        IN_FOLDER(numbers_come_back_to_the_last_bit),
        IN_FOLDER(a_run_is_complete_when_no_animal_is_missing),
        IN_FOLDER(a_run_is_found_by_its_experiment_or_as_the_newest),
        IN_FOLDER(what_a_model_cannot_express_and_how_it_started_come_back),
        IN_FOLDER(running_the_same_again_adds_nothing),
        IN_FOLDER(order_and_sessions_leave_no_trace),
        IN_FOLDER(runs_that_take_turns_leave_no_trace),
        IN_FOLDER(a_failed_append_leaves_nothing_behind),
        IN_FOLDER(a_run_that_is_refused_leaves_nothing_behind),
        IN_FOLDER(what_is_committed_survives_a_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
