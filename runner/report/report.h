/* SPDX-License-Identifier: Apache-2.0
 *
 * report: formats stored runs, verdicts and fits as text for people. Front door of the room. The functions append to a
 * Text and print nothing; the same database gives the same bytes. Tables are at most 120 columns wide, without colour.
 * Names that come from files cannot control a terminal: harmful characters are shown as '?'.
 *
 * Thread rule: as the store's.
 */
#ifndef MB_REPORT_REPORT_H
#define MB_REPORT_REPORT_H

#include "base/base.h"
#include "fit/fit.h"
#include "judge/judge.h"
#include "judge/reference.h"
#include "store/store.h"

/* verdict_table.c: a row for each verdict, then a note for each verdict that is missing or has a note, then the
 * summary: "7 agree, 1 differs, 0 missing (2 uncertain)". */
void verdict_table_show(Arena *arena, const Verdict *verdicts, size_t n_verdicts, Text *text);

/* The same as Markdown, for the summary of a pull request. */
void verdict_table_show_markdown(Arena *arena, const Verdict *verdicts, size_t n_verdicts, Text *text);

/* verdict_formats.c: shows verdicts in a format that a user names: "table", "markdown". ERR_USAGE: there is no such
 * format; `text` is untouched. */
MUST_CHECK bool verdict_formats_show(Arena *arena, const char *format, const Verdict *verdicts, size_t n_verdicts,
                                     Text *text, Err *reterr);

/* phenotype_table.c: what `run` prints at its end. For each site: cohorts as rows, phenotypes and traits as columns
 * (what was recorded, when the model has neither), as mean, ± standard deviation and × ratio to the mean of the
 * cohort's control; traits as "7/12" present. `age_d` NaN: the last age of each site, else that age in days. After 40
 * cohorts the rest is counted, not shown. Failed and missing animals are noted. `text` is untouched on failure. */
MUST_CHECK bool phenotype_table_show(Arena *arena, Store *store, int64_t run, double age_d, Text *text, Err *reterr);

/* models_table.c: what `run` prints for one design over several models, with one run for each model. It has a row for
 * each phenotype of each model at the last age of each site, with the mean of the control; a column for each cohort
 * with the × ratio to its control, or "cannot"; then the reasons. `text` is untouched on failure. */
MUST_CHECK bool models_table_show(Arena *arena, Store *store, const int64_t *runs, size_t n_runs, Text *text,
                                  Err *reterr);

/* fit_table.c: what `fit` prints: sums of squares, parameters, rows, and what the data cannot tell apart. `markdown`:
 * formats it for the note of a model instead of a terminal. */
void fit_table_show(Arena *arena, const Fit *fit, const FitResult *result, bool markdown, Text *text);

/* Shows the rows only, at the parameter values that the look evaluated. */
void fit_table_show_assessment(Arena *arena, const Fit *fit, const FitAssessment *look, bool markdown, Text *text);

#endif
