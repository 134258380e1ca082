/* SPDX-License-Identifier: Apache-2.0
 *
 * cpu: the instruction sets that hot loops are compiled for. All give the same digits.
 */
#ifndef MB_BASE_CPU_H
#define MB_BASE_CPU_H

#include "base/contract.h"

/* The narrowest first. */
typedef enum CpuSet { CPU_PLAIN, CPU_SSE2, CPU_AVX2, CPU_AVX512F, N_CPU_SETS } CpuSet;

/* "plain" (what the compiler makes of C), "sse2", "avx2", "avx512f". */
const char *cpu_name(CpuSet set);

/* True when this build contains the set and this processor has it. */
bool cpu_usable(CpuSet set);

/* The widest that is usable. */
CpuSet cpu_best(void);

/* Finds a set by its name. Returns false when no set has this name. */
MUST_CHECK bool cpu_find(const char *name, CpuSet *ret_set);

#endif
