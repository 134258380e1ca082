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

/* OUTCOME_KNOWN: the estimate differs, and the row says that it is known to differ. When such a row agrees, its verdict
 * has a note. */
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

/* The values for a row. judge_row uses `control` when row->compares, and both `since` samples when row->changes; these
 * have the same animals in the same order as their sample. */
typedef struct JudgeInput {
    JudgeSample test, control, test_since, control_since;
    bool same_animals; /* control[i] is the same animal as test[i] */
} JudgeInput;

/* Judges a row. Texts and scratch are on the arena. The verdict is missing, with a reason, when a sample is empty, a
 * value is not finite, a denominator is 0, or the animals of two samples do not match. */
Verdict judge_row(Arena *arena, const ReferenceRow *row, const JudgeInput *input);

/* The verdict on a row whose values are not available. `reason` is borrowed. */
Verdict verdict_missing(const ReferenceRow *row, const char *reason);

typedef struct VerdictCount {
    size_t n_agree, n_differ, n_known, n_missing;
    size_t n_uncertain; /* of those that agree */
} VerdictCount;

VerdictCount verdicts_count(const Verdict *verdicts, size_t n_verdicts);

/* The default share of its animals that a cohort may lack (failed, or not stored yet). If the lacking animals are two
 * standard deviations off the mean, they move it by a tenth of a standard deviation. A cohort of fewer than 20 animals
 * may lack none. */
#define JUDGE_MISSING 0.05

/* True when no row is missing, and no row differs except those that are known to. `strict`: also no row is uncertain,
 * and no row differs at all. */
bool verdicts_pass(VerdictCount count, bool strict);

/* "agrees", "differs", "differs, as known", "missing" */
const char *outcome_name(Outcome outcome);

#endif
