/* SPDX-License-Identifier: Apache-2.0
 *
 * The operations of the Dag and the tape, and an instruction of a tape. The lane kernels see this of the room and no
 * more: they take longest to compile, and are compiled again only when this changes.
 */
#ifndef MB_EXPR_OP_H
#define MB_EXPR_OP_H

#include <stdint.h>

/* name, arguments */
#define OPS(X)                                                                                                         \
    X(OP_CONST, "const", 0)                                                                                            \
    X(OP_TIME, "time", 0)                                                                                              \
    X(OP_STATE, "state", 0)                                                                                            \
    X(OP_PARAMETER, "parameter", 0)                                                                                    \
    X(OP_DOSE, "dose", 0)                                                                                              \
    X(OP_ADD, "add", 2)                                                                                                \
    X(OP_SUBTRACT, "subtract", 2)                                                                                      \
    X(OP_MULTIPLY, "multiply", 2)                                                                                      \
    X(OP_DIVIDE, "divide", 2)                                                                                          \
    X(OP_NEGATE, "negate", 1)                                                                                          \
    X(OP_MIN, "min", 2)                                                                                                \
    X(OP_MAX, "max", 2)                                                                                                \
    X(OP_ABS, "abs", 1)                                                                                                \
    X(OP_SQRT, "sqrt", 1)                                                                                              \
    X(OP_EXP, "exp", 1)                                                                                                \
    X(OP_LOG, "log", 1)                                                                                                \
    X(OP_LOG10, "log10", 1)                                                                                            \
    X(OP_TANH, "tanh", 1)                                                                                              \
    X(OP_LESS, "less", 2)                                                                                              \
    X(OP_LESS_EQUAL, "less-equal", 2)                                                                                  \
    X(OP_EQUAL, "equal", 2)                                                                                            \
    X(OP_AND, "and", 2)                                                                                                \
    X(OP_OR, "or", 2)                                                                                                  \
    X(OP_NOT, "not", 1)                                                                                                \
    X(OP_SELECT, "select", 3)

/* Of tapes only: an arithmetic operation on a and b, and a second one on its result and c, without a register between
 * them. "from" is c - result, "into" is c / result. */
#define PAIRS_OF(X, FIRST, first)                                                                                      \
    X(OP_##FIRST##_ADD, first "-add", 3)                                                                               \
    X(OP_##FIRST##_SUBTRACT, first "-subtract", 3)                                                                     \
    X(OP_##FIRST##_MULTIPLY, first "-multiply", 3)                                                                     \
    X(OP_##FIRST##_DIVIDE, first "-divide", 3)                                                                         \
    X(OP_##FIRST##_FROM, first "-from", 3)                                                                             \
    X(OP_##FIRST##_INTO, first "-into", 3)
#define PAIRS(X)                                                                                                       \
    PAIRS_OF(X, ADD, "add")                                                                                            \
    PAIRS_OF(X, SUBTRACT, "subtract") PAIRS_OF(X, MULTIPLY, "multiply") PAIRS_OF(X, DIVIDE, "divide")

typedef enum Op {
#define X(op, name, n_args) op,
    OPS(X) PAIRS(X)
#undef X
} Op;

typedef struct Instruction {
    Op op;
    uint32_t target, a, b, c; /* registers */
} Instruction;

#endif
