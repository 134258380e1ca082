/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the text of an error, and knows the exit code and the name of each kind.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

static const struct {
    int exit_code;
    const char *name;
} kinds[] = {
#define X(kind, exit_code, name) [kind] = {exit_code, name},
    ERR_KINDS(X)
#undef X
};

bool err_set(Err *reterr, ErrKind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    reterr->kind = kind;
    vsnprintf(reterr->text, sizeof reterr->text, format, args);
    va_end(args);
    return false;
}

bool err_note(Err *reterr, const char *format, ...)
{
    size_t length = strlen(reterr->text);
    va_list args;
    va_start(args, format);
    if (length + 2 < sizeof reterr->text) {
        memcpy(reterr->text + length, ": ", 3);
        vsnprintf(reterr->text + length + 2, sizeof reterr->text - length - 2, format, args);
    }
    va_end(args);
    return false;
}

int err_exit_code(ErrKind kind)
{
    return kinds[kind].exit_code;
}

const char *err_name(ErrKind kind)
{
    return kinds[kind].name;
}
