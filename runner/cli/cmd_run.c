/* SPDX-License-Identifier: Apache-2.0
 *
 * marblebone run: loads the plans, opens the store, runs the plans into the store, and shows the results.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "report/report.h"
#include "run/ranks.h"

static bool has_cohort(const Plan *plan, const char *name)
{
    for (size_t c = 0; c < plan->n_cohorts; c++)
        if (plan_selects(&name, 1, &plan->cohorts[c]))
            return true;
    return false;
}

/* Fails when a --cohort names no cohort of the experiment. A cohort that only one of the models has is enough. */
static bool check_cohorts(Arena *arena, const Plans *plans, const CliOptions *options, Err *reterr)
{
    for (size_t i = 0; i < options->n_cohorts; i++) {
        bool found = false;
        for (size_t p = 0; p < plans->n; p++)
            found = found || has_cohort(plans->plans[p], options->cohorts[i]);
        if (found)
            continue;
        Diags unheard = diags_new(arena);
        const char *hint = model_suggest_named(&unheard, options->cohorts[i], plans->plans[0]->cohorts,
                                               plans->plans[0]->n_cohorts, sizeof *plans->plans[0]->cohorts);
        return err_set(reterr, ERR_USAGE, "--cohort '%s' is not a cohort of '%s'%s%s", options->cohorts[i],
                       plans->plans[0]->path, hint != NULL ? "; " : "", hint != NULL ? hint : "");
    }
    return true;
}

/* A run and its result. */
typedef struct DoneRun {
    RunResult result;
    size_t n_failed; /* failed animals of the selected cohorts, also those stored before, so that running again gives
                        the same exit code */
} DoneRun;

static bool count_failed(Arena *arena, const Plan *plan, const CliOptions *options, Store *store, DoneRun *run,
                         Err *reterr)
{
    const StoreCohortInfo *cohorts;
    size_t n;
    if (!store_cohorts(arena, store, run->result.run, &cohorts, &n, reterr))
        return false;
    for (size_t i = 0; i < n && i < plan->n_cohorts; i++)
        if (plan_selects(options->cohorts, options->n_cohorts, &plan->cohorts[i]))
            run->n_failed += cohorts[i].n_failed;
    return true;
}

/* Among several ranks, the launcher receives Ctrl-C, and sends the ranks the same signal as after the death of a rank.
 * So the program cannot tell these cases apart. */
static const char *why_stopped(void)
{
    return ranks_count() > 1 && interrupt_signal() == SIGTERM
               ? "stopped by the launcher or the batch system (after Ctrl-C, the death of a rank, or a time limit)"
               : "interrupted";
}

static void summarise(const CliOptions *options, const RunResult *result, size_t n_failed)
{
    const RunProgress *p = &result->progress;
    size_t missing = p->n_animals - p->n_done;
    fprintf(stderr, "%zu animal%s simulated in %.2f s", p->n_done, p->n_done == 1 ? "" : "s", p->seconds);
    if (result->n_taken > 0)
        fprintf(stderr, ", %zu taken over from other runs", result->n_taken);
    if (result->n_found > 0)
        fprintf(stderr, ", %zu stored before", result->n_found);
    if (n_failed > 0)
        fprintf(stderr, ", %zu failed: SELECT * FROM failure", n_failed);
    fprintf(stderr, "; run %lld in %s\n", (long long)result->run, options->db);
    if (result->stopped && missing > 0 && options->force)
        fprintf(stderr, "%s: %zu animal%s not computed again; the same command computes all\n", why_stopped(), missing,
                missing == 1 ? " is" : "s are");
    else if (result->stopped && missing == 0)
        fprintf(stderr, "%s: no animal is missing; the same command shows the results\n", why_stopped());
    else if (result->stopped)
        fprintf(stderr, "%s: %zu animal%s missing; the same command runs %s\n", why_stopped(), missing,
                missing == 1 ? " is" : "s are", missing == 1 ? "it" : "them");
}

/* Reports how the steady states were found at which the animals start. */
static bool tell_start(Arena *arena, const Plan *plan, Store *store, int64_t run, Err *reterr)
{
    StoreStart start;
    if (!plan->model->starts_steady)
        return true;
    if (!store_start(arena, store, run, &start, reterr))
        return false;
    if (start.n == 0)
        return true;
    fprintf(stderr,
            "steady start by its flow and pseudo-transient continuation: at most %zu steps, residual %.2g per %s",
            start.steps, start.residual, plan->model->time_text);
    if (isfinite(start.time_constant))
        console_note("; slowest '%s' of '%s', time constant %.3g %s", start.slowest, start.cohort, start.time_constant,
                     plan->model->time_text);
    else
        console_note("; a quantity is conserved in '%s', or the time constant is not known", start.cohort);
    fprintf(stderr, "\n");
    return true;
}

/* Prints the results: the phenotypes of one model, or several models side by side. */
static bool show_results(Arena *arena, Store *store, const int64_t *runs, size_t n_runs, Err *reterr)
{
    Text table = text_new(arena);
    bool shown = n_runs == 1 ? phenotype_table_show(arena, store, runs[0], (double)NAN, &table, reterr)
                             : models_table_show(arena, store, runs, n_runs, &table, reterr);
    if (shown)
        console_text(&table);
    return shown;
}

static bool run_one(Arena *arena, const Plan *plan, const CliOptions *options, Store *store, DoneRun *ret_run,
                    Err *reterr)
{
    *ret_run = (DoneRun){0};
    ProgressLine line = progress_line_new(options->quiet);
    const RunOptions run_options = {.n_workers = (size_t)options->workers,
                                    .cpu = options->cpu,
                                    .rtol = options->rtol,
                                    .animal_s = options->animal_s,
                                    .cohorts = options->cohorts,
                                    .n_cohorts = options->n_cohorts,
                                    .force = options->force,
                                    .command = options->command_line,
                                    .stop = interrupt_catch(),
                                    .progress = progress_line_draw_run,
                                    .context = &line};
    bool ran = run_plan(plan, store, &run_options, &ret_run->result, reterr) &&
               count_failed(arena, plan, options, store, ret_run, reterr);
    progress_line_end(&line);
    return ran;
}

static int run_into_store(Arena *arena, const Plans *plans, const CliOptions *options)
{
    Err err = {0};
    SCOPED(store_close) Store *store = NULL;
    int64_t *runs = NEW_ARRAY(arena, int64_t, plans->n);
    size_t n_all_failed = 0;
    bool stopped = false;
    if (!store_open(options->db, false, &store, &err))
        return console_error(&err);
    for (size_t i = 0; i < plans->n && !stopped; i++) {
        DoneRun run;
        if (!run_one(arena, plans->plans[i], options, store, &run, &err))
            return console_error(&err);
        if (plans->n > 1)
            console_note("%s: ", plans->plans[i]->model->name);
        summarise(options, &run.result, run.n_failed);
        if (!options->quiet && !tell_start(arena, plans->plans[i], store, run.result.run, &err))
            return console_error(&err);
        n_all_failed += run.n_failed;
        stopped = run.result.stopped;
        runs[i] = run.result.run;
    }
    if (!options->quiet && !stopped && !show_results(arena, store, runs, plans->n, &err))
        return console_error(&err);
    return stopped ? EXIT_INTERRUPTED : n_all_failed > 0 ? EXIT_ANIMALS_FAILED : EXIT_AGREES;
}

/* Runs on ranks other than 0. A rank that cannot load a file tells rank 0 the first fault. */
int cmd_run_worker_rank(Arena *arena, const CliOptions *options)
{
    Err err = {0};
    Diags diags = diags_new(arena);
    PlanOptions where = cli_plan_options(arena, options);
    SCOPED(units_close) Units *units = units_open(&err);
    Plans plans = {0};
    if (options->dry_run)
        return EXIT_AGREES;
    if (units != NULL && !plans_load(arena, units, options->args[0], &where, &plans, &diags))
        err_set(&err, ERR_INPUT, "cannot load '%s': %s", options->args[0], diags.list[0].text);
    ranks_run_worker(plans.plans, plans.n, options->rtol, options->animal_s, options->cpu,
                     err.kind != ERR_NONE ? &err : NULL);
    return EXIT_AGREES;
}

int cmd_run(Arena *arena, const CliOptions *options)
{
    Err err = {0};
    Diags diags = diags_new(arena);
    PlanOptions where = cli_plan_options(arena, options);
    SCOPED(units_close) Units *units = units_open(&err);
    if (units == NULL)
        return console_error(&err);
    Plans plans;
    bool loaded = plans_load(arena, units, options->args[0], &where, &plans, &diags);
    console_diags(&diags);
    if (!loaded)
        return EXIT_INPUT;
    if (!check_cohorts(arena, &plans, options, &err))
        return console_error(&err);
    if (!options->dry_run)
        return run_into_store(arena, &plans, options);
    Text text = text_new(arena);
    for (size_t i = 0; i < plans.n; i++)
        plan_show(plans.plans[i], &text);
    console_text(&text);
    return EXIT_AGREES;
}
