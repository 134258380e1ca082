/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of operators and functions of the language. The parser, the printer, the unit checks of model/lower.c and
 * models/README.md (through a test) follow from it.
 *
 * A new function is a row here. When it is one operation of the Dag the row names it (op.h); else it names a builder in
 * functions.c.
 */
#ifndef MB_EXPR_FUNCTIONS_H
#define MB_EXPR_FUNCTIONS_H

#include "expr/op.h"

/* How tightly an operator binds its arguments; tighter is higher. */
enum {
    BINDS_OR = 1,
    BINDS_AND,
    BINDS_NOT,
    BINDS_COMPARISON, /* not chained: a < b < c is an error */
    BINDS_SUM,
    BINDS_PRODUCT,
    BINDS_NEGATION,
    BINDS_POWER,
    BINDS_FUNCTION,
    BINDS_VALUE
};

/* What units the arguments may have, and which the result has. */
typedef enum UnitRule {
    UNITS_PURE,       /* pure numbers give a pure number */
    UNITS_CONDITIONS, /* conditions, which are pure numbers, give a condition */
    UNITS_SAME,       /* two terms of one dimension give one in the unit of the first */
    UNITS_COMPARED,   /* two terms of one dimension give a pure number */
    UNITS_KEPT,       /* one term of any unit gives one in the same unit */
    UNITS_PRODUCT,    /* a b */
    UNITS_QUOTIENT,   /* a / b */
    UNITS_POWER,      /* a base and an exponent */
    UNITS_ROOT,       /* the square root of a unit */
    UNITS_CHOICE,     /* a condition and two terms of one dimension */
    UNITS_HILL        /* two terms of one dimension and an exponent give a pure number */
} UnitRule;

/* Operator, token, binding, number of arguments (0: two or more), rule for units, what is done to two terms (for
 * messages), operation of the Dag, builder (functions.c: build_...; the operation alone: build_operation), arguments,
 * meaning. */
#define EXPR_OPS(X)                                                                                                    \
    X(EXPR_OR, "or", BINDS_OR, 2, UNITS_CONDITIONS, "", OP_OR, operation, "a or b", "")                                \
    X(EXPR_AND, "and", BINDS_AND, 2, UNITS_CONDITIONS, "", OP_AND, operation, "a and b", "")                           \
    X(EXPR_NOT, "not", BINDS_NOT, 1, UNITS_CONDITIONS, "", OP_NOT, operation, "not a", "")                             \
    X(EXPR_LESS, "<", BINDS_COMPARISON, 2, UNITS_COMPARED, "compare", OP_LESS, operation, "a < b", "")                 \
    X(EXPR_LESS_EQUAL, "<=", BINDS_COMPARISON, 2, UNITS_COMPARED, "compare", OP_LESS_EQUAL, operation, "a <= b", "")   \
    X(EXPR_GREATER, ">", BINDS_COMPARISON, 2, UNITS_COMPARED, "compare", OP_LESS, swapped, "a > b", "")                \
    X(EXPR_GREATER_EQUAL, ">=", BINDS_COMPARISON, 2, UNITS_COMPARED, "compare", OP_LESS_EQUAL, swapped, "a >= b", "")  \
    X(EXPR_EQUAL, "==", BINDS_COMPARISON, 2, UNITS_COMPARED, "compare", OP_EQUAL, operation, "a == b", "")             \
    X(EXPR_NOT_EQUAL, "!=", BINDS_COMPARISON, 2, UNITS_COMPARED, "compare", OP_EQUAL, denied, "a != b", "")            \
    X(EXPR_ADD, "+", BINDS_SUM, 2, UNITS_SAME, "add", OP_ADD, operation, "a + b", "")                                  \
    X(EXPR_SUBTRACT, "-", BINDS_SUM, 2, UNITS_SAME, "subtract", OP_SUBTRACT, operation, "a - b", "")                   \
    X(EXPR_MULTIPLY, "*", BINDS_PRODUCT, 2, UNITS_PRODUCT, "", OP_MULTIPLY, operation, "a*b", "")                      \
    X(EXPR_DIVIDE, "/", BINDS_PRODUCT, 2, UNITS_QUOTIENT, "", OP_DIVIDE, operation, "a/b", "")                         \
    X(EXPR_NEGATE, "-", BINDS_NEGATION, 1, UNITS_KEPT, "", OP_NEGATE, operation, "-a", "")                             \
    X(EXPR_POWER, "^", BINDS_POWER, 2, UNITS_POWER, "", OP_EXP, power, "a^b", "")                                      \
    X(EXPR_ABS, "abs", BINDS_FUNCTION, 1, UNITS_KEPT, "", OP_ABS, operation, "abs(x)", "absolute value")               \
    X(EXPR_ATAN2, "atan2", BINDS_FUNCTION, 2, UNITS_COMPARED, "compare", OP_ATAN2, operation, "atan2(y, x)",           \
      "angle of the point (x, y), in radians from -pi to pi")                                                          \
    X(EXPR_CEIL, "ceil", BINDS_FUNCTION, 1, UNITS_PURE, "", OP_FLOOR, ceil, "ceil(x)",                                 \
      "smallest whole number that is not below x")                                                                     \
    X(EXPR_COS, "cos", BINDS_FUNCTION, 1, UNITS_PURE, "", OP_COS, operation, "cos(x)", "cosine of x in radians")       \
    X(EXPR_ERF, "erf", BINDS_FUNCTION, 1, UNITS_PURE, "", OP_ERF, operation, "erf(x)", "error function")               \
    X(EXPR_EXP, "exp", BINDS_FUNCTION, 1, UNITS_PURE, "", OP_EXP, operation, "exp(x)", "e^x")                          \
    X(EXPR_FLOOR, "floor", BINDS_FUNCTION, 1, UNITS_PURE, "", OP_FLOOR, operation, "floor(x)",                         \
      "largest whole number that is not above x")                                                                      \
    X(EXPR_HILL, "hill", BINDS_FUNCTION, 3, UNITS_HILL, "compare", OP_DIVIDE, hill, "hill(x, k, n)",                   \
      "x^n/(k^n + x^n)")                                                                                               \
    X(EXPR_IF, "if", BINDS_FUNCTION, 3, UNITS_CHOICE, "choose between", OP_SELECT, operation,                          \
      "if(condition, then, else)", "one of two values")                                                                \
    X(EXPR_LGAMMA, "lgamma", BINDS_FUNCTION, 1, UNITS_PURE, "", OP_LGAMMA, operation, "lgamma(x)",                     \
      "logarithm of the absolute value of the gamma function")                                                         \
    X(EXPR_LOG, "log", BINDS_FUNCTION, 1, UNITS_PURE, "", OP_LOG, operation, "log(x)", "natural logarithm")            \
    X(EXPR_LOG10, "log10", BINDS_FUNCTION, 1, UNITS_PURE, "", OP_LOG10, operation, "log10(x)", "decimal logarithm")    \
    X(EXPR_MAX, "max", BINDS_FUNCTION, 0, UNITS_SAME, "compare", OP_MAX, operation, "max(a, b, ...)", "the largest")   \
    X(EXPR_MIN, "min", BINDS_FUNCTION, 0, UNITS_SAME, "compare", OP_MIN, operation, "min(a, b, ...)", "the smallest")  \
    X(EXPR_MOD, "mod", BINDS_FUNCTION, 2, UNITS_SAME, "compare", OP_FLOOR, mod, "mod(a, b)",                           \
      "a - b*floor(a/b): what is left of a, with the sign of b")                                                       \
    X(EXPR_ROUND, "round", BINDS_FUNCTION, 1, UNITS_PURE, "", OP_ROUND, operation, "round(x)",                         \
      "nearest whole number; halves go away from 0")                                                                   \
    X(EXPR_SIN, "sin", BINDS_FUNCTION, 1, UNITS_PURE, "", OP_SIN, operation, "sin(x)", "sine of x in radians")         \
    X(EXPR_SQRT, "sqrt", BINDS_FUNCTION, 1, UNITS_ROOT, "", OP_SQRT, operation, "sqrt(x)", "square root")              \
    X(EXPR_TANH, "tanh", BINDS_FUNCTION, 1, UNITS_PURE, "", OP_TANH, operation, "tanh(x)", "hyperbolic tangent")

typedef enum ExprOp {
#define X(op, ...) op,
    EXPR_OPS(X)
#undef X
        N_EXPR_OPS
} ExprOp;

#endif
