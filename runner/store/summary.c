/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes the table `summary`: what the view cohort_summary says of a complete cohort. The program computes it once,
 * so that the view need not sort a million animals each time. Definitions are those of the SQL in views.sql.
 *
 *   1. one column of values: mean, squares and quartiles     2. scans of a cohort's readings     3. cohorts of a run
 *
 * A read transaction scans a cohort: where the journal is WAL, other processes write meanwhile. A short transaction of
 * its own writes the cohort's rows, unless the cohort has changed since it was listed: triggers count changes in
 * cohort.changes.
 *
 * Quartiles are exact order statistics, in bounded memory. The first scan keeps all values, or every i-th where the
 * memory is too small for all; from these it guesses bounds between which an order statistic lies. The next scan counts
 * the values below the bounds and keeps those between them. When it kept all of these, the statistic is known; when it
 * did not, or when the guess was wrong, it sets new bounds for one more scan. No number depends on what was kept.
 */
#include <math.h>
#include <string.h>

#include "store/store_priv.h"

enum {
    MIN_ROOM = 1024, /* values that a quartile keeps, when not all are kept */
    MAX_SCANS = 16,  /* two suffice for a million animals; a cohort that needs more is left to the view's SQL */
    N_QUARTILES = 3
};

/* ---- 1. A column ---- */

typedef struct Quartile {
    double place; /* from 1, between two order statistics */
    double value;
    bool done;
    double low, high;                      /* bounds: both order statistics should lie between or on them */
    size_t below, at_low, inside, at_high; /* values of this scan: < low, = low, between, = high */
    size_t step;                           /* every step-th value inside is kept */
    double *kept;
    size_t n_kept;
} Quartile;

/* The values of one metric at one site and age. */
typedef struct SummaryColumn {
    size_t n;
    double sum, squares;
    double *kept; /* [3 room]: of the first scan, then a third for each quartile; NULL: no value so far */
    size_t n_kept;
    Quartile quartiles[N_QUARTILES];
} SummaryColumn;

typedef struct SummaryPoint {
    const char *site;
    double age_d;
    size_t n_values; /* that an animal has there: an estimate, from one animal */
} SummaryPoint;

/* The columns of a cohort whose values fit into memory together. */
typedef struct SummarySheet {
    Arena *arena; /* for the values that are kept */
    const SummaryPoint *points;
    size_t n_points, n_metrics;
    SummaryColumn *columns; /* [n_points][n_metrics] */
    size_t room;            /* values that a quartile keeps */
    size_t step;            /* every step-th value is kept in the first scan */
    size_t n_scans;
    size_t n_rows, n_own; /* of the cohort; at the points */
    const Stop *stop;
} SummarySheet;

static void swap_values(double *a, double *b)
{
    double kept = *a;
    *a = *b;
    *b = kept;
}

/* The k-th smallest value, k from 0 (Hoare's FIND). It reorders the values. */
static double nth_smallest(double *values, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        double pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j)
                break;
            swap_values(&values[i++], &values[j--]);
        }
        if (k <= j)
            high = j;
        else
            low = j + 1;
    }
    return values[k];
}

static size_t quartile_lower_rank(const Quartile *quartile)
{
    return (size_t)quartile->place - 1;
}

static size_t quartile_upper_rank(const Quartile *quartile)
{
    return (size_t)ceil(quartile->place) - 1;
}

/* Where the value of a rank lies: -1 below the bounds, 1 above them, else 0. *ret_known: *ret_value is that value. */
static int quartile_find_rank(const Quartile *quartile, size_t rank, double *ret_value, bool *ret_known)
{
    size_t inside = rank - quartile->below - quartile->at_low;
    *ret_known = true;
    if (rank < quartile->below)
        return -1;
    *ret_value = quartile->low;
    if (rank < quartile->below + quartile->at_low)
        return 0;
    *ret_known = quartile->n_kept == quartile->inside;
    if (inside < quartile->inside) {
        if (*ret_known)
            *ret_value = nth_smallest(quartile->kept, quartile->n_kept, inside);
        return 0;
    }
    *ret_known = true;
    *ret_value = quartile->high;
    return inside < quartile->inside + quartile->at_high ? 0 : 1;
}

/* Sets bounds from n_kept of `inside` values: the place that the rank should have among them, and 3.5 standard
 * deviations of that place to both sides. */
static void quartile_narrow(Quartile *quartile, double *kept, size_t n_kept, size_t inside, size_t rank, size_t room)
{
    size_t place = (size_t)((double)rank / (double)inside * (double)n_kept);
    size_t margin = 2 + (size_t)(3.5 * 0.5 * sqrt((double)n_kept));
    double low = place >= margin ? nth_smallest(kept, n_kept, place - margin) : quartile->low;
    double high = place + margin < n_kept ? nth_smallest(kept, n_kept, place + margin) : quartile->high;
    quartile->low = low;
    quartile->high = high;
    quartile->step = 1 + (size_t)(2.0 * (double)margin / (double)n_kept * (double)inside / (double)room);
}

/* After a scan: the value of the quartile, or new bounds. */
static void quartile_settle(Quartile *quartile, size_t n, size_t room)
{
    size_t rank = quartile_lower_rank(quartile);
    double lower, upper;
    bool knows_lower, knows_upper;
    int side = quartile_find_rank(quartile, rank, &lower, &knows_lower);
    int side_upper = quartile_find_rank(quartile, quartile_upper_rank(quartile), &upper, &knows_upper);
    if (side == 0 && side_upper == 0 && knows_lower && knows_upper) {
        double share = quartile->place - (double)(rank + 1);
        quartile->value = share > 0.0 ? lower * (1.0 - share) + upper * (1.0 - ((double)(rank + 2) - quartile->place))
                                      : lower;
        quartile->done = true;
    } else if (side == 0 && side_upper == 0) {
        quartile_narrow(quartile, quartile->kept, quartile->n_kept, quartile->inside,
                        rank < quartile->below + quartile->at_low ? 0 : rank - quartile->below - quartile->at_low,
                        room);
    } else {
        double low = side < 0 ? -HUGE_VAL : side > 0 ? quartile->high : quartile->low;
        quartile->high = side < 0 ? quartile->low : HUGE_VAL;
        quartile->low = low;
        quartile->step = 1 + n / room;
    }
    quartile->below = quartile->at_low = quartile->inside = quartile->at_high = quartile->n_kept = 0;
}

static void column_add_first(const SummarySheet *sheet, SummaryColumn *column, double value)
{
    if (column->kept == NULL)
        column->kept = NEW_ARRAY(sheet->arena, double, N_QUARTILES * sheet->room);
    if (column->n % sheet->step == 0 && column->n_kept < N_QUARTILES * sheet->room)
        column->kept[column->n_kept++] = value;
    column->n++;
    column->sum += value;
}

static double column_square(const SummaryColumn *column, double value)
{
    double deviation = value - column->sum / (double)column->n;
    return deviation * deviation;
}

static void column_add_again(const SummarySheet *sheet, SummaryColumn *column, double value)
{
    if (sheet->n_scans == 1)
        column->squares += column_square(column, value);
    for (size_t q = 0; q < N_QUARTILES; q++) {
        Quartile *quartile = &column->quartiles[q];
        if (quartile->done)
            continue;
        if (value < quartile->low)
            quartile->below++;
        else if (!(value > quartile->low))
            quartile->at_low++;
        else if (value < quartile->high) {
            if (quartile->inside++ % quartile->step == 0 && quartile->n_kept < sheet->room)
                quartile->kept[quartile->n_kept++] = value;
        } else if (!(value > quartile->high))
            quartile->at_high++;
    }
}

/* False when the column needs another scan. */
static bool column_end_first(const SummarySheet *sheet, SummaryColumn *column)
{
    bool all = column->n_kept == column->n;
    for (size_t i = 0; all && i < column->n; i++)
        column->squares += column_square(column, column->kept[i]);
    for (size_t q = 0; q < N_QUARTILES; q++) {
        Quartile *quartile = &column->quartiles[q];
        *quartile = (Quartile){
            .place = 1.0 + 0.25 * (double)(q + 1) * (double)(column->n - 1), .low = -HUGE_VAL, .high = HUGE_VAL};
        if (all) {
            quartile->inside = quartile->n_kept = column->n;
            quartile->kept = column->kept;
            quartile_settle(quartile, column->n, sheet->room);
        } else {
            quartile_narrow(quartile, column->kept, column->n_kept, column->n, quartile_lower_rank(quartile),
                            sheet->room);
            quartile->kept = column->kept + q * sheet->room;
        }
    }
    return all;
}

static bool column_end_again(const SummarySheet *sheet, SummaryColumn *column)
{
    bool done = true;
    for (size_t q = 0; q < N_QUARTILES; q++) {
        if (!column->quartiles[q].done)
            quartile_settle(&column->quartiles[q], column->n, sheet->room);
        done = done && column->quartiles[q].done;
    }
    return done;
}

/* ---- 2. Scans ---- */

/* The point of a row; n when it is none of them. It searches from `guess` on: rows come in the order of the points. */
static size_t sheet_find_point(const SummaryPoint *points, size_t n, size_t guess, const char *site, double age_d)
{
    for (size_t i = 0; i < n; i++) {
        size_t point = (guess + i) % n;
        if (!(points[point].age_d < age_d || points[point].age_d > age_d) && text_equal(points[point].site, site))
            return point;
    }
    return n;
}

static void sheet_add_row(const SummarySheet *sheet, sqlite3_stmt *rows, size_t point)
{
    for (size_t m = 0; m < sheet->n_metrics; m++) {
        SummaryColumn *column = &sheet->columns[point * sheet->n_metrics + m];
        double value = sqlite3_column_double(rows, (int)(2 + m));
        bool none = !(fabs(value) > 0.0) && sqlite3_column_type(rows, (int)(2 + m)) == SQLITE_NULL;
        if (!none && sheet->n_scans == 0)
            column_add_first(sheet, column, value);
        else if (!none)
            column_add_again(sheet, column, value);
    }
}

/* One scan. It leaves out rows at points that are not the sheet's. *ret_done: no column needs another scan, and nobody
 * asked to stop. */
static bool sheet_scan(Store *store, SummarySheet *sheet, sqlite3_stmt *rows, bool *ret_done, Err *reterr)
{
    size_t guess = 0;
    bool row = true;
    sqlite3_reset(rows);
    sheet->n_rows = sheet->n_own = 0;
    while (row && !stop_asked(sheet->stop)) {
        if (!store_step(store, rows, &row, reterr))
            return false;
        size_t point = row ? sheet_find_point(sheet->points, sheet->n_points, guess, store_column_peek(rows, 0),
                                              sqlite3_column_double(rows, 1))
                           : sheet->n_points;
        sheet->n_rows += row;
        if (point == sheet->n_points)
            continue;
        sheet->n_own++;
        sheet_add_row(sheet, rows, point);
        guess = point + 1;
    }
    *ret_done = !row;
    for (size_t i = 0; !row && i < sheet->n_points * sheet->n_metrics; i++) {
        SummaryColumn *column = &sheet->columns[i];
        bool done = column->n == 0 ||
                    (sheet->n_scans == 0 ? column_end_first(sheet, column) : column_end_again(sheet, column));
        *ret_done = *ret_done && done;
    }
    sheet->n_scans++;
    return true;
}

/* ---- 3. Cohorts ---- */

typedef struct CohortRows {
    int64_t id, first_animal, n_animals, changes;
} CohortRows;

/* A row of the table `summary`. */
typedef struct Summary {
    const SummaryPoint *point;
    size_t metric, n;
    double mean, sd, quartiles[N_QUARTILES];
} Summary;

/* The rows of one cohort. */
typedef struct Summaries {
    VEC(Summary) list;
    bool complete; /* false: the cohort is left to the view */
} Summaries;

/* A query for site, age and values of the readings of the animals first .. end - 1. */
static bool prepare_rows(Arena *arena, Store *store, int64_t first, int64_t end, sqlite3_stmt **ret_rows, Err *reterr)
{
    Text sql = text_new(arena);
    text_print(&sql, "SELECT site, age_d");
    for (size_t i = 0; i < store->n_metrics; i++)
        text_print(&sql, ", value_%lld", (long long)store->columns[i]);
    text_print(&sql, " FROM reading WHERE reading_id BETWEEN ?1 << 20 AND (?2 << 20) - 1");
    return store_prepare(store, ret_rows, reterr, text_string(&sql), "ii", first, end);
}

/* The points at which the first animal with readings was read: all animals of a cohort are read at the same points. */
static bool list_points(Arena *arena, Store *store, const CohortRows *cohort, const SummaryPoint **ret_points,
                        size_t *ret_n, Err *reterr)
{
    SCOPED(store_statement_close) sqlite3_stmt *rows = NULL;
    VEC(SummaryPoint) list = {0};
    int64_t animal;
    bool row = true;
    if (!store_query_count(
            store, &animal, reterr,
            "SELECT min(reading_id) >> 20 FROM reading WHERE reading_id BETWEEN ?1 << 20 AND (?2 << 20) - 1", "ii",
            cohort->first_animal, cohort->first_animal + cohort->n_animals) ||
        !prepare_rows(arena, store, animal, animal + 1, &rows, reterr))
        return false;
    while (row) {
        if (!store_step(store, rows, &row, reterr))
            return false;
        if (!row)
            break;
        SummaryPoint *point = vec_push(arena, &list);
        *point = (SummaryPoint){
            .site = store_column_text(arena, rows, 0), .age_d = sqlite3_column_double(rows, 1), .n_values = 1};
        for (size_t m = 0; m < store->n_metrics; m++)
            point->n_values += sqlite3_column_type(rows, (int)(2 + m)) != SQLITE_NULL;
    }
    *ret_points = list.items;
    *ret_n = list.n;
    return true;
}

/* A sheet for as many of the points as fit into memory, from the first on; at least one. */
static SummarySheet sheet_new(Arena *arena, const Store *store, const CohortRows *cohort, const SummaryPoint *points,
                              size_t n_points)
{
    const size_t unit = N_QUARTILES * sizeof(double), all = 1 + (size_t)cohort->n_animals / N_QUARTILES;
    size_t n_values = 0, n_fit = 0;
    for (size_t i = 0; i < n_points; i++)
        n_values += points[i].n_values;
    size_t room = store->summary_bytes / (unit * n_values);
    if (room < MIN_ROOM)
        room = MIN_ROOM;
    if (room > all)
        room = all;
    n_values = 0;
    do
        n_values += points[n_fit++].n_values;
    while (n_fit < n_points && unit * room * (n_values + points[n_fit].n_values) <= store->summary_bytes);
    return (SummarySheet){.arena = arena,
                          .points = points,
                          .n_points = n_fit,
                          .n_metrics = store->n_metrics,
                          .columns = NEW_ARRAY(arena, SummaryColumn, n_fit * store->n_metrics),
                          .room = room,
                          .step = 1 + (size_t)cohort->n_animals / (N_QUARTILES * room + 1)};
}

static void sheet_take(Arena *arena, const SummarySheet *sheet, Summaries *summaries)
{
    for (size_t i = 0; i < sheet->n_points * sheet->n_metrics; i++) {
        const SummaryColumn *column = &sheet->columns[i];
        double n = (double)column->n;
        if (column->n == 0)
            continue;
        Summary *summary = vec_push(arena, &summaries->list);
        *summary = (Summary){.point = &sheet->points[i / sheet->n_metrics],
                             .metric = i % sheet->n_metrics,
                             .n = column->n,
                             .mean = column->sum / n,
                             .sd = column->n > 1 ? sqrt(column->squares / (n - 1.0)) : (double)NAN};
        for (size_t q = 0; q < N_QUARTILES; q++)
            summary->quartiles[q] = column->quartiles[q].value;
    }
}

static bool scan_cohort(Arena *arena, Store *store, const CohortRows *cohort, const Stop *stop,
                        Summaries *ret_summaries, Err *reterr)
{
    SCOPED(arena_close) Arena *columns = arena_open();
    SCOPED(store_statement_close) sqlite3_stmt *rows = NULL;
    const SummaryPoint *points;
    size_t n_points, n_rows = 0, n_own = 0;
    if (!list_points(arena, store, cohort, &points, &n_points, reterr) ||
        !prepare_rows(arena, store, cohort->first_animal, cohort->first_animal + cohort->n_animals, &rows, reterr))
        return false;
    bool done = true;
    for (size_t first = 0; first < n_points && done;) {
        arena_reset(columns);
        SummarySheet sheet = sheet_new(columns, store, cohort, &points[first], n_points - first);
        sheet.stop = stop;
        for (done = false; !done && sheet.n_scans < MAX_SCANS && !stop_asked(stop);)
            if (!sheet_scan(store, &sheet, rows, &done, reterr))
                return false;
        if (done)
            sheet_take(arena, &sheet, ret_summaries);
        first += sheet.n_points;
        n_own += sheet.n_own;
        n_rows = sheet.n_rows;
    }
    ret_summaries->complete = done && n_own == n_rows;
    return true;
}

static bool write_summaries(Store *store, const CohortRows *cohort, const Summaries *summaries, Err *reterr)
{
    int64_t changes = 0;
    if (!store_query_count(store, &changes, reterr, "SELECT changes FROM cohort WHERE cohort_id = ?1", "i", cohort->id))
        return false;
    for (size_t i = 0; changes == cohort->changes && i < summaries->list.n; i++) {
        const Summary *summary = &summaries->list.items[i];
        if (!store_run_once(store, reterr,
                            "REPLACE INTO summary (cohort_id, metric_id, site, age_d, n, mean, sd, q1, median, q3) "
                            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                            "iisdiddddd", cohort->id, store->first_metric + (int64_t)summary->metric,
                            summary->point->site, summary->point->age_d, (int64_t)summary->n, summary->mean,
                            summary->sd, summary->quartiles[0], summary->quartiles[1], summary->quartiles[2]))
            return false;
    }
    return true;
}

static bool summarise_cohort(Store *store, const CohortRows *cohort, const Stop *stop, Err *reterr)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Summaries summaries = {0};
    if (!store_execute(store, "read", "BEGIN", reterr))
        return false;
    bool scanned = scan_cohort(arena, store, cohort, stop, &summaries, reterr);
    if (!scanned || !store_execute(store, "read", "COMMIT", reterr)) {
        store_roll_back(store);
        return false;
    }
    if (!summaries.complete)
        return true;
    if (!store_execute(store, "write", "BEGIN IMMEDIATE", reterr))
        return false;
    bool written = write_summaries(store, cohort, &summaries, reterr) &&
                   store_execute(store, "write", "COMMIT", reterr);
    if (!written)
        store_roll_back(store);
    return written;
}

bool store_summarise(Store *store, int64_t run, const Stop *stop, Err *reterr)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(store_statement_close) sqlite3_stmt *cohorts = NULL;
    VEC(CohortRows) list = {0};
    ASSERT(run == store->run);
    bool row = store->n_metrics > 0 && !stop_asked(stop);
    if (!store_prepare(store, &cohorts, reterr,
                       "SELECT cohort_id, first_animal_id, n_animals, changes FROM cohort WHERE run_id = ?1 "
                       "AND cohort_id NOT IN (SELECT cohort_id FROM summary) "
                       "AND n_animals = (SELECT count(*) FROM animal WHERE animal.cohort_id = cohort.cohort_id)",
                       "i", run))
        return false;
    while (row) {
        if (!store_step(store, cohorts, &row, reterr))
            return false;
        if (row)
            *vec_push(arena, &list) = (CohortRows){.id = sqlite3_column_int64(cohorts, 0),
                                                   .first_animal = sqlite3_column_int64(cohorts, 1),
                                                   .n_animals = sqlite3_column_int64(cohorts, 2),
                                                   .changes = sqlite3_column_int64(cohorts, 3)};
    }
    for (size_t i = 0; i < list.n && !stop_asked(stop); i++)
        if (!summarise_cohort(store, &list.items[i], stop, reterr))
            return false;
    return true;
}
