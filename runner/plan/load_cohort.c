/* SPDX-License-Identifier: Apache-2.0
 *
 * Cohorts: the listed ones, then one for each combination of a sweep; their settings, controls and event times.
 */
#include <math.h>
#include <string.h>

#include "plan/plan_priv.h"

/* A VEC(Cohort), and beside each its `control` as the file has it (NULL: none of its own). */
typedef struct Cohorts {
    Cohort *items;
    size_t n, capacity;
    VEC(const YamlNode *) controls;
    Map indices; /* name -> size_t */
    VEC(Unexpressed) unexpressed;
    Map reasons;           /* name -> Unexpressed's reason */
    const YamlNode *first; /* the key of the design's first cohort */
} Cohorts;

typedef VEC(double) CohortTimes;

/* ---- Settings ---- */

static const Option *read_option(PlanLoader *loader, const YamlNode *node, const Setting *setting)
{
    const char *name;
    if (!yaml_text(node, arena_print(loader->arena, "the setting '%s'", setting->name), &name, loader->diags))
        return NULL;
    const Option *option = setting_find_option(setting, name);
    if (option == NULL)
        diag_error(loader->diags, "plan.unknown-option", node->where,
                   model_suggest_named(loader->diags, name, setting->options, setting->n_options, sizeof(Option)),
                   "'%s' is not an option of the setting '%s' of the model '%s'", name, setting->name,
                   loader->plan->model->name);
    return option;
}

static void read_sites(PlanLoader *loader, const YamlNode *node, const Setting *setting, Cohort *cohort)
{
    size_t n = node->kind == YAML_LIST ? node->n : 1;
    const Option **sites = NEW_ARRAY(loader->arena, const Option *, n);
    for (size_t i = 0; i < n; i++) {
        const YamlNode *item = node->kind == YAML_LIST ? node->items[i] : node;
        sites[i] = read_option(loader, item, setting);
        if (sites[i] == NULL)
            return;
        for (size_t before = 0; before < i; before++)
            if (sites[before] == sites[i]) {
                diag_error(loader->diags, "plan.duplicate-site", item->where, NULL, "the site '%s' is named twice",
                           sites[i]->name);
                return;
            }
    }
    if (n == 0)
        diag_error(loader->diags, "plan.unknown-option", node->where, NULL, "'site' names no site");
    cohort->sites = sites;
    cohort->n_sites = n;
}

static void read_settings(PlanLoader *loader, const YamlNode *node, const Option **options, Cohort *cohort)
{
    const Model *model = loader->plan->model;
    if (node == NULL || !yaml_is(node, YAML_MAP, "'settings'", loader->diags))
        return;
    for (size_t i = 0; i < node->n; i++) {
        const YamlPair *pair = &node->pairs[i];
        const Setting *setting = model_find_setting(model, pair->key->text);
        if (setting == NULL)
            diag_error(loader->diags, "plan.unknown-setting", pair->key->where,
                       model_suggest_named(loader->diags, pair->key->text, model->settings, model->n_settings,
                                           sizeof(Setting)),
                       "'%s' is not a setting of the model '%s'", pair->key->text, model->name);
        else if (text_equal(setting->name, "site"))
            read_sites(loader, pair->value, setting, cohort);
        else if (pair->value->kind == YAML_LIST)
            diag_error(loader->diags, "plan.one-option", pair->value->where,
                       "an animal has one; give cohorts settings of their own, or use a sweep",
                       "the setting '%s' takes one option, not a list", setting->name);
        else
            options[setting - model->settings] = read_option(loader, pair->value, setting);
    }
}

static void load_settings_used(PlanLoader *loader, const YamlNode *node, Cohort *cohort)
{
    const Model *model = loader->plan->model;
    const Option **options = NEW_ARRAY(loader->arena, const Option *, model->n_settings);
    static const Option *const nowhere[] = {NULL};
    cohort->sites = nowhere;
    cohort->n_sites = 1;
    for (size_t i = 0; i < model->n_settings; i++) {
        if (model->settings[i].n_options == 0)
            continue;
        options[i] = &model->settings[i].options[0];
        if (!text_equal(model->settings[i].name, "site"))
            continue;
        const Option **site = NEW(loader->arena, const Option *);
        *site = options[i];
        options[i] = NULL;
        cohort->sites = site;
    }
    read_settings(loader, yaml_find(loader->root, "settings"), options, cohort);
    read_settings(loader, yaml_find(node, "settings"), options, cohort);
    cohort->options = options;
}

/* ---- Event times ---- */

static void add_time(PlanLoader *loader, CohortTimes *times, double time)
{
    if (isfinite(time))
        *vec_push(loader->arena, times) = time;
}

static void collect_event_times(PlanLoader *loader, Cohort *cohort)
{
    CohortTimes times = {0};
    add_time(loader, &times, cohort->genotype.induce);
    for (size_t i = 0; i < cohort->n_doses; i++) {
        add_time(loader, &times, cohort->doses[i].time);
        if (cohort->doses[i].duration > 0.0)
            add_time(loader, &times, cohort->doses[i].time + cohort->doses[i].duration);
    }
    for (size_t i = 0; i < cohort->n_procedures; i++) {
        add_time(loader, &times, cohort->procedures[i].from);
        add_time(loader, &times, cohort->procedures[i].until);
    }
    for (size_t i = 0; i < cohort->n_perturbations; i++) {
        add_time(loader, &times, cohort->perturbations[i].from);
        add_time(loader, &times, cohort->perturbations[i].until);
    }
    cohort->n_event_times = times_sort(times.items, times.n, times_same_moment);
    cohort->event_times = times.items;
}

/* ---- One cohort ---- */

const char *plan_total_hint(const PlanLoader *loader)
{
    return loader->answers ? "the cohorts of every model count" : NULL;
}

static bool name_fits(PlanLoader *loader, const YamlNode *key)
{
    if (strlen(key->text) > 0 && strlen(key->text) <= MAX_NAME_BYTES)
        return true;
    return diag_error(loader->diags, "plan.name", key->where, NULL, "the name of a cohort has 1 to %d bytes, not %zu",
                      MAX_NAME_BYTES, strlen(key->text));
}

/* What a model can be without, in a design over several. */
static bool is_an_answer(const Diag *diag)
{
    static const char *const ids[] = {"plan.unknown-gene",      "plan.unknown-site",      "plan.unknown-drug",
                                      "plan.unknown-procedure", "plan.unknown-setting",   "plan.unknown-option",
                                      "plan.unreached",         "model.unknown-parameter"};
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++)
        if (text_equal(diag->id, ids[i]))
            return true;
    return false;
}

/* Takes what is an answer out of the errors; returns the first of it, NULL when there is none. */
static const Diag *take_answers(Arena *arena, Diags *diags)
{
    Diag *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < diags->n; i++) {
        if (!is_an_answer(&diags->list[i])) {
            diags->list[n++] = diags->list[i];
            continue;
        }
        if (first == NULL) {
            first = NEW(arena, Diag);
            *first = diags->list[i];
        }
        diags->n_errors--;
    }
    diags->n = n;
    return first;
}

static void load_cohort(PlanLoader *loader, const YamlNode *key, const YamlNode *node, Cohorts *cohorts);

/* The same; what the model cannot express is taken out again and kept with the reason. */
static void load_or_answer(PlanLoader *loader, const YamlNode *key, const YamlNode *node, Cohorts *cohorts)
{
    Diags *diags = loader->diags, own = diags_new(loader->arena);
    size_t n = cohorts->n, n_animals = loader->n_all_animals;
    cohorts->first = cohorts->first != NULL ? cohorts->first : key;
    own.n_compared = diags->n_compared;
    loader->diags = &own;
    load_cohort(loader, key, node, cohorts);
    loader->diags = diags;
    diags->n_compared = own.n_compared;
    const Diag *answer = loader->answers ? take_answers(loader->arena, &own) : NULL;
    if (answer == NULL || own.n_errors > 0 || cohorts->n == n) {
        diags_take(diags, &own);
        return;
    }
    cohorts->n = cohorts->controls.n = n;
    loader->n_all_animals = n_animals; /* itself and its doses stay in memory, and count */
    *vec_push(loader->arena, &cohorts->unexpressed) =
        (Unexpressed){.cohort = key->text, .reason = answer->text, .where = answer->where, .hint = answer->hint};
    bool is_new = map_add(loader->arena, &cohorts->reasons, key->text, answer->text);
    ASSERT(is_new); /* or load_cohort would have found two cohorts of this name */
}

static void load_cohort(PlanLoader *loader, const YamlNode *key, const YamlNode *node, Cohorts *cohorts)
{
    const char *what = arena_print(loader->arena, "the cohort '%s'", key->text);
    if (!name_fits(loader, key))
        return;
    if (loader->n_all_cohorts == MAX_COHORTS) {
        diag_error(loader->diags, "plan.too-many", key->where, plan_total_hint(loader),
                   "the experiment has more than %d cohorts", MAX_COHORTS);
        return;
    }
    loader->n_all_cohorts++;
    size_t *index = NEW(loader->arena, size_t);
    *index = cohorts->n;
    if (!map_add(loader->arena, &cohorts->indices, key->text, index)) {
        diag_error(loader->diags, "plan.duplicate-cohort", key->where,
                   "a sweep's name must hold every {variable} of its 'over'", "there are two cohorts named '%s'",
                   key->text);
        return;
    }
    Cohort *cohort = vec_push(loader->arena, cohorts);
    *vec_push(loader->arena, &cohorts->controls) = yaml_find(node, "control");
    *cohort = (Cohort){.name = key->text, .n_animals = loader->n_animals};
    bool empty = node->kind == YAML_SCALAR && node->text[0] == '\0'; /* 'wild-type:' alone is a cohort too */
    if (!empty && !yaml_is(node, YAML_MAP, what, loader->diags))
        return;
    if (!empty)
        fields_read(&fields_of_cohort, node, what, cohort, loader->diags);
    const YamlNode *animals = yaml_find(node, "animals");
    uint64_t n_animals;
    if (animals != NULL && yaml_count(animals, "'animals'", 1, MAX_ANIMALS, &n_animals, loader->diags))
        cohort->n_animals = (size_t)n_animals;
    loader->n_all_animals += cohort->n_animals;
    if (loader->n_all_animals > MAX_ANIMALS) {
        diag_error(loader->diags, "plan.too-many", key->where, plan_total_hint(loader),
                   "the experiment has more than %d animals", MAX_ANIMALS);
        return;
    }
    load_settings_used(loader, node, cohort);
    load_genotype(loader, yaml_find(node, "genotype"), cohort);
    load_treatments(loader, yaml_find(node, "treatments"), cohort);
    load_treatment_procedures(loader, yaml_find(node, "procedures"), cohort);
    load_treatment_perturbations(loader, yaml_find(node, "perturb"), cohort);
    if (loader->diags->n_errors > 0)
        return; /* nobody reads what follows, which takes nine tenths of the time of many doses */
    collect_event_times(loader, cohort);
    describe_cohort(loader, cohort);
}

/* ---- Sweeps ---- */

static bool value_fits(PlanLoader *loader, const YamlNode *value)
{
    if (!yaml_is(value, YAML_SCALAR, "a value of a sweep", loader->diags))
        return false;
    if (strlen(value->text) <= MAX_NAME_BYTES)
        return true;
    return diag_error(loader->diags, "plan.too-long", value->where, NULL,
                      "a value of a sweep has %zu bytes, more than %d", strlen(value->text), MAX_NAME_BYTES);
}

/* Every combination is a copy of the whole. */
static bool copies_fit(PlanLoader *loader, const YamlPair *sweep, const YamlNode *template, size_t n)
{
    size_t nodes, bytes;
    yaml_size(template, MAX_NAME_BYTES, &nodes, &bytes);
    loader->n_swept_values += n * nodes;
    loader->n_swept_bytes += n * bytes;
    if (loader->n_swept_values <= MAX_VALUES && loader->n_swept_bytes <= MAX_SWEPT_BYTES)
        return true;
    return diag_error(loader->diags, "plan.too-many", sweep->key->where, "sweep over less, or say less in each",
                      "with the %zu combinations of '%s' the sweeps are more than %d values or %d MiB", n,
                      sweep->key->text, MAX_VALUES, MAX_SWEPT_BYTES >> 20);
}

static bool sweep_is_sound(PlanLoader *loader, const YamlPair *sweep, const YamlNode **ret_over)
{
    const char *what = arena_print(loader->arena, "the sweep '%s'", sweep->key->text);
    const char *hint = "write 'over: {fold: [2, 5, 10]}'";
    const YamlNode *over = yaml_is(sweep->value, YAML_MAP, what, loader->diags) ? yaml_find(sweep->value, "over")
                                                                                : NULL;
    if (sweep->value->kind != YAML_MAP)
        return false;
    if (over == NULL || over->kind != YAML_MAP || over->n == 0)
        return diag_error(loader->diags, "plan.sweep-empty", over != NULL ? over->where : sweep->key->where, hint,
                          "%s has no variables to sweep over", what);
    if (over->n > MAX_VARIABLES)
        return diag_error(loader->diags, "plan.too-many", over->where, NULL, "%s has %zu variables, more than %d", what,
                          over->n, MAX_VARIABLES);
    double combinations = 1.0;
    for (size_t i = 0; i < over->n; i++) {
        const YamlNode *values = over->pairs[i].value;
        if (values->kind != YAML_LIST || values->n == 0)
            return diag_error(loader->diags, "plan.sweep-empty", values->where, hint, "'%s' of %s has no values",
                              over->pairs[i].key->text, what);
        for (size_t v = 0; v < values->n; v++)
            if (!value_fits(loader, values->items[v]))
                return false;
        combinations *= (double)values->n;
    }
    if (combinations > MAX_COHORTS)
        return diag_error(loader->diags, "plan.too-many", over->where, NULL, "%s has %.0f combinations, more than %d",
                          what, combinations, MAX_COHORTS);
    *ret_over = over;
    return true;
}

/* Combination `index` of the variables, the last one turning fastest. */
static void combination(const YamlNode *over, size_t index, const char **names, const char **values)
{
    for (size_t i = over->n; i-- > 0;) {
        const YamlNode *list = over->pairs[i].value;
        names[i] = over->pairs[i].key->text;
        values[i] = list->items[index % list->n]->text;
        index /= list->n;
    }
}

/* What each combination copies: not the lists of values, which would make the copies grow with their square. */
static const YamlNode *without_over(PlanLoader *loader, const YamlNode *body)
{
    YamlNode *template = NEW(loader->arena, YamlNode);
    YamlPair *pairs = NEW_ARRAY(loader->arena, YamlPair, body->n);
    *template = *body;
    template->n = 0;
    for (size_t i = 0; i < body->n; i++)
        if (!text_equal(body->pairs[i].key->text, "over"))
            pairs[template->n++] = body->pairs[i];
    template->pairs = pairs;
    return template;
}

static void load_sweep(PlanLoader *loader, const YamlPair *sweep, Cohorts *cohorts)
{
    const YamlNode *over = NULL;
    if (!sweep_is_sound(loader, sweep, &over))
        return;
    ASSERT(over != NULL);
    size_t n = 1;
    for (size_t i = 0; i < over->n; i++)
        n *= over->pairs[i].value->n;
    const char **names = NEW_ARRAY(loader->arena, const char *, over->n);
    const char **values = NEW_ARRAY(loader->arena, const char *, over->n);
    size_t errors = loader->diags->n_errors;
    const YamlNode *template = without_over(loader, sweep->value);
    if (!copies_fit(loader, sweep, template, n))
        return;
    for (size_t i = 0; i < n && loader->diags->n_errors == errors; i++) { /* one faulty combination is enough to see */
        combination(over, i, names, values);
        const YamlNode *key = yaml_substitute(loader->arena, sweep->key, names, values, over->n);
        const YamlNode *body = yaml_substitute(loader->arena, template, names, values, over->n);
        load_or_answer(loader, key, body, cohorts);
    }
}

/* ---- All ---- */

static bool find_control(PlanLoader *loader, const Cohorts *cohorts, const YamlNode *node, size_t *ret_index)
{
    const char *name;
    if (!yaml_text(node, "'control'", &name, loader->diags))
        return false;
    const size_t *index = map_find(&cohorts->indices, name);
    const char *reason = map_find(&cohorts->reasons, name);
    if (reason != NULL)
        return diag_error(loader->diags, "plan.control", node->where, "name a control that every model can express",
                          "the model '%s' cannot express the control '%s': %s", loader->plan->model->name, name,
                          reason);
    if (index != NULL) {
        *ret_index = *index;
        return true;
    }
    return diag_error(loader->diags, "plan.unknown-control", node->where,
                      model_suggest_named(loader->diags, name, cohorts->items, cohorts->n, sizeof(Cohort)),
                      "'%s', named as control, is not a cohort of this experiment", name);
}

static void resolve_controls(PlanLoader *loader, Cohorts *cohorts)
{
    size_t common = 0;
    const YamlNode *named = yaml_find(loader->root, "control");
    if (named == NULL && cohorts->first != NULL && map_find(&cohorts->reasons, cohorts->first->text) != NULL)
        named = cohorts->first; /* it is the control for want of another word, and this model cannot express it */
    if (named != NULL && !find_control(loader, cohorts, named, &common))
        return;
    for (size_t i = 0; i < cohorts->n; i++) {
        const YamlNode *own = cohorts->controls.items[i];
        cohorts->items[i].control = common;
        if (own != NULL)
            (void)find_control(loader, cohorts, own, &cohorts->items[i].control);
    }
}

/* What the head says of all cohorts is no answer of one. */
static bool head_settings_fit(PlanLoader *loader)
{
    size_t errors = loader->diags->n_errors;
    Cohort unused = {0};
    const Option **options = NEW_ARRAY(loader->arena, const Option *, loader->plan->model->n_settings);
    read_settings(loader, yaml_find(loader->root, "settings"), options, &unused);
    return loader->diags->n_errors == errors;
}

void load_cohorts(PlanLoader *loader)
{
    Cohorts cohorts = {0};
    if (loader->answers && !head_settings_fit(loader))
        return;
    const YamlNode *list = yaml_find(loader->root, "cohorts"), *sweep = yaml_find(loader->root, "sweep");
    if (list != NULL && yaml_is(list, YAML_MAP, "'cohorts'", loader->diags))
        for (size_t i = 0; i < list->n && !diags_full(loader->diags); i++)
            load_or_answer(loader, list->pairs[i].key, list->pairs[i].value, &cohorts);
    if (sweep != NULL && yaml_is(sweep, YAML_MAP, "'sweep'", loader->diags))
        for (size_t i = 0; i < sweep->n && !diags_full(loader->diags); i++)
            load_sweep(loader, &sweep->pairs[i], &cohorts);
    if (cohorts.n == 0 && loader->diags->n_errors == 0)
        diag_error(loader->diags, "plan.no-cohorts", loader->root->where,
                   "add 'cohorts: {wild-type: {}, ...}' or a 'sweep'", "the experiment has no cohorts");
    resolve_controls(loader, &cohorts);
    loader->plan->cohorts = cohorts.items;
    loader->plan->n_cohorts = cohorts.n;
    loader->plan->unexpressed = cohorts.unexpressed.items;
    loader->plan->n_unexpressed = cohorts.unexpressed.n;
}
