/* SPDX-License-Identifier: Apache-2.0
 *
 * A model file, from its root: head, then the stages of model_priv.h in order.
 */
#include <math.h>
#include <string.h>

#include "model/model_priv.h"

const char *model_suggest_named(Diags *diags, const char *word, const void *things, size_t n, size_t stride)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    const char **names = NEW_ARRAY(scratch, const char *, n);
    for (size_t i = 0; i < n; i++)
        memcpy(&names[i], (const char *)things + i * stride, sizeof names[i]);
    return diags_suggest(diags, word, names, n);
}

const char *model_suggest_symbol(Diags *diags, const Model *model, const char *word)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    const Map *symbols = &model->symbols;
    const char **names = NEW_ARRAY(scratch, const char *, symbols->n);
    size_t n = 0;
    for (size_t i = 0; i < symbols->capacity; i++)
        if (symbols->entries[i].key != NULL)
            names[n++] = symbols->entries[i].key;
    return diags_suggest(diags, word, names, n);
}

/* Address of the thing with this name in an array of structs that begin with their name. */
static const void *find_named(const void *things, size_t n, size_t stride, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        const char *own;
        const void *thing = (const char *)things + i * stride;
        memcpy(&own, thing, sizeof own);
        if (text_equal(own, name))
            return thing;
    }
    return NULL;
}

#define FIND(array, n, name) find_named((array), (n), sizeof *(array), (name))

int model_find_parameter(const Model *model, const char *name)
{
    const Symbol *symbol = map_find(&model->symbols, name);
    return symbol != NULL && symbol->kind == SYMBOL_PARAMETER ? (int)symbol->index : -1;
}

const Gene *model_find_gene(const Model *model, const char *name)
{
    return FIND(model->genes, model->n_genes, name);
}

const GeneCells *gene_find_cells(const Gene *gene, const char *name)
{
    return FIND(gene->cells, gene->n_cells, name);
}

const Drug *model_find_drug(const Model *model, const char *name)
{
    return FIND(model->drugs, model->n_drugs, name);
}

const Procedure *model_find_procedure(const Model *model, const char *name)
{
    return FIND(model->procedures, model->n_procedures, name);
}

const Setting *model_find_setting(const Model *model, const char *name)
{
    return FIND(model->settings, model->n_settings, name);
}

const Option *setting_find_option(const Setting *setting, const char *name)
{
    return FIND(setting->options, setting->n_options, name);
}

/* A thousand times what the largest published model of bone has, where memory or patience do not ask for less: names
 * are looked for one by one, and each setting and site stands in each cohort. */
/* How many there are of everything: a section that is too long is an error before anything is read. */
static bool load_counts_fit(ModelLoader *loader)
{
    enum { MAX_STATES = 2000 }; /* the Jacobian is decided state by state: their square in memory */
    static const struct {
        const char *key;
        size_t most;
    } rows[] = {{"parameters", 10000}, {"quantities", 10000}, {"reactions", 10000}, {"phenotypes", 500},
                {"events", 1000},      {"genes", 1000},       {"drugs", 1000},      {"procedures", 1000},
                {"settings", 100},     {"traits", 300},       {"chains", 1000},     {"correlations", 500}};
    size_t errors = loader->diags->n_errors;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const YamlNode *node = yaml_find(loader->root, rows[i].key);
        if (node != NULL && node->n > rows[i].most)
            diag_error(loader->diags, "model.too-many", node->where, NULL, "the model has %zu %s, more than %zu",
                       node->n, rows[i].key, rows[i].most);
    }
    const YamlNode *states = yaml_find(loader->root, "states");
    size_t n_states = (states != NULL ? states->n : 0) + load_dynamics_count_stages(loader);
    if (n_states > MAX_STATES)
        diag_error(loader->diags, "model.too-many", states != NULL ? states->where : loader->root->where, NULL,
                   "the model has %zu states, stages of chains counted, more than %d", n_states, MAX_STATES);
    return loader->diags->n_errors == errors;
}

const YamlNode *load_section(ModelLoader *loader, const char *key)
{
    const YamlNode *node = yaml_find(loader->root, key);
    if (node == NULL || !yaml_is(node, YAML_MAP, arena_print(loader->arena, "'%s'", key), loader->diags))
        return NULL;
    return node;
}

Unit load_unit(ModelLoader *loader, const YamlNode *node, const char *what, const char **ret_text)
{
    Unit unit = unit_one();
    const char *text, *reason;
    *ret_text = "1";
    if (node == NULL || !yaml_text(node, arena_print(loader->arena, "the unit of %s", what), &text, loader->diags))
        return unit;
    if (!units_parse(loader->units, text, &unit, &reason))
        diag_error(loader->diags, "model.unit", node->where, units_suggest(loader->diags, text),
                   "the unit '%s' of %s %s", text, what, reason);
    else
        *ret_text = text_one_line(loader->arena, text);
    return unit;
}

/* Each operator is a node of a tree, of a graph and of its derivatives, and a register of each lane. */
static bool expressions_fit(ModelLoader *loader, const YamlNode *node)
{
    enum { MAX_BYTES = 1 << 20 };
    if (loader->n_expression_bytes <= MAX_BYTES)
        return true;
    if (loader->n_expression_bytes - strlen(node->text) > MAX_BYTES) /* said already */
        return false;
    return diag_error(loader->diags, "model.too-many", node->where, NULL,
                      "the expressions of the model are longer than %d bytes, together", MAX_BYTES);
}

Formula load_formula(ModelLoader *loader, const YamlNode *node, const char *what)
{
    Formula formula = {.text = node};
    const char *text;
    ExprFault fault;
    if (node == NULL || !yaml_text(node, what, &text, loader->diags))
        return formula;
    loader->n_expression_bytes += strlen(text);
    if (diags_full(loader->diags) || !expressions_fit(loader, node))
        return formula;
    if (!expr_parse(loader->arena, text, &formula.tree, &fault))
        diag_error(loader->diags, fault.id, yaml_where_in(loader->arena, node, fault.offset, fault.length), fault.hint,
                   "%s, in %s", fault.text, what);
    return formula;
}

double model_duration_read(Units *units, Unit time, const YamlNode *node, const char *what, const char *id,
                           Diags *diags)
{
    Quantity quantity;
    const char *text, *reason;
    const char *hint = "write a number and a unit of time, such as '12 wk'";
    if (!yaml_text(node, what, &text, diags))
        return NAN;
    if (!quantity_parse(units, text, &quantity, &reason)) {
        diag_error(diags, id, node->where, hint, "%s '%s' %s", what, text, reason);
        return NAN;
    }
    if (!unit_converts(quantity.unit, time)) {
        diag_error(diags, id, node->where, hint, "%s '%s' is not a time", what, text);
        return NAN;
    }
    double duration = quantity.value * unit_factor(quantity.unit, time);
    if (isfinite(duration))
        return duration;
    diag_error(diags, id, node->where, NULL, "%s '%s' is too long to count", what, text);
    return NAN;
}

double load_time(ModelLoader *loader, const YamlNode *node, const char *what)
{
    return model_duration_read(loader->units, loader->model->time, node, what, "model.unit", loader->diags);
}

static const struct {
    const char *name;
    VariabilityKind kind;
} variabilities[] = {{"lognormal", VARIABILITY_LOGNORMAL},
                     {"normal", VARIABILITY_NORMAL},
                     {"uniform", VARIABILITY_UNIFORM},
                     {"beta", VARIABILITY_BETA}};

const char *variability_name(VariabilityKind kind)
{
    for (size_t i = 0; i < ARRAY_LENGTH(variabilities); i++)
        if (variabilities[i].kind == kind)
            return variabilities[i].name;
    return "";
}

bool variability_read(const YamlNode *node, const char *what, double value, unsigned allowed,
                      Variability *ret_variability, Diags *diags)
{
    const char *form = "write one of {lognormal: s}, {normal: cv}, {uniform: h}, {beta: sd}";
    if (!yaml_is(node, YAML_MAP, what, diags))
        return false;
    if (node->n != 1)
        return diag_error(diags, "model.variability", node->where, form, "%s has %zu entries, not one", what, node->n);
    VariabilityKind kind = VARIABILITY_NONE;
    for (size_t i = 0; i < ARRAY_LENGTH(variabilities); i++)
        if (text_equal(node->pairs[0].key->text, variabilities[i].name))
            kind = variabilities[i].kind;
    if (kind == VARIABILITY_NONE || (allowed & 1u << kind) == 0)
        return diag_error(diags, "model.variability", node->pairs[0].key->where, form,
                          "'%s' is no distribution that %s can have", node->pairs[0].key->text, what);
    double spread;
    if (!yaml_number(node->pairs[0].value, what, 0.0, 10.0, &spread, diags))
        return false;
    if (kind == VARIABILITY_UNIFORM && spread > 1.0)
        return diag_error(diags, "model.variability", node->pairs[0].value->where, NULL,
                          "%s: a half width above 1 would change the sign of the value", what);
    if (kind == VARIABILITY_BETA && !(value > 0.0 && value < 1.0 && spread * spread < value * (1.0 - value)))
        return diag_error(diags, "model.variability", node->pairs[0].value->where,
                          "a beta distribution lives on (0, 1) and has sd^2 < mean*(1 - mean)",
                          "%s: no beta distribution has this mean and standard deviation", what);
    *ret_variability = (Variability){kind, spread};
    return true;
}

static bool quantity_as(ModelLoader *loader, const YamlNode *node, const char *text, const Parameter *parameter,
                        double *ret_value)
{
    Quantity quantity;
    const char *reason;
    if (!quantity_parse(loader->units, text, &quantity, &reason))
        return diag_error(loader->diags, "model.change", node->where,
                          "write a number, a number with a unit, or x and a factor, as in 'x0.5'", "'%s' for '%s' %s",
                          text, parameter->name, reason);
    bool bare = text_equal(quantity.unit_text, "1"); /* a bare number is in the parameter's unit */
    if (!bare && !unit_converts(quantity.unit, parameter->unit))
        return diag_error(loader->diags, "model.change", node->where, NULL,
                          "'%s' does not convert to '%s', the unit of '%s'", text, parameter->unit_text,
                          parameter->name);
    double value = bare ? quantity.value : quantity.value * unit_factor(quantity.unit, parameter->unit);
    if (!isfinite(value))
        return diag_error(loader->diags, "model.change", node->where, NULL, "'%s' is too large for '%s'", text,
                          parameter->unit_text);
    *ret_value = value;
    return true;
}

bool change_read(const ReadContext *context, const Model *model, const YamlNode *name, const YamlNode *value,
                 Change *ret_change)
{
    Diags *diags = context->diags;
    ModelLoader loader = {.arena = context->arena, .units = context->units, .diags = diags};
    const char *wanted, *text;
    if (!yaml_text(name, "the parameter", &wanted, diags) || !yaml_text(value, "the new value", &text, diags))
        return false;
    int index = model_find_parameter(model, wanted);
    if (index < 0)
        return diag_error(diags, "model.unknown-parameter", name->where,
                          model_suggest_named(diags, wanted, model->parameters, model->n_parameters, sizeof(Parameter)),
                          "'%s' is not a parameter of the model", wanted);
    Change change = {.parameter = (uint32_t)index};
    if (text[0] == 'x') {
        if (!number_parse(text + 1, &change.value))
            return diag_error(diags, "model.change", value->where, "write x and a factor, as in 'x0.5'",
                              "'%s' is not a factor", text);
        change.scales = true;
    } else if (!quantity_as(&loader, value, text, &model->parameters[index], &change.value)) {
        return false;
    }
    *ret_change = change;
    return true;
}

static void load_cite(ModelLoader *loader)
{
    const YamlNode *node = yaml_find(loader->root, "cite");
    if (node == NULL || !yaml_is(node, YAML_LIST, "'cite'", loader->diags))
        return;
    const char **cite = NEW_ARRAY(loader->arena, const char *, node->n);
    for (size_t i = 0; i < node->n; i++)
        if (!yaml_text(node->items[i], "a citation", &cite[i], loader->diags))
            cite[i] = "";
    loader->model->cite = cite;
    loader->model->n_cite = node->n;
}

static void model_load_head(ModelLoader *loader)
{
    static const char *const clocks[] = {"time", "age"};
    Model *model = loader->model;
    enum { MAX_NAME_BYTES = 100 };
    if (model->name != NULL && (strlen(model->name) > MAX_NAME_BYTES || strpbrk(model->name, "\t\r\n") != NULL))
        diag_error(loader->diags, "model.name", yaml_find(loader->root, "model")->where, NULL,
                   "the name of a model has at most %d bytes, and one line", MAX_NAME_BYTES);
    load_cite(loader);
    const YamlNode *time = yaml_need(loader->root, "time", "the model", loader->diags);
    model->time = load_unit(loader, time, "'time'", &model->time_text);
    const char *reason;
    Unit day;
    if (!units_parse(loader->units, "day", &day, &reason))
        day = unit_one();
    if (unit_converts(model->time, day))
        model->days_per_time = unit_factor(model->time, day);
    else if (time != NULL && loader->diags->n_errors == 0)
        diag_error(loader->diags, "model.unit", time->where, "write 'time: day', 'hour' or 'second'",
                   "'%s' is not a unit of time", model->time_text);
    size_t clock = 0;
    const YamlNode *node = yaml_find(loader->root, "clock");
    if (node != NULL && yaml_word(node, "'clock'", clocks, ARRAY_LENGTH(clocks), &clock, loader->diags))
        model->clock_is_age = clock == 1;
}

bool model_build(Arena *arena, Units *units, const YamlNode *root, const Model **ret_model, Diags *diags)
{
    size_t errors = diags->n_errors;
    if (!yaml_is(root, YAML_MAP, "a model file", diags))
        return false;
    if (yaml_find(root, "model") == NULL)
        return diag_error(diags, "model.not-a-model", root->where, "a model file begins with 'model: <name>'",
                          "this is not a model: it has no 'model'");
    Model *model = NEW(arena, Model);
    ModelLoader loader = {.arena = arena, .units = units, .diags = diags, .model = model, .root = root};
    model->path = root->where.source->path;
    model->text = root->where.source->text;
    model->dag = loader.dag = dag_new(arena);
    model->rtol = INFINITY;
    fields_read(&fields_of_model, root, "a model", model, diags);
    if (!load_counts_fit(&loader))
        return false;
    model_load_head(&loader);
    load_symbols(&loader);
    load_dynamics(&loader);
    load_biology(&loader);
    if (diags->n_errors == errors)
        lower_model(&loader);
    if (diags->n_errors != errors)
        return false;
    *ret_model = model;
    return true;
}

double model_rtol(const Model *model, double wanted)
{
    return fmin(model->rtol, wanted);
}

bool model_load(Arena *arena, Units *units, const char *path, const Model **ret_model, Diags *diags)
{
    const YamlNode *root;
    return yaml_load(arena, path, &root, diags) && model_build(arena, units, root, ret_model, diags);
}
