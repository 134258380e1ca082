/* SPDX-License-Identifier: Apache-2.0
 *
 * cli: the commands and their options. The only room that prints: answers on stdout; progress, diagnostics and errors
 * on stderr. Thread rule: only the main thread runs it; the progress functions are called by that thread, too.
 */
#ifndef MB_CLI_CLI_H
#define MB_CLI_CLI_H

#include "base/base.h"
#include "plan/plan.h"

/* Exit codes of the program, beside those of err.h's kinds. */
enum {
    EXIT_AGREES = 0,
    EXIT_DIFFERS = 1,
    EXIT_USAGE = 2,
    EXIT_INPUT = 3,
    EXIT_ANIMALS_FAILED = 4,
    EXIT_FILE = 5,
    EXIT_BUG = 70,
    EXIT_INTERRUPTED = 130
};

/* The values of all options; each command reads the options that belong to it. */
typedef struct CliOptions {
    const char *db, *models, *stage, *format, *journal, *output, *experiment;
    uint64_t workers, run;
    uint64_t seed;
    bool has_seed, dry_run, quiet, strict, force, fresh, write, markdown;
    double rtol, animal_s, missing;
    CpuSet cpu;
    const char **cohorts;
    size_t n_cohorts;
    const char **args;
    size_t n_args;
    const char *command_line; /* as text, for provenance */
} CliOptions;

typedef struct Command {
    const char *name, *arguments, *summary;
    size_t min_args, max_args;
    int (*run)(Arena *arena, const CliOptions *options);
    const char *details; /* of --help */
    int (*run_as_worker_rank)(Arena *arena,
                              const CliOptions *options); /* called on ranks other than 0; NULL: they have no work */
} Command;

/* The commands, sorted by name; the name of the last row is NULL. */
extern const Command cli_commands[];

int cmd_check(Arena *arena, const CliOptions *options);
int cmd_compare(Arena *arena, const CliOptions *options);
int cmd_dump(Arena *arena, const CliOptions *options);
int cmd_fit(Arena *arena, const CliOptions *options);
int cmd_run(Arena *arena, const CliOptions *options);
int cmd_run_worker_rank(Arena *arena, const CliOptions *options);
int cmd_show(Arena *arena, const CliOptions *options);

/* options.c: parses argv[2..] for a command. On failure the message is in *reterr. */
MUST_CHECK bool options_parse(Arena *arena, const Command *command, int argc, char **argv, CliOptions *ret_options,
                              Err *reterr);
void options_show_help(const Command *command, Text *text);

/* interrupt.c: after this call, SIGINT and SIGTERM set the Stop that is returned; the second signal ends the program.
 * */
const Stop *interrupt_catch(void);
int interrupt_signal(void); /* the signal; 0: none */
void interrupt_ignore(void);

/* console.c */
void console_diags(const Diags *diags);                                /* to stderr, with a count at the end */
void console_note(const char *format, ...) PRINTF_LIKE(1, 2);          /* to stderr */
int console_error(const Err *err);                                     /* "marblebone: ..." to stderr; the exit code */
void console_text(Text *text);                                         /* to stdout */
PlanOptions cli_plan_options(Arena *arena, const CliOptions *options); /* folders with models */

#endif
