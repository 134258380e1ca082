/* SPDX-License-Identifier: Apache-2.0
 *
 * err: one error that something outside the program caused (a file, a database, an integrator). The caller owns it. It
 * has a fixed size and borrows nothing, so it can be copied into a record. Faults in a YAML file are Diags (diag.h).
 * err_set and err_note return false, so failing is one statement: `return err_set(reterr, ERR_STORE, "...");`
 */
#ifndef MB_BASE_ERR_H
#define MB_BASE_ERR_H

#include "base/contract.h"

/* kind, exit code of the program, name */
#define ERR_KINDS(X)                                                                                                   \
    X(ERR_NONE, 0, "none")                                                                                             \
    X(ERR_USAGE, 2, "usage")                                                                                           \
    X(ERR_INPUT, 3, "input")                                                                                           \
    X(ERR_SOLVE, 4, "solve")                                                                                           \
    X(ERR_STORE, 5, "store")                                                                                           \
    X(ERR_MEMORY, 5, "memory")

typedef enum ErrKind {
#define X(kind, exit_code, name) kind,
    ERR_KINDS(X)
#undef X
} ErrKind;

typedef struct Err {
    ErrKind kind;
    char text[512]; /* lower case, no full stop, the subject in quotes; truncated if longer */
} Err;

bool err_set(Err *reterr, ErrKind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* Appends ": <note>", a context that only the caller knows. Returns false. */
bool err_note(Err *reterr, const char *format, ...) PRINTF_LIKE(2, 3);

int err_exit_code(ErrKind kind);
const char *err_name(ErrKind kind);

#endif
