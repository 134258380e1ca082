/* SPDX-License-Identifier: Apache-2.0
 *
 * marblebone compare: reads the reference, finds the run, judges it row by row, and prints the verdicts.
 */
#include "cli/cli.h"
#include "compare/compare.h"
#include "report/report.h"

static bool choose_run(Store *store, const CliOptions *options, const Reference *reference, int64_t *ret_run,
                       Err *reterr)
{
    if (options->run == 0)
        return store_find_run(store, reference->experiment, reference->model, ret_run, reterr);
    *ret_run = (int64_t)options->run;
    return true;
}

int cmd_compare(Arena *arena, const CliOptions *options)
{
    Err err = {0};
    Diags diags = diags_new(arena);
    SCOPED(store_close) Store *store = NULL;
    SCOPED(units_close) Units *units = units_open(&err);
    if (units == NULL)
        return console_error(&err);
    const Reference *reference;
    bool loaded = reference_load(arena, options->args[1], units, &reference, &diags);
    console_diags(&diags);
    if (!loaded)
        return EXIT_INPUT;

    const Verdict *verdicts;
    int64_t id;
    StoredRun run;
    if (!store_open(options->args[0], true, &store, &err) || !choose_run(store, options, reference, &id, &err) ||
        !stored_run_read(arena, store, id, &run, &err) ||
        !verdicts_read(&run, reference, options->missing, &verdicts, &err))
        return console_error(&err);

    Text text = text_new(arena);
    if (!verdict_formats_show(arena, options->format, verdicts, reference->n_rows, &text, &err))
        return console_error(&err);
    console_text(&text);
    return verdicts_pass(verdicts_count(verdicts, reference->n_rows), options->strict) ? EXIT_AGREES : EXIT_DIFFERS;
}
