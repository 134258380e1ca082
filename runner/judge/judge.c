/* SPDX-License-Identifier: Apache-2.0
 *
 * Judges one row of a reference: estimates the effect with its 95 % interval and compares it with the expected one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge.h"

static const double VERDICT_NONE = (double)NAN; /* the macro is a float */

Verdict verdict_missing(const ReferenceRow *row, const char *reason)
{
    return (Verdict){.row = row,
                     .outcome = OUTCOME_MISSING,
                     .reason = reason,
                     .estimate = VERDICT_NONE,
                     .low95 = VERDICT_NONE,
                     .high95 = VERDICT_NONE};
}

const char *outcome_name(Outcome outcome)
{
    static const char *const NAMES[] = {"agrees", "differs", "differs, as known", "missing"};
    ASSERT((size_t)outcome < ARRAY_LENGTH(NAMES));
    return NAMES[outcome];
}

VerdictCount verdicts_count(const Verdict *verdicts, size_t n_verdicts)
{
    VerdictCount count = {0};
    for (size_t i = 0; i < n_verdicts; i++) {
        count.n_agree += verdicts[i].outcome == OUTCOME_AGREES;
        count.n_differ += verdicts[i].outcome == OUTCOME_DIFFERS;
        count.n_known += verdicts[i].outcome == OUTCOME_KNOWN;
        count.n_missing += verdicts[i].outcome == OUTCOME_MISSING;
        count.n_uncertain += verdicts[i].uncertain;
    }
    return count;
}

bool verdicts_pass(VerdictCount count, bool strict)
{
    return count.n_differ == 0 && count.n_missing == 0 && !(strict && count.n_uncertain + count.n_known > 0);
}

/* -- the estimate ---------------------------------------------------------------------------------------------- */

static double sample_mean(JudgeSample sample)
{
    double sum = 0.0;
    for (size_t i = 0; i < sample.n; i++)
        sum += sample.values[i];
    return sum / (double)sample.n;
}

static double sample_sd(JudgeSample sample, double mean)
{
    double sum = 0.0;
    for (size_t i = 0; i < sample.n; i++)
        sum += (sample.values[i] - mean) * (sample.values[i] - mean);
    return sqrt(sum / (double)(sample.n - 1));
}

static double quotient(double above, double below)
{
    return fabs(below) > 0.0 ? above / below : VERDICT_NONE;
}

/* The estimate of the statistic; NaN when it is not defined. */
static double estimate(Statistic statistic, JudgeSample test, JudgeSample control)
{
    double mean = sample_mean(test);
    switch (statistic) {
    case STATISTIC_RATIO_OF_MEANS:
    case STATISTIC_RATIO_OF_CHANGES: return quotient(mean, sample_mean(control));
    case STATISTIC_DIFFERENCE:
    case STATISTIC_SIGN: return mean - sample_mean(control);
    case STATISTIC_CV: return quotient(sample_sd(test, mean), fabs(mean));
    case STATISTIC_MEAN:
    case STATISTIC_PRESENT:
    case STATISTIC_ABSENT: break;
    }
    return mean;
}

/* -- its interval ---------------------------------------------------------------------------------------------- */

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Interpolates linearly between order statistics (type 7 of Hyndman & Fan 1996, doi:10.1080/00031305.1996.10473566). */
static double quantile(const double *sorted, size_t n, double fraction)
{
    double place = fraction * (double)(n - 1);
    size_t below = (size_t)place, above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

static JudgeSample resample(RngKey key, size_t number, JudgeSample from, double *scratch)
{
    for (size_t i = 0; i < from.n; i++)
        scratch[i] = from.values[rng_below(key, (uint64_t)number * from.n + i, from.n)];
    return (JudgeSample){scratch, from.n};
}

/* Returns false when a resample has no estimate, for example because all its controls are 0. */
static bool bootstrap(Arena *arena, const ReferenceRow *row, JudgeSample test, JudgeSample control, bool same_animals,
                      double ret_interval[2])
{
    RngKey row_key = rng_key(hash_64(row->id, strlen(row->id), "", 0));
    RngKey test_key = rng_key_named(row_key, "test");
    RngKey control_key = same_animals ? test_key : rng_key_named(row_key, "control");
    double *test_scratch = NEW_ARRAY(arena, double, test.n), *control_scratch = NEW_ARRAY(arena, double, control.n);
    double *estimates = NEW_ARRAY(arena, double, JUDGE_RESAMPLES);
    for (size_t i = 0; i < JUDGE_RESAMPLES; i++) {
        JudgeSample drawn = resample(test_key, i, test, test_scratch);
        JudgeSample drawn_control = resample(control_key, i, control, control_scratch);
        estimates[i] = estimate(row->statistic, drawn, drawn_control);
        if (!isfinite(estimates[i]))
            return false;
    }
    qsort(estimates, JUDGE_RESAMPLES, sizeof *estimates, compare_doubles);
    ret_interval[0] = quantile(estimates, JUDGE_RESAMPLES, 0.025);
    ret_interval[1] = quantile(estimates, JUDGE_RESAMPLES, 0.975);
    return true;
}

/* -- what makes a row missing ---------------------------------------------------------------------------------- */

/* Why the sample cannot be used; NULL when it can. */
static const char *sample_fault(Arena *arena, const ReferenceRow *row, const char *cohort, JudgeSample sample)
{
    if (sample.n == 0)
        return arena_print(arena, "'%s' has no values of '%s'", cohort, row->metric);
    for (size_t i = 0; i < sample.n; i++)
        if (!isfinite(sample.values[i]))
            return arena_print(arena, "a value of '%s' in '%s' is not a finite number", row->metric, cohort);
    return NULL;
}

/* Prepares the sample for the estimate: changes since `since`; or 1 for an animal with the trait, 0 for one without. */
static JudgeSample sample_prepare(Arena *arena, const ReferenceRow *row, JudgeSample sample, JudgeSample since)
{
    bool counts = row->statistic == STATISTIC_PRESENT || row->statistic == STATISTIC_ABSENT;
    if (!counts && !row->changes)
        return sample;
    double *values = NEW_ARRAY(arena, double, sample.n);
    for (size_t i = 0; i < sample.n; i++)
        values[i] = counts ? (sample.values[i] > 0.0 ? 1.0 : 0.0) : sample.values[i] - since.values[i];
    return (JudgeSample){values, sample.n};
}

static const char *pair_fault(Arena *arena, const char *cohort, JudgeSample at, JudgeSample since)
{
    if (at.n == since.n)
        return NULL;
    return arena_print(arena, "'%s' has %zu animals at 'at' and %zu at 'since'", cohort, at.n, since.n);
}

static const char *input_fault(Arena *arena, const ReferenceRow *row, const JudgeInput *input)
{
    const char *test = row->test.cohort, *control = row->control.cohort;
    const char *fault = sample_fault(arena, row, test, input->test);
    if (fault == NULL && row->compares)
        fault = sample_fault(arena, row, control, input->control);
    if (fault == NULL && row->changes)
        fault = sample_fault(arena, row, test, input->test_since);
    if (fault == NULL && row->changes)
        fault = sample_fault(arena, row, control, input->control_since);
    if (fault == NULL && row->changes)
        fault = pair_fault(arena, test, input->test, input->test_since);
    if (fault == NULL && row->changes)
        fault = pair_fault(arena, control, input->control, input->control_since);
    if (fault == NULL && row->statistic == STATISTIC_CV && input->test.n == 1)
        fault = arena_print(arena, "a cv needs 2 animals or more, '%s' has 1", test);
    return fault;
}

/* -- the outcome ----------------------------------------------------------------------------------------------- */

typedef struct Band {
    double low, high;
    bool open; /* the ends are outside of the band */
} Band;

static Band row_band(const ReferenceRow *row)
{
    if (row->statistic == STATISTIC_PRESENT)
        return (Band){0.5, HUGE_VAL, true};
    if (row->statistic == STATISTIC_ABSENT)
        return (Band){-HUGE_VAL, 0.5, true};
    if (row->statistic == STATISTIC_SIGN)
        return row->sign == SIGN_POSITIVE ? (Band){0.0, HUGE_VAL, true} : (Band){-HUGE_VAL, 0.0, true};
    return (Band){row->low, row->high, false};
}

static bool band_holds(Band band, double value)
{
    return band.open ? value > band.low && value < band.high : value >= band.low && value <= band.high;
}

static bool is_uncertain(const ReferenceRow *row, Band band, const Verdict *verdict, bool undefined)
{
    if (verdict->outcome != OUTCOME_AGREES)
        return false;
    if (row->statistic == STATISTIC_PRESENT)
        return verdict->estimate < 1.0;
    if (row->statistic == STATISTIC_ABSENT)
        return verdict->estimate > 0.0;
    if (isnan(verdict->low95))
        return undefined;
    return !band_holds(band, verdict->low95) || !band_holds(band, verdict->high95);
}

/* Judges an expected sign of zero: the row agrees when the interval contains 0. Without an interval, it agrees only
 * when the estimate is exactly 0; else the verdict is missing. */
static void judge_zero(Verdict *verdict)
{
    bool none = isnan(verdict->low95), is_zero = !(fabs(verdict->estimate) > 0.0);
    if (none && !is_zero) {
        size_t n = verdict->n, n_control = verdict->n_control;
        *verdict = verdict_missing(verdict->row, "an expected sign of zero needs an interval: 2 animals or more");
        verdict->n = n;
        verdict->n_control = n_control;
        return;
    }
    bool holds = none || (verdict->low95 <= 0.0 && verdict->high95 >= 0.0);
    verdict->outcome = holds ? OUTCOME_AGREES : OUTCOME_DIFFERS;
}

static Verdict judge(Arena *arena, const ReferenceRow *row, const JudgeInput *input)
{
    Verdict verdict = verdict_missing(row, input_fault(arena, row, input));
    verdict.n = input->test.n;
    verdict.n_control = row->compares ? input->control.n : 0;
    if (verdict.reason != NULL)
        return verdict;

    JudgeSample test = sample_prepare(arena, row, input->test, input->test_since);
    JudgeSample control = row->compares ? sample_prepare(arena, row, input->control, input->control_since) : test;
    double value = estimate(row->statistic, test, control);
    if (!isfinite(value)) {
        const char *below = row->compares ? row->control.cohort : row->test.cohort;
        verdict.reason = arena_print(arena, "the mean %sof '%s' in '%s' is 0: no ratio", row->changes ? "change " : "",
                                     row->metric, below);
        return verdict;
    }
    verdict.estimate = value;

    bool same_animals = !row->compares || (input->same_animals && test.n == control.n);
    double interval[2] = {VERDICT_NONE, VERDICT_NONE};
    bool single = test.n == 1 || control.n == 1;
    bool undefined = !single && !bootstrap(arena, row, test, control, same_animals, interval);
    verdict.low95 = interval[0];
    verdict.high95 = interval[1];
    if (single)
        verdict.note = "1 animal in a sample: no interval";
    else if (undefined)
        verdict.note = "no interval: some resamples have a denominator of 0";

    if (row->statistic == STATISTIC_SIGN && row->sign == SIGN_ZERO) {
        judge_zero(&verdict);
        return verdict;
    }
    Band band = row_band(row);
    verdict.outcome = band_holds(band, value) ? OUTCOME_AGREES : OUTCOME_DIFFERS;
    verdict.uncertain = is_uncertain(row, band, &verdict, undefined);
    return verdict;
}

Verdict judge_row(Arena *arena, const ReferenceRow *row, const JudgeInput *input)
{
    Verdict verdict = judge(arena, row, input);
    if (row->known == NULL || verdict.outcome == OUTCOME_MISSING)
        return verdict;
    if (verdict.outcome == OUTCOME_DIFFERS) {
        verdict.outcome = OUTCOME_KNOWN;
        verdict.note = verdict.note != NULL ? arena_print(arena, "known to differ: %s; %s", row->known, verdict.note)
                                            : arena_print(arena, "known to differ: %s", row->known);
    } else {
        verdict.note = "it agrees, although it is known to differ: take 'known' out of the row";
    }
    return verdict;
}
