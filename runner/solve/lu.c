/* SPDX-License-Identifier: Apache-2.0
 *
 * Decomposes sparse matrices of one pattern, one matrix for each lane, and solves with them.
 */
#include <string.h>

#include "solve/loops.h"

/* ---- the order and the fill-in ---- */

/* The pattern while it is eliminated, dense: built once per solver, n^2 bytes. */
typedef struct Pattern {
    size_t n;
    bool *filled;                 /* [n][n] row, column */
    uint32_t *in_row, *in_column; /* how many are filled among the states not yet eliminated */
    bool *done;
    uint32_t *order; /* [n] */
    uint64_t n_operations;
} Pattern;

static void pattern_fill(Pattern *pattern, size_t row, size_t column)
{
    bool *cell = &pattern->filled[row * pattern->n + column];
    if (*cell)
        return;
    *cell = true;
    pattern->in_row[row]++;
    pattern->in_column[column]++;
}

static bool pattern_has(const Pattern *pattern, size_t row, size_t column)
{
    return pattern->filled[row * pattern->n + column];
}

/* The state with the least (row count - 1) (column count - 1), the first of equals. */
static size_t pattern_cheapest(const Pattern *pattern)
{
    size_t best = SIZE_MAX;
    uint64_t least = UINT64_MAX;
    for (size_t state = 0; state < pattern->n; state++) {
        uint64_t cost = (uint64_t)(pattern->in_row[state] - 1) * (pattern->in_column[state] - 1);
        if (pattern->done[state] || cost >= least)
            continue;
        least = cost;
        best = state;
    }
    return best;
}

static void pattern_eliminate(Pattern *pattern, size_t pivot)
{
    pattern->done[pivot] = true;
    for (size_t row = 0; row < pattern->n; row++) {
        if (pattern->done[row] || !pattern_has(pattern, row, pivot))
            continue;
        pattern->in_row[row]--;
        for (size_t column = 0; column < pattern->n; column++)
            if (!pattern->done[column] && pattern_has(pattern, pivot, column))
                pattern_fill(pattern, row, column);
    }
    for (size_t column = 0; column < pattern->n; column++)
        if (!pattern->done[column] && pattern_has(pattern, pivot, column))
            pattern->in_column[column]--;
}

/* NULL: too many operations. */
static Pattern *pattern_order(Arena *arena, size_t n, size_t n_entries, const uint32_t *rows, const uint32_t *columns)
{
    Pattern *pattern = NEW(arena, Pattern);
    *pattern = (Pattern){
        .n = n,
        .filled = NEW_ARRAY(arena, bool, n *n),
        .in_row = NEW_ARRAY(arena, uint32_t, n),
        .in_column = NEW_ARRAY(arena, uint32_t, n),
        .done = NEW_ARRAY(arena, bool, n),
        .order = NEW_ARRAY(arena, uint32_t, n),
    };
    for (size_t state = 0; state < n; state++)
        pattern_fill(pattern, state, state);
    for (size_t entry = 0; entry < n_entries; entry++) {
        ASSERT(rows[entry] < n && columns[entry] < n);
        pattern_fill(pattern, rows[entry], columns[entry]);
    }
    for (size_t k = 0; k < n; k++) {
        uint32_t pivot = (uint32_t)pattern_cheapest(pattern);
        pattern->order[k] = pivot;
        pattern->n_operations += (uint64_t)(pattern->in_row[pivot] - 1) * (pattern->in_column[pivot] - 1);
        if (pattern->n_operations > LU_MAX_OPERATIONS)
            return NULL;
        pattern_eliminate(pattern, pivot);
    }
    return pattern;
}

/* ---- slots and operations ---- */

/* Gives the k-th pivot its slots, from *slot on. */
static LuPivot pivot_place(Arena *arena, const Pattern *pattern, size_t k, uint32_t *slot, uint32_t *slots)
{
    size_t n = pattern->n, state = pattern->order[k];
    uint32_t *upper = NEW_ARRAY(arena, uint32_t, n - k), *lower = NEW_ARRAY(arena, uint32_t, n - k);
    LuPivot pivot = {.state = (uint32_t)state, .slot = *slot, .upper = upper, .lower = lower};
    slots[state * n + state] = (*slot)++;
    for (size_t after = k + 1; after < n; after++) {
        uint32_t column = pattern->order[after];
        if (!pattern_has(pattern, state, column))
            continue;
        upper[pivot.n_upper++] = column;
        slots[state * n + column] = (*slot)++;
    }
    for (size_t after = k + 1; after < n; after++) {
        uint32_t row = pattern->order[after];
        if (!pattern_has(pattern, row, state))
            continue;
        lower[pivot.n_lower++] = row;
        slots[row * n + state] = (*slot)++;
    }
    return pivot;
}

static const uint32_t *targets_list(Arena *arena, const Lu *lu, const uint32_t *slots)
{
    uint32_t *targets = NEW_ARRAY(arena, uint32_t, lu->n_operations), *next = targets;
    for (size_t k = 0; k < lu->n; k++) {
        const LuPivot *pivot = &lu->pivots[k];
        for (size_t i = 0; i < pivot->n_lower; i++)
            for (size_t j = 0; j < pivot->n_upper; j++)
                *next++ = slots[pivot->lower[i] * lu->n + pivot->upper[j]];
    }
    return targets;
}

Lu *lu_new(Arena *arena, size_t n, size_t n_entries, const uint32_t *rows, const uint32_t *columns)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    const Pattern *pattern = pattern_order(scratch, n, n_entries, rows, columns);
    if (pattern == NULL)
        return NULL;
    uint32_t *slots = NEW_ARRAY(scratch, uint32_t, n * n); /* by row, column */
    uint32_t n_slots = 0;

    Lu *lu = NEW(arena, Lu);
    LuPivot *pivots = NEW_ARRAY(arena, LuPivot, n);
    *lu = (Lu){.n = n, .pivots = pivots, .margins = NEW_LANES(arena, n * LANES)};
    for (size_t k = 0; k < n; k++) {
        pivots[k] = pivot_place(arena, pattern, k, &n_slots, slots);
        lu->n_operations += (size_t)pivots[k].n_upper * pivots[k].n_lower;
    }
    lu->n_slots = n_slots;
    lu->targets = targets_list(arena, lu, slots);

    uint32_t *entry_slots = NEW_ARRAY(arena, uint32_t, n_entries), *diagonal_slots = NEW_ARRAY(arena, uint32_t, n);
    for (size_t entry = 0; entry < n_entries; entry++)
        entry_slots[entry] = slots[rows[entry] * n + columns[entry]];
    for (size_t state = 0; state < n; state++)
        diagonal_slots[state] = slots[state * n + state];
    lu->entry_slots = entry_slots;
    lu->diagonal_slots = diagonal_slots;
    return lu;
}

/* ---- elimination ---- */

bool lu_factor(const Lu *lu, const Loops *loops, size_t width, double *values, size_t *ret_state, size_t *ret_lane)
{
    for (size_t k = 0; k < lu->n; k++)
        memcpy(lu->margins + k * width, values + (size_t)lu->pivots[k].slot * width, width * sizeof *values);
    loops->eliminate(lu, width, values, lu->margins);
    size_t first = 0; /* not a number fails the comparison */
    while (first < lu->n * width && lu->margins[first] > 0.0)
        first++;
    if (first == lu->n * width)
        return true;
    *ret_state = lu->pivots[first / width].state;
    *ret_lane = first % width;
    return false;
}

void lu_solve(const Lu *lu, const Loops *loops, size_t width, const double *factors, double *x)
{
    loops->solve(lu, width, factors, x);
}
