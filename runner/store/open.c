/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening: is this file ours, and of which schema? Making it, or migrating it.
 */
#include <string.h>
#include <sys/stat.h>

#include "schema_sql.h"
#include "store/store_priv.h"

enum { APPLICATION_ID = 0x6D624F31 /* "mbO1" */, BUSY_MS = 5000 };

/* For values that are kept to find quartiles. Processor time of the summaries, measured: of two cohorts of 50,000 mice
 * (four ages, 117 values an animal) 32 MiB take 1.46 s, 16 and 8 take 1.38 and 1.34, 4 take 2.0 (two scans do not do
 * then), 2 take 3.2; of two of 300,000, copied from these with noise, 32, 16 and 8 MiB take 8.8, 12.6 and 16.2 s. */
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

/* What a file says of itself. */
typedef struct Found {
    int64_t tables, application, version;
} Found;

static bool look(Store *store, Found *ret_found, Err *reterr)
{
    return store_query_count(store, &ret_found->tables, reterr, "SELECT count(*) FROM sqlite_schema", "") &&
           store_query_count(store, &ret_found->application, reterr, "PRAGMA application_id", "") &&
           store_query_count(store, &ret_found->version, reterr, "PRAGMA user_version", "");
}

/* A file that SQLite opens, but that is not ours or not yet. Nothing is written before this. */
static bool check_schema(const Store *store, const Found *found, bool read_only, Err *reterr)
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

/* Looks again under the lock: another process may have done it in the meantime. */
static bool migrate(Store *store, Err *reterr)
{
    Found found;
    if (!store_execute(store, "make the schema of", "BEGIN IMMEDIATE", reterr) || !look(store, &found, reterr) ||
        !check_schema(store, &found, false, reterr))
        return false;
    for (size_t i = (size_t)found.version; i < SCHEMA_VERSION; i++)
        if (!store_execute(store, "make the schema of", SCHEMA_SQL[i], reterr))
            return false;
    SCOPED(arena_close) Arena *scratch = arena_open();
    const char *stamp = arena_print(scratch, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
                                    (int)SCHEMA_VERSION);
    return store_execute(store, "make the schema of", VIEWS_SQL, reterr) &&
           store_execute(store, "make the schema of", stamp, reterr) && store_make_views(store, reterr) &&
           store_execute(store, "make the schema of", "COMMIT", reterr);
}

/* The file remembers WAL. SQLite refuses it at once, without waiting, while another process opens a new file, too: then
 * that one sets it, or the next; without it everything is as safe, only slower. */
static bool set_journal(Store *store, Err *reterr)
{
    int code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if (code != SQLITE_OK && code != SQLITE_BUSY)
        return store_fail(store, "open", reterr);
    return store_execute(store, "open", "PRAGMA synchronous = NORMAL", reterr);
}

/* Readers know the newest schema only. A connection that sees it change looks at it again by itself. */
static bool migrate_to_read(const Store *store, const Found *found, Err *reterr)
{
    SCOPED(store_close) Store *writer = NULL;
    if (store_open(store->path, false, &writer, reterr))
        return true;
    (void)err_note(reterr, "it has schema %lld, and is brought to schema %d before it is read",
                   (long long)found->version, (int)SCHEMA_VERSION);
    return false;
}

static bool prepare_file(Store *store, bool read_only, Err *reterr)
{
    Found found;
    sqlite3_busy_timeout(store->db, BUSY_MS);
    /* One transaction for the look: another process may be making the schema just now. */
    if (!store_execute(store, "open", "PRAGMA foreign_keys = ON; BEGIN", reterr) || !look(store, &found, reterr) ||
        !store_execute(store, "open", "COMMIT", reterr) || !check_schema(store, &found, read_only, reterr))
        return false;
    if (!read_only && !set_journal(store, reterr))
        return false;
    if (found.version == SCHEMA_VERSION)
        return true;
    return read_only ? migrate_to_read(store, &found, reterr) : migrate(store, reterr);
}

static bool open_as(Store *store, const char *name, int flags, Err *reterr)
{
    if (sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return store_fail(store, "open", reterr);
    return prepare_file(store, (flags & SQLITE_OPEN_READONLY) != 0, reterr);
}

/* Where nothing can be written SQLite cannot make the files that readers of a WAL share. Without a WAL they need none.
 * What is left in one can be read where its folder is writable only. */
static bool open_immutable(Store *store, Err *reterr)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    struct stat status;
    if (stat(arena_print(scratch, "%s-wal", store->path), &status) == 0 && status.st_size > 0)
        return err_set(reterr, ERR_STORE,
                       "cannot read '%s': what an interrupted run left in '%s-wal' needs a folder that can be written "
                       "to; copy both there",
                       store->path, store->path);
    Text name = text_new(scratch);
    text_print(&name, "file:");
    for (const char *c = store->path; *c != '\0'; c++)
        text_print(&name, "%%%02X", (unsigned)(unsigned char)*c);
    text_print(&name, "?immutable=1");
    sqlite3_close(store->db);
    store->db = NULL;
    return open_as(store, text_end(&name), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, reterr);
}

/* Who only reads may not undo what a process had begun to write when it was killed, or the power failed; who may write
 * does so by looking. Wanted rarely: a database that is being made, or migrated, has a journal of this kind. */
static bool undo_by_looking(const Store *store)
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
    if (code != SQLITE_READONLY || !undo_by_looking(store))
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
