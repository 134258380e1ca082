/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>

#include "report/report.h"
#include "report/table.h"

/* A run as far as rows need it. */
typedef struct RunView {
    Arena *arena;
    Store *store;
    int64_t run;
    const StoreCohortInfo *cohorts;
    size_t n_cohorts;
    const StoreUnexpressed *unexpressed;
    size_t n_unexpressed;
    const char **metrics;
    size_t n_metrics;
    const StorePoint *points;
    size_t n_points;
    const char **sites; /* distinct, in the order stored */
    size_t n_sites;
    double missing; /* a cohort may lack this share of its animals */
} RunView;

static bool is_among(const char *const *names, size_t n_names, const char *name)
{
    for (size_t i = 0; i < n_names; i++)
        if (text_equal(names[i], name))
            return true;
    return false;
}

static bool run_view_read(RunView *view, Err *reterr)
{
    const StoreMetricInfo *metrics;
    Arena *arena = view->arena;
    if (!store_cohorts(view->store, arena, view->run, &view->cohorts, &view->n_cohorts, reterr) ||
        !store_unexpressed(view->store, arena, view->run, &view->unexpressed, &view->n_unexpressed, reterr) ||
        !store_metrics(view->store, arena, view->run, &metrics, &view->n_metrics, reterr) ||
        !store_points(view->store, arena, view->run, &view->points, &view->n_points, reterr))
        return false;
    if (view->n_cohorts == 0)
        return err_set(reterr, ERR_INPUT, "the database has no run %" PRId64, view->run);

    view->metrics = NEW_ARRAY(arena, const char *, view->n_metrics);
    for (size_t i = 0; i < view->n_metrics; i++)
        view->metrics[i] = metrics[i].name;
    view->sites = NEW_ARRAY(arena, const char *, view->n_points);
    for (size_t i = 0; i < view->n_points; i++)
        if (!is_among(view->sites, view->n_sites, view->points[i].site))
            view->sites[view->n_sites++] = view->points[i].site;
    return true;
}

static const StoreCohortInfo *find_cohort(const RunView *view, const char *name)
{
    for (size_t i = 0; i < view->n_cohorts; i++)
        if (text_equal(view->cohorts[i].name, name))
            return &view->cohorts[i];
    return NULL;
}

/* -- why a row is missing -------------------------------------------------------------------------------------- */

/* "the run has no metric 'BV/TVV': did you mean 'BV/TV'?" */
static const char *unknown(const RunView *view, const char *kind, const char *name, const char *const *names,
                           size_t n_names)
{
    const char *hint = diag_suggest(view->arena, name, names, n_names);
    return arena_print(view->arena, "the run has no %s '%s'%s%s", kind, name, hint != NULL ? ": " : "",
                       hint != NULL ? hint : "");
}

static const char *cohort_fault(const RunView *view, const char *name)
{
    if (find_cohort(view, name) != NULL)
        return NULL;
    for (size_t i = 0; i < view->n_unexpressed; i++)
        if (text_equal(view->unexpressed[i].cohort, name))
            return arena_print(view->arena, "the model cannot express '%s': %s", name, view->unexpressed[i].reason);
    const char **names = NEW_ARRAY(view->arena, const char *, view->n_cohorts);
    for (size_t i = 0; i < view->n_cohorts; i++)
        names[i] = view->cohorts[i].name;
    return unknown(view, "cohort", name, names, view->n_cohorts);
}

static const char *site_fault(const RunView *view, const char *site)
{
    if (site != NULL)
        return view->n_sites == 0 || is_among(view->sites, view->n_sites, site)
                   ? NULL
                   : unknown(view, "site", site, view->sites, view->n_sites);
    if (view->n_sites <= 1)
        return NULL;
    Text text = text_new(view->arena);
    text_print(&text, "the run has %zu sites, name one of them:", view->n_sites);
    for (size_t i = 0; i < view->n_sites; i++)
        text_print(&text, "%s %s", i > 0 ? "," : "", view->sites[i]);
    return text_end(&text);
}

/* The age with measurements that is nearest; NaN when there is none at the site. */
static double nearest_age(const RunView *view, const ReferenceSample *sample)
{
    double nearest = (double)NAN;
    for (size_t i = 0; i < view->n_points; i++) {
        bool here = sample->site == NULL || text_equal(sample->site, view->points[i].site);
        bool nearer = isnan(nearest) || fabs(view->points[i].age_d - sample->age_d) < fabs(nearest - sample->age_d);
        if (here && nearer)
            nearest = view->points[i].age_d;
    }
    return nearest;
}

/* Cohort, metric and site are there, values are not. */
static const char *no_values(const RunView *view, const ReferenceRow *row, const ReferenceSample *sample)
{
    const StoreCohortInfo *cohort = find_cohort(view, sample->cohort);
    if (cohort->n_stored == 0)
        return arena_print(view->arena, "no animal of '%s' is stored yet", cohort->name);
    if (cohort->n_failed >= cohort->n_stored)
        return arena_print(view->arena, "all %zu animals of '%s' failed", cohort->n_failed, cohort->name);
    double nearest = nearest_age(view, sample);
    const char *age = table_age(view->arena, sample->age_d);
    if (isnan(nearest) || number_same(nearest, sample->age_d))
        return arena_print(view->arena, "'%s' of '%s' is not measured at %s", row->metric, cohort->name, age);
    return arena_print(view->arena, "'%s' of '%s' is not measured at %s, the nearest age is %s", row->metric,
                       cohort->name, age, table_age(view->arena, nearest));
}

/* -- values ---------------------------------------------------------------------------------------------------- */

/* False when the store fails. *ret_reason is set when the run does not hold the sample. */
static bool read_values(const RunView *view, const ReferenceRow *row, ReferenceSample sample, JudgeSample *ret_values,
                        const char **ret_reason, Err *reterr)
{
    if (*ret_reason == NULL)
        *ret_reason = cohort_fault(view, sample.cohort);
    if (*ret_reason == NULL)
        *ret_reason = site_fault(view, sample.site);
    if (*ret_reason != NULL)
        return true;
    if (!store_values(view->store, view->arena, view->run, sample.cohort, row->metric, sample.site, sample.age_d,
                      &ret_values->values, &ret_values->n, reterr))
        return false;
    if (ret_values->n == 0)
        *ret_reason = no_values(view, row, &sample);
    return true;
}

static ReferenceSample sample_since(const ReferenceRow *row, ReferenceSample sample)
{
    sample.age_d = row->since_d;
    return sample;
}

static bool read_input(const RunView *view, const ReferenceRow *row, JudgeInput *ret_input, const char **ret_reason,
                       Err *reterr)
{
    *ret_reason = cohort_fault(view, row->test.cohort);
    if (*ret_reason == NULL && !is_among(view->metrics, view->n_metrics, row->metric))
        *ret_reason = unknown(view, "metric", row->metric, view->metrics, view->n_metrics);
    if (!read_values(view, row, row->test, &ret_input->test, ret_reason, reterr))
        return false;
    if (row->compares && !read_values(view, row, row->control, &ret_input->control, ret_reason, reterr))
        return false;
    if (!row->changes)
        return true;
    return read_values(view, row, sample_since(row, row->test), &ret_input->test_since, ret_reason, reterr) &&
           read_values(view, row, sample_since(row, row->control), &ret_input->control_since, ret_reason, reterr);
}

static void note_cohort(const RunView *view, const char *name, Text *note)
{
    const StoreCohortInfo *cohort = find_cohort(view, name);
    if (cohort->n_failed > 0)
        text_print(note, "%s%zu of %zu animals of '%s' failed", note->length > 0 ? "; " : "", cohort->n_failed,
                   cohort->n_planned, name);
    if (cohort->n_stored < cohort->n_planned)
        text_print(note, "%s%zu of %zu animals of '%s' are stored yet", note->length > 0 ? "; " : "", cohort->n_stored,
                   cohort->n_planned, name);
}

/* Why there is no verdict on a cohort that lacks too many animals: those that failed are not missing at random. */
static const char *lack_fault(const RunView *view, const char *name)
{
    const StoreCohortInfo *cohort = find_cohort(view, name);
    size_t n_lacking = cohort->n_planned - cohort->n_stored + cohort->n_failed;
    if ((double)n_lacking <= view->missing * (double)cohort->n_planned)
        return NULL;
    Text text = text_new(view->arena);
    note_cohort(view, name, &text);
    text_print(&text, ": no verdict when more than %g %% are missing", 100.0 * view->missing);
    return text_end(&text);
}

/* What the judge said, and animals that are not in the samples. */
static const char *verdict_note(const RunView *view, const ReferenceRow *row, const char *judges_note)
{
    Text note = text_new(view->arena);
    if (judges_note != NULL)
        text_print(&note, "%s", judges_note);
    note_cohort(view, row->test.cohort, &note);
    if (row->compares && !text_equal(row->control.cohort, row->test.cohort))
        note_cohort(view, row->control.cohort, &note);
    return note.length > 0 ? text_end(&note) : NULL;
}

bool verdicts_read(Arena *arena, Store *store, int64_t run, const Reference *reference, double missing,
                   const Verdict **ret_verdicts, Err *reterr)
{
    RunView view = {.arena = arena, .store = store, .run = run, .missing = missing};
    if (!run_view_read(&view, reterr))
        return false;
    Verdict *verdicts = NEW_ARRAY(arena, Verdict, reference->n_rows);
    for (size_t i = 0; i < reference->n_rows; i++) {
        const ReferenceRow *row = &reference->rows[i];
        const char *reason = NULL;
        JudgeInput input = {0};
        if (!read_input(&view, row, &input, &reason, reterr))
            return err_note(reterr, "reading the values of row '%s'", row->id);
        if (reason == NULL)
            reason = lack_fault(&view, row->test.cohort);
        if (reason == NULL && row->compares)
            reason = lack_fault(&view, row->control.cohort);
        if (reason != NULL) {
            verdicts[i] = verdict_missing(row, reason);
            continue;
        }
        input.same_animals = row->compares && text_equal(row->test.cohort, row->control.cohort);
        verdicts[i] = judge_row(arena, row, &input);
        verdicts[i].note = verdict_note(&view, row, verdicts[i].note);
    }
    *ret_verdicts = verdicts;
    return true;
}
