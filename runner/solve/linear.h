/* SPDX-License-Identifier: Apache-2.0
 *
 * linear: the linear system of Newton's method for CVODE: I - gamma J is our SUNMatrix, and our sparse LU (lu.h) is the
 * SUNLinearSolver that factorises and solves it. CVODE asks for the system with its CVLsLinSysFn (linear_build). We
 * keep J between calls, because CVODE often changes only gamma.
 */
#ifndef MB_SOLVE_LINEAR_H
#define MB_SOLVE_LINEAR_H

#include "solve/sundials_compat.h"

#include "base/base.h"
#include "solve/fault.h"
#include "solve/loops.h"

typedef struct Linear {
    const Ode *ode;
    const Loops *loops;
    const Lu *lu;
    const LinearSlot *slots; /* [lu->n_slots] */
    double *jacobian;        /* [n_entries + 1][width] */
    double *system;          /* [lu->n_slots][width]: I - gamma J, then its factors */
    double t;                /* the time and */
    const double *y;         /* the states for which it was built */
    const int64_t *keep;     /* [width] -1, or 0: J of that lane is taken as 0; NULL: all -1 */
    Fault *fault;            /* receives the reason of a failure */
    SUNMatrix matrix;
    SUNLinearSolver solver;
} Linear;

/* Everything lives on the arena; there is nothing to close. NULL: too many operations (lu_new). */
Linear *linear_new(Arena *arena, SUNContext context, const Loops *loops, const Ode *ode, Fault *fault);

/* Builds I - gamma J at t, y, with the J of the last call if `reuse`. The rows of J for states that are not `moving`
 * (NULL: all are) count as 0. Returns false and sets the fault when J is not finite; a smaller step may help. */
MUST_CHECK bool linear_build(Linear *linear, double t, const double *y, const bool *moving, bool reuse, double gamma);

/* Builds and factorises it. Returns false also when there is no pivot. */
MUST_CHECK bool linear_factor(Linear *linear, double t, const double *y, const bool *moving, double gamma);

#endif
