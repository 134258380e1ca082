/* SPDX-License-Identifier: Apache-2.0
 *
 * steady: finds, for all lanes at once, the steady state of some of the states, while the other states and time are
 * held constant.
 *
 *   1. CVODE follows the flow with a loose tolerance, until nothing has moved for ten thousand times as long as it took
 *      to get there. So an animal ends where its own flow ends, whichever animals share its batch.
 *   2. Pseudo-transient continuation (Kelley and Keyes 1998, doi:10.1137/S0036142996304796) polishes: steps of the
 *      implicit Euler method, (I - delta J) dy = delta f(y), with growing length delta, on the same sparse LU. With a
 *      large delta they are steps of Newton's method. But they conserve the quantities that the model conserves, for
 *      which Newton's matrix is singular. If the steps lead away, the flow was only slow: we return to 1.
 *   3. Power iteration with (I - delta J)^-1 tells which state returns slowest.
 *
 * Limit: because step 1 is loose, the search may end at an unstable steady state when the flow passes within half a per
 * cent of it.
 */
#ifndef MB_SOLVE_STEADY_H
#define MB_SOLVE_STEADY_H

#include "solve/solve_priv.h"

/* Replaces the states with ode->steady among y, [n_states][LANES], by their steady state at t. On entry, y holds the
 * states where the flow begins. *ret_report tells how the steady state was found; on failure, *reterr names the state
 * that does not come to rest. */
MUST_CHECK bool steady_find(Solver *solver, const SolveTask *task, double t, double *y, SteadyReport *ret_report,
                            Err *reterr);

#endif
