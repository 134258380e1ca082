/* SPDX-License-Identifier: Apache-2.0
 *
 * The steady state that some of the states flow to, the others held and time standing still: for every lane at once.
 *
 *   1. CVODE follows the flow, coarsely, until nothing has moved for ten thousand times as long as it took to get
 *      there: so an animal ends where its own flow ends, whoever shares its batch.
 *   2. Pseudo-transient continuation (Kelley and Keyes 1998, doi:10.1137/S0036142996304796) polishes: steps of the
 *      implicit Euler method, (I - delta J) dy = delta f(y), whose length delta grows, on CVODE's sparse LU. With a
 *      large delta they are Newton's; but what a model conserves they conserve, where Newton's matrix is singular. If
 *      they lead away, the flow was only slow: back to 1.
 *   3. Power iteration with (I - delta J)^-1 tells which state returns slowest. Beside a state that repels, within half
 *      a per cent, the search may end there: the flow is followed coarsely.
 */
#ifndef MB_SOLVE_STEADY_H
#define MB_SOLVE_STEADY_H

#include "solve/solve_priv.h"

/* Replaces the steady states among y [n_states][LANES], where the flow begins, by the steady state at t. Only
 * `ode->steady` ones move. *ret_report tells how, *reterr which state does not come to rest. */
MUST_CHECK bool steady_find(Solver *solver, const SolveTask *task, double t, double *y, SteadyReport *ret_report,
                            Err *reterr);

#endif
