/* SPDX-License-Identifier: Apache-2.0
 *
 * SQL that names the columns of the table `animal`, made from the table animal_columns: no name comes from a user.
 */
#include "store/store_priv.h"

const char *store_columns_list(Arena *arena, bool only_dumped)
{
    Text names = text_new(arena);
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++)
        if (animal_columns[i].in_dump || !only_dumped)
            text_print(&names, ", %s", animal_columns[i].name);
    return text_string(&names);
}

const char *store_columns_upsert(Arena *arena)
{
    Text places = text_new(arena), updates = text_new(arena);
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++) {
        text_print(&places, ", ?%zu", N_KEY_COLUMNS + 1 + i);
        text_print(&updates, ", %s = excluded.%s", animal_columns[i].name, animal_columns[i].name);
    }
    return arena_print(arena,
                       "INSERT INTO animal (animal_id, cohort_id, number, status%s) VALUES (?1, ?2, ?3, ?4%s) "
                       "ON CONFLICT (animal_id) DO UPDATE SET status = excluded.status%s",
                       store_columns_list(arena, false), text_string(&places), text_string(&updates));
}

bool store_columns_bind(const Store *store, sqlite3_stmt *upsert, const Animal *animal, Err *reterr)
{
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++) {
        const AnimalColumn *column = &animal_columns[i];
        int place = (int)(N_KEY_COLUMNS + 1 + i);
        int code = column->kind == ANIMAL_COUNT
                       ? sqlite3_bind_int64(upsert, place, (int64_t)animal_count(animal, column))
                       : sqlite3_bind_text(upsert, place, animal_text(animal, column), -1, SQLITE_STATIC);
        if (code != SQLITE_OK)
            return store_fail(store, "write", reterr);
    }
    return true;
}
