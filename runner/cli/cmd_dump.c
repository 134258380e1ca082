/* SPDX-License-Identifier: Apache-2.0
 *
 * marblebone dump: writes the contents of a database as lines that a text comparison can compare.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "store/store.h"

static bool write_line(void *context, const char *bytes, size_t n, Err *reterr)
{
    return fwrite(bytes, 1, n, context) == n ||
           err_set(reterr, ERR_STORE, "cannot write the dump: %s", strerror(errno));
}

int cmd_dump(Arena *arena, const CliOptions *options)
{
    (void)arena;
    Err err = {0};
    SCOPED(store_close) Store *store = NULL;
    if (!store_open(options->args[0], true, &store, &err))
        return console_error(&err);
    FILE *file = options->output != NULL ? fopen(options->output, "wb") : stdout;
    bool done = file != NULL && store_dump(store, options->experiment, write_line, file, &err);
    if (file != stdout && (file == NULL || fclose(file) != 0) && err.kind == ERR_NONE)
        done = err_set(&err, ERR_STORE, "cannot write '%s': %s", options->output, strerror(errno));
    return done ? EXIT_AGREES : console_error(&err);
}
