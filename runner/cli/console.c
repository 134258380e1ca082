/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints answers, diagnostics, notes and errors so that no name in them can steer the terminal.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "build_info.h"
#include "cli/cli.h"

/* Texts contain names from files and databases: characters that could control a terminal are shown as '?'. */
static void console_write(FILE *to, const char *bytes, size_t length)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Text clean = text_new(scratch);
    text_add_clean(&clean, bytes, length);
    fputs(text_string(&clean), to);
}

void console_text(Text *text)
{
    const char *bytes = text_string(text);
    console_write(stdout, bytes, text->length);
}

void console_note(const char *format, ...)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Text text = text_new(scratch);
    va_list args;
    va_start(args, format);
    text_vprint(&text, format, args);
    va_end(args);
    const char *bytes = text_string(&text);
    console_write(stderr, bytes, text.length);
}

int console_error(const Err *err)
{
    console_note("marblebone: %s\n", err->text);
    return err_exit_code(err->kind);
}

void console_diags(const Diags *diags)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Text text = text_new(scratch);
    for (size_t i = 0; i < diags->n; i++)
        diag_show(&diags->list[i], &text);
    if (diags->n_dropped > 0)
        text_print(&text, "and %zu more that are not shown\n", diags->n_dropped);
    if (diags->n_errors + diags->n_warnings > 0)
        text_print(&text, "%zu error%s, %zu warning%s\n", diags->n_errors, diags->n_errors == 1 ? "" : "s",
                   diags->n_warnings, diags->n_warnings == 1 ? "" : "s");
    fputs(text_string(&text), stderr);
}

/* The folders in which models are searched, in this order: --models; the folders beside the file; the environment
 * variable; ./models; the folder where the program was installed. */
PlanOptions cli_plan_options(Arena *arena, const CliOptions *options)
{
    const char *environment = getenv("MARBLEBONE_MODELS");
    const char **folders = NEW_ARRAY(arena, const char *, 3);
    PlanOptions where = {.first_folder = options->models, .model_folders = folders};
    if (environment != NULL && environment[0] != '\0')
        folders[where.n_model_folders++] = environment;
    folders[where.n_model_folders++] = "models";
    folders[where.n_model_folders++] = BUILD_SHARE "/models";
    where.seed = options->has_seed ? &options->seed : NULL;
    return where;
}
