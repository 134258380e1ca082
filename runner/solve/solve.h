/* SPDX-License-Identifier: Apache-2.0
 *
 * solve: integrates the equations of a batch of animals at once, with events, from a start to given output times. Front
 * door of the room, the only one that uses SUNDIALS. It knows nothing about genes, cohorts or files.
 *
 * CVODE (BDF, Newton) with our own N_Vector, SUNMatrix and SUNLinearSolver, all on lanes (base/lanes.h): value v of
 * lane a stands at v * width + a. The lanes share step size and order; the error norm is the maximum over lanes of
 * the WRMS norm of one lane, so that every animal meets its own tolerance. I - gamma J is factorised by a sparse LU
 * whose pivot order (Markowitz, diagonal pivots), fill-in and straight-line list of operations are decided once per
 * solver from the pattern.
 *
 * Events split the run: the solver integrates to the event (CVODE's stop time), calls Ode.event to apply it, and
 * reinitialises CVODE. Outputs between steps are interpolated (CVodeGetDky), so output times never shorten a step. An
 * output at the time of an event gets the state just after the event.
 *
 * Triggers split the run, too, where CVODE's root finding finds a root, or where a condition holds at one of eight
 * points inside a step. A condition that becomes true and false again between two of these points is missed. A trigger
 * fires when its condition becomes true, but not while it stays true, and not when it is true at the start; an event or
 * another trigger may make it true. It can fire again after its condition has become false, also when the trigger
 * itself made it false.
 *
 * Switches are conditions inside the rates (max, if ...). Where a condition changes, the rates have a kink, which
 * forces the integrator to a low order and a small step; sixteen lanes that pass it at sixteen times would force this
 * sixteen times. So the solver holds the conditions of a lane constant while the lane moves. When a condition of a lane
 * changes, the lane waits at that time until the other lanes reach a change of their own, or a restart is due anyway.
 * Then all lanes restart together, each at its own time. At events all lanes have the same time again. With a held
 * condition, the rates may become not finite, or the condition may change without end: such a run fails. The caller
 * then runs the task again with `hold` false, where conditions are evaluated at every step.
 *
 * Thread rule: a Solver belongs to one thread (it owns a SUNContext). Different solvers run side by side.
 * Determinism: a run is a pure function of its arguments, unless the limit of time or `stop` ends it. Earlier runs of a
 * solver have no influence.
 */
#ifndef MB_SOLVE_SOLVE_H
#define MB_SOLVE_SOLVE_H

#include "base/base.h"

/* The equations. Arrays are [n][width], aligned to 64 bytes. The functions cannot fail: they may return values that are
 * not finite, which the solver finds. */
typedef struct Ode {
    size_t n_states;
    size_t n_outputs;
    size_t width;                   /* of the next run: lanes, as lanes_width gives them */
    const char *const *state_names; /* [n_states], for texts of failures */
    const char *time_unit;          /* the same; NULL: none */
    const double *lower_bounds;     /* [n_states] lowest allowed value, -INFINITY: none; NULL: none for all states */
    size_t n_entries;               /* possible nonzeros of the Jacobian */
    const uint32_t *rows,
        *columns; /* [n_entries]: entry k is d rate(rows[k]) / d state(columns[k]); sorted by row, then column */
    void *self;   /* passed to: */
    void (*initial)(void *self, double t, double *ret_y); /* state at the start */
    void (*rates)(void *self, double t, const double *y, double *ret_rates);
    void (*jacobian)(void *self, double t, const double *y, double *ret_entries); /* [n_entries][width] */
    void (*outputs)(void *self, double t, const double *y, double *ret_outputs);  /* [n_outputs][width] */
    void (*event)(void *self, size_t event, double t, double *y);                 /* change parameters and/or y */
    const bool *steady; /* [n_states]: starts at its steady state, searched from `initial`; NULL: none */
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

/* Why a run failed, for callers that can explain the equations: the state and the lane where it failed. */
typedef enum FailureKind {
    FAILURE_OTHER,
    FAILURE_INITIAL, /* the initial value of `state` is not finite, or too low */
    FAILURE_EVENT,   /* `state` is not finite after an event */
    FAILURE_RATE,    /* the rate of `state` is not finite, or makes the steps too small */
    FAILURE_CASCADE, /* `trigger` and others set each other off without end */
    FAILURE_LATE,    /* the limit of time task->max_s is over */
    FAILURE_STOPPED, /* *task->stop was set: there is no result */
} FailureKind;

typedef struct Failure {
    FailureKind kind;
    bool has_lane; /* `lane` is known; false for FAILURE_STOPPED */
    size_t state, lane;
    size_t trigger;
    double t;
    const double *y; /* [n_states] of the lane then, until the next run; NULL: not known */
} Failure;

/* One run: start, events, output times, tolerances and limits. */
typedef struct SolveTask {
    double t_start;
    size_t n_events;
    const double *event_times; /* ascending, >= t_start; for one at t_start see solver_run */
    size_t n_times;
    const double *times;      /* ascending, >= t_start */
    double rtol;              /* relative tolerance */
    const double *atol;       /* [n_states], absolute, same for all lanes */
    size_t max_steps;         /* per run, over all segments */
    double max_s;             /* limit of wall-clock time; 0: none. Whether it ends a run depends on the machine */
    const Stop *stop;         /* may be NULL. Once it is set, the run ends at its next step, without a result */
    SteadyReport *ret_steady; /* filled when some state starts steady; NULL: not wanted */
    bool hold;                /* see "Switches" above; not with triggers */
    size_t n_lanes;           /* 1 .. width lanes in use, for naming a lane that fails; the others repeat the last */
} SolveTask;

typedef struct SolveStats {
    uint64_t steps, rate_evaluations, jacobian_evaluations, newton_iterations, error_test_failures,
        convergence_failures;
} SolveStats;

typedef struct Solver Solver;

/* Opens a solver for one set of equations with the loops of a usable instruction set. `ode` is borrowed and must
 * outlive the solver; only its width may change between runs. Returns NULL and sets *reterr when SUNDIALS cannot be set
 * up. */
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

/* Describes the failure of the last run. */
Failure solver_failure(const Solver *solver);

/* "SUNDIALS 6.4.1", for provenance. */
const char *solve_version(void);

#endif
