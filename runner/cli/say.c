/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "build_info.h"
#include "cli/cli.h"

/* Names come from files: what steers a terminal comes out as '?'. */
void say_text(Text *text)
{
    const unsigned char *bytes = (const unsigned char *)text_end(text);
    for (size_t i = 0; i < text->length; i++) {
        bool steers = (bytes[i] < 0x20 && bytes[i] != '\n') || bytes[i] == 0x7F ||
                      (bytes[i] == 0xC2 && bytes[i + 1] >= 0x80 && bytes[i + 1] < 0xA0);
        putchar(steers ? '?' : bytes[i]);
    }
}

int say_error(const Err *err)
{
    fprintf(stderr, "marblebone: %s\n", err->text);
    return err_exit_code(err->kind);
}

void say_diags(const Diags *diags)
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
    fputs(text_end(&text), stderr);
}

/* --models; then the file's neighbours; then the environment, ./models, and where the program was installed. */
PlanOptions find_options(Arena *arena, const CliOptions *options)
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
