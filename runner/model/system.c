/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiles a model and the outputs that an experiment wants into programs, and runs these on lanes.
 */
#include <math.h>
#include <string.h>

#include "model/system.h"

static Output recorded(const Model *model, Dag *dag, const char *name)
{
    const Symbol *symbol = map_find(&model->symbols, name);
    ASSERT(symbol != NULL);
    Output output = {.kind = OUTPUT_RECORDED, .name = name, .at = NAN};
    if (symbol->kind == SYMBOL_STATE) {
        const State *state = &model->states[symbol->index];
        output.node = dag_state(dag, symbol->index);
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

static void choose_outputs(Arena *arena, System *system, Dag *dag, const char *const *record, size_t n_record)
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
        outputs[n++] = recorded(model, dag, record[i]);
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

typedef VEC(Node) SystemNodes;
typedef VEC(uint32_t) SystemIndices;

/* d rates[row] / d state, by column. */
static Node *derivatives(Arena *arena, Dag *dag, const Node *rates, size_t n)
{
    Node *all = NEW_ARRAY(arena, Node, n * n);
    dag_jacobian(dag, rates, n, (uint32_t)n, all);
    return all;
}

/* The rates of all states. */
typedef struct RateNodes {
    const Node *rates; /* [n_states] */
    const Node *held;  /* [n_states]: with their conditions held; then the numbers of the switches */
} RateNodes;

/* Entries that are not identically zero, by row, then column: of the rates as they are, and of the held ones. */
static void differentiate(Arena *arena, System *system, Dag *dag, const RateNodes *rates, SystemNodes *entries,
                          SystemNodes *held_entries)
{
    size_t n = system->model->n_states;
    SystemIndices rows = {0}, columns = {0};
    const Node *all = derivatives(arena, dag, rates->rates, n), *held = all;
    if (system->n_root_functions > 0)
        held = derivatives(arena, dag, rates->held, n);
    Node zero = dag_const(dag, 0.0);
    for (size_t row = 0; row < n; row++)
        for (size_t column = 0; column < n; column++) {
            size_t at = column * n + row;
            if (all[at] == zero && held[at] == zero)
                continue;
            *vec_push(arena, &rows) = (uint32_t)row;
            *vec_push(arena, &columns) = (uint32_t)column;
            *vec_push(arena, entries) = all[at];
            *vec_push(arena, held_entries) = held[at];
        }
    system->jacobian_rows = rows.items;
    system->jacobian_columns = columns.items;
    system->n_jacobian = rows.n;
}

/* Rates with their conditions held, then the numbers of the switches. */
static const Node *hold_conditions(Arena *arena, System *system, Dag *dag, const Node *rates)
{
    const Model *model = system->model;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Node *held = NEW_ARRAY(scratch, Node, model->n_states);
    DagConditions conditions = dag_hold(scratch, dag, rates, model->n_states, (uint32_t)model->n_slots, held);
    system->n_root_functions = conditions.n;
    SystemNodes nodes = {0};
    for (size_t i = 0; i < model->n_states; i++)
        *vec_push(arena, &nodes) = held[i];
    for (size_t i = 0; i < system->n_root_functions; i++)
        *vec_push(arena, &nodes) = conditions.root_functions[i];
    return nodes.items;
}

static void choose_steady(Arena *arena, System *system)
{
    const Model *model = system->model;
    bool *steady = NEW_ARRAY(arena, bool, model->n_states);
    for (size_t i = 0; i < model->n_states; i++)
        steady[i] = model->states[i].steady;
    system->steady = model->starts_steady ? steady : NULL;
}

/* Returns the nodes of TAPE_EVENTS, then those of TAPE_EVENT_FUNCTIONS. */
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
    Dag *dag = dag_copy(arena, model->dag);
    system->model = model;
    system->dag = dag;
    choose_outputs(arena, system, dag, record, n_record);

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
    SystemNodes entries = {0}, held_entries = {0};
    const Node *held = hold_conditions(arena, system, dag, rates);
    differentiate(arena, system, dag, &(RateNodes){rates, held}, &entries, &held_entries);
    choose_steady(arena, system);
    const Node *events = choose_events(arena, system);

    size_t n_held = system->n_root_functions > 0 ? model->n_states : 0;
    const TapeRoots tapes[N_TAPES] = {[TAPE_INITIAL] = {initial, model->n_states},
                                      [TAPE_RATES] = {rates, model->n_states},
                                      [TAPE_JACOBIAN] = {entries.items, entries.n},
                                      [TAPE_OUTPUTS] = {outputs, system->n_outputs},
                                      [TAPE_DOSES] = {doses, model->n_drugs},
                                      [TAPE_EVENT_FUNCTIONS] = {events + system->n_event_results, system->n_triggers},
                                      [TAPE_EVENTS] = {events, system->n_event_results},
                                      [TAPE_HELD_RATES] = {held, n_held + system->n_root_functions},
                                      [TAPE_HELD_JACOBIAN] = {held_entries.items, n_held > 0 ? held_entries.n : 0},
                                      [TAPE_ROOT_FUNCTIONS] = {held + model->n_states, system->n_root_functions}};
    system->program =
        program_build(arena, dag, model->n_states, model->n_slots + system->n_root_functions, tapes, N_TAPES);
    return system;
}

SystemLanes *system_lanes_new(Arena *arena, const System *system, CpuSet set, size_t most)
{
    SystemLanes *lanes = NEW(arena, SystemLanes);
    lanes->system = system;
    lanes->kernel = tape_kernel(set);
    lanes->registers = NEW_LANES(arena, system->program->n_registers * most);
    system_lanes_widen(lanes, most);
    return lanes;
}

void system_lanes_widen(SystemLanes *lanes, size_t width)
{
    if (lanes->width != width)
        program_set_constants_lanes(lanes->system->program, width, lanes->registers);
    lanes->width = width;
}

double *system_lanes_slot(SystemLanes *lanes, uint32_t slot)
{
    ASSERT(slot <= lanes->system->model->n_slots); /* the end is where an empty range begins */
    return lanes->registers + (lanes->system->program->parameters + (size_t)slot) * lanes->width;
}

void system_lanes_ready(SystemLanes *lanes)
{
    const Tape *prologue = &lanes->system->program->prologue;
    lanes->kernel(prologue->code, prologue->n, lanes->width, lanes->registers);
}

double *system_lanes_conditions(SystemLanes *lanes)
{
    return lanes->registers + (lanes->system->program->parameters + lanes->system->model->n_slots) * lanes->width;
}

static void run_tape(SystemLanes *lanes, SystemTape tape, double t, const double *y)
{
    const Program *program = lanes->system->program;
    double *time = lanes->registers + (size_t)program->time * lanes->width;
    for (size_t lane = 0; lane < lanes->width; lane++)
        time[lane] = t + lanes->ahead[lane];
    if (y != NULL)
        memcpy(lanes->registers + (size_t)program->states * lanes->width, y,
               program->n_states * lanes->width * sizeof(double));
    lanes->kernel(program->tapes[tape].code, program->tapes[tape].n, lanes->width, lanes->registers);
}

/* n results of a tape, from the first on. */
static void copy_results(const SystemLanes *lanes, SystemTape tape, size_t first, size_t n, double *ret_results)
{
    const uint32_t *results = lanes->system->program->tapes[tape].results + first;
    for (size_t i = 0; i < n; i++)
        memcpy(ret_results + i * lanes->width, lanes->registers + (size_t)results[i] * lanes->width,
               lanes->width * sizeof(double));
}

void system_lanes_eval(SystemLanes *lanes, SystemTape tape, double t, const double *y, double *ret_results)
{
    run_tape(lanes, tape, t, y);
    copy_results(lanes, tape, 0, lanes->system->program->tapes[tape].n_results, ret_results);
}

void system_lanes_held_rates(SystemLanes *lanes, double t, const double *y, double *ret_rates, double *ret_root_values)
{
    size_t n = lanes->system->model->n_states;
    run_tape(lanes, TAPE_HELD_RATES, t, y);
    copy_results(lanes, TAPE_HELD_RATES, 0, n, ret_rates);
    copy_results(lanes, TAPE_HELD_RATES, n, lanes->system->n_root_functions, ret_root_values);
}

void system_lanes_dose(SystemLanes *lanes, double t, double dose, double *ret_amounts)
{
    const Program *program = lanes->system->program;
    for (size_t lane = 0; lane < lanes->width; lane++)
        lanes->registers[program->dose * lanes->width + lane] = dose;
    system_lanes_eval(lanes, TAPE_DOSES, t, NULL, ret_amounts);
}
