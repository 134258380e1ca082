/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane kernel in plain C, for any processor.
 */
#define KERNEL kernel_plain
#define WIDTH 2
#include "expr/kernel.inc"
