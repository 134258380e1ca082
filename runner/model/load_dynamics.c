/* SPDX-License-Identifier: Apache-2.0
 *
 * What changes states beside their own rates: reactions, chains of stages, events.
 */
#include <math.h>

#include "model/model_priv.h"

static bool find_state(ModelLoader *loader, const YamlNode *name, const char *what, uint32_t *ret_state)
{
    const Symbol *symbol = map_find(&loader->model->symbols, name->text);
    if (symbol == NULL || symbol->kind != SYMBOL_STATE)
        return diag_error(loader->diags, "model.unknown-state", name->where,
                          model_suggest_named(loader->diags, name->text, loader->states, loader->model->n_states,
                                              sizeof(State)),
                          "'%s', in %s, is not a state", name->text, what);
    *ret_state = symbol->index;
    return true;
}

/* ---- Reactions ---- */

typedef VEC(ReactionTerm) Terms;

static void add_term(ModelLoader *loader, const YamlNode *state, const YamlNode *coefficient, const char *what,
                     bool consumed, Terms *terms)
{
    ReactionTerm term = {.consumed = consumed};
    if (!yaml_is(state, YAML_SCALAR, arena_print(loader->arena, "a state in %s", what), loader->diags) ||
        !find_state(loader, state, what, &term.state))
        return;
    if (coefficient != NULL)
        term.coefficient = load_formula(loader, coefficient,
                                        arena_print(loader->arena, "the coefficient of '%s' in %s", state->text, what));
    *vec_push(loader->arena, terms) = term;
}

/* A state, a list of states, or a map from states to coefficients. */
static void load_terms(ModelLoader *loader, const YamlNode *node, const char *what, bool consumed, Terms *terms)
{
    if (node == NULL)
        return;
    if (node->kind == YAML_SCALAR)
        add_term(loader, node, NULL, what, consumed, terms);
    for (size_t i = 0; node->kind == YAML_LIST && i < node->n; i++)
        add_term(loader, node->items[i], NULL, what, consumed, terms);
    for (size_t i = 0; node->kind == YAML_MAP && i < node->n; i++)
        add_term(loader, node->pairs[i].key, node->pairs[i].value, what, consumed, terms);
}

static void load_reaction(ModelLoader *loader, const YamlPair *pair, Reaction *reaction)
{
    const char *what = arena_print(loader->arena, "the reaction '%s'", pair->key->text);
    *reaction = (Reaction){.name = pair->key->text};
    if (!yaml_is(pair->value, YAML_MAP, what, loader->diags))
        return;
    fields_read(&fields_of_reaction, pair->value, what, reaction, loader->diags);
    Terms terms = {0};
    size_t errors = loader->diags->n_errors;
    load_terms(loader, yaml_find(pair->value, "consumes"), what, true, &terms);
    load_terms(loader, yaml_find(pair->value, "makes"), what, false, &terms);
    if (terms.n == 0 && loader->diags->n_errors == errors)
        diag_error(loader->diags, "model.reaction", pair->key->where, "add 'consumes: STATE' or 'makes: [STATE, ...]'",
                   "%s consumes nothing and makes nothing", what);
    reaction->rate = load_formula(loader, yaml_need(pair->value, "rate", what, loader->diags),
                                  arena_print(loader->arena, "the rate of %s", what));
    reaction->terms = terms.items;
    reaction->n_terms = terms.n;
}

static void load_reactions(ModelLoader *loader)
{
    const YamlNode *node = load_section(loader, "reactions");
    Model *model = loader->model;
    model->n_reactions = node != NULL ? node->n : 0;
    model->reactions = loader->reactions = NEW_ARRAY(loader->arena, Reaction, model->n_reactions);
    for (size_t i = 0; i < model->n_reactions; i++)
        load_reaction(loader, &node->pairs[i], &loader->reactions[i]);
}

/* ---- Chains ---- */

enum { MAX_STAGES = 100 };

static size_t stages_of(ModelLoader *loader, const YamlPair *pair, Diags *diags)
{
    uint64_t stages = 0;
    const YamlNode *node = yaml_find(pair->value, "stages");
    const char *what = arena_print(loader->arena, "'stages' of the chain '%s'", pair->key->text);
    if (node == NULL || !yaml_count(node, what, 1, MAX_STAGES, &stages, diags))
        return 0;
    return (size_t)stages;
}

size_t load_dynamics_count_stages(ModelLoader *loader)
{
    const YamlNode *node = yaml_find(loader->root, "chains");
    Diags unheard = diags_new(loader->arena); /* load_chain tells */
    size_t n = 0;
    for (size_t i = 0; node != NULL && node->kind == YAML_MAP && i < node->n; i++)
        n += stages_of(loader, &node->pairs[i], &unheard);
    return n;
}

static void load_chain(ModelLoader *loader, const YamlPair *pair, Chain *chain)
{
    Arena *arena = loader->arena;
    const char *what = arena_print(arena, "the chain '%s'", pair->key->text);
    if (!yaml_is(pair->value, YAML_MAP, what, loader->diags))
        return;
    State state = {.steady = true, .scale = NAN, .at_least = -INFINITY, .name = chain->name};
    fields_read(&fields_of_chain, pair->value, what, &state, loader->diags);
    chain->of = load_formula(loader, yaml_need(pair->value, "of", what, loader->diags), what);
    chain->delay = load_formula(loader, yaml_need(pair->value, "delay", what, loader->diags),
                                arena_print(arena, "the delay of %s", what));
    (void)yaml_need(pair->value, "stages", what, loader->diags);
    state.unit = load_unit(loader, yaml_need(pair->value, "unit", what, loader->diags), what, &state.unit_text);
    load_symbols_initial(loader, pair->value, what, &state);
    for (uint32_t i = 0; i < chain->n_stages; i++) {
        loader->states[chain->first_state + i] = state;
        if (i + 1 < chain->n_stages)
            loader->states[chain->first_state + i].name = arena_print(arena, "%s.%u", chain->name, (unsigned)i + 1);
    }
}

/* Every stage has a name that can be recorded; the last one is the chain's own. */
static void name_stages(ModelLoader *loader, const YamlNode *key, const Chain *chain)
{
    for (uint32_t i = 0; i < chain->n_stages; i++) {
        YamlNode *name = NEW(loader->arena, YamlNode);
        *name = *key;
        if (i + 1 < chain->n_stages)
            name->text = arena_print(loader->arena, "%s.%u", key->text, (unsigned)i + 1);
        load_symbols_add(loader, name, SYMBOL_STATE, chain->first_state + i);
    }
}

void load_dynamics_chains(ModelLoader *loader)
{
    const YamlNode *node = load_section(loader, "chains");
    Model *model = loader->model;
    size_t next = model->n_own_states;
    model->n_chains = node != NULL ? node->n : 0;
    model->chains = loader->chains = NEW_ARRAY(loader->arena, Chain, model->n_chains);
    for (size_t i = 0; i < model->n_chains; i++) {
        Chain *chain = &loader->chains[i];
        *chain = (Chain){.name = node->pairs[i].key->text,
                         .first_state = (uint32_t)next,
                         .n_stages = (uint32_t)stages_of(loader, &node->pairs[i], loader->diags)};
        next += chain->n_stages;
        name_stages(loader, node->pairs[i].key, chain);
        load_chain(loader, &node->pairs[i], chain);
    }
}

/* ---- Events ---- */

typedef VEC(EventAction) Actions;

static void load_actions(ModelLoader *loader, const YamlNode *node, const char *what, bool adds, Actions *actions)
{
    if (node == NULL || !yaml_is(node, YAML_MAP, adds ? "'add'" : "'set'", loader->diags))
        return;
    for (size_t i = 0; i < node->n; i++) {
        EventAction action = {.adds = adds};
        if (!find_state(loader, node->pairs[i].key, what, &action.state))
            continue;
        action.value =
            load_formula(loader, node->pairs[i].value,
                         arena_print(loader->arena, "what %s makes of '%s'", what, node->pairs[i].key->text));
        for (size_t k = 0; k < actions->n; k++)
            if (actions->items[k].state == action.state)
                diag_error(loader->diags, "model.event", node->pairs[i].key->where, "write it as one 'set'",
                           "%s changes '%s' twice", what, node->pairs[i].key->text);
        *vec_push(loader->arena, actions) = action;
    }
}

static double period_read(ModelLoader *loader, const YamlNode *node, const char *what)
{
    double period = load_time(loader, node, arena_print(loader->arena, "'every' of %s", what));
    if (period <= 0.0)
        diag_error(loader->diags, "model.event", node->where, NULL, "'every' of %s is not positive", what);
    return period;
}

/* at: once. at, every: a programme. from, every: from then on. when: triggered. */
static void load_moment(ModelLoader *loader, const YamlPair *pair, const char *what, ModelEvent *event)
{
    const YamlNode *at = yaml_find(pair->value, "at"), *from = yaml_find(pair->value, "from");
    const YamlNode *every = yaml_find(pair->value, "every"), *until = yaml_find(pair->value, "until");
    const YamlNode *when = yaml_find(pair->value, "when"), *first = at != NULL ? at : from;
    bool triggered = when != NULL;
    size_t n_moments = (size_t)(at != NULL) + (size_t)(from != NULL) + (size_t)triggered;
    if (n_moments != 1 || (from != NULL && every == NULL) || (triggered && every != NULL) ||
        (until != NULL && every == NULL)) {
        diag_error(
            loader->diags, "model.event", pair->key->where,
            "once: at; daily: at, every; from a time on: from, every; by a state: when; 'until' goes with 'every'",
            "it is not clear when %s happens", what);
        return;
    }
    event->kind = triggered       ? EVENT_TRIGGERED
                  : from != NULL  ? EVENT_REPEATED
                  : every != NULL ? EVENT_PROGRAMME
                                  : EVENT_ONCE;
    if (triggered)
        event->when = load_formula(loader, when, arena_print(loader->arena, "'when' of %s", what));
    else
        event->at = load_time(loader, first, arena_print(loader->arena, "the time of %s", what));
    if (every != NULL)
        event->every = period_read(loader, every, what);
    if (until != NULL)
        event->until = load_time(loader, until, arena_print(loader->arena, "'until' of %s", what));
    if (until != NULL && event->kind == EVENT_REPEATED && event->until < event->at)
        diag_error(loader->diags, "model.event", until->where, NULL, "'until' of %s is before 'from'", what);
}

static void load_event(ModelLoader *loader, const YamlPair *pair, ModelEvent *event)
{
    const char *what = arena_print(loader->arena, "the event '%s'", pair->key->text);
    *event = (ModelEvent){.name = pair->key->text, .until = INFINITY};
    if (!yaml_is(pair->value, YAML_MAP, what, loader->diags))
        return;
    fields_read(&fields_of_event, pair->value, what, event, loader->diags);
    load_moment(loader, pair, what, event);
    const YamlNode *guard = yaml_find(pair->value, "if");
    if (guard != NULL)
        event->guard = load_formula(loader, guard, arena_print(loader->arena, "'if' of %s", what));
    Actions actions = {0};
    size_t errors = loader->diags->n_errors;
    load_actions(loader, yaml_find(pair->value, "set"), what, false, &actions);
    load_actions(loader, yaml_find(pair->value, "add"), what, true, &actions);
    if (actions.n == 0 && loader->diags->n_errors == errors)
        diag_error(loader->diags, "model.event", pair->key->where, "add 'set: {STATE: value}' or 'add: {STATE: value}'",
                   "%s changes nothing", what);
    event->actions = actions.items;
    event->n_actions = actions.n;
}

static void load_events(ModelLoader *loader)
{
    const YamlNode *node = load_section(loader, "events");
    Model *model = loader->model;
    model->n_events = node != NULL ? node->n : 0;
    model->events = loader->events = NEW_ARRAY(loader->arena, ModelEvent, model->n_events);
    for (size_t i = 0; i < model->n_events; i++)
        load_event(loader, &node->pairs[i], &loader->events[i]);
}

double model_event_next(const ModelEvent *event, double from)
{
    double time = event->at;
    if (event->kind == EVENT_TRIGGERED)
        return INFINITY;
    if (event->kind == EVENT_PROGRAMME || (event->kind == EVENT_REPEATED && from > event->at)) {
        double periods = ceil((from - event->at) / event->every);
        time = event->at + periods * event->every;
        double earlier = event->at + (periods - 1.0) * event->every; /* by rounding */
        time = earlier >= from ? earlier : time >= from ? time : event->at + (periods + 1.0) * event->every;
    }
    return time >= from && time <= event->until ? time : (double)INFINITY;
}

size_t model_event_nodes(const Model *model, Node *ret_nodes)
{
    size_t n = 0;
    for (size_t i = 0; i < model->n_events; i++) {
        const ModelEvent *event = &model->events[i];
        if (ret_nodes != NULL)
            ret_nodes[n] = event->guard.node;
        n++;
        for (size_t a = 0; a < event->n_actions; a++, n++)
            if (ret_nodes != NULL)
                ret_nodes[n] = event->actions[a].value.node;
    }
    for (size_t i = 0; i < model->n_events; i++)
        if (model->events[i].kind == EVENT_TRIGGERED) {
            if (ret_nodes != NULL)
                ret_nodes[n] = model->events[i].when.node;
            n++;
        }
    return n;
}

void load_dynamics(ModelLoader *loader)
{
    load_reactions(loader);
    load_events(loader);
}
