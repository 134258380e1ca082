/* SPDX-License-Identifier: Apache-2.0
 *
 * The option table: one row drives parsing, ranges, --help and the test of the man page.
 */
#ifndef MB_CLI_OPT_H
#define MB_CLI_OPT_H

#include "cli/cli.h"

typedef enum OptionType { OPTION_FLAG, OPTION_TEXT, OPTION_LIST, OPTION_COUNT, OPTION_NUMBER, OPTION_CPU } OptionType;

typedef struct OptionRow {
    const char *name;                   /* without the dashes */
    char letter;                        /* 0: none */
    const char *placeholder, *commands; /* names with blanks around: " run check " */
    OptionType type;
    size_t offset;    /* of the value in CliOptions */
    double low, high; /* numbers and counts */
    const char *fallback, *help;
} OptionRow;

/* The rows; the last has no name. */
extern const OptionRow option_rows[];

#endif
