/* SPDX-License-Identifier: Apache-2.0
 *
 * marblebone run: load the plan, open the store, run the one into the other, show what came out.
 */
#include <math.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "report/report.h"

/* Every --cohort names a cohort of the plan. */
static bool check_cohorts(Arena *arena, const Plan *plan, const CliOptions *options, Err *reterr)
{
    for (size_t i = 0; i < options->n_cohorts; i++) {
        bool found = false;
        for (size_t c = 0; c < plan->n_cohorts; c++)
            found = found || plan_selects(&options->cohorts[i], 1, &plan->cohorts[c]);
        if (found)
            continue;
        const char *hint =
            suggest_named(arena, options->cohorts[i], plan->cohorts, plan->n_cohorts, sizeof *plan->cohorts);
        return err_set(reterr, ERR_USAGE, "--cohort '%s' is not a cohort of '%s'%s%s", options->cohorts[i], plan->path,
                       hint != NULL ? "; " : "", hint != NULL ? hint : "");
    }
    return true;
}

/* Failed animals of the chosen cohorts, stored now or before: running again gives the same exit code. */
static bool count_failed(Arena *arena, const Plan *plan, const CliOptions *options, Store *store, int64_t run,
                         size_t *ret_failed, Err *reterr)
{
    const StoreCohortInfo *cohorts;
    size_t n, failed = 0;
    if (!store_cohorts(store, arena, run, &cohorts, &n, reterr))
        return false;
    for (size_t i = 0; i < n && i < plan->n_cohorts; i++)
        failed += plan_selects(options->cohorts, options->n_cohorts, &plan->cohorts[i]) ? cohorts[i].n_failed : 0;
    *ret_failed = failed;
    return true;
}

static void summarise(const CliOptions *options, const RunResult *result, size_t n_failed)
{
    const RunProgress *p = &result->progress;
    size_t missing = p->n_animals - p->n_done;
    fprintf(stderr, "%zu animal%s simulated in %.2f s", p->n_done, p->n_done == 1 ? "" : "s", p->seconds);
    if (result->n_found > 0)
        fprintf(stderr, ", %zu stored before", result->n_found);
    if (n_failed > 0)
        fprintf(stderr, ", %zu failed: SELECT * FROM failure", n_failed);
    fprintf(stderr, "; run %lld in %s\n", (long long)result->run, options->db);
    if (result->stopped)
        fprintf(stderr, "interrupted: %zu animal%s missing; the same command runs %s\n", missing,
                missing == 1 ? " is" : "s are", missing == 1 ? "it" : "them");
}

static int run_into_store(Arena *arena, const Plan *plan, const CliOptions *options)
{
    Err err = {0};
    RunResult result;
    ProgressLine line = progress_line_new(options->quiet);
    SCOPED(store_close) Store *store = NULL;
    const RunOptions run_options = {.n_workers = (size_t)options->workers,
                                    .rtol = options->rtol,
                                    .cohorts = options->cohorts,
                                    .n_cohorts = options->n_cohorts,
                                    .command = options->command_line,
                                    .stop = catch_interrupts(),
                                    .progress = progress_line_draw,
                                    .context = &line};
    if (!store_open(options->db, false, &store, &err))
        return say_error(&err);
    size_t n_failed;
    bool ran = run_plan(plan, store, &run_options, &result, &err) &&
               count_failed(arena, plan, options, store, result.run, &n_failed, &err);
    progress_line_end(&line);
    if (!ran)
        return say_error(&err);
    summarise(options, &result, n_failed);
    Text table = text_new(arena);
    if (!options->quiet && !result.stopped) {
        if (!phenotype_table_show(arena, store, result.run, (double)NAN, &table, &err))
            return say_error(&err);
        say_text(&table);
    }
    return result.stopped ? EXIT_INTERRUPTED : n_failed > 0 ? EXIT_ANIMALS_FAILED : EXIT_AGREES;
}

int cmd_run(Arena *arena, const CliOptions *options)
{
    Err err = {0};
    Diags diags = diags_new(arena);
    PlanOptions where = find_options(arena, options);
    SCOPED(units_close) Units *units = units_open(&err);
    if (units == NULL)
        return say_error(&err);
    const Plan *plan;
    bool loaded = plan_load(arena, units, options->args[0], &where, &plan, &diags);
    say_diags(&diags);
    if (!loaded)
        return EXIT_INPUT;
    if (!check_cohorts(arena, plan, options, &err))
        return say_error(&err);
    if (!options->dry_run)
        return run_into_store(arena, plan, options);
    Text text = text_new(arena);
    plan_show(plan, &text);
    say_text(&text);
    return EXIT_AGREES;
}
