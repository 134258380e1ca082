/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernels that lanes.c chooses from; each is kernel.inc, compiled for one instruction set.
 */
#ifndef MB_EXPR_KERNELS_H
#define MB_EXPR_KERNELS_H

#include <stddef.h>

#include "expr/op.h"

void kernel_plain(const Instruction *code, size_t n, size_t width, double *registers);
void kernel_sse2(const Instruction *code, size_t n, size_t width, double *registers);
void kernel_avx2(const Instruction *code, size_t n, size_t width, double *registers);
void kernel_avx512f(const Instruction *code, size_t n, size_t width, double *registers);

#endif
