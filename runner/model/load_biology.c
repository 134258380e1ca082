/* SPDX-License-Identifier: Apache-2.0
 *
 * What an experiment may do to the model: genes, drugs, procedures, settings; and traits and correlations.
 */
#include <math.h>

#include "model/model_priv.h"

enum { MAX_GENE_SITES = 200, MAX_OPTIONS = 100 }; /* of a gene, of a setting */

typedef VEC(uint32_t) GeneIndices;

static bool count_fits(ModelLoader *loader, const YamlNode *node, const char *things, const char *what, size_t most)
{
    if (node->n <= most)
        return true;
    return diag_error(loader->diags, "model.too-many", node->where, NULL, "%s has %zu %s, more than %zu", what, node->n,
                      things, most);
}

static void add_site_parameter(ModelLoader *loader, const YamlNode *node, const YamlNode *site, GeneIndices *indices)
{
    const char *name;
    if (!yaml_text(node, arena_print(loader->arena, "the parameter of the site '%s'", site->text), &name,
                   loader->diags))
        return;
    int index = model_find_parameter(loader->model, name);
    if (index < 0) {
        diag_error(loader->diags, "model.unknown-parameter", node->where,
                   model_suggest_named(loader->diags, name, loader->parameters, loader->model->n_parameters,
                                       sizeof(Parameter)),
                   "'%s' is not a parameter of the model", name);
        return;
    }
    *vec_push(loader->arena, indices) = (uint32_t)index;
}

static void load_site(ModelLoader *loader, const YamlPair *pair, GeneCells *site)
{
    const YamlNode *scales = pair->value;
    *site = (GeneCells){.name = pair->key->text, .endogenous = 1.0};
    if (scales->kind == YAML_MAP) {
        const char *what = arena_print(loader->arena, "the site '%s'", site->name);
        fields_read(&fields_of_gene_site, scales, what, site, loader->diags);
        scales = yaml_need(scales, "scales", what, loader->diags);
        if (scales == NULL)
            return;
    }
    GeneIndices indices = {0};
    if (scales->kind == YAML_SCALAR)
        add_site_parameter(loader, scales, pair->key, &indices);
    else if (yaml_is(scales, YAML_LIST, "the parameters of a site", loader->diags))
        for (size_t i = 0; i < scales->n; i++)
            add_site_parameter(loader, scales->items[i], pair->key, &indices);
    site->parameters = indices.items;
    site->n_parameters = indices.n;
}

/* A parameter that stood at two sites would be scaled twice by a germline knockout, and once by each conditional one.
 * */
static void check_sites_apart(ModelLoader *loader, const YamlNode *key, const Gene *gene, bool *taken)
{
    for (size_t s = 0; s < gene->n_cells; s++)
        for (size_t i = 0; i < gene->cells[s].n_parameters; i++) {
            uint32_t parameter = gene->cells[s].parameters[i];
            if (taken[parameter])
                diag_error(loader->diags, "model.site-shared", key->where,
                           "give each site of each gene a parameter of its own",
                           "the parameter '%s' at the site '%s' of '%s' is scaled by another site already",
                           loader->parameters[parameter].name, gene->cells[s].name, gene->name);
            taken[parameter] = true;
        }
}

static void load_genes(ModelLoader *loader)
{
    const YamlNode *node = load_section(loader, "genes");
    if (node == NULL)
        return;
    Gene *genes = NEW_ARRAY(loader->arena, Gene, node->n);
    bool *taken = NEW_ARRAY(loader->arena, bool, loader->model->n_parameters);
    for (size_t i = 0; i < node->n; i++) {
        const YamlPair *pair = &node->pairs[i];
        const char *what = arena_print(loader->arena, "the gene '%s'", pair->key->text);
        genes[i].name = pair->key->text;
        if (!yaml_is(pair->value, YAML_MAP, what, loader->diags))
            continue;
        fields_read(&fields_of_gene, pair->value, what, &genes[i], loader->diags);
        const YamlNode *sites = yaml_need(pair->value, "sites", what, loader->diags);
        if (sites == NULL || !yaml_is(sites, YAML_MAP, "'sites'", loader->diags) ||
            !count_fits(loader, sites, "sites", what, MAX_GENE_SITES))
            continue;
        GeneCells *loaded = NEW_ARRAY(loader->arena, GeneCells, sites->n);
        for (size_t s = 0; s < sites->n; s++)
            load_site(loader, &sites->pairs[s], &loaded[s]);
        genes[i].cells = loaded;
        genes[i].n_cells = sites->n;
        check_sites_apart(loader, pair->key, &genes[i], taken);
    }
    loader->model->genes = genes;
    loader->model->n_genes = node->n;
}

static void load_drug(ModelLoader *loader, const YamlPair *pair, Drug *drug)
{
    const char *what = arena_print(loader->arena, "the drug '%s'", pair->key->text), *into;
    *drug = (Drug){.name = pair->key->text, .unit = unit_one(), .unit_text = "1"};
    if (!yaml_is(pair->value, YAML_MAP, what, loader->diags))
        return;
    fields_read(&fields_of_drug, pair->value, what, drug, loader->diags);
    drug->unit = load_unit(loader, yaml_need(pair->value, "unit", what, loader->diags), what, &drug->unit_text);
    drug->amount = load_formula(loader, yaml_need(pair->value, "amount", what, loader->diags),
                                arena_print(loader->arena, "the amount of '%s'", drug->name));
    const YamlNode *node = yaml_need(pair->value, "into", what, loader->diags);
    if (node == NULL || !yaml_text(node, "'into'", &into, loader->diags))
        return;
    const Symbol *symbol = map_find(&loader->model->symbols, into);
    if (symbol == NULL || symbol->kind != SYMBOL_STATE)
        diag_error(loader->diags, "model.unknown-state", node->where,
                   model_suggest_named(loader->diags, into, loader->states, loader->model->n_states, sizeof(State)),
                   "'%s', into which %s goes, is not a state", into, what);
    else
        drug->into = symbol->index;
}

static const Change *load_changes(ModelLoader *loader, const YamlNode *node, const char *what, size_t *ret_n)
{
    *ret_n = 0;
    if (node == NULL || !yaml_is(node, YAML_MAP, what, loader->diags))
        return NULL;
    Change *changes = NEW_ARRAY(loader->arena, Change, node->n);
    for (size_t i = 0; i < node->n; i++)
        if (change_read(&(ReadContext){loader->arena, loader->units, loader->diags}, loader->model, node->pairs[i].key,
                        node->pairs[i].value, &changes[*ret_n]))
            (*ret_n)++;
    return changes;
}

static void load_procedures(ModelLoader *loader)
{
    const YamlNode *node = load_section(loader, "procedures");
    if (node == NULL)
        return;
    Procedure *procedures = NEW_ARRAY(loader->arena, Procedure, node->n);
    for (size_t i = 0; i < node->n; i++) {
        const YamlPair *pair = &node->pairs[i];
        Procedure *procedure = &procedures[i];
        const char *what = arena_print(loader->arena, "the procedure '%s'", pair->key->text);
        procedure->name = pair->key->text;
        if (!yaml_is(pair->value, YAML_MAP, what, loader->diags))
            continue;
        fields_read(&fields_of_procedure, pair->value, what, procedure, loader->diags);
        procedure->changes =
            load_changes(loader, yaml_need(pair->value, "set", what, loader->diags), "'set'", &procedure->n_changes);
        const YamlNode *half = yaml_find(pair->value, "half_time");
        if (half == NULL)
            continue;
        procedure->half_time = load_time(loader, half, arena_print(loader->arena, "the half time of %s", what));
        if (procedure->half_time <= 0.0)
            diag_error(loader->diags, "model.change", half->where, "leave it out for a change at once",
                       "the half time of %s is not positive", what);
        for (size_t c = 0; c < procedure->n_changes; c++)
            loader->parameters[procedure->changes[c].parameter].ramps = true;
    }
    loader->model->procedures = procedures;
    loader->model->n_procedures = node->n;
}

static void load_settings(ModelLoader *loader)
{
    const YamlNode *node = load_section(loader, "settings");
    if (node == NULL)
        return;
    Setting *settings = NEW_ARRAY(loader->arena, Setting, node->n);
    for (size_t i = 0; i < node->n; i++) {
        const YamlPair *pair = &node->pairs[i];
        const char *what = arena_print(loader->arena, "the setting '%s'", pair->key->text);
        settings[i].name = pair->key->text;
        if (!yaml_is(pair->value, YAML_MAP, what, loader->diags) ||
            !count_fits(loader, pair->value, "options", what, MAX_OPTIONS))
            continue;
        Option *options = NEW_ARRAY(loader->arena, Option, pair->value->n);
        for (size_t o = 0; o < pair->value->n; o++) {
            options[o].name = pair->value->pairs[o].key->text;
            options[o].changes = load_changes(loader, pair->value->pairs[o].value,
                                              arena_print(loader->arena, "the option '%s'", options[o].name),
                                              &options[o].n_changes);
        }
        if (pair->value->n == 0)
            diag_error(loader->diags, "model.no-options", pair->key->where, NULL, "%s has no options", what);
        settings[i].options = options;
        settings[i].n_options = pair->value->n;
    }
    loader->model->settings = settings;
    loader->model->n_settings = node->n;
}

static void load_traits(ModelLoader *loader)
{
    const YamlNode *node = load_section(loader, "traits");
    if (node == NULL)
        return;
    loader->model->traits = loader->traits = NEW_ARRAY(loader->arena, Trait, node->n);
    loader->model->n_traits = node->n;
    for (size_t i = 0; i < node->n; i++) {
        const YamlPair *pair = &node->pairs[i];
        const char *what = arena_print(loader->arena, "the trait '%s'", pair->key->text);
        loader->traits[i] = (Trait){.name = pair->key->text, .at = NAN};
        if (!yaml_is(pair->value, YAML_MAP, what, loader->diags))
            continue;
        fields_read(&fields_of_trait, pair->value, what, &loader->traits[i], loader->diags);
        loader->traits[i].when = load_formula(loader, yaml_need(pair->value, "when", what, loader->diags), what);
        const YamlNode *at = yaml_find(pair->value, "at");
        if (at == NULL)
            continue;
        loader->traits[i].at = load_time(loader, at, arena_print(loader->arena, "'at' of %s", what));
        if (loader->traits[i].at < 0.0)
            diag_error(loader->diags, "model.before-start", at->where, NULL, "'at' of %s is before the start", what);
    }
}

static bool load_correlated(ModelLoader *loader, const YamlNode *node, uint32_t *ret_parameter)
{
    const char *name;
    if (!yaml_text(node, "a correlated parameter", &name, loader->diags))
        return false;
    int index = model_find_parameter(loader->model, name);
    if (index < 0 || loader->parameters[index].variability.kind == VARIABILITY_NONE)
        return diag_error(loader->diags, "model.correlation", node->where,
                          index >= 0 ? "give it a 'variability:'"
                                     : model_suggest_named(loader->diags, name, loader->parameters,
                                                           loader->model->n_parameters, sizeof(Parameter)),
                          "'%s' is not a parameter with variability", name);
    *ret_parameter = (uint32_t)index;
    return true;
}

/* The newest of n + 1 correlations. */
static bool correlation_is_sound(ModelLoader *loader, const YamlNode *between, const Correlation *all, size_t n)
{
    const Correlation *c = &all[n];
    if (c->a == c->b)
        return diag_error(loader->diags, "model.correlation", between->where, NULL, "'%s' is correlated with itself",
                          loader->parameters[c->a].name);
    if (fabs(c->rho) >= 1.0)
        return diag_error(loader->diags, "model.correlation", between->where, "write one of them as a quantity",
                          "a correlation of %g makes one parameter of two", c->rho);
    for (size_t i = 0; i < n; i++)
        if ((all[i].a == c->a && all[i].b == c->b) || (all[i].a == c->b && all[i].b == c->a))
            return diag_error(loader->diags, "model.correlation", between->where, NULL,
                              "the correlation of '%s' and '%s' is given twice", loader->parameters[c->a].name,
                              loader->parameters[c->b].name);
    return true;
}

static void load_correlations(ModelLoader *loader)
{
    const YamlNode *node = yaml_find(loader->root, "correlations");
    if (node == NULL || !yaml_is(node, YAML_LIST, "'correlations'", loader->diags))
        return;
    Correlation *correlations = NEW_ARRAY(loader->arena, Correlation, node->n);
    size_t n = 0;
    for (size_t i = 0; i < node->n; i++) {
        Correlation *c = &correlations[n];
        if (!yaml_is(node->items[i], YAML_MAP, "a correlation", loader->diags))
            continue;
        size_t errors = loader->diags->n_errors;
        fields_read(&fields_of_correlation, node->items[i], "a correlation", c, loader->diags);
        const YamlNode *between = yaml_need(node->items[i], "between", "a correlation", loader->diags);
        if (loader->diags->n_errors != errors || !yaml_is(between, YAML_LIST, "'between'", loader->diags))
            continue;
        if (between->n != 2)
            diag_error(loader->diags, "model.correlation", between->where, "write 'between: [a, b]'",
                       "a correlation is between two parameters, not %zu", between->n);
        else if (load_correlated(loader, between->items[0], &c->a) &&
                 load_correlated(loader, between->items[1], &c->b) &&
                 correlation_is_sound(loader, between, correlations, n))
            n++;
    }
    loader->model->correlations = correlations;
    loader->model->n_correlations = n;
}

void load_biology(ModelLoader *loader)
{
    load_genes(loader);
    const YamlNode *drugs = load_section(loader, "drugs");
    loader->model->n_drugs = drugs != NULL ? drugs->n : 0;
    loader->model->drugs = loader->drugs = NEW_ARRAY(loader->arena, Drug, loader->model->n_drugs);
    for (size_t i = 0; i < loader->model->n_drugs; i++)
        load_drug(loader, &drugs->pairs[i], &loader->drugs[i]);
    load_procedures(loader);
    load_settings(loader);
    load_traits(loader);
    load_correlations(loader);
}
