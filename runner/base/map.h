/* SPDX-License-Identifier: Apache-2.0
 *
 * Text -> pointer, on an arena. Keys are borrowed: they must outlive the map. No removal.
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

/* The value, or NULL. */
const void *map_find(const Map *map, const char *key);

/* False, and nothing changed, when the key is there already. `value` is not NULL. */
MUST_CHECK bool map_add(Arena *arena, Map *map, const char *key, const void *value);

#endif
