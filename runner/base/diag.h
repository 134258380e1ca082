/* SPDX-License-Identifier: Apache-2.0
 *
 * diag: diagnostics that point into a file. A loader adds to a Diags and continues where it can, so that one `check`
 * shows up to DIAGS_MAX faults; further ones are only counted. Only cli/ prints diagnostics.
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

/* The text of a file. It must outlive everything that points into it. */
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

/* Adds an error. `id` and `hint` are borrowed; `hint` may be NULL. Always returns false. */
bool diag_error(Diags *diags, const char *id, Where where, const char *hint, const char *format, ...) PRINTF_LIKE(5, 6);
void diag_warn(Diags *diags, const char *id, Where where, const char *hint, const char *format, ...) PRINTF_LIKE(5, 6);

/* Adds all diagnostics of `more`, but not an error that `diags` already has at the same place with the same text. */
void diags_take(Diags *diags, const Diags *more);

/* True when there are DIAGS_COUNTED errors: loaders then stop looking for more. */
bool diags_full(const Diags *diags);

/* Returns "did you mean 'x'?" on the arena when one of `names` is near `word`, else NULL. */
const char *diag_suggest(Arena *arena, const char *word, const char *const *names, size_t n_names);

/* The same as diag_suggest, but returns NULL once it has compared DIAGS_COMPARED names for this Diags, so that a file
 * with thousands of misspelt names takes seconds at most. */
const char *diags_suggest(Diags *diags, const char *word, const char *const *names, size_t n_names);

/* Appends the diagnostic as shown above. Control characters and invalid UTF-8 of the file are shown as '?'. */
void diag_show(const Diag *diag, struct Text *text);

#endif
