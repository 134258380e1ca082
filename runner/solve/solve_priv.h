/* SPDX-License-Identifier: Apache-2.0
 *
 * solve, inside the room: the state of a run, and the functions that its files share. solve.c integrates, trigger.c
 * watches conditions of events, switch.c holds conditions in the rates, steady.c finds the steady state at the start.
 */
#ifndef MB_SOLVE_SOLVE_PRIV_H
#define MB_SOLVE_SOLVE_PRIV_H

#include "solve/linear.h"
#include "solve/solve.h"

/* What a run knows of its triggers; one of trigger i in lane a stands at i * width + a. */
typedef struct Triggers {
    bool *armed;            /* its condition was false since it fired */
    double *values, *later; /* the numbers now, and at another time */
    double *scratch;        /* [n_states][width] */
    int *roots;             /* not 0 where a condition begins to hold */
    uint64_t n_fired;
    size_t last; /* that fired */
} Triggers;

/* BDF has order 5 at most. */
enum { MAX_DERIVATIVES = 6 };

/* A condition of a lane changes in (low, high] of the integrator's time; numbers of all lanes there. */
typedef struct SwitchChange {
    double low, high;
    double *before, *after; /* [n_root_functions][width] at low and at high */
    bool found;
} SwitchChange;

/* What a run knows of its switches. A lane is under way, waits at a switch, or has arrived at the end of the segment.
 */
typedef struct Switches {
    bool used;
    int64_t keep[LANES]; /* -1: under way; 0: neither its rates nor its errors count */
    bool idle;           /* some lane is not under way */
    double end;          /* of the segment */
    bool event_at_end;
    double *held;                          /* [n_root_functions][width] */
    double *root_values, *flipped;         /* the same, at another place; for a trial */
    double *waiting;                       /* [n_states][width]: y of the lanes that are not under way, */
    double at[LANES];                      /* and their time */
    N_Vector derivatives[MAX_DERIVATIVES]; /* of y at the end of the last step */
    SwitchChange change;                   /* of the last step */
    double inside_at;                      /* whose y run->inside has, or NaN */
    double *scratch[2];                    /* [n_states][width] */
    double ahead[LANES];                   /* the clock of a lane is the integrator's, and so much */
    bool arrived[LANES];
    unsigned n_waits[LANES]; /* of the segment */
    double *outputs;         /* [n_outputs][width]: of each lane at a time of its own */
    size_t next_time[LANES];
} Switches;

/* Whether a run has taken too long, or is to stop. */
typedef struct Watch {
    const SolveTask *task;
    double started_s;
    unsigned n_looks;
    FailureKind over; /* FAILURE_OTHER: it goes on */
} Watch;

struct Solver {
    Arena *arena;     /* as long as the solver */
    Arena *run_arena; /* the vectors of one run */
    const Ode *ode;
    const Loops *loops;
    SUNContext context;
    Linear *linear;
    Fault fault;     /* since t last moved */
    Failure failure; /* of the last run */
    Watch watch;
    CompatMessage message; /* the last message of CVODE */
};

typedef struct Integrator {
    Solver *solver;
    const Ode *ode;
    const SolveTask *task;
    double *outputs;
    SolveStats *stats;
    void *cvode;
    N_Vector y, inside; /* state now; state interpolated inside the last step */
    double t;
    size_t next_event, next_time;
    bool has_stop;    /* CVODE has a stop time */
    uint64_t n_steps; /* over all segments */
    unsigned n_stuck; /* steps since t last moved */
    Triggers triggers;
    Switches switches;
} Integrator;

/* What CVODE calls, and what it hands back to it. */
typedef struct Problem {
    CVRhsFn rates;
    CVEwtFn weights;
    CVLsLinSysFn system;
    void *user_data;
} Problem;

/* A BDF integrator on the solver's linear algebra, for y at t. *ret_cvode is the caller's, who frees it. */
void integrator_open(Solver *solver, const Problem *problem, double t, N_Vector y, void **ret_cvode);

/* The fault at hand is why the run fails. Returns false. */
bool solver_fail(Solver *solver, Err *reterr);

/* Looks at the clock and at `stop`, cheap enough for every step; once true it stays true. Then watch_fail says so and
 * returns false. */
void watch_start(Solver *solver, const SolveTask *task);
bool watch_expired(Solver *solver);
bool watch_fail(Solver *solver, double t, Err *reterr);

/* Errors of a run add up to about a hundred times rtol (run/run.h), and atol is a hundredth of rtol times the scale of
 * a state (simulate/worker.c). So errors of the integrator explain a state that is below its lowest allowed value by up
 * to NEGLIGIBLE times its atol; a state further below is a fault. */
#define NEGLIGIBLE 1e4

/* Returns false when a state is below its lowest allowed value, in lanes that count (`keep` as in Switches; NULL: all).
 * The fault is then of this kind. */
MUST_CHECK bool integrator_above_lower_bounds(Integrator *run, const int64_t *keep, FailureKind kind, Err *reterr);

/* Sets *reterr to why CVODE gave up: our fault if there is one, else CVODE's own message. Returns false. */
bool integrator_fail(const Integrator *run, int flag, Err *reterr);

/* One step of CVODE towards `aim`; its flag. */
MUST_CHECK bool integrator_step(Integrator *run, double aim, int *ret_flag, Err *reterr);

/* Adds CVODE's counters, which start again at every CVodeReInit. */
void integrator_add_stats(const Integrator *run);

/* Times that differ by rounding only. */
bool solve_same_time(double a, double b);

/* Is there an event up to the last output? */
bool integrator_event_ahead(const Integrator *run);

/* ---- switch.c ---- */

/* Conditions are what they are at every moment, and all clocks are the same. */
void switches_free(const Ode *ode);

/* Makes room, if the task is to hold switches and there are some. */
void switches_start(Integrator *run);

/* Lanes that are not under way have rates of 0 and no errors. */
void switches_mask_rates(const Integrator *run, double *rates);
void switches_mask_weights(const Integrator *run, double *weights);

/* From run->t, where all lanes are, to the next event or the last output, where all meet again; writes the outputs on
 * the way. */
MUST_CHECK bool switches_segment(Integrator *run, Err *reterr);

/* ---- trigger.c ---- */

/* Makes room, and arms those whose condition is false at the start. */
void triggers_start(Integrator *run);

/* Tells CVODE what to watch. Its flag. */
int triggers_watch(Integrator *run);

/* After a step that began at `before`: does an armed condition begin to hold in it? Then t and y go back to where it
 * does; CVODE has stopped there already, unless it comes and goes inside a step. Arms those whose condition is false
 * again. */
MUST_CHECK bool triggers_find_begin(Integrator *run, double before, bool *ret_begins, Err *reterr);

/* Fires what triggers_find_begin found (`begun`), then whatever that or an event has made true. Fails when a state is
 * not finite afterwards, and when triggers set each other off without end. */
MUST_CHECK bool triggers_fire(Integrator *run, bool begun, Err *reterr);

#endif
