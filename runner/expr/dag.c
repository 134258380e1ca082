/* SPDX-License-Identifier: Apache-2.0
 *
 * The Dag: equal expressions are one node, constants are folded, and what is trivial disappears.
 */
#include <math.h>
#include <string.h>

#include "expr/expr.h"

enum { LARGEST_WHOLE_POWER = 16 };

struct Dag {
    Arena *arena;
    VEC(DagNode) nodes;
    uint32_t *table; /* open addressing: node + 1, 0 is free */
    size_t capacity;
};

Dag *dag_new(Arena *arena)
{
    Dag *dag = NEW(arena, Dag);
    dag->arena = arena;
    dag->capacity = 1024;
    dag->table = NEW_ARRAY(arena, uint32_t, dag->capacity);
    return dag;
}

Dag *dag_copy(Arena *arena, const Dag *dag)
{
    Dag *copy = NEW(arena, Dag);
    copy->arena = arena;
    copy->capacity = dag->capacity;
    copy->table = NEW_ARRAY(arena, uint32_t, dag->capacity);
    memcpy(copy->table, dag->table, dag->capacity * sizeof *dag->table);
    copy->nodes.items = NEW_ARRAY(arena, DagNode, dag->nodes.capacity);
    copy->nodes.n = dag->nodes.n;
    copy->nodes.capacity = dag->nodes.capacity;
    if (dag->nodes.n > 0)
        memcpy(copy->nodes.items, dag->nodes.items, dag->nodes.n * sizeof *dag->nodes.items);
    return copy;
}

size_t dag_size(const Dag *dag)
{
    return dag->nodes.n;
}

const DagNode *dag_node(const Dag *dag, Node node)
{
    ASSERT(node < dag->nodes.n);
    return &dag->nodes.items[node];
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static size_t node_hash(const DagNode *node)
{
    uint64_t words[] = {(uint64_t)node->op, node->args[0], node->args[1],
                        node->args[2],      node->input,   bits_of(node->value)};
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a on words, then a final mix */
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        hash = (hash ^ words[i]) * 0x100000001b3u;
    return (size_t)(hash ^ (hash >> 29));
}

static bool node_equal(const DagNode *a, const DagNode *b)
{
    return a->op == b->op && a->args[0] == b->args[0] && a->args[1] == b->args[1] && a->args[2] == b->args[2] &&
           a->input == b->input && bits_of(a->value) == bits_of(b->value);
}

static uint32_t *table_slot(const Dag *dag, uint32_t *table, size_t capacity, const DagNode *node)
{
    size_t i = node_hash(node) & (capacity - 1);
    while (table[i] != 0 && !node_equal(&dag->nodes.items[table[i] - 1], node))
        i = (i + 1) & (capacity - 1);
    return &table[i];
}

static void table_grow(Dag *dag)
{
    size_t capacity = 2 * dag->capacity;
    uint32_t *table = NEW_ARRAY(dag->arena, uint32_t, capacity);
    for (size_t i = 0; i < dag->nodes.n; i++)
        *table_slot(dag, table, capacity, &dag->nodes.items[i]) = (uint32_t)i + 1;
    dag->table = table;
    dag->capacity = capacity;
}

/* The node if it exists already, else a new one: equal subexpressions are one node. */
static Node intern(Dag *dag, DagNode node)
{
    uint32_t *slot = table_slot(dag, dag->table, dag->capacity, &node);
    if (*slot != 0)
        return *slot - 1;
    ASSERT(dag->nodes.n < UINT32_MAX - 1);
    *vec_push(dag->arena, &dag->nodes) = node;
    *slot = (uint32_t)dag->nodes.n;
    if (2 * dag->nodes.n > dag->capacity)
        table_grow(dag);
    return (Node)dag->nodes.n - 1;
}

Node dag_const(Dag *dag, double value)
{
    return intern(dag, (DagNode){.op = OP_CONST, .value = value});
}

Node dag_time(Dag *dag)
{
    return intern(dag, (DagNode){.op = OP_TIME, .depends = ON_TIME});
}

Node dag_dose(Dag *dag)
{
    return intern(dag, (DagNode){.op = OP_DOSE, .depends = ON_DOSE});
}

Node dag_state(Dag *dag, uint32_t state)
{
    return intern(dag, (DagNode){.op = OP_STATE, .depends = ON_STATE, .input = state});
}

Node dag_parameter(Dag *dag, uint32_t parameter)
{
    return intern(dag, (DagNode){.op = OP_PARAMETER, .depends = ON_PARAMETER, .input = parameter});
}

static bool is_const(const Dag *dag, Node node)
{
    return dag_node(dag, node)->op == OP_CONST;
}

/* +0 and -0 alike */
static bool is_value(const Dag *dag, Node node, double value)
{
    double own = dag_node(dag, node)->value;
    return is_const(dag, node) && own <= value && own >= value;
}

/* The simpler node that equals op(a, b), if there is one. */
static bool simpler_sum(Dag *dag, Op op, Node a, Node b, Node *ret_node)
{
    if (is_value(dag, b, 0.0))
        *ret_node = a;
    else if (op == OP_ADD && is_value(dag, a, 0.0))
        *ret_node = b;
    else if (op == OP_SUBTRACT && is_value(dag, a, 0.0))
        *ret_node = dag_apply(dag, OP_NEGATE, b, 0, 0);
    else if (op == OP_SUBTRACT && a == b)
        *ret_node = dag_const(dag, 0.0);
    else if (op == OP_ADD && dag_node(dag, b)->op == OP_NEGATE)
        *ret_node = dag_apply(dag, OP_SUBTRACT, a, dag_node(dag, b)->args[0], 0);
    else
        return false;
    return true;
}

static bool simpler_product(Dag *dag, Op op, Node a, Node b, Node *ret_node)
{
    if (is_value(dag, a, 0.0) || (op == OP_MULTIPLY && is_value(dag, b, 0.0)))
        *ret_node = dag_const(dag, 0.0);
    else if (is_value(dag, b, 1.0))
        *ret_node = a;
    else if (is_value(dag, b, -1.0))
        *ret_node = dag_apply(dag, OP_NEGATE, a, 0, 0);
    else if (op == OP_MULTIPLY && is_value(dag, a, 1.0))
        *ret_node = b;
    else if (op == OP_MULTIPLY && is_value(dag, a, -1.0))
        *ret_node = dag_apply(dag, OP_NEGATE, b, 0, 0);
    else
        return false;
    return true;
}

static bool simpler(Dag *dag, Op op, Node a, Node b, Node c, Node *ret_node)
{
    if (op == OP_ADD || op == OP_SUBTRACT)
        return simpler_sum(dag, op, a, b, ret_node);
    if (op == OP_MULTIPLY || op == OP_DIVIDE)
        return simpler_product(dag, op, a, b, ret_node);
    if (op == OP_NEGATE && dag_node(dag, a)->op == OP_NEGATE)
        *ret_node = dag_node(dag, a)->args[0];
    else if ((op == OP_MIN || op == OP_MAX) && a == b)
        *ret_node = a;
    else if (op == OP_SELECT && (b == c || is_const(dag, a)))
        *ret_node = b == c || !is_value(dag, a, 0.0) ? b : c;
    else
        return false;
    return true;
}

Node dag_apply(Dag *dag, Op op, Node a, Node b, Node c)
{
    size_t n = op_n_args(op);
    ASSERT(n > 0 && n <= 3);
    Node args[3] = {a, n > 1 ? b : 0, n > 2 ? c : 0}, found;
    bool folds = true;
    uint32_t depends = 0;
    for (size_t i = 0; i < n; i++) {
        folds = folds && is_const(dag, args[i]);
        depends |= dag_node(dag, args[i])->depends;
    }
    if (folds) {
        double v[3] = {0.0};
        for (size_t i = 0; i < n; i++)
            v[i] = dag_node(dag, args[i])->value;
        return dag_const(dag, op_apply(op, v[0], v[1], v[2]));
    }
    if (simpler(dag, op, args[0], args[1], args[2], &found))
        return found;
    if (op_commutes(op) && args[0] > args[1]) { /* a+b and b+a are one node */
        Node swapped = args[0];
        args[0] = args[1];
        args[1] = swapped;
    }
    return intern(dag, (DagNode){.op = op, .depends = depends, .args = {args[0], args[1], args[2]}});
}

/* base^n for n >= 1 by squaring: exact where products are, and cheaper than a logarithm. */
static Node whole_power(Dag *dag, Node base, unsigned n)
{
    if (n == 1)
        return base;
    Node half = whole_power(dag, base, n / 2);
    Node square = dag_apply(dag, OP_MULTIPLY, half, half, 0);
    return n % 2 == 0 ? square : dag_apply(dag, OP_MULTIPLY, square, base, 0);
}

Node dag_power(Dag *dag, Node base, Node exponent)
{
    if (is_const(dag, exponent)) {
        double power = dag_node(dag, exponent)->value, size = fabs(power);
        if (is_value(dag, exponent, 0.0))
            return dag_const(dag, 1.0);
        if (is_value(dag, exponent, 0.5))
            return dag_apply(dag, OP_SQRT, base, 0, 0);
        if (size <= LARGEST_WHOLE_POWER && floor(size) >= size) {
            Node product = whole_power(dag, base, (unsigned)size);
            return power > 0.0 ? product : dag_apply(dag, OP_DIVIDE, dag_const(dag, 1.0), product, 0);
        }
    }
    Node log_base = dag_apply(dag, OP_LOG, base, 0, 0);
    return dag_apply(dag, OP_EXP, dag_apply(dag, OP_MULTIPLY, exponent, log_base, 0), 0, 0);
}

void dag_reach(const Dag *dag, const Node *roots, size_t n_roots, bool *reached)
{
    size_t last = 0;
    for (size_t r = 0; r < n_roots; r++) {
        reached[roots[r]] = true;
        last = roots[r] > last ? roots[r] : last;
    }
    for (size_t i = n_roots > 0 ? last + 1 : 0;
         i-- > 0;) { /* arguments come before what uses them: one pass backwards */
        const DagNode *node = &dag->nodes.items[i];
        for (size_t k = 0; reached[i] && k < op_n_args(node->op); k++)
            reached[node->args[k]] = true;
    }
}

static double input_value(const DagNode *node, const DagInputs *at)
{
    if (node->op == OP_CONST)
        return node->value;
    if (node->op == OP_TIME)
        return at->time;
    if (node->op == OP_DOSE)
        return at->dose;
    return (node->op == OP_STATE ? at->states : at->parameters)[node->input];
}

void dag_eval(Arena *scratch, const Dag *dag, const Node *roots, size_t n_roots, const DagInputs *at,
              double *ret_values)
{
    double *values = NEW_ARRAY(scratch, double, dag->nodes.n);
    for (size_t i = 0; i < dag->nodes.n; i++) { /* arguments come before what uses them */
        const DagNode *node = &dag->nodes.items[i];
        values[i] = op_n_args(node->op) == 0
                        ? input_value(node, at)
                        : op_apply(node->op, values[node->args[0]], values[node->args[1]], values[node->args[2]]);
    }
    for (size_t r = 0; r < n_roots; r++)
        ret_values[r] = values[roots[r]];
}
