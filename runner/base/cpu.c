/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks the processor which of the compiled instruction sets it has.
 */
#include "base/base.h"

static const char *const names[N_CPU_SETS] = {
    [CPU_PLAIN] = "plain", [CPU_SSE2] = "sse2", [CPU_AVX2] = "avx2", [CPU_AVX512F] = "avx512f"};

const char *cpu_name(CpuSet set)
{
    return names[set];
}

bool cpu_usable(CpuSet set)
{
#ifdef MB_X86_64
    if (set == CPU_AVX512F)
        return __builtin_cpu_supports("avx512f");
    if (set == CPU_AVX2)
        return __builtin_cpu_supports("avx2");
    return true;
#else
    return set == CPU_PLAIN;
#endif
}

CpuSet cpu_best(void)
{
    CpuSet set = N_CPU_SETS - 1;
    while (!cpu_usable(set))
        set--;
    return set;
}

bool cpu_find(const char *name, CpuSet *ret_set)
{
    for (CpuSet set = 0; set < N_CPU_SETS; set++)
        if (text_equal(name, names[set])) {
            *ret_set = set;
            return true;
        }
    return false;
}
