/* SPDX-License-Identifier: Apache-2.0
 *
 * marblebone show: prints a model, or a stage of its compilation.
 */
#include <stdio.h>

#include "cli/cli.h"
#include "fit/fit.h"
#include "judge/reference.h"
#include "model/system.h"

static void show_one(const char *before, const char *name, const char *after, const Expr *tree, Text *text)
{
    if (tree == NULL)
        return;
    text_print(text, "%s%s%s = ", before, name, after);
    expr_show(tree, text);
    text_print(text, "\n");
}

static void cmd_show_tree(const Model *model, Text *text)
{
    for (size_t i = 0; i < model->n_quantities; i++)
        show_one("", model->quantities[i].name, "", model->quantities[i].is.tree, text);
    for (size_t i = 0; i < model->n_states; i++)
        show_one("d ", model->states[i].name, " / dt", model->states[i].rate.tree, text);
    for (size_t i = 0; i < model->n_reactions; i++)
        show_one("reaction ", model->reactions[i].name, "", model->reactions[i].rate.tree, text);
    for (size_t i = 0; i < model->n_phenotypes; i++)
        show_one("", model->phenotypes[i].name, "", model->phenotypes[i].is.tree, text);
}

static bool show_stage(const System *system, const char *stage, Text *text)
{
    if (text_equal(stage, "model"))
        model_show(system->model, text);
    else if (text_equal(stage, "tree"))
        cmd_show_tree(system->model, text);
    else if (text_equal(stage, "dag"))
        system_show_dag(system, text);
    else if (text_equal(stage, "jacobian"))
        system_show_jacobian(system, text);
    else if (text_equal(stage, "tape"))
        system_show_tape(system, text);
    else
        return false;
    return true;
}

/* The kinds of files, and the keys that their sections may have. */
static const struct {
    const char *kind;
    const FieldTable *const *tables;
    const size_t *n;
} key_rows[] = {{"model", model_fields, &n_model_fields},
                {"experiment", experiment_fields, &n_experiment_fields},
                {"drivers", driver_fields, &n_driver_fields},
                {"reference", reference_fields, &n_reference_fields},
                {"fit", fit_fields, &n_fit_fields}};

static int show_keys(Arena *arena, const char *kind)
{
    Err err = {0};
    Text text = text_new(arena);
    for (size_t i = 0; i < ARRAY_LENGTH(key_rows); i++)
        if (text_equal(key_rows[i].kind, kind))
            fields_show(key_rows[i].tables, *key_rows[i].n, &text);
    if (text.length == 0) {
        err_set(&err, ERR_USAGE,
                "'%s' is not a kind of file; with --stage keys it is model, experiment, drivers, "
                "reference or fit",
                kind);
        return console_error(&err);
    }
    console_text(&text);
    return EXIT_AGREES;
}

int cmd_show(Arena *arena, const CliOptions *options)
{
    if (text_equal(options->stage, "keys"))
        return show_keys(arena, options->args[0]);
    Err err = {0};
    Diags diags = diags_new(arena);
    PlanOptions where = cli_plan_options(arena, options);
    SCOPED(units_close) Units *units = units_open(&err);
    if (units == NULL)
        return console_error(&err);
    const char *path = plan_find_model(arena, options->args[0], NULL, &where);
    if (path == NULL) {
        err_set(&err, ERR_INPUT,
                "there is no model '%s'; name a file in models/, set MARBLEBONE_MODELS or give --models",
                options->args[0]);
        return console_error(&err);
    }
    const Model *model;
    bool loaded = model_load(arena, units, path, &model, &diags);
    console_diags(&diags);
    if (!loaded)
        return EXIT_INPUT;
    Text text = text_new(arena);
    if (options->markdown) {
        model_show_markdown(model, &text);
        console_text(&text);
        return EXIT_AGREES;
    }
    if (!show_stage(system_build(arena, model, NULL, 0), options->stage, &text)) {
        err_set(&err, ERR_USAGE, "'%s' is not a stage; --stage is model, tree, dag, jacobian, tape or keys",
                options->stage);
        return console_error(&err);
    }
    console_text(&text);
    return EXIT_AGREES;
}
