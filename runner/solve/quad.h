/* SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic on lanes, four at a time, for the hot loops of this room. A Quad is one AVX2 register. Explicit vectors
 * instead of loops for the optimiser to find: N_Vector operations may work in place (z == x), which sends a vectorised
 * loop to its scalar twin, and gcc -O3 unrolls a loop over LANES before it can be vectorised. Measured on 43 states
 * (EPYC with AVX-512, gcc 12): 512-bit registers gain nothing over 256 (both 50 ns for a linear sum), baseline SSE2
 * takes 190 ns; a whole run takes 2.5 times as long without AVX2.
 *
 * Every instruction set gives the same digits: IEEE operations in the order written, and no fused multiply-add, which
 * the build forbids with -ffp-contract=off. tests/solve compares each kernel with plain loops, bit by bit.
 */
#ifndef MB_SOLVE_QUAD_H
#define MB_SOLVE_QUAD_H

#include "base/base.h"

enum { QUAD = 4, QUADS = LANES / QUAD };
_Static_assert(LANES % QUAD == 0, "a value is a whole number of quads");

typedef double Quad __attribute__((vector_size(QUAD * sizeof(double)), may_alias));
typedef int64_t QuadMask __attribute__((vector_size(QUAD * sizeof(double))));

/* Compiled per instruction set and chosen when the program is loaded (ifunc: glibc only). Only gcc makes clones of
 * static functions; what another compiler builds runs on the baseline, with the same digits. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__)
#define KERNEL __attribute__((target_clones("avx2", "default")))
#else
#define KERNEL
#endif

/* Helpers of kernels: always inlined, so that they are compiled for the kernel's instruction set; they take pointers
 * because passing a Quad by value depends on the instruction set. */
#define KERNEL_PART static inline __attribute__((always_inline))

/* Before a loop over the quads of one value. */
#define UNROLL_QUADS _Pragma("GCC unroll 8")

/* Value `value` of an array [n][LANES] that is aligned to a Quad. */
KERNEL_PART Quad *quads_at(double *values, size_t value)
{
    return (Quad *)(values + value * LANES);
}

KERNEL_PART const Quad *quads_of(const double *values, size_t value)
{
    return (const Quad *)(values + value * LANES);
}

#endif
