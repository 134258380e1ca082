/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cmd_compare.h"
#include "report/report.h"

static int fail(const Err *err)
{
    fprintf(stderr, "marblebone: %s\n", err->text);
    return err_exit_code(err->kind);
}

static bool load_reference(Arena *arena, Units *units, const char *path, const Reference **ret_reference)
{
    Diags diags = diags_new(arena);
    bool loaded = reference_load(arena, path, units, ret_reference, &diags);
    Text text = text_new(arena);
    for (size_t i = 0; i < diags.n; i++)
        diag_show(&diags.list[i], &text);
    if (diags.n_dropped > 0)
        text_print(&text, "%zu more diagnostics are not shown\n", diags.n_dropped);
    fputs(text_end(&text), stderr);
    return loaded;
}

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
        return fail(&err);
    const Reference *reference;
    if (!load_reference(arena, units, options->reference, &reference))
        return err_exit_code(ERR_INPUT);

    const Verdict *verdicts;
    int64_t run;
    if (!store_open(options->db, true, &store, &err) || !choose_run(store, options, reference, &run, &err) ||
        !verdicts_read(arena, store, run, reference, &verdicts, &err))
        return fail(&err);

    Text text = text_new(arena);
    verdict_table_show(arena, verdicts, reference->n_rows, &text);
    bool written = fputs(text_end(&text), stdout) >= 0 && fflush(stdout) == 0;
    if (!written) {
        err_set(&err, ERR_STORE, "cannot write to the standard output");
        return fail(&err);
    }
    return verdicts_pass(verdicts_count(verdicts, reference->n_rows), options->strict) ? 0 : 1;
}
