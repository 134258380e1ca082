/* SPDX-License-Identifier: Apache-2.0
 *
 * progress: shows the progress of a command on stderr. On a terminal it redraws one line. Among several ranks, whose
 * stderr goes through the launcher or into a log file, it writes a new line each time, at growing intervals.
 */
#ifndef MB_CLI_PROGRESS_H
#define MB_CLI_PROGRESS_H

#include "fit/fit.h"
#include "run/run.h"

typedef struct ProgressLine {
    bool shown;          /* on a terminal and not --quiet */
    double last_seconds; /* when the line was last drawn */
    bool logged;         /* not on a terminal, among several ranks, and not --quiet */
    double next_seconds; /* when the next line is logged */
} ProgressLine;

ProgressLine progress_line_new(bool quiet);

/* For RunOptions.progress; context is a ProgressLine. Draws at most ten times a second; logs after 1 s, 2 s, 4 s, ...,
 * at least once a minute. */
void progress_line_draw_run(void *context, const RunProgress *progress);

/* The same for FitOptions.progress. */
void progress_line_draw_fit(void *context, const FitProgress *progress);

/* Erases the line. */
void progress_line_end(ProgressLine *line);

#endif
