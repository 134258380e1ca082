/* SPDX-License-Identifier: Apache-2.0
 *
 * Diagnostics that point into a file. Loaders add to a Diags and go on where they can, so that one `check` shows up to
 * DIAGS_MAX faults; the rest are counted. Only cli/ prints them.
 *
 *   models/x.yaml:41:22: error: unknown symbol 'k_catt' in the rate of 'C'
 *      41 |     rate: V*k_catt*RANKL
 *         |             ^~~~~~
 *     hint: did you mean 'k_cat'?  [model.unknown-symbol]
 */
#ifndef MB_BASE_DIAG_H
#define MB_BASE_DIAG_H

#include "base/arena.h"
#include "base/contract.h"

struct Text;
enum { DIAGS_MAX = 20, DIAGS_COUNTED = 1000, DIAGS_COMPARED = 200000 };

/* A file as it was read. Lives as long as anything that points into it. */
typedef struct Source {
    const char *path;
    const char *text;
    size_t length;
} Source;

/* A place in a source. Lines and columns are 1-based; columns count bytes. line 0: the file as a whole. */
typedef struct Where {
    const Source *source;
    uint32_t line, column;
    uint32_t length;     /* how much to underline; 0 is taken as 1 */
    const char *excerpt; /* not NULL: show this one-line text instead of the source line (for text that the file spreads
                            over several lines), with the caret at excerpt_column (1-based) */
    uint32_t excerpt_column;
} Where;

typedef enum Severity { SEVERITY_ERROR, SEVERITY_WARNING } Severity;

typedef struct Diag {
    Severity severity;
    const char *id; /* stable, "room.what-is-wrong" */
    Where where;
    const char *text;
    const char *hint; /* NULL: none */
} Diag;

typedef struct Diags {
    Arena *arena; /* texts live here */
    size_t n;     /* kept */
    size_t n_errors, n_warnings, n_dropped;
    size_t n_compared; /* words, for suggestions */
    Diag list[DIAGS_MAX];
} Diags;

Diags diags_new(Arena *arena);

/* `hint` may be NULL. Always returns false. */
bool diag_error(Diags *diags, const char *id, Where where, const char *hint, const char *format, ...) PRINTF_LIKE(5, 6);
void diag_warn(Diags *diags, const char *id, Where where, const char *hint, const char *format, ...) PRINTF_LIKE(5, 6);

/* Adds what `more` holds; an error at the same place with the same words as one that is there is not said twice. */
void diags_take(Diags *diags, const Diags *more);

/* DIAGS_COUNTED errors: loaders stop looking for more. */
bool diags_full(const Diags *diags);

/* "did you mean 'x'?" on the arena when one of `names` is near `word`, else NULL. */
const char *diag_suggest(Arena *arena, const char *word, const char *const *names, size_t n_names);

/* The same for a diagnostic, and NULL when DIAGS_COMPARED names were compared for these before: a file with thousands
 * of misspelt names costs seconds at most. */
const char *diags_suggest(Diags *diags, const char *word, const char *const *names, size_t n_names);

/* Appends the rendering shown above; control characters and invalid UTF-8 of the file come out as '?'. */
void diag_show(const Diag *diag, struct Text *text);

#endif
