/* SPDX-License-Identifier: Apache-2.0
 *
 * A vector -> residuals of the fitted rows and their derivatives.
 *
 * Derivatives are forward differences in z, inwards from the nearer bound. A step of 1e-4 in the logarithm of a value
 * (or of 1e-4 spreads) lies between what the integrator blurs - lanes share their steps, so its errors of about
 * 100 rtol = 1e-7 are nearly the same in all of them - and what curvature adds, about 1e-4 of the derivative.
 */
#include <math.h>
#include <string.h>

#include "fit/fit_priv.h"

static const double STEP = 1e-4;

/* ---- coordinates ---- */

double z_of(const FitParameter *parameter, double value)
{
    double from = parameter->prior;
    return (parameter->linear ? value - from : log(value / from)) / parameter->spread;
}

double value_of(const FitParameter *parameter, double z)
{
    double moved = parameter->spread * z;
    return parameter->linear ? parameter->prior + moved : parameter->prior * exp(moved);
}

static double step_of(const FitParameter *parameter, double value)
{
    double z = z_of(parameter, value), low = z_of(parameter, parameter->low), high = z_of(parameter, parameter->high);
    double step = parameter->linear ? STEP : STEP / parameter->spread;
    return z > 0.5 * (low + high) ? -step : step;
}

/* ---- residuals ---- */

/* The logarithm; below `from` its tangent there, so that an estimate of 0 is far away but not infinitely so. */
static double log_above(double value, double from)
{
    return value >= from ? log(value) : log(from) + (value - from) / from;
}

double row_residual(const ReferenceRow *row, double estimate)
{
    static const double TANGENT = 1e-2; /* of the band's lower edge */
    bool ratio = row->statistic == STATISTIC_RATIO_OF_MEANS || row->statistic == STATISTIC_RATIO_OF_CHANGES;
    double at = estimate, target = row->target, low = row->low, high = row->high;
    if (ratio && target > 0.0 && low > 0.0) {
        at = log_above(estimate, TANGENT * low);
        target = log(target);
        low = log(low);
        high = log(high);
    }
    double sd = 0.25 * (high - low);
    if (row->evidence != EVIDENCE_QUALITATIVE)
        return (at - target) / sd;
    return at < low ? (at - low) / sd : at > high ? (at - high) / sd : 0.0;
}

static double sample_value(const Fit *fit, const Trial *const *trials, const FitSample *sample, size_t lane)
{
    const FitCohort *cohort = &fit->cohorts[sample->cohort];
    size_t n_times = cohort->plan->n_times, n = cohort->system->n_outputs;
    double value = trials[sample->cohort]
                       ->outputs[((sample->site_at * n_times + sample->at) * n + sample->output) * TRIAL_LANES + lane];
    bool trait = cohort->system->outputs[sample->output].kind == OUTPUT_TRAIT;
    return !trait || isnan(value) ? value : value < 0.0 || value > 0.0 ? 1.0 : 0.0;
}

/* trials[n_cohorts]: those of one batch. */
static Verdict row_verdict(Arena *arena, const Fit *fit, const FitRow *row, const Trial *const *trials, size_t lane)
{
    const Trial *test = trials[row->test.cohort], *control = trials[row->control.cohort];
    if (test->failed)
        return verdict_missing(row->row, test->err.text);
    if (row->row->compares && control->failed)
        return verdict_missing(row->row, control->err.text);
    double *values = NEW_ARRAY(arena, double, 4);
    values[0] = sample_value(fit, trials, &row->test, lane);
    JudgeInput input = {.test = {&values[0], 1}};
    if (row->row->compares) {
        values[1] = sample_value(fit, trials, &row->control, lane);
        input.control = (JudgeSample){&values[1], 1};
    }
    if (row->row->changes) {
        values[2] = sample_value(fit, trials, &row->test_since, lane);
        values[3] = sample_value(fit, trials, &row->control_since, lane);
        input.test_since = (JudgeSample){&values[2], 1};
        input.control_since = (JudgeSample){&values[3], 1};
    }
    return judge_row(arena, row->row, &input);
}

/* ---- trials ---- */

/* The whole vector of the model with these values of the free parameters; `moved` (or none: n_parameters) is a step
 * off. */
static const double *model_vector(Arena *arena, const Fit *fit, const double *values, size_t moved)
{
    const Model *model = fit->model;
    double *vector = NEW_ARRAY(arena, double, model->n_parameters);
    for (size_t i = 0; i < model->n_parameters; i++)
        vector[i] = model->parameters[i].value;
    for (size_t i = 0; i < fit->n_parameters; i++) {
        const FitParameter *p = &fit->parameters[i];
        double z = z_of(p, values[i]) + step_of(p, values[i]);
        vector[p->index] = i == moved ? value_of(p, z) : values[i];
    }
    return vector;
}

/* The first cohort of fitted rows that does not integrate. */
static const char *trial_fault(Arena *arena, const Fit *fit, const Trial *trials, const size_t *cohorts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const FitCohort *cohort = &fit->cohorts[cohorts[i]];
        if (trials[i].failed && cohort->fitted)
            return arena_print(arena, "cohort '%s' of '%s': %s", cohort->name, cohort->experiment, trials[i].err.text);
    }
    return NULL;
}

/* Runs the vectors on all cohorts (or on those that are fitted), TRIAL_LANES vectors a batch of which the first is
 * every batch's first. ret_trials[batch][cohort]; the others are NULL. *ret_failure: NULL when all integrate. */
static bool run_vectors(Arena *arena, const Fit *fit, const FitOptions *options, const double *const *const *batches,
                        const size_t *sizes, size_t n_batches, bool all, const Trial ***ret_trials,
                        const char **ret_failure, bool *ret_stopped, Err *reterr)
{
    size_t n = 0;
    Trial *trials = NEW_ARRAY(arena, Trial, n_batches * fit->n_cohorts);
    size_t *cohorts = NEW_ARRAY(arena, size_t, n_batches * fit->n_cohorts);
    const TrialOptions run = {.rtol = options->rtol, .animal_s = options->animal_s, .stop = options->stop};
    for (size_t b = 0; b < n_batches; b++) {
        ret_trials[b] = NEW_ARRAY(arena, const Trial *, fit->n_cohorts);
        for (size_t c = 0; c < fit->n_cohorts; c++) {
            const FitCohort *cohort = &fit->cohorts[c];
            if (!all && !cohort->fitted)
                continue;
            trials[n] =
                (Trial){.plan = cohort->plan, .system = cohort->system, .vectors = batches[b], .n_vectors = sizes[b]};
            ret_trials[b][c] = &trials[n];
            cohorts[n++] = c;
        }
    }
    if (!trials_run(arena, trials, n, &run, options->n_workers, ret_stopped, reterr))
        return false;
    *ret_failure = trial_fault(arena, fit, trials, cohorts, n);
    return true;
}

/* ---- an evaluation ---- */

/* Residuals of all lanes of a batch into the columns of the Jacobian; false when a row has no value. */
static bool take_batch(Arena *arena, const Fit *fit, const double *values, const Trial *const *trials, size_t first,
                       size_t n_moved, Evaluation *evaluation)
{
    size_t r = 0;
    for (size_t i = 0; i < fit->n_rows; i++) {
        const FitRow *row = &fit->rows[i];
        double base = 0.0;
        for (size_t lane = 0; row->fitted && lane <= n_moved; lane++) {
            Verdict verdict = row_verdict(arena, fit, row, trials, lane);
            double residual = row_residual(row->row, verdict.estimate);
            if (!isfinite(residual)) {
                evaluation->failure = arena_print(arena, "row '%s' has no value: %s", row->row->id,
                                                  verdict.reason != NULL ? verdict.reason : "it is not finite");
                return false;
            }
            if (lane == 0)
                base = residual;
            else
                evaluation->jacobian[r * fit->n_parameters + first + lane - 1] =
                    (residual - base) / step_of(&fit->parameters[first + lane - 1], values[first + lane - 1]);
        }
        if (row->fitted && first == 0)
            evaluation->residuals[r] = base;
        r += row->fitted;
    }
    return true;
}

bool evaluate(Arena *arena, const Fit *fit, const FitOptions *options, const double *values, Evaluation *ret_evaluation,
              bool *ret_stopped, Err *reterr)
{
    enum { MOVED = TRIAL_LANES - 1 };
    size_t n = fit->n_parameters, n_batches = (n + MOVED - 1) / MOVED;
    const double ***batches = NEW_ARRAY(arena, const double **, n_batches);
    size_t *sizes = NEW_ARRAY(arena, size_t, n_batches);
    const Trial ***trials = NEW_ARRAY(arena, const Trial **, n_batches);
    Evaluation evaluation = {.residuals = NEW_ARRAY(arena, double, fit->n_fitted),
                             .jacobian = NEW_ARRAY(arena, double, fit->n_fitted *n)};
    for (size_t b = 0; b < n_batches; b++) {
        size_t left = n - b * MOVED;
        sizes[b] = 1 + (left < MOVED ? left : MOVED);
        batches[b] = NEW_ARRAY(arena, const double *, sizes[b]);
        batches[b][0] = model_vector(arena, fit, values, n);
        for (size_t lane = 1; lane < sizes[b]; lane++)
            batches[b][lane] = model_vector(arena, fit, values, b * MOVED + lane - 1);
    }
    if (!run_vectors(arena, fit, options, (const double *const *const *)batches, sizes, n_batches, false, trials,
                     &evaluation.failure, ret_stopped, reterr))
        return false;
    bool whole = evaluation.failure == NULL && !*ret_stopped;
    for (size_t b = 0; whole && b < n_batches; b++)
        whole = take_batch(arena, fit, values, trials[b], b * MOVED, sizes[b] - 1, &evaluation);
    *ret_evaluation = evaluation;
    return true;
}

Evaluation evaluation_copy(Arena *arena, const Fit *fit, const Evaluation *evaluation)
{
    size_t n = fit->n_fitted * fit->n_parameters;
    if (evaluation->failure != NULL)
        return (Evaluation){.failure = arena_print(arena, "%s", evaluation->failure)};
    Evaluation copy = {.residuals = NEW_ARRAY(arena, double, fit->n_fitted), .jacobian = NEW_ARRAY(arena, double, n)};
    memcpy(copy.residuals, evaluation->residuals, fit->n_fitted * sizeof(double));
    memcpy(copy.jacobian, evaluation->jacobian, n * sizeof(double));
    return copy;
}

/* ---- a look at every row ---- */

bool look_at(Arena *arena, const Fit *fit, const FitOptions *options, const double *values, FitLook *ret_look,
             bool *ret_stopped, Err *reterr)
{
    const double *vector = model_vector(arena, fit, values, fit->n_parameters), *const *batch = &vector;
    const Trial **trials;
    const char *failure;
    size_t size = 1;
    Verdict *verdicts = NEW_ARRAY(arena, Verdict, fit->n_rows);
    double *residuals = NEW_ARRAY(arena, double, fit->n_rows);
    FitLook look = {.values = values, .verdicts = verdicts, .residuals = residuals};
    if (!run_vectors(arena, fit, options, &batch, &size, 1, true, &trials, &failure, ret_stopped, reterr))
        return false;
    if (*ret_stopped)
        return true;
    if (failure != NULL)
        return err_set(reterr, ERR_SOLVE, "%s", failure);
    for (size_t i = 0; i < fit->n_rows; i++) {
        const FitRow *row = &fit->rows[i];
        verdicts[i] = row_verdict(arena, fit, row, trials, 0);
        residuals[i] = row->fitted ? row_residual(row->row, verdicts[i].estimate) : (double)NAN;
        if (row->fitted && !isfinite(residuals[i]))
            return err_set(reterr, ERR_SOLVE, "row '%s' has no value: %s", row->row->id,
                           verdicts[i].reason != NULL ? verdicts[i].reason : "it is not finite");
        look.data += row->fitted ? residuals[i] * residuals[i] : 0.0;
    }
    for (size_t i = 0; i < fit->n_parameters; i++)
        look.prior += z_of(&fit->parameters[i], values[i]) * z_of(&fit->parameters[i], values[i]);
    *ret_look = look;
    return true;
}

bool fit_look(Arena *arena, const Fit *fit, const FitOptions *options, FitLook *ret_look, bool *ret_stopped,
              Err *reterr)
{
    double *values = NEW_ARRAY(arena, double, fit->n_parameters);
    for (size_t i = 0; i < fit->n_parameters; i++)
        values[i] = fit->parameters[i].start;
    return look_at(arena, fit, options, values, ret_look, ret_stopped, reterr);
}
