/* SPDX-License-Identifier: Apache-2.0
 *
 * Dag -> register code. Fixed registers first (constants, time, dose, states, parameters, results of the prologue),
 * then temporaries, which are reused as soon as the last instruction that reads them is past: the working set stays
 * in the cache.
 */
#include "expr/expr.h"

static const uint32_t NONE = UINT32_MAX;

typedef struct Builder {
    Arena *arena; /* of the program */
    Arena *scratch;
    const Dag *dag;
    size_t n_nodes;
    uint32_t *registers; /* of each node; NONE: not placed */
    uint32_t n_fixed, n_registers;
} Builder;

static bool is_operation(const DagNode *node)
{
    return op_n_args(node->op) > 0;
}

static bool in_prologue(const DagNode *node)
{
    return is_operation(node) && (node->depends & (uint32_t)~ON_PARAMETER) == 0;
}

static Instruction instruction(const Builder *b, const DagNode *node, uint32_t target)
{
    uint32_t r[3] = {0};
    for (size_t k = 0; k < op_n_args(node->op); k++) {
        r[k] = b->registers[node->args[k]];
        ASSERT(r[k] != NONE);
    }
    return (Instruction){.op = node->op, .target = target, .a = r[0], .b = r[1], .c = r[2]};
}

static void place_inputs(Builder *b, Program *program, const bool *reached)
{
    VEC(double) constants = {0};
    for (size_t i = 0; i < b->n_nodes; i++) {
        b->registers[i] = NONE;
        const DagNode *node = dag_node(b->dag, (Node)i);
        if (reached[i] && node->op == OP_CONST) {
            b->registers[i] = (uint32_t)constants.n;
            *vec_push(b->arena, &constants) = node->value;
        }
    }
    program->constants = constants.items;
    program->n_constants = constants.n;
    program->time = (uint32_t)constants.n;
    program->dose = program->time + 1;
    program->states = program->dose + 1;
    program->parameters = program->states + (uint32_t)program->n_states;
    b->n_fixed = program->parameters + (uint32_t)program->n_parameters;
    for (size_t i = 0; i < b->n_nodes; i++) {
        const DagNode *node = dag_node(b->dag, (Node)i);
        if (node->op == OP_TIME)
            b->registers[i] = program->time;
        else if (node->op == OP_DOSE)
            b->registers[i] = program->dose;
        else if (node->op == OP_STATE)
            b->registers[i] = program->states + node->input;
        else if (node->op == OP_PARAMETER)
            b->registers[i] = program->parameters + node->input;
    }
}

static Tape build_prologue(Builder *b, const bool *reached)
{
    VEC(Instruction) code = {0};
    for (size_t i = 0; i < b->n_nodes; i++) {
        const DagNode *node = dag_node(b->dag, (Node)i);
        if (!reached[i] || !in_prologue(node))
            continue;
        *vec_push(b->arena, &code) = instruction(b, node, b->n_fixed);
        b->registers[i] = b->n_fixed++;
    }
    return (Tape){.code = code.items, .n = code.n};
}

/* The last node of the tape that reads each node; the roots are read after the end. */
static uint32_t *last_uses(const Builder *b, const bool *mine, TapeRoots roots)
{
    uint32_t *last = NEW_ARRAY(b->scratch, uint32_t, b->n_nodes);
    for (size_t i = 0; i < b->n_nodes; i++) {
        const DagNode *node = dag_node(b->dag, (Node)i);
        for (size_t k = 0; mine[i] && k < op_n_args(node->op); k++)
            last[node->args[k]] = (uint32_t)i;
    }
    for (size_t r = 0; r < roots.n; r++)
        last[roots.roots[r]] = NONE;
    return last;
}

typedef struct FreeList {
    uint32_t *registers;
    size_t n;
} FreeList;

static void release_arguments(Builder *b, const DagNode *node, size_t self, const uint32_t *last, FreeList *free_list)
{
    for (size_t k = 0; k < op_n_args(node->op); k++) {
        Node arg = node->args[k];
        bool again = false; /* x*x reads one register twice but frees it once */
        for (size_t before = 0; before < k; before++)
            again = again || node->args[before] == arg;
        if (!again && last[arg] == self && b->registers[arg] >= b->n_fixed)
            free_list->registers[free_list->n++] = b->registers[arg];
    }
}

static Tape build_tape(Builder *b, TapeRoots roots)
{
    bool *mine = NEW_ARRAY(b->scratch, bool, b->n_nodes);
    dag_reach(b->dag, roots.roots, roots.n, mine);
    for (size_t i = 0; i < b->n_nodes; i++) {
        const DagNode *node = dag_node(b->dag, (Node)i);
        mine[i] = mine[i] && is_operation(node) && !in_prologue(node);
    }
    const uint32_t *last = last_uses(b, mine, roots);
    FreeList free_list = {.registers = NEW_ARRAY(b->scratch, uint32_t, b->n_nodes)};
    uint32_t n_registers = b->n_fixed;
    VEC(Instruction) code = {0};
    for (size_t i = 0; i < b->n_nodes; i++) {
        if (!mine[i])
            continue;
        const DagNode *node = dag_node(b->dag, (Node)i);
        Instruction made = instruction(b, node, 0);
        release_arguments(b, node, i, last, &free_list);
        made.target = free_list.n > 0 ? free_list.registers[--free_list.n] : n_registers++;
        b->registers[i] = made.target;
        *vec_push(b->arena, &code) = made;
    }
    uint32_t *results = NEW_ARRAY(b->arena, uint32_t, roots.n);
    for (size_t r = 0; r < roots.n; r++)
        results[r] = b->registers[roots.roots[r]];
    b->n_registers = n_registers > b->n_registers ? n_registers : b->n_registers;
    return (Tape){.code = code.items, .n = code.n, .results = results, .n_results = roots.n};
}

const Program *program_build(Arena *arena, const Dag *dag, size_t n_states, size_t n_parameters, const TapeRoots *tapes,
                             size_t n_tapes)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Builder b = {.arena = arena, .scratch = scratch, .dag = dag, .n_nodes = dag_size(dag)};
    b.registers = NEW_ARRAY(scratch, uint32_t, b.n_nodes);
    bool *reached = NEW_ARRAY(scratch, bool, b.n_nodes);
    for (size_t i = 0; i < n_tapes; i++)
        dag_reach(dag, tapes[i].roots, tapes[i].n, reached);

    Program *program = NEW(arena, Program);
    program->n_states = n_states;
    program->n_parameters = n_parameters;
    place_inputs(&b, program, reached);
    program->prologue = build_prologue(&b, reached);
    b.n_registers = b.n_fixed;
    Tape *built = NEW_ARRAY(arena, Tape, n_tapes);
    for (size_t i = 0; i < n_tapes; i++)
        built[i] = build_tape(&b, tapes[i]);
    program->tapes = built;
    program->n_tapes = n_tapes;
    program->n_registers = b.n_registers;
    return program;
}
