/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens a database: checks whether the file is ours and which schema it has, then makes its schema or brings it up to
 * date.
 */
#include <string.h>
#include <sys/stat.h>

#include "schema_sql.h"
#include "store/store_priv.h"

enum { APPLICATION_ID = 0x6D624F31 /* "mbO1" */, BUSY_MS = 5000 };

/* Memory for the values that summary.c keeps to find quartiles. Measured processor time of the summaries of two cohorts
 * of 50,000 mice (four ages, 117 values an animal): 1.46 s with 32 MiB, 1.38 with 16, 1.34 with 8, 2.0 with 4 (two
 * scans are not enough then), 3.2 with 2; of two cohorts of 300,000, copied from these with noise: 8.8 s with 32 MiB,
 * 12.6 with 16, 16.2 with 8. */
enum { SUMMARY_BYTES = 8 << 20 };

/* SCHEMA_SQL[i] turns a database of schema i into one of schema i + 1; schema 0 is an empty file. */
enum { SCHEMA_VERSION = ARRAY_LENGTH(SCHEMA_SQL) };

const char *store_version(void)
{
    return "SQLite " SQLITE_VERSION;
}

void store_close(Store **store)
{
    if (*store == NULL)
        return;
    for (size_t i = 0; i < N_STATEMENTS; i++)
        sqlite3_finalize((*store)->statements[i]);
    sqlite3_close((*store)->db);
    arena_close(&(Arena *){(*store)->arena});
    *store = NULL;
}

/* What a file says about itself: how many tables it has, and the two numbers in its header. */
typedef struct FileMark {
    int64_t tables, application, version;
} FileMark;

static bool read_mark(Store *store, FileMark *ret_found, Err *reterr)
{
    return store_query_count(store, &ret_found->tables, reterr, "SELECT count(*) FROM sqlite_schema", "") &&
           store_query_count(store, &ret_found->application, reterr, "PRAGMA application_id", "") &&
           store_query_count(store, &ret_found->version, reterr, "PRAGMA user_version", "");
}

/* Refuses a database that is not ours, or that is of a newer schema. Nothing is written before this check. */
static bool check_schema(const Store *store, const FileMark *found, bool read_only, Err *reterr)
{
    bool empty = found->tables == 0 && found->application == 0 && found->version == 0;
    if (!empty && found->application != APPLICATION_ID)
        return err_set(reterr, ERR_STORE, "'%s' is a database of another program; name another file with --db",
                       store->path);
    if (found->version > SCHEMA_VERSION)
        return err_set(reterr, ERR_STORE, "'%s' has schema %lld, made by a newer marblebone; this one knows schema %d",
                       store->path, (long long)found->version, (int)SCHEMA_VERSION);
    if (read_only && found->version == 0)
        return err_set(reterr, ERR_STORE, "'%s' holds no results of this marblebone; 'marblebone run' makes them",
                       store->path);
    return true;
}

/* Reads the mark again under the lock: meanwhile another process may have brought the schema up to date. */
static bool migrate_schema(Store *store, Err *reterr)
{
    FileMark found;
    if (!store_execute(store, "make the schema of", "BEGIN IMMEDIATE", reterr) || !read_mark(store, &found, reterr) ||
        !check_schema(store, &found, false, reterr))
        return false;
    for (size_t i = (size_t)found.version; i < SCHEMA_VERSION; i++)
        if (!store_execute(store, "make the schema of", SCHEMA_SQL[i], reterr))
            return false;
    SCOPED(arena_close) Arena *scratch = arena_open();
    const char *stamp = arena_print(scratch, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
                                    (int)SCHEMA_VERSION);
    return store_execute(store, "make the schema of", VIEWS_SQL, reterr) &&
           store_execute(store, "make the schema of", stamp, reterr) && store_build_views(store, reterr) &&
           store_execute(store, "make the schema of", "COMMIT", reterr);
}

/* Sets the journal to WAL, which the file remembers. While another process opens the same new file, SQLite refuses at
 * once, without waiting. Then that process sets it, or the next one does; without it everything is as safe, only
 * slower. */
static bool set_journal(Store *store, Err *reterr)
{
    int code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if (code != SQLITE_OK && code != SQLITE_BUSY)
        return store_fail(store, "open", reterr);
    return store_execute(store, "open", "PRAGMA synchronous = NORMAL", reterr);
}

/* Readers know the newest schema only, so a writer brings the file up to date first. SQLite sees by itself that the
 * schema changed. */
static bool migrate_to_read(const Store *store, const FileMark *found, Err *reterr)
{
    SCOPED(store_close) Store *writer = NULL;
    if (store_open(store->path, false, &writer, reterr))
        return true;
    (void)err_note(reterr, "it has schema %lld, which must be brought to schema %d before it can be read",
                   (long long)found->version, (int)SCHEMA_VERSION);
    return false;
}

static bool prepare_file(Store *store, bool read_only, Err *reterr)
{
    FileMark found;
    sqlite3_busy_timeout(store->db, BUSY_MS);
    /* One transaction for all three numbers: another process may be making the schema just now. */
    if (!store_execute(store, "open", "PRAGMA foreign_keys = ON; BEGIN", reterr) || !read_mark(store, &found, reterr) ||
        !store_execute(store, "open", "COMMIT", reterr) || !check_schema(store, &found, read_only, reterr))
        return false;
    if (!read_only && !set_journal(store, reterr))
        return false;
    if (found.version == SCHEMA_VERSION)
        return true;
    return read_only ? migrate_to_read(store, &found, reterr) : migrate_schema(store, reterr);
}

static bool open_as(Store *store, const char *name, int flags, Err *reterr)
{
    if (sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return store_fail(store, "open", reterr);
    return prepare_file(store, (flags & SQLITE_OPEN_READONLY) != 0, reterr);
}

/* Opens a database in a folder that nobody can write to. SQLite cannot make the files there that readers of a WAL
 * share; without a WAL they need none. What stands in a WAL can be read only where its folder is writable. */
static bool open_immutable(Store *store, Err *reterr)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    struct stat status;
    if (stat(arena_print(scratch, "%s-wal", store->path), &status) == 0 && status.st_size > 0)
        return err_set(reterr, ERR_STORE,
                       "cannot read '%s': an interrupted run left results in '%s-wal', which can be read only in a "
                       "folder that is writable; copy both files to one",
                       store->path, store->path);
    Text name = text_new(scratch);
    text_print(&name, "file:");
    for (const char *c = store->path; *c != '\0'; c++)
        text_print(&name, "%%%02X", (unsigned)(unsigned char)*c);
    text_print(&name, "?immutable=1");
    sqlite3_close(store->db);
    store->db = NULL;
    return open_as(store, text_string(&name), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, reterr);
}

/* Undoes what a process had begun to write when it was killed, or when the power failed. A reader may not do that;
 * SQLite does it when a connection that may write reads. This is needed rarely: only a database whose schema was being
 * made has such a journal. */
static bool undo_unfinished(const Store *store)
{
    sqlite3 *db = NULL;
    bool undone = sqlite3_open_v2(store->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
                  sqlite3_busy_timeout(db, BUSY_MS) == SQLITE_OK &&
                  sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(db);
    return undone;
}

static bool reopen_to_read(Store *store, Err *reterr)
{
    int code = sqlite3_errcode(store->db);
    if (code == SQLITE_CANTOPEN)
        return open_immutable(store, reterr);
    if (code != SQLITE_READONLY || !undo_unfinished(store))
        return false;
    sqlite3_close(store->db);
    store->db = NULL;
    return open_as(store, store->path, SQLITE_OPEN_READONLY, reterr);
}

bool store_open(const char *path, bool read_only, Store **ret_store, Err *reterr)
{
    Arena *arena = arena_open();
    SCOPED(store_close) Store *store = NEW(arena, Store);
    store->arena = arena;
    store->path = arena_copy_text(arena, path, strlen(path));
    store->summary_bytes = SUMMARY_BYTES;
    if (path[0] == '\0') /* SQLite would take it for a file that ends with the program */
        return err_set(reterr, ERR_STORE, "the name of the database is empty");
    struct stat status;
    bool is_there = stat(path, &status) == 0;
    if (read_only && !is_there)
        return err_set(reterr, ERR_STORE, "there is no database '%s'; 'marblebone run' makes one", path);
    if (is_there && S_ISDIR(status.st_mode))
        return err_set(reterr, ERR_STORE, "'%s' is a folder, not a database", path);
    bool is_open =
        open_as(store, path, read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, reterr);
    if (!is_open && !(read_only && reopen_to_read(store, reterr)))
        return false;
    *ret_store = store;
    store = NULL; /* handed over */
    return true;
}
