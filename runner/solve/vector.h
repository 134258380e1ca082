/* SPDX-License-Identifier: Apache-2.0
 *
 * Our N_Vector: [n][width] doubles on an arena. Every operation that CVODE calls, fused ones included.
 * The norm is the maximum over lanes of the weighted root mean square of one lane, so that each animal of a batch meets
 * its own tolerance. Sums run over the states in their order: the same digits on every machine.
 */
#ifndef MB_SOLVE_VECTOR_H
#define MB_SOLVE_VECTOR_H

#include "solve/sundials_compat.h"

#include "base/base.h"
#include "solve/loops.h"

typedef struct VectorContent {
    Arena *arena; /* where clones go */
    const Loops *loops;
    size_t n, width; /* values and lanes */
    double *values;
} VectorContent;

/* A zeroed vector of n values on the arena. It and its clones live as long as the arena; N_VDestroy does nothing. */
N_Vector vector_new(Arena *arena, SUNContext context, const Loops *loops, size_t n, size_t width);

static inline double *vector_values(N_Vector vector)
{
    return ((VectorContent *)vector->content)->values;
}

/* How many doubles. */
static inline size_t vector_count(N_Vector vector)
{
    const VectorContent *content = vector->content;
    return content->n * content->width;
}

#endif
