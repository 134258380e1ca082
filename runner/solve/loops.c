/* SPDX-License-Identifier: Apache-2.0 */
#include "solve/loops.h"

const Loops *loops_find(CpuSet set)
{
    ASSERT(cpu_usable(set));
    switch (set) {
#ifdef MB_X86_64
    case CPU_AVX512F: return &loops_avx512f;
    case CPU_AVX2: return &loops_avx2;
#endif
    default: return &loops_plain; /* SSE2 is what the compiler makes of C on x86-64 */
    }
}
