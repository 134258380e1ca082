/* SPDX-License-Identifier: Apache-2.0
 *
 * An experiment file, from its root: head, model, times, recordings, cohorts.
 */
#include <math.h>
#include <string.h>

#include "plan/plan_priv.h"

bool plan_selects(const char *const *names, size_t n_names, const Cohort *cohort)
{
    for (size_t i = 0; i < n_names; i++)
        if (text_equal(names[i], cohort->name))
            return true;
    return n_names == 0;
}

static void plan_load_head(PlanLoader *loader)
{
    enum { DEFAULT_ANIMALS = 12 };
    Plan *plan = loader->plan;
    const YamlNode *animals = yaml_find(loader->root, "animals");
    uint64_t n_animals = DEFAULT_ANIMALS;
    plan->name = plan->question = "";
    plan->variability = true;
    fields_read(&fields_of_experiment, loader->root, "an experiment", plan, loader->diags);
    if (strlen(plan->name) > MAX_NAME_BYTES || plan->name[0] == '\0' || strpbrk(plan->name, "\t\r\n") != NULL)
        diag_error(loader->diags, "plan.name", yaml_find(loader->root, "experiment")->where, NULL,
                   "the name of an experiment has 1 to %d bytes, and one line", MAX_NAME_BYTES);
    if (animals != NULL && !yaml_count(animals, "'animals'", 1, MAX_ANIMALS, &n_animals, loader->diags))
        n_animals = DEFAULT_ANIMALS;
    loader->n_animals = (size_t)n_animals;
    if (loader->options->seed != NULL)
        plan->seed = *loader->options->seed;
}

static bool plan_load_model(PlanLoader *loader)
{
    const char *name;
    const YamlNode *node = yaml_need(loader->root, "model", "the experiment", loader->diags);
    if (node == NULL || !yaml_text(node, "'model'", &name, loader->diags))
        return false;
    const char *experiment = loader->root->where.source->path;
    const char *path = plan_find_model(loader->arena, name, experiment, loader->options);
    if (path == NULL)
        return diag_error(loader->diags, "plan.unknown-model", node->where,
                          "name a file in models/, set MARBLEBONE_MODELS or give --models, or write a path",
                          "there is no model '%s' in any of the model folders", name);
    const YamlNode *drivers = yaml_find(loader->root, "drivers");
    if (drivers == NULL)
        loader->drivers_path = plan_find_model(loader->arena, "drivers", path, loader->options);
    else if (!yaml_text(drivers, "'drivers'", &name, loader->diags))
        return false;
    else
        loader->drivers_path = plan_find_model(loader->arena, name, experiment, loader->options);
    if (drivers != NULL && loader->drivers_path == NULL)
        return diag_error(loader->diags, "plan.no-drivers", drivers->where, NULL, "there is no drivers file '%s'",
                          name);
    return model_load(loader->arena, loader->units, path, &loader->plan->model, loader->diags);
}

static void load_burn_in(PlanLoader *loader)
{
    const YamlNode *node = yaml_find(loader->root, "burn_in");
    if (node == NULL)
        return;
    double burn_in = plan_duration(loader, node, "'burn_in'");
    if (burn_in < 0.0)
        diag_error(loader->diags, "plan.burn-in", node->where, "write how long it takes, such as 'burn_in: 10 year'",
                   "'burn_in' is negative");
    else if (burn_in > 0.0 && loader->plan->model->clock_is_age)
        diag_error(loader->diags, "plan.burn-in", node->where, "leave it out",
                   "'burn_in' would be before birth: the clock of the model '%s' counts age",
                   loader->plan->model->name);
    else if (burn_in > 0.0)
        loader->plan->start = -burn_in;
}

/* The last time that animals live to: of measurements and of traits that are decided later. */
static double last_time(const Plan *plan)
{
    ASSERT(plan->n_times == 0 || plan->times != NULL);
    double last = plan->n_times > 0 ? plan->times[plan->n_times - 1] : 0.0;
    for (size_t i = 0; i < plan->model->n_traits; i++)
        last = fmax(last, plan->model->traits[i].at); /* NaN: at every measurement */
    return last;
}

/* A programme of hours and days over years is a long list. */
static void check_happenings(PlanLoader *loader)
{
    const Plan *plan = loader->plan;
    const YamlNode *measure = yaml_find(loader->root, "measure");
    double n = 0.0, last = last_time(plan);
    for (size_t i = 0; i < plan->model->n_events; i++) {
        const ModelEvent *event = &plan->model->events[i];
        double first = event->kind == EVENT_REPEATED ? fmax(event->at, plan->start) : plan->start;
        if (event->every > 0.0)
            n += fmax(fmin(last, event->until) - first, 0.0) / event->every;
    }
    if (n > MAX_DOSES && measure != NULL)
        diag_error(loader->diags, "plan.too-many", measure->where, "measure earlier",
                   "until the last measurement the events of the model '%s' happen %.3g times, more than %d",
                   plan->model->name, n, MAX_DOSES);
}

/* A measurement at the time of a scheduled event but for the last printed digits means that time. */
static void snap_times(Plan *plan, double *times)
{
    static const double PRINTED = 1e-10;
    for (size_t i = 0; i < plan->n_times; i++)
        for (size_t e = 0; e < plan->model->n_events; e++) {
            double slack = PRINTED * fabs(times[i]), next = model_event_next(&plan->model->events[e], times[i] - slack);
            if (next <= times[i] + slack)
                times[i] = next;
        }
}

typedef VEC(double) PlanTimes;

static void load_grid(PlanLoader *loader, const YamlNode *node, PlanTimes *times)
{
    fields_check(&fields_of_grid, node, "'measure'", loader->diags);
    const YamlNode *from = yaml_need(node, "from", "'measure'", loader->diags);
    const YamlNode *to = yaml_need(node, "to", "'measure'", loader->diags);
    const YamlNode *every = yaml_need(node, "every", "'measure'", loader->diags);
    if (from == NULL || to == NULL || every == NULL)
        return;
    double first = plan_time(loader, from, "'from'"), last = plan_time(loader, to, "'to'");
    double step = plan_duration(loader, every, "'every'");
    if (isnan(first) || isnan(last) || isnan(step))
        return;
    if (!(step > 0.0) || last < first || !((last - first) / step < MAX_TIMES)) {
        diag_error(loader->diags, "plan.grid", node->where, "write '{from: 0 day, to: 150 day, every: 1 day}'",
                   "this grid has no points, or more than %d", MAX_TIMES);
        return;
    }
    size_t n = (size_t)floor((last - first) / step * (1.0 + 1e-12)) +
               1; /* `to` counts although 0.1 is no binary number */
    for (size_t i = 0; i < n; i++)
        *vec_push(loader->arena, times) = first + (double)i * step;
    loader->plan->dense = true;
}

static void load_measure(PlanLoader *loader)
{
    PlanTimes times = {0};
    const YamlNode *node = yaml_need(loader->root, "measure", "the experiment", loader->diags);
    if (node == NULL)
        return;
    if (node->kind == YAML_MAP)
        load_grid(loader, node, &times);
    else if (yaml_is(node, YAML_LIST, "'measure'", loader->diags))
        for (size_t i = 0; i < node->n; i++) {
            double time = plan_time(loader, node->items[i], "a time of 'measure'");
            if (!isnan(time))
                *vec_push(loader->arena, &times) = time;
        }
    loader->plan->n_times = times.n;
    if (times.n > MAX_TIMES)
        diag_error(loader->diags, "plan.too-many", node->where, NULL, "'measure' has %zu times, more than %d", times.n,
                   MAX_TIMES);
    snap_times(loader->plan, times.items);
    size_t n = times_sort(times.items, times.n, number_same); /* 0.7 day and 0.1 wk are one */
    if (n == 0 && loader->diags->n_errors == 0)
        diag_error(loader->diags, "plan.no-times", node->where, "write 'measure: [4 wk, 8 wk]'",
                   "'measure' names no time");
    loader->plan->times = times.items;
    loader->plan->n_times = n;
}

static void record_symbol(PlanLoader *loader, const YamlNode *node, const char **names, size_t *n)
{
    const Model *model = loader->plan->model;
    const char *name;
    if (!yaml_text(node, "an item of 'record'", &name, loader->diags))
        return;
    for (size_t i = 0; i < *n; i++)
        if (text_equal(names[i], name)) {
            diag_error(loader->diags, "plan.record", node->where, NULL, "'%s' is recorded twice", name);
            return;
        }
    if (map_find(&model->symbols, name) != NULL) {
        names[(*n)++] = name;
        return;
    }
    bool phenotype = false;
    for (size_t i = 0; i < model->n_phenotypes; i++)
        phenotype = phenotype || text_equal(model->phenotypes[i].name, name);
    diag_error(loader->diags, "plan.record", node->where,
               phenotype ? "phenotypes are always measured" : model_suggest_symbol(loader->diags, model, name),
               "'%s' is not a state, quantity or parameter of the model '%s'", name, model->name);
}

/* What is measured of an animal is kept until its batch is stored. */
static void check_values(PlanLoader *loader)
{
    const Plan *plan = loader->plan;
    size_t n_outputs = plan->model->n_phenotypes + plan->model->n_traits + plan->n_record, n_sites = 1;
    const YamlNode *measure = yaml_find(loader->root, "measure");
    for (size_t i = 0; i < plan->n_cohorts; i++)
        n_sites = plan->cohorts[i].n_sites > n_sites ? plan->cohorts[i].n_sites : n_sites;
    if (n_outputs > MAX_OUTPUTS)
        diag_error(loader->diags, "plan.too-many", loader->root->where, "record less",
                   "the experiment has %zu outputs, more than %d: phenotypes and traits of '%s', and what is recorded",
                   n_outputs, MAX_OUTPUTS, plan->model->name);
    else if (measure != NULL && n_outputs * n_sites > MAX_VALUES / (plan->n_times > 0 ? plan->n_times : 1))
        diag_error(loader->diags, "plan.too-many", measure->where, "measure at fewer times, or record less",
                   "an animal has %zu times, %zu sites and %zu outputs: more than %d values", plan->n_times, n_sites,
                   n_outputs, MAX_VALUES);
}

static void load_record(PlanLoader *loader)
{
    const YamlNode *node = yaml_find(loader->root, "record");
    if (node == NULL || !yaml_is(node, YAML_LIST, "'record'", loader->diags))
        return;
    const char **names = NEW_ARRAY(loader->arena, const char *, node->n);
    size_t n = 0;
    for (size_t i = 0; i < node->n && n <= MAX_OUTPUTS && !diags_full(loader->diags); i++)
        record_symbol(loader, node->items[i], names, &n);
    loader->plan->record = names;
    loader->plan->n_record = n;
}

bool plan_fill(PlanLoader *loader, const Plan **ret_plan)
{
    const YamlNode *root = loader->root;
    size_t errors = loader->diags->n_errors;
    Plan *plan = NEW(loader->arena, Plan);
    loader->plan = plan;
    plan->path = root->where.source->path;
    plan->text = root->where.source->text;
    plan_load_head(loader);
    if (!plan_load_model(loader) || !draw_prepare_correlations(loader))
        return false;
    load_burn_in(loader);
    load_measure(loader);
    check_happenings(loader);
    load_record(loader);
    load_cohorts(loader);
    check_values(loader);
    if (loader->diags->n_errors != errors)
        return false;
    *ret_plan = plan;
    return true;
}

bool plan_build(Arena *arena, Units *units, const YamlNode *root, const PlanOptions *options, const Plan **ret_plan,
                Diags *diags)
{
    Plans plans;
    if (!plans_build(arena, units, root, options, &plans, diags))
        return false;
    if (plans.n > 1)
        return diag_error(diags, "plan.many-models", yaml_find(root, "models")->where, NULL,
                          "one model is wanted here, but the experiment has %zu", plans.n);
    *ret_plan = plans.plans[0];
    return true;
}

bool plan_load(Arena *arena, Units *units, const char *path, const PlanOptions *options, const Plan **ret_plan,
               Diags *diags)
{
    const YamlNode *root;
    return yaml_load(arena, path, &root, diags) && plan_build(arena, units, root, options, ret_plan, diags);
}
