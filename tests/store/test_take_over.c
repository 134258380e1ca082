/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run has of another one's cohorts, and what is written over.
 */
#include "store/shelf.h"

/* The mouse run after an edit of its file: a cohort more, the others in another order and with the same keys. */
static StoreRun edited_run(void)
{
    StoreRun run = mouse_run();
    StoreCohort *cohorts = NEW_ARRAY(arena, StoreCohort, 3);
    cohorts[0] = COHORTS[0];
    cohorts[0].name = cohorts[0].control = "more";
    cohorts[0].key = "c-more";
    cohorts[1] = COHORTS[1];
    cohorts[2] = COHORTS[0];
    run.key = "k-edited";
    run.cohorts = cohorts;
    run.n_cohorts = 3;
    return run;
}

static size_t taken(Store *store, int64_t run, size_t cohort)
{
    size_t n = 0;
    Err err = {0};
    must(store_take_over(store, run, cohort, NULL, &n, &err), &err);
    return n;
}

/* All that a run holds of two cohorts, without ids. */
static const char *results(const char *path, int64_t run)
{
    static const char *const queries[] = {
        "SELECT cohort, number, status, failure, parameters_json, steps, rate_evaluations, jacobian_evaluations, "
        "newton_iterations, start_json FROM animal JOIN cohort USING (cohort_id) "
        "WHERE run_id = (SELECT id FROM asked) AND cohort <> 'more' ORDER BY 1, 2",
        "SELECT cohort, number, metric, site, age_d, value, truth FROM measurement JOIN metric USING (metric_id) "
        "JOIN animal USING (animal_id) JOIN cohort USING (cohort_id) WHERE cohort.run_id = (SELECT id FROM asked) "
        "AND cohort <> 'more' ORDER BY 1, 2, 3, 4, 5",
        "SELECT cohort, animal, metric, site, age_d, value FROM recording WHERE run_id = (SELECT id FROM asked) "
        "AND cohort <> 'more' ORDER BY 1, 2, 3, 4, 5",
        "SELECT cohort, metric, site, age_d, n, mean, sd, q1, median, q3 FROM cohort_summary "
        "WHERE run_id = (SELECT id FROM asked) AND cohort <> 'more' ORDER BY 1, 2, 3, 4"};
    Text text = text_new(arena);
    for (size_t i = 0; i < ARRAY_LENGTH(queries); i++) {
        const char *rows =
            query(path, arena_print(arena, "WITH asked(id) AS (VALUES (%lld)) %s", (long long)run, queries[i]));
        assert_true(strlen(rows) > 0);
        text_print(&text, "%s\n", rows);
    }
    return text_string(&text);
}

static void a_cohort_of_another_run_is_taken_over_with_everything(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    write_mouse(path, IN_ORDER, N_ANIMALS);
    Store *store = opened(path, false);
    begun(store, other_run()); /* so that ids move */
    int64_t run = begun(store, edited_run());
    assert_int_equal(taken(store, run, 0), 0);
    assert_int_equal(taken(store, run, 1), 2);
    assert_int_equal(taken(store, run, 2), 3);
    assert_int_equal(taken(store, run, 1) + taken(store, run, 2), 0);
    finish(store, run);
    store_close(&store);
    assert_string_equal(results(path, run), results(path, 1));
    assert_string_equal(query(path, arena_print(arena, "SELECT status FROM run WHERE run_id = %lld", (long long)run)),
                        "partial\n");
    assert_sound(path);
}

static void what_is_there_stays_and_the_rest_is_taken_over(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    write_mouse(path, IN_ORDER, N_ANIMALS);
    Store *store = opened(path, false);
    int64_t run = begun(store, edited_run());
    Animal own = mouse_animal(1);
    Err err = {0};
    own.cohort = 2;
    own.parameters_json = "{\"own\":1}";
    must(store_append(store, run, &own, 1, &err), &err);
    assert_int_equal(taken(store, run, 2), 2); /* on both sides of it */
    store_close(&store);
    assert_string_equal(query(path, "SELECT number, parameters_json = '{\"own\":1}' FROM animal JOIN cohort "
                                    "USING (cohort_id) WHERE run_id = 2 ORDER BY 1"),
                        "0|0\n1|1\n2|0\n");
    assert_sound(path);
}

/* A run that was stopped has a part, one after it has more. */
static void the_run_that_has_most_is_taken_over_from(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    Store *store = opened(path, false);
    int64_t first = begun(store, mouse_run());
    append_one(store, first, 0);
    StoreRun second = mouse_run();
    second.key = "k-second";
    int64_t id = begun(store, second);
    append_one(store, id, 0);
    append_one(store, id, 2);
    id = begun(store, edited_run());
    assert_int_equal(taken(store, id, 2), 2);
    store_close(&store);
    assert_string_equal(query(path, "SELECT number FROM animal JOIN cohort USING (cohort_id) WHERE run_id = 3"),
                        "0\n2\n");
    assert_sound(path);
}

static void a_run_that_is_stopped_takes_nothing_over(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    const Stop stop = 1;
    write_mouse(path, IN_ORDER, N_ANIMALS);
    Store *store = opened(path, false);
    int64_t run = begun(store, edited_run());
    size_t n = 9;
    Err err = {0};
    must(store_take_over(store, run, 2, &stop, &n, &err), &err);
    assert_int_equal(n, 0);
    store_close(&store);
}

/* From wrong values back to those of a file that was never wrong, summaries and an animal that failed for once, too. */
static void an_animal_is_written_over(void **state)
{
    (void)state;
    const char *path = in_folder("r.db"), *right = in_folder("right.db");
    write_mouse(right, IN_ORDER, N_ANIMALS);
    Store *store = opened(path, false);
    int64_t run = begun(store, mouse_run());
    Animal animals[N_ANIMALS];
    Err err = {0};
    for (size_t i = 0; i < N_ANIMALS; i++) {
        animals[i] = mouse_animal(i);
        Animal wrong = mouse_animal(i == 0 ? 1 : 0);
        wrong.cohort = animals[i].cohort;
        wrong.number = animals[i].number;
        if (i == 2)
            wrong = (Animal){.cohort = 0, .number = 2, .failure = "late", .parameters_json = "{}"};
        must(store_append(store, run, &wrong, 1, &err), &err);
    }
    finish(store, run);
    must(store_append(store, run, animals, N_ANIMALS, &err), &err);
    finish(store, run);
    assert_string_not_equal(results(path, run), results(right, 1));
    must(store_replace(store, run, animals, N_ANIMALS, &err), &err);
    finish(store, run);
    store_close(&store);
    assert_string_equal(results(path, run), results(right, 1));
    assert_string_equal(query(path, "SELECT * FROM reading ORDER BY 1"),
                        query(right, "SELECT * FROM reading ORDER BY 1"));
    assert_sound(path);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_cohort_of_another_run_is_taken_over_with_everything),
        IN_FOLDER(what_is_there_stays_and_the_rest_is_taken_over),
        IN_FOLDER(the_run_that_has_most_is_taken_over_from),
        IN_FOLDER(a_run_that_is_stopped_takes_nothing_over),
        IN_FOLDER(an_animal_is_written_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
