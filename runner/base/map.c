/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t map_hash(const char *key)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *c = key; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    return hash;
}

/* The key's slot: where it is, or the free one where it belongs. The table is never full. */
static MapEntry *map_slot(MapEntry *entries, size_t capacity, const char *key)
{
    size_t i = (size_t)map_hash(key) & (capacity - 1);
    while (entries[i].key != NULL && !text_equal(entries[i].key, key))
        i = (i + 1) & (capacity - 1);
    return &entries[i];
}

const void *map_find(const Map *map, const char *key)
{
    return map->capacity > 0 ? map_slot(map->entries, map->capacity, key)->value : NULL;
}

bool map_add(Arena *arena, Map *map, const char *key, const void *value)
{
    ASSERT(value != NULL);
    if (map_find(map, key) != NULL)
        return false;
    if (2 * (map->n + 1) > map->capacity) {
        size_t capacity = map->capacity > 0 ? 2 * map->capacity : 32;
        MapEntry *entries = NEW_ARRAY(arena, MapEntry, capacity);
        for (size_t i = 0; i < map->capacity; i++)
            if (map->entries[i].key != NULL)
                *map_slot(entries, capacity, map->entries[i].key) = map->entries[i];
        map->entries = entries;
        map->capacity = capacity;
    }
    *map_slot(map->entries, map->capacity, key) = (MapEntry){key, value};
    map->n++;
    return true;
}
