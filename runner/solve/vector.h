/* SPDX-License-Identifier: Apache-2.0
 *
 * Our N_Vector: [n][LANES] doubles on an arena. Every operation that CVODE calls, fused ones included.
 * The norm is the maximum over lanes of the weighted root mean square of one lane, so that each animal of a batch meets
 * its own tolerance. Sums run over the states in their order: the same digits on every machine.
 */
#ifndef MB_SOLVE_VECTOR_H
#define MB_SOLVE_VECTOR_H

#include "solve/sundials_compat.h"

#include "base/base.h"

typedef struct VectorContent {
    Arena *arena; /* where clones go */
    size_t n;     /* values; doubles: n * LANES */
    double *values;
} VectorContent;

/* A zeroed vector of n values on the arena. It and its clones live as long as the arena; N_VDestroy does nothing. */
N_Vector vector_new(Arena *arena, SUNContext context, size_t n);

static inline double *vector_values(N_Vector vector)
{
    return ((VectorContent *)vector->content)->values;
}

/* How many values; doubles: LANES times as many. */
static inline size_t vector_size(N_Vector vector)
{
    return ((VectorContent *)vector->content)->n;
}

/* Values of the lanes that are not kept (keep: -1 or 0) become 0, also those that are no numbers. */
void lanes_keep(double *values, size_t n, const int64_t keep[LANES]);

#endif
