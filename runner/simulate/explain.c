/* SPDX-License-Identifier: Apache-2.0
 *
 * Explains why an animal failed: finds the equation of the model in which a value first became not finite, and shows
 * its text with the values of its names. The equation is a rate, or a quantity that the rate uses. This file evaluates
 * the model's nodes with dag_eval, for one animal.
 */
#include <math.h>
#include <string.h>

#include "simulate/simulate_priv.h"

/* Limits, so that the text fits into an Err: bytes of an expression, and names that are shown with their values. */
enum { EXPRESSION_MAX = 160, NAMES_MAX = 8 };

typedef struct Explain {
    const Worker *worker;
    Arena *arena;
    double t;
    const double *y;    /* [n_states] of the animal */
    double *parameters; /* [n_slots + n_root_functions] of the animal */
    double *quantities; /* [n_quantities] at t, y */
    double *values;     /* [n_parameters]: gradual changes included */
} Explain;

static void explain_evaluate(const Explain *explain, const Node *nodes, size_t n, double *ret_values)
{
    const Model *model = explain->worker->plan->model;
    const DagInputs at = {.time = explain->t, .states = explain->y, .parameters = explain->parameters};
    dag_eval(explain->arena, model->dag, nodes, n, &at, ret_values);
}

static double explain_value_at(const Explain *explain, Node node)
{
    double value;
    explain_evaluate(explain, &node, 1, &value);
    return value;
}

static double explain_value(const Explain *explain, const char *name)
{
    const Symbol *symbol = map_find(&explain->worker->plan->model->symbols, name);
    if (symbol == NULL)
        return explain->t; /* time is the only name that is not a symbol */
    switch (symbol->kind) {
    case SYMBOL_STATE: return explain->y[symbol->index];
    case SYMBOL_QUANTITY: return explain->quantities[symbol->index];
    case SYMBOL_PARAMETER: break;
    }
    return explain->values[symbol->index];
}

static void explain_prepare(Explain *explain, size_t lane)
{
    const Worker *worker = explain->worker;
    const Model *model = worker->plan->model;
    size_t n = model->n_slots + worker->system->n_root_functions;
    Node *nodes = NEW_ARRAY(explain->arena, Node, model->n_quantities);
    explain->parameters = NEW_ARRAY(explain->arena, double, n);
    explain->values = NEW_ARRAY(explain->arena, double, model->n_parameters);
    explain->quantities = NEW_ARRAY(explain->arena, double, model->n_quantities);
    for (size_t i = 0; i < model->n_slots; i++)
        explain->parameters[i] = system_lanes_slot(worker->lanes, (uint32_t)i)[lane];
    for (size_t i = 0; i < model->n_quantities; i++)
        nodes[i] = model->quantities[i].is.node;
    explain_evaluate(explain, nodes, model->n_quantities, explain->quantities);
    explain_evaluate(explain, model->parameter_nodes, model->n_parameters, explain->values);
}

/* The first quantity in the expression whose value is not finite, or NULL. */
static const ModelQuantity *wrong_inside(const Explain *explain, const Expr *tree)
{
    const Model *model = explain->worker->plan->model;
    const Symbol *symbol = tree->kind == EXPR_NAME ? map_find(&model->symbols, tree->name) : NULL;
    if (symbol != NULL && symbol->kind == SYMBOL_QUANTITY && !isfinite(explain->quantities[symbol->index]))
        return &model->quantities[symbol->index];
    const ModelQuantity *found = NULL;
    for (size_t i = 0; i < tree->n_args && tree->kind == EXPR_CALL && found == NULL; i++)
        found = wrong_inside(explain, tree->args[i]);
    return found;
}

static void list_names(const Expr *tree, const char *names[NAMES_MAX], size_t *n)
{
    size_t i = 0;
    while (tree->kind == EXPR_NAME && i < *n && !text_equal(names[i], tree->name))
        i++;
    if (tree->kind == EXPR_NAME && i == *n && *n < NAMES_MAX)
        names[(*n)++] = tree->name;
    for (i = 0; tree->kind == EXPR_CALL && i < tree->n_args; i++)
        list_names(tree->args[i], names, n);
}

static void explain_show_tree(Arena *arena, const Expr *tree, Text *text)
{
    Text whole = text_new(arena);
    expr_show(tree, &whole);
    const char *shown = text_string(&whole);
    text_print(text, "%.*s%s", EXPRESSION_MAX, shown, whole.length > EXPRESSION_MAX ? "..." : "");
}

/* "k*log(B - C), with k = 0.1, B = 1, C = 1.2" */
static void explain_show_formula(const Explain *explain, const Expr *tree, Text *text)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    explain_show_tree(explain->arena, tree, text);
    list_names(tree, names, &n);
    for (size_t i = 0; i < n; i++)
        text_print(text, "%s %s = %.6g", i == 0 ? ", with" : ",", names[i], explain_value(explain, names[i]));
}

/* Shows the formula of `what` ("its rate"), or of the innermost quantity in it whose value is not finite. The loop
 * ends, because no quantity depends on itself. */
static void explain_tell(const Explain *explain, const char *what, const Formula *formula, Text *text)
{
    const Expr *tree = formula->tree;
    const ModelQuantity *wrong = wrong_inside(explain, tree), *inner = wrong;
    for (; inner != NULL; inner = wrong_inside(explain, wrong->is.tree))
        wrong = inner;
    if (wrong != NULL)
        text_print(text, "'%s' is ", wrong->name);
    else
        text_print(text, "%s is ", what);
    explain_show_formula(explain, wrong != NULL ? wrong->is.tree : tree, text);
}

/* Of the reactions that change the state: one whose rate is not finite, else the fastest one. NULL: no reaction changes
 * the state. */
static const Reaction *reaction_of(const Explain *explain, size_t state)
{
    const Model *model = explain->worker->plan->model;
    const Reaction *found = NULL;
    double most = -1.0;
    for (size_t i = 0; i < model->n_reactions; i++)
        for (size_t term = 0; term < model->reactions[i].n_terms; term++) {
            double rate = fabs(explain_value_at(explain, model->reactions[i].rate.node));
            if (model->reactions[i].terms[term].state != state || !isfinite(most) || rate <= most)
                continue;
            found = &model->reactions[i];
            most = rate;
        }
    return found;
}

static void explain_rate(const Explain *explain, size_t state, Text *text)
{
    const Model *model = explain->worker->plan->model;
    const State *own = &model->states[state];
    const Reaction *reaction = reaction_of(explain, state);
    bool reacts = reaction != NULL && !isfinite(explain_value_at(explain, reaction->rate.node));
    for (size_t i = 0; i < model->n_chains; i++) {
        const Chain *chain = &model->chains[i];
        if (state >= chain->first_state && state - chain->first_state < chain->n_stages)
            explain_tell(explain, "what the chain delays", &chain->of, text);
    }
    if (own->rate.tree != NULL && !reacts)
        explain_tell(explain, "its rate", &own->rate, text);
    else if (reaction != NULL)
        explain_tell(explain, arena_print(explain->arena, "the rate of the reaction '%s'", reaction->name),
                     &reaction->rate, text);
}

/* Shows no values: the states before the event are overwritten. */
static void explain_event(Arena *arena, const FaultSource *fault_source, Text *text)
{
    text_print(text, "the event '%s' %s ", fault_source->event, fault_source->action->adds ? "adds" : "sets it to");
    explain_show_tree(arena, fault_source->action->value.tree, text);
}

static void explain_trigger(Arena *arena, const Worker *worker, size_t trigger, Text *text)
{
    const ModelEvent *event = &worker->plan->model->events[worker->system->triggers[trigger]];
    text_print(text, "it happens when ");
    explain_show_tree(arena, event->when.tree, text);
    for (size_t i = 0; i < event->n_actions && i < NAMES_MAX; i++) {
        const EventAction *action = &event->actions[i];
        const char *name = worker->system->state_names[action->state];
        text_print(text, "%s '%s' %s ", i == 0 ? ", and then" : ",", name, action->adds ? "gains" : "becomes");
        explain_show_tree(arena, action->value.tree, text);
    }
}

void explain_failure(Worker *worker, const Failure *failure, Err *reterr)
{
    const Model *model = worker->plan->model;
    SCOPED(arena_close) Arena *arena = arena_open();
    Explain explain = {.worker = worker, .arena = arena, .t = failure->t, .y = failure->y};
    Text text = text_new(arena);
    const State *state = &model->states[failure->state];
    if (failure->y != NULL)
        explain_prepare(&explain, failure->lane);
    if (failure->kind == FAILURE_CASCADE)
        explain_trigger(arena, worker, failure->trigger, &text);
    else if (failure->y == NULL)
        return;
    else if (failure->kind == FAILURE_INITIAL && state->initial.tree != NULL)
        explain_tell(&explain, "it", &state->initial, &text);
    else if (failure->kind == FAILURE_EVENT && worker->batch.fault_source.event != NULL)
        explain_event(arena, &worker->batch.fault_source, &text);
    else if (failure->kind == FAILURE_EVENT && worker->batch.fault_source.drug != NULL)
        text_print(&text, "a dose of '%s' does that", worker->batch.fault_source.drug);
    else if (failure->kind == FAILURE_RATE || failure->kind == FAILURE_LATE)
        explain_rate(&explain, failure->state, &text);
    if (text.length > 0)
        (void)err_note(reterr, "%s", text_string(&text));
}
