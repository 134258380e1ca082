/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds and adds the keys of a map: a hash table with open addressing and linear probing.
 */
#include "base/base.h"

/* With a good hash, a free slot is a few steps away, also among thousands of keys. After MAX_PROBES steps we assume
 * that somebody chose keys that share a slot, which would make a large file take minutes: the map then hashes all keys
 * again with another seed. */
enum { MAX_PROBES = 1000, MAX_SEEDS = 8 };

/* FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/), with a start value for each seed. The last line mixes
 * the high bits into the low bits, which choose the slot. */
static uint64_t map_hash(const char *key, uint64_t seed)
{
    uint64_t hash = 0xcbf29ce484222325u + seed * 0x9e3779b97f4a7c15u;
    for (const char *c = key; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

/* Finds the slot of the key, or the free slot where the key belongs. The table is never full, so the loop ends. */
static MapEntry *map_slot(const Map *map, const char *key, size_t *ret_steps)
{
    size_t i = (size_t)map_hash(key, map->seed) & (map->capacity - 1), steps = 0;
    for (; map->entries[i].key != NULL && !text_equal(map->entries[i].key, key); steps++)
        i = (i + 1) & (map->capacity - 1);
    *ret_steps = steps;
    return &map->entries[i];
}

const void *map_find(const Map *map, const char *key)
{
    size_t steps;
    return map->capacity > 0 ? map_slot(map, key, &steps)->value : NULL;
}

static void map_rebuild(Arena *arena, Map *map, size_t capacity, uint64_t seed)
{
    size_t steps;
    Map old = *map;
    *map = (Map){.entries = NEW_ARRAY(arena, MapEntry, capacity), .n = old.n, .capacity = capacity, .seed = seed};
    for (size_t i = 0; i < old.capacity; i++)
        if (old.entries[i].key != NULL)
            *map_slot(map, old.entries[i].key, &steps) = old.entries[i];
}

bool map_add(Arena *arena, Map *map, const char *key, const void *value)
{
    ASSERT(value != NULL);
    if (2 * (map->n + 1) > map->capacity)
        map_rebuild(arena, map, map->capacity > 0 ? 2 * map->capacity : 32, map->seed);
    size_t steps;
    MapEntry *slot = map_slot(map, key, &steps);
    if (slot->key != NULL)
        return false;
    *slot = (MapEntry){key, value};
    map->n++;
    if (steps > MAX_PROBES && map->seed < MAX_SEEDS)
        map_rebuild(arena, map, map->capacity, map->seed + 1);
    return true;
}
