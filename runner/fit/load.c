/* SPDX-License-Identifier: Apache-2.0
 *
 * A fit file, from its root: head, model, free parameters, references.
 */
#include <math.h>
#include <string.h>

#include "fit/fit_priv.h"

static void fit_load_head(FitLoader *loader)
{
    enum { MAX_STARTS = 1000 };
    Fit *fit = loader->fit;
    const YamlNode *seed = yaml_find(loader->root, "seed"), *starts = yaml_find(loader->root, "starts");
    fit->path = loader->root->where.source->path;
    fit->n_starts = 1;
    if (seed != NULL && !yaml_count(seed, "'seed'", 0, INT64_MAX, &fit->seed, loader->diags))
        fit->seed = 0;
    if (starts != NULL && !yaml_count(starts, "'starts'", 1, MAX_STARTS, &fit->n_starts, loader->diags))
        fit->n_starts = 1;
}

/* Experiments look for the model last in the folder where the fit found it. */
static const PlanOptions *and_beside(Arena *arena, const PlanOptions *options, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char **folders = NEW_ARRAY(arena, const char *, options->n_model_folders + 1);
    for (size_t i = 0; i < options->n_model_folders; i++)
        folders[i] = options->model_folders[i];
    folders[options->n_model_folders] = slash != NULL ? arena_copy_text(arena, path, (size_t)(slash - path)) : ".";
    PlanOptions *more = NEW(arena, PlanOptions);
    *more = *options;
    more->model_folders = folders;
    more->n_model_folders++;
    return more;
}

static bool fit_load_model(FitLoader *loader)
{
    const char *name;
    const YamlNode *node = yaml_need(loader->root, "model", "the fit", loader->diags);
    if (node == NULL || !yaml_text(node, "'model'", &name, loader->diags))
        return false;
    const char *path = plan_find_model(loader->arena, name, loader->fit->path, loader->options);
    if (path == NULL)
        return diag_error(loader->diags, "fit.unknown-model", node->where,
                          "name a file in models/, set MARBLEBONE_MODELS or give --models, or write a path",
                          "there is no model '%s' in any of the model folders", name);
    loader->options = and_beside(loader->arena, loader->options, path);
    return model_load(loader->arena, loader->units, path, &loader->fit->model, loader->diags);
}

/* -- parameters ------------------------------------------------------------------------------------------------- */

/* NaN after a diagnostic. */
static double load_number(FitLoader *loader, const YamlNode *map, const char *key, const char *what)
{
    double value = (double)NAN;
    const YamlNode *node = yaml_need(map, key, what, loader->diags);
    if (node != NULL && !yaml_number(node, arena_print(loader->arena, "'%s' of %s", key, what), -HUGE_VAL, HUGE_VAL,
                                     &value, loader->diags))
        value = (double)NAN;
    return value;
}

/* May this one be fitted? */
static bool check_free(FitLoader *loader, const YamlNode *key, int index)
{
    const Model *model = loader->fit->model;
    if (index < 0)
        return diag_error(loader->diags, "fit.unknown-parameter", key->where,
                          model_suggest_named(loader->diags, key->text, model->parameters, model->n_parameters,
                                              sizeof *model->parameters),
                          "the model '%s' has no parameter '%s'", model->name, key->text);
    const char *source = model->parameters[index].source;
    if (source != NULL)
        return diag_error(loader->diags, "fit.measured", key->where,
                          "fit what is assumed; what was measured is not free",
                          "'%s' may not be fitted: it has a source, '%s'", key->text, source);
    return true;
}

static bool check_bounds(FitLoader *loader, const YamlPair *pair, const FitParameter *p)
{
    const char *name = pair->key->text;
    const char *key = !(p->low < p->high)                            ? "high"
                      : !(p->prior >= p->low && p->prior <= p->high) ? "prior"
                      : !p->linear && !(p->low > 0.0)                ? "low"
                                                                     : "spread";
    Where where = yaml_find(pair->value, key)->where;
    if (!(p->low < p->high))
        return diag_error(loader->diags, "fit.bounds", where, NULL, "the bounds of '%s' are empty: low %g, high %g",
                          name, p->low, p->high);
    if (!(p->prior >= p->low && p->prior <= p->high))
        return diag_error(loader->diags, "fit.bounds", where, NULL, "the prior of '%s', %g, lies outside %g to %g",
                          name, p->prior, p->low, p->high);
    if (!p->linear && !(p->low > 0.0))
        return diag_error(loader->diags, "fit.bounds", where,
                          "write 'scale: linear' for a parameter that may be 0 or negative",
                          "the lower bound of '%s', %g, has no logarithm", name, p->low);
    if (!(p->spread > 0.0))
        return diag_error(loader->diags, "fit.bounds", where,
                          "the standard deviation of log(value/prior), or of the value with 'scale: linear'",
                          "the spread of '%s' is not above 0", name);
    if (!(p->start >= p->low && p->start <= p->high))
        diag_warn(loader->diags, "fit.start-outside", pair->key->where, "the first start is at the bound",
                  "the model's value of '%s', %g, lies outside %g to %g", name, p->start, p->low, p->high);
    return true;
}

static bool fit_load_parameter(FitLoader *loader, const YamlPair *pair, FitParameter *ret_parameter)
{
    static const char *const scales[] = {"log", "linear"};
    const Model *model = loader->fit->model;
    const char *what = arena_print(loader->arena, "the parameter '%s'", pair->key->text);
    int index = model_find_parameter(model, pair->key->text);
    if (!check_free(loader, pair->key, index) || !yaml_is(pair->value, YAML_MAP, what, loader->diags))
        return false;
    fields_check(&fields_of_free, pair->value, what, loader->diags);
    const YamlNode *scale = yaml_find(pair->value, "scale");
    size_t linear = 0;
    if (scale != NULL && !yaml_word(scale, arena_print(loader->arena, "'scale' of %s", what), scales,
                                    ARRAY_LENGTH(scales), &linear, loader->diags))
        return false;
    FitParameter p = {.name = pair->key->text,
                      .unit_text = model->parameters[index].unit_text,
                      .index = (uint32_t)index,
                      .start = model->parameters[index].value,
                      .low = load_number(loader, pair->value, "low", what),
                      .high = load_number(loader, pair->value, "high", what),
                      .prior = load_number(loader, pair->value, "prior", what),
                      .spread = load_number(loader, pair->value, "spread", what),
                      .linear = linear == 1};
    if (isnan(p.low) || isnan(p.high) || isnan(p.prior) || isnan(p.spread) || !check_bounds(loader, pair, &p))
        return false;
    *ret_parameter = p;
    return true;
}

static void load_parameters(FitLoader *loader)
{
    const YamlNode *node = yaml_need(loader->root, "parameters", "the fit", loader->diags);
    if (node == NULL || !yaml_is(node, YAML_MAP, "'parameters'", loader->diags))
        return;
    if (node->n == 0)
        diag_error(loader->diags, "fit.no-parameters", node->where, NULL, "no parameter is free");
    FitParameter *parameters = NEW_ARRAY(loader->arena, FitParameter, node->n);
    for (size_t i = 0; i < node->n; i++)
        if (fit_load_parameter(loader, &node->pairs[i], &parameters[loader->fit->n_parameters]))
            loader->fit->n_parameters++;
    loader->fit->parameters = parameters;
}

/* -- the file --------------------------------------------------------------------------------------------------- */

static void show_sample_key(const FitSample *sample, Text *text)
{
    char number[NUMBER_TEXT];
    text_print(text, " %zu %s %s %s", sample->cohort, sample->metric, sample->site, number_show(sample->time, number));
}

static void show_row_key(const FitRow *row, Text *text)
{
    char number[3][NUMBER_TEXT];
    const ReferenceRow *r = row->row;
    text_print(text, "%s %s %s %s %s %s", r->id, statistic_name(r->statistic), evidence_name(r->evidence),
               number_show(r->target, number[0]), number_show(r->low, number[1]), number_show(r->high, number[2]));
    show_sample_key(&row->test, text);
    if (r->compares)
        show_sample_key(&row->control, text);
    if (r->changes)
        show_sample_key(&row->test_since, text);
    text_print(text, "\n");
}

/* The part of the key that the fit's own file decides; starts and seed decide which vectors, not what they give. */
static const char *show_key(FitLoader *loader)
{
    const Fit *fit = loader->fit;
    char number[4][NUMBER_TEXT];
    Text text = text_new(loader->arena);
    for (size_t i = 0; i < fit->n_parameters; i++) {
        const FitParameter *p = &fit->parameters[i];
        text_print(&text, "%s %s %s %s %s %d\n", p->name, number_show(p->low, number[0]),
                   number_show(p->high, number[1]), number_show(p->prior, number[2]), number_show(p->spread, number[3]),
                   p->linear);
    }
    for (size_t i = 0; i < fit->n_rows; i++)
        if (fit->rows[i].fitted)
            show_row_key(&fit->rows[i], &text);
    text_print(&text, "%s\n%s", fit->model->text, fit->texts);
    return text_string(&text);
}

bool fit_build(Arena *arena, Units *units, const YamlNode *root, const PlanOptions *options, const Fit **ret_fit,
               Diags *diags)
{
    size_t errors_before = diags->n_errors;
    FitLoader loader = {
        .arena = arena, .units = units, .diags = diags, .options = options, .root = root, .fit = NEW(arena, Fit)};
    if (!yaml_is(root, YAML_MAP, "a fit file", diags) || yaml_need(root, "fit", "a fit file", diags) == NULL)
        return false;
    loader.fit->name = loader.fit->about = "";
    fields_read(&fields_of_fit, root, "a fit file", loader.fit, diags);
    fit_load_head(&loader);
    if (!fit_load_model(&loader))
        return false;
    load_parameters(&loader);
    samples_load(&loader);
    if (diags->n_errors > errors_before)
        return false;
    loader.fit->texts = show_key(&loader);
    *ret_fit = loader.fit;
    return true;
}

bool fit_load(Arena *arena, Units *units, const char *path, const PlanOptions *options, const Fit **ret_fit,
              Diags *diags)
{
    const YamlNode *root;
    return yaml_load(arena, path, &root, diags) && fit_build(arena, units, root, options, ret_fit, diags);
}
