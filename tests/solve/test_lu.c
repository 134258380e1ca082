/* SPDX-License-Identifier: Apache-2.0
 *
 * lu: the sparse LU against plain dense Gaussian elimination with partial pivoting, on random sparse matrices.
 *
 * Tolerance: the off-diagonal values of a row add up to at most 0.9 of its diagonal, so no order of pivots loses
 * digits: elimination at most doubles a value, and with the rows scaled to 1 the condition number is below
 * 1.9 / 0.1 = 19. n operations per value then cost some n * 19 * 2^-53 = 1e-13 for n = 50; NEAR allows ten times that,
 * relative to the largest value of the solution.
 */
#include "support/near.h"

#include <stdio.h>
#include <string.h>

#include "solve/loops.h"
#include "support/sets.h"

#define NOT_A_NUMBER ((double)NAN)

enum { N_MAX = 50, PATTERNS = 60 };

static const uint64_t SEED = 77001;
static const double NEAR = 1e-12;

typedef struct Sparse {
    size_t n, n_entries;
    uint32_t rows[N_MAX * N_MAX], columns[N_MAX * N_MAX];
    double dense[LANES][N_MAX][N_MAX];
} Sparse;

/* About `fill` entries in a row, sorted by row, then column; some diagonals are not entries. */
static void sparse_draw(Sparse *sparse, size_t n, double fill, RngKey key)
{
    memset(sparse, 0, sizeof *sparse);
    sparse->n = n;
    for (size_t row = 0; row < n; row++)
        for (size_t column = 0; column < n; column++) {
            if (rng_uniform(key, row * n + column) * (double)n > fill)
                continue;
            sparse->rows[sparse->n_entries] = (uint32_t)row;
            sparse->columns[sparse->n_entries++] = (uint32_t)column;
        }
    for (size_t lane = 0; lane < LANES; lane++)
        for (size_t row = 0; row < n; row++)
            sparse->dense[lane][row][row] = 1.0;
    for (size_t e = 0; e < sparse->n_entries; e++)
        for (size_t lane = 0; lane < LANES; lane++)
            if (sparse->rows[e] != sparse->columns[e])
                sparse->dense[lane][sparse->rows[e]][sparse->columns[e]] = rng_normal(key, n * n + e * LANES + lane);
}

/* Scales each row so that the rest is 0.9 of the diagonal, then by a factor of its own, as states of other units do. */
static void sparse_balance(Sparse *sparse, RngKey key)
{
    for (size_t i = 0; i < LANES * sparse->n; i++) {
        double *row = sparse->dense[i / sparse->n][i % sparse->n], rest = 0.0;
        for (size_t column = 0; column < sparse->n; column++)
            rest += column == i % sparse->n ? 0.0 : fabs(row[column]);
        double diagonal = 1.0 + 10.0 * rng_uniform(key, (1u << 30) + i);
        for (size_t column = 0; column < sparse->n; column++)
            row[column] = column == i % sparse->n ? diagonal : row[column] * 0.9 * diagonal / fmax(rest, 0.1);
    }
}

/* The plain version: partial pivoting, in place. */
static void dense_solve(size_t n, double (*a)[N_MAX], double *x)
{
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t row = k + 1; row < n; row++)
            best = fabs(a[row][k]) > fabs(a[best][k]) ? row : best;
        for (size_t column = 0; column < n; column++) {
            double kept = a[k][column];
            a[k][column] = a[best][column], a[best][column] = kept;
        }
        double kept = x[k];
        x[k] = x[best], x[best] = kept;
        for (size_t row = k + 1; row < n; row++) {
            double factor = a[row][k] / a[k][k];
            for (size_t column = k; column < n; column++)
                a[row][column] -= factor * a[k][column];
            x[row] -= factor * x[k];
        }
    }
    for (size_t k = n; k-- > 0;) {
        for (size_t column = k + 1; column < n; column++)
            x[k] -= a[k][column] * x[column];
        x[k] /= a[k][k];
    }
}

static double *values_of(Arena *arena, const Lu *lu, const Sparse *sparse)
{
    double *values = NEW_LANES(arena, lu->n_slots * width);
    for (size_t lane = 0; lane < width; lane++) {
        for (size_t state = 0; state < sparse->n; state++)
            values[lu->diagonal_slots[state] * width + lane] = sparse->dense[lane][state][state];
        for (size_t e = 0; e < sparse->n_entries; e++)
            values[lu->entry_slots[e] * width + lane] = sparse->dense[lane][sparse->rows[e]][sparse->columns[e]];
    }
    return values;
}

static void sparse_agrees(Arena *arena, const Sparse *sparse, RngKey key)
{
    size_t n = sparse->n, state, lane;
    Lu *lu = lu_new(arena, n, sparse->n_entries, sparse->rows, sparse->columns);
    double *values = values_of(arena, lu, sparse), *x = NEW_LANES(arena, n * width);
    for (size_t i = 0; i < n * width; i++)
        x[i] = rng_normal(rng_key_named(key, "b"), i);
    double *b = NEW_LANES(arena, n * width);
    memcpy(b, x, n * width * sizeof *x);
    assert_true(lu_factor(lu, loops_find(cpu), width, values, &state, &lane));
    lu_solve(lu, loops_find(cpu), width, values, x);
    for (lane = 0; lane < width; lane++) {
        double wanted[N_MAX], dense[N_MAX][N_MAX], most = 0.0;
        for (state = 0; state < n; state++)
            wanted[state] = b[state * width + lane];
        memcpy(dense, sparse->dense[lane], sizeof dense);
        dense_solve(n, dense, wanted);
        for (state = 0; state < n; state++)
            most = fmax(most, fabs(wanted[state]));
        for (state = 0; state < n; state++)
            assert_near("solution", x[state * width + lane], wanted[state], 0.0, NEAR * most);
    }
}

static void random_patterns_agree_with_dense_elimination(void **unused)
{
    (void)unused;
    static Sparse sparse;
    print_message("# seed %llu\n", (unsigned long long)SEED);
    for (size_t pattern = 0; pattern < PATTERNS; pattern++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        RngKey key = rng_key(SEED + pattern);
        size_t n = 1 + rng_below(rng_key_named(key, "n"), 0, N_MAX);
        sparse_draw(&sparse, n, 1.0 + 4.0 * rng_uniform(rng_key_named(key, "fill"), 0), key);
        sparse_balance(&sparse, key);
        EACH_SET sparse_agrees(arena, &sparse, key);
    }
}

/* An arrow: full first row and column. In the order given, everything fills in; Markowitz takes the head last. */
static void the_order_avoids_fill_in(void **unused)
{
    (void)unused;
    enum { N = 20 };
    uint32_t rows[2 * N], columns[2 * N];
    size_t n = 0;
    for (uint32_t column = 0; column < N; column++)
        rows[n] = 0, columns[n++] = column;
    for (uint32_t row = 1; row < N; row++)
        rows[n] = row, columns[n++] = 0;
    SCOPED(arena_close) Arena *arena = arena_open();
    const Lu *lu = lu_new(arena, N, n, rows, columns);
    assert_int_equal(lu->n_slots, 3 * N - 2);
    assert_int_equal(lu->n_operations, N - 1);
    for (size_t k = 0; k + 2 < N; k++)
        assert_true(lu->pivots[k].state != 0);
}

static void without_entries_it_divides_by_the_diagonal(void **unused)
{
    (void)unused;
    EACH_SET
    {
        SCOPED(arena_close) Arena *arena = arena_open();
        Lu *lu = lu_new(arena, 3, 0, NULL, NULL);
        double *values = NEW_LANES(arena, 3 * width), *x = NEW_LANES(arena, 3 * width);
        size_t state, lane;
        for (size_t i = 0; i < 3 * width; i++)
            values[i] = 4.0, x[i] = (double)i;
        assert_int_equal(lu->n_slots, 3);
        assert_true(lu_factor(lu, loops_find(cpu), width, values, &state, &lane));
        lu_solve(lu, loops_find(cpu), width, values, x);
        for (size_t i = 0; i < 3 * width; i++)
            assert_near("quarter", x[i], (double)i / 4.0, 0.0, 0.0);
    }
}

/* [[a, b], [c, d]] in lane 5, the identity in the others. */
static void a_bad_pivot_is_found_in_its_lane(void **unused)
{
    (void)unused;
    EACH_SET
    {
        const struct {
            const char *name;
            double a, b, c, d;
            bool good;
            size_t state;
        } rows[] = {
            {"zero", 0.0, 1.0, 1.0, 1.0, false, 0},
            {"negative zero", -0.0, 0.0, 0.0, 1.0, false, 0},
            {"tiny", 1e-15, 1.0, 1.0, 1.0, false, 0},
            {"not a number", 1.0, 0.0, 0.0, NOT_A_NUMBER, false, 1},
            {"infinite", 1.0, 0.0, 0.0, -HUGE_VAL, false, 1},
            {"overflow", 1.0, 1e300, 1e300, 1.0, false, 1},
            {"singular", 3.0, 0.1, 3.0, 0.1, false, 1},
            {"singular to rounding", 1e15 + 1, -1e15, -1e15, 1e15 + 1, false, 1},
            {"stiff but regular", 1e8 + 1, -1e8, -1e8, 1e8 + 1, true, 0},
            {"other units", 1.0, 1e12, 1e-12, 3.0, true, 0},
            {"negative", -2.0, 0.0, 0.0, -1.0, true, 0},
        };
        const uint32_t at_rows[] = {0, 0, 1, 1}, at_columns[] = {0, 1, 0, 1};
        SCOPED(arena_close) Arena *arena = arena_open();
        Lu *lu = lu_new(arena, 2, 4, at_rows, at_columns);
        double *values = NEW_LANES(arena, 4 * width);
        for (size_t row = 0; row < ARRAY_LENGTH(rows); row++) {
            const double lane_values[] = {rows[row].a, rows[row].b, rows[row].c, rows[row].d};
            size_t state = 99, lane = 99;
            for (size_t e = 0; e < 4; e++)
                for (size_t i = 0; i < width; i++)
                    values[lu->entry_slots[e] * width + i] = i == 5 ? lane_values[e] : (double)(e == 0 || e == 3);
            bool good = lu_factor(lu, loops_find(cpu), width, values, &state, &lane);
            if (good != rows[row].good || (!good && (state != rows[row].state || lane != 5)))
                fail_msg("%s: factorised %d, state %zu, lane %zu", rows[row].name, good, state, lane);
            assert_true(!good || (state == 99 && lane == 99));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_patterns_agree_with_dense_elimination),
        cmocka_unit_test(the_order_avoids_fill_in),
        cmocka_unit_test(without_entries_it_divides_by_the_diagonal),
        cmocka_unit_test(a_bad_pivot_is_found_in_its_lane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
