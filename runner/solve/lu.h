/* SPDX-License-Identifier: Apache-2.0
 *
 * Sparse LU of I - gamma J for the matrices of all lanes, which are of one pattern. What depends on the pattern alone
 * is decided once: the order of elimination (Markowitz 1957, doi:10.1287/mnsc.3.3.255, pivots from the diagonal only,
 * so that rows and columns keep their states), the fill-in, where each value stands, and the list of operations.
 *
 * A value of the filled pattern has a slot; slot s of lane a stands at s * width + a. The slots of a pivot follow each
 * other: diagonal, the rest of its row, the rest of its column, in the order of elimination.
 */
#ifndef MB_SOLVE_LU_H
#define MB_SOLVE_LU_H

#include <float.h>

#include "base/arena.h"
#include "base/contract.h"
#include "base/cpu.h"
#include "base/lanes.h"

/* A pivot is too small when elimination has cancelled its diagonal element down to rounding:
 *     |pivot| <= PIVOT_MIN (1 + |element|).
 * Pivots of I - gamma J have no dimension, so this does not depend on the units of the states, as a comparison with the
 * other elements of the row (units of one state over those of another) would. 64 ulp: what is left below that has no
 * correct digit after a few dozen operations; an ill-conditioned but right matrix (fast reversible reactions leave 2 of
 * 1e8) is let through, and Newton's convergence test is the judge of it. */
#define PIVOT_MIN (64 * DBL_EPSILON)

typedef struct LuPivot {
    uint32_t state;            /* row and column of the pivot */
    uint32_t slot;             /* of the diagonal; 1 / pivot after lu_factor */
    uint32_t n_upper, n_lower; /* values right of it and below it */
    const uint32_t *upper;     /* [n_upper] their columns, in slots slot + 1 ... */
    const uint32_t *lower;     /* [n_lower] their rows, in the slots after those */
} LuPivot;

typedef struct Lu {
    size_t n, n_slots;
    size_t n_operations;            /* multiply-and-subtract operations of one elimination */
    const LuPivot *pivots;          /* [n], in the order of elimination */
    const uint32_t *targets;        /* [n_operations] the slot that each operation changes */
    const uint32_t *entry_slots;    /* [n_entries] where an entry of the pattern stands */
    const uint32_t *diagonal_slots; /* [n], by state */
    double *margins; /* [n][LANES] scratch of lu_factor: how far pivots are above the least allowed one */
} Lu;

/* Operations of one elimination: a list of 64 MiB. The shipped models have up to 143 (mouse-rankl); 369 states that all
 * depend on each other have as many as this. */
#define LU_MAX_OPERATIONS (1 << 24)

/* Decides it all for the pattern and the diagonal, on the arena. Entries may not repeat. NULL: it would take more than
 * LU_MAX_OPERATIONS, which is found out before there is a list of them. */
Lu *lu_new(Arena *arena, size_t n, size_t n_entries, const uint32_t *rows, const uint32_t *columns);

struct Loops; /* loops.h */

/* Factorises [n_slots][width] in place. False when a pivot is too small or not finite in some lane, with its state and
 * lane; the values are spoiled then. */
MUST_CHECK bool lu_factor(const Lu *lu, const struct Loops *loops, size_t width, double *values, size_t *ret_state,
                          size_t *ret_lane);

/* x, [n][width], becomes the solution for the right-hand side x. */
void lu_solve(const Lu *lu, const struct Loops *loops, size_t width, const double *factors, double *x);

#endif
