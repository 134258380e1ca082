/* SPDX-License-Identifier: Apache-2.0
 *
 * loops: the hot loops of this room over lanes. The build compiles loop.inc once for each instruction set, and
 * solver_open chooses one. The loops use explicit vectors, because N_Vector operations may work in place (z == x), and
 * then a loop that the compiler vectorised falls back to its scalar version.
 *
 * Every instruction set gives the same digits: IEEE operations in the order written, and no fused multiply-add, which
 * the build forbids with -ffp-contract=off. tests/solve compares each set with plain loops, bit by bit.
 *
 * Arrays [n][width] are aligned to 64 bytes; width is 8, 16, 32 or 64 (base/lanes.h). `count` is n * width.
 */
#ifndef MB_SOLVE_LOOPS_H
#define MB_SOLVE_LOOPS_H

#include "solve/lu.h"

/* The value of a slot of the LU is identity - gamma * entry. */
typedef struct LinearSlot {
    double identity; /* 1 on the diagonal, else 0 */
    size_t entry;    /* of the Jacobian; n_entries, which is always 0, for fill-in */
} LinearSlot;

typedef struct Loops Loops;
struct Loops {
    const char *name;
    /* z = a x + b y, c, c x; z may be x or y */
    void (*linear_sum)(size_t count, double a, const double *x, double b, const double *y, double *z);
    /* x[i] += y[i], for i = 0 to n - 1 in this order; a y may be an x */
    void (*add_all)(size_t count, size_t n, double *const *x, const double *const *y);
    void (*constant)(size_t count, double c, double *z);
    void (*scale)(size_t count, double c, const double *x, double *z);
    /* z = sum over i of c[i] x[i], 1 <= terms <= TERMS_MAX; z may be any x */
    void (*combine)(size_t count, size_t terms, const double *c, const double *const *x, double *z);
    /* the sum of (x w)^2 of each lane */
    void (*square_sums)(size_t n, size_t width, const double *x, const double *w, double sums[LANES]);
    /* 1 / (rtol |y| + atol of the value) */
    void (*weigh)(size_t n, size_t width, double rtol, const double *atol, const double *y, double *weights);
    /* a Taylor polynomial of each lane: the sum over k < terms of derivatives[k] dt^k / k! */
    void (*taylor)(size_t n, size_t width, size_t terms, const double *const *derivatives, const double dt[LANES],
                   double *y);
    bool (*all_finite)(size_t count, const double *x);
    /* lanes that are not kept (keep: -1 or 0) become 0, also where they are no numbers */
    void (*keep)(size_t n, size_t width, const int64_t keep[LANES], double *x);
    /* slots of the LU from the Jacobian */
    void (*fill)(size_t n_slots, size_t width, const LinearSlot *slots, double gamma, const double *jacobian,
                 double *values);
    /* lu_factor and lu_solve (lu.h); margins as told there */
    void (*eliminate)(const Lu *lu, size_t width, double *values, double *margins);
    void (*solve)(const Lu *lu, size_t width, const double *factors, double *x);
};

/* Exact on purpose: what is multiplied by exactly 1, or added exactly 0 times, gives the same digits either way. */
static inline bool is_exactly(double a, double b)
{
    return a <= b && a >= b;
}

/* CVODE combines at most L_MAX = 13 vectors (Adams of order 12; BDF: 6). */
enum { TERMS_MAX = 16 };

/* Those of an instruction set (base/cpu.h). */
const Loops *loops_find(CpuSet set);

extern const Loops loops_plain;
#ifdef MB_X86_64
extern const Loops loops_avx2, loops_avx512f;
#endif

#endif
