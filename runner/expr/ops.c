/* SPDX-License-Identifier: Apache-2.0
 *
 * What each operation means, on one number: the plain twin that the lane kernels are held equal to.
 */
#include <math.h>
#include <sleef.h>

#include "expr/expr.h"

/* SLEEF says its version as numbers only. */
#define TEXT_OF(x) #x
#define VERSION_TEXT(major, minor, patch) "SLEEF " TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *expr_version(void)
{
    return VERSION_TEXT(SLEEF_VERSION_MAJOR, SLEEF_VERSION_MINOR, SLEEF_VERSION_PATCHLEVEL);
}

static const struct {
    const char *name;
    size_t n_args;
    bool commutes;
} ops[] = {
#define X(op, name, n_args, commutes, derivative, hold) [op] = {name, n_args, commutes},
    OPS(X)
#undef X
#define X(op, name) [op] = {name, 3, false},
        PAIRS(X)
#undef X
};

const char *op_name(Op op)
{
    return ops[op].name;
}

size_t op_n_args(Op op)
{
    return ops[op].n_args;
}

bool op_commutes(Op op)
{
    return ops[op].commutes;
}

static bool is_true(double x)
{
    return x < 0.0 || x > 0.0 || isnan(x); /* x != 0, which keeps a NaN from passing as false unseen */
}

enum { PAIRS_OF_ONE = OP_SUBTRACT_ADD - OP_ADD_ADD };

Op op_pair(Op first, Op second, bool left)
{
    static const Op right[] = {
        [OP_ADD] = OP_ADD_ADD, [OP_SUBTRACT] = OP_ADD_FROM, [OP_MULTIPLY] = OP_ADD_MULTIPLY, [OP_DIVIDE] = OP_ADD_INTO};
    Op of_add = left ? OP_ADD_ADD + (second - OP_ADD) : right[second];
    return of_add + PAIRS_OF_ONE * (first - OP_ADD);
}

static double apply_pair(Op op, double a, double b, double c)
{
    unsigned pair = op - OP_ADD_ADD;
    double first = op_apply(OP_ADD + pair / PAIRS_OF_ONE, a, b, 0.0);
    Op second = OP_ADD_ADD + pair % PAIRS_OF_ONE;
    if (second == OP_ADD_FROM)
        return c - first;
    if (second == OP_ADD_INTO)
        return c / first;
    return op_apply(OP_ADD + (second - OP_ADD_ADD), first, c, 0.0);
}

#define SLEEF_CALL_1(name) Sleef_cinz_##name##d1_u10purec(a)
#define SLEEF_CALL_2(name) Sleef_cinz_##name##d1_u10purec(a, b)

double op_apply(Op op, double a, double b, double c)
{
    switch (op) {
    case OP_CONST:
    case OP_TIME:
    case OP_STATE:
    case OP_PARAMETER:
    case OP_DOSE: break;
    case OP_ADD: return a + b;
    case OP_SUBTRACT: return a - b;
    case OP_MULTIPLY: return a * b;
    case OP_DIVIDE: return a / b;
    case OP_NEGATE: return -a;
    case OP_MIN: return a < b || isnan(a) ? a : b; /* not a number when a or b is not a number */
    case OP_MAX: return a > b || isnan(a) ? a : b;
    case OP_ABS: return fabs(a);
    case OP_SQRT: return sqrt(a);
#define X(op, name, n_args)                                                                                            \
    case op: return SLEEF_CALL_##n_args(name);
        SLEEF_OPS(X)
#undef X
#define X(op, name)                                                                                                    \
    case op: return name(a);
        LIBM_OPS(X)
#undef X
    case OP_LESS: return a < b;
    case OP_LESS_EQUAL: return a <= b;
    case OP_EQUAL: return a <= b && a >= b;
    case OP_AND: return is_true(a) && is_true(b);
    case OP_OR: return is_true(a) || is_true(b);
    case OP_NOT: return !is_true(a);
    case OP_SELECT: return is_true(a) ? b : c;
#define X(op, name) case op:
        PAIRS(X)
#undef X
        return apply_pair(op, a, b, c);
    }
    ASSERT(op_n_args(op) > 0); /* an input is no operation */
    return 0.0;
}
