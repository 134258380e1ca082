/* SPDX-License-Identifier: Apache-2.0 */
#define KERNEL kernel_plain
#define WIDTH 2
#include "expr/kernel.inc"
