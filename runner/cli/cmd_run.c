/* SPDX-License-Identifier: Apache-2.0
 *
 * marblebone run: load the plan, open the store, run the one into the other, show what came out.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "report/report.h"

static volatile sig_atomic_t interrupted;

/* The first Ctrl-C asks the run to finish what it has begun; the second ends the program at once (committed batches stay). */
static void on_interrupt(int signal_number)
{
    interrupted = 1;
    signal(signal_number, SIG_DFL);
}

static void catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

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

static void summarise(const CliOptions *options, const RunResult *result)
{
    const RunProgress *p = &result->progress;
    fprintf(stderr, "%zu animal%s simulated in %.2f s", p->n_done, p->n_done == 1 ? "" : "s", p->seconds);
    if (result->n_found > 0)
        fprintf(stderr, ", %zu stored before", result->n_found);
    if (p->n_failed > 0)
        fprintf(stderr, ", %zu failed: SELECT * FROM failure", p->n_failed);
    fprintf(stderr, "; run %lld in %s\n", (long long)result->run, options->db);
    if (result->stopped)
        fprintf(stderr, "interrupted: %zu animals are missing; the same command runs them\n", p->n_animals - p->n_done);
}

static int run_into_store(Arena *arena, const Plan *plan, const CliOptions *options)
{
    Err err = {0};
    RunResult result;
    ProgressLine line = progress_line_new(options->quiet);
    SCOPED(store_close) Store *store = NULL;
    const RunOptions run_options = {.n_workers = (size_t)options->workers, .rtol = options->rtol,
                                    .cohorts = options->cohorts, .n_cohorts = options->n_cohorts,
                                    .command = options->command_line, .stop = &interrupted,
                                    .progress = progress_line_draw, .context = &line};
    if (!store_open(options->db, false, &store, &err))
        return say_error(&err);
    catch_interrupts();
    bool ran = run_plan(plan, store, &run_options, &result, &err);
    progress_line_end(&line);
    if (!ran)
        return say_error(&err);
    summarise(options, &result);
    Text table = text_new(arena);
    if (!options->quiet && !result.stopped) {
        if (!phenotype_table_show(arena, store, result.run, (double)NAN, &table, &err))
            return say_error(&err);
        say_text(&table);
    }
    return result.stopped ? EXIT_INTERRUPTED : result.progress.n_failed > 0 ? EXIT_ANIMALS_FAILED : EXIT_AGREES;
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
