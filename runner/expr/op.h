/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of operations of the Dag and the tape, and an instruction of a tape. The lane kernels see this header of
 * the room and no more: they take longest to compile, and are compiled again only when it changes.
 *
 * A new operation is a row of OPS. Its value comes from SLEEF_OPS or LIBM_OPS, or from a case in ops.c and one in
 * kernel.inc. Its derivative is a rule `diff_NAME` in diff.c (`zero`: none). If it jumps, it needs a rule `hold_NAME`
 * in hold.c; else it is `smooth`.
 */
#ifndef MB_EXPR_OP_H
#define MB_EXPR_OP_H

#include <stdint.h>

/* Operation, name, number of arguments, do a and b commute, rule of its derivative (diff.c: diff_...), rule of its
 * jumps (hold.c: hold_...; `smooth`: it has none). */
#define OPS(X)                                                                                                         \
    X(OP_CONST, "const", 0, false, zero, smooth)                                                                       \
    X(OP_TIME, "time", 0, false, zero, smooth)                                                                         \
    X(OP_STATE, "state", 0, false, zero, smooth)                                                                       \
    X(OP_PARAMETER, "parameter", 0, false, zero, smooth)                                                               \
    X(OP_DOSE, "dose", 0, false, zero, smooth)                                                                         \
    X(OP_ADD, "add", 2, true, sum, smooth)                                                                             \
    X(OP_SUBTRACT, "subtract", 2, false, difference, smooth)                                                           \
    X(OP_MULTIPLY, "multiply", 2, true, product, smooth)                                                               \
    X(OP_DIVIDE, "divide", 2, false, quotient, smooth)                                                                 \
    X(OP_NEGATE, "negate", 1, false, negation, smooth)                                                                 \
    X(OP_MIN, "min", 2, false, min, min)                                                                               \
    X(OP_MAX, "max", 2, false, max, max)                                                                               \
    X(OP_ABS, "abs", 1, false, abs, abs)                                                                               \
    X(OP_FLOOR, "floor", 1, false, zero, floor)                                                                        \
    X(OP_ROUND, "round", 1, false, zero, round)                                                                        \
    X(OP_SQRT, "sqrt", 1, false, sqrt, smooth)                                                                         \
    X(OP_EXP, "exp", 1, false, exp, smooth)                                                                            \
    X(OP_LOG, "log", 1, false, log, smooth)                                                                            \
    X(OP_LOG10, "log10", 1, false, log10, smooth)                                                                      \
    X(OP_TANH, "tanh", 1, false, tanh, smooth)                                                                         \
    X(OP_SIN, "sin", 1, false, sin, smooth)                                                                            \
    X(OP_COS, "cos", 1, false, cos, smooth)                                                                            \
    X(OP_ATAN2, "atan2", 2, false, atan2, smooth)                                                                      \
    X(OP_ERF, "erf", 1, false, erf, smooth)                                                                            \
    X(OP_LGAMMA, "lgamma", 1, false, lgamma, smooth)                                                                   \
    X(OP_LESS, "less", 2, false, zero, less)                                                                           \
    X(OP_LESS_EQUAL, "less-equal", 2, false, zero, less_equal)                                                         \
    X(OP_EQUAL, "equal", 2, true, zero, smooth)                                                                        \
    X(OP_AND, "and", 2, true, zero, smooth)                                                                            \
    X(OP_OR, "or", 2, true, zero, smooth)                                                                              \
    X(OP_NOT, "not", 1, false, zero, smooth)                                                                           \
    X(OP_SELECT, "select", 3, false, select, smooth)

/* Operations that are functions of SLEEF, at 1.0 ULP in the variants that give the same bits on every processor:
 * operation, SLEEF's name, number of arguments. */
#define SLEEF_OPS(X)                                                                                                   \
    X(OP_EXP, exp, 1)                                                                                                  \
    X(OP_LOG, log, 1)                                                                                                  \
    X(OP_LOG10, log10, 1)                                                                                              \
    X(OP_TANH, tanh, 1)                                                                                                \
    X(OP_SIN, sin, 1)                                                                                                  \
    X(OP_COS, cos, 1)                                                                                                  \
    X(OP_ATAN2, atan2, 2)                                                                                              \
    X(OP_ERF, erf, 1)                                                                                                  \
    X(OP_LGAMMA, lgamma, 1)

/* Operations that are functions of the C library whose results are exact: operation, C's name. */
#define LIBM_OPS(X)                                                                                                    \
    X(OP_FLOOR, floor)                                                                                                 \
    X(OP_ROUND, round)

/* Of tapes only: an arithmetic operation on a and b, and a second one on its result and c, without a register between
 * them. "from" is c - result, "into" is c / result. Operation, name. */
#define PAIRS_OF(X, FIRST, first)                                                                                      \
    X(OP_##FIRST##_ADD, first "-add")                                                                                  \
    X(OP_##FIRST##_SUBTRACT, first "-subtract")                                                                        \
    X(OP_##FIRST##_MULTIPLY, first "-multiply")                                                                        \
    X(OP_##FIRST##_DIVIDE, first "-divide")                                                                            \
    X(OP_##FIRST##_FROM, first "-from")                                                                                \
    X(OP_##FIRST##_INTO, first "-into")
#define PAIRS(X)                                                                                                       \
    PAIRS_OF(X, ADD, "add")                                                                                            \
    PAIRS_OF(X, SUBTRACT, "subtract") PAIRS_OF(X, MULTIPLY, "multiply") PAIRS_OF(X, DIVIDE, "divide")

typedef enum Op {
#define X(op, ...) op,
    OPS(X) PAIRS(X)
#undef X
} Op;

typedef struct Instruction {
    Op op;
    uint32_t target, a, b, c; /* registers */
} Instruction;

#endif
