/* SPDX-License-Identifier: Apache-2.0
 *
 * Every instruction set that this processor has, at every width: EACH_SET { ... } with `cpu` and `width`.
 */
#ifndef MB_TESTS_SUPPORT_SETS_H
#define MB_TESTS_SUPPORT_SETS_H

#include "base/base.h"

static CpuSet cpu;
static size_t width;

#define EACH_SET                                                                                                       \
    for (cpu = 0; cpu < N_CPU_SETS; cpu++)                                                                             \
        for (width = MIN_LANES; cpu_usable(cpu) && width <= LANES; width *= 2)

#endif
