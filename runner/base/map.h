/* SPDX-License-Identifier: Apache-2.0
 *
 * map: finds pointers by text. A map lives on an arena. It borrows its keys, which must outlive it. Keys cannot be
 * removed.
 */
#ifndef MB_BASE_MAP_H
#define MB_BASE_MAP_H

#include "base/arena.h"
#include "base/contract.h"

typedef struct MapEntry {
    const char *key;
    const void *value;
} MapEntry;

typedef struct Map {
    MapEntry *entries;
    size_t n, capacity;
    uint64_t seed;
} Map;

/* Returns the value of the key, or NULL when the map does not have the key. */
const void *map_find(const Map *map, const char *key);

/* Adds a key. Returns false and changes nothing when the map already has it. `value` must not be NULL. */
MUST_CHECK bool map_add(Arena *arena, Map *map, const char *key, const void *value);

#endif
