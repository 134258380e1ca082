/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening: which files are ours, what is said of those that are not, and that they stay as they were. Two processes at
 * once.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "store/shelf.h"

static const char APPLICATION[] = "1835159345"; /* "mbO1" */

static void write_bytes(const char *path, const char *bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(bytes, file);
    assert_int_equal(fclose(file), 0);
}

static void make_nothing(const char *path)
{
    (void)path;
}

static void make_empty(const char *path)
{
    write_bytes(path, "");
}

static void make_text(const char *path)
{
    Text text = text_new(arena);
    for (int i = 0; i < 100; i++)
        text_print(&text, "animal,BV/TV\n");
    write_bytes(path, text_string(&text));
}

static void make_folder(const char *path)
{
    assert_int_equal(mkdir(path, 0700), 0);
}

static void make_foreign(const char *path)
{
    raw_execute(path, "PRAGMA application_id = 1196444487; CREATE TABLE t (a)");
}

static void make_unmarked(const char *path)
{
    raw_execute(path, "CREATE TABLE t (a)");
}

static void make_numbered(const char *path)
{
    raw_execute(path, "PRAGMA user_version = 1");
}

static void make_newer(const char *path)
{
    raw_execute(path, arena_print(arena, "PRAGMA application_id = %s; PRAGMA user_version = 999; CREATE TABLE t (a)",
                                  APPLICATION));
}

/* SHA-256 of the file; "" for what is no file. */
static const char *bytes_of(const char *path)
{
    char *hash = arena_alloc(arena, HASH_TEXT, 1);
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return "";
    char *bytes = arena_alloc(arena, (size_t)status.st_size, 1);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, (size_t)status.st_size, file), status.st_size);
    fclose(file);
    hash_text(bytes, (size_t)status.st_size, hash);
    return hash;
}

#define BUSY "cannot write '%s': another process is writing to it; wait until it is done"
/* Texts: the part before the path, and the part after it. */
#define FOREIGN "' is a database of another program; name another file with --db"
#define NEWER "' has schema 999, made by a newer marblebone; this one knows schema "
#define NO_RESULTS "' holds no results of this marblebone; 'marblebone run' makes them"

static void what_is_not_ours_is_refused_and_left_as_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*make)(const char *path);
        bool read_only;
        const char *before, *after;
    } rows[] = {
        {"no file", make_nothing, true, "there is no database '", "'; 'marblebone run' makes one"},
        {"an empty file", make_empty, true, "'", NO_RESULTS},
        {"a text", make_text, true, "cannot read '", "': file is not a database; name another file with --db"},
        {"a text to write", make_text, false, "cannot read '",
         "': file is not a database; name another file with --db"},
        {"a folder", make_folder, true, "'", "' is a folder, not a database"},
        {"a folder to write", make_folder, false, "'", "' is a folder, not a database"},
        {"a foreign database", make_foreign, true, "'", FOREIGN},
        {"a foreign database to write", make_foreign, false, "'", FOREIGN},
        {"one without a mark", make_unmarked, true, "'", FOREIGN},
        {"one without a mark to write", make_unmarked, false, "'", FOREIGN},
        {"an empty one with a number", make_numbered, false, "'", FOREIGN},
        {"a newer one", make_newer, true, "'", NEWER},
        {"a newer one to write", make_newer, false, "'", NEWER},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *path = in_folder(arena_print(arena, "%zu", i));
        Store *store = NULL;
        Err err = {0};
        rows[i].make(path);
        const char *bytes = bytes_of(path), *text = arena_print(arena, "%s%s%s", rows[i].before, path, rows[i].after);
        if (rows[i].make == make_newer)
            text = arena_print(arena, "%s%d", text, newest_schema());
        if (store_open(path, rows[i].read_only, &store, &err) || strcmp(err.text, text) != 0)
            fail_msg("%s: got '%s', want '%s'", rows[i].name, err.text, text);
        assert_int_equal(err.kind, ERR_STORE);
        assert_null(store);
        assert_string_equal(bytes_of(path), bytes);
    }
}

static void a_place_where_no_file_can_be_is_refused(void **state)
{
    (void)state;
    const char *path = in_folder("no-such-folder/r.db");
    Store *store = NULL;
    Err err = {0};
    assert_refused(store_open(path, false, &store, &err), err,
                   "cannot open '%s': its folder does not exist, or you may not write there", path);
    assert_refused(store_open("", false, &store, &err), err, "the name of the database is empty");
    assert_refused(store_open("", true, &store, &err), err, "the name of the database is empty");
    assert_null(store);
}

static void an_empty_file_becomes_a_database(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    make_empty(path);
    Store *store = opened(path, false);
    store_close(&store);
    const char *marks = query(path, "SELECT application_id, user_version, journal_mode FROM pragma_application_id, "
                                    "pragma_user_version, pragma_journal_mode");
    assert_string_equal(marks, arena_print(arena, "%s|%d|wal\n", APPLICATION, newest_schema()));
    assert_sound(path);
    const char *before = dump(path);
    store = opened(path, false);
    store_close(&store);
    assert_string_equal(dump(path), before);
    store = opened(path, true);
    store_close(&store);
}

static void a_path_may_hold_what_has_a_meaning_elsewhere(void **state)
{
    (void)state;
    static const char *const names[] = {"file:x?mode=ro#%20", "it's \"me\"; DROP", "M\xc3\xa4use \xe9\xaa\xa8.db",
                                        ":memory:x"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const char *path = in_folder(names[i]);
        Store *store = opened(path, false);
        store_close(&store);
        assert_int_equal(access(path, F_OK), 0);
    }
}

static void a_reader_writes_nothing(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    write_mouse(path, IN_ORDER, N_ANIMALS);
    const char *before = dump(path);
    StoreRun run = other_run();
    int64_t id = -1;
    Err err = {0};
    Store *store = opened(path, true);
    assert_refused(store_begin(store, &run, &id, &err), err, "cannot write '%s': the file or its folder is read-only",
                   path);
    assert_int_equal(id, -1);
    store_close(&store);
    assert_string_equal(dump(path), before);
}

/* -- two at once ----------------------------------------------------------------------------------------------- */

static void a_second_writer_is_told_of_the_first(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    StoreRun run = mouse_run(), other = other_run();
    Animal animal = mouse_animal(0);
    int64_t id = -1;
    Err err = {0};
    Store *store = opened(path, false), *reader;
    id = begun(store, run);
    sqlite3_busy_timeout(store->db, 20);
    SCOPED(close_raw) sqlite3 *first = raw(path);
    assert_int_equal(sqlite3_exec(first, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_refused(store_append(store, id, &animal, 1, &err), err, BUSY, path);
    assert_refused(store_begin(store, &other, &id, &err), err, BUSY, path);
    assert_refused(store_finish(store, id, &err), err, BUSY, path);
    assert_int_equal(id, 1);
    reader = opened(path, true); /* reading goes on */
    must(store_find_run(reader, "ocy", NULL, &id, &err), &err);
    store_close(&reader);
    assert_int_equal(sqlite3_exec(first, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    must(store_append(store, id, &animal, 1, &err), &err);
    store_close(&store);
    assert_string_equal(query(path, "SELECT count(*) FROM animal"), "1\n");
}

/* The child holds the lock on an empty file for a tenth of a second, in which the parent looks and waits; then the
 * schema is there. (A connection must not be carried through fork.) */
static void a_schema_made_between_look_and_lock_is_taken(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    const char *schema = arena_print(arena, "%s; %s; PRAGMA application_id = %s; PRAGMA user_version = %d; COMMIT",
                                     read_source("results-schema/schema.sql"), read_source("results-schema/views.sql"),
                                     APPLICATION, newest_schema());
    const struct timespec tenth = {.tv_nsec = 100000000};
    int ends[2], status;
    char byte = 'x';
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *first = raw(path);
        bool done = sqlite3_exec(first, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
                    write(ends[1], &byte, 1) == 1 && nanosleep(&tenth, NULL) == 0 &&
                    sqlite3_exec(first, schema, NULL, NULL, NULL) == SQLITE_OK;
        close_raw(&first);
        _exit(done ? 0 : 1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    Store *store = opened(path, false);
    store_close(&store);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The first start of many at once: one makes the schema, the others find it; one registers the run. */
static void eight_processes_make_one_database(void **state)
{
    (void)state;
    enum { N = 8 };
    const char *path = in_folder("r.db");
    pid_t children[N];
    for (size_t i = 0; i < N; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            Store *store = NULL;
            StoreRun run = mouse_run();
            Animal animal = mouse_animal(i % N_ANIMALS);
            int64_t id;
            Err err = {0};
            bool done = store_open(path, false, &store, &err) && store_begin(store, &run, &id, &err) &&
                        store_append(store, id, &animal, 1, &err) && store_finish(store, id, &err) &&
                        store_summarise(store, id, NULL, &err);
            if (!done)
                fprintf(stderr, "# %s\n", err.text);
            store_close(&store);
            _exit(done ? 0 : 1);
        }
    }
    int failures = 0, status;
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        failures += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    assert_int_equal(failures, 0);
    assert_sound(path);
    write_mouse(in_folder("straight.db"), IN_ORDER, N_ANIMALS);
    assert_string_equal(dump(path), dump(in_folder("straight.db")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_is_not_ours_is_refused_and_left_as_it_is),
        IN_FOLDER(a_place_where_no_file_can_be_is_refused),
        IN_FOLDER(an_empty_file_becomes_a_database),
        IN_FOLDER(a_path_may_hold_what_has_a_meaning_elsewhere),
        IN_FOLDER(a_reader_writes_nothing),
        IN_FOLDER(a_second_writer_is_told_of_the_first),
        IN_FOLDER(a_schema_made_between_look_and_lock_is_taken),
        IN_FOLDER(eight_processes_make_one_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
