/* SPDX-License-Identifier: Apache-2.0
 *
 * An arena for the tests of a program, as group set-up and tear-down. Included by one file of a test program.
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
