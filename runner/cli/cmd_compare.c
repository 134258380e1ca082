/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/cmd_compare.h"
#include "report/report.h"

static bool choose_run(Store *store, const CompareOptions *options, const Reference *reference, int64_t *ret_run,
                       Err *reterr)
{
    if (options->run == 0)
        return store_find_run(store, reference->experiment, ret_run, reterr);
    if (options->run > INT64_MAX)
        return err_set(reterr, ERR_INPUT, "the database has no run %" PRIu64, options->run);
    *ret_run = (int64_t)options->run;
    return true;
}

int compare_run(const CompareOptions *options)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(store_close) Store *store = NULL;
    Err err = {0};
    SCOPED(units_close) Units *units = units_open(&err);
    if (units == NULL)
        return say_error(&err);
    const Reference *reference;
    Diags diags = diags_new(arena);
    bool loaded = reference_load(arena, options->reference, units, &reference, &diags);
    say_diags(&diags);
    if (!loaded)
        return EXIT_INPUT;

    const Verdict *verdicts;
    int64_t run;
    if (!store_open(options->db, true, &store, &err) || !choose_run(store, options, reference, &run, &err) ||
        !verdicts_read(arena, store, run, reference, &verdicts, &err))
        return say_error(&err);

    Text text = text_new(arena);
    verdict_table_show(arena, verdicts, reference->n_rows, &text);
    bool written = fputs(text_end(&text), stdout) >= 0 && fflush(stdout) == 0;
    if (!written) {
        err_set(&err, ERR_STORE, "cannot write to the standard output");
        return say_error(&err);
    }
    return verdicts_pass(verdicts_count(verdicts, reference->n_rows), options->strict) ? EXIT_AGREES : EXIT_DIFFERS;
}

int cmd_compare(Arena *arena, const CliOptions *options)
{
    (void)arena;
    return compare_run(&(CompareOptions){.db = options->args[0],
                                         .reference = options->args[1],
                                         .run = options->run,
                                         .strict = options->strict});
}
