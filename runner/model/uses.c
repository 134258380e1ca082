/* SPDX-License-Identifier: Apache-2.0
 *
 * Warns of parameters that change nothing, and of states whose size is not known.
 */
#include <math.h>

#include "model/model_priv.h"

/* What an animal's course, its outputs or its doses depend on. A quantity that none of them reads counts for nothing: a
 * knockout that only reached such a one would change no animal, unseen. */
static const bool *reached_nodes(const ModelLoader *loader)
{
    const Model *model = loader->model;
    size_t n = 0;
    Node *roots = NEW_ARRAY(loader->arena, Node,
                            2 * model->n_states + model->n_phenotypes + model->n_traits + model->n_drugs +
                                model_event_nodes(model, NULL));
    for (size_t i = 0; i < model->n_states; i++) {
        roots[n++] = model->states[i].initial.node;
        roots[n++] = model->states[i].rate.node;
    }
    for (size_t i = 0; i < model->n_phenotypes; i++)
        roots[n++] = model->phenotypes[i].is.node;
    for (size_t i = 0; i < model->n_traits; i++)
        roots[n++] = model->traits[i].when.node;
    for (size_t i = 0; i < model->n_drugs; i++)
        roots[n++] = model->drugs[i].amount.node;
    n += model_event_nodes(model, roots + n);
    bool *reached = NEW_ARRAY(loader->arena, bool, dag_size(loader->model->dag));
    dag_reach(loader->model->dag, roots, n, reached);
    return reached;
}

static bool has_no_size(const ModelLoader *loader, const State *state)
{
    const DagNode *initial = dag_node(loader->model->dag, state->initial.node);
    return isnan(state->scale) && initial->op == OP_CONST && !(fabs(initial->value) > 0.0);
}

static const char *scale_hint(ModelLoader *loader, const State *state)
{
    return arena_print(loader->arena, "add 'scale: <a typical amount in %s>' to '%s'", state->unit_text, state->name);
}

/* The integrator resolves a state down to a share of its size. One that starts at 0 has no size until a drug comes, and
 * one whose steady state is looked for near 0 until it is found. */
void uses_warn_unscaled(ModelLoader *loader)
{
    const YamlNode *drugs = yaml_find(loader->root, "drugs");
    for (size_t i = 0; i < loader->model->n_drugs; i++) {
        const State *into = &loader->states[loader->model->drugs[i].into];
        if (has_no_size(loader, into))
            diag_warn(loader->diags, "model.no-scale", drugs->pairs[i].key->where, scale_hint(loader, into),
                      "'%s' goes into '%s', which starts at 0: 1 %s is taken for its size, and amounts far below that "
                      "are not resolved",
                      loader->model->drugs[i].name, into->name, into->unit_text);
    }
    for (size_t i = 0; i < loader->model->n_own_states; i++) {
        const State *state = &loader->states[i];
        if (state->steady && has_no_size(loader, state))
            diag_warn(
                loader->diags, "model.no-scale", state->initial.text->where, scale_hint(loader, state),
                "the steady state of '%s' is looked for near 0: 1 %s is taken for its size, and a state far below "
                "that is not found",
                state->name, state->unit_text);
    }
}

void uses_warn_unused(ModelLoader *loader)
{
    const YamlNode *parameters = yaml_find(loader->root, "parameters");
    for (size_t i = 0; i < loader->model->n_parameters; i++)
        (void)dag_parameter(loader->dag, (uint32_t)i); /* so that each has a node, reached or not */
    const bool *reached = reached_nodes(loader);
    for (size_t i = 0; i < loader->model->n_parameters; i++)
        if (!reached[dag_parameter(loader->dag, (uint32_t)i)])
            diag_warn(loader->diags, "model.unused-parameter", parameters->pairs[i].key->where, NULL,
                      "the parameter '%s' changes nothing: no rate, phenotype or trait depends on it",
                      loader->parameters[i].name);
}
