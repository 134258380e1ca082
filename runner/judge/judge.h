/* SPDX-License-Identifier: Apache-2.0
 *
 * judge: values of simulated animals against a row of a reference -> Verdict. Pure: no files, no clock, no state.
 *
 * The estimate of each statistic, with m(x) the mean over animals (t the test sample, c the control):
 *
 *   ratio of means     m(t) / m(c)
 *   difference, sign   m(t) - m(c)
 *   mean               m(t)
 *   cv                 sd(t) / |m(t)|, sd with n - 1
 *   ratio of changes   m(t - t at since) / m(c - c at since)
 *   present, absent    fraction of animals with a value above 0
 *
 * Its 95 % interval is the percentile bootstrap over animals (Efron & Tibshirani, An Introduction to the Bootstrap,
 * 1993, chapter 13) with JUDGE_RESAMPLES resamples, drawn by Philox with a key made of the row's id alone: a verdict
 * depends on nothing but its row and its values. An animal keeps its value at `since`; when test and control are the
 * same animals (one cohort at two ages) they are drawn together.
 */
#ifndef MB_JUDGE_JUDGE_H
#define MB_JUDGE_JUDGE_H

#include "base/base.h"
#include "judge/reference.h"

enum { JUDGE_RESAMPLES = 2000 };

/* OUTCOME_KNOWN: it differs, and the row says why. A row that says so and agrees has a note. */
typedef enum Outcome { OUTCOME_AGREES, OUTCOME_DIFFERS, OUTCOME_KNOWN, OUTCOME_MISSING } Outcome;

typedef struct Verdict {
    const ReferenceRow *row; /* borrowed; its `where` points into the reference's file */
    Outcome outcome;
    bool uncertain;       /* agrees, but the interval leaves the band (present, absent: not every animal agrees) */
    double estimate;      /* NaN when missing */
    double low95, high95; /* NaN when there is no interval: missing, one animal, or `note` says why */
    size_t n, n_control;  /* animals; n_control 0 when the statistic has no control */
    const char *reason;   /* missing: why, else NULL */
    const char *note;     /* something the reader should know about this verdict, or NULL */
} Verdict;

typedef struct JudgeSample { /* one value an animal */
    const double *values;
    size_t n;
} JudgeSample;

/* `control` is used when row->compares, the two `since` when row->changes: the same animals in the same order as their
 * sample. */
typedef struct JudgeInput {
    JudgeSample test, control, test_since, control_since;
    bool same_animals; /* control[i] is the same animal as test[i] */
} JudgeInput;

/* Texts and scratch live on the arena. Empty samples, values that are not finite, a denominator of 0 and animals that
 * do not match make the verdict missing, with a reason. */
Verdict judge_row(Arena *arena, const ReferenceRow *row, const JudgeInput *input);

/* A verdict for a row whose values could not be had. `reason` is borrowed. */
Verdict verdict_missing(const ReferenceRow *row, const char *reason);

typedef struct VerdictCount {
    size_t n_agree, n_differ, n_known, n_missing;
    size_t n_uncertain; /* of those that agree */
} VerdictCount;

VerdictCount verdicts_count(const Verdict *verdicts, size_t n_verdicts);

/* The share of its animals that a cohort may lack by default, those that failed and those that are not stored yet: if
 * they are two standard deviations off, they move the mean by a tenth of one. Of fewer than 20 animals none may. */
#define JUDGE_MISSING 0.05

/* No row is missing, or differs but known ones; `strict`: nor is uncertain, nor differs at all. */
bool verdicts_pass(VerdictCount count, bool strict);

/* "agrees", "differs", "differs, as known", "missing" */
const char *outcome_name(Outcome outcome);

#endif
