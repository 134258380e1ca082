/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators and functions as nodes of the Dag. Those that are not one operation are built from several here.
 */
#include "expr/expr.h"

typedef Node (*Builder)(Dag *dag, Op op, const Node args[3]);

static Node build_operation(Dag *dag, Op op, const Node args[3])
{
    return dag_apply(dag, op, args[0], args[1], args[2]);
}

/* a > b is b < a */
static Node build_swapped(Dag *dag, Op op, const Node args[3])
{
    return dag_apply(dag, op, args[1], args[0], 0);
}

static Node build_denied(Dag *dag, Op op, const Node args[3])
{
    return dag_apply(dag, OP_NOT, dag_apply(dag, op, args[0], args[1], 0), 0, 0);
}

static Node build_power(Dag *dag, Op op, const Node args[3])
{
    (void)op;
    return dag_power(dag, args[0], args[1]);
}

/* ceil(x) = -floor(-x), exactly */
static Node build_ceil(Dag *dag, Op op, const Node args[3])
{
    return dag_apply(dag, OP_NEGATE, dag_apply(dag, op, dag_apply(dag, OP_NEGATE, args[0], 0, 0), 0, 0), 0, 0);
}

/* mod(a, b) = a - b floor(a/b) */
static Node build_mod(Dag *dag, Op op, const Node args[3])
{
    Node whole = dag_apply(dag, op, dag_apply(dag, OP_DIVIDE, args[0], args[1], 0), 0, 0);
    return dag_apply(dag, OP_SUBTRACT, args[0], dag_apply(dag, OP_MULTIPLY, args[1], whole, 0), 0);
}

/* hill(x, k, n) = x^n / (k^n + x^n) */
static Node build_hill(Dag *dag, Op op, const Node args[3])
{
    Node top = dag_power(dag, args[0], args[2]), half = dag_power(dag, args[1], args[2]);
    return dag_apply(dag, op, top, dag_apply(dag, OP_ADD, half, top, 0), 0);
}

static const struct {
    ExprFunction function;
    Op op;
    Builder build;
} table[N_EXPR_OPS] = {
#define X(id, token, binds, n_args, units, verb, op, build, usage, meaning)                                            \
    [id] = {{token, binds, n_args, units, verb, usage, meaning}, op, build_##build},
    EXPR_OPS(X)
#undef X
};

const ExprFunction *expr_function(ExprOp op)
{
    return &table[op].function;
}

Node expr_build(Dag *dag, ExprOp op, const Node args[3])
{
    return table[op].build(dag, table[op].op, args);
}
