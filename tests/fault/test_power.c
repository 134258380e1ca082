/* SPDX-License-Identifier: Apache-2.0
 *
 * Power fails at every moment of a run, from the making of the database on. What SQLite promises of a WAL with
 * synchronous = NORMAL is that the database is whole and holds the batches in their order up to some point: at least
 * those that were written before the WAL was synced last. store_finish syncs: what it counted is there.
 */
#include "store/shelf.h"

#include "fault/power.h"

enum { FEW_PAGES = 16 };
static const uint64_t SEED = 20111;

/* After so many deeds, so many animals were appended, and the run was finished or not. */
typedef struct Mark {
    size_t n_deeds, n_animals;
    bool finished;
} Mark;

static Mark marks[2 * N_ANIMALS + 4];
static size_t n_marks;

static void mark(size_t n_animals, bool finished)
{
    marks[n_marks++] = (Mark){power_deeds(), n_animals, finished};
}

/* Animals first .. end - 1, with a checkpoint now and then; the summaries after the end are not synced. */
static void run_part(const char *path, const char *journal, size_t first, size_t end)
{
    Err err = {0};
    Store *store = opened(path, false);
    must(store_execute(store, "test", journal, &err), &err);
    assert_int_equal(sqlite3_wal_autocheckpoint(store->db, FEW_PAGES), SQLITE_OK);
    int64_t run = begun(store, mouse_run());
    for (size_t i = first; i < end; i++) {
        append_one(store, run, i);
        mark(i + 1, false);
    }
    must(store_finish(store, run, &err), &err);
    mark(end, true);
    must(store_summarise(store, run, NULL, &err), &err);
    store_close(&store);
}

/* How many animals must be there after a loss before deed k, and how many may. */
static size_t min_animals(size_t k)
{
    size_t n = 0, at_sync = 0;
    for (size_t i = 0; i < k; i++)
        at_sync = power_syncs_wal(i) ? i : at_sync;
    for (size_t i = 0; i < n_marks; i++)
        if (marks[i].finished ? marks[i].n_deeds <= k : marks[i].n_deeds <= at_sync)
            n = marks[i].n_animals;
    return n;
}

static size_t max_animals(size_t k)
{
    size_t n = 0;
    for (size_t i = 0; i < n_marks && marks[i].n_deeds <= k; i++)
        n = marks[i].n_animals;
    return n < N_ANIMALS ? n + 1 : n; /* the one at hand may have come through */
}

static size_t count_animals(const char *path)
{
    Err err = {0};
    int64_t n = 0, first = 0;
    SCOPED(store_close) Store *store = opened(path, false);
    must(store_query_count(store, &n, &err, "SELECT count(*) FROM animal", ""), &err);
    must(store_query_count(store, &first, &err, "SELECT count(*) FROM animal WHERE animal_id <= ?1", "i", n), &err);
    assert_int_equal(n, first); /* in their order, none left out */
    return (size_t)n;
}

static void check_cut(const char *path, size_t k, PowerLoss loss, const char *want)
{
    const char *before = arena_print(arena, "power fails before deed %zu of %zu, loss %d", k, power_deeds(), (int)loss);
    size_t n = count_animals(path);
    if (n < min_animals(k) || n > max_animals(k))
        fail_msg("%s: %zu animals, not %zu to %zu", before, n, min_animals(k), max_animals(k));
    assert_sound(path);
    write_mouse(path, IN_ORDER, N_ANIMALS);
    assert_sound(path);
    if (strcmp(dump(path), want) != 0)
        fail_msg("%s: another database in the end", before);
}

/* So many times by each kind of loss. */
static void cut_everywhere(const char *journal, size_t repeats)
{
    SCOPED(arena_close) Arena *disk = arena_open();
    const char *path = in_folder("r.db"), *straight = in_folder("straight.db"), *after = in_folder("after.db");
    Map seen = {0};
    size_t n_cuts = 0;
    power_start(disk);
    n_marks = 0;
    run_part(path, journal, 0, 3);
    run_part(path, journal, 3, N_ANIMALS);
    power_stop();
    write_mouse(straight, IN_ORDER, N_ANIMALS);
    const char *want = dump(straight);
    print_message("# %zu deeds, seed %llu\n", power_deeds(), (unsigned long long)SEED);
    for (size_t k = 0; k <= power_deeds(); k++)
        for (size_t i = 0; i < N_LOSSES * repeats; i++) {
            Arena *kept = arena; /* each cut has one of its own */
            char *hash = NEW_ARRAY(disk, char, HASH_TEXT);
            RngKey key = rng_key_named(rng_key(SEED), arena_print(disk, "%zu %zu", k, i));
            power_cut(k, (PowerLoss)(i % N_LOSSES), key, after, hash);
            const char *cut = arena_print(disk, "%s %zu %zu", hash, min_animals(k), max_animals(k));
            arena = arena_open();
            if (map_add(disk, &seen, cut, path)) {
                check_cut(after, k, (PowerLoss)(i % N_LOSSES), want);
                n_cuts++;
            }
            arena_close(&arena);
            arena = kept;
        }
    print_message("# %zu different disks\n", n_cuts);
    assert_true(n_cuts > power_deeds());
}

static void power_that_fails_costs_nothing_that_was_promised(void **state)
{
    (void)state;
    cut_everywhere("PRAGMA journal_mode = WAL", 2);
}

static void without_a_wal_it_costs_nothing_either(void **state)
{
    (void)state;
    cut_everywhere("PRAGMA journal_mode = DELETE", 1);
}

/* An old database is there and synced; what brings it up to date is all or nothing, and in the end it is done. */
static void an_old_schema_is_brought_up_to_date_or_left_as_it_was(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *disk = arena_open();
    const char *path = in_folder("r.db"), *after = in_folder("after.db");
    Map seen = {0};
    power_start(disk);
    old_database(path, 1);
    const char *want = answers(path), *newest = arena_print(disk, "%d\n", newest_schema());
    size_t first = power_deeds();
    Store *store = opened(path, false);
    store_close(&store);
    power_stop();
    for (size_t k = first; k <= power_deeds(); k++)
        for (size_t i = 0; i < 2 * N_LOSSES; i++) {
            char *hash = NEW_ARRAY(disk, char, HASH_TEXT);
            RngKey key = rng_key_named(rng_key(SEED), arena_print(disk, "old %zu %zu", k, i));
            power_cut(k, (PowerLoss)(i % N_LOSSES), key, after, hash);
            if (!map_add(disk, &seen, hash, path))
                continue;
            store = opened(after, true);
            store_close(&store);
            if (strcmp(answers(after), want) != 0 || strcmp(query(after, "PRAGMA user_version"), newest) != 0)
                fail_msg("power fails before deed %zu of %zu, loss %d", k, power_deeds(), (int)(i % N_LOSSES));
            assert_sound(after);
        }
    print_message("# %zu deeds, %zu different disks\n", power_deeds() - first, seen.n);
    assert_true(seen.n > power_deeds() - first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {IN_FOLDER(power_that_fails_costs_nothing_that_was_promised),
                                       IN_FOLDER(without_a_wal_it_costs_nothing_either),
                                       IN_FOLDER(an_old_schema_is_brought_up_to_date_or_left_as_it_was)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
