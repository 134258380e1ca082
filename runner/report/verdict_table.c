/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "report/report.h"
#include "report/table.h"

enum { ROW, COHORT, METRIC, AT, ESTIMATE, EXPECTED, EVIDENCE, VERDICT, N_COLUMNS };

static const TableColumn COLUMNS[N_COLUMNS] = {
    [ROW] = {.title = "row"},
    [COHORT] = {.title = "cohort vs control", .wraps = true},
    [METRIC] = {.title = "what", .wraps = true},
    [AT] = {.title = "at", .wraps = true},
    [ESTIMATE] = {.title = "estimate [95" TABLE_BLANK "%]", .wraps = true},
    [EXPECTED] = {.title = "expected", .wraps = true},
    [EVIDENCE] = {.title = "evidence"},
    [VERDICT] = {.title = "verdict", .wraps = true},
};

static const char *show_age(Arena *arena, double age_d)
{
    return table_unbroken(arena, table_age(arena, age_d));
}

/* The cohorts, and of the control whatever else differs: "WT vs WT at 8 wk". */
static const char *show_cohorts(Arena *arena, const ReferenceRow *row)
{
    Text text = text_new(arena);
    text_print(&text, "%s", table_clean(arena, row->test.cohort));
    if (!row->compares)
        return text_end(&text);
    const ReferenceSample *test = &row->test, *control = &row->control;
    text_print(&text, " vs" TABLE_BLANK "%s", table_clean(arena, control->cohort));
    bool other_age = !number_same(control->age_d, test->age_d);
    bool other_site = control->site != NULL && (test->site == NULL || !text_equal(control->site, test->site));
    if (other_age || other_site)
        text_print(&text, " at");
    if (other_age)
        text_print(&text, " %s", show_age(arena, control->age_d));
    if (other_site)
        text_print(&text, " %s", table_clean(arena, control->site));
    return text_end(&text);
}

static const char *show_at(Arena *arena, const ReferenceRow *row)
{
    Text text = text_new(arena);
    text_print(&text, "%s", show_age(arena, row->test.age_d));
    if (row->changes)
        text_print(&text, " since" TABLE_BLANK "%s", show_age(arena, row->since_d));
    if (row->test.site != NULL)
        text_print(&text, " %s", table_clean(arena, row->test.site));
    return text_end(&text);
}

/* Osteoclasts of a null mouse are 1e-30, not 0: nobody wants to read the digits. */
static const char *show_number(Arena *arena, double value)
{
    bool is_nothing = fabs(value) < 1e-9 && fabs(value) > 0.0;
    return is_nothing ? "<1e-9" : arena_print(arena, "%.3g", value);
}

static const char *show_estimate(Arena *arena, const Verdict *verdict)
{
    if (isnan(verdict->estimate))
        return "";
    if (isnan(verdict->low95))
        return show_number(arena, verdict->estimate);
    return arena_print(arena, "%s [%s," TABLE_BLANK "%s]", show_number(arena, verdict->estimate),
                       show_number(arena, verdict->low95), show_number(arena, verdict->high95));
}

static const char *show_expected(Arena *arena, const ReferenceRow *row)
{
    if (row->statistic == STATISTIC_PRESENT)
        return ">" TABLE_BLANK "0.5";
    if (row->statistic == STATISTIC_ABSENT)
        return "<" TABLE_BLANK "0.5";
    if (row->statistic == STATISTIC_SIGN)
        return sign_name(row->sign);
    return arena_print(arena, "%.4g to %.4g", row->low, row->high);
}

static void add_verdict(Arena *arena, Table *table, const Verdict *verdict)
{
    const ReferenceRow *row = verdict->row;
    const char **cells = table_add(table);
    cells[ROW] = table_clean(arena, row->id);
    cells[COHORT] = show_cohorts(arena, row);
    cells[METRIC] = arena_print(arena, "%s %s", statistic_short_name(row->statistic), table_clean(arena, row->metric));
    cells[AT] = show_at(arena, row);
    cells[ESTIMATE] = show_estimate(arena, verdict);
    cells[EXPECTED] = show_expected(arena, row);
    cells[EVIDENCE] = evidence_name(row->evidence);
    cells[VERDICT] = verdict->uncertain ? "agrees (uncertain)" : outcome_name(verdict->outcome);
}

static void show_note(Arena *arena, const Verdict *verdict, const char *note, Text *text)
{
    if (note != NULL)
        table_note(arena_print(arena, "%s: %s", table_clean(arena, verdict->row->id), table_clean(arena, note)), text);
}

void verdict_table_show(Arena *arena, const Verdict *verdicts, size_t n_verdicts, Text *text)
{
    Table table = table_new(arena, COLUMNS, N_COLUMNS);
    bool has_notes = false;
    for (size_t i = 0; i < n_verdicts; i++) {
        add_verdict(arena, &table, &verdicts[i]);
        has_notes = has_notes || verdicts[i].reason != NULL || verdicts[i].note != NULL;
    }
    table_show(&table, text);
    text_add(text, "\n", 1);
    for (size_t i = 0; i < n_verdicts; i++) {
        show_note(arena, &verdicts[i], verdicts[i].reason, text);
        show_note(arena, &verdicts[i], verdicts[i].note, text);
    }
    if (has_notes)
        text_add(text, "\n", 1);
    VerdictCount count = verdicts_count(verdicts, n_verdicts);
    text_print(text, "%zu %s, %zu %s, %zu missing (%zu uncertain)\n", count.n_agree,
               count.n_agree == 1 ? "agrees" : "agree", count.n_differ, count.n_differ == 1 ? "differs" : "differ",
               count.n_missing, count.n_uncertain);
}
