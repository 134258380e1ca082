/* SPDX-License-Identifier: Apache-2.0
 *
 * arena: memory by lifetime. An Arena hands out memory, and frees all of it at once. arena.c is the only file that
 * calls malloc. Running out of memory ends the program (out_of_memory), so callers check sizes that come from users
 * against limits before they ask an arena.
 *
 * Life cycle: arena_open, any number of allocations, arena_close. Thread rule: one thread at a time uses an arena.
 */
#ifndef MB_BASE_ARENA_H
#define MB_BASE_ARENA_H

#include "base/contract.h"

typedef struct Arena Arena;

Arena *arena_open(void);

/* Frees the arena and all its memory, and sets *arena to NULL. Accepts a pointer to NULL. For SCOPED(arena_close). */
void arena_close(Arena **arena);

/* Frees all memory of the arena, which can then be used again. Debug builds overwrite the memory first. */
void arena_reset(Arena *arena);

/* Returns zeroed memory, never NULL. `align`: a power of two, at most 64. A size of 0 gives a valid pointer. */
void *arena_alloc(Arena *arena, size_t size, size_t align);

/* Returns zeroed memory for `count` items. If count * size overflows, it calls out_of_memory. */
void *arena_alloc_array(Arena *arena, size_t count, size_t size, size_t align);

char *arena_copy_text(Arena *arena, const char *text, size_t length);
char *arena_print(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

#define NEW(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type), _Alignof(Type)))
#define NEW_ARRAY(arena, Type, count) ((Type *)arena_alloc_array((arena), (count), sizeof(Type), _Alignof(Type)))

/* An array of doubles, aligned to a cache line of 64 bytes, for data that SIMD lanes read. */
#define NEW_LANES(arena, count) ((double *)arena_alloc_array((arena), (count), sizeof(double), 64))

#endif
