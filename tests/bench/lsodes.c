/* SPDX-License-Identifier: Apache-2.0
 *
 * LSODES (Hindmarsh 1983, ODEPACK) as the R package deSolve has compiled it, called without R: its routine wants three
 * arguments more than ODEPACK's: the room for numbers a second time, seen as integers, and two that it hands on to the
 * rates and that nothing uses here. The folders of R and of
 * deSolve are those that ./dev bench found.
 */
#include <dlfcn.h>
#include <string.h>

#include "bench/yardstick.h"

/* As the manual of ODEPACK has it: BDF, pattern and Jacobian by differences; a counter of steps; room to work, found by
 * trial for 39 states and far too large for 6. */
enum { BDF_SPARSE_DIFFERENCES = 222, STEPS = 10, MAX_STEPS = 500000, REAL_WORK = 20000, INTEGER_WORK = 2000 };

/* The first argument of the rates is the only thing of ours that reaches them: the subject is kept here. */
static const Native *native_now;
static const void *subject_now;

typedef void RatesRoutine(const int *n, const double *t, const double *y, double *ret_rates, double *, int *);
typedef void LsodesRoutine(RatesRoutine *, const int *n, double *y, double *t, const double *until, const int *itol,
                           const double *rtol, const double *atol, const int *itask, int *istate, const int *iopt,
                           double *rwork, const int *lrw, int *iwork, const int *liw, void *rwork_as_integers,
                           void (*jacobian)(void), const int *mf, double *, int *);

struct Lsodes {
    const Native *native;
    const Course *course;
    LsodesRoutine *routine;
    double y[NATIVE_MAX_STATES], work[REAL_WORK];
    int integers[INTEGER_WORK];
};

static void rates(const int *n, const double *t, const double *y, double *ret_rates, double *rpar, int *ipar)
{
    (void)n, (void)rpar, (void)ipar;
    native_now->rates(subject_now, *t, y, ret_rates);
}

static void no_jacobian(void) {}

Lsodes *lsodes_open(Arena *arena, const Native *native, const Course *course, const char **ret_why)
{
#ifdef DESOLVE
    Lsodes *lsodes = NEW(arena, Lsodes);
    *lsodes = (Lsodes){.native = native, .course = course};
    void *r = dlopen(LIBR, RTLD_LAZY | RTLD_GLOBAL);
    void *library = r != NULL ? dlopen(DESOLVE, RTLD_LAZY) : NULL;
    void *routine = library != NULL ? dlsym(library, "dlsodes_") : NULL;
    *ret_why = routine == NULL ? arena_print(arena, "%s", dlerror()) : NULL;
    memcpy(&lsodes->routine, &routine, sizeof routine); /* C knows no cast from data to a function */
    return routine != NULL ? lsodes : NULL;
#else
    (void)arena, (void)native, (void)course;
    *ret_why = "built without deSolve";
    return NULL;
#endif
}

bool lsodes_run(Lsodes *lsodes, const double *parameters, Trace *trace)
{
    const Native *native = lsodes->native;
    const Course *course = lsodes->course;
    const int n = (int)native->n_states, vectors = 2, normal = 1, options = 1, lrw = REAL_WORK, liw = INTEGER_WORK,
              method = BDF_SPARSE_DIFFERENCES;
    int state = 1, unused_integer = 0;
    double t = 0.0, unused = 0.0;
    native_now = native;
    subject_now = native->prepare(parameters);
    native->initial(subject_now, lsodes->y);
    lsodes->y[native->dosed] += native->dose(subject_now, course->mg);
    memset(lsodes->work, 0, 20 * sizeof(double));
    memset(lsodes->integers, 0, 30 * sizeof(int));
    lsodes->integers[5] = MAX_STEPS;
    for (size_t i = 0; i < course->n_times; i++) {
        if (course->times[i] > 0.0)
            lsodes->routine(rates, &n, lsodes->y, &t, &course->times[i], &vectors, &course->rtol, course->atol, &normal,
                            &state, &options, lsodes->work, &lrw, lsodes->integers, &liw, lsodes->work, no_jacobian,
                            &method, &unused, &unused_integer);
        if (state < 1)
            return false;
        if (trace->states != NULL)
            memcpy(trace->states + i * native->n_states, lsodes->y, native->n_states * sizeof(double));
        native->outputs(subject_now, lsodes->y, trace->outputs + i * native->n_outputs);
    }
    trace->steps = (uint64_t)lsodes->integers[STEPS];
    return true;
}
