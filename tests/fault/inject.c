/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded, it lets one call fail: the FAULT_AT-th of FAULT_KIND (and, with FAULT_MORE, all that follow). What is
 * counted can be restricted to calls from libraries whose path holds one of the words of FAULT_FROM.
 *
 *   malloc    malloc, calloc, realloc give NULL, ENOMEM
 *   write     write, pwrite: ENOSPC                       short     the same write half of what they are given
 *   sync      fsync, fdatasync: EIO                       truncate  ftruncate, truncate: EIO
 *   open      open, openat, fopen: EMFILE                 read      read, pread: EIO
 *   thread    pthread_create: EAGAIN
 *   sql       sqlite3_prepare_v2, sqlite3_step, sqlite3_exec of the program give FAULT_CODE, and so do
 *             sqlite3_errcode and sqlite3_errmsg afterwards
 *   solver    what sets SUNDIALS up gives CV_MEM_FAIL or NULL
 *   cvode     what integrates gives FAULT_CODE
 *   leak      nothing fails: memory is lost, for the leak sanitizer to find
 *
 * FAULT_CODE takes the place of errno, too. FAULT_LOG names a file that is made when a call fails: without it the
 * program had fewer calls than FAULT_AT.
 */
#define _GNU_SOURCE
#undef _FILE_OFFSET_BITS /* else open and open64 are one */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cvode/cvode.h>
#include <cvode/cvode_ls.h>
#include <sqlite3.h>
#include <sundials/sundials_context.h>

#define EXPORT __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

/* ---- which call ---- */

enum { MAX_RANGES = 32 };

static struct {
    const char *kind, *log;
    long at;
    bool more;
    int code;
    bool restricted;
    struct {
        uintptr_t low, high;
    } ranges[MAX_RANGES]; /* of the libraries that are counted */
    size_t n_ranges;
} fault;

static atomic_long n_calls;
static void *volatile lost;
static atomic_int sql_code; /* what sqlite3_errcode is to say; 0: the truth */

static bool has_word(const char *words, const char *path)
{
    char word[64];
    for (; *words != '\0'; words += strspn(words, ",")) {
        size_t length = strcspn(words, ",");
        snprintf(word, sizeof word, "%.*s", (int)length, words);
        if (strstr(path, word) != NULL)
            return true;
        words += length;
    }
    return false;
}

/* The program itself has no path here. */
static int add_range(struct dl_phdr_info *info, size_t size, void *words)
{
    (void)size;
    if (!has_word(words, info->dlpi_name[0] != '\0' ? info->dlpi_name : "program"))
        return 0;
    for (size_t i = 0; i < info->dlpi_phnum && fault.n_ranges < MAX_RANGES; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t low = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) != 0) {
            fault.ranges[fault.n_ranges].low = low;
            fault.ranges[fault.n_ranges++].high = low + segment->p_memsz;
        }
    }
    return 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("FAULT_AT"), *code = getenv("FAULT_CODE"), *from = getenv("FAULT_FROM");
    fault.log = getenv("FAULT_LOG");
    fault.more = getenv("FAULT_MORE") != NULL;
    fault.code = code != NULL ? atoi(code) : 0;
    fault.at = at != NULL ? atol(at) : 0;
    fault.restricted = from != NULL;
    if (from != NULL)
        dl_iterate_phdr(add_range, (void *)(uintptr_t)from);
    fault.kind = getenv("FAULT_KIND"); /* last: from here on calls are counted */
    if (fault.kind != NULL && strcmp(fault.kind, "leak") == 0) {
        for (int i = 0; i < 100; i++) /* the last may still be seen in a register */
            lost = strdup("lost");
        lost = NULL;
    }
}

static bool is_counted(const void *caller)
{
    uintptr_t place = (uintptr_t)caller;
    for (size_t i = 0; i < fault.n_ranges; i++)
        if (place >= fault.ranges[i].low && place < fault.ranges[i].high)
            return true;
    return !fault.restricted;
}

/* Nothing here may call what is wrapped below. */
static void note(void)
{
    if (fault.log != NULL)
        syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, fault.log, O_CREAT | O_WRONLY, 0600));
}

static bool fails(const char *kind, const void *caller)
{
    if (fault.kind == NULL || strcmp(fault.kind, kind) != 0 || !is_counted(caller))
        return false;
    long n = atomic_fetch_add(&n_calls, 1) + 1;
    if (n != fault.at && !(fault.more && n > fault.at && fault.at > 0))
        return false;
    note();
    return true;
}

/* The function itself, or the sanitizer's. */
static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

#define NEXT(name)                                                                                                     \
    static __typeof__(&name) real;                                                                                     \
    if (real == NULL)                                                                                                  \
        *(void **)&real = next(#name);

/* ---- memory ---- */

EXPORT void *malloc(size_t size)
{
    NEXT(malloc)
    if (!fails("malloc", CALLER))
        return real(size);
    errno = ENOMEM;
    return NULL;
}

EXPORT void *calloc(size_t n, size_t size)
{
    NEXT(calloc)
    if (!fails("malloc", CALLER))
        return real(n, size);
    errno = ENOMEM;
    return NULL;
}

EXPORT void *realloc(void *memory, size_t size)
{
    NEXT(realloc)
    if (!fails("malloc", CALLER))
        return real(memory, size);
    errno = ENOMEM;
    return NULL;
}

/* ---- files ---- */

static bool fails_as(const char *kind, const void *caller, int code)
{
    if (!fails(kind, caller))
        return false;
    errno = fault.code != 0 ? fault.code : code;
    return true;
}

EXPORT ssize_t write(int file, const void *bytes, size_t n)
{
    NEXT(write)
    bool is_short = n > 1 && fails("short", CALLER);
    return fails_as("write", CALLER, ENOSPC) ? -1 : real(file, bytes, is_short ? n / 2 : n);
}

EXPORT ssize_t pwrite(int file, const void *bytes, size_t n, off_t at)
{
    NEXT(pwrite)
    bool is_short = n > 1 && fails("short", CALLER);
    return fails_as("write", CALLER, ENOSPC) ? -1 : real(file, bytes, is_short ? n / 2 : n, at);
}

EXPORT ssize_t pwrite64(int file, const void *bytes, size_t n, off64_t at)
{
    NEXT(pwrite64)
    bool is_short = n > 1 && fails("short", CALLER);
    return fails_as("write", CALLER, ENOSPC) ? -1 : real(file, bytes, is_short ? n / 2 : n, at);
}

EXPORT ssize_t read(int file, void *bytes, size_t n)
{
    NEXT(read)
    return fails_as("read", CALLER, EIO) ? -1 : real(file, bytes, n);
}

EXPORT ssize_t pread64(int file, void *bytes, size_t n, off64_t at)
{
    NEXT(pread64)
    return fails_as("read", CALLER, EIO) ? -1 : real(file, bytes, n, at);
}

EXPORT int fsync(int file)
{
    NEXT(fsync)
    return fails_as("sync", CALLER, EIO) ? -1 : real(file);
}

EXPORT int fdatasync(int file)
{
    NEXT(fdatasync)
    return fails_as("sync", CALLER, EIO) ? -1 : real(file);
}

EXPORT int ftruncate(int file, off_t size)
{
    NEXT(ftruncate)
    return fails_as("truncate", CALLER, EIO) ? -1 : real(file, size);
}

EXPORT int ftruncate64(int file, off64_t size)
{
    NEXT(ftruncate64)
    return fails_as("truncate", CALLER, EIO) ? -1 : real(file, size);
}

EXPORT int truncate64(const char *path, off64_t size)
{
    NEXT(truncate64)
    return fails_as("truncate", CALLER, EIO) ? -1 : real(path, size);
}

/* SQLite alone calls these here, and always with a mode. */
EXPORT int open(const char *path, int flags, ...)
{
    NEXT(open)
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return fails_as("open", CALLER, EMFILE) ? -1 : real(path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...)
{
    NEXT(open64)
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return fails_as("open", CALLER, EMFILE) ? -1 : real(path, flags, mode);
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
    NEXT(fopen)
    return fails_as("open", CALLER, EMFILE) ? NULL : real(path, mode);
}

EXPORT FILE *fopen64(const char *path, const char *mode)
{
    NEXT(fopen64)
    return fails_as("open", CALLER, EMFILE) ? NULL : real(path, mode);
}

/* ---- threads ---- */

EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *arg)
{
    NEXT(pthread_create)
    return fails("thread", CALLER) ? EAGAIN : real(thread, attributes, work, arg);
}

/* ---- SQLite ---- */

static bool sql_fails(const void *caller)
{
    bool failed = fails("sql", caller);
    atomic_store(&sql_code, failed ? fault.code : 0);
    return failed;
}

EXPORT int sqlite3_prepare_v2(sqlite3 *db, const char *sql, int length, sqlite3_stmt **ret_statement, const char **tail)
{
    NEXT(sqlite3_prepare_v2)
    *ret_statement = NULL;
    return sql_fails(CALLER) ? fault.code : real(db, sql, length, ret_statement, tail);
}

EXPORT int sqlite3_step(sqlite3_stmt *statement)
{
    NEXT(sqlite3_step)
    return sql_fails(CALLER) ? fault.code : real(statement);
}

EXPORT int sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *self,
                        char **message)
{
    NEXT(sqlite3_exec)
    return sql_fails(CALLER) ? fault.code : real(db, sql, row, self, message);
}

EXPORT int sqlite3_errcode(sqlite3 *db)
{
    NEXT(sqlite3_errcode)
    int code = atomic_load(&sql_code);
    return code != 0 ? code : real(db);
}

EXPORT const char *sqlite3_errmsg(sqlite3 *db)
{
    NEXT(sqlite3_errmsg)
    int code = atomic_load(&sql_code);
    return code != 0 ? sqlite3_errstr(code) : real(db);
}

/* ---- SUNDIALS ---- */

EXPORT int SUNContext_Create(void *communicator, SUNContext *ret_context)
{
    NEXT(SUNContext_Create)
    return fails("solver", CALLER) ? -1 : real(communicator, ret_context);
}

EXPORT void *CVodeCreate(int method, SUNContext context)
{
    NEXT(CVodeCreate)
    return fails("solver", CALLER) ? NULL : real(method, context);
}

EXPORT int CVodeInit(void *cvode, CVRhsFn rates, sunrealtype t, N_Vector y)
{
    NEXT(CVodeInit)
    return fails("solver", CALLER) ? CV_MEM_FAIL : real(cvode, rates, t, y);
}

EXPORT int CVodeReInit(void *cvode, sunrealtype t, N_Vector y)
{
    NEXT(CVodeReInit)
    return fails("cvode", CALLER) ? fault.code : real(cvode, t, y);
}

EXPORT int CVodeSetLinearSolver(void *cvode, SUNLinearSolver solver, SUNMatrix matrix)
{
    NEXT(CVodeSetLinearSolver)
    return fails("solver", CALLER) ? CV_MEM_FAIL : real(cvode, solver, matrix);
}

EXPORT int CVode(void *cvode, sunrealtype until, N_Vector y, sunrealtype *t, int task)
{
    NEXT(CVode)
    return fails("cvode", CALLER) ? fault.code : real(cvode, until, y, t, task);
}

EXPORT int CVodeGetDky(void *cvode, sunrealtype t, int k, N_Vector derivative)
{
    NEXT(CVodeGetDky)
    return fails("cvode", CALLER) ? fault.code : real(cvode, t, k, derivative);
}

EXPORT int CVodeRootInit(void *cvode, int n, CVRootFn roots)
{
    NEXT(CVodeRootInit)
    return fails("solver", CALLER) ? CV_MEM_FAIL : real(cvode, n, roots);
}
