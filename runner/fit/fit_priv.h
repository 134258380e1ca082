/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the room: coordinates, evaluations and their journal, small linear algebra.
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

void load_references(FitLoader *loader);

/* ---- coordinates: value <-> z, in units of the prior's spread ---- */

double z_of(const FitParameter *parameter, double value);
double value_of(const FitParameter *parameter, double z);

/* ---- evaluate.c ---- */

/* A vector evaluated: fitted rows only. */
typedef struct Evaluation {
    const char *failure; /* NULL: none */
    double *residuals;   /* [n_fitted] */
    double *jacobian;    /* [n_fitted][n_parameters]: by z */
} Evaluation;

Evaluation evaluation_copy(Arena *arena, const Fit *fit, const Evaluation *evaluation);

/* False with ERR_SOLVE when no worker can be set up. */
MUST_CHECK bool evaluate(Arena *arena, const Fit *fit, const FitOptions *options, const double *values,
                         Evaluation *ret_evaluation, bool *ret_stopped, Err *reterr);

/* Looks at a vector, at all rows. ERR_SOLVE: a fitted row has no value. */
MUST_CHECK bool look_at(Arena *arena, const Fit *fit, const FitOptions *options, const double *values,
                        FitLook *ret_look, bool *ret_stopped, Err *reterr);

/* The residual of a fitted row for an estimate. */
double row_residual(const ReferenceRow *row, double estimate);

/* ---- journal.c: evaluations by the values of their vector, in memory and (with a path) in a file ---- */

typedef struct Journal Journal;

/* Reads what is there when its key is that of the fit, else begins anew. ERR_STORE. */
MUST_CHECK bool journal_open(Arena *arena, const Fit *fit, const FitOptions *options, Journal **ret_journal,
                             Err *reterr);
void journal_close(Journal **journal);
const Evaluation *journal_find(const Journal *journal, const double *values);
MUST_CHECK bool journal_add(Journal *journal, const double *values, const Evaluation *evaluation, Err *reterr);

/* ---- statistics.c ---- */

/* Eigenvalues, ascending, and eigenvectors (rows) of a symmetric matrix [n][n], by Jacobi's rotations. */
void eigen_symmetric(Arena *arena, const double *matrix, size_t n, double *ret_values, double *ret_vectors);

/* Fills what follows from the Jacobian at the best vector. */
void describe_uncertainty(Arena *arena, const Fit *fit, const double *values, const double *jacobian,
                          FitResult *result);

/* trials.c: runs all trials on threads, their outputs on the arena. *ret_stopped: by `stop`, and what came out is
 * incomplete. False when an integrator cannot be set up. */
MUST_CHECK bool trials_run(Arena *arena, Trial *trials, size_t n, const TrialOptions *options, size_t n_threads,
                           bool *ret_stopped, Err *reterr);

#endif
