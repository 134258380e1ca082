/* SPDX-License-Identifier: Apache-2.0
 *
 * Animals of a cohort that another run of the file has, too. The same key says the same metrics in the same order, so
 * ids move by the same distance; the columns of the values are those of the metrics' names in the whole file.
 */
#include "store/store_priv.h"

/* Of one transaction. Others that write wait for it, 5 s at most: 256 mice of osteocyte-rankl-knockout (five ages at
 * three sites) take 33 ms. */
enum { ANIMALS_AT_ONCE = 256 };

/* A cohort, and one of another run with the same key. */
typedef struct Pair {
    int64_t cohort, other;          /* ids */
    int64_t to_animal, from_animal; /* ids of the animals number 0 */
    int64_t from_run, to_metric, from_metric;
} Pair;

/* Animals first .. last, of which the cohort has none and the other has all. */
typedef struct Range {
    int64_t first, last;
} Range;

/* What copies animals ?2 .. ?3 of the other cohort, whose ids are ?1 larger here; ?4 is the cohort. */
typedef struct Copy {
    const char *animals, *readings;
} Copy;

static Copy write_copy(Arena *arena, const Store *store)
{
    const char *columns = store_columns_list(arena, false);
    Text values = text_new(arena);
    for (size_t i = 0; i < store->n_metrics; i++)
        text_print(&values, ", value_%lld, truth_%lld", (long long)store->columns[i], (long long)store->columns[i]);
    return (Copy){.animals = arena_print(arena,
                                         "INSERT INTO animal (animal_id, cohort_id, number, status%s) "
                                         "SELECT animal_id + ?1, ?4, number, status%s FROM animal "
                                         "WHERE animal_id BETWEEN ?2 AND ?3",
                                         columns, columns),
                  .readings = arena_print(arena,
                                          "INSERT INTO reading (reading_id, site, age_d, measured%s) "
                                          "SELECT reading_id + (?1 << %d), site, age_d, measured%s FROM reading "
                                          "WHERE reading_id BETWEEN ?2 << %d AND ((?3 + 1) << %d) - 1",
                                          text_end(&values), READING_BITS, text_end(&values), READING_BITS,
                                          READING_BITS)};
}

static bool copy_range(Store *store, const Pair *pair, const Range *range, const Copy *copy, Err *reterr)
{
    int64_t distance = pair->to_animal - pair->from_animal;
    int64_t first = pair->from_animal + range->first, last = pair->from_animal + range->last;
    return store_run_once(store, reterr, copy->animals, "iiii", distance, first, last, pair->cohort) &&
           store_run_once(store, reterr, copy->readings, "iii", distance, first, last) &&
           store_run_once(store, reterr,
                          "INSERT INTO series (metric_id, animal_id, site, ages_json, values_json) "
                          "SELECT metric_id + ?1, animal_id + ?2, site, ages_json, values_json "
                          "FROM metric CROSS JOIN series USING (metric_id) "
                          "WHERE run_id = ?3 AND animal_id BETWEEN ?4 AND ?5",
                          "iiiii", pair->to_metric - pair->from_metric, distance, pair->from_run, first, last);
}

/* The next animals, up to ANIMALS_AT_ONCE, that the other has and the cohort lacks, as ranges. */
static bool list_lacking(Store *store, Arena *arena, const Pair *pair, Range **ret_ranges, size_t *ret_n,
                         size_t *ret_animals, Err *reterr)
{
    SCOPED(statement_close) sqlite3_stmt *lacking = NULL;
    VEC(Range) list = {0};
    bool row = true;
    *ret_animals = 0;
    if (!store_prepare(store, &lacking, reterr,
                       "SELECT number FROM animal AS there WHERE cohort_id = ?1 AND NOT EXISTS "
                       "(SELECT 1 FROM animal AS here WHERE here.cohort_id = ?2 AND here.number = there.number) "
                       "ORDER BY number LIMIT ?3",
                       "iii", pair->other, pair->cohort, (int64_t)ANIMALS_AT_ONCE))
        return false;
    while (row) {
        if (!store_step(store, lacking, &row, reterr))
            return false;
        if (!row)
            break;
        int64_t number = sqlite3_column_int64(lacking, 0);
        if (list.n > 0 && list.items[list.n - 1].last + 1 == number)
            list.items[list.n - 1].last = number;
        else
            *vec_push(arena, &list) = (Range){number, number};
        ++*ret_animals;
    }
    *ret_ranges = list.items;
    *ret_n = list.n;
    return true;
}

static bool copy_some(Store *store, const Pair *pair, const Copy *copy, size_t *ret_animals, Err *reterr)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Range *ranges;
    size_t n;
    if (!store_execute(store, "write", "BEGIN IMMEDIATE", reterr))
        return false;
    bool copied = list_lacking(store, scratch, pair, &ranges, &n, ret_animals, reterr);
    for (size_t i = 0; copied && i < n; i++)
        copied = copy_range(store, pair, &ranges[i], copy, reterr);
    copied = copied && store_execute(store, "write", "COMMIT", reterr);
    if (!copied)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return copied;
}

/* The cohort with the same key that has the most animals; *ret_found false: none has any. */
static bool find_other(Store *store, size_t cohort, Pair *ret_pair, bool *ret_found, Err *reterr)
{
    SCOPED(statement_close) sqlite3_stmt *others = NULL;
    int64_t id = store->first_cohort + (int64_t)cohort;
    if (!store_prepare(store, &others, reterr,
                       "SELECT other.cohort_id, other.first_animal_id, other.run_id, "
                       "(SELECT min(metric_id) FROM metric WHERE metric.run_id = other.run_id), "
                       "(SELECT count(*) FROM animal WHERE animal.cohort_id = other.cohort_id) AS n "
                       "FROM cohort AS own JOIN cohort AS other ON other.key = own.key AND other.cohort_id <> ?1 "
                       "WHERE own.cohort_id = ?1 AND n > 0 ORDER BY n DESC, other.cohort_id LIMIT 1",
                       "i", id) ||
        !store_step(store, others, ret_found, reterr))
        return false;
    if (*ret_found)
        *ret_pair = (Pair){.cohort = id,
                           .to_animal = store->first_animals[cohort],
                           .to_metric = store->first_metric,
                           .other = sqlite3_column_int64(others, 0),
                           .from_animal = sqlite3_column_int64(others, 1),
                           .from_run = sqlite3_column_int64(others, 2),
                           .from_metric = sqlite3_column_int64(others, 3)};
    return true;
}

bool store_take_over(Store *store, int64_t run, size_t cohort, const Stop *stop, size_t *ret_n, Err *reterr)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Pair pair = {0};
    bool found;
    size_t n = 1;
    *ret_n = 0;
    ASSERT(run == store->run);
    if (!find_other(store, cohort, &pair, &found, reterr))
        return false;
    Copy copy = write_copy(scratch, store);
    while (found && n > 0 && !stop_asked(stop)) {
        if (!copy_some(store, &pair, &copy, &n, reterr))
            return false;
        *ret_n += n;
    }
    return true;
}
