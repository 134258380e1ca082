/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole model lowered: states with their reactions and chains, events, drugs, outputs; the layout of the slots.
 */
#include <math.h>

#include "model/lower_priv.h"

/* ---- States: their own rates, then reactions, then chains ---- */

static void lower_initial(Lowering *l, State *state)
{
    const char *what =
        arena_print(l->loader->arena, state->steady ? "'near' of '%s'" : "the initial value of '%s'", state->name);
    if (state->steady && state->initial.tree == NULL) {
        state->initial.node = dag_const(l->dag, isnan(state->scale) ? 1.0 : state->scale);
        return;
    }
    if (lower_formula(l, &state->initial, state->unit, state->unit_text, what, true) &&
        (dag_node(l->dag, state->initial.node)->depends & ON_STATE) != 0)
        diag_error(l->loader->diags, "model.initial", state->initial.text->where, "write it with parameters",
                   "%s depends on states, which have no value yet", what);
}

static Unit rate_unit(const Lowering *l, const State *state)
{
    return unit_over(state->unit, l->loader->model->time);
}

static void lower_rate(Lowering *l, State *state)
{
    Arena *arena = l->loader->arena;
    state->rate.node = dag_const(l->dag, 0.0);
    if (state->rate.tree != NULL)
        (void)lower_formula(l, &state->rate, rate_unit(l, state),
                            arena_print(arena, "%s per %s", state->unit_text, l->loader->model->time_text),
                            arena_print(arena, "the rate of '%s'", state->name), false);
}

/* A formula of which only its own unit is known. */
static Typed lower_free(Lowering *l, Formula *formula, const char *what)
{
    l->text = formula->text;
    l->what = what;
    Typed value = lower(l, formula->tree);
    formula->node = value.node;
    return value;
}

static void lower_term(Lowering *l, const Reaction *reaction, ReactionTerm *term, Typed rate)
{
    Arena *arena = l->loader->arena;
    State *state = &l->loader->states[term->state];
    const char *what = arena_print(arena, "the coefficient of '%s' in the reaction '%s'", state->name, reaction->name);
    Typed amount = rate;
    if (term->coefficient.tree != NULL) {
        Typed factor = lower_free(l, &term->coefficient, what);
        if (factor.failed)
            return;
        if ((dag_node(l->dag, factor.node)->depends & (ON_STATE | ON_TIME)) != 0) {
            diag_error(l->loader->diags, "model.reaction", term->coefficient.text->where,
                       "write it with numbers and parameters", "%s depends on states or time", what);
            return;
        }
        amount.node = apply(l, OP_MULTIPLY, factor.node, rate.node);
        amount.unit = unit_times(factor.unit, rate.unit);
    }
    if (!rate.is_zero && !unit_converts(amount.unit, rate_unit(l, state))) {
        diag_error(l->loader->diags, "model.unit-mismatch", reaction->rate.text->where,
                   arena_print(arena, "give '%s' a coefficient: {%s: 1/volume}", state->name, state->name),
                   "the reaction '%s' changes '%s' at a rate that is %s, but '%s per %s' is wanted", reaction->name,
                   state->name, lower_unit_text(l, amount.unit), state->unit_text, l->loader->model->time_text);
        return;
    }
    state->rate.node = apply(l, term->consumed ? OP_SUBTRACT : OP_ADD, state->rate.node,
                             lower_converted(l, amount, rate_unit(l, state)).node);
}

static void lower_reactions(Lowering *l)
{
    for (size_t i = 0; i < l->loader->model->n_reactions; i++) {
        Reaction *reaction = &l->loader->reactions[i];
        Typed rate = lower_free(l, &reaction->rate,
                                arena_print(l->loader->arena, "the rate of the reaction '%s'", reaction->name));
        for (size_t t = 0; t < reaction->n_terms && !rate.failed; t++)
            lower_term(l, reaction, &reaction->terms[t], rate);
    }
}

/* d stage / dt = (stages / delay) * (the stage before it - stage) */
static void lower_chain(Lowering *l, Chain *chain)
{
    Arena *arena = l->loader->arena;
    const Model *model = l->loader->model;
    State *stages = &l->loader->states[chain->first_state];
    const char *what = arena_print(arena, "the chain '%s'", chain->name);
    if (!lower_formula(l, &chain->of, stages->unit, stages->unit_text, what, false) ||
        !lower_formula(l, &chain->delay, model->time, model->time_text, arena_print(arena, "the delay of %s", what),
                       false))
        return;
    lower_initial(l, stages);
    Node before = chain->of.node;
    Node k = apply(l, OP_DIVIDE, dag_const(l->dag, (double)chain->n_stages), chain->delay.node);
    for (uint32_t i = 0; i < chain->n_stages; i++) {
        Node own = dag_state(l->dag, chain->first_state + i);
        stages[i].initial.node = stages->initial.node;
        stages[i].rate.node = apply(l, OP_MULTIPLY, k, apply(l, OP_SUBTRACT, before, own));
        before = own;
    }
}

/* A state that nothing changes is more often forgotten than meant. */
static void check_states_change(Lowering *l)
{
    const Model *model = l->loader->model;
    bool *changed = NEW_ARRAY(l->loader->arena, bool, model->n_states);
    for (size_t i = 0; i < model->n_states; i++)
        changed[i] = model->states[i].rate.tree != NULL;
    for (size_t i = 0; i < model->n_reactions; i++)
        for (size_t t = 0; t < model->reactions[i].n_terms; t++)
            changed[model->reactions[i].terms[t].state] = true;
    for (size_t i = 0; i < model->n_chains; i++)
        for (uint32_t s = 0; s < model->chains[i].n_stages; s++)
            changed[model->chains[i].first_state + s] = true;
    const YamlNode *states = yaml_find(l->loader->root, "states");
    for (size_t i = 0; i < model->n_states; i++)
        if (!changed[i])
            diag_error(l->loader->diags, "model.no-rate", states->pairs[i].key->where,
                       "add 'rate:'; 'rate: 0' for a state that stays as it is or that events alone change",
                       "the state '%s' has no rate, and no reaction changes it", model->states[i].name);
}

static void lower_states(Lowering *l)
{
    Model *model = l->loader->model;
    for (size_t i = 0; i < model->n_own_states; i++) {
        lower_initial(l, &l->loader->states[i]);
        lower_rate(l, &l->loader->states[i]);
    }
    for (size_t i = 0; i < model->n_chains; i++)
        lower_chain(l, &l->loader->chains[i]);
    lower_reactions(l);
    for (size_t i = 0; i < model->n_states; i++)
        model->starts_steady = model->starts_steady || model->states[i].steady;
    check_states_change(l);
}

/* ---- Events ---- */

/* a > b becomes a - b: above 0 where the condition holds, continuous where it begins to hold. */
static void lower_trigger(Lowering *l, ModelEvent *event, const char *what)
{
    const Expr *tree = event->when.tree;
    bool compares = tree->kind == EXPR_CALL && (tree->op == EXPR_LESS || tree->op == EXPR_LESS_EQUAL ||
                                                tree->op == EXPR_GREATER || tree->op == EXPR_GREATER_EQUAL);
    l->text = event->when.text;
    l->what = what;
    if (!compares) {
        diag_error(l->loader->diags, "model.event", event->when.text->where,
                   "write 'when: a > b'; what else must hold then goes into 'if'", "%s is not a comparison", what);
        return;
    }
    Typed a = lower(l, tree->args[0]), b = lower(l, tree->args[1]);
    if (!lower_unify(l, tree, &a, &b, "compare"))
        return;
    event->inclusive = tree->op == EXPR_LESS_EQUAL || tree->op == EXPR_GREATER_EQUAL;
    bool greater = tree->op == EXPR_GREATER || tree->op == EXPR_GREATER_EQUAL;
    event->when.node = apply(l, OP_SUBTRACT, greater ? a.node : b.node, greater ? b.node : a.node);
}

static void lower_events(Lowering *l)
{
    Arena *arena = l->loader->arena;
    for (size_t i = 0; i < l->loader->model->n_events; i++) {
        ModelEvent *event = &l->loader->events[i];
        if (event->kind == EVENT_TRIGGERED)
            lower_trigger(l, event, arena_print(arena, "'when' of the event '%s'", event->name));
        event->guard.node = dag_const(l->dag, 1.0);
        if (event->guard.tree != NULL)
            (void)lower_formula(l, &event->guard, unit_one(), "1",
                                arena_print(arena, "'if' of the event '%s'", event->name), false);
        for (size_t a = 0; a < event->n_actions; a++) {
            EventAction *action = &event->actions[a];
            const State *state = &l->loader->states[action->state];
            (void)lower_formula(l, &action->value, state->unit, state->unit_text,
                                arena_print(arena, "what the event '%s' makes of '%s'", event->name, state->name),
                                true);
        }
    }
}

/* ---- Drugs and outputs ---- */

static void lower_drugs(Lowering *l)
{
    for (size_t i = 0; i < l->loader->model->n_drugs; i++) {
        Drug *drug = &l->loader->drugs[i];
        const State *into = &l->loader->states[drug->into];
        const char *what = arena_print(l->loader->arena, "the amount of '%s'", drug->name);
        l->allows_dose = true;
        l->dose_unit = drug->unit;
        if (lower_formula(l, &drug->amount, into->unit, into->unit_text, what, false) &&
            (dag_node(l->dag, drug->amount.node)->depends & (ON_STATE | ON_TIME)) != 0)
            diag_error(l->loader->diags, "model.amount", drug->amount.text->where,
                       "write it with 'dose' and parameters",
                       "%s depends on states, time or a parameter that changes gradually", what);
        l->allows_dose = false;
    }
}

static void lower_outputs(Lowering *l)
{
    Arena *arena = l->loader->arena;
    for (size_t i = 0; i < l->loader->model->n_phenotypes; i++) {
        Phenotype *phenotype = &l->loader->phenotypes[i];
        lower_formula(l, &phenotype->is, phenotype->unit, phenotype->unit_text,
                      arena_print(arena, "the phenotype '%s'", phenotype->name), false);
    }
    for (size_t i = 0; i < l->loader->model->n_traits; i++)
        lower_formula(l, &l->loader->traits[i].when, unit_one(), "1",
                      arena_print(arena, "the trait '%s'", l->loader->traits[i].name), false);
}

/* ---- Everything ---- */

static void lay_out_slots(ModelLoader *loader)
{
    Model *model = loader->model;
    uint32_t next = (uint32_t)model->n_parameters;
    uint32_t *ramps = NEW_ARRAY(loader->arena, uint32_t, model->n_parameters);
    for (size_t i = 0; i < model->n_parameters; i++) {
        ramps[i] = UINT32_MAX;
        if (!loader->parameters[i].ramps)
            continue;
        ramps[i] = next;
        next += RAMP_SLOTS;
    }
    model->ramp_slots = ramps;
    model->infusion_slots = next;
    model->n_slots = next + model->n_drugs;
}

static void keep_parameter_nodes(const Lowering *l)
{
    Model *model = l->loader->model;
    Node *nodes = NEW_ARRAY(l->loader->arena, Node, model->n_parameters);
    for (size_t i = 0; i < model->n_parameters; i++)
        nodes[i] = lower_parameter(l, (uint32_t)i);
    model->parameter_nodes = nodes;
}

/* The Newton matrix is compiled from them: a model whose rates all read all states in long sums is refused here. */
static void check_derivatives(ModelLoader *loader)
{
    enum { MAX_DERIVATIVES = 500000, MAX_CONDITIONS = 10000 };
    const Model *model = loader->model;
    const YamlNode *states = yaml_find(loader->root, "states");
    Node *rates = NEW_ARRAY(loader->arena, Node, model->n_states);
    for (size_t i = 0; i < model->n_states; i++)
        rates[i] = model->states[i].rate.node;
    if (dag_jacobian_work(model->dag, rates, model->n_states, (uint32_t)model->n_states, MAX_DERIVATIVES) >
        MAX_DERIVATIVES)
        diag_error(loader->diags, "model.too-many", states->where, "let fewer states depend on each other",
                   "the rates of the model have more than %d derivatives, those of their parts counted",
                   MAX_DERIVATIVES);
    size_t n = dag_conditions(model->dag, rates, model->n_states);
    if (n > MAX_CONDITIONS)
        diag_error(loader->diags, "model.too-many", states->where, NULL,
                   "the rates of the model have %zu conditions, more than %d", n, MAX_CONDITIONS);
}

void lower_model(ModelLoader *loader)
{
    const Model *model = loader->model;
    size_t errors = loader->diags->n_errors;
    lay_out_slots(loader);
    Lowering l = {.loader = loader, .dag = loader->dag, .dose_unit = unit_one()};
    l.quantities = NEW_ARRAY(loader->arena, Progress, model->n_quantities);
    for (size_t i = 0; i < model->n_quantities; i++)
        (void)lower_quantity(&l, (uint32_t)i, loader->quantities[i].is.tree);
    lower_states(&l);
    lower_events(&l);
    lower_drugs(&l);
    lower_outputs(&l);
    if (loader->diags->n_errors != errors)
        return;
    uses_warn_unused(loader);
    uses_warn_unscaled(loader);
    keep_parameter_nodes(&l);
    for (size_t i = 0; i < model->n_drugs; i++) { /* an infusion adds to the rate of its state; 0 when there is none */
        State *into = &loader->states[model->drugs[i].into];
        into->rate.node = apply(&l, OP_ADD, into->rate.node, dag_parameter(l.dag, model->infusion_slots + (uint32_t)i));
    }
    check_derivatives(loader);
}
