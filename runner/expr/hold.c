/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions held: forward over the nodes, a node's arguments come before it.
 */
#include "expr/expr.h"

typedef VEC(Node) HoldNodes;

typedef struct Hold {
    Dag *dag;
    Arena *arena;
    uint32_t first_parameter;
    HoldNodes switches;
} Hold;

/* 1 while `larger` > `smaller`, as somebody else says: the parameter of that switch. */
static Node held_condition(Hold *hold, Node larger, Node smaller)
{
    Node number = dag_apply(hold->dag, OP_SUBTRACT, larger, smaller, 0);
    const DagNode *made = dag_node(hold->dag, number);
    if (made->op == OP_CONST)
        return dag_const(hold->dag, made->value > 0.0 ? 1.0 : 0.0);
    size_t i = 0;
    while (i < hold->switches.n && hold->switches.items[i] != number)
        i++;
    if (i == hold->switches.n)
        *vec_push(hold->arena, &hold->switches) = number;
    return dag_parameter(hold->dag, hold->first_parameter + (uint32_t)i);
}

/* The node with its arguments held, and its own condition if it has one. */
static Node hold_node(Hold *hold, const DagNode *node, const Node *held)
{
    Dag *dag = hold->dag;
    size_t n = op_n_args(node->op);
    Node a = held[node->args[0]], b = n > 1 ? held[node->args[1]] : 0, c = n > 2 ? held[node->args[2]] : 0;
    if ((node->depends & (ON_STATE | ON_TIME)) == 0)
        return dag_apply(dag, node->op, a, b, c);
    switch (node->op) {
    case OP_MIN: return dag_apply(dag, OP_SELECT, held_condition(hold, b, a), a, b);
    case OP_MAX: return dag_apply(dag, OP_SELECT, held_condition(hold, a, b), a, b);
    case OP_ABS:
        return dag_apply(dag, OP_SELECT, held_condition(hold, dag_const(dag, 0.0), a),
                         dag_apply(dag, OP_NEGATE, a, 0, 0), a);
    case OP_LESS: return held_condition(hold, b, a);
    case OP_LESS_EQUAL: return dag_apply(dag, OP_NOT, held_condition(hold, a, b), 0, 0);
    default: return dag_apply(dag, node->op, a, b, c);
    }
}

static bool is_condition(const DagNode *node)
{
    bool decides = node->op == OP_MIN || node->op == OP_MAX || node->op == OP_ABS || node->op == OP_LESS ||
                   node->op == OP_LESS_EQUAL;
    return decides && (node->depends & (ON_STATE | ON_TIME)) != 0;
}

size_t dag_conditions(const Dag *dag, const Node *roots, size_t n_roots)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    bool *reached = NEW_ARRAY(scratch, bool, dag_size(dag));
    size_t n = 0;
    dag_reach(dag, roots, n_roots, reached);
    for (size_t i = 0; i < dag_size(dag); i++)
        n += reached[i] && is_condition(dag_node(dag, (Node)i));
    return n;
}

const Node *dag_hold(Dag *dag, Arena *arena, const Node *roots, size_t n_roots, uint32_t first_parameter,
                     Node *ret_roots, size_t *ret_n)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Hold hold = {.dag = dag, .arena = arena, .first_parameter = first_parameter};
    size_t n = dag_size(dag); /* nodes made on the way are held already */
    Node *held = NEW_ARRAY(scratch, Node, n);
    bool *reached = NEW_ARRAY(scratch, bool, n);
    dag_reach(dag, roots, n_roots, reached);
    for (size_t i = 0; i < n; i++) {
        DagNode node = *dag_node(dag, (Node)i); /* a copy: the nodes may move while new ones are made */
        held[i] = reached[i] && op_n_args(node.op) > 0 ? hold_node(&hold, &node, held) : (Node)i;
    }
    for (size_t r = 0; r < n_roots; r++)
        ret_roots[r] = held[roots[r]];
    *ret_n = hold.switches.n;
    return hold.switches.items;
}
