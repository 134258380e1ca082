/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens and closes an arena as group set-up and tear-down of a test program. One file of the program includes it.
 */
#ifndef MB_TESTS_SUPPORT_ARENA_H
#define MB_TESTS_SUPPORT_ARENA_H

#include "support/near.h"

#include "base/base.h"

static Arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open();
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(&arena);
    return 0;
}

#endif
