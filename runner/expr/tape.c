/* SPDX-License-Identifier: Apache-2.0
 *
 * Dag -> register code. Fixed registers first (constants, time, dose, states, parameters, results of the prologue),
 * then temporaries, which are reused as soon as the last instruction that reads them is past: the working set stays
 * in the cache. Two arithmetic operations become one instruction where nobody else reads what is between them.
 */
#include "expr/expr.h"

static const uint32_t NONE = UINT32_MAX;

typedef struct TapeBuilder {
    Arena *arena; /* of the program */
    Arena *scratch;
    const Dag *dag;
    size_t n_nodes;
    uint32_t *registers; /* of each node; NONE: not placed */
    uint32_t n_fixed, n_registers;
} TapeBuilder;

static bool is_operation(const DagNode *node)
{
    return op_n_args(node->op) > 0;
}

static bool in_prologue(const DagNode *node)
{
    return is_operation(node) && (node->depends & (uint32_t)~ON_PARAMETER) == 0;
}

static Instruction instruction(const TapeBuilder *b, Op op, const Node *reads, size_t n)
{
    uint32_t r[3] = {0};
    for (size_t k = 0; k < n; k++) {
        r[k] = b->registers[reads[k]];
        ASSERT(r[k] != NONE);
    }
    return (Instruction){.op = op, .a = r[0], .b = r[1], .c = r[2]};
}

static void place_inputs(TapeBuilder *b, Program *program, const bool *reached)
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

static Tape build_prologue(TapeBuilder *b, const bool *reached)
{
    VEC(Instruction) code = {0};
    for (size_t i = 0; i < b->n_nodes; i++) {
        const DagNode *node = dag_node(b->dag, (Node)i);
        if (!reached[i] || !in_prologue(node))
            continue;
        Instruction made = instruction(b, node->op, node->args, op_n_args(node->op));
        made.target = b->registers[i] = b->n_fixed++;
        *vec_push(b->arena, &code) = made;
    }
    return (Tape){.code = code.items, .n = code.n};
}

/* What is decided of the nodes of one tape before its registers are. */
typedef struct Draft {
    bool *mine;     /* computed by this tape */
    Node *first_of; /* the argument that is computed as the first of a pair; NONE */
    bool *is_first; /* computed so: no register of its own */
    uint32_t *last; /* the last node that reads it; NONE: after the end */
} Draft;

static bool is_arithmetic(const DagNode *node)
{
    return node->op >= OP_ADD && node->op <= OP_DIVIDE;
}

/* What only one arithmetic operation reads becomes the first of a pair with it. */
static void choose_pairs(const TapeBuilder *b, TapeRoots roots, Draft *draft)
{
    uint32_t *n_uses = NEW_ARRAY(b->scratch, uint32_t, b->n_nodes);
    for (size_t r = 0; r < roots.n; r++)
        n_uses[roots.roots[r]]++;
    for (size_t i = 0; i < b->n_nodes; i++) {
        const DagNode *node = dag_node(b->dag, (Node)i);
        draft->first_of[i] = NONE;
        for (size_t k = 0; draft->mine[i] && k < op_n_args(node->op); k++)
            n_uses[node->args[k]]++;
    }
    for (size_t i = 0; i < b->n_nodes; i++) {
        const DagNode *node = dag_node(b->dag, (Node)i);
        for (size_t k = 0; draft->mine[i] && is_arithmetic(node) && k < 2; k++) {
            Node arg = node->args[k];
            bool alone = draft->mine[arg] && n_uses[arg] == 1 && is_arithmetic(dag_node(b->dag, arg));
            if (!alone || draft->first_of[i] != NONE || draft->first_of[arg] != NONE)
                continue;
            draft->first_of[i] = arg;
            draft->is_first[arg] = true;
        }
    }
}

/* The operation that a node becomes, and the nodes whose registers it reads. */
static Op operation(const TapeBuilder *b, const Draft *draft, size_t i, Node ret_reads[3], size_t *ret_n)
{
    const DagNode *node = dag_node(b->dag, (Node)i);
    Node first = draft->first_of[i];
    *ret_n = first != NONE ? 3 : op_n_args(node->op);
    if (first == NONE) {
        for (size_t k = 0; k < *ret_n; k++)
            ret_reads[k] = node->args[k];
        return node->op;
    }
    const DagNode *inner = dag_node(b->dag, first);
    bool left = node->args[0] == first;
    ret_reads[0] = inner->args[0];
    ret_reads[1] = inner->args[1];
    ret_reads[2] = node->args[left ? 1 : 0];
    return op_pair(inner->op, node->op, left);
}

/* The roots are read after the end. */
static void find_last_uses(const TapeBuilder *b, TapeRoots roots, Draft *draft)
{
    Node reads[3];
    size_t n;
    for (size_t i = 0; i < b->n_nodes; i++) {
        if (!draft->mine[i] || draft->is_first[i])
            continue;
        (void)operation(b, draft, i, reads, &n);
        for (size_t k = 0; k < n; k++)
            draft->last[reads[k]] = (uint32_t)i;
    }
    for (size_t r = 0; r < roots.n; r++)
        draft->last[roots.roots[r]] = NONE;
}

static Draft draft_tape(const TapeBuilder *b, TapeRoots roots)
{
    Draft draft = {.mine = NEW_ARRAY(b->scratch, bool, b->n_nodes),
                   .first_of = NEW_ARRAY(b->scratch, Node, b->n_nodes),
                   .is_first = NEW_ARRAY(b->scratch, bool, b->n_nodes),
                   .last = NEW_ARRAY(b->scratch, uint32_t, b->n_nodes)};
    dag_reach(b->dag, roots.roots, roots.n, draft.mine);
    for (size_t i = 0; i < b->n_nodes; i++) {
        const DagNode *node = dag_node(b->dag, (Node)i);
        draft.mine[i] = draft.mine[i] && is_operation(node) && !in_prologue(node);
    }
    choose_pairs(b, roots, &draft);
    find_last_uses(b, roots, &draft);
    return draft;
}

typedef struct FreeList {
    uint32_t *registers;
    size_t n;
} FreeList;

static void release(const TapeBuilder *b, const Draft *draft, const Node *reads, size_t n, size_t self,
                    FreeList *free_list)
{
    for (size_t k = 0; k < n; k++) {
        bool again = false; /* x*x reads one register twice but frees it once */
        for (size_t before = 0; before < k; before++)
            again = again || reads[before] == reads[k];
        if (!again && draft->last[reads[k]] == self && b->registers[reads[k]] >= b->n_fixed)
            free_list->registers[free_list->n++] = b->registers[reads[k]];
    }
}

static Tape build_tape(TapeBuilder *b, TapeRoots roots)
{
    const Draft draft = draft_tape(b, roots);
    FreeList free_list = {.registers = NEW_ARRAY(b->scratch, uint32_t, b->n_nodes)};
    uint32_t n_registers = b->n_fixed;
    VEC(Instruction) code = {0};
    for (size_t i = 0; i < b->n_nodes; i++) {
        Node reads[3];
        size_t n;
        if (!draft.mine[i] || draft.is_first[i])
            continue;
        Op op = operation(b, &draft, i, reads, &n);
        Instruction made = instruction(b, op, reads, n);
        release(b, &draft, reads, n, i, &free_list);
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
    TapeBuilder b = {.arena = arena, .scratch = scratch, .dag = dag, .n_nodes = dag_size(dag)};
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
