/* SPDX-License-Identifier: Apache-2.0
 *
 * Holds the conditions of expressions, so that the integrator sees smooth branches. One pass forward over the nodes is
 * enough: the arguments of a node come before it.
 */
#include "expr/expr.h"

typedef VEC(Node) HoldNodes;

typedef struct Hold {
    Dag *dag;
    Arena *arena;
    uint32_t first_parameter;
    HoldNodes root_functions;
} Hold;

/* 1 while `larger` > `smaller`: a parameter, which the solver sets by the sign of the root function larger -
 * smaller. */
static Node held_condition(Hold *hold, Node larger, Node smaller)
{
    Node root_function = dag_apply(hold->dag, OP_SUBTRACT, larger, smaller, 0);
    const DagNode *made = dag_node(hold->dag, root_function);
    if (made->op == OP_CONST)
        return dag_const(hold->dag, made->value > 0.0 ? 1.0 : 0.0);
    size_t i = 0;
    while (i < hold->root_functions.n && hold->root_functions.items[i] != root_function)
        i++;
    if (i == hold->root_functions.n)
        *vec_push(hold->arena, &hold->root_functions) = root_function;
    return dag_parameter(hold->dag, hold->first_parameter + (uint32_t)i);
}

/* ---- Rules, as op.h names them: a node whose arguments are held ---- */

typedef Node (*HoldRule)(Hold *hold, Node a, Node b);

static Node hold_min(Hold *hold, Node a, Node b)
{
    return dag_apply(hold->dag, OP_SELECT, held_condition(hold, b, a), a, b);
}

static Node hold_max(Hold *hold, Node a, Node b)
{
    return dag_apply(hold->dag, OP_SELECT, held_condition(hold, a, b), a, b);
}

static Node hold_abs(Hold *hold, Node a, Node b)
{
    (void)b;
    Node negative = held_condition(hold, dag_const(hold->dag, 0.0), a);
    return dag_apply(hold->dag, OP_SELECT, negative, dag_apply(hold->dag, OP_NEGATE, a, 0, 0), a);
}

static Node hold_less(Hold *hold, Node a, Node b)
{
    return held_condition(hold, b, a);
}

static Node hold_less_equal(Hold *hold, Node a, Node b)
{
    return dag_apply(hold->dag, OP_NOT, held_condition(hold, a, b), 0, 0);
}

static Node plus(const Hold *hold, Node a, double b)
{
    return dag_apply(hold->dag, OP_ADD, a, dag_const(hold->dag, b), 0);
}

static Node times(const Hold *hold, Node a, double b)
{
    return dag_apply(hold->dag, OP_MULTIPLY, a, dag_const(hold->dag, b), 0);
}

static Node floor_of(const Hold *hold, Node a)
{
    return dag_apply(hold->dag, OP_FLOOR, a, 0, 0);
}

/* A level has many values, a condition two. So the condition that is held is whether floor(a) is odd: the sign of
 * sin(pi a), which is 0 at every whole number. With r = a - 2 floor(a/2 + 1/2), from -1 to below 1, sin(pi r) is exact
 * at even numbers and below 0 at odd ones (pi as a double is below pi), so that floor(a) is odd while 0 > sin(pi r).
 * Held at q = 1 or 0, the level is q + 2 floor((a - q)/2 + 1/4): floor(a) on its interval, and the same number half a
 * unit beyond either end, so that a step that crosses a whole number sees no jump. */
static Node hold_floor(Hold *hold, Node a, Node b)
{
    static const double PI = 3.14159265358979323846;
    Dag *dag = hold->dag;
    (void)b;
    Node r = dag_apply(dag, OP_SUBTRACT, a, times(hold, floor_of(hold, plus(hold, times(hold, a, 0.5), 0.5)), 2.0), 0);
    Node odd = held_condition(hold, dag_const(dag, 0.0), dag_apply(dag, OP_SIN, times(hold, r, PI), 0, 0));
    Node above = dag_apply(dag, OP_SUBTRACT, a, odd, 0);
    return dag_apply(dag, OP_ADD, odd, times(hold, floor_of(hold, plus(hold, times(hold, above, 0.5), 0.25)), 2.0), 0);
}

/* round(a) is floor(a + 1/2), and for negative a -floor(1/2 - a). */
static Node hold_round(Hold *hold, Node a, Node b)
{
    Dag *dag = hold->dag;
    Node negative = held_condition(hold, dag_const(dag, 0.0), a);
    Node below = hold_floor(hold, plus(hold, dag_apply(dag, OP_NEGATE, a, 0, 0), 0.5), b);
    return dag_apply(dag, OP_SELECT, negative, dag_apply(dag, OP_NEGATE, below, 0, 0),
                     hold_floor(hold, plus(hold, a, 0.5), b));
}

/* NULL: the operation has no jump. */
static const HoldRule hold_smooth = NULL;

static HoldRule rule_of(const DagNode *node)
{
    static const HoldRule rules[] = {
#define X(op, name, n_args, commutes, derivative, hold) [op] = hold_##hold,
        OPS(X)
#undef X
    };
    return (node->depends & (ON_STATE | ON_TIME)) != 0 ? rules[node->op] : NULL;
}

/* The node with its arguments held, and its own condition if it has one. */
static Node hold_node(Hold *hold, const DagNode *node, const Node *held)
{
    size_t n = op_n_args(node->op);
    Node a = held[node->args[0]], b = n > 1 ? held[node->args[1]] : 0, c = n > 2 ? held[node->args[2]] : 0;
    HoldRule rule = rule_of(node);
    return rule != NULL ? rule(hold, a, b) : dag_apply(hold->dag, node->op, a, b, c);
}

size_t dag_conditions(const Dag *dag, const Node *roots, size_t n_roots)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    bool *reached = NEW_ARRAY(scratch, bool, dag_size(dag));
    size_t n = 0;
    dag_reach(dag, roots, n_roots, reached);
    for (size_t i = 0; i < dag_size(dag); i++)
        n += reached[i] && rule_of(dag_node(dag, (Node)i)) != NULL;
    return n;
}

DagConditions dag_hold(Arena *arena, Dag *dag, const Node *roots, size_t n_roots, uint32_t first_parameter,
                       Node *ret_roots)
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
    return (DagConditions){.root_functions = hold.root_functions.items, .n = hold.root_functions.n};
}
