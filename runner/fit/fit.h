/* SPDX-License-Identifier: Apache-2.0
 *
 * fit: fits free parameters of a model to rows of references. Front door of the room, the only one that uses cminpack.
 * models/README.md documents the format of a fit file.
 *
 * A fit minimises, over the free parameters p:
 *
 *   sum over rows  r_i(p)^2  +  sum over parameters  z_j^2,     z_j = log(p_j / prior_j) / spread_j
 *
 * ('scale: linear': z = (p - prior) / spread.) The residual of a row is (estimate - target) / sd with sd = (high - low)
 * / 4: we read its band as 2 standard errors to each side. Ratios whose target and low are above 0 are compared by
 * their logarithms; below a hundredth of `low`, a straight line continues the logarithm. A row of qualitative evidence
 * has no target: its residual is 0 within the band, and outside the distance to the edge of the band, in the same sd.
 * Estimates are those of the typical animal, without noise. Rows with other statistics are judged, not fitted.
 *
 * Levenberg-Marquardt (cminpack's lmder) in u, where z = low + (high - low) / (1 + exp(-u)) within the bounds.
 * Derivatives are differences in z between lanes of one batch, which share every step (simulate/trial.h). A vector
 * that does not integrate has residuals of FIT_FAILED, so that the minimiser steps back.
 *
 * The covariance of z is (J'J + 1)^-1 with J = dr/dz at the best point: data and priors together. In a direction of J'J
 * with an eigenvalue below 1, the prior says more than the data.
 *
 * Life cycle: fit_load; fit_run or fit_assess; report/ shows the result; fit_rewrite writes it into the model's text.
 * Everything is on the arena that the caller passes. A journal (a text file) keeps the evaluations: what it has is not
 * computed again. The path of the minimiser depends on the evaluations alone, so a fit that was interrupted continues
 * where it was.
 * Thread rule: one thread calls the room; the room runs trials on n_workers threads.
 *
 * Diagnostics: fit.unknown-model, fit.no-parameters, fit.unknown-parameter, fit.measured, fit.bounds,
 * fit.start-outside (warning), fit.no-references, fit.no-experiment, fit.other-model, fit.unknown-cohort,
 * fit.unknown-site, fit.unknown-metric, fit.unknown-row, fit.no-width, fit.no-rows; plan.*, model.*, reference.* and
 * yaml.* of the files it loads.
 */
#ifndef MB_FIT_FIT_H
#define MB_FIT_FIT_H

#include "judge/judge.h"
#include "judge/reference.h"
#include "model/system.h"
#include "plan/plan.h"

typedef struct FitParameter {
    const char *name, *unit_text;
    uint32_t index; /* of the model's parameter */
    double start;   /* the model's own value */
    double low, high, prior, spread;
    bool linear; /* z = (value - prior) / spread; else z is of logarithms, and all values are above 0 */
} FitParameter;

/* The place of a value among the results of the trials. */
typedef struct FitSample {
    size_t cohort; /* index into Fit.cohorts */
    const char *metric, *site;
    double time;                /* model time */
    size_t output, at, site_at; /* indices of metric, time and site */
} FitSample;

typedef struct FitRow {
    const ReferenceRow *row;
    bool fitted;          /* else judged only */
    const char *left_out; /* the reason in the fit file; NULL: the row is not left out */
    FitSample test, control, test_since, control_since;
} FitRow;

/* A cohort that rows need, reduced to their sites and times, with a typical animal. */
typedef struct FitCohort {
    const char *name, *experiment;
    const Plan *plan; /* with this one cohort */
    const System *system;
    bool fitted; /* needed by rows that are fitted; else by judged ones alone */
} FitCohort;

typedef struct Fit {
    const char *name, *about, *path;
    const Model *model;
    uint64_t seed, n_starts;
    const FitParameter *parameters;
    size_t n_parameters;
    const FitRow *rows; /* in the order of the references */
    size_t n_rows, n_fitted;
    const FitCohort *cohorts;
    size_t n_cohorts;
    const char *texts; /* all that decides an evaluation, for the journal's key */
} Fit;

MUST_CHECK bool fit_load(Arena *arena, Units *units, const char *path, const PlanOptions *options, const Fit **ret_fit,
                         Diags *diags);

/* Builds the fit from a YAML tree. */
MUST_CHECK bool fit_build(Arena *arena, Units *units, const YamlNode *root, const PlanOptions *options,
                          const Fit **ret_fit, Diags *diags);

typedef struct FitProgress {
    size_t start, n_starts;        /* start counts from 1 */
    size_t n_evaluations, n_found; /* so far; found: in the journal */
    double sum_of_squares, lowest; /* of the last evaluation and the least of this start */
    double seconds;
    bool failed; /* the last one */
} FitProgress;

typedef struct FitOptions {
    size_t n_workers; /* >= 1 */
    double rtol;
    double animal_s;        /* limit of wall-clock time for a vector, which fails when it takes longer; 0: none */
    size_t max_evaluations; /* of one start; 0: 200 */
    const char *journal;    /* path; NULL: none is kept */
    bool fresh;             /* ignore and replace an existing journal */
    const Stop *stop;       /* not NULL and set: ends soon, with what is evaluated in the journal */
    void (*progress)(void *context, const FitProgress *progress); /* NULL: none; from the calling thread */
    void *context;
} FitOptions;

/* The beginning and the end of one start. */
typedef struct FitStart {
    double first, last; /* sums of squares */
    size_t n_evaluations;
    bool converged;
    const char *failure; /* not NULL: its first vector does not integrate, and why */
} FitStart;

/* All rows, fitted or judged, at one parameter vector. */
typedef struct FitAssessment {
    const double *values;    /* [n_parameters], in the parameters' units */
    const Verdict *verdicts; /* [n_rows] */
    const double *residuals; /* [n_rows]; NaN of rows that are judged only */
    double data, prior;      /* sums of squares */
} FitAssessment;

typedef struct FitResult {
    FitAssessment look; /* at the best vector */
    /* [n_parameters]: */
    const double *sd;          /* of z */
    const double *low, *high;  /* 95 % interval of the value, cut at its bounds */
    const double *learned;     /* 1 - sd^2: 0 the prior alone, 1 the data alone */
    const bool *at_bound;      /* within 1 % of the range of z */
    const double *correlation; /* [n][n] */
    const double *eigenvalues; /* of the data alone, in units of the prior spreads, ascending */
    const double *directions;  /* [n][n]: row k belongs to eigenvalue k; its largest part is above 0 */
    double n_determined;       /* sum of `learned`: parameters that the data determine */
    const FitStart *starts;    /* [fit->n_starts] */
    size_t best;               /* index of the best start */
    size_t n_evaluations, n_found;
} FitResult;

enum { FIT_FAILED = 1000 };

/* Evaluates all rows at the model's own values. ERR_SOLVE names the cohort that cannot be integrated, or the row
 * without a value. */
MUST_CHECK bool fit_assess(Arena *arena, const Fit *fit, const FitOptions *options, FitAssessment *ret_assessment,
                           bool *ret_stopped, Err *reterr);

/* Minimises from every start. *ret_stopped: interrupted, *ret_result is untouched. ERR_SOLVE: the model's own values do
 * not integrate; ERR_STORE: the journal. */
MUST_CHECK bool fit_run(Arena *arena, const Fit *fit, const FitOptions *options, FitResult *ret_result,
                        bool *ret_stopped, Err *reterr);

/* Makes the model's text with the fitted values (4 digits) and intervals (3 digits, rounded outwards); all other text
 * is unchanged. ERR_INPUT: a value is written in a form that cannot be replaced in place. */
MUST_CHECK bool fit_rewrite(Arena *arena, const Fit *fit, const FitResult *result, Text *text, Err *reterr);

/* A value as fit_rewrite writes it. */
double fit_rounded(double value);

/* The keys that each section of a fit file may have; for the manual. */
extern const FieldTable *const fit_fields[];
extern const size_t n_fit_fields;

#endif
