/* SPDX-License-Identifier: Apache-2.0
 *
 * Minimises with Levenberg-Marquardt from every start. The minimiser varies x = 1 + u - (u at the start), without
 * bounds. It takes the size of x as the scale of its first and its last step, and u may be 0 at the start; x is 1
 * there. Each vector that the minimiser asks for is found in the journal, or evaluated with residuals and derivatives
 * at once: with up to 15 parameters, the derivatives cost nothing more.
 */
#include <math.h>

#include <cminpack.h>

#include "fit/fit_priv.h"

static const double SUM_TOLERANCE = 1e-6;  /* relative, of the sum of squares */
static const double STEP_TOLERANCE = 1e-5; /* relative, of x */
static const double FIRST_STEP = 1.0;      /* bound of the first step, in each coordinate about so much of u */
static const double EDGE = 1e-3; /* the smallest distance of a start from a bound, where the derivative by u is 0 */

typedef struct FitSearch {
    Arena *arena;
    const Fit *fit;
    const FitOptions *options;
    Journal *journal;
    FitProgress progress;
    double began;
    FitStart start;       /* the current start */
    double *origin;       /* u of its first vector, minus 1 */
    const double *values; /* of the last vector */
    const Evaluation *last;
    const double *least_values; /* of the best vector of the current start */
    bool stopped;
    Err *reterr;
} FitSearch;

/* ---- u <-> z ---- */

static double z_at(const FitParameter *p, double u, double *ret_slope)
{
    double low = fit_z_of_value(p, p->low), range = fit_z_of_value(p, p->high) - low, part = 1.0 / (1.0 + exp(-u));
    *ret_slope = range * part * (1.0 - part);
    return low + range * part;
}

static double u_at(const FitParameter *p, double z)
{
    double low = fit_z_of_value(p, p->low), range = fit_z_of_value(p, p->high) - low, part = (z - low) / range;
    part = part < EDGE ? EDGE : part > 1.0 - EDGE ? 1.0 - EDGE : part;
    return log(part / (1.0 - part));
}

/* ---- evaluations ---- */

static double sum_of_squares(const Fit *fit, const double *values, const Evaluation *evaluation)
{
    double sum = 0.0;
    if (evaluation->failure != NULL)
        return (double)FIT_FAILED * FIT_FAILED * (double)(fit->n_fitted + fit->n_parameters);
    for (size_t i = 0; i < fit->n_fitted; i++)
        sum += evaluation->residuals[i] * evaluation->residuals[i];
    for (size_t i = 0; i < fit->n_parameters; i++)
        sum += fit_z_of_value(&fit->parameters[i], values[i]) * fit_z_of_value(&fit->parameters[i], values[i]);
    return sum;
}

static void minimise_report(FitSearch *search)
{
    FitProgress *progress = &search->progress;
    progress->sum_of_squares = sum_of_squares(search->fit, search->values, search->last);
    progress->failed = search->last->failure != NULL;
    if (!progress->failed && !(progress->lowest <= progress->sum_of_squares)) {
        progress->lowest = progress->sum_of_squares;
        search->least_values = search->values;
    }
    progress->seconds = clock_seconds() - search->began;
    if (search->options->progress != NULL)
        search->options->progress(search->options->context, progress);
}

/* Finds or evaluates the vector at x, which becomes the last vector. Returns false when stopped, or on an error
 * (*search->reterr). */
static bool look_up(FitSearch *search, const double *x)
{
    const Fit *fit = search->fit;
    double *values = NEW_ARRAY(search->arena, double, fit->n_parameters), slope;
    for (size_t i = 0; i < fit->n_parameters; i++)
        values[i] = fit_value_of_z(&fit->parameters[i], z_at(&fit->parameters[i], search->origin[i] + x[i], &slope));
    search->values = values;
    search->last = journal_find(search->journal, values);
    if (search->last != NULL) {
        search->progress.n_found++;
    } else {
        Evaluation *evaluation = NEW(search->arena, Evaluation);
        SCOPED(arena_close) Arena *scratch = arena_open();
        Evaluation found;
        Evaluator evaluator = {.fit = fit, .options = search->options};
        bool evaluated = evaluator_evaluate(scratch, &evaluator, values, &found, search->reterr);
        search->stopped = evaluator.stopped;
        if (!evaluated || evaluator.stopped)
            return false;
        *evaluation = evaluation_copy(search->arena, fit, &found);
        if (!journal_add(search->journal, values, evaluation, search->reterr))
            return false;
        search->last = evaluation;
    }
    search->progress.n_evaluations++;
    minimise_report(search);
    return true;
}

/* ---- the minimiser's view ---- */

static void give_residuals(const FitSearch *search, double *fvec)
{
    const Fit *fit = search->fit;
    bool failed = search->last->failure != NULL;
    for (size_t i = 0; i < fit->n_fitted; i++)
        fvec[i] = failed ? FIT_FAILED : search->last->residuals[i];
    for (size_t i = 0; i < fit->n_parameters; i++)
        fvec[fit->n_fitted + i] = failed ? FIT_FAILED : fit_z_of_value(&fit->parameters[i], search->values[i]);
}

static void give_jacobian(const FitSearch *search, const double *x, double *fjac, size_t stride)
{
    const Fit *fit = search->fit;
    size_t n = fit->n_parameters;
    for (size_t j = 0; j < n; j++) {
        double slope;
        (void)z_at(&fit->parameters[j], search->origin[j] + x[j], &slope);
        for (size_t i = 0; i < fit->n_fitted; i++)
            fjac[i + stride * j] = slope * (search->last->failure != NULL ? 0.0 : search->last->jacobian[i * n + j]);
        for (size_t i = 0; i < n; i++)
            fjac[fit->n_fitted + i + stride * j] = i == j ? slope : 0.0;
    }
}

/* cminpack calls this for the residuals (1) or their derivatives (2) at x; a result below 0 ends the minimisation. It
 * asks for derivatives at the vector whose residuals it got last. */
static int minimiser_asks(void *context, int m, int n, const double *x, double *fvec, double *fjac, int ldfjac,
                          int iflag)
{
    FitSearch *search = context;
    (void)m;
    (void)n;
    if (iflag == 2)
        give_jacobian(search, x, fjac, (size_t)ldfjac);
    if (iflag != 1)
        return 0;
    if (!look_up(search, x))
        return -1;
    give_residuals(search, fvec);
    if (search->start.n_evaluations++ > 0)
        return 0;
    search->start.first = search->progress.sum_of_squares;
    search->start.failure = search->last->failure;
    return search->start.failure != NULL ? -1 : 0;
}

/* ---- starts ---- */

/* The first start has the model's own values; the others are drawn from the priors within the bounds. */
static double start_z(const Fit *fit, size_t start, size_t parameter)
{
    enum { MAX_TRIES = 1000 };
    const FitParameter *p = &fit->parameters[parameter];
    if (start == 0)
        return fit_z_of_value(p, p->linear || p->start > 0.0 ? p->start : p->low);
    RngKey key = rng_key_named(rng_key_named(rng_key(fit->seed), "start"), p->name);
    double low = fit_z_of_value(p, p->low), high = fit_z_of_value(p, p->high);
    for (uint64_t i = 0; i < MAX_TRIES; i++) {
        double z = rng_normal(key, (uint64_t)start * MAX_TRIES + i);
        if (z > low && z < high)
            return z;
    }
    return low + (high - low) * rng_uniform(rng_key_named(key, "even"), start);
}

static int run_lmder(FitSearch *search, double *x)
{
    const Fit *fit = search->fit;
    Arena *arena = search->arena;
    size_t n = fit->n_parameters, m = fit->n_fitted + n;
    double *fvec = NEW_ARRAY(arena, double, m), *fjac = NEW_ARRAY(arena, double, m *n);
    double *diag = NEW_ARRAY(arena, double, n), *qtf = NEW_ARRAY(arena, double, n);
    double *work[3], *last_work = NEW_ARRAY(arena, double, m);
    int *pivots = NEW_ARRAY(arena, int, n), n_residuals, n_jacobians;
    for (size_t i = 0; i < ARRAY_LENGTH(work); i++)
        work[i] = NEW_ARRAY(arena, double, n);
    size_t most = search->options->max_evaluations > 0 ? search->options->max_evaluations : 200;
    return lmder(minimiser_asks, search, (int)m, (int)n, x, fvec, fjac, (int)m, SUM_TOLERANCE, STEP_TOLERANCE, 0.0,
                 (int)most, diag, 1, FIRST_STEP, 0, &n_residuals, &n_jacobians, pivots, qtf, work[0], work[1], work[2],
                 last_work);
}

/* Runs one start. Returns false when stopped, or on an error (*search->reterr). */
static bool minimise_from_start(FitSearch *search, size_t number, FitStart *ret_start)
{
    enum { TOO_MANY = 5 }; /* lmder's code for "too many evaluations" */
    const Fit *fit = search->fit;
    double *x = NEW_ARRAY(search->arena, double, fit->n_parameters);
    for (size_t i = 0; i < fit->n_parameters; i++) {
        x[i] = 1.0;
        search->origin[i] = u_at(&fit->parameters[i], start_z(fit, number, i)) - 1.0;
    }
    search->start = (FitStart){0};
    search->progress.start = number + 1;
    search->progress.lowest = HUGE_VAL;
    int info = run_lmder(search, x);
    if (info < 0 && search->start.failure == NULL)
        return false;
    search->start.converged = info >= 0 && info != TOO_MANY;
    search->start.last = search->progress.lowest;
    *ret_start = search->start;
    return true;
}

/* ---- the whole fit ---- */

static bool run_starts(FitSearch *search, FitStart *starts, FitResult *result, const double **ret_values)
{
    const Fit *fit = search->fit;
    double lowest = HUGE_VAL;
    search->origin = NEW_ARRAY(search->arena, double, fit->n_parameters);
    for (size_t s = 0; s < fit->n_starts; s++) {
        if (!minimise_from_start(search, s, &starts[s]))
            return false;
        if (s == 0 && starts[s].failure != NULL)
            return err_set(search->reterr, ERR_SOLVE, "the model's own values: %s", starts[s].failure);
        if (starts[s].failure != NULL || !(starts[s].last < lowest))
            continue;
        lowest = starts[s].last;
        result->best = s;
        *ret_values = search->least_values;
    }
    return true;
}

bool fit_run(Arena *arena, const Fit *fit, const FitOptions *options, FitResult *ret_result, bool *ret_stopped,
             Err *reterr)
{
    SCOPED(journal_close) Journal *journal = NULL;
    FitStart *starts = NEW_ARRAY(arena, FitStart, fit->n_starts);
    FitResult result = {.starts = starts};
    const double *values = NULL;
    *ret_stopped = false;
    if (!journal_open(arena, fit, options, &journal, reterr))
        return false;
    FitSearch search = {.arena = arena,
                        .fit = fit,
                        .options = options,
                        .journal = journal,
                        .progress = {.n_starts = fit->n_starts},
                        .began = clock_seconds(),
                        .reterr = reterr};
    if (!run_starts(&search, starts, &result, &values)) {
        *ret_stopped = search.stopped;
        return search.stopped;
    }
    result.n_evaluations = search.progress.n_evaluations;
    result.n_found = search.progress.n_found;
    Evaluator evaluator = {.fit = fit, .options = options};
    bool looked = evaluator_look(arena, &evaluator, values, &result.look, reterr);
    *ret_stopped = evaluator.stopped;
    if (!looked)
        return false;
    if (*ret_stopped)
        return true;
    const Evaluation *best = journal_find(journal, values);
    ASSERT(best != NULL && best->failure == NULL);
    statistics_uncertainty(arena, fit, values, best->jacobian, &result);
    *ret_result = result;
    return true;
}
