/* SPDX-License-Identifier: Apache-2.0
 *
 * A model and its stages for people.
 */
#include <math.h>

#include "model/system.h"

/* At the end of a line, however many lines a text has in the file: what a thing is, where it was published, why it was
 * chosen. */
static void show_texts(const char *about, const char *source, const char *assumed, Text *text)
{
    if (about != NULL)
        text_print(text, "  %s", text_one_line(text->arena, about));
    if (source != NULL)
        text_print(text, "  (source: %s)", text_one_line(text->arena, source));
    if (assumed != NULL)
        text_print(text, "  (assumed: %s)", text_one_line(text->arena, assumed));
    text_print(text, "\n");
}

/* Of a thing with the members about, source and assumed. */
#define SHOW_TEXTS(thing, text) show_texts((thing)->about, (thing)->source, (thing)->assumed, (text))

/* Without the end of the line. */
static void model_show_formula(const char *left, const Formula *formula, const char *unit, Text *text)
{
    text_print(text, "  %s = ", left);
    expr_show(formula->tree, text);
    text_print(text, "  [%s]", unit);
}

static void show_head(const Model *model, Text *text)
{
    text_print(text, "%s: %s\n", text_one_line(text->arena, model->name),
               model->title != NULL ? text_one_line(text->arena, model->title) : "");
    if (model->organism != NULL)
        text_print(text, "  organism: %s\n", text_one_line(text->arena, model->organism));
    text_print(text, "  time in %s; %s\n", model->time_text,
               model->clock_is_age ? "the clock counts age: 0 is birth" : "the clock counts from the start");
    for (size_t i = 0; i < model->n_cite; i++)
        text_print(text, "  cite: %s\n", text_one_line(text->arena, model->cite[i]));
}

static void show_terms(const Model *model, const Reaction *reaction, bool consumed, Text *text)
{
    bool first = true;
    for (size_t t = 0; t < reaction->n_terms; t++) {
        const ReactionTerm *term = &reaction->terms[t];
        if (term->consumed != consumed)
            continue;
        text_print(text, first ? "" : " + ");
        if (term->coefficient.tree != NULL) {
            text_print(text, "(");
            expr_show(term->coefficient.tree, text);
            text_print(text, ") ");
        }
        text_print(text, "%s", model->states[term->state].name);
        first = false;
    }
    text_print(text, first ? "nothing" : "");
}

static void show_reactions(const Model *model, Text *text)
{
    if (model->n_reactions > 0)
        text_print(text, "\nreactions (%zu)\n", model->n_reactions);
    for (size_t i = 0; i < model->n_reactions; i++) {
        const Reaction *reaction = &model->reactions[i];
        text_print(text, "  %s: ", reaction->name);
        show_terms(model, reaction, true, text);
        text_print(text, " -> ");
        show_terms(model, reaction, false, text);
        text_print(text, " at ");
        expr_show(reaction->rate.tree, text);
        SHOW_TEXTS(reaction, text);
    }
}

static void show_chains(const Model *model, Text *text)
{
    if (model->n_chains > 0)
        text_print(text, "\nchains (%zu)\n", model->n_chains);
    for (size_t i = 0; i < model->n_chains; i++) {
        text_print(text, "  %s: ", model->chains[i].name);
        expr_show(model->chains[i].of.tree, text);
        text_print(text, ", %u stages late by ", (unsigned)model->chains[i].n_stages);
        expr_show(model->chains[i].delay.tree, text);
        text_print(text, "  [%s]\n", model->time_text);
    }
}

static void show_moment(const ModelEvent *event, const char *unit, Text *text)
{
    switch (event->kind) {
    case EVENT_ONCE: text_print(text, "at %.6g %s", event->at, unit); break;
    case EVENT_REPEATED: text_print(text, "from %.6g %s every %.6g %s", event->at, unit, event->every, unit); break;
    case EVENT_PROGRAMME: text_print(text, "at %.6g of every %.6g %s", event->at, event->every, unit); break;
    case EVENT_TRIGGERED: text_print(text, "when "); expr_show(event->when.tree, text);
    }
    if (isfinite(event->until))
        text_print(text, " until %.6g %s", event->until, unit);
    if (event->guard.tree != NULL) {
        text_print(text, " if ");
        expr_show(event->guard.tree, text);
    }
}

void model_event_show(const Model *model, const ModelEvent *event, Text *text)
{
    show_moment(event, model->time_text, text);
    text_print(text, ":");
    for (size_t a = 0; a < event->n_actions; a++) {
        text_print(text, "%s%s %s ", a > 0 ? ", " : " ", model->states[event->actions[a].state].name,
                   event->actions[a].adds ? "+=" : "=");
        expr_show(event->actions[a].value.tree, text);
    }
}

static void show_events(const Model *model, Text *text)
{
    text_print(text, "\nevents (%zu)\n", model->n_events);
    for (size_t i = 0; i < model->n_events; i++) {
        text_print(text, "  %s: ", model->events[i].name);
        model_event_show(model, &model->events[i], text);
        SHOW_TEXTS(&model->events[i], text);
    }
}

static void show_equations(const Model *model, Text *text)
{
    text_print(text, "\nstates (%zu)\n", model->n_states);
    for (size_t i = 0; i < model->n_states; i++) {
        const State *state = &model->states[i];
        SCOPED(arena_close) Arena *scratch = arena_open();
        const char *rate_unit = arena_print(scratch, "%s per %s", state->unit_text, model->time_text);
        const char *left = arena_print(scratch, "d %s / dt", state->name);
        const char *initial = state->steady ? "(start) = steady, looked for near" : "(start)";
        if (state->rate.tree != NULL)
            model_show_formula(left, &state->rate, rate_unit, text);
        else
            text_print(text, "  %s: by %s  [%s]", left, i < model->n_own_states ? "reactions" : "its chain", rate_unit);
        SHOW_TEXTS(state, text);
        if (state->initial.tree != NULL)
            model_show_formula(arena_print(scratch, "  %s%s", state->name, initial), &state->initial, state->unit_text,
                               text);
        else
            text_print(text, "    %s(start) = steady  [%s]", state->name, state->unit_text);
        text_print(text, "\n");
        if (isfinite(state->at_least))
            text_print(text, "    %s is at least %g  [%s]\n", state->name, state->at_least, state->unit_text);
    }
    show_reactions(model, text);
    show_chains(model, text);
    text_print(text, "\nquantities (%zu)\n", model->n_quantities);
    for (size_t i = 0; i < model->n_quantities; i++) {
        const ModelQuantity *quantity = &model->quantities[i];
        model_show_formula(quantity->name, &quantity->is, quantity->unit_text, text);
        SHOW_TEXTS(quantity, text);
    }
    text_print(text, "\nphenotypes (%zu)\n", model->n_phenotypes);
    for (size_t i = 0; i < model->n_phenotypes; i++) {
        const Phenotype *phenotype = &model->phenotypes[i];
        model_show_formula(phenotype->name, &phenotype->is, phenotype->unit_text, text);
        SHOW_TEXTS(phenotype, text);
    }
}

static void model_show_parameters(const Model *model, Text *text)
{
    char number[NUMBER_TEXT];
    text_print(text, "\nparameters (%zu)\n", model->n_parameters);
    for (size_t i = 0; i < model->n_parameters; i++) {
        const Parameter *p = &model->parameters[i];
        text_print(text, "  %s = %s  [%s]", p->name, number_show(p->value, number), p->unit_text);
        if (p->variability.kind != VARIABILITY_NONE)
            text_print(text, "  varies: %s %g", variability_name(p->variability.kind), p->variability.spread);
        if (!isnan(p->interval[0]))
            text_print(text, "  95 %% interval: %g to %g", p->interval[0], p->interval[1]);
        SHOW_TEXTS(p, text);
    }
}

static void show_changes(const Model *model, const Change *changes, size_t n, Text *text)
{
    for (size_t i = 0; i < n; i++)
        text_print(text, "%s%s %s %.6g", i > 0 ? ", " : " ", model->parameters[changes[i].parameter].name,
                   changes[i].scales ? "x" : "=", changes[i].value);
}

static void show_genes(const Model *model, Text *text)
{
    text_print(text, "\ngenes (%zu)\n", model->n_genes);
    for (size_t i = 0; i < model->n_genes; i++) {
        const Gene *gene = &model->genes[i];
        text_print(text, "  %s (%s)", gene->name,
                   gene->protein != NULL ? text_one_line(text->arena, gene->protein) : "");
        SHOW_TEXTS(gene, text);
        for (size_t s = 0; s < gene->n_cells; s++) {
            text_print(text, "    %s:", gene->cells[s].name);
            for (size_t p = 0; p < gene->cells[s].n_parameters; p++)
                text_print(text, " %s", model->parameters[gene->cells[s].parameters[p]].name);
            if (gene->cells[s].endogenous < 1.0)
                text_print(text, "  (endogenous level %g)", gene->cells[s].endogenous);
            SHOW_TEXTS(&gene->cells[s], text);
        }
    }
}

static void show_interventions(const Model *model, Text *text)
{
    text_print(text, "\ndrugs (%zu)\n", model->n_drugs);
    for (size_t i = 0; i < model->n_drugs; i++) {
        SCOPED(arena_close) Arena *scratch = arena_open();
        const Drug *drug = &model->drugs[i];
        const State *into = &model->states[drug->into];
        model_show_formula(arena_print(scratch, "%s (dose in %s): %s +", drug->name, drug->unit_text, into->name),
                           &drug->amount, into->unit_text, text);
        SHOW_TEXTS(drug, text);
    }
    text_print(text, "\nprocedures (%zu)\n", model->n_procedures);
    for (size_t i = 0; i < model->n_procedures; i++) {
        const Procedure *procedure = &model->procedures[i];
        text_print(text, "  %s:", procedure->name);
        show_changes(model, procedure->changes, procedure->n_changes, text);
        if (procedure->half_time > 0.0)
            text_print(text, ", half time %.6g %s", procedure->half_time, model->time_text);
        SHOW_TEXTS(procedure, text);
    }
    text_print(text, "\nsettings (%zu)\n", model->n_settings);
    for (size_t i = 0; i < model->n_settings; i++)
        for (size_t o = 0; o < model->settings[i].n_options; o++) {
            const Option *option = &model->settings[i].options[o];
            text_print(text, "  %s: %s%s", model->settings[i].name, option->name, o == 0 ? " (default)" : "");
            show_changes(model, option->changes, option->n_changes, text);
            text_print(text, "\n");
        }
    text_print(text, "\ntraits (%zu)\n", model->n_traits);
    for (size_t i = 0; i < model->n_traits; i++) {
        const Trait *trait = &model->traits[i];
        text_print(text, "  %s: present when ", trait->name);
        expr_show(trait->when.tree, text);
        if (!isnan(trait->at))
            text_print(text, ", decided at %.6g %s", trait->at, model->time_text);
        SHOW_TEXTS(trait, text);
    }
}

void model_show(const Model *model, Text *text)
{
    show_head(model, text);
    show_equations(model, text);
    model_show_parameters(model, text);
    show_genes(model, text);
    if (model->n_events > 0)
        show_events(model, text);
    show_interventions(model, text);
}

/* Names of inputs: slots behind the parameters belong to ramps and infusions. */
static const char *input_name(const void *context, Op op, uint32_t input)
{
    static const char *const ramp_parts[RAMP_SLOTS] = {"(ramp from)", "(ramp rate)", "(ramp start)"};
    const Model *model = context;
    if (op == OP_STATE)
        return model->states[input].name;
    if (input < model->n_parameters)
        return model->parameters[input].name;
    if (input >= model->infusion_slots)
        return "(infusion)";
    return ramp_parts[(input - model->n_parameters) % RAMP_SLOTS];
}

static void show_roots(const char *title, const char *name, Node node, Text *text)
{
    text_print(text, "%s %s: %%%u\n", title, name, (unsigned)node);
}

void system_show_dag(const System *system, Text *text)
{
    const Model *model = system->model;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Node *roots = NEW_ARRAY(scratch, Node, 2 * model->n_states + system->n_outputs + model_event_nodes(model, NULL));
    size_t n = 0;
    for (size_t i = 0; i < model->n_states; i++) {
        roots[n++] = model->states[i].initial.node;
        roots[n++] = model->states[i].rate.node;
    }
    for (size_t i = 0; i < system->n_outputs; i++)
        roots[n++] = system->outputs[i].node;
    n += model_event_nodes(model, roots + n);
    dag_show(system->dag, roots, n, input_name, model, text);
    for (size_t i = 0; i < model->n_states; i++) {
        show_roots("initial", model->states[i].name, model->states[i].initial.node, text);
        show_roots("rate", model->states[i].name, model->states[i].rate.node, text);
    }
    for (size_t i = 0; i < system->n_outputs; i++)
        show_roots("output", system->outputs[i].name, system->outputs[i].node, text);
}

void system_show_jacobian(const System *system, Text *text)
{
    size_t n = system->model->n_states, entry = 0;
    text_print(text, "%zu of %zu entries (rows: rates; columns: states, in this order)\n", system->n_jacobian, n * n);
    for (size_t row = 0; row < n; row++) {
        text_print(text, "  %-12s ", system->state_names[row]);
        for (size_t column = 0; column < n; column++) {
            bool here = entry < system->n_jacobian && system->jacobian_rows[entry] == row &&
                        system->jacobian_columns[entry] == column;
            text_add(text, here ? "*" : ".", 1);
            entry += here;
        }
        text_print(text, "\n");
    }
}

void system_show_tape(const System *system, Text *text)
{
    static const char *const names[N_TAPES] = {[TAPE_INITIAL] = "initial",
                                               [TAPE_RATES] = "rates",
                                               [TAPE_JACOBIAN] = "jacobian",
                                               [TAPE_OUTPUTS] = "outputs",
                                               [TAPE_DOSES] = "doses",
                                               [TAPE_EVENT_FUNCTIONS] = "triggers",
                                               [TAPE_EVENTS] = "events",
                                               [TAPE_HELD_RATES] = "rates with conditions held",
                                               [TAPE_HELD_JACOBIAN] = "jacobian with conditions held",
                                               [TAPE_ROOT_FUNCTIONS] = "switches"};
    program_show(system->program, names, text);
}
