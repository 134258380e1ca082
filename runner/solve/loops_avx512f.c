/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiles the hot loops for AVX-512F.
 */
#define LOOPS loops_avx512f
#define NAME "avx512f"
#define WIDTH 8
#include "solve/loop.inc"
