/* SPDX-License-Identifier: Apache-2.0
 *
 * The table animal_columns beside the schema and the dictionary, and a value of each column on its way through the
 * database. (Between ranks: tests/run/test_wire.c.)
 */
#include "store/shelf.h"

/* Columns of the table `animal` that are not in animal_columns. */
#define KEY_COLUMNS "'animal_id', 'cohort_id', 'number', 'status'"

/* -- the table, the schema, the dictionary --------------------------------------------------------------------- */

static void the_schema_has_the_columns_of_the_table_and_no_other(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    Store *store = opened(path, false);
    store_close(&store);
    raw_execute(path, "CREATE TABLE wanted (name TEXT, type TEXT, has_null INTEGER)");
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++)
        raw_execute(path, arena_print(arena, "INSERT INTO wanted VALUES ('%s', '%s', %d)", animal_columns[i].name,
                                      animal_columns[i].kind == ANIMAL_COUNT ? "INTEGER" : "TEXT",
                                      animal_columns[i].null_when != NULL));
    static const char real[] = "SELECT name, type, 1 - \"notnull\" FROM pragma_table_info('animal') "
                               "WHERE name NOT IN (" KEY_COLUMNS ")";
    assert_string_equal(query(path, "SELECT count(*) FROM pragma_table_info('animal') WHERE name IN (" KEY_COLUMNS ")"),
                        "4\n");
    assert_string_equal(query(path, arena_print(arena, "SELECT * FROM wanted EXCEPT %s", real)), "");
    assert_string_equal(query(path, arena_print(arena, "%s EXCEPT SELECT * FROM wanted", real)), "");
}

static void the_schema_refuses_what_is_no_json(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    write_mouse(path, IN_ORDER, N_ANIMALS);
    SCOPED(close_raw) sqlite3 *db = raw(path);
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++) {
        const char *update =
            arena_print(arena, "UPDATE animal SET %s = '{' WHERE status = 'failed'", animal_columns[i].name);
        int code = sqlite3_exec(db, update, NULL, NULL, NULL);
        if ((code == SQLITE_OK) != (animal_columns[i].kind == ANIMAL_TEXT))
            fail_msg("%s: %s", update, sqlite3_errmsg(db));
    }
}

static void the_dictionary_has_the_words_of_the_table(void **state)
{
    (void)state;
    const char *readme = read_source("results-schema/README.md");
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++) {
        const AnimalColumn *column = &animal_columns[i];
        const char *row = arena_print(arena, "| `%s` | %s |%s%s | %s | %s |\n", column->name, column->meaning,
                                      column->unit[0] != '\0' ? " " : "", column->unit,
                                      column->null_when != NULL ? column->null_when : "no", column->made);
        if (strstr(readme, row) == NULL)
            fail_msg("results-schema/README.md lacks this row of the table 'animal':\n%s", row);
    }
    const char *line = arena_print(arena, "| animal | cohort, number, status%s |\n", store_columns_list(arena, true));
    if (strstr(readme, line) == NULL)
        fail_msg("results-schema/README.md lacks this line of the dump:\n%s", line);
}

/* -- values ---------------------------------------------------------------------------------------------------- */

/* A value of its own for each column; `n` makes others. As text, and in the field. */
static const char *value_of(Animal *animal, const AnimalColumn *column, size_t n)
{
    uint64_t count = 1000 * n + column->offset;
    const char *text = arena_print(arena, column->kind == ANIMAL_JSON ? "{\"%s\":%zu}" : "%s of %zu", column->name, n);
    switch (column->kind) {
    case ANIMAL_COUNT: animal_set_count(animal, column, count); return arena_print(arena, "%zu", (size_t)count);
    case ANIMAL_TEXT:
    case ANIMAL_JSON: animal_set_text(animal, column, text); return text;
    }
    return NULL;
}

/* Of the failed animal 1 of cohort 1. Where `is_null`, what may be NULL is, so that it did not fail. *ret_row: the row
 * that the database should hold, *ret_line: the end of the animal's line in a dump. */
static Animal animal_of_values(size_t n, bool is_null, const char **ret_row, const char **ret_line)
{
    Animal animal = {.cohort = 1, .number = 1};
    Text row = text_new(arena), line = text_new(arena);
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++) {
        const AnimalColumn *column = &animal_columns[i];
        bool none = is_null && column->null_when != NULL && column->kind != ANIMAL_COUNT;
        const char *value = none ? NULL : value_of(&animal, column, n);
        text_print(&row, "%s%s", i > 0 ? "|" : "", none ? "NULL" : value);
        if (column->in_dump)
            text_print(&line, "\t%s", none ? "\\N" : value);
    }
    *ret_row = arena_print(arena, "%s\n", text_string(&row));
    *ret_line = arena_print(arena, "%s%s\n", is_null ? "done" : "failed", text_string(&line));
    return animal;
}

/* The columns of animal_columns of the only animal of a run. */
static const char *row_in(const char *path, int64_t run)
{
    Text names = text_new(arena);
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++)
        text_print(&names, "%s animal.%s", i > 0 ? "," : "", animal_columns[i].name);
    return query(path, arena_print(arena, "SELECT%s FROM animal JOIN cohort USING (cohort_id) WHERE run_id = %lld",
                                   text_string(&names), (long long)run));
}

static bool keep_animal(void *context, const char *line, size_t length, Err *reterr)
{
    (void)reterr;
    if (strncmp(line, "animal\t", 7) == 0)
        text_add(context, line, length);
    return true;
}

static void every_column_is_written_written_over_taken_over_and_dumped(void **state)
{
    (void)state;
    for (int is_null = 0; is_null < 2; is_null++) {
        const char *path = in_folder(is_null ? "null.db" : "r.db"), *row, *other_row, *line, *other_line;
        Store *store = opened(path, false);
        StoreRun again = mouse_run();
        again.key = "k-again";
        int64_t first = begun(store, mouse_run());
        Animal animal = animal_of_values(1, !is_null, &other_row, &other_line);
        Err err = {0};
        must(store_append(store, first, &animal, 1, &err), &err);
        assert_string_equal(row_in(path, first), other_row);
        animal = animal_of_values(2, is_null, &row, &line);
        must(store_replace(store, first, &animal, 1, &err), &err);
        assert_string_equal(row_in(path, first), row);
        assert_string_not_equal(row, other_row);
        int64_t second = begun(store, again);
        size_t n;
        must(store_take_over(store, second, 1, NULL, &n, &err), &err);
        assert_int_equal(n, 1);
        assert_string_equal(row_in(path, second), row);
        Text dumped = text_new(arena);
        must(store_dump(store, NULL, keep_animal, &dumped, &err), &err);
        line = arena_print(arena, "animal\tocy-RANKL-cKO\t1\t%s", line);
        assert_string_equal(text_string(&dumped), arena_print(arena, "%s%s", line, line));
        store_close(&store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_schema_has_the_columns_of_the_table_and_no_other),
        IN_FOLDER(the_schema_refuses_what_is_no_json),
        IN_FOLDER(the_dictionary_has_the_words_of_the_table),
        IN_FOLDER(every_column_is_written_written_over_taken_over_and_dumped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
