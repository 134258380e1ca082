/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluates a parameter vector: the residuals of the fitted rows, and their derivatives.
 *
 * Derivatives are forward differences in z, away from the nearer bound. The step is 1e-4 in the logarithm of a value
 * (or 1e-4 spreads). With a smaller step, the errors of the integrator would matter: they are about 100 rtol = 1e-7,
 * but nearly the same in all lanes, because the lanes share their steps. With a larger step, the curvature would
 * matter, which now adds about 1e-4 of the derivative.
 */
#include <math.h>
#include <string.h>

#include "fit/fit_priv.h"

static const double STEP = 1e-4;

/* ---- coordinates ---- */

double fit_z_of_value(const FitParameter *parameter, double value)
{
    double from = parameter->prior;
    return (parameter->linear ? value - from : log(value / from)) / parameter->spread;
}

double fit_value_of_z(const FitParameter *parameter, double z)
{
    double moved = parameter->spread * z;
    return parameter->linear ? parameter->prior + moved : parameter->prior * exp(moved);
}

static double step_of(const FitParameter *parameter, double value)
{
    double z = fit_z_of_value(parameter, value), low = fit_z_of_value(parameter, parameter->low),
           high = fit_z_of_value(parameter, parameter->high);
    double step = parameter->linear ? STEP : STEP / parameter->spread;
    return z > 0.5 * (low + high) ? -step : step;
}

/* ---- residuals ---- */

/* The logarithm; below `from`, its tangent at `from`, so that an estimate of 0 has a large but finite residual. */
static double log_above(double value, double from)
{
    return value >= from ? log(value) : log(from) + (value - from) / from;
}

double fit_row_residual(const ReferenceRow *row, double estimate)
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

/* trials[n_cohorts]: the trials of one batch. */
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

/* All parameters of the model, with these values of the free ones. The free parameter `moved` is changed by one step
 * (n_parameters: none is). */
static const double *model_vector(Arena *arena, const Fit *fit, const double *values, size_t moved)
{
    const Model *model = fit->model;
    double *vector = NEW_ARRAY(arena, double, model->n_parameters);
    for (size_t i = 0; i < model->n_parameters; i++)
        vector[i] = model->parameters[i].value;
    for (size_t i = 0; i < fit->n_parameters; i++) {
        const FitParameter *p = &fit->parameters[i];
        double z = fit_z_of_value(p, values[i]) + step_of(p, values[i]);
        vector[p->index] = i == moved ? fit_value_of_z(p, z) : values[i];
    }
    return vector;
}

/* Why the first cohort of fitted rows that cannot be integrated failed; NULL when all can. */
static const char *trial_fault(Arena *arena, const Fit *fit, const Trial *trials, const size_t *cohorts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const FitCohort *cohort = &fit->cohorts[cohorts[i]];
        if (trials[i].failed && cohort->fitted)
            return arena_print(arena, "cohort '%s' of '%s': %s", cohort->name, cohort->experiment, trials[i].err.text);
    }
    return NULL;
}

/* Vectors in batches of TRIAL_LANES at most. All batches have the same first vector. */
typedef struct VectorBatches {
    const double ***vectors; /* [n][sizes[batch]] */
    size_t *sizes, n;
    bool all; /* simulate all cohorts, not only those of fitted rows */
    /* results: */
    const Trial ***trials; /* [n][fit->n_cohorts]; NULL: of a cohort that was left out */
    const char *failure;   /* NULL: all integrate */
} VectorBatches;

static VectorBatches batches_new(Arena *arena, size_t n)
{
    return (VectorBatches){.vectors = NEW_ARRAY(arena, const double **, n),
                           .sizes = NEW_ARRAY(arena, size_t, n),
                           .n = n,
                           .trials = NEW_ARRAY(arena, const Trial **, n)};
}

static bool batches_run(Arena *arena, Evaluator *evaluator, VectorBatches *batches, Err *reterr)
{
    const Fit *fit = evaluator->fit;
    size_t n_most = batches->n * fit->n_cohorts, *cohorts = NEW_ARRAY(arena, size_t, n_most);
    TrialList list = {.trials = NEW_ARRAY(arena, Trial, n_most)};
    for (size_t b = 0; b < batches->n; b++) {
        batches->trials[b] = NEW_ARRAY(arena, const Trial *, fit->n_cohorts);
        for (size_t c = 0; c < fit->n_cohorts; c++) {
            const FitCohort *cohort = &fit->cohorts[c];
            if (!batches->all && !cohort->fitted)
                continue;
            list.trials[list.n] = (Trial){.plan = cohort->plan,
                                          .system = cohort->system,
                                          .vectors = batches->vectors[b],
                                          .n_vectors = batches->sizes[b]};
            batches->trials[b][c] = &list.trials[list.n];
            cohorts[list.n++] = c;
        }
    }
    if (!trials_run(arena, list, evaluator->options, &evaluator->stopped, reterr))
        return false;
    batches->failure = trial_fault(arena, fit, list.trials, cohorts, list.n);
    return true;
}

/* ---- an evaluation ---- */

enum { MOVED = TRIAL_LANES - 1 }; /* vectors of a batch with one changed parameter */

/* Turns the residuals of all lanes of a batch into columns of the Jacobian. Returns false when a row has no value. */
static bool take_batch(Arena *arena, const Fit *fit, const double *values, const VectorBatches *batches, size_t batch,
                       Evaluation *evaluation)
{
    size_t r = 0, first = batch * MOVED; /* the parameter that lane 1 moves */
    for (size_t i = 0; i < fit->n_rows; i++) {
        const FitRow *row = &fit->rows[i];
        double base = 0.0;
        for (size_t lane = 0; row->fitted && lane < batches->sizes[batch]; lane++) {
            Verdict verdict = row_verdict(arena, fit, row, batches->trials[batch], lane);
            double residual = fit_row_residual(row->row, verdict.estimate);
            if (!isfinite(residual)) {
                evaluation->failure = arena_print(arena, "row '%s' has no value: %s", row->row->id,
                                                  verdict.reason != NULL ? verdict.reason : "it is not finite");
                return false;
            }
            size_t moved = first + lane - 1;
            if (lane == 0)
                base = residual;
            else
                evaluation->jacobian[r * fit->n_parameters + moved] = (residual - base) /
                                                                      step_of(&fit->parameters[moved], values[moved]);
        }
        if (row->fitted && first == 0)
            evaluation->residuals[r] = base;
        r += row->fitted;
    }
    return true;
}

bool evaluator_evaluate(Arena *arena, Evaluator *evaluator, const double *values, Evaluation *ret_evaluation,
                        Err *reterr)
{
    const Fit *fit = evaluator->fit;
    size_t n = fit->n_parameters;
    VectorBatches batches = batches_new(arena, (n + MOVED - 1) / MOVED);
    Evaluation evaluation = {.residuals = NEW_ARRAY(arena, double, fit->n_fitted),
                             .jacobian = NEW_ARRAY(arena, double, fit->n_fitted *n)};
    for (size_t b = 0; b < batches.n; b++) {
        size_t left = n - b * MOVED;
        batches.sizes[b] = 1 + (left < MOVED ? left : MOVED);
        batches.vectors[b] = NEW_ARRAY(arena, const double *, batches.sizes[b]);
        batches.vectors[b][0] = model_vector(arena, fit, values, n);
        for (size_t lane = 1; lane < batches.sizes[b]; lane++)
            batches.vectors[b][lane] = model_vector(arena, fit, values, b * MOVED + lane - 1);
    }
    if (!batches_run(arena, evaluator, &batches, reterr))
        return false;
    evaluation.failure = batches.failure;
    bool whole = evaluation.failure == NULL && !evaluator->stopped;
    for (size_t b = 0; whole && b < batches.n; b++)
        whole = take_batch(arena, fit, values, &batches, b, &evaluation);
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

bool evaluator_look(Arena *arena, Evaluator *evaluator, const double *values, FitAssessment *ret_assessment,
                    Err *reterr)
{
    const Fit *fit = evaluator->fit;
    const double *vector = model_vector(arena, fit, values, fit->n_parameters);
    VectorBatches batches = batches_new(arena, 1);
    Verdict *verdicts = NEW_ARRAY(arena, Verdict, fit->n_rows);
    double *residuals = NEW_ARRAY(arena, double, fit->n_rows);
    FitAssessment look = {.values = values, .verdicts = verdicts, .residuals = residuals};
    batches.vectors[0] = &vector;
    batches.sizes[0] = 1;
    batches.all = true;
    if (!batches_run(arena, evaluator, &batches, reterr))
        return false;
    if (evaluator->stopped)
        return true;
    if (batches.failure != NULL)
        return err_set(reterr, ERR_SOLVE, "%s", batches.failure);
    for (size_t i = 0; i < fit->n_rows; i++) {
        const FitRow *row = &fit->rows[i];
        verdicts[i] = row_verdict(arena, fit, row, batches.trials[0], 0);
        residuals[i] = row->fitted ? fit_row_residual(row->row, verdicts[i].estimate) : (double)NAN;
        if (row->fitted && !isfinite(residuals[i]))
            return err_set(reterr, ERR_SOLVE, "row '%s' has no value: %s", row->row->id,
                           verdicts[i].reason != NULL ? verdicts[i].reason : "it is not finite");
        look.data += row->fitted ? residuals[i] * residuals[i] : 0.0;
    }
    for (size_t i = 0; i < fit->n_parameters; i++)
        look.prior += fit_z_of_value(&fit->parameters[i], values[i]) * fit_z_of_value(&fit->parameters[i], values[i]);
    *ret_assessment = look;
    return true;
}

bool fit_assess(Arena *arena, const Fit *fit, const FitOptions *options, FitAssessment *ret_assessment,
                bool *ret_stopped, Err *reterr)
{
    double *values = NEW_ARRAY(arena, double, fit->n_parameters);
    for (size_t i = 0; i < fit->n_parameters; i++)
        values[i] = fit->parameters[i].start;
    Evaluator evaluator = {.fit = fit, .options = options};
    bool looked = evaluator_look(arena, &evaluator, values, ret_assessment, reterr);
    *ret_stopped = evaluator.stopped;
    return looked;
}
