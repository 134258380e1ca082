/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane kernel, once for every processor: a file that includes this defines KERNEL (the function's name), WIDTH
 * (doubles in a vector of the processor) and, where SLEEF has functions for these, SleefVector, SLEEF(name) and SQRT.
 *
 * A register is `width` doubles, worked on a vector at a time: vectors wider than the processor's are taken apart into
 * single numbers by gcc 12, which made a multiplication 4 times as long. A part is read before it is written, so a
 * target may be an argument's register. Each operation does what op_apply does, in IEEE arithmetic and with SLEEF's
 * deterministic functions: the same bits. A test compares every kernel with the plain twin.
 */
#include <math.h>
#include <sleef.h>
#include <string.h>

#include "expr/expr.h"
#include "expr/kernels.h"

_Static_assert(LEAST_LANES % WIDTH == 0, "a register is a whole number of vectors");

typedef double Part __attribute__((vector_size(WIDTH * sizeof(double)), may_alias));
typedef int64_t Mask __attribute__((vector_size(WIDTH * sizeof(int64_t)), may_alias));

/* What an instruction does to each part of its registers. */
#define EACH(result)                                                                                                   \
    _Pragma("GCC unroll 16") for (size_t p = 0; p < n_parts; p++) target[p] = (result);                                \
    break

/* SQRT: the processor's own, correctly rounded as sqrt is. */
#ifdef SLEEF
#define SQUARE_ROOT EACH((Part)SQRT((SleefVector)a[p]))
#define FUNCTION(name, plain)                                                                                          \
    _Pragma("GCC unroll 16") for (size_t p = 0; p < n_parts; p++) target[p] = (Part)SLEEF(name)((SleefVector)a[p]);    \
    break
#else
#define SQUARE_ROOT FUNCTION(sqrt, sqrt)
#define FUNCTION(name, plain)                                                                                          \
    for (size_t lane = 0; lane < n_parts * WIDTH; lane++)                                                              \
        ((double *)target)[lane] = plain(((const double *)a)[lane]);                                                   \
    break
#endif

/* An arithmetic operation and each second one. */
#define EACH_PAIR(FIRST, first)                                                                                        \
    case OP_##FIRST##_ADD: EACH((first) + c[p]);                                                                       \
    case OP_##FIRST##_SUBTRACT: EACH((first)-c[p]);                                                                    \
    case OP_##FIRST##_MULTIPLY: EACH((first)*c[p]);                                                                    \
    case OP_##FIRST##_DIVIDE: EACH((first) / c[p]);                                                                    \
    case OP_##FIRST##_FROM: EACH(c[p] - (first));                                                                      \
    case OP_##FIRST##_INTO: EACH(c[p] / (first))

/* Masks are all ones or all zeros; as numbers 1 and 0. */
#define CHOOSE(mask, yes, no) ((Part)(((mask) & (Mask)(yes)) | (~(mask) & (Mask)(no))))
#define NUMBER(mask) ((Part)((mask) & (Mask)ones))
#define IS_TRUE(part) (~((Mask)((part) >= zeros) & (Mask)((part) <= zeros))) /* a NaN is true, as in op_apply */

static inline __attribute__((always_inline)) void run(const Instruction *code, size_t n, size_t n_parts,
                                                      double *registers)
{
    const Part zeros = {0}, ones = zeros + 1.0;
    const Mask sign = (Mask)(-zeros);
    for (size_t i = 0; i < n; i++) {
        Part *target = (Part *)(registers + code[i].target * n_parts * WIDTH);
        const Part *a = (const Part *)(registers + code[i].a * n_parts * WIDTH);
        const Part *b = (const Part *)(registers + code[i].b * n_parts * WIDTH);
        const Part *c = (const Part *)(registers + code[i].c * n_parts * WIDTH);
        switch (code[i].op) {
        case OP_ADD: EACH(a[p] + b[p]);
        case OP_SUBTRACT: EACH(a[p] - b[p]);
        case OP_MULTIPLY: EACH(a[p] * b[p]);
        case OP_DIVIDE: EACH(a[p] / b[p]);
        case OP_NEGATE: EACH(-a[p]);
        case OP_MIN: EACH(CHOOSE((Mask)(a[p] < b[p]), a[p], b[p]));
        case OP_MAX: EACH(CHOOSE((Mask)(a[p] > b[p]), a[p], b[p]));
        case OP_ABS: EACH((Part)((Mask)a[p] & ~sign));
        case OP_SQRT: SQUARE_ROOT;
        case OP_EXP: FUNCTION(exp, Sleef_cinz_expd1_u10purec);
        case OP_LOG: FUNCTION(log, Sleef_cinz_logd1_u10purec);
        case OP_LOG10: FUNCTION(log10, Sleef_cinz_log10d1_u10purec);
        case OP_TANH: FUNCTION(tanh, Sleef_cinz_tanhd1_u10purec);
        case OP_LESS: EACH(NUMBER((Mask)(a[p] < b[p])));
        case OP_LESS_EQUAL: EACH(NUMBER((Mask)(a[p] <= b[p])));
        case OP_EQUAL: EACH(NUMBER((Mask)(a[p] <= b[p]) & (Mask)(a[p] >= b[p])));
        case OP_AND: EACH(NUMBER(IS_TRUE(a[p]) & IS_TRUE(b[p])));
        case OP_OR: EACH(NUMBER(IS_TRUE(a[p]) | IS_TRUE(b[p])));
        case OP_NOT:
            EACH(NUMBER(~IS_TRUE(a[p])));
            EACH_PAIR(ADD, a[p] + b[p]);
            EACH_PAIR(SUBTRACT, a[p] - b[p]);
            EACH_PAIR(MULTIPLY, a[p] * b[p]);
            EACH_PAIR(DIVIDE, a[p] / b[p]);
        default: EACH(CHOOSE(IS_TRUE(a[p]), b[p], c[p])); /* OP_SELECT */
        }
    }
}

/* Compiled for each width that batches have, with its loops unrolled. */
void KERNEL(const Instruction *code, size_t n, size_t width, double *registers)
{
    switch (width) {
    case 8: run(code, n, 8 / WIDTH, registers); break;
    case 16: run(code, n, 16 / WIDTH, registers); break;
    case 32: run(code, n, 32 / WIDTH, registers); break;
    default: ASSERT(width == 64); run(code, n, 64 / WIDTH, registers);
    }
}
