/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the values for each row of a reference and has them judged, or finds out why the run does not have them.
 */
#include <math.h>

#include "compare/compare.h"

/* -- why a row is missing -------------------------------------------------------------------------------------- */

/* "the run has no metric 'BV/TVV': did you mean 'BV/TV'?" */
static const char *unknown(const StoredRun *run, const char *kind, const char *name, const char *const *names,
                           size_t n_names)
{
    const char *hint = diag_suggest(run->arena, name, names, n_names);
    return arena_print(run->arena, "the run has no %s '%s'%s%s", kind, name, hint != NULL ? ": " : "",
                       hint != NULL ? hint : "");
}

static const char *unknown_metric(const StoredRun *run, const char *name)
{
    const char **names = NEW_ARRAY(run->arena, const char *, run->n_metrics);
    for (size_t i = 0; i < run->n_metrics; i++)
        names[i] = run->metrics[i].name;
    return unknown(run, "metric", name, names, run->n_metrics);
}

static const char *cohort_fault(const StoredRun *run, const char *name)
{
    if (stored_run_find_cohort(run, name) != NULL)
        return NULL;
    for (size_t i = 0; i < run->n_unexpressed; i++)
        if (text_equal(run->unexpressed[i].cohort, name))
            return arena_print(run->arena, "the model cannot express '%s': %s", name, run->unexpressed[i].reason);
    const char **names = NEW_ARRAY(run->arena, const char *, run->n_cohorts);
    for (size_t i = 0; i < run->n_cohorts; i++)
        names[i] = run->cohorts[i].name;
    return unknown(run, "cohort", name, names, run->n_cohorts);
}

static const char *site_fault(const StoredRun *run, const char *site)
{
    if (site != NULL)
        return run->n_sites == 0 || stored_run_has_site(run, site)
                   ? NULL
                   : unknown(run, "site", site, run->sites, run->n_sites);
    if (run->n_sites <= 1)
        return NULL;
    Text text = text_new(run->arena);
    text_print(&text, "the run has %zu sites, name one of them:", run->n_sites);
    for (size_t i = 0; i < run->n_sites; i++)
        text_print(&text, "%s %s", i > 0 ? "," : "", run->sites[i]);
    return text_string(&text);
}

/* The measured age nearest to the sample's age; NaN when nothing is measured at the site. */
static double nearest_age(const StoredRun *run, const ReferenceSample *sample)
{
    double nearest = (double)NAN;
    for (size_t i = 0; i < run->n_points; i++) {
        bool here = sample->site == NULL || text_equal(sample->site, run->points[i].site);
        bool nearer = isnan(nearest) || fabs(run->points[i].age_d - sample->age_d) < fabs(nearest - sample->age_d);
        if (here && nearer)
            nearest = run->points[i].age_d;
    }
    return nearest;
}

/* Why there are no values, although the run has the cohort, the metric and the site. */
static const char *no_values(const StoredRun *run, const ReferenceRow *row, const ReferenceSample *sample)
{
    const StoreCohortInfo *cohort = stored_run_find_cohort(run, sample->cohort);
    if (cohort->n_stored == 0)
        return arena_print(run->arena, "no animal of '%s' is stored yet", cohort->name);
    if (cohort->n_failed >= cohort->n_stored)
        return arena_print(run->arena, "all %zu animals of '%s' failed", cohort->n_failed, cohort->name);
    double nearest = nearest_age(run, sample);
    const char *age = text_show_age(run->arena, sample->age_d);
    if (isnan(nearest) || number_same(nearest, sample->age_d))
        return arena_print(run->arena, "'%s' of '%s' is not measured at %s", row->metric, cohort->name, age);
    return arena_print(run->arena, "'%s' of '%s' is not measured at %s, the nearest age is %s", row->metric,
                       cohort->name, age, text_show_age(run->arena, nearest));
}

/* -- values ---------------------------------------------------------------------------------------------------- */

/* Returns false when the store fails. Sets *ret_reason when the run does not have the sample. */
static bool read_values(const StoredRun *run, const ReferenceRow *row, ReferenceSample sample, JudgeSample *ret_values,
                        const char **ret_reason, Err *reterr)
{
    if (*ret_reason == NULL)
        *ret_reason = cohort_fault(run, sample.cohort);
    if (*ret_reason == NULL)
        *ret_reason = site_fault(run, sample.site);
    if (*ret_reason != NULL)
        return true;
    const StoreSelection selection = {run->run, sample.cohort, row->metric, sample.site, sample.age_d};
    if (!store_values(run->arena, run->store, &selection, &ret_values->values, &ret_values->n, reterr))
        return false;
    if (ret_values->n == 0)
        *ret_reason = no_values(run, row, &sample);
    return true;
}

static ReferenceSample sample_since(const ReferenceRow *row, ReferenceSample sample)
{
    sample.age_d = row->since_d;
    return sample;
}

static bool read_input(const StoredRun *run, const ReferenceRow *row, JudgeInput *ret_input, const char **ret_reason,
                       Err *reterr)
{
    *ret_reason = cohort_fault(run, row->test.cohort);
    if (*ret_reason == NULL && stored_run_find_metric(run, row->metric) == NULL)
        *ret_reason = unknown_metric(run, row->metric);
    if (!read_values(run, row, row->test, &ret_input->test, ret_reason, reterr))
        return false;
    if (row->compares && !read_values(run, row, row->control, &ret_input->control, ret_reason, reterr))
        return false;
    if (!row->changes)
        return true;
    return read_values(run, row, sample_since(row, row->test), &ret_input->test_since, ret_reason, reterr) &&
           read_values(run, row, sample_since(row, row->control), &ret_input->control_since, ret_reason, reterr);
}

static void note_cohort(const StoredRun *run, const char *name, Text *note)
{
    const StoreCohortInfo *cohort = stored_run_find_cohort(run, name);
    if (cohort->n_failed > 0)
        text_print(note, "%s%zu of %zu animals of '%s' failed", note->length > 0 ? "; " : "", cohort->n_failed,
                   cohort->n_planned, name);
    if (cohort->n_stored < cohort->n_planned)
        text_print(note, "%s%zu of %zu animals of '%s' are stored yet", note->length > 0 ? "; " : "", cohort->n_stored,
                   cohort->n_planned, name);
}

/* Why there is no verdict: the cohort lacks too many animals. Animals that failed are not missing at random, so the
 * others may not represent the cohort. NULL: it has enough. */
static const char *lack_fault(const StoredRun *run, const char *name, double missing)
{
    const StoreCohortInfo *cohort = stored_run_find_cohort(run, name);
    size_t n_lacking = cohort->n_planned - cohort->n_stored + cohort->n_failed;
    if ((double)n_lacking <= missing * (double)cohort->n_planned)
        return NULL;
    Text text = text_new(run->arena);
    note_cohort(run, name, &text);
    text_print(&text, ": no verdict when more than %g %% are missing", 100.0 * missing);
    return text_string(&text);
}

/* The note of the judge, then how many animals are not in the samples. */
static const char *verdict_note(const StoredRun *run, const ReferenceRow *row, const char *judges_note)
{
    Text note = text_new(run->arena);
    if (judges_note != NULL)
        text_print(&note, "%s", judges_note);
    note_cohort(run, row->test.cohort, &note);
    if (row->compares && !text_equal(row->control.cohort, row->test.cohort))
        note_cohort(run, row->control.cohort, &note);
    return note.length > 0 ? text_string(&note) : NULL;
}

bool verdicts_read(const StoredRun *run, const Reference *reference, double missing, const Verdict **ret_verdicts,
                   Err *reterr)
{
    Verdict *verdicts = NEW_ARRAY(run->arena, Verdict, reference->n_rows);
    for (size_t i = 0; i < reference->n_rows; i++) {
        const ReferenceRow *row = &reference->rows[i];
        const char *reason = NULL;
        JudgeInput input = {0};
        if (!read_input(run, row, &input, &reason, reterr))
            return err_note(reterr, "reading the values of row '%s'", row->id);
        if (reason == NULL)
            reason = lack_fault(run, row->test.cohort, missing);
        if (reason == NULL && row->compares)
            reason = lack_fault(run, row->control.cohort, missing);
        if (reason != NULL) {
            verdicts[i] = verdict_missing(row, reason);
            continue;
        }
        input.same_animals = row->compares && text_equal(row->test.cohort, row->control.cohort);
        verdicts[i] = judge_row(run->arena, row, &input);
        verdicts[i].note = verdict_note(run, row, verdicts[i].note);
    }
    *ret_verdicts = verdicts;
    return true;
}
