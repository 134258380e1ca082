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

static Node diff_select_of(Diff *d, Node condition, Node yes, Node no)
{
    return dag_apply(d->dag, OP_SELECT, condition, yes, no);
}

static Node negate(Diff *d, Node a)
{
    return dag_apply(d->dag, OP_NEGATE, a, 0, 0);
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

/* 1 / log(10), 2 / sqrt(pi) and pi, to the last bit. */
static const double LOG10_E = 0.43429448190325182765, TWO_OVER_SQRT_PI = 1.12837916709551257390,
                    PI = 3.14159265358979323846;

/* A node and the derivatives of its arguments. */
typedef struct DiffNode {
    Node self, a, b;
    DagNode node;           /* a copy: the nodes may move while new ones are made */
    Node da, db;            /* of a and b */
    const Node *derivative; /* of every node before this one */
} DiffNode;

/* ---- Rules, as op.h names them ---- */

static Node diff_zero(Diff *d, const DiffNode *n)
{
    (void)n;
    return d->zero; /* inputs, comparisons, logic, and what is constant between jumps */
}

static Node diff_sum(Diff *d, const DiffNode *n)
{
    return add(d, n->da, n->db);
}

static Node diff_difference(Diff *d, const DiffNode *n)
{
    return subtract(d, n->da, n->db);
}

static Node diff_product(Diff *d, const DiffNode *n)
{
    return add(d, multiply(d, n->da, n->b), multiply(d, n->a, n->db));
}

/* (a/b)' = (a' - (a/b) b') / b: the quotient itself is at hand */
static Node diff_quotient(Diff *d, const DiffNode *n)
{
    return divide(d, subtract(d, n->da, multiply(d, n->self, n->db)), n->b);
}

static Node diff_negation(Diff *d, const DiffNode *n)
{
    return negate(d, n->da);
}

static Node diff_min(Diff *d, const DiffNode *n)
{
    return diff_select_of(d, less(d, n->a, n->b), n->da, n->db);
}

static Node diff_max(Diff *d, const DiffNode *n)
{
    return diff_select_of(d, less(d, n->b, n->a), n->da, n->db);
}

static Node diff_abs(Diff *d, const DiffNode *n)
{
    return diff_select_of(d, less(d, n->a, d->zero), negate(d, n->da), n->da);
}

static Node diff_sqrt(Diff *d, const DiffNode *n)
{
    Node slope = divide(d, n->da, add(d, n->self, n->self));
    return diff_select_of(d, less(d, d->zero, n->a), slope, d->zero);
}

/* exp(u)' = exp(u) u'. Powers are written as exp(p log(x)): (x^p)' = p x^(p-1) x' + x^p log(x) p', taken as 0 where
 * x <= 0. */
static Node diff_exp(Diff *d, const DiffNode *n)
{
    Node base, exponent;
    if (!is_power(d->dag, &n->node, &base, &exponent))
        return multiply(d, n->self, n->da);
    Node slope = multiply(d, multiply(d, exponent, divide(d, n->self, base)), n->derivative[base]);
    if (n->derivative[exponent] != d->zero)
        slope = add(d, slope,
                    multiply(d, multiply(d, n->self, dag_apply(d->dag, OP_LOG, base, 0, 0)), n->derivative[exponent]));
    return slope == d->zero ? slope : diff_select_of(d, less(d, d->zero, base), slope, d->zero);
}

static Node diff_log(Diff *d, const DiffNode *n)
{
    return divide(d, n->da, n->a);
}

static Node diff_log10(Diff *d, const DiffNode *n)
{
    return divide(d, multiply(d, n->da, dag_const(d->dag, LOG10_E)), n->a);
}

static Node diff_tanh(Diff *d, const DiffNode *n)
{
    return multiply(d, subtract(d, d->one, multiply(d, n->self, n->self)), n->da);
}

static Node diff_sin(Diff *d, const DiffNode *n)
{
    return multiply(d, dag_apply(d->dag, OP_COS, n->a, 0, 0), n->da);
}

static Node diff_cos(Diff *d, const DiffNode *n)
{
    return negate(d, multiply(d, dag_apply(d->dag, OP_SIN, n->a, 0, 0), n->da));
}

/* atan2(y, x)' = (x y' - y x') / (x^2 + y^2) */
static Node diff_atan2(Diff *d, const DiffNode *n)
{
    Node square = add(d, multiply(d, n->a, n->a), multiply(d, n->b, n->b));
    return divide(d, subtract(d, multiply(d, n->b, n->da), multiply(d, n->a, n->db)), square);
}

/* erf(a)' = 2/sqrt(pi) exp(-a^2) a' */
static Node diff_erf(Diff *d, const DiffNode *n)
{
    Node bell = dag_apply(d->dag, OP_EXP, negate(d, multiply(d, n->a, n->a)), 0, 0);
    return multiply(d, multiply(d, dag_const(d->dag, TWO_OVER_SQRT_PI), bell), n->da);
}

/* The digamma function of z >= 1/2: psi(z) = psi(z + 6) - sum 1/(z + k), k = 0 .. 5, and for y >= 6.5 the asymptotic
 * series log(y) - 1/(2 y) - sum B_2k / (2 k y^2k) up to k = 7, whose next term is below 5e-14 there (Abramowitz and
 * Stegun, Handbook of Mathematical Functions, 6.3.5 and 6.3.18). */
static Node digamma_above(Diff *d, Node z)
{
    static const double coefficients[] = {1.0 / 12,  -1.0 / 120,     1.0 / 252, -1.0 / 240,
                                          1.0 / 132, -691.0 / 32760, 1.0 / 12};
    enum { SHIFT = 6 };
    Node y = add(d, z, dag_const(d->dag, SHIFT)), inverse = divide(d, d->one, y),
         square = multiply(d, inverse, inverse);
    Node series = d->zero;
    for (size_t k = ARRAY_LENGTH(coefficients); k-- > 0;)
        series = multiply(d, add(d, series, dag_const(d->dag, coefficients[k])), square);
    Node psi =
        subtract(d, dag_apply(d->dag, OP_LOG, y, 0, 0), add(d, multiply(d, dag_const(d->dag, 0.5), inverse), series));
    for (int k = 0; k < SHIFT; k++)
        psi = subtract(d, psi, divide(d, d->one, add(d, z, dag_const(d->dag, k))));
    return psi;
}

/* lgamma(a)' = digamma(a) a'; below 1/2 by reflection, psi(a) = psi(1 - a) - pi cos(pi a) / sin(pi a). */
static Node diff_lgamma(Diff *d, const DiffNode *n)
{
    Node low = less(d, n->a, dag_const(d->dag, 0.5));
    Node psi = digamma_above(d, diff_select_of(d, low, subtract(d, d->one, n->a), n->a));
    Node angle = multiply(d, dag_const(d->dag, PI), n->a);
    Node cotangent = divide(d, dag_apply(d->dag, OP_COS, angle, 0, 0), dag_apply(d->dag, OP_SIN, angle, 0, 0));
    Node reflected = subtract(d, psi, multiply(d, dag_const(d->dag, PI), cotangent));
    return multiply(d, diff_select_of(d, low, reflected, psi), n->da);
}

static Node diff_select(Diff *d, const DiffNode *n)
{
    return diff_select_of(d, n->a, n->db, n->derivative[n->node.args[2]]);
}

typedef Node (*DiffRule)(Diff *d, const DiffNode *n);

static const DiffRule rules[] = {
#define X(op, name, n_args, commutes, derivative, hold) [op] = diff_##derivative,
    OPS(X)
#undef X
};

static Node diff_node(Diff *d, Node self, const Node *derivative)
{
    DiffNode n = {
        .self = self, .node = *dag_node(d->dag, self), .da = d->zero, .db = d->zero, .derivative = derivative};
    size_t n_args = op_n_args(n.node.op);
    if (n_args > 0) {
        n.a = n.node.args[0];
        n.da = derivative[n.a];
    }
    if (n_args > 1) {
        n.b = n.node.args[1];
        n.db = derivative[n.b];
    }
    return rules[n.node.op](d, &n);
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
