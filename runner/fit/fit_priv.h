/* SPDX-License-Identifier: Apache-2.0
 *
 * fit, inside the room: coordinates, evaluations, their journal, linear algebra, and trials on threads.
 */
#ifndef MB_FIT_FIT_PRIV_H
#define MB_FIT_FIT_PRIV_H

#include "fit/fit.h"
#include "simulate/trial.h"

/* samples.c: from references to rows and the cohorts that they need. */
typedef struct FitLoader {
    Arena *arena;
    Units *units;
    Diags *diags;
    const PlanOptions *options;
    const YamlNode *root;
    Fit *fit;
} FitLoader;

void samples_load(FitLoader *loader);

/* ---- coordinates: value <-> z, in units of the prior's spread ---- */

double fit_z_of_value(const FitParameter *parameter, double value);
double fit_value_of_z(const FitParameter *parameter, double z);

/* ---- fields.c: the keys of each section ---- */

extern const FieldTable fields_of_fit, fields_of_free;

/* ---- evaluate.c ---- */

/* The evaluation of a vector, for fitted rows only. */
typedef struct Evaluation {
    const char *failure; /* NULL: none */
    double *residuals;   /* [n_fitted] */
    double *jacobian;    /* [n_fitted][n_parameters]: by z */
} Evaluation;

Evaluation evaluation_copy(Arena *arena, const Fit *fit, const Evaluation *evaluation);

/* Evaluates vectors. When options->stop has ended an evaluation, `stopped` is set, and the evaluation is incomplete. */
typedef struct Evaluator {
    const Fit *fit;
    const FitOptions *options;
    bool stopped;
} Evaluator;

/* On the arena. False with ERR_SOLVE when no integrator can be set up. */
MUST_CHECK bool evaluator_evaluate(Arena *arena, Evaluator *evaluator, const double *values, Evaluation *ret_evaluation,
                                   Err *reterr);

/* Looks at a vector, at all rows. ERR_SOLVE: a fitted row has no value. */
MUST_CHECK bool evaluator_look(Arena *arena, Evaluator *evaluator, const double *values, FitAssessment *ret_assessment,
                               Err *reterr);

/* The residual of a fitted row for an estimate. */
double fit_row_residual(const ReferenceRow *row, double estimate);

/* ---- journal.c: evaluations by the values of their vector, in memory and (with a path) in a file ---- */

typedef struct Journal Journal;

/* Opens a journal. Reads the file when its key is that of the fit, else begins a new one. Errors: ERR_STORE. */
MUST_CHECK bool journal_open(Arena *arena, const Fit *fit, const FitOptions *options, Journal **ret_journal,
                             Err *reterr);
void journal_close(Journal **journal);
const Evaluation *journal_find(const Journal *journal, const double *values);
MUST_CHECK bool journal_add(Journal *journal, const double *values, const Evaluation *evaluation, Err *reterr);

/* ---- statistics.c ---- */

/* Eigenvalues, ascending, and eigenvectors (rows) of a symmetric matrix [n][n], by Jacobi's rotations. */
void statistics_eigen(Arena *arena, const double *matrix, size_t n, double *ret_values, double *ret_vectors);

/* Fills what follows from the Jacobian at the best vector. */
void statistics_uncertainty(Arena *arena, const Fit *fit, const double *values, const double *jacobian,
                            FitResult *result);

/* ---- trials.c ---- */

/* Trials that belong together; their outputs are on the arena. */
typedef struct TrialList {
    Trial *trials;
    size_t n;
} TrialList;

/* Runs all trials on threads. *ret_stopped: `stop` ended them, and the results are incomplete. Returns false when an
 * integrator cannot be set up. */
MUST_CHECK bool trials_run(Arena *arena, TrialList list, const FitOptions *options, bool *ret_stopped, Err *reterr);

#endif
