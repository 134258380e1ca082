/* SPDX-License-Identifier: Apache-2.0
 *
 * solve: equations + events + times -> a trajectory, for a batch of animals at once. The only room that knows
 * SUNDIALS. It knows nothing of genes, cohorts or files.
 *
 * CVODE (BDF, Newton) with our own N_Vector, SUNMatrix and SUNLinearSolver, all on lanes (base/lanes.h): value v of
 * lane a stands at v * width + a. The lanes share step size and order; the error norm is the maximum over lanes of
 * the WRMS norm of one lane, so that every animal meets its own tolerance. I - gamma J is factorised by a sparse LU
 * whose pivot order (Markowitz, diagonal pivots), fill-in and straight-line list of operations are decided once per
 * solver from the pattern.
 *
 * Events split the run: integrate to the event (CVODE's stop time), let the equations apply it, reinitialise. Output
 * times are interpolated (CVodeGetDky) and never cut a step; an output time equal to an event's time gets the state
 * just after it.
 *
 * Triggers split it as well, where CVODE's root finding says, or where a condition holds at one of eight points inside
 * a step: what begins and ends between two of them is not seen. A trigger fires when its condition becomes true, not
 * while it stays so, nor when it is true at the start; an event or another trigger may make it true, too. It is ready
 * to fire again when its condition has become false, be it by what it did itself.
 *
 * Switches. A kink in the rates (max, if ...) costs the integrator its order and step, and sixteen lanes that pass it
 * at sixteen times pay sixteen times. So conditions are held while a lane moves; a lane whose condition has changed
 * waits at the time at which it did, until the others come to one of theirs or a restart is due anyway; then all
 * restart together, each lane by its own clock. At events all lanes meet. A held condition may lead to where the rates
 * are no numbers, and one may change without end: such a run fails, and is to be run again with `hold` false, where
 * conditions are what they are at every moment.
 *
 * Thread rule: a Solver belongs to one thread (it owns a SUNContext). Different solvers run side by side.
 * Determinism: a run is a pure function of its arguments, unless the clock or `stop` ends it; what a solver ran before
 * leaves no trace.
 */
#ifndef MB_SOLVE_SOLVE_H
#define MB_SOLVE_SOLVE_H

#include "base/base.h"

/* The equations. Arrays are [n][width], aligned to 64 bytes. The functions are told nothing they may fail on: a value
 * that is not finite is found by the solver. */
typedef struct Ode {
    size_t n_states;
    size_t n_outputs;
    size_t width;                   /* of the next run: lanes, as lanes_width gives them */
    const char *const *state_names; /* [n_states], for texts of failures */
    const char *time_unit;          /* the same; NULL: none */
    const double *lower_bounds;     /* [n_states] what a state cannot be below, -INFINITY: it can; NULL: all can */
    size_t n_entries;               /* possible nonzeros of the Jacobian */
    const uint32_t *rows,
        *columns; /* [n_entries]: entry k is d rate(rows[k]) / d state(columns[k]); sorted by row, then column */
    void *self;   /* passed to: */
    void (*initial)(void *self, double t, double *ret_y); /* state at the start */
    void (*rates)(void *self, double t, const double *y, double *ret_rates);
    void (*jacobian)(void *self, double t, const double *y, double *ret_entries); /* [n_entries][width] */
    void (*outputs)(void *self, double t, const double *y, double *ret_outputs);  /* [n_outputs][width] */
    void (*event)(void *self, size_t event, double t, double *y);                 /* change parameters and/or y */
    const bool *steady; /* [n_states]: `initial` gives where its steady state is looked for; NULL: none is */
    /* Triggers: each a condition that holds where its number is above 0, an inclusive one where it is not below 0.
     * When it begins to hold in some lanes, the run stops there and `fire` changes y in these lanes. 0 triggers: all
     * may be NULL. */
    size_t n_triggers;
    const char *const *trigger_names;
    const bool *inclusive;
    void (*event_functions)(void *self, double t, const double *y, double *ret_values); /* [n_triggers][width] */
    void (*fire)(void *self, size_t trigger, double t, const bool *lanes, double *y);
    /* Switches: conditions inside the rates, each with a number that is above 0 where it holds. `hold` fixes them for
     * rates and jacobian, held is [n_root_functions][width] of 1 or 0, until it is told NULL; and it sets how far the
     * clock of each lane is ahead of the t that every function is given. `numbers` (NEW_LANES) stand at
     * [n_root_functions][width] after rates was called with conditions held; `switches` computes them. 0 switches: all
     * may be NULL. */
    size_t n_root_functions;
    void (*hold)(void *self, const double *held, const double ahead[LANES]);
    const double *root_values;
    void (*root_functions)(void *self, double t, const double *y, double *ret_root_values);
} Ode;

/* How the steady state of each lane was found (steady.h): after how many steps; the largest rate that is left, relative
 * to its state, per time; the state that has most of the mode with the rate nearest to 0, and that mode's time constant
 * (INFINITY: something is conserved, and its amount decides where the steady state is; negative: the mode grows, the
 * state repels; NaN: not known). */
typedef struct SteadyReport {
    unsigned steps;
    double residual[LANES], time_constant[LANES];
    uint32_t slowest[LANES];
} SteadyReport;

/* What a run failed of, for whoever knows more of the equations: where the number or the step went wrong. */
typedef enum FailureKind {
    FAILURE_OTHER,
    FAILURE_INITIAL, /* the initial value of `state` is no number, or too low */
    FAILURE_EVENT,   /* `state` is none after an event */
    FAILURE_RATE,    /* the rate of `state` is none, or keeps the steps too small */
    FAILURE_CASCADE, /* `trigger` and others set each other off without end */
    FAILURE_LATE,    /* task->max_s are over */
    FAILURE_STOPPED, /* *task->stop is set: this is no answer */
} FailureKind;

typedef struct Failure {
    FailureKind kind;
    bool has_lane; /* which lane is known; not of FAILURE_STOPPED */
    size_t state, lane;
    size_t trigger;
    double t;
    const double *y; /* [n_states] of the lane then, until the next run; NULL: not known */
} Failure;

/* What to do with it. */
typedef struct SolveTask {
    double t_start;
    size_t n_events;
    const double *event_times; /* ascending, >= t_start; for one at t_start see solver_run */
    size_t n_times;
    const double *times;      /* ascending, >= t_start */
    double rtol;              /* relative tolerance */
    const double *atol;       /* [n_states], absolute, same for all lanes */
    size_t max_steps;         /* per run, over all segments */
    double max_s;             /* of the clock; 0: no limit. A run that this ends is no pure function of its arguments */
    const Stop *stop;         /* not NULL and set: the run ends at its next step, without an answer */
    SteadyReport *ret_steady; /* filled when some state starts steady; NULL: not wanted */
    bool hold;                /* see "Switches" above; not with triggers */
    size_t n_lanes;           /* 1 .. width lanes in use, for naming a lane that fails; the others repeat the last */
} SolveTask;

typedef struct SolveStats {
    uint64_t steps, rate_evaluations, jacobian_evaluations, newton_iterations, error_test_failures,
        convergence_failures;
} SolveStats;

typedef struct Solver Solver;

/* A solver for one set of equations (their sizes and pattern; `ode` is borrowed and must outlive it; its width may
 * change between runs), with the loops of an instruction set that is usable. NULL and
 * *reterr when SUNDIALS cannot be set up. */
Solver *solver_open(const Ode *ode, CpuSet set, Err *reterr);
void solver_close(Solver **solver);

/* Runs a task. outputs is [n_times][n_outputs][width], given by the caller. Order at the start: `initial` fills y,
 * steady states are found, then each event with time == t_start is applied, then integration begins. Events after the
 * last output time are not reached. On failure returns false; *reterr (ERR_SOLVE) names the time, the state and the
 * lane where it can ("not a number in the rate of 'C' at t = 12.5 day", "more than 500000 steps ...", CVODE's own
 * words), outputs up to then are unspecified. *ret_stats is filled in either case. A state that is below its `least` by
 * more than the errors of a run add up to (NEGLIGIBLE times its atol, solve_priv.h) after a step fails the run. Every
 * loop of a run is bounded by max_steps or a number of its own, and looks at max_s and `stop`. */
MUST_CHECK bool solver_run(Solver *solver, const SolveTask *task, double *outputs, SolveStats *ret_stats, Err *reterr);

/* Of the last run, which failed. */
Failure solver_failure(const Solver *solver);

/* "SUNDIALS 6.4.1", for provenance. */
const char *solve_version(void);

#endif
