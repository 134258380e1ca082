/* SPDX-License-Identifier: Apache-2.0
 *
 * Prepares, binds and steps SQL statements, and turns every failure into an Err.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "store/store_priv.h"

/* What a code of SQLite means and what to do about it; it follows "cannot write 'r.db': ". NULL: SQLite's own message
 * is clear enough. */
static const char *advice_of(int code, int system_code)
{
    static const char FULL[] = "the disk is full; make room, then run the same command again: what is stored stays";
    static const char READ_ONLY[] = "the file or its folder is read-only";
    switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "another process is writing to it; wait until it is done";
    case SQLITE_READONLY: return READ_ONLY;
    case SQLITE_NOTADB: return "file is not a database; name another file with --db";
    case SQLITE_CORRUPT: return "the file is damaged or cannot be read; go back to a copy, or name another with --db";
    case SQLITE_NOMEM: return "out of memory; nothing that was stored is lost";
    case SQLITE_FULL: return FULL;
    case SQLITE_IOERR: return system_code == ENOSPC || system_code == EDQUOT ? FULL : NULL;
    case SQLITE_CANTOPEN: /* SQLite then tries to open read-only: its own message is not about the first failure */
        return system_code == ENOSPC ? FULL
               : system_code == EACCES || system_code == EROFS || system_code == ENOENT || system_code == ENOTDIR
                   ? "its folder does not exist, or you may not write there"
                   : NULL;
    default: return NULL;
    }
}

/* The system's error code. SQLite keeps it for some failures only; after a failure of a disk errno still holds it. */
static int system_code_of(const Store *store)
{
    int kept = sqlite3_system_errno(store->db), last = errno;
    bool of_disk = last == ENOSPC || last == EDQUOT || last == EFBIG || last == EIO;
    return kept == 0 && of_disk ? last : kept;
}

bool store_fail(const Store *store, const char *doing, Err *reterr)
{
    int system_code = system_code_of(store), code = sqlite3_errcode(store->db) & 0xFF;
    ErrKind kind = code == SQLITE_NOMEM ? ERR_MEMORY : ERR_STORE;
    const char *advice = advice_of(code, system_code);
    err_set(reterr, kind, "cannot %s '%s': %s", doing, store->path,
            advice != NULL ? advice : sqlite3_errmsg(store->db));
    if (code == SQLITE_IOERR && advice == NULL)
        err_note(reterr, "%s; when the disk works again, run the same command again: what is stored stays",
                 system_code != 0 ? strerror(system_code) : "writing or reading failed");
    else if (code == SQLITE_CANTOPEN && advice == NULL && system_code != 0)
        err_note(reterr, "%s", strerror(system_code));
    return false;
}

bool store_execute(Store *store, const char *doing, const char *sql, Err *reterr)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK || store_fail(store, doing, reterr);
}

void store_roll_back(Store *store)
{
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

void store_statement_close(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
    *statement = NULL;
}

/* SQLite does not copy the texts (SQLITE_STATIC): here they live longer than every step of their statement. */
static int bind_one(sqlite3_stmt *statement, int place, char type, va_list *args)
{
    if (type == 'i')
        return sqlite3_bind_int64(statement, place, va_arg(*args, int64_t));
    if (type == 'd') {
        double value = va_arg(*args, double);
        return isnan(value) ? sqlite3_bind_null(statement, place) : sqlite3_bind_double(statement, place, value);
    }
    ASSERT(type == 's');
    const char *text = va_arg(*args, const char *);
    return text != NULL ? sqlite3_bind_text(statement, place, text, -1, SQLITE_STATIC)
                        : sqlite3_bind_null(statement, place);
}

static bool bind_all(Store *store, sqlite3_stmt *statement, Err *reterr, const char *types, va_list *args)
{
    for (int i = 0; types[i] != '\0'; i++)
        if (bind_one(statement, i + 1, types[i], args) != SQLITE_OK)
            return store_fail(store, "use", reterr);
    return true;
}

bool store_bind(Store *store, sqlite3_stmt *statement, Err *reterr, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    sqlite3_reset(statement);
    bool bound = bind_all(store, statement, reterr, types, &args);
    va_end(args);
    return bound;
}

static bool prepare_and_bind(Store *store, sqlite3_stmt **ret_statement, Err *reterr, const char *sql,
                             const char *types, va_list *args)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return store_fail(store, "read", reterr);
    if (!bind_all(store, statement, reterr, types, args)) {
        sqlite3_finalize(statement);
        return false;
    }
    *ret_statement = statement;
    return true;
}

bool store_prepare(Store *store, sqlite3_stmt **ret_statement, Err *reterr, const char *sql, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    bool prepared = prepare_and_bind(store, ret_statement, reterr, sql, types, &args);
    va_end(args);
    return prepared;
}

bool store_step(Store *store, sqlite3_stmt *statement, bool *ret_row, Err *reterr)
{
    int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return store_fail(store, sqlite3_stmt_readonly(statement) ? "read" : "write", reterr);
    *ret_row = code == SQLITE_ROW;
    return true;
}

bool store_run_once(Store *store, Err *reterr, const char *sql, const char *types, ...)
{
    SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
    bool row;
    va_list args;
    va_start(args, types);
    bool done = prepare_and_bind(store, &statement, reterr, sql, types, &args) &&
                store_step(store, statement, &row, reterr);
    va_end(args);
    return done;
}

bool store_query_count(Store *store, int64_t *ret_count, Err *reterr, const char *sql, const char *types, ...)
{
    SCOPED(store_statement_close) sqlite3_stmt *statement = NULL;
    bool row = false;
    va_list args;
    va_start(args, types);
    bool done = prepare_and_bind(store, &statement, reterr, sql, types, &args) &&
                store_step(store, statement, &row, reterr);
    va_end(args);
    if (done)
        *ret_count = row ? sqlite3_column_int64(statement, 0) : 0;
    return done;
}

const char *store_column_peek(sqlite3_stmt *statement, int column)
{
    bool is_null = sqlite3_column_type(statement, column) == SQLITE_NULL;
    const char *text = (const char *)sqlite3_column_text(statement, column);
    if (text == NULL && !is_null)
        out_of_memory();
    return text;
}

const char *store_column_text(Arena *arena, sqlite3_stmt *statement, int column)
{
    const char *text = store_column_peek(statement, column);
    return text != NULL ? arena_copy_text(arena, text, (size_t)sqlite3_column_bytes(statement, column)) : NULL;
}
