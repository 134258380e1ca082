/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of an animal's columns, and access to the field of a column.
 */
#include <stddef.h>
#include <string.h>

#include "animal/animal.h"

#define ANIMAL_ROW(name, ...) offsetof(Animal, name), __VA_ARGS__
#define ANIMAL_TEXT_ROW(name, ...) {#name, ANIMAL_TEXT, ANIMAL_ROW(name, __VA_ARGS__)},
#define ANIMAL_JSON_ROW(name, ...) {#name, ANIMAL_JSON, ANIMAL_ROW(name, __VA_ARGS__)},
#define ANIMAL_COUNT_ROW(name, ...) {#name, ANIMAL_COUNT, ANIMAL_ROW(name, __VA_ARGS__)},

const AnimalColumn animal_columns[N_ANIMAL_COLUMNS] = {
    ANIMAL_COLUMNS(ANIMAL_TEXT_ROW, ANIMAL_JSON_ROW, ANIMAL_COUNT_ROW)};

uint64_t animal_count(const Animal *animal, const AnimalColumn *column)
{
    uint64_t count;
    ASSERT(column->kind == ANIMAL_COUNT);
    memcpy(&count, (const char *)animal + column->offset, sizeof count);
    return count;
}

const char *animal_text(const Animal *animal, const AnimalColumn *column)
{
    const char *text;
    ASSERT(column->kind != ANIMAL_COUNT);
    memcpy(&text, (const char *)animal + column->offset, sizeof text);
    return text;
}

void animal_set_count(Animal *animal, const AnimalColumn *column, uint64_t count)
{
    ASSERT(column->kind == ANIMAL_COUNT);
    memcpy((char *)animal + column->offset, &count, sizeof count);
}

void animal_set_text(Animal *animal, const AnimalColumn *column, const char *text)
{
    ASSERT(column->kind != ANIMAL_COUNT);
    memcpy((char *)animal + column->offset, &text, sizeof text);
}
