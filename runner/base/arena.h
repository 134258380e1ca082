/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory by lifetime: an Arena hands out memory and gives all of it back at once. The only file that calls malloc.
 * Running out of memory is fatal (out_of_memory): sizes that come from users are checked against limits before they
 * reach an arena.
 */
#ifndef MB_BASE_ARENA_H
#define MB_BASE_ARENA_H

#include "base/contract.h"

typedef struct Arena Arena;

Arena *arena_open(void);

/* Accepts a pointer to NULL; made for SCOPED(arena_close). */
void arena_close(Arena **arena);

/* Gives everything back; the arena can be used again. Debug builds poison the memory first. */
void arena_reset(Arena *arena);

/* Zeroed memory, never NULL. `align` is a power of two. A size of 0 gives a valid pointer. */
void *arena_alloc(Arena *arena, size_t size, size_t align);

/* Zeroed memory for `count` items; a product that overflows is out of memory. */
void *arena_alloc_array(Arena *arena, size_t count, size_t size, size_t align);

char *arena_copy_text(Arena *arena, const char *text, size_t length);
char *arena_print(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

#define NEW(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type), _Alignof(Type)))
#define NEW_ARRAY(arena, Type, count) ((Type *)arena_alloc_array((arena), (count), sizeof(Type), _Alignof(Type)))

/* Aligned to a cache line, for data that SIMD lanes read. */
#define NEW_LANES(arena, count) ((double *)arena_alloc_array((arena), (count), sizeof(double), 64))

#endif
