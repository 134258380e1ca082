/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens solvers and runs tasks with CVODE. The life of a run, in order:
 *   1. start        initial state, steady states, events at t_start, outputs at t_start
 *   2. CVodeCreate  BDF; a CVODE of its own for each run, so that runs leave no trace in one another
 *   3. CVodeInit, CVodeWFtolerances, CVodeSetUserData, CVodeSetLinearSolver, CVodeSetLinSysFn
 *   4. segment      CVodeSetStopTime at the next event, then
 *   5.   step       CVode(CV_ONE_STEP) until the stop or the last output; CVodeGetDky for the outputs inside the step
 *   6.   event      apply (also where a trigger stopped the step), check, outputs at its time, CVodeReInit; back to 4
 *   7. CVodeGet...  the statistics; CVodeFree
 */
#include "solve/sundials_compat.h"

#include <ctype.h>
#include <float.h>
#include <math.h>

#include "solve/solve_priv.h"
#include "solve/steady.h"
#include "solve/vector.h"

/* So many steps on end that move t by rounding only, and the run is stuck: CVODE itself would go on until max_steps. */
enum { STUCK_STEPS = 50 };

/* ---- time ---- */

/* Times that differ by rounding only (0.1 + 0.2 and 0.3) are one time: CVODE cannot step from one to the other. 100
 * ulp is the slack that CVODE gives its own stop times and interpolation (FUZZ_FACTOR). */
bool solve_same_time(double a, double b)
{
    return fabs(a - b) <= 100 * DBL_EPSILON * fmax(fabs(a), fabs(b));
}

static bool reached(double time, double t)
{
    return time <= t || solve_same_time(time, t);
}

bool integrator_event_ahead(const Integrator *run)
{
    const SolveTask *task = run->task;
    return run->next_event < task->n_events &&
           reached(task->event_times[run->next_event], task->times[task->n_times - 1]);
}

static bool times_left(const Integrator *run)
{
    return run->next_time < run->task->n_times;
}

/* ---- what CVODE calls ---- */

static int cvode_rates(sunrealtype t, N_Vector y, N_Vector rates, void *user_data)
{
    Integrator *run = user_data;
    const Ode *ode = run->ode;
    ode->rates(ode->self, t, vector_values(y), vector_values(rates));
    switches_mask_rates(run, vector_values(rates));
    bool finite = fault_check(run->solver->loops, ode, vector_values(rates), (Fault){.kind = FAULT_RATE, .t = t},
                              vector_values(y), &run->solver->fault);
    return finite ? 0 : 1; /* 1: recoverable, try a smaller step */
}

static int cvode_system(sunrealtype t, N_Vector y, N_Vector rates, SUNMatrix matrix, CompatBool reuse,
                        CompatBool *ret_current, sunrealtype gamma, void *user_data, N_Vector v1, N_Vector v2,
                        N_Vector v3)
{
    (void)rates, (void)matrix, (void)v1, (void)v2, (void)v3;
    const Integrator *run = user_data;
    *ret_current = !reuse;
    return linear_build(run->solver->linear, t, vector_values(y), NULL, reuse != 0, gamma) ? 0 : 1;
}

/* weight = 1 / (rtol |y| + atol) */
static int cvode_weights(N_Vector y, N_Vector weights, void *user_data)
{
    const Integrator *run = user_data;
    const SolveTask *task = run->task;
    run->solver->loops->weigh(run->ode->n_states, run->ode->width, task->rtol, task->atol, vector_values(y),
                              vector_values(weights));
    switches_mask_weights(run, vector_values(weights));
    return 0; /* above zero: solver_run has checked atol */
}

/* ---- failing ---- */

/* Edits CVODE's message to our style: no capital at the start, no full stop or line break at the end. */
static const char *message_trim(CompatMessage *message)
{
    char *text = message->text;
    size_t length = strlen(text);
    while (length > 0 && (isspace((unsigned char)text[length - 1]) || text[length - 1] == '.'))
        text[--length] = '\0';
    text[0] = (char)tolower((unsigned char)text[0]);
    return text;
}

bool solver_fail(Solver *solver, Err *reterr)
{
    const Fault *fault = &solver->fault;
    solver->failure = (Failure){.kind = fault->kind == FAULT_INITIAL ? FAILURE_INITIAL
                                        : fault->kind == FAULT_EVENT ? FAILURE_EVENT
                                                                     : FAILURE_RATE,
                                .has_lane = true,
                                .state = fault->state,
                                .lane = fault->lane,
                                .t = fault->t,
                                .y = fault->y};
    return fault_set_err(fault, solver->ode, solver->watch.task->n_lanes, reterr);
}

/* Notes the state and animal with the largest last correction, against its weight: who keeps the steps small. */
static bool note_worst(const Integrator *run, FailureKind kind, Err *reterr)
{
    const SolveTask *task = run->task;
    Fault *fault = &run->solver->fault;
    N_Vector errors = run->inside, weights = N_VClone(run->y);
    if (CVodeGetEstLocalErrors(run->cvode, errors) != CV_SUCCESS ||
        CVodeGetErrWeights(run->cvode, weights) != CV_SUCCESS)
        return false;
    double most = 0.0;
    size_t worst = 0;
    for (size_t i = 0; i < run->ode->n_states * run->ode->width; i++) {
        double size = fabs(vector_values(errors)[i]) * vector_values(weights)[i];
        worst = size > most ? i : worst;
        most = size > most ? size : most;
    }
    size_t state = worst / run->ode->width, lane = worst % run->ode->width;
    fault_record(fault, run->ode, (Fault){.kind = FAULT_NONE, .lane = lane}, vector_values(run->y));
    run->solver->failure =
        (Failure){.kind = kind, .has_lane = true, .state = state, .lane = lane, .t = run->t, .y = fault->y};
    char animal[FAULT_ANIMAL];
    return err_note(reterr, "worst in '%s'%s", run->ode->state_names[state],
                    fault_show_animal(lane, task->n_lanes, animal));
}

/* Reports why CVODE gave up: our fault if there is one, else CVODE's own message. */
bool integrator_fail(const Integrator *run, int flag, Err *reterr)
{
    if (flag == CV_MEM_FAIL)
        out_of_memory(); /* the machine's failure, not the animal's */
    Solver *solver = run->solver;
    if (flag != CV_ERR_FAILURE && solver->fault.kind != FAULT_NONE)
        return solver_fail(solver, reterr);
    char at[FAULT_TIME];
    const char *words = solver->message.text[0] != '\0' ? message_trim(&solver->message) : "no reason given";
    err_set(reterr, ERR_SOLVE, "the integrator gave up at %s: %s", fault_show_time(run->ode, run->t, at), words);
    return flag == CV_ERR_FAILURE || flag == CV_CONV_FAILURE ? note_worst(run, FAILURE_RATE, reterr) : false;
}

static bool integrator_is_stuck(const Integrator *run, Err *reterr)
{
    char at[FAULT_TIME];
    if (run->solver->fault.kind != FAULT_NONE)
        return solver_fail(run->solver, reterr);
    err_set(reterr, ERR_SOLVE, "stuck at %s, the steps have become too small", fault_show_time(run->ode, run->t, at));
    return note_worst(run, FAILURE_RATE, reterr);
}

bool integrator_above_lower_bounds(Integrator *run, const int64_t *keep, FailureKind kind, Err *reterr)
{
    const Ode *ode = run->ode;
    const double *y = vector_values(run->y);
    for (size_t state = 0; ode->lower_bounds != NULL && state < ode->n_states; state++)
        for (size_t lane = 0; ode->lower_bounds[state] > -HUGE_VAL && lane < ode->width; lane++) {
            double value = y[state * ode->width + lane];
            if (!(value < ode->lower_bounds[state] - NEGLIGIBLE * run->task->atol[state]) ||
                (keep != NULL && keep[lane] == 0))
                continue;
            const Fault low = {.kind = FAULT_LOW, .t = run->t, .value = value, .state = state, .lane = lane};
            fault_record(&run->solver->fault, ode, low, y);
            (void)solver_fail(run->solver, reterr);
            run->solver->failure.kind = kind;
            return false;
        }
    return true;
}

/* ---- outputs and events ---- */

static void output_write(Integrator *run, N_Vector y)
{
    const Ode *ode = run->ode;
    double *row = run->outputs + run->next_time * ode->n_outputs * ode->width;
    ode->outputs(ode->self, run->task->times[run->next_time], vector_values(y), row);
    run->next_time++;
}

static void outputs_now(Integrator *run)
{
    while (times_left(run) && reached(run->task->times[run->next_time], run->t))
        output_write(run, run->y);
}

/* The outputs inside the step that has just ended; those at an event wait for it. */
static bool outputs_inside(Integrator *run, bool at_event, Err *reterr)
{
    while (times_left(run)) {
        double time = run->task->times[run->next_time];
        if (time > run->t || (at_event && reached(run->t, time)))
            return true;
        int flag = CVodeGetDky(run->cvode, time, 0, run->inside);
        if (flag != CV_SUCCESS)
            return integrator_fail(run, flag, reterr);
        output_write(run, run->inside);
    }
    return true;
}

/* All events at the time reached; the state after them must be finite. */
static bool events_now(Integrator *run, Err *reterr)
{
    const SolveTask *task = run->task;
    while (run->next_event < task->n_events && reached(task->event_times[run->next_event], run->t)) {
        run->ode->event(run->ode->self, run->next_event, task->event_times[run->next_event], vector_values(run->y));
        run->next_event++;
    }
    const double *y = vector_values(run->y);
    if (fault_check(run->solver->loops, run->ode, y, (Fault){.kind = FAULT_EVENT, .t = run->t}, y, &run->solver->fault))
        return integrator_above_lower_bounds(run, NULL, FAILURE_EVENT, reterr);
    return solver_fail(run->solver, reterr);
}

/* ---- the life of a run ---- */

static bool find_steady(Integrator *run, Err *reterr)
{
    SteadyReport unread, *report = run->task->ret_steady != NULL ? run->task->ret_steady : &unread;
    return run->ode->steady == NULL ||
           steady_find(run->solver, run->task, run->t, vector_values(run->y), report, reterr);
}

static bool solve_start_run(Integrator *run, Err *reterr)
{
    const Ode *ode = run->ode;
    double *y = vector_values(run->y);
    ode->initial(ode->self, run->t, y);
    if (!fault_check(run->solver->loops, ode, y, (Fault){.kind = FAULT_INITIAL, .t = run->t}, y, &run->solver->fault))
        return solver_fail(run->solver, reterr);
    if (!find_steady(run, reterr) || !integrator_above_lower_bounds(run, NULL, FAILURE_INITIAL, reterr))
        return false;
    triggers_start(run);
    switches_start(run);
    if (!events_now(run, reterr) || !triggers_fire(run, false, reterr))
        return false;
    outputs_now(run);
    return true;
}

void integrator_open(Solver *solver, const Problem *problem, double t, N_Vector y, void **ret_cvode)
{
    void *cvode = *ret_cvode = CVodeCreate(CV_BDF, solver->context);
    if (cvode == NULL)
        out_of_memory();
    int flag = compat_catch_messages(cvode, &solver->message);
    if (flag == CV_SUCCESS)
        flag = CVodeInit(cvode, problem->rates, t, y);
    if (flag == CV_SUCCESS)
        flag = CVodeSetUserData(cvode, problem->user_data);
    if (flag == CV_SUCCESS)
        flag = CVodeWFtolerances(cvode, problem->weights);
    if (flag == CV_SUCCESS)
        flag = CVodeSetLinearSolver(cvode, solver->linear->solver, solver->linear->matrix);
    if (flag == CV_SUCCESS)
        flag = CVodeSetLinSysFn(cvode, problem->system);
    if (flag == CV_MEM_FAIL || flag == CVLS_MEM_FAIL)
        out_of_memory();
    ASSERT(flag == CV_SUCCESS); /* the arguments are ours */
}

static bool integrator_open_cvode(Integrator *run, Err *reterr)
{
    const Problem problem = {cvode_rates, cvode_weights, cvode_system, run};
    integrator_open(run->solver, &problem, run->t, run->y, &run->cvode);
    int flag = triggers_watch(run);
    return flag == CV_SUCCESS || integrator_fail(run, flag, reterr);
}

static bool integrator_is_endless(const Integrator *run, Err *reterr)
{
    const Triggers *triggers = &run->triggers;
    char at[FAULT_TIME], end[FAULT_TIME];
    err_set(reterr, ERR_SOLVE, "more than %zu steps: stopped at %s on the way to %s", run->task->max_steps,
            fault_show_time(run->ode, run->t, at),
            fault_show_time(run->ode, run->task->times[run->task->n_times - 1], end));
    (void)note_worst(run, FAILURE_RATE, reterr);
    if (triggers->n_fired > 0)
        err_note(reterr, "events were triggered %llu times, '%s' last", (unsigned long long)triggers->n_fired,
                 run->ode->trigger_names[triggers->last]);
    return false;
}

bool integrator_step(Integrator *run, double aim, int *ret_flag, Err *reterr)
{
    const SolveTask *task = run->task;
    if (run->n_steps >= task->max_steps)
        return integrator_is_endless(run, reterr);
    if (watch_expired(run->solver)) {
        (void)watch_fail(run->solver, run->t, reterr);
        return run->solver->watch.over == FAILURE_STOPPED || run->n_steps == 0 ? false
                                                                               : note_worst(run, FAILURE_LATE, reterr);
    }
    double before = run->t;
    *ret_flag = CVode(run->cvode, aim, run->y, &run->t, CV_ONE_STEP);
    if (*ret_flag < 0)
        return integrator_fail(run, *ret_flag, reterr);
    run->n_steps++;
    if (solve_same_time(before, run->t))
        return ++run->n_stuck < STUCK_STEPS || integrator_is_stuck(run, reterr);
    run->n_stuck = 0;
    if (run->switches.used && run->solver->fault.kind != FAULT_NONE)
        return solver_fail(run->solver, reterr); /* of a branch held too far */
    run->solver->fault.kind = FAULT_NONE;
    return true;
}

/* From run->t to the next event, to where a trigger fires, or to the last output if neither comes before it. */
static bool integrator_segment(Integrator *run, bool *ret_triggered, Err *reterr)
{
    const SolveTask *task = run->task;
    bool to_event = integrator_event_ahead(run);
    double aim = to_event ? task->event_times[run->next_event] : task->times[task->n_times - 1];
    int flag = CV_SUCCESS;
    /* An old stop time may lie behind: a trigger stopped short of it, at the event's own time. */
    if (to_event || run->has_stop)
        flag = CVodeSetStopTime(run->cvode, to_event ? aim : DBL_MAX);
    if (flag < 0)
        return integrator_fail(run, flag, reterr);
    run->has_stop = to_event;
    *ret_triggered = false;
    while (times_left(run) && flag != CV_TSTOP_RETURN && !*ret_triggered) {
        double before = run->t;
        if (!integrator_step(run, aim, &flag, reterr) || !triggers_find_begin(run, before, ret_triggered, reterr) ||
            !integrator_above_lower_bounds(run, NULL, FAILURE_RATE, reterr))
            return false;
        if (!outputs_inside(run, flag == CV_TSTOP_RETURN || *ret_triggered, reterr))
            return false;
    }
    return true;
}

void integrator_add_stats(const Integrator *run)
{
    long steps = 0, rates = 0, jacobians = 0, iterations = 0, error_failures = 0, convergence_failures = 0;
    CVodeGetNumSteps(run->cvode, &steps);
    CVodeGetNumRhsEvals(run->cvode, &rates);
    CVodeGetNumJacEvals(run->cvode, &jacobians);
    CVodeGetNumNonlinSolvIters(run->cvode, &iterations);
    CVodeGetNumErrTestFails(run->cvode, &error_failures);
    CVodeGetNumNonlinSolvConvFails(run->cvode, &convergence_failures);
    run->stats->steps += (uint64_t)steps;
    run->stats->rate_evaluations += (uint64_t)rates;
    run->stats->jacobian_evaluations += (uint64_t)jacobians;
    run->stats->newton_iterations += (uint64_t)iterations;
    run->stats->error_test_failures += (uint64_t)error_failures;
    run->stats->convergence_failures += (uint64_t)convergence_failures;
}

static bool integrator_run(Integrator *run, Err *reterr)
{
    while (times_left(run)) {
        bool triggered = false,
             arrived = run->switches.used ? switches_segment(run, reterr) : integrator_segment(run, &triggered, reterr);
        integrator_add_stats(run);
        if (!arrived)
            return false;
        if (!times_left(run))
            break;
        if (!events_now(run, reterr) || !triggers_fire(run, triggered, reterr))
            return false;
        outputs_now(run);
        int flag = CVodeReInit(run->cvode, run->t, run->y);
        if (flag != CV_SUCCESS)
            return integrator_fail(run, flag, reterr);
    }
    return true;
}

static void cvode_close(void **cvode)
{
    if (*cvode != NULL)
        CVodeFree(cvode);
}

/* ---- the front door ---- */

/* What users can cause is an Err; what the program promises is asserted. */
static bool task_check(const Ode *ode, const SolveTask *task, Err *reterr)
{
    ASSERT(task->n_lanes >= 1 && task->n_lanes <= ode->width);
    ASSERT(ode->width == lanes_width(ode->width));
    for (size_t i = 0; i < task->n_times; i++)
        ASSERT(task->times[i] >= (i > 0 ? task->times[i - 1] : task->t_start));
    for (size_t i = 0; i < task->n_events; i++)
        ASSERT(task->event_times[i] >= (i > 0 ? task->event_times[i - 1] : task->t_start));
    if (!(task->rtol > 0.0) || !isfinite(task->rtol))
        return err_set(reterr, ERR_SOLVE, "the relative tolerance %g is not a number above zero", task->rtol);
    for (size_t state = 0; state < ode->n_states; state++)
        if (!(task->atol[state] > 0.0) || !isfinite(task->atol[state]))
            return err_set(reterr, ERR_SOLVE, "the absolute tolerance %g of '%s' is not a number above zero",
                           task->atol[state], ode->state_names[state]);
    return true;
}

bool solver_run(Solver *solver, const SolveTask *task, double *outputs, SolveStats *ret_stats, Err *reterr)
{
    const Ode *ode = solver->ode;
    *ret_stats = (SolveStats){0};
    if (!task_check(ode, task, reterr))
        return false;
    arena_reset(solver->run_arena);
    solver->fault = (Fault){.y = solver->fault.y};
    solver->failure = (Failure){0};
    watch_start(solver, task);
    solver->message = (CompatMessage){{0}};
    solver->linear->keep = NULL;
    switches_free(ode);

    Integrator run = {
        .solver = solver, .ode = ode, .task = task, .outputs = outputs, .stats = ret_stats, .t = task->t_start};
    run.y = vector_new(solver->run_arena, solver->context, solver->loops, ode->n_states, ode->width);
    run.inside = N_VClone(run.y);
    if (!solve_start_run(&run, reterr))
        return false;
    if (!times_left(&run))
        return true;

    bool done = integrator_open_cvode(&run, reterr) && integrator_run(&run, reterr);
    cvode_close(&run.cvode);
    return done;
}

Solver *solver_open(const Ode *ode, CpuSet set, Err *reterr)
{
    ASSERT(ode->n_states > 0);
    Arena *arena = arena_open();
    Solver *solver = NEW(arena, Solver);
    *solver = (Solver){.arena = arena, .run_arena = arena_open(), .ode = ode, .loops = loops_find(set)};
    if (compat_context_open(&solver->context, &solver->message) != 0) {
        err_set(reterr, ERR_MEMORY, "out of memory: SUNDIALS cannot create a context");
        solver_close(&solver);
        return NULL;
    }
    solver->fault.y = NEW_ARRAY(arena, double, ode->n_states);
    solver->linear = linear_new(arena, solver->context, solver->loops, ode, &solver->fault);
    if (solver->linear == NULL) {
        err_set(reterr, ERR_INPUT,
                "too many of the model's %zu states depend on each other: a step of the integrator takes more than %d "
                "operations; leave states out, or what couples them",
                ode->n_states, LU_MAX_OPERATIONS);
        solver_close(&solver);
        return NULL;
    }
    return solver;
}

void solver_close(Solver **solver)
{
    if (*solver == NULL)
        return;
    Arena *arena = (*solver)->arena;
    if ((*solver)->context != NULL)
        SUNContext_Free(&(*solver)->context);
    arena_close(&(*solver)->run_arena);
    arena_close(&arena);
    *solver = NULL;
}

Failure solver_failure(const Solver *solver)
{
    return solver->failure;
}

const char *solve_version(void)
{
    return "SUNDIALS " SUNDIALS_VERSION;
}
