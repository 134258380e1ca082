/* SPDX-License-Identifier: Apache-2.0
 *
 * Symbolic derivatives, forward over the nodes: a node's arguments come before it, so one pass is enough.
 */
#include <stdlib.h>

#include "expr/expr.h"

typedef struct Diff {
    Dag *dag;
    Node zero, one;
} Diff;

static Node add(Diff *d, Node a, Node b)
{
    return dag_apply(d->dag, OP_ADD, a, b, 0);
}

static Node subtract(Diff *d, Node a, Node b)
{
    return dag_apply(d->dag, OP_SUBTRACT, a, b, 0);
}

static Node multiply(Diff *d, Node a, Node b)
{
    return dag_apply(d->dag, OP_MULTIPLY, a, b, 0);
}

static Node divide(Diff *d, Node a, Node b)
{
    return dag_apply(d->dag, OP_DIVIDE, a, b, 0);
}

static Node diff_select(Diff *d, Node condition, Node yes, Node no)
{
    return dag_apply(d->dag, OP_SELECT, condition, yes, no);
}

static Node less(Diff *d, Node a, Node b)
{
    return dag_apply(d->dag, OP_LESS, a, b, 0);
}

/* If `node` is exp(exponent * log(base)), as dag_power writes it: its parts. */
static bool is_power(const Dag *dag, const DagNode *node, Node *ret_base, Node *ret_exponent)
{
    const DagNode *product = dag_node(dag, node->args[0]);
    if (product->op != OP_MULTIPLY)
        return false;
    for (size_t i = 0; i < 2; i++) {
        const DagNode *log = dag_node(dag, product->args[i]);
        if (log->op != OP_LOG)
            continue;
        *ret_base = log->args[0];
        *ret_exponent = product->args[1 - i];
        return true;
    }
    return false;
}

/* d exp(u) = exp(u) u'. Powers apart: x^p' = p x^(p-1) x' + x^p log(x) p', taken as 0 where x <= 0. */
static Node diff_exp(Diff *d, Node self, const DagNode *node, const Node *derivative)
{
    Node base, exponent;
    if (!is_power(d->dag, node, &base, &exponent))
        return multiply(d, self, derivative[node->args[0]]);
    Node slope = multiply(d, multiply(d, exponent, divide(d, self, base)), derivative[base]);
    if (derivative[exponent] != d->zero)
        slope =
            add(d, slope, multiply(d, multiply(d, self, dag_apply(d->dag, OP_LOG, base, 0, 0)), derivative[exponent]));
    return slope == d->zero ? slope : diff_select(d, less(d, d->zero, base), slope, d->zero);
}

static Node diff_quotient(Diff *d, Node self, const DagNode *node, Node da, Node db)
{
    /* (a/b)' = (a' - (a/b) b') / b: the quotient itself is at hand */
    return divide(d, subtract(d, da, multiply(d, self, db)), node->args[1]);
}

static Node diff_tanh(Diff *d, Node self, Node da)
{
    return multiply(d, subtract(d, d->one, multiply(d, self, self)), da);
}

static Node diff_sqrt(Diff *d, Node self, Node a, Node da)
{
    Node slope = divide(d, da, add(d, self, self));
    return diff_select(d, less(d, d->zero, a), slope, d->zero);
}

/* 1 / log(10), to the last bit: derivative of log10. */
static const double LOG10_E = 0.43429448190325182765;

static Node diff_node(Diff *d, Node self, const Node *derivative)
{
    DagNode node = *dag_node(d->dag, self); /* a copy: the nodes may move while new ones are made */
    size_t n = op_n_args(node.op);
    Node a = n > 0 ? node.args[0] : 0, b = n > 1 ? node.args[1] : 0;
    Node da = n > 0 ? derivative[a] : d->zero, db = n > 1 ? derivative[b] : d->zero;
    switch (node.op) {
    case OP_ADD: return add(d, da, db);
    case OP_SUBTRACT: return subtract(d, da, db);
    case OP_MULTIPLY: return add(d, multiply(d, da, b), multiply(d, a, db));
    case OP_DIVIDE: return diff_quotient(d, self, &node, da, db);
    case OP_NEGATE: return dag_apply(d->dag, OP_NEGATE, da, 0, 0);
    case OP_MIN: return diff_select(d, less(d, a, b), da, db);
    case OP_MAX: return diff_select(d, less(d, b, a), da, db);
    case OP_ABS: return diff_select(d, less(d, a, d->zero), dag_apply(d->dag, OP_NEGATE, da, 0, 0), da);
    case OP_SQRT: return diff_sqrt(d, self, a, da);
    case OP_EXP: return diff_exp(d, self, &node, derivative);
    case OP_LOG: return divide(d, da, a);
    case OP_LOG10: return divide(d, multiply(d, da, dag_const(d->dag, LOG10_E)), a);
    case OP_TANH: return diff_tanh(d, self, da);
    case OP_SELECT: return diff_select(d, a, db, derivative[node.args[2]]);
    default: return d->zero; /* inputs, comparisons and logic */
    }
}

void dag_derivatives(Dag *dag, const Node *roots, size_t n_roots, uint32_t state, Node *ret_derivatives)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Diff d = {.dag = dag, .zero = dag_const(dag, 0.0), .one = dag_const(dag, 1.0)};
    Node wanted = dag_state(dag, state);
    size_t n = dag_size(dag); /* nodes made on the way are not differentiated */
    Node *derivative = NEW_ARRAY(scratch, Node, n);
    bool *reached = NEW_ARRAY(scratch, bool, n), *varies = NEW_ARRAY(scratch, bool, n);
    dag_reach(dag, roots, n_roots, reached);
    for (size_t i = 0; i < n; i++) {
        const DagNode *at = dag_node(dag, (Node)i);
        varies[i] = i == wanted;
        for (size_t k = 0; k < op_n_args(at->op); k++)
            varies[i] = varies[i] || varies[at->args[k]];
        derivative[i] = i == wanted ? d.one : d.zero;
        if (reached[i] && varies[i] && i != wanted)
            derivative[i] = diff_node(&d, (Node)i, derivative);
    }
    for (size_t r = 0; r < n_roots; r++)
        ret_derivatives[r] = derivative[roots[r]];
}

/* ---- All states ---- */

/* Who reads a node, of what the roots reach; and the node of each state. */
typedef struct Readers {
    size_t n;
    uint32_t *first; /* [n + 1] into readers */
    Node *readers;
    Node *states; /* [n_states]; n: not reached */
} Readers;

static void count_readers(const Dag *dag, const bool *reached, Readers *readers)
{
    for (size_t i = 0; i < readers->n; i++) {
        const DagNode *node = dag_node(dag, (Node)i);
        for (size_t k = 0; reached[i] && k < op_n_args(node->op); k++)
            readers->first[node->args[k] + 1]++;
    }
    for (size_t i = 0; i < readers->n; i++)
        readers->first[i + 1] += readers->first[i];
}

static Readers find_readers(Arena *scratch, const Dag *dag, const Node *roots, size_t n_roots, uint32_t n_states)
{
    size_t n = dag_size(dag);
    Readers readers = {
        .n = n, .first = NEW_ARRAY(scratch, uint32_t, n + 1), .states = NEW_ARRAY(scratch, Node, n_states)};
    bool *reached = NEW_ARRAY(scratch, bool, n);
    dag_reach(dag, roots, n_roots, reached);
    count_readers(dag, reached, &readers);
    uint32_t *next = NEW_ARRAY(scratch, uint32_t, n);
    readers.readers = NEW_ARRAY(scratch, Node, readers.first[n]);
    for (uint32_t s = 0; s < n_states; s++)
        readers.states[s] = (Node)n;
    for (size_t i = 0; i < n; i++) {
        const DagNode *node = dag_node(dag, (Node)i);
        if (reached[i] && node->op == OP_STATE)
            readers.states[node->input] = (Node)i;
        for (size_t k = 0; reached[i] && k < op_n_args(node->op); k++)
            readers.readers[readers.first[node->args[k]] + next[node->args[k]]++] = (Node)i;
    }
    return readers;
}

/* What depends on a node, itself included, into `list`; `seen` is marked with `mark`. */
static size_t find_dependents(const Readers *readers, Node start, uint32_t *seen, uint32_t mark, Node *list)
{
    size_t n = 0;
    if (start == readers->n)
        return 0;
    seen[start] = mark;
    list[n++] = start;
    for (size_t i = 0; i < n; i++)
        for (uint32_t r = readers->first[list[i]]; r < readers->first[list[i] + 1]; r++)
            if (seen[readers->readers[r]] != mark) {
                seen[readers->readers[r]] = mark;
                list[n++] = readers->readers[r];
            }
    return n;
}

static int by_node(const void *a, const void *b)
{
    Node x = *(const Node *)a, y = *(const Node *)b;
    return x < y ? -1 : x > y;
}

void dag_jacobian(Dag *dag, const Node *roots, size_t n_roots, uint32_t n_states, Node *ret_derivatives)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Diff d = {.dag = dag, .zero = dag_const(dag, 0.0), .one = dag_const(dag, 1.0)};
    const Readers readers = find_readers(scratch, dag, roots, n_roots, n_states);
    Node *derivative = NEW_ARRAY(scratch, Node, readers.n), *list = NEW_ARRAY(scratch, Node, readers.n);
    uint32_t *seen = NEW_ARRAY(scratch, uint32_t, readers.n);
    for (size_t i = 0; i < readers.n; i++)
        derivative[i] = d.zero;
    for (uint32_t state = 0; state < n_states; state++) {
        size_t n = find_dependents(&readers, readers.states[state], seen, state + 1, list);
        if (n > 1)
            qsort(list + 1, n - 1, sizeof *list, by_node); /* arguments come before what uses them */
        for (size_t i = 0; i < n; i++)
            derivative[list[i]] = i == 0 ? d.one : diff_node(&d, list[i], derivative);
        for (size_t r = 0; r < n_roots; r++)
            ret_derivatives[state * n_roots + r] = derivative[roots[r]];
        for (size_t i = 0; i < n; i++)
            derivative[list[i]] = d.zero;
    }
}

size_t dag_jacobian_work(const Dag *dag, const Node *roots, size_t n_roots, uint32_t n_states, size_t most)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    const Readers readers = find_readers(scratch, dag, roots, n_roots, n_states);
    Node *list = NEW_ARRAY(scratch, Node, readers.n);
    uint32_t *seen = NEW_ARRAY(scratch, uint32_t, readers.n);
    size_t n = 0;
    for (uint32_t state = 0; state < n_states && n <= most; state++)
        n += find_dependents(&readers, readers.states[state], seen, state + 1, list);
    return n;
}
