/* SPDX-License-Identifier: Apache-2.0
 *
 * fit: free parameters of a model against rows of references. Front door of the room; alone knows cminpack. The file's
 * format is documented for users in models/README.md.
 *
 * What is minimised, over the free parameters p:
 *
 *   sum over rows  r_i(p)^2  +  sum over parameters  z_j^2,     z_j = log(p_j / prior_j) / spread_j
 *
 * ('scale: linear': z = (p - prior) / spread.) A row's residual is (estimate - target) / sd with sd = (high - low) / 4:
 * its band is taken as 2 standard errors to each side. Ratios whose target and low are above 0 are taken in logarithms,
 * continued as a straight line below a hundredth of `low`. A row of qualitative evidence pulls to no point: its
 * residual is 0 within the band, and outside the distance to the band's edge in the same sd. Estimates are those of the
 * typical animal, without noise. Rows with other statistics are judged, not fitted.
 *
 * Levenberg-Marquardt (cminpack's lmder) in u, where z = low + (high - low) / (1 + exp(-u)) within the bounds.
 * Derivatives are differences in z between lanes of one batch, which share every step (simulate/trial.h). A vector
 * that does not integrate has residuals of FIT_FAILED, so that the minimiser steps back.
 *
 * From J = dr/dz at the best point: covariance of z = (J'J + 1)^-1, the data and the priors together; the data say
 * nothing about directions of J'J with an eigenvalue below 1, which are narrower in the prior.
 *
 * Life cycle: fit_load; fit_run or fit_assess; the report room shows the result; fit_rewrite puts it into the model's
 * text. Everything is on the arena passed in. Evaluations stand in a journal (a text file): what is found there is not
 * computed again, and the minimiser, being a function of them, comes to where it was.
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
    bool linear; /* z = (value - prior) / spread; else of logarithms, and all are above 0 */
} FitParameter;

/* Where a value comes from. */
typedef struct FitSample {
    size_t cohort; /* index into Fit.cohorts */
    const char *metric, *site;
    double time;                /* model time */
    size_t output, at, site_at; /* indices of metric, time and site */
} FitSample;

typedef struct FitRow {
    const ReferenceRow *row;
    bool fitted;          /* else judged only */
    const char *left_out; /* why, in the fit file's words; NULL: it is not left out */
    FitSample test, control, test_since, control_since;
} FitRow;

/* A cohort that rows need, cut down to their sites and times, of typical animals. */
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

/* The same from nodes that were read already. */
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
    double animal_s;        /* of the clock, for a vector that does not integrate when it takes longer; 0: no limit */
    size_t max_evaluations; /* of one start; 0: 200 */
    const char *journal;    /* path; NULL: none is kept */
    bool fresh;             /* what the journal has is thrown away */
    const Stop *stop;       /* not NULL and set: ends soon, with what is evaluated in the journal */
    void (*progress)(void *context, const FitProgress *progress); /* NULL: none; from the calling thread */
    void *context;
} FitOptions;

/* Where a start came from and went. */
typedef struct FitStart {
    double first, last; /* sums of squares */
    size_t n_evaluations;
    bool converged;
    const char *failure; /* not NULL: its first vector does not integrate, and why */
} FitStart;

/* A parameter vector looked at: every row, fitted or judged. */
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

/* Looks at the model's own values. ERR_SOLVE names the cohort that does not integrate or the row without a value. */
MUST_CHECK bool fit_assess(Arena *arena, const Fit *fit, const FitOptions *options, FitAssessment *ret_assessment,
                           bool *ret_stopped, Err *reterr);

/* Minimises from every start. *ret_stopped: interrupted, *ret_result is untouched. ERR_SOLVE: the model's own values do
 * not integrate; ERR_STORE: the journal. */
MUST_CHECK bool fit_run(Arena *arena, const Fit *fit, const FitOptions *options, FitResult *ret_result,
                        bool *ret_stopped, Err *reterr);

/* The model's text with the new values (4 digits) and intervals (3 digits, outwards), all else untouched. ERR_INPUT: a
 * value stands there in a way that cannot be replaced. */
MUST_CHECK bool fit_rewrite(Arena *arena, const Fit *fit, const FitResult *result, Text *text, Err *reterr);

/* A value as fit_rewrite writes it. */
double fit_rounded(double value);

#endif
