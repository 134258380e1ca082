/* SPDX-License-Identifier: Apache-2.0
 *
 * Parameters, quantities, states and phenotypes: names, units, trees. What their expressions mean is lower.c's.
 */
#include <math.h>
#include <string.h>

#include "model/model_priv.h"

void load_symbols_add(ModelLoader *loader, const YamlNode *key, SymbolKind kind, size_t index)
{
    const char *name = key->text;
    if (!expr_is_name(name)) {
        diag_error(loader->diags, "model.name", key->where, "a letter or _, then letters, digits, _ and dots",
                   "'%s' cannot be used as a name in expressions", name);
        return;
    }
    if (expr_is_reserved(name) || text_equal(name, "t") || text_equal(name, "dose") || text_equal(name, "steady")) {
        diag_error(loader->diags, "model.name", key->where, NULL, "'%s' is a word of the expression language", name);
        return;
    }
    Symbol *symbol = NEW(loader->arena, Symbol);
    *symbol = (Symbol){.kind = kind, .index = (uint32_t)index};
    if (!map_add(loader->arena, &loader->model->symbols, name, symbol))
        diag_error(loader->diags, "model.duplicate-name", key->where, "one name, one thing",
                   "'%s' is defined already, as another kind of thing", name);
}

static void check_source(ModelLoader *loader, const YamlNode *key, const Parameter *parameter)
{
    if (parameter->source == NULL && parameter->assumed == NULL)
        diag_error(loader->diags, "model.no-source", key->where,
                   "add 'source: <where the value was published>' or 'assumed: <why>'",
                   "the parameter '%s' has neither a source nor an assumption", parameter->name);
}

/* 'interval: [low, high]' says how well a fit knows the value; of one that was published the source says it. */
static void load_interval(ModelLoader *loader, const YamlNode *node, Parameter *parameter)
{
    const YamlNode *interval = yaml_find(node, "interval"), *evidence = yaml_find(node, "evidence");
    const char *what = arena_print(loader->arena, "the interval of '%s'", parameter->name);
    double ends[2];
    if (interval == NULL || !yaml_is(interval, YAML_LIST, what, loader->diags))
        return;
    if (interval->n != 2) {
        diag_error(loader->diags, "model.interval", interval->where, "write 'interval: [low, high]'",
                   "%s has to have 2 ends, but it has %zu", what, interval->n);
        return;
    }
    for (size_t i = 0; i < 2; i++)
        if (!yaml_number(interval->items[i], what, -INFINITY, INFINITY, &ends[i], loader->diags))
            return;
    bool fitted = evidence != NULL && evidence->kind == YAML_SCALAR && text_equal(evidence->text, "fitted");
    if (!fitted || parameter->source != NULL)
        diag_error(loader->diags, "model.interval", interval->where,
                   "an interval belongs to a parameter with 'assumed' and 'evidence: fitted'",
                   "'%s' has an interval, but is no fitted parameter", parameter->name);
    else if (!(ends[0] <= parameter->value && parameter->value <= ends[1]))
        diag_error(loader->diags, "model.interval", interval->where, NULL,
                   "%s, %g to %g, does not contain its value, %g", what, ends[0], ends[1], parameter->value);
    else
        memcpy(parameter->interval, ends, sizeof ends);
}

static void model_load_parameter(ModelLoader *loader, const YamlPair *pair, Parameter *parameter)
{
    Arena *arena = loader->arena;
    const char *what = arena_print(arena, "the parameter '%s'", pair->key->text);
    *parameter = (Parameter){
        .name = pair->key->text, .unit = unit_one(), .unit_text = "1", .interval = {(double)NAN, (double)NAN}};
    if (!yaml_is(pair->value, YAML_MAP, what, loader->diags))
        return;
    fields_read(&fields_of_parameter, pair->value, what, parameter, loader->diags);
    const YamlNode *unit = yaml_need(pair->value, "unit", what, loader->diags);
    parameter->unit = load_unit(loader, unit, arena_print(arena, "'%s'", parameter->name), &parameter->unit_text);
    check_source(loader, pair->key, parameter);
    load_interval(loader, pair->value, parameter);
    const YamlNode *variability = yaml_find(pair->value, "variability");
    unsigned all = 1u << VARIABILITY_LOGNORMAL | 1u << VARIABILITY_NORMAL | 1u << VARIABILITY_UNIFORM |
                   1u << VARIABILITY_BETA;
    if (variability != NULL &&
        !variability_read(variability, arena_print(arena, "the variability of '%s'", parameter->name), parameter->value,
                          all, &parameter->variability, loader->diags))
        parameter->variability = (Variability){VARIABILITY_NONE, 0.0};
}

static void load_quantity(ModelLoader *loader, const YamlPair *pair, ModelQuantity *quantity)
{
    const char *what = arena_print(loader->arena, "the quantity '%s'", pair->key->text);
    *quantity = (ModelQuantity){.name = pair->key->text, .unit = unit_one(), .unit_text = "1"};
    if (!yaml_is(pair->value, YAML_MAP, what, loader->diags))
        return;
    fields_read(&fields_of_quantity, pair->value, what, quantity, loader->diags);
    quantity->is = load_formula(loader, yaml_need(pair->value, "is", what, loader->diags), what);
    quantity->unit = load_unit(loader, yaml_need(pair->value, "unit", what, loader->diags),
                               arena_print(loader->arena, "'%s'", quantity->name), &quantity->unit_text);
}

void load_symbols_initial(ModelLoader *loader, const YamlNode *node, const char *what, State *state)
{
    const YamlNode *initial = yaml_find(node, "initial"), *near = yaml_find(node, "near");
    if (initial == NULL && !state->steady)
        (void)yaml_need(node, "initial", what, loader->diags);
    if (initial != NULL)
        state->steady = initial->kind == YAML_SCALAR && text_equal(initial->text, "steady");
    if (initial != NULL && !state->steady)
        state->initial =
            load_formula(loader, initial, arena_print(loader->arena, "the initial value of '%s'", state->name));
    else if (near != NULL)
        state->initial = load_formula(loader, near, arena_print(loader->arena, "'near' of '%s'", state->name));
    if (near != NULL && !state->steady)
        diag_error(loader->diags, "model.near", near->where, "write 'initial: steady', or leave 'near' out",
                   "%s has 'near', but does not start steady", what);
}

static void load_state(ModelLoader *loader, const YamlPair *pair, State *state)
{
    Arena *arena = loader->arena;
    const char *name = pair->key->text, *what = arena_print(arena, "the state '%s'", name);
    *state = (State){.name = name, .unit = unit_one(), .unit_text = "1", .scale = NAN, .at_least = -INFINITY};
    if (!yaml_is(pair->value, YAML_MAP, what, loader->diags))
        return;
    fields_read(&fields_of_state, pair->value, what, state, loader->diags);
    load_symbols_initial(loader, pair->value, what, state);
    if (yaml_find(pair->value, "rate") != NULL)
        state->rate =
            load_formula(loader, yaml_find(pair->value, "rate"), arena_print(arena, "the rate of '%s'", name));
    state->unit = load_unit(loader, yaml_need(pair->value, "unit", what, loader->diags),
                            arena_print(arena, "'%s'", name), &state->unit_text);
}

static void load_phenotype(ModelLoader *loader, const YamlPair *pair, Phenotype *phenotype)
{
    Arena *arena = loader->arena;
    const char *name = pair->key->text, *what = arena_print(arena, "the phenotype '%s'", name);
    *phenotype = (Phenotype){.name = name, .unit = unit_one(), .unit_text = "1"};
    if (map_find(&loader->model->symbols, name) != NULL)
        diag_error(loader->diags, "model.duplicate-name", pair->key->where, "one name, one thing",
                   "'%s' is defined already, as another kind of thing", name);
    if (!yaml_is(pair->value, YAML_MAP, what, loader->diags))
        return;
    fields_read(&fields_of_phenotype, pair->value, what, phenotype, loader->diags);
    phenotype->is = load_formula(loader, yaml_need(pair->value, "is", what, loader->diags), what);
    phenotype->unit = load_unit(loader, yaml_need(pair->value, "unit", what, loader->diags),
                                arena_print(arena, "'%s'", name), &phenotype->unit_text);
    const YamlNode *noise = yaml_find(pair->value, "noise");
    if (noise != NULL &&
        !variability_read(noise, arena_print(arena, "the noise of '%s'", name), 1.0,
                          1u << VARIABILITY_LOGNORMAL | 1u << VARIABILITY_NORMAL, &phenotype->noise, loader->diags))
        phenotype->noise = (Variability){VARIABILITY_NONE, 0.0};
}

void load_symbols(ModelLoader *loader)
{
    Model *model = loader->model;
    Arena *arena = loader->arena;
    const YamlNode *parameters = load_section(loader, "parameters"), *quantities = load_section(loader, "quantities");
    const YamlNode *states = load_section(loader, "states"), *phenotypes = load_section(loader, "phenotypes");
    if (states == NULL && yaml_find(loader->root, "states") == NULL)
        (void)yaml_need(loader->root, "states", "the model", loader->diags);

    model->n_parameters = parameters != NULL ? parameters->n : 0;
    model->parameters = loader->parameters = NEW_ARRAY(arena, Parameter, model->n_parameters);
    for (size_t i = 0; i < model->n_parameters; i++) {
        load_symbols_add(loader, parameters->pairs[i].key, SYMBOL_PARAMETER, i);
        model_load_parameter(loader, &parameters->pairs[i], &loader->parameters[i]);
    }
    model->n_quantities = quantities != NULL ? quantities->n : 0;
    model->quantities = loader->quantities = NEW_ARRAY(arena, ModelQuantity, model->n_quantities);
    for (size_t i = 0; i < model->n_quantities; i++) {
        load_symbols_add(loader, quantities->pairs[i].key, SYMBOL_QUANTITY, i);
        load_quantity(loader, &quantities->pairs[i], &loader->quantities[i]);
    }
    size_t n_own = states != NULL ? states->n : 0;
    model->n_own_states = n_own;
    model->n_states = n_own + load_dynamics_count_stages(loader);
    model->states = loader->states = NEW_ARRAY(arena, State, model->n_states);
    for (size_t i = 0; i < n_own; i++) {
        load_symbols_add(loader, states->pairs[i].key, SYMBOL_STATE, i);
        load_state(loader, &states->pairs[i], &loader->states[i]);
    }
    load_dynamics_chains(loader);
    model->n_phenotypes = phenotypes != NULL ? phenotypes->n : 0;
    model->phenotypes = loader->phenotypes = NEW_ARRAY(arena, Phenotype, model->n_phenotypes);
    for (size_t i = 0; i < model->n_phenotypes; i++)
        load_phenotype(loader, &phenotypes->pairs[i], &loader->phenotypes[i]);
}
