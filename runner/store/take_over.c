/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies the animals of a cohort from another run of the file that has the same cohort. Cohorts with the same key have
 * the same metrics in the same order, so the ids of all animals, and those of all metrics, move by one distance each. A
 * metric's name has the same columns of values in the whole file.
 */
#include "store/store_priv.h"

/* Animals of one transaction. Other processes that want to write wait for it, 5 s at most: 256 mice of
 * osteocyte-rankl-knockout (five ages at three sites) take 33 ms. */
enum { ANIMALS_AT_ONCE = 256 };

/* A cohort, and one of another run with the same key. */
typedef struct CohortPair {
    int64_t cohort, other;          /* ids */
    int64_t to_animal, from_animal; /* ids of the animals number 0 */
    int64_t from_run, to_metric, from_metric;
} CohortPair;

/* Animals first .. last, of which the cohort has none and the other has all. */
typedef struct LackingRange {
    int64_t first, last;
} LackingRange;

typedef struct Lacking {
    VEC(LackingRange) ranges;
    size_t n_animals;
} Lacking;

/* Statements that copy the animals with the ids ?2 .. ?3 of the other cohort. Their new ids are larger by ?1; ?4 is the
 * cohort that gets them. */
typedef struct CopySql {
    const char *animals, *readings;
} CopySql;

static CopySql write_copy(Arena *arena, const Store *store)
{
    const char *columns = store_columns_list(arena, false);
    Text values = text_new(arena);
    for (size_t i = 0; i < store->n_metrics; i++)
        text_print(&values, ", value_%lld, truth_%lld", (long long)store->columns[i], (long long)store->columns[i]);
    return (CopySql){.animals = arena_print(arena,
                                            "INSERT INTO animal (animal_id, cohort_id, number, status%s) "
                                            "SELECT animal_id + ?1, ?4, number, status%s FROM animal "
                                            "WHERE animal_id BETWEEN ?2 AND ?3",
                                            columns, columns),
                     .readings = arena_print(arena,
                                             "INSERT INTO reading (reading_id, site, age_d, measured%s) "
                                             "SELECT reading_id + (?1 << %d), site, age_d, measured%s FROM reading "
                                             "WHERE reading_id BETWEEN ?2 << %d AND ((?3 + 1) << %d) - 1",
                                             text_string(&values), READING_BITS, text_string(&values), READING_BITS,
                                             READING_BITS)};
}

static bool copy_range(Store *store, const CohortPair *pair, const LackingRange *range, const CopySql *copy,
                       Err *reterr)
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

/* The next animals, up to ANIMALS_AT_ONCE, that the other cohort has and the cohort lacks. */
static bool list_lacking(Arena *arena, Store *store, const CohortPair *pair, Lacking *ret_lacking, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *numbers = NULL;
    Lacking lacking = {0};
    bool row = true;
    if (!store_prepare(store, &numbers, reterr,
                       "SELECT number FROM animal AS there WHERE cohort_id = ?1 AND NOT EXISTS "
                       "(SELECT 1 FROM animal AS here WHERE here.cohort_id = ?2 AND here.number = there.number) "
                       "ORDER BY number LIMIT ?3",
                       "iii", pair->other, pair->cohort, (int64_t)ANIMALS_AT_ONCE))
        return false;
    while (row) {
        if (!store_step(store, numbers, &row, reterr))
            return false;
        if (!row)
            break;
        int64_t number = sqlite3_column_int64(numbers, 0);
        size_t n = lacking.ranges.n;
        if (n > 0 && lacking.ranges.items[n - 1].last + 1 == number)
            lacking.ranges.items[n - 1].last = number;
        else
            *vec_push(arena, &lacking.ranges) = (LackingRange){number, number};
        lacking.n_animals++;
    }
    *ret_lacking = lacking;
    return true;
}

static bool copy_some(Store *store, const CohortPair *pair, const CopySql *copy, size_t *ret_animals, Err *reterr)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Lacking lacking;
    if (!store_execute(store, "write", "BEGIN IMMEDIATE", reterr))
        return false;
    bool copied = list_lacking(scratch, store, pair, &lacking, reterr);
    for (size_t i = 0; copied && i < lacking.ranges.n; i++)
        copied = copy_range(store, pair, &lacking.ranges.items[i], copy, reterr);
    copied = copied && store_execute(store, "write", "COMMIT", reterr);
    if (!copied) {
        store_roll_back(store);
        return false;
    }
    *ret_animals = lacking.n_animals;
    return true;
}

/* The cohort with the same key that has the most animals. *ret_found false: no such cohort has an animal. */
static bool find_other_cohort(Store *store, size_t cohort, CohortPair *ret_pair, bool *ret_found, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *others = NULL;
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
        *ret_pair = (CohortPair){.cohort = id,
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
    CohortPair pair = {0};
    bool found;
    size_t n = 1;
    *ret_n = 0;
    ASSERT(run == store->run);
    if (!find_other_cohort(store, cohort, &pair, &found, reterr))
        return false;
    CopySql copy = write_copy(scratch, store);
    while (found && n > 0 && !stop_asked(stop)) {
        if (!copy_some(store, &pair, &copy, &n, reterr))
            return false;
        *ret_n += n;
    }
    return true;
}
