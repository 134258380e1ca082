/* SPDX-License-Identifier: Apache-2.0
 *
 * marblebone fit: loads the fit, minimises, shows the result, and writes it into the model if the user asks for it.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "report/report.h"

/* Fails when the model's file has changed since it was loaded. */
static bool check_unchanged(Arena *arena, const Fit *fit, Err *reterr)
{
    Diags diags = diags_new(arena);
    const YamlNode *root;
    const char *path = fit->model->path;
    if (yaml_load(arena, path, &root, &diags) && text_equal(root->where.source->text, fit->model->text))
        return true;
    return err_set(reterr, ERR_STORE, "'%s' changed during the fit; nothing was written", path);
}

static bool write_model(Arena *arena, const Fit *fit, const FitResult *result, Err *reterr)
{
    Text text = text_new(arena);
    return fit_rewrite(arena, fit, result, &text, reterr) && check_unchanged(arena, fit, reterr) &&
           file_replace(fit->model->path, &text, reterr);
}

/* models/mouse-rankl.fit.yaml -> models/mouse-rankl.fit.journal */
static const char *journal_beside(Arena *arena, const char *path)
{
    static const char ENDING[] = ".yaml";
    size_t length = strlen(path), cut = strlen(ENDING);
    bool ends = length > cut && text_equal(path + length - cut, ENDING);
    return arena_print(arena, "%.*s.journal", (int)(ends ? length - cut : length), path);
}

static int show_look(Arena *arena, const Fit *fit, const FitOptions *options)
{
    Err err = {0};
    FitAssessment look;
    bool stopped;
    Text text = text_new(arena);
    if (!fit_assess(arena, fit, options, &look, &stopped, &err))
        return console_error(&err);
    if (stopped)
        return EXIT_INTERRUPTED;
    fit_table_show_assessment(arena, fit, &look, false, &text);
    console_text(&text);
    return EXIT_AGREES;
}

static int minimise(Arena *arena, const Fit *fit, const FitOptions *fit_options, const CliOptions *options)
{
    Err err = {0};
    FitResult result;
    bool stopped;
    ProgressLine *line = fit_options->context;
    bool ran = fit_run(arena, fit, fit_options, &result, &stopped, &err);
    progress_line_end(line);
    if (!ran)
        return console_error(&err);
    if (stopped) {
        fprintf(stderr, "interrupted: the finished evaluations are in %s; the same command continues\n",
                fit_options->journal);
        return EXIT_INTERRUPTED;
    }
    fprintf(stderr, "%zu evaluation%s, %zu of them found in %s\n", result.n_evaluations,
            result.n_evaluations == 1 ? "" : "s", result.n_found, fit_options->journal);
    Text text = text_new(arena), markdown = text_new(arena);
    fit_table_show(arena, fit, &result, false, &text);
    console_text(&text);
    fit_table_show(arena, fit, &result, true, &markdown);
    if ((options->output != NULL && !file_write(options->output, &markdown, &err)) ||
        (options->write && !write_model(arena, fit, &result, &err)))
        return console_error(&err);
    return EXIT_AGREES;
}

int cmd_fit(Arena *arena, const CliOptions *options)
{
    Err err = {0};
    Diags diags = diags_new(arena);
    PlanOptions where = cli_plan_options(arena, options);
    SCOPED(units_close) Units *units = units_open(&err);
    if (units == NULL)
        return console_error(&err);
    const Fit *fit;
    bool loaded = fit_load(arena, units, options->args[0], &where, &fit, &diags);
    console_diags(&diags);
    if (!loaded)
        return EXIT_INPUT;
    ProgressLine line = progress_line_new(options->quiet);
    const FitOptions fit_options = {.n_workers = (size_t)options->workers,
                                    .rtol = options->rtol,
                                    .animal_s = options->animal_s,
                                    .journal = options->journal != NULL ? options->journal
                                                                        : journal_beside(arena, options->args[0]),
                                    .fresh = options->fresh,
                                    .stop = interrupt_catch(),
                                    .progress = progress_line_draw_fit,
                                    .context = &line};
    return options->dry_run ? show_look(arena, fit, &fit_options) : minimise(arena, fit, &fit_options, options);
}
