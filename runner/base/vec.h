/* SPDX-License-Identifier: Apache-2.0
 *
 * vec: growing arrays on an arena: `VEC(double) samples = {0}; *vec_push(arena, &samples) = 1.0;`
 */
#ifndef MB_BASE_VEC_H
#define MB_BASE_VEC_H

#include "base/arena.h"

#define VEC(Type)                                                                                                      \
    struct {                                                                                                           \
        Type *items;                                                                                                   \
        size_t n, capacity;                                                                                            \
    }

/* Appends a zeroed item and gives its address, which is valid until the next push. */
#define vec_push(arena, vec)                                                                                           \
    ((vec)->items = vec_grow((arena), (vec)->items, sizeof *(vec)->items, (vec)->n, &(vec)->capacity),                 \
     &(vec)->items[(vec)->n++])

/* Makes room for one more than `n` items and returns the array. When the array moves, its old memory stays with the
 * arena. */
void *vec_grow(Arena *arena, void *items, size_t item_size, size_t n, size_t *capacity);

#endif
