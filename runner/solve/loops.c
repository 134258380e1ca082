/* SPDX-License-Identifier: Apache-2.0
 *
 * Chooses the hot loops for an instruction set.
 */
#include "solve/loops.h"

const Loops *loops_find(CpuSet set)
{
    ASSERT(cpu_usable(set));
    static const Loops *const all[N_CPU_SETS] = {[CPU_PLAIN] = &loops_plain,
#ifdef MB_X86_64
                                                 [CPU_SSE2] = &loops_plain, /* what the compiler makes of C on x86-64 */
                                                 [CPU_AVX2] = &loops_avx2,
                                                 [CPU_AVX512F] = &loops_avx512f
#endif
    };
    return all[set];
}
