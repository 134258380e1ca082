/* SPDX-License-Identifier: Apache-2.0 */
#include "expr/expr.h"
#include "expr/kernels.h"

TapeKernel tape_kernel(CpuSet set)
{
    ASSERT(cpu_usable(set));
    switch (set) {
#ifdef MB_X86_64
    case CPU_AVX512F: return kernel_avx512f;
    case CPU_AVX2: return kernel_avx2;
    case CPU_SSE2: return kernel_sse2;
#endif
    default: return kernel_plain;
    }
}

void program_set_constants_lanes(const Program *program, size_t width, double *registers)
{
    for (size_t i = 0; i < program->n_constants; i++)
        for (size_t lane = 0; lane < width; lane++)
            registers[i * width + lane] = program->constants[i];
}
