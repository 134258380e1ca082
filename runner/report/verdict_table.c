/* SPDX-License-Identifier: Apache-2.0
 *
 * Shows verdicts as a table, with their notes and a summary.
 */
#include <math.h>

#include "report/report.h"
#include "report/row.h"
#include "report/table.h"

enum {
    VERDICT_ROW,
    VERDICT_COHORT,
    VERDICT_METRIC,
    VERDICT_AT,
    VERDICT_ESTIMATE,
    EXPECTED,
    EVIDENCE,
    VERDICT_OUTCOME,
    N_COLUMNS
};

static const TableColumn COLUMNS[N_COLUMNS] = {
    [VERDICT_ROW] = {.title = "row"},
    [VERDICT_COHORT] = {.title = "cohort vs control", .wraps = true},
    [VERDICT_METRIC] = {.title = "what", .wraps = true},
    [VERDICT_AT] = {.title = "at", .wraps = true},
    [VERDICT_ESTIMATE] = {.title = "estimate [95" TABLE_BLANK "%]", .wraps = true},
    [EXPECTED] = {.title = "expected", .wraps = true},
    [EVIDENCE] = {.title = "evidence"},
    [VERDICT_OUTCOME] = {.title = "verdict", .wraps = true},
};

static const char *show_estimate(Arena *arena, const Verdict *verdict)
{
    if (isnan(verdict->estimate))
        return "";
    if (isnan(verdict->low95))
        return row_number(arena, verdict->estimate);
    return arena_print(arena, "%s [%s," TABLE_BLANK "%s]", row_number(arena, verdict->estimate),
                       row_number(arena, verdict->low95), row_number(arena, verdict->high95));
}

static void add_verdict(Arena *arena, Table *table, const Verdict *verdict)
{
    const ReferenceRow *row = verdict->row;
    const char **cells = table_add(table);
    cells[VERDICT_ROW] = table_clean(arena, row->id);
    cells[VERDICT_COHORT] = row_cohorts(arena, row);
    cells[VERDICT_METRIC] = row_metric(arena, row);
    cells[VERDICT_AT] = row_at(arena, row);
    cells[VERDICT_ESTIMATE] = show_estimate(arena, verdict);
    cells[EXPECTED] = row_expected(arena, row);
    cells[EVIDENCE] = evidence_name(row->evidence);
    cells[VERDICT_OUTCOME] = verdict->uncertain ? "agrees (uncertain)" : outcome_name(verdict->outcome);
}

static void show_note(Arena *arena, const char *subject, const char *note, Text *text)
{
    table_note(arena_print(arena, "%s: %s", table_clean(arena, subject), table_clean(arena, note)), text);
}

/* Shows the note of a row. When more than FEW rows share it, shows it once, at the first of them. */
static void show_shared_note(Arena *arena, const Verdict *verdicts, size_t n_verdicts, size_t own, Text *text)
{
    enum { FEW = 3 };
    size_t n = 0, first = n_verdicts;
    const char *note = verdicts[own].note;
    for (size_t i = n_verdicts; i-- > 0;)
        if (verdicts[i].note != NULL && text_equal(verdicts[i].note, note)) {
            first = i;
            n++;
        }
    if (n <= FEW)
        show_note(arena, verdicts[own].row->id, note, text);
    else if (first == own)
        show_note(arena, arena_print(arena, "%zu rows", n), note, text);
}

static Table verdict_table(Arena *arena, const Verdict *verdicts, size_t n_verdicts)
{
    Table table = table_new(arena, COLUMNS, N_COLUMNS);
    for (size_t i = 0; i < n_verdicts; i++)
        add_verdict(arena, &table, &verdicts[i]);
    return table;
}

/* Shows what the table has no room for: why rows are missing, what a reader should know, and the summary. */
static void show_rest(Arena *arena, const Verdict *verdicts, size_t n_verdicts, Text *text)
{
    bool has_notes = false;
    for (size_t i = 0; i < n_verdicts; i++)
        has_notes = has_notes || verdicts[i].reason != NULL || verdicts[i].note != NULL;
    text_add(text, "\n", 1);
    for (size_t i = 0; i < n_verdicts; i++) {
        if (verdicts[i].reason != NULL)
            show_note(arena, verdicts[i].row->id, verdicts[i].reason, text);
        if (verdicts[i].note != NULL)
            show_shared_note(arena, verdicts, n_verdicts, i, text);
    }
    if (has_notes)
        text_add(text, "\n", 1);
    VerdictCount count = verdicts_count(verdicts, n_verdicts);
    text_print(text, "%zu %s, %zu %s, %zu missing (%zu uncertain)", count.n_agree,
               count.n_agree == 1 ? "agrees" : "agree", count.n_differ, count.n_differ == 1 ? "differs" : "differ",
               count.n_missing, count.n_uncertain);
    if (count.n_known > 0)
        text_print(text, ", %zu known to differ", count.n_known);
    text_print(text, "\n");
}

void verdict_table_show(Arena *arena, const Verdict *verdicts, size_t n_verdicts, Text *text)
{
    Table table = verdict_table(arena, verdicts, n_verdicts);
    table_show(&table, text);
    show_rest(arena, verdicts, n_verdicts, text);
}

void verdict_table_show_markdown(Arena *arena, const Verdict *verdicts, size_t n_verdicts, Text *text)
{
    Table table = verdict_table(arena, verdicts, n_verdicts);
    table_show_markdown(&table, text);
    Text rest = text_new(arena);
    show_rest(arena, verdicts, n_verdicts, &rest);
    text_add_markdown(text, text_string(&rest));
}
