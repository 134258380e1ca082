/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside a run: solve.c integrates, trigger.c watches conditions.
 */
#ifndef MB_SOLVE_SOLVE_PRIV_H
#define MB_SOLVE_SOLVE_PRIV_H

#include "solve/linear.h"
#include "solve/solve.h"

/* What a run knows of its triggers; one of trigger i in lane a stands at i * LANES + a. */
typedef struct Triggers {
    bool *armed;    /* its condition was false since it fired */
    double *values; /* above 0 where the condition holds */
    int *roots;     /* what CVODE found: 1 where a condition begins to hold */
    uint64_t n_fired;
    size_t last; /* that fired */
} Triggers;

struct Solver {
    Arena *arena;     /* as long as the solver */
    Arena *run_arena; /* the vectors of one run */
    const Ode *ode;
    SUNContext context;
    Linear *linear;
    Fault fault;           /* since t last moved */
    CompatMessage message; /* CVODE's last words */
};

typedef struct Run {
    Solver *solver;
    const Ode *ode;
    const SolveTask *task;
    double *outputs;
    SolveStats *stats;
    void *cvode;
    N_Vector y, inside; /* state now; state interpolated inside the last step */
    double t;
    size_t next_event, next_time;
    uint64_t n_steps; /* over all segments */
    unsigned n_stuck; /* steps since t last moved */
    Triggers triggers;
} Run;

/* Makes room, and arms those whose condition is false at the start. */
void triggers_start(Run *run);

/* Tells CVODE what to watch. Its flag. */
int triggers_watch(Run *run);

/* After a step: does an armed condition begin to hold? Either CVODE has stopped at it (at_root), or it holds unseen at
 * the end of the step: CVODE sees no root in the first moment after a restart. Arms those whose condition is false
 * again. */
bool triggers_begin(Run *run, bool at_root);

/* Fires what triggers_begin found, and what that made true; without it what an event made true. Fails when a state is
 * not finite afterwards. */
MUST_CHECK bool triggers_fire(Run *run, bool at_root, Err *reterr);

#endif
