/* SPDX-License-Identifier: Apache-2.0
 *
 * A database of every older schema, as its program wrote it (schema-N.sql), opened by this one. (On a disk that is
 * read-only: tests/fault/disk.py.)
 */
#include "store/shelf.h"

static const int OLD[] = {1};

/* Tables and indexes; `reading` and the views that the writer makes depend on the metrics of the runs. */
static const char *schema_of(const char *path)
{
    return query(path, "SELECT type, name, sql FROM sqlite_schema "
                       "WHERE name NOT IN ('reading', 'measurement', 'phenotype') ORDER BY 1, 2");
}

/* Also when the section of an old schema was edited: then the old file does not have what a new one gets from it. */
static void an_old_database_gets_the_schema_of_a_new_one(void **state)
{
    (void)state;
    const char *fresh = in_folder("new.db");
    Store *store = opened(fresh, false);
    store_close(&store);
    for (size_t i = 0; i < ARRAY_LENGTH(OLD); i++) {
        const char *path = old_database(in_folder("old.db"), OLD[i]);
        assert_string_not_equal(schema_of(path), schema_of(fresh));
        store = opened(path, false);
        store_close(&store);
        assert_string_equal(schema_of(path), schema_of(fresh));
        assert_string_equal(query(path, "PRAGMA user_version"), query(fresh, "PRAGMA user_version"));
        assert_int_equal(remove(path), 0);
    }
}

static void an_old_database_is_migrated_and_answers_its_views(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(OLD); i++)
        for (int read_only = 0; read_only < 2; read_only++) {
            const char *path = old_database(in_folder("old.db"), OLD[i]), *before = answers(path);
            Store *store = opened(path, read_only);
            StoreProgress progress;
            int64_t id = 0;
            Err err = {0};
            must(store_find_run(store, "upgrade", "tiny", &id, &err), &err);
            must(store_progress(store, id, &progress, &err), &err);
            assert_int_equal(progress.n_stored, 6);
            store_close(&store);
            assert_string_equal(answers(path), before);
            assert_sound(path);
            assert_int_equal(remove(path), 0);
        }
}

static void an_old_database_takes_new_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(OLD); i++) {
        const char *path = old_database(in_folder("old.db"), OLD[i]), *fresh = in_folder("new.db");
        size_t n;
        Err err = {0};
        Store *store = opened(path, false);
        int64_t run = begun(store, mouse_run());
        assert_int_equal(run, 5);
        must(store_take_over(store, run, 0, NULL, &n, &err), &err); /* nobody has the key '' of an old cohort */
        assert_int_equal(n, 0);
        store_close(&store);
        write_mouse(path, IN_ORDER, N_ANIMALS);
        write_mouse(fresh, IN_ORDER, N_ANIMALS);
        const char *rows = "SELECT cohort, metric, site, age_d, n, mean, sd FROM cohort_summary "
                           "WHERE experiment = 'ocy' ORDER BY 1, 2, 3, 4";
        assert_string_equal(query(path, rows), query(fresh, rows));
        assert_sound(path);
        assert_int_equal(remove(path) + remove(fresh), 0);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        IN_FOLDER(an_old_database_gets_the_schema_of_a_new_one),
        IN_FOLDER(an_old_database_is_migrated_and_answers_its_views),
        IN_FOLDER(an_old_database_takes_new_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
