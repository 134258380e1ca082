/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of progress on stderr, when that is a terminal; among several ranks, whose stderr goes through the launcher or
 * into a log, a new line each time, at growing intervals.
 */
#ifndef MB_CLI_PROGRESS_H
#define MB_CLI_PROGRESS_H

#include "fit/fit.h"
#include "run/run.h"

typedef struct ProgressLine {
    bool shown;          /* on a terminal and not --quiet */
    double last_seconds; /* when it was drawn */
    bool logged;         /* not on a terminal, among several ranks, and not --quiet */
    double next_seconds; /* when it is logged again */
} ProgressLine;

ProgressLine progress_line_new(bool quiet);

/* For RunOptions.progress; context is a ProgressLine. Draws at most ten times a second; logs after 1 s, 2 s, 4 s, ...,
 * at least once a minute. */
void progress_line_draw_run(void *context, const RunProgress *progress);

/* The same for FitOptions.progress. */
void progress_line_draw_fit(void *context, const FitProgress *progress);

/* Wipes the line. */
void progress_line_end(ProgressLine *line);

/* "120 of 300 animals, 2 failed, 850/s, 0:03 left" */
void progress_show_run(const RunProgress *progress, Text *text);

/* "start 1 of 3, evaluation 12 (4 found), chi-square 51.2, least 48.9, 34 s" */
void progress_show_fit(const FitProgress *progress, Text *text);

#endif
