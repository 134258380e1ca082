/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads the references of a fit: gathers the rows and the cohorts that they need. Each cohort is reduced to the sites
 * and times of its rows, with one typical animal. Rows that are judged and not fitted have cohorts of their own, which
 * are simulated only at the end.
 */
#include <math.h>
#include <string.h>

#include "fit/fit_priv.h"

/* An experiment that some reference names. */
typedef struct Experiment {
    const char *path;
    const Plan *plan;    /* NULL: could not be loaded */
    const char **record; /* symbols that rows need beside phenotypes and traits */
    size_t n_record;
    const System *system;
} Experiment;

typedef struct Need {
    Experiment *experiment;
    const Cohort *cohort;
    bool fitted;
    VEC(const Option *) sites;
    VEC(double) times;
} Need;

typedef struct Gatherer {
    FitLoader *loader;
    VEC(Experiment *) experiments;
    VEC(Need) needs;
    VEC(FitRow) rows;
} Gatherer;

/* -- experiments -------------------------------------------------------------------------------------------------- */

/* Takes over errors but no warnings: the warnings of the model would come again with every experiment. */
static void take_errors(const Diags *from, Diags *diags)
{
    for (size_t i = 0; i < from->n; i++)
        if (from->list[i].severity == SEVERITY_ERROR)
            diag_error(diags, from->list[i].id, from->list[i].where, from->list[i].hint, "%s", from->list[i].text);
}

static Experiment *load_experiment(Gatherer *gatherer, const char *path, Where named)
{
    FitLoader *loader = gatherer->loader;
    for (size_t i = 0; i < gatherer->experiments.n; i++)
        if (text_equal(gatherer->experiments.items[i]->path, path))
            return gatherer->experiments.items[i];
    Experiment *experiment = NEW(loader->arena, Experiment);
    experiment->path = path;
    *vec_push(loader->arena, &gatherer->experiments) = experiment;
    const Plan *plan;
    Diags diags = diags_new(loader->arena);
    bool loaded = plan_load(loader->arena, loader->units, path, loader->options, &plan, &diags);
    take_errors(&diags, loader->diags);
    if (!loaded)
        return experiment;
    const Model *model = loader->fit->model;
    if (!text_equal(plan->model->text, model->text)) {
        diag_error(loader->diags, "fit.other-model", named, NULL,
                   "the experiment '%s' has the model '%s', the fit '%s'", path, plan->model->path, model->path);
        return experiment;
    }
    experiment->plan = plan;
    experiment->record = NEW_ARRAY(loader->arena, const char *, model->symbols.n);
    return experiment;
}

/* Finds the experiment of a reference beside the folder of the references, or in it. */
static Experiment *find_experiment(Gatherer *gatherer, const Reference *reference, const YamlNode *item,
                                   const char *reference_path)
{
    FitLoader *loader = gatherer->loader;
    if (reference->experiment == NULL) {
        diag_error(loader->diags, "fit.no-experiment", item->where, "add 'experiment: <name>' to it",
                   "the reference '%s' names no experiment", reference->name);
        return NULL;
    }
    const char *file = arena_print(loader->arena, "%s.yaml", reference->experiment);
    const char *path =
        plan_find_model(loader->arena, arena_print(loader->arena, "../%s", file), reference_path, loader->options);
    if (path == NULL)
        path = plan_find_model(loader->arena, file, reference_path, loader->options);
    if (path == NULL || text_equal(path, reference_path)) {
        diag_error(loader->diags, "fit.no-experiment", item->where, NULL,
                   "the experiment '%s' of the reference '%s' is neither in the folder above it nor beside it",
                   reference->experiment, reference->name);
        return NULL;
    }
    return load_experiment(gatherer, path, item->where);
}

/* -- samples ------------------------------------------------------------------------------------------------------ */

static const Cohort *samples_find_cohort(const Plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->n_cohorts; i++)
        if (text_equal(plan->cohorts[i].name, name))
            return &plan->cohorts[i];
    return NULL;
}

/* Returns false when the cohort lacks the site, or has several and the row names none. *ret_site is NULL when the model
 * has no sites. */
static bool find_site(const Cohort *cohort, const char *name, const Option **ret_site)
{
    bool found = false;
    for (size_t i = 0; i < cohort->n_sites && !found; i++) {
        found = name == NULL ? cohort->n_sites == 1 : text_equal(plan_site_name(cohort->sites[i]), name);
        *ret_site = cohort->sites[i];
    }
    return found;
}

/* Makes the metric an output. Phenotypes and traits are outputs already; states, quantities and parameters become one.
 * */
static bool want_metric(Experiment *experiment, const char *metric)
{
    const Model *model = experiment->plan->model;
    bool known = false;
    for (size_t i = 0; i < model->n_phenotypes; i++)
        known = known || text_equal(model->phenotypes[i].name, metric);
    for (size_t i = 0; i < model->n_traits; i++)
        known = known || text_equal(model->traits[i].name, metric);
    for (size_t i = 0; i < experiment->n_record; i++)
        known = known || text_equal(experiment->record[i], metric);
    if (known)
        return true;
    if (map_find(&model->symbols, metric) == NULL)
        return false;
    experiment->record[experiment->n_record++] = metric;
    return true;
}

static const char *suggest_metric(Diags *diags, const Model *model, const char *metric)
{
    const char *phenotype =
        model_suggest_named(diags, metric, model->phenotypes, model->n_phenotypes, sizeof *model->phenotypes);
    return phenotype != NULL ? phenotype : model_suggest_symbol(diags, model, metric);
}

static double model_time(const Plan *plan, double age_d)
{
    double time = age_d / plan->model->days_per_time;
    for (size_t i = 0; i < plan->n_times; i++)
        if (number_same(plan->times[i], time))
            return plan->times[i];
    return time;
}

static size_t need_cohort(Gatherer *gatherer, Experiment *experiment, const Cohort *cohort, bool fitted)
{
    for (size_t i = 0; i < gatherer->needs.n; i++)
        if (gatherer->needs.items[i].cohort == cohort && gatherer->needs.items[i].fitted == fitted)
            return i;
    *vec_push(gatherer->loader->arena, &gatherer->needs) =
        (Need){.experiment = experiment, .cohort = cohort, .fitted = fitted};
    return gatherer->needs.n - 1;
}

static void need_time(Arena *arena, Need *need, double time)
{
    for (size_t i = 0; i < need->times.n; i++)
        if (number_same(need->times.items[i], time))
            return;
    size_t place = need->times.n;
    (void)vec_push(arena, &need->times);
    for (; place > 0 && need->times.items[place - 1] > time; place--)
        need->times.items[place] = need->times.items[place - 1];
    need->times.items[place] = time;
}

static bool add_sample(Gatherer *gatherer, Experiment *experiment, const FitRow *row, const ReferenceSample *from,
                       double age_d, FitSample *ret_sample)
{
    FitLoader *loader = gatherer->loader;
    const ReferenceRow *r = row->row;
    const Plan *plan = experiment->plan;
    const Cohort *cohort = samples_find_cohort(plan, from->cohort);
    const Option *site;
    if (cohort == NULL)
        return diag_error(loader->diags, "fit.unknown-cohort", r->where,
                          model_suggest_named(loader->diags, from->cohort, plan->cohorts, plan->n_cohorts,
                                              sizeof *plan->cohorts),
                          "row '%s': the experiment '%s' has no cohort '%s'", r->id, plan->name, from->cohort);
    if (!find_site(cohort, from->site, &site))
        return diag_error(loader->diags, "fit.unknown-site", r->where, "name one of them in 'at'",
                          "row '%s': the cohort '%s' is %s%s", r->id, cohort->name,
                          from->site != NULL ? "not measured at " : "measured at several sites",
                          from->site != NULL ? from->site : "");
    if (!want_metric(experiment, r->metric))
        return diag_error(loader->diags, "fit.unknown-metric", r->where,
                          suggest_metric(loader->diags, plan->model, r->metric), "row '%s': the model '%s' has no '%s'",
                          r->id, plan->model->name, r->metric);
    FitSample sample = {.metric = r->metric,
                        .site = plan_site_name(site),
                        .cohort = need_cohort(gatherer, experiment, cohort, row->fitted),
                        .time = model_time(plan, age_d)};
    Need *need = &gatherer->needs.items[sample.cohort];
    bool there = false;
    for (size_t i = 0; i < need->sites.n; i++)
        there = there || need->sites.items[i] == site;
    if (!there)
        *vec_push(loader->arena, &need->sites) = site;
    need_time(loader->arena, need, sample.time);
    *ret_sample = sample;
    return true;
}

/* -- rows --------------------------------------------------------------------------------------------------------- */

/* True when the statistic is a smooth function of the values of the typical animal. */
static bool is_fittable(const Model *model, const ReferenceRow *row)
{
    for (size_t i = 0; i < model->n_traits; i++)
        if (text_equal(model->traits[i].name, row->metric))
            return false;
    return row->statistic == STATISTIC_RATIO_OF_MEANS || row->statistic == STATISTIC_DIFFERENCE ||
           row->statistic == STATISTIC_MEAN || row->statistic == STATISTIC_RATIO_OF_CHANGES;
}

static void samples_add_row(Gatherer *gatherer, Experiment *experiment, const ReferenceRow *from,
                            const YamlNode *leave_out)
{
    FitLoader *loader = gatherer->loader;
    FitRow row = {.row = from, .fitted = is_fittable(loader->fit->model, from)};
    const YamlNode *reason = yaml_find(leave_out, from->id);
    if (reason != NULL) {
        row.fitted = false;
        row.left_out = "";
        if (!yaml_text(reason, arena_print(loader->arena, "the reason to leave out '%s'", from->id), &row.left_out,
                       loader->diags))
            return;
    }
    if (row.fitted && !(from->high > from->low)) {
        diag_error(loader->diags, "fit.no-width", from->where, "give it a band, or leave it out",
                   "the band of row '%s' has no width: its residual would be infinite", from->id);
        return;
    }
    const ReferenceSample *test = &from->test, *control = &from->control;
    bool added = add_sample(gatherer, experiment, &row, test, test->age_d, &row.test);
    if (added && from->compares)
        added = add_sample(gatherer, experiment, &row, control, control->age_d, &row.control);
    if (added && from->changes)
        added = add_sample(gatherer, experiment, &row, test, from->since_d, &row.test_since) &&
                add_sample(gatherer, experiment, &row, control, from->since_d, &row.control_since);
    if (!added)
        return;
    *vec_push(loader->arena, &gatherer->rows) = row;
    loader->fit->n_fitted += row.fitted;
}

static const char *beside(Arena *arena, const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    if (path[0] == '/' || slash == NULL)
        return path;
    return arena_print(arena, "%.*s%s", (int)(slash - file) + 1, file, path);
}

static void load_reference(Gatherer *gatherer, const YamlNode *item, const YamlNode *leave_out)
{
    FitLoader *loader = gatherer->loader;
    const char *path;
    const Reference *reference;
    if (!yaml_text(item, "an item of 'references'", &path, loader->diags))
        return;
    path = beside(loader->arena, loader->fit->path, path);
    if (!reference_load(loader->arena, path, loader->units, &reference, loader->diags))
        return;
    Experiment *experiment = find_experiment(gatherer, reference, item, path);
    if (experiment == NULL || experiment->plan == NULL)
        return;
    for (size_t i = 0; i < reference->n_rows; i++)
        samples_add_row(gatherer, experiment, &reference->rows[i], leave_out);
}

static void check_left_out(Gatherer *gatherer, const YamlNode *leave_out)
{
    FitLoader *loader = gatherer->loader;
    const char **ids = NEW_ARRAY(loader->arena, const char *, gatherer->rows.n);
    for (size_t i = 0; i < gatherer->rows.n; i++)
        ids[i] = gatherer->rows.items[i].row->id;
    for (size_t k = 0; leave_out != NULL && k < leave_out->n; k++) {
        const YamlNode *key = leave_out->pairs[k].key;
        bool found = false;
        for (size_t i = 0; i < gatherer->rows.n; i++)
            found = found || text_equal(ids[i], key->text);
        if (!found)
            diag_error(loader->diags, "fit.unknown-row", key->where,
                       diags_suggest(loader->diags, key->text, ids, gatherer->rows.n), "no reference has a row '%s'",
                       key->text);
    }
}

/* -- cohorts, cut down -------------------------------------------------------------------------------------------- */

static FitCohort cut_down(Arena *arena, const Need *need)
{
    Plan *plan = NEW(arena, Plan);
    Cohort *cohort = NEW(arena, Cohort);
    *cohort = *need->cohort;
    cohort->control = 0;
    cohort->n_animals = 1;
    cohort->sites = need->sites.items;
    cohort->n_sites = need->sites.n;
    *plan = *need->experiment->plan;
    plan->variability = false;
    plan->dense = false;
    plan->times = need->times.items;
    plan->n_times = need->times.n;
    plan->cohorts = cohort;
    plan->n_cohorts = 1;
    return (FitCohort){.name = cohort->name,
                       .experiment = plan->name,
                       .plan = plan,
                       .system = need->experiment->system,
                       .fitted = need->fitted};
}

static void index_sample(const Fit *fit, FitSample *sample)
{
    const FitCohort *cohort = &fit->cohorts[sample->cohort];
    for (size_t i = 0; i < cohort->system->n_outputs; i++)
        if (text_equal(cohort->system->outputs[i].name, sample->metric))
            sample->output = i;
    for (size_t i = 0; i < cohort->plan->n_times; i++)
        if (number_same(cohort->plan->times[i], sample->time))
            sample->at = i;
    for (size_t i = 0; i < cohort->plan->cohorts[0].n_sites; i++)
        if (text_equal(plan_site_name(cohort->plan->cohorts[0].sites[i]), sample->site))
            sample->site_at = i;
}

static void finish(Gatherer *gatherer)
{
    Arena *arena = gatherer->loader->arena;
    Fit *fit = gatherer->loader->fit;
    Text texts = text_new(arena);
    for (size_t i = 0; i < gatherer->experiments.n; i++) {
        Experiment *experiment = gatherer->experiments.items[i];
        const Drivers *drivers = experiment->plan->drivers;
        experiment->system = system_build(arena, experiment->plan->model, experiment->record, experiment->n_record);
        text_print(&texts, "%s\n%s\n", experiment->plan->text, drivers != NULL ? drivers->text : "");
    }
    FitCohort *cohorts = NEW_ARRAY(arena, FitCohort, gatherer->needs.n);
    for (size_t i = 0; i < gatherer->needs.n; i++)
        cohorts[i] = cut_down(arena, &gatherer->needs.items[i]);
    fit->cohorts = cohorts;
    fit->n_cohorts = gatherer->needs.n;
    for (size_t i = 0; i < gatherer->rows.n; i++) {
        FitRow *row = &gatherer->rows.items[i];
        index_sample(fit, &row->test);
        if (row->row->compares)
            index_sample(fit, &row->control);
        if (row->row->changes) {
            index_sample(fit, &row->test_since);
            index_sample(fit, &row->control_since);
        }
    }
    fit->rows = gatherer->rows.items;
    fit->n_rows = gatherer->rows.n;
    fit->texts = text_string(&texts);
}

void samples_load(FitLoader *loader)
{
    Gatherer gatherer = {.loader = loader};
    size_t errors_before = loader->diags->n_errors;
    const YamlNode *leave_out = yaml_find(loader->root, "leave_out");
    const YamlNode *list = yaml_need(loader->root, "references", "the fit", loader->diags);
    if (leave_out != NULL && !yaml_is(leave_out, YAML_MAP, "'leave_out'", loader->diags))
        return;
    if (list == NULL || !yaml_is(list, YAML_LIST, "'references'", loader->diags))
        return;
    for (size_t i = 0; i < list->n; i++)
        load_reference(&gatherer, list->items[i], leave_out);
    if (loader->diags->n_errors > errors_before)
        return; /* without the experiments, every row would give a further error */
    check_left_out(&gatherer, leave_out);
    if (loader->fit->n_fitted == 0)
        diag_error(loader->diags, "fit.no-rows", list->where,
                   "a mean, a difference, a ratio of means or of changes of the references",
                   "there is no row that could be fitted");
    if (loader->diags->n_errors == errors_before)
        finish(&gatherer);
}
