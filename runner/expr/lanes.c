/* SPDX-License-Identifier: Apache-2.0
 *
 * Chooses the lane kernel for an instruction set.
 */
#include "expr/expr.h"
#include "expr/kernels.h"

TapeKernel tape_kernel(CpuSet set)
{
    ASSERT(cpu_usable(set));
    static const TapeKernel kernels[N_CPU_SETS] = {[CPU_PLAIN] = kernel_plain,
#ifdef MB_X86_64
                                                   [CPU_SSE2] = kernel_sse2,
                                                   [CPU_AVX2] = kernel_avx2,
                                                   [CPU_AVX512F] = kernel_avx512f
#endif
    };
    return kernels[set];
}

void program_set_constants_lanes(const Program *program, size_t width, double *registers)
{
    for (size_t i = 0; i < program->n_constants; i++)
        for (size_t lane = 0; lane < width; lane++)
            registers[i * width + lane] = program->constants[i];
}
