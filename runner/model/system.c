/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "model/system.h"

static Output recorded(const Model *model, const char *name)
{
    const Symbol *symbol = map_find(&model->symbols, name);
    ASSERT(symbol != NULL);
    Output output = {.kind = OUTPUT_RECORDED, .name = name, .at = NAN};
    if (symbol->kind == SYMBOL_STATE) {
        const State *state = &model->states[symbol->index];
        output.node = dag_state(model->dag, symbol->index);
        output.unit_text = state->unit_text;
        output.about = state->about;
    } else if (symbol->kind == SYMBOL_QUANTITY) {
        const ModelQuantity *quantity = &model->quantities[symbol->index];
        output.node = quantity->is.node;
        output.unit_text = quantity->unit_text;
        output.about = quantity->about;
    } else {
        const Parameter *parameter = &model->parameters[symbol->index];
        output.node = model->parameter_nodes[symbol->index];
        output.unit_text = parameter->unit_text;
        output.about = parameter->about;
    }
    return output;
}

static void choose_outputs(Arena *arena, System *system, const char *const *record, size_t n_record)
{
    const Model *model = system->model;
    Output *outputs = NEW_ARRAY(arena, Output, model->n_phenotypes + n_record + model->n_traits);
    size_t n = 0;
    for (size_t i = 0; i < model->n_phenotypes; i++) {
        const Phenotype *p = &model->phenotypes[i];
        outputs[n++] = (Output){.kind = OUTPUT_PHENOTYPE,
                                .name = p->name,
                                .unit_text = p->unit_text,
                                .about = p->about,
                                .noise = p->noise,
                                .at = NAN,
                                .node = p->is.node};
    }
    for (size_t i = 0; i < n_record; i++)
        outputs[n++] = recorded(model, record[i]);
    for (size_t i = 0; i < model->n_traits; i++) {
        const Trait *trait = &model->traits[i];
        outputs[n++] = (Output){.kind = OUTPUT_TRAIT,
                                .name = trait->name,
                                .unit_text = "1",
                                .about = trait->about,
                                .at = trait->at,
                                .node = trait->when.node};
    }
    system->outputs = outputs;
    system->n_outputs = n;
}

typedef VEC(Node) Nodes;
typedef VEC(uint32_t) Indices;

/* Entries that are not identically zero, by row, then column. */
static void differentiate(Arena *arena, System *system, const Node *rates, Nodes *entries)
{
    const Model *model = system->model;
    size_t n = model->n_states;
    Indices rows = {0}, columns = {0};
    Node *all = NEW_ARRAY(arena, Node, n * n); /* by column */
    for (size_t column = 0; column < n; column++)
        dag_derivatives(model->dag, rates, n, (uint32_t)column, all + column * n);
    Node zero = dag_const(model->dag, 0.0);
    for (size_t row = 0; row < n; row++)
        for (size_t column = 0; column < n; column++) {
            if (all[column * n + row] == zero)
                continue;
            *vec_push(arena, &rows) = (uint32_t)row;
            *vec_push(arena, &columns) = (uint32_t)column;
            *vec_push(arena, entries) = all[column * n + row];
        }
    system->jacobian_rows = rows.items;
    system->jacobian_columns = columns.items;
    system->n_jacobian = rows.n;
}

static void choose_steady(Arena *arena, System *system)
{
    const Model *model = system->model;
    bool *steady = NEW_ARRAY(arena, bool, model->n_states);
    for (size_t i = 0; i < model->n_states; i++)
        steady[i] = model->states[i].steady;
    system->steady = model->starts_steady ? steady : NULL;
}

/* Returns the nodes of TAPE_EVENTS, then those of TAPE_TRIGGERS. */
static const Node *choose_events(Arena *arena, System *system)
{
    const Model *model = system->model;
    Node *nodes = NEW_ARRAY(arena, Node, model_event_nodes(model, NULL));
    uint32_t *triggers = NEW_ARRAY(arena, uint32_t, model->n_events), next = 0;
    uint32_t *results = NEW_ARRAY(arena, uint32_t, model->n_events);
    const char **names = NEW_ARRAY(arena, const char *, model->n_events);
    bool *inclusive = NEW_ARRAY(arena, bool, model->n_events);
    for (size_t i = 0; i < model->n_events; i++) {
        results[i] = next;
        next += 1 + (uint32_t)model->events[i].n_actions;
        if (model->events[i].kind != EVENT_TRIGGERED)
            continue;
        names[system->n_triggers] = model->events[i].name;
        inclusive[system->n_triggers] = model->events[i].inclusive;
        triggers[system->n_triggers++] = (uint32_t)i;
    }
    system->trigger_names = names;
    system->inclusive = inclusive;
    system->triggers = triggers;
    system->event_results = results;
    system->n_event_results = next;
    (void)model_event_nodes(model, nodes);
    return nodes;
}

const System *system_build(Arena *arena, const Model *model, const char *const *record, size_t n_record)
{
    System *system = NEW(arena, System);
    system->model = model;
    choose_outputs(arena, system, record, n_record);

    Node *initial = NEW_ARRAY(arena, Node, model->n_states), *rates = NEW_ARRAY(arena, Node, model->n_states);
    const char **names = NEW_ARRAY(arena, const char *, model->n_states);
    for (size_t i = 0; i < model->n_states; i++) {
        initial[i] = model->states[i].initial.node;
        rates[i] = model->states[i].rate.node;
        names[i] = model->states[i].name;
    }
    system->state_names = names;
    Node *outputs = NEW_ARRAY(arena, Node, system->n_outputs), *doses = NEW_ARRAY(arena, Node, model->n_drugs);
    for (size_t i = 0; i < system->n_outputs; i++)
        outputs[i] = system->outputs[i].node;
    for (size_t i = 0; i < model->n_drugs; i++)
        doses[i] = model->drugs[i].amount.node;
    Nodes entries = {0};
    differentiate(arena, system, rates, &entries);
    choose_steady(arena, system);
    const Node *events = choose_events(arena, system);

    const TapeRoots tapes[N_TAPES] = {[TAPE_INITIAL] = {initial, model->n_states},
                                      [TAPE_RATES] = {rates, model->n_states},
                                      [TAPE_JACOBIAN] = {entries.items, entries.n},
                                      [TAPE_OUTPUTS] = {outputs, system->n_outputs},
                                      [TAPE_DOSES] = {doses, model->n_drugs},
                                      [TAPE_TRIGGERS] = {events + system->n_event_results, system->n_triggers},
                                      [TAPE_EVENTS] = {events, system->n_event_results}};
    system->program = program_build(arena, model->dag, model->n_states, model->n_slots, tapes, N_TAPES);
    return system;
}

SystemLanes *system_lanes_new(Arena *arena, const System *system, TapeKernel kernel)
{
    SystemLanes *lanes = NEW(arena, SystemLanes);
    lanes->system = system;
    lanes->kernel = kernel;
    lanes->registers = NEW_LANES(arena, system->program->n_registers * LANES);
    program_set_constants_lanes(system->program, lanes->registers);
    return lanes;
}

double *system_lanes_slot(SystemLanes *lanes, uint32_t slot)
{
    ASSERT(slot <= lanes->system->model->n_slots); /* the end is where an empty range begins */
    return lanes->registers + (lanes->system->program->parameters + (size_t)slot) * LANES;
}

void system_lanes_ready(SystemLanes *lanes)
{
    const Tape *prologue = &lanes->system->program->prologue;
    lanes->kernel(prologue->code, prologue->n, lanes->registers);
}

static void set_all(double *row, double value)
{
    for (size_t lane = 0; lane < LANES; lane++)
        row[lane] = value;
}

static void run_tape(SystemLanes *lanes, SystemTape which, double *ret_results)
{
    const Tape *tape = &lanes->system->program->tapes[which];
    lanes->kernel(tape->code, tape->n, lanes->registers);
    for (size_t i = 0; i < tape->n_results; i++)
        memcpy(ret_results + i * LANES, lanes->registers + (size_t)tape->results[i] * LANES, LANES * sizeof(double));
}

void system_lanes_eval(SystemLanes *lanes, SystemTape tape, double t, const double *y, double *ret_results)
{
    const Program *program = lanes->system->program;
    set_all(lanes->registers + (size_t)program->time * LANES, t);
    if (y != NULL)
        memcpy(lanes->registers + (size_t)program->states * LANES, y, program->n_states * LANES * sizeof(double));
    run_tape(lanes, tape, ret_results);
}

void system_lanes_dose(SystemLanes *lanes, double t, double dose, double *ret_amounts)
{
    const Program *program = lanes->system->program;
    set_all(lanes->registers + (size_t)program->dose * LANES, dose);
    system_lanes_eval(lanes, TAPE_DOSES, t, NULL, ret_amounts);
}
