/* SPDX-License-Identifier: Apache-2.0 */
#define LOOPS loops_plain
#define NAME "plain"
#define WIDTH 2
#include "solve/loop.inc"
