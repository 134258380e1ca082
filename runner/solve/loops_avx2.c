/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiles the hot loops for AVX2.
 */
#define LOOPS loops_avx2
#define NAME "avx2"
#define WIDTH 4
#include "solve/loop.inc"
