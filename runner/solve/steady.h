/* SPDX-License-Identifier: Apache-2.0
 *
 * The steady state of some of the states, the others held: rates = 0, for every lane at once. Pseudo-transient
 * continuation (Kelley and Keyes 1998, doi:10.1137/S0036142996304796): steps of the implicit Euler method,
 * (I - delta J) dy = delta f(y), whose length delta grows as the rates vanish, on the sparse LU that CVODE uses. With a
 * large delta they are Newton's steps; but what a model conserves they conserve, where Newton's matrix is singular.
 */
#ifndef MB_SOLVE_STEADY_H
#define MB_SOLVE_STEADY_H

#include "solve/linear.h"

/* Replaces the steady states among y [n_states][LANES], where they are looked for, by the steady state at t. Only
 * `ode->steady` ones move. *ret_report tells how, *reterr which state does not come to rest. */
MUST_CHECK bool steady_find(Arena *arena, Linear *linear, const Ode *ode, const SolveTask *task, double t, double *y,
                            SteadyReport *ret_report, Err *reterr);

#endif
