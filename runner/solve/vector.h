/* SPDX-License-Identifier: Apache-2.0
 *
 * vector: our N_Vector: [n][width] doubles on an arena, with every operation that CVODE calls, fused ones included.
 * The norm is the maximum over lanes of the weighted root mean square of one lane, so that each animal of a batch meets
 * its own tolerance. Sums run over the states in their order, which gives the same digits on every machine.
 */
#ifndef MB_SOLVE_VECTOR_H
#define MB_SOLVE_VECTOR_H

#include "solve/sundials_compat.h"

#include "base/base.h"
#include "solve/loops.h"

/* Delayed sums x += y. To predict, CVODE adds its q + 1 vectors in q (q + 1) / 2 such sums. We delay them until CVODE
 * calls another operation on any vector, and then do them together, so that each vector is read from memory once. The
 * sums and their order stay the same. */
enum { PENDING_MAX = 21 }; /* of BDF's order 5: 15 */
typedef struct Pending {
    size_t n;
    double *x[PENDING_MAX];
    const double *y[PENDING_MAX];
} Pending;

typedef struct VectorContent {
    Arena *arena; /* where clones go */
    Pending *pending;
    const Loops *loops;
    size_t n, width; /* values and lanes */
    double *values;
} VectorContent;

/* A zeroed vector of n values on the arena. It and its clones live as long as the arena; N_VDestroy does nothing. */
N_Vector vector_new(Arena *arena, SUNContext context, const Loops *loops, size_t n, size_t width);

/* Does what is pending. */
void vector_flush(const VectorContent *content);

static inline double *vector_values(N_Vector vector)
{
    const VectorContent *content = vector->content;
    if (content->pending->n > 0)
        vector_flush(content);
    return content->values;
}

/* How many doubles. */
static inline size_t vector_count(N_Vector vector)
{
    const VectorContent *content = vector->content;
    return content->n * content->width;
}

#endif
