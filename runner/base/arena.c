/* SPDX-License-Identifier: Apache-2.0
 *
 * Hands out memory from blocks that an arena frees together, and grows arrays on an arena.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* Exit codes when the program ends at once. The store keeps everything that was committed before. */
enum { ARENA_EXIT_NO_MEMORY = 5, ARENA_EXIT_BUG = 70 };

/* Blocks start at 64 KiB and double up to 8 MiB; a larger request gets a block of its own. */
enum { BLOCK_FIRST = 1 << 16, BLOCK_MAX = 1 << 23, BLOCK_ALIGN = 64 };

typedef struct Block {
    struct Block *before;
    size_t size, used;
    unsigned char *bytes; /* after this header, aligned to BLOCK_ALIGN */
} Block;

struct Arena {
    Block *last;
    size_t next_size;
};

void out_of_memory(void)
{
    fputs("marblebone: out of memory; all stored animals are kept: run it again with more memory or a smaller -j\n",
          stderr);
    _Exit(ARENA_EXIT_NO_MEMORY);
}

void contract_broken(const char *condition, const char *file, int line)
{
    fprintf(stderr, "marblebone: bug: %s at %s:%d; please report it\n", condition, file, line);
#ifdef MB_DEBUG
    abort(); /* a debugger stops here, or a core is left */
#else
    _Exit(ARENA_EXIT_BUG);
#endif
}

static Block *block_new(Block *before, size_t size)
{
    if (size > SIZE_MAX - sizeof(Block) - BLOCK_ALIGN)
        out_of_memory();
    Block *block = malloc(sizeof(Block) + BLOCK_ALIGN + size);
    if (block == NULL)
        out_of_memory();
    uintptr_t start = ((uintptr_t)(block + 1) + BLOCK_ALIGN - 1) & ~(uintptr_t)(BLOCK_ALIGN - 1);
    *block = (Block){.before = before, .size = size, .bytes = (unsigned char *)start};
    return block;
}

Arena *arena_open(void)
{
    Arena *arena = malloc(sizeof(Arena));
    if (arena == NULL)
        out_of_memory();
    *arena = (Arena){.next_size = BLOCK_FIRST};
    return arena;
}

void arena_reset(Arena *arena)
{
    while (arena->last != NULL) {
        Block *block = arena->last;
        arena->last = block->before;
#ifdef MB_DEBUG
        memset(block->bytes, 0xDD, block->size);
#endif
        free(block);
    }
    arena->next_size = BLOCK_FIRST;
}

void arena_close(Arena **arena)
{
    if (*arena == NULL)
        return;
    arena_reset(*arena);
    free(*arena);
    *arena = NULL;
}

void *arena_alloc(Arena *arena, size_t size, size_t align)
{
    ASSERT(align > 0 && (align & (align - 1)) == 0 && align <= BLOCK_ALIGN);
    Block *block = arena->last;
    size_t start = block != NULL ? (block->used + align - 1) & ~(align - 1) : 0;
    if (block == NULL || start > block->size || size > block->size - start) {
        block = block_new(arena->last, size > arena->next_size ? size : arena->next_size);
        arena->last = block;
        if (arena->next_size < BLOCK_MAX)
            arena->next_size *= 2;
        start = 0;
    }
    block->used = start + size;
    return memset(block->bytes + start, 0, size);
}

void *arena_alloc_array(Arena *arena, size_t count, size_t size, size_t align)
{
    if (size != 0 && count > SIZE_MAX / size)
        out_of_memory();
    return arena_alloc(arena, count * size, align);
}

char *arena_copy_text(Arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_print(Arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void *vec_grow(Arena *arena, void *items, size_t item_size, size_t n, size_t *capacity)
{
    if (n < *capacity) {
        memset((unsigned char *)items + n * item_size, 0, item_size);
        return items;
    }
    *capacity = *capacity != 0 ? *capacity * 2 : 8;
    void *grown = arena_alloc_array(arena, *capacity, item_size, _Alignof(max_align_t));
    if (n > 0)
        memcpy(grown, items, n * item_size);
    return grown;
}
