/* SPDX-License-Identifier: Apache-2.0
 *
 * marblebone compare DB REFERENCE.yaml [--run N] [--strict]
 */
#ifndef MB_CLI_CMD_COMPARE_H
#define MB_CLI_CMD_COMPARE_H

#include "base/base.h"

typedef struct CompareOptions {
    const char *db, *reference; /* paths */
    uint64_t run;               /* 0: the newest run of the reference's experiment */
    bool strict;                /* an uncertain row fails too */
} CompareOptions;

/* Verdicts on stdout, diagnostics and errors on stderr. Returns the exit code: 0 every row agrees, 1 a row differs or
 * is missing (strict: or is uncertain), 3 bad reference or no such run, 5 store or file. */
int compare_run(const CompareOptions *options);

#endif
