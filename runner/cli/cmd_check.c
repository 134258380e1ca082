/* SPDX-License-Identifier: Apache-2.0
 *
 * marblebone check: loads each file as the kind that its keys tell, and shows the faults.
 */
#include <stdio.h>

#include "cli/cli.h"
#include "fit/fit.h"
#include "judge/reference.h"

/* Checks a file as the kind that its keys tell. */
static void check_root(Arena *arena, Units *units, const YamlNode *root, const PlanOptions *options, Diags *diags)
{
    const Model *model;
    Plans plans;
    const Drivers *drivers;
    const Reference *reference;
    const Fit *fit;
    if (yaml_find(root, "fit") != NULL)
        (void)!fit_build(arena, units, root, options, &fit, diags);
    else if (yaml_find(root, "experiment") != NULL && yaml_find(root, "reference") == NULL)
        (void)!plans_build(arena, units, root, options, &plans, diags);
    else if (yaml_find(root, "model") != NULL && yaml_find(root, "reference") == NULL)
        (void)!model_build(arena, units, root, &model, diags);
    else if (yaml_find(root, "drivers") != NULL)
        (void)!drivers_build(arena, root, &drivers, diags);
    else if (yaml_find(root, "reference") != NULL)
        (void)!reference_build(arena, root, units, &reference, diags);
    else
        diag_error(diags, "check.unknown-kind", root->where,
                   "a file begins with 'experiment:', 'model:', 'drivers:', 'reference:' or 'fit:'",
                   "this is not an experiment, model, drivers, reference or fit file");
}

int cmd_check(Arena *arena, const CliOptions *options)
{
    Err err = {0};
    Diags diags = diags_new(arena);
    PlanOptions where = cli_plan_options(arena, options);
    SCOPED(units_close) Units *units = units_open(&err);
    if (units == NULL)
        return console_error(&err);
    for (size_t i = 0; i < options->n_args; i++) {
        const YamlNode *root;
        if (yaml_load(arena, options->args[i], &root, &diags))
            check_root(arena, units, root, &where, &diags);
    }
    console_diags(&diags);
    if (diags.n_errors > 0)
        return EXIT_INPUT;
    printf("%zu file%s, no errors\n", options->n_args, options->n_args == 1 ? "" : "s");
    return EXIT_AGREES;
}
