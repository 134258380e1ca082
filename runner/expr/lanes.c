/* SPDX-License-Identifier: Apache-2.0 */
#include "expr/expr.h"
#include "expr/kernels.h"

static const LaneKernel kernels[] = {
#ifdef MB_X86_64
    {"avx512f", kernel_avx512f},
    {"avx2", kernel_avx2},
    {"sse2", kernel_sse2},
#endif
    {"plain", kernel_plain},
};

static bool is_usable(const char *name)
{
#ifdef MB_X86_64
    if (text_equal(name, "avx512f"))
        return __builtin_cpu_supports("avx512f");
    if (text_equal(name, "avx2"))
        return __builtin_cpu_supports("avx2");
#endif
    return text_equal(name, "sse2") || text_equal(name, "plain");
}

const LaneKernel *lane_kernel(size_t index, bool *ret_usable)
{
    if (index >= ARRAY_LENGTH(kernels))
        return NULL;
    *ret_usable = is_usable(kernels[index].name);
    return &kernels[index];
}

const LaneKernel *lane_kernel_best(void)
{
    size_t i = 0;
    while (!is_usable(kernels[i].name))
        i++;
    return &kernels[i];
}

void program_set_constants_lanes(const Program *program, double *registers)
{
    for (size_t i = 0; i < program->n_constants; i++)
        for (size_t lane = 0; lane < LANES; lane++)
            registers[i * LANES + lane] = program->constants[i];
}
