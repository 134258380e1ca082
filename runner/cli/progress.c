/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats the line of progress, and decides when to draw or log it.
 */
#include <stdio.h>
#include <unistd.h>

#include "cli/progress.h"
#include "run/ranks.h"

static const double BETWEEN_S = 0.1, LOG_FIRST_S = 1.0, LOG_MAX_S = 60.0;

ProgressLine progress_line_new(bool quiet)
{
    bool terminal = isatty(STDERR_FILENO) == 1;
    return (ProgressLine){.shown = !quiet && terminal,
                          .last_seconds = -BETWEEN_S,
                          .logged = !quiet && !terminal && ranks_count() > 1,
                          .next_seconds = LOG_FIRST_S};
}

static void progress_show_run(const RunProgress *progress, Text *text)
{
    double rate = progress->seconds > 0.0 ? (double)progress->n_done / progress->seconds : 0.0;
    text_print(text, "%zu of %zu animals", progress->n_done, progress->n_animals);
    if (progress->n_failed > 0)
        text_print(text, ", %zu failed", progress->n_failed);
    if (rate <= 0.0)
        return;
    double left = (double)(progress->n_animals - progress->n_done) / rate;
    unsigned long seconds = (unsigned long)(left + 0.5);
    text_print(text, ", %.0f/s, ", rate);
    if (seconds >= 3600)
        text_print(text, "%lu:%02lu:%02lu left", seconds / 3600, seconds / 60 % 60, seconds % 60);
    else
        text_print(text, "%lu:%02lu left", seconds / 60, seconds % 60);
}

void progress_line_draw_run(void *context, const RunProgress *progress)
{
    ProgressLine *line = context;
    bool drawn = line->shown && progress->seconds - line->last_seconds >= BETWEEN_S;
    bool logged = line->logged && progress->seconds >= line->next_seconds;
    if (!drawn && !logged)
        return;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Text text = text_new(scratch);
    progress_show_run(progress, &text);
    fprintf(stderr, drawn ? "\r\033[K%s" : "%s\n", text_string(&text));
    line->last_seconds = progress->seconds;
    line->next_seconds = progress->seconds + (progress->seconds < LOG_MAX_S ? progress->seconds : LOG_MAX_S);
}

static void progress_show_fit(const FitProgress *progress, Text *text)
{
    text_print(text, "start %zu of %zu, evaluation %zu", progress->start, progress->n_starts, progress->n_evaluations);
    if (progress->n_found > 0)
        text_print(text, " (%zu found)", progress->n_found);
    if (progress->failed)
        text_print(text, ", does not integrate");
    else
        text_print(text, ", chi-square %.5g", progress->sum_of_squares);
    text_print(text, ", least %.5g, %.0f s", progress->lowest, progress->seconds);
}

void progress_line_draw_fit(void *context, const FitProgress *progress)
{
    ProgressLine *line = context;
    if (!line->shown || progress->seconds - line->last_seconds < BETWEEN_S)
        return;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Text text = text_new(scratch);
    progress_show_fit(progress, &text);
    fprintf(stderr, "\r\033[K%s", text_string(&text));
    line->last_seconds = progress->seconds;
}

void progress_line_end(ProgressLine *line)
{
    if (line->shown)
        fputs("\r\033[K", stderr);
}
