/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane kernel, once for every processor: a file that includes this defines KERNEL (the function's name) and, for
 * the vectors that SLEEF works on, WIDTH, SleefVector and SLEEF(name), or none of the three for plain C.
 *
 * A register is ROW, LANES doubles as one vector of the compiler, which splits it into the vectors that the processor
 * has. Rows are read whole before one is written, so a target may be an argument's register. Each operation does what
 * op_apply does, in IEEE arithmetic and with SLEEF's deterministic functions: the same bits. A test compares every
 * kernel with the plain twin.
 */
#include <math.h>
#include <sleef.h>
#include <string.h>

#include "expr/expr.h"
#include "expr/kernels.h"

typedef double Row __attribute__((vector_size(LANES * sizeof(double)), aligned(64), may_alias));
typedef int64_t Mask __attribute__((vector_size(LANES * sizeof(int64_t)), aligned(64), may_alias));

#ifdef SLEEF
#define FUNCTION(name, plain)                                                                                          \
    do {                                                                                                               \
        for (size_t lane = 0; lane < LANES; lane += WIDTH) {                                                           \
            SleefVector in_vector;                                                                                     \
            memcpy(&in_vector, (const double *)a + lane, sizeof in_vector);                                            \
            in_vector = SLEEF(name)(in_vector);                                                                        \
            memcpy((double *)target + lane, &in_vector, sizeof in_vector);                                             \
        }                                                                                                              \
    } while (0)
#else
#define FUNCTION(name, plain)                                                                                          \
    do {                                                                                                               \
        for (size_t lane = 0; lane < LANES; lane++)                                                                    \
            ((double *)target)[lane] = plain(((const double *)a)[lane]);                                               \
    } while (0)
#endif

/* Masks are all ones or all zeros; as numbers 1 and 0. */
#define CHOOSE(mask, yes, no) ((Row)(((mask) & (Mask)(yes)) | (~(mask) & (Mask)(no))))
#define NUMBER(mask) ((Row)((mask) & (Mask)ones))
#define IS_TRUE(row) (~((Mask)((row) >= zeros) & (Mask)((row) <= zeros))) /* a NaN is true, as in op_apply */

void KERNEL(const Instruction *code, size_t n, double *registers)
{
    const Row zeros = {0}, ones = zeros + 1.0;
    const Mask sign = (Mask)(-zeros);
    for (size_t i = 0; i < n; i++) {
        Row *target = (Row *)(registers + (size_t)code[i].target * LANES);
        const Row *a = (const Row *)(registers + (size_t)code[i].a * LANES);
        const Row *b = (const Row *)(registers + (size_t)code[i].b * LANES);
        const Row *c = (const Row *)(registers + (size_t)code[i].c * LANES);
        switch (code[i].op) {
        case OP_ADD: *target = *a + *b; break;
        case OP_SUBTRACT: *target = *a - *b; break;
        case OP_MULTIPLY: *target = *a * *b; break;
        case OP_DIVIDE: *target = *a / *b; break;
        case OP_NEGATE: *target = -*a; break;
        case OP_MIN: *target = CHOOSE((Mask)(*a < *b), *a, *b); break;
        case OP_MAX: *target = CHOOSE((Mask)(*a > *b), *a, *b); break;
        case OP_ABS: *target = (Row)((Mask)*a & ~sign); break;
        case OP_SQRT:
            for (size_t lane = 0; lane < LANES; lane++)
                ((double *)target)[lane] = sqrt(((const double *)a)[lane]);
            break;
        case OP_EXP: FUNCTION(exp, Sleef_cinz_expd1_u10purec); break;
        case OP_LOG: FUNCTION(log, Sleef_cinz_logd1_u10purec); break;
        case OP_LOG10: FUNCTION(log10, Sleef_cinz_log10d1_u10purec); break;
        case OP_TANH: FUNCTION(tanh, Sleef_cinz_tanhd1_u10purec); break;
        case OP_LESS: *target = NUMBER((Mask)(*a < *b)); break;
        case OP_LESS_EQUAL: *target = NUMBER((Mask)(*a <= *b)); break;
        case OP_EQUAL: *target = NUMBER((Mask)(*a <= *b) & (Mask)(*a >= *b)); break;
        case OP_AND: *target = NUMBER(IS_TRUE(*a) & IS_TRUE(*b)); break;
        case OP_OR: *target = NUMBER(IS_TRUE(*a) | IS_TRUE(*b)); break;
        case OP_NOT: *target = NUMBER(~IS_TRUE(*a)); break;
        default: *target = CHOOSE(IS_TRUE(*a), *b, *c); break; /* OP_SELECT */
        }
    }
}
