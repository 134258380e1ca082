/* SPDX-License-Identifier: Apache-2.0
 *
 * One design over several models: for each the experiment is read as if it were its only one, with what 'models:' says
 * of it put over the head.
 */
#include "plan/plan_priv.h"

enum { MAX_MODELS = 100 };

/* What a model may have of its own: its clock, its options and its states are not the others'. */
static YamlNode *text_node(Arena *arena, const YamlNode *near, const char *text)
{
    YamlNode *node = NEW(arena, YamlNode);
    *node = *near;
    node->text = text;
    return node;
}

/* The experiment's root with 'model: name' instead of 'models:', and with the values of `own` (NULL: none). */
static const YamlNode *root_for(Arena *arena, const YamlNode *root, const YamlNode *name, const YamlNode *own)
{
    YamlNode *merged = NEW(arena, YamlNode);
    YamlPair *pairs = NEW_ARRAY(arena, YamlPair, root->n + fields_of_own.n);
    *merged = *root;
    merged->n = 0;
    for (size_t i = 0; i < root->n; i++) {
        YamlPair pair = root->pairs[i];
        if (text_equal(pair.key->text, "models"))
            pair = (YamlPair){text_node(arena, pair.key, "model"), name};
        else if (yaml_find(own, pair.key->text) != NULL)
            pair.value = yaml_find(own, pair.key->text);
        pairs[merged->n++] = pair;
    }
    for (size_t i = 0; own != NULL && own->kind == YAML_MAP && i < own->n; i++)
        if (yaml_find(root, own->pairs[i].key->text) == NULL)
            pairs[merged->n++] = own->pairs[i];
    merged->pairs = pairs;
    return merged;
}

/* 'models:' is a list of names, or a map from names to what they have of their own. */
static bool read_models(Arena *arena, const YamlNode *root, const YamlNode *models, const YamlNode ***ret_roots,
                        size_t *ret_n, Diags *diags)
{
    size_t errors = diags->n_errors;
    bool is_map = models->kind == YAML_MAP;
    if (yaml_find(root, "model") != NULL)
        return diag_error(diags, "plan.models", models->where, NULL, "an experiment has 'model' or 'models', not both");
    if (!is_map && !yaml_is(models, YAML_LIST, "'models'", diags))
        return false;
    if (models->n == 0 || models->n > MAX_MODELS)
        return diag_error(diags, "plan.models", models->where, "write 'models: [lemaire-2004, pivonka-2008]'",
                          "'models' names no model, or more than %d", MAX_MODELS);
    const YamlNode **roots = NEW_ARRAY(arena, const YamlNode *, models->n);
    Map seen = {0};
    for (size_t i = 0; i < models->n; i++) {
        const YamlNode *name = is_map ? models->pairs[i].key : models->items[i];
        const YamlNode *own = is_map ? models->pairs[i].value : NULL;
        const char *text;
        if (own != NULL && own->kind == YAML_SCALAR && own->text[0] == '\0')
            own = NULL; /* 'lemaire-2004:' alone */
        if (!yaml_text(name, "a model", &text, diags))
            continue;
        if (!map_add(arena, &seen, text, roots))
            diag_error(diags, "plan.models", name->where, NULL, "the model '%s' is named twice", text);
        if (own != NULL && yaml_is(own, YAML_MAP, arena_print(arena, "what '%s' has of its own", text), diags))
            fields_check(&fields_of_own, own, arena_print(arena, "what '%s' has of its own", text), diags);
        if (diags->n_errors != errors)
            continue;
        roots[i] = root_for(arena, root, name, own);
    }
    *ret_roots = roots;
    *ret_n = models->n;
    return diags->n_errors == errors;
}

static const Unexpressed *find_unexpressed(const Plan *plan, const char *cohort)
{
    for (size_t i = 0; i < plan->n_unexpressed; i++)
        if (text_equal(plan->unexpressed[i].cohort, cohort))
            return &plan->unexpressed[i];
    return NULL;
}

/* A cohort that no model expresses is misspelt, or asked of the wrong models. */
static bool check_answers(const Plan *const *plans, size_t n, Diags *diags)
{
    size_t errors = diags->n_errors;
    for (size_t i = 0; i < plans[0]->n_unexpressed; i++) {
        const Unexpressed *first = &plans[0]->unexpressed[i];
        bool everywhere = true;
        for (size_t m = 1; m < n; m++)
            everywhere = everywhere && find_unexpressed(plans[m], first->cohort) != NULL;
        if (everywhere)
            diag_error(diags, "plan.models", first->where, first->hint, "no model can express the cohort '%s': %s",
                       first->cohort, first->reason);
    }
    return diags->n_errors == errors;
}

/* Results are told apart by the names of their models. */
static bool names_differ(const YamlNode *models, const Plan *const *plans, size_t n, Diags *diags)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (text_equal(plans[i]->model->name, plans[k]->model->name))
                return diag_error(diags, "plan.models", models->where, "give one of them another name in its file",
                                  "'%s' and '%s' have one name, '%s'", plans[k]->model->path, plans[i]->model->path,
                                  plans[i]->model->name);
    return true;
}

bool plans_build(Arena *arena, Units *units, const YamlNode *root, const PlanOptions *options, Plans *ret_plans,
                 Diags *diags)
{
    if (!yaml_is(root, YAML_MAP, "an experiment file", diags))
        return false;
    if (yaml_find(root, "experiment") == NULL)
        return diag_error(diags, "plan.not-an-experiment", root->where,
                          "an experiment file begins with 'experiment: <name>'",
                          "this is not an experiment: it has no 'experiment'");
    const YamlNode *models = yaml_find(root, "models"), **roots = &root;
    size_t n = 1;
    if (models != NULL && !read_models(arena, root, models, &roots, &n, diags))
        return false;
    const Plan **plans = NEW_ARRAY(arena, const Plan *, n);
    PlanLoader loader = {.arena = arena, .units = units, .diags = diags, .options = options, .answers = models != NULL};
    for (size_t i = 0; i < n; i++) { /* one loader: what is limited in total is so over all models */
        loader.root = roots[i];
        loader.drivers_path = NULL;
        if (!plan_fill(&loader, &plans[i]))
            return false;
    }
    if (models != NULL && (!names_differ(models, plans, n, diags) || !check_answers(plans, n, diags)))
        return false;
    *ret_plans = (Plans){.plans = plans, .n = n};
    return true;
}

bool plans_load(Arena *arena, Units *units, const char *path, const PlanOptions *options, Plans *ret_plans,
                Diags *diags)
{
    const YamlNode *root;
    return yaml_load(arena, path, &root, diags) && plans_build(arena, units, root, options, ret_plans, diags);
}
