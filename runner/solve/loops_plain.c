/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiles the hot loops for the instruction set that the compiler assumes.
 */
#define LOOPS loops_plain
#define NAME "plain"
#define WIDTH 2
#include "solve/loop.inc"
