/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends an integration that is to stop or whose time is over.
 */
#include "solve/solve_priv.h"

/* Checks between two readings of the clock. A reading takes 25 ns, the shortest step takes 1000 ns. */
enum { LOOKS = 16 };

void watch_start(Solver *solver, const SolveTask *task)
{
    solver->watch = (Watch){.task = task, .started_s = task->max_s > 0.0 ? clock_seconds() : 0.0};
}

bool watch_expired(Solver *solver)
{
    Watch *watch = &solver->watch;
    const SolveTask *task = watch->task;
    if (stop_asked(task->stop))
        watch->over = FAILURE_STOPPED;
    else if (task->max_s > 0.0 && watch->n_looks++ % LOOKS == 0 && clock_seconds() - watch->started_s > task->max_s)
        watch->over = FAILURE_LATE;
    return watch->over != FAILURE_OTHER;
}

bool watch_fail(Solver *solver, double t, Err *reterr)
{
    const Watch *watch = &solver->watch;
    char of_time[FAULT_TIME];
    const char *at = fault_show_time(solver->ode, t, of_time);
    solver->failure = (Failure){.kind = watch->over, .t = t};
    if (watch->over == FAILURE_STOPPED)
        return err_set(reterr, ERR_SOLVE, "interrupted at %s", at);
    return err_set(reterr, ERR_SOLVE, "not done after %g s: given up at %s", watch->task->max_s, at);
}
