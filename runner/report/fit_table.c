/* SPDX-License-Identifier: Apache-2.0
 *
 * Shows the result of a fit: sums of squares, parameters, rows, and what the data cannot tell apart.
 */
#include <math.h>

#include "report/report.h"
#include "report/row.h"
#include "report/table.h"

typedef struct FitPage {
    Arena *arena;
    const Fit *fit;
    bool markdown;
    Text *text;
} FitPage;

static void show_title(const FitPage *page, const char *title)
{
    text_print(page->text, page->markdown ? "\n### %s\n\n" : "\n%s\n\n", title);
}

static void show_table(const FitPage *page, const Table *table)
{
    if (page->markdown)
        table_show_markdown(table, page->text);
    else
        table_show(table, page->text);
}

/* One line of a list. */
static void show_item(const FitPage *page, const char *item)
{
    if (!page->markdown) {
        table_note(item, page->text);
        return;
    }
    text_print(page->text, "- ");
    table_add_markdown(item, page->text);
    text_print(page->text, "\n");
}

/* ---- rows ---- */

enum { ROW, COHORT, METRIC, AT, ESTIMATE, TARGET, BAND, RESIDUAL, VERDICT, N_ROW_COLUMNS };

static const TableColumn ROW_COLUMNS[N_ROW_COLUMNS] = {
    [ROW] = {.title = "row"},
    [COHORT] = {.title = "cohort vs control", .wraps = true},
    [METRIC] = {.title = "what", .wraps = true},
    [AT] = {.title = "at", .wraps = true},
    [ESTIMATE] = {.title = "estimate", .right = true},
    [TARGET] = {.title = "target", .right = true},
    [BAND] = {.title = "band", .wraps = true},
    [RESIDUAL] = {.title = "residual", .right = true},
    [VERDICT] = {.title = "verdict", .wraps = true},
};

static const char *show_verdict(Arena *arena, const FitRow *row, const Verdict *verdict)
{
    const char *word = verdict->outcome == OUTCOME_AGREES    ? "in"
                       : verdict->outcome == OUTCOME_MISSING ? "missing"
                                                             : "OUT";
    const char *why = row->fitted ? "" : row->left_out != NULL ? " (left out)" : " (judged)";
    return arena_print(arena, "%s%s", word, why);
}

static void fit_table_add_row(const FitPage *page, Table *table, const FitRow *row, const FitAssessment *look, size_t i)
{
    Arena *arena = page->arena;
    const ReferenceRow *r = row->row;
    const Verdict *verdict = &look->verdicts[i];
    const char **cells = table_add(table);
    cells[ROW] = table_clean(arena, r->id);
    cells[COHORT] = row_cohorts(arena, r);
    cells[METRIC] = row_metric(arena, r);
    cells[AT] = row_at(arena, r);
    cells[ESTIMATE] = isnan(verdict->estimate) ? "" : row_number(arena, verdict->estimate);
    cells[TARGET] = isnan(r->target) ? "" : row_number(arena, r->target);
    cells[BAND] = row_expected(arena, r);
    cells[RESIDUAL] = row->fitted ? arena_print(arena, "%.2f", look->residuals[i]) : "";
    cells[VERDICT] = show_verdict(arena, row, verdict);
}

static void show_rows(const FitPage *page, const FitAssessment *look)
{
    const Fit *fit = page->fit;
    Table table = table_new(page->arena, ROW_COLUMNS, N_ROW_COLUMNS);
    size_t n_in[2] = {0}, n[2] = {0};
    bool has_notes = false;
    for (size_t i = 0; i < fit->n_rows; i++) {
        fit_table_add_row(page, &table, &fit->rows[i], look, i);
        n[fit->rows[i].fitted]++;
        has_notes = has_notes || look->verdicts[i].reason != NULL || fit->rows[i].left_out != NULL;
        n_in[fit->rows[i].fitted] += look->verdicts[i].outcome == OUTCOME_AGREES;
    }
    show_table(page, &table);
    text_print(page->text, "\n");
    for (size_t i = 0; i < fit->n_rows; i++) {
        const Verdict *verdict = &look->verdicts[i];
        if (verdict->reason != NULL)
            show_item(page, arena_print(page->arena, "%s: %s", table_clean(page->arena, verdict->row->id),
                                        table_clean(page->arena, verdict->reason)));
        if (fit->rows[i].left_out != NULL)
            show_item(page, arena_print(page->arena, "%s is left out: %s", table_clean(page->arena, verdict->row->id),
                                        table_clean(page->arena, fit->rows[i].left_out)));
    }
    text_print(page->text, has_notes ? "\n" : "");
    text_print(page->text, "%zu of %zu fitted rows in their band, %zu of %zu judged ones\n", n_in[1], n[1], n_in[0],
               n[0]);
}

static void show_sums(const FitPage *page, const FitAssessment *look)
{
    const Fit *fit = page->fit;
    text_print(page->text, "chi-square %.4g: data %.4g (%zu row%s), priors %.4g (%zu parameter%s)\n",
               look->data + look->prior, look->data, fit->n_fitted, fit->n_fitted == 1 ? "" : "s", look->prior,
               fit->n_parameters, fit->n_parameters == 1 ? "" : "s");
}

void fit_table_show_assessment(Arena *arena, const Fit *fit, const FitAssessment *look, bool markdown, Text *text)
{
    const FitPage page = {.arena = arena, .fit = fit, .markdown = markdown, .text = text};
    show_rows(&page, look);
    show_sums(&page, look);
}

/* ---- parameters ---- */

enum { NAME, UNIT, START, PRIOR, VALUE, ERROR, INTERVAL, LEARNED, NOTE, N_PARAMETER_COLUMNS };

static const TableColumn PARAMETER_COLUMNS[N_PARAMETER_COLUMNS] = {
    [NAME] = {.title = "parameter"},
    [UNIT] = {.title = "unit"},
    [START] = {.title = "start", .right = true},
    [PRIOR] = {.title = "prior", .right = true},
    [VALUE] = {.title = "value", .right = true},
    [ERROR] = {.title = "standard" TABLE_BLANK "error", .right = true},
    [INTERVAL] = {.title = "95" TABLE_BLANK "% interval"},
    [LEARNED] = {.title = "from" TABLE_BLANK "data", .right = true},
    [NOTE] = {.title = "", .wraps = true},
};

static void fit_table_show_parameters(const FitPage *page, const FitResult *result)
{
    Arena *arena = page->arena;
    Table table = table_new(arena, PARAMETER_COLUMNS, N_PARAMETER_COLUMNS);
    for (size_t i = 0; i < page->fit->n_parameters; i++) {
        const FitParameter *p = &page->fit->parameters[i];
        const char **cells = table_add(&table);
        double error = p->spread * result->sd[i];
        cells[NAME] = table_clean(arena, p->name);
        cells[UNIT] = table_unbroken(arena, table_clean(arena, p->unit_text));
        cells[START] = arena_print(arena, "%.4g", p->start);
        cells[PRIOR] = arena_print(arena, "%.4g", p->prior);
        cells[VALUE] = arena_print(arena, "%.4g", result->look.values[i]);
        cells[ERROR] = p->linear ? arena_print(arena, "%.3g", error) : arena_print(arena, "x%.3f", exp(error));
        cells[INTERVAL] =
            arena_print(arena, "%.3g" TABLE_BLANK "to" TABLE_BLANK "%.3g", result->low[i], result->high[i]);
        cells[LEARNED] = arena_print(arena, "%.0f" TABLE_BLANK "%%", 100.0 * result->learned[i]);
        cells[NOTE] = result->at_bound[i] ? "at bound" : "";
    }
    show_table(page, &table);
}

/* ---- what the data cannot tell apart ---- */

static void show_correlations(const FitPage *page, const FitResult *result)
{
    static const double STRONG = 0.9;
    size_t n = page->fit->n_parameters, n_shown = 0;
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++) {
            double rho = result->correlation[a * n + b];
            if (!(fabs(rho) > STRONG))
                continue;
            show_item(page, arena_print(page->arena, "%s and %s: %.3f",
                                        table_clean(page->arena, page->fit->parameters[a].name),
                                        table_clean(page->arena, page->fit->parameters[b].name), rho));
            n_shown++;
        }
    if (n_shown == 0)
        show_item(page, "none");
}

/* "0.81 r_p - 0.52 k_mat": the largest parts of a direction, largest first. */
static const char *show_direction(const FitPage *page, const double *direction)
{
    static const double MATTERS = 0.25;
    size_t n = page->fit->n_parameters;
    bool *shown = NEW_ARRAY(page->arena, bool, n);
    Text text = text_new(page->arena);
    for (;;) {
        size_t largest = n;
        for (size_t i = 0; i < n; i++)
            if (!shown[i] && fabs(direction[i]) > MATTERS &&
                (largest == n || fabs(direction[i]) > fabs(direction[largest])))
                largest = i;
        if (largest == n)
            return text_string(&text);
        shown[largest] = true;
        text_print(&text, "%s%.2f %s",
                   direction[largest] < 0.0 ? " - "
                   : text.length > 0        ? " + "
                                            : "",
                   fabs(direction[largest]), table_clean(page->arena, page->fit->parameters[largest].name));
    }
}

static void show_directions(const FitPage *page, const FitResult *result)
{
    size_t n = page->fit->n_parameters, n_shown = 0;
    for (size_t k = 0; k < n && result->eigenvalues[k] < 1.0; k++, n_shown++)
        show_item(page, arena_print(page->arena, "%s (%.2g)", show_direction(page, result->directions + k * n),
                                    result->eigenvalues[k] > 0.0 ? result->eigenvalues[k] : 0.0));
    if (n_shown == 0)
        show_item(page, "nothing: in every direction they say more than the prior");
}

/* ---- the report ---- */

static void show_starts(const FitPage *page, const FitResult *result)
{
    for (size_t i = 0; i < page->fit->n_starts; i++) {
        const FitStart *start = &result->starts[i];
        const char *end = start->converged ? "converged" : "NOT converged";
        const char *item = start->failure != NULL
                               ? arena_print(page->arena, "start %zu: failed: %s", i + 1, start->failure)
                               : arena_print(page->arena, "start %zu: chi-square %.6g -> %.6g in %zu evaluations, %s%s",
                                             i + 1, start->first, start->last, start->n_evaluations, end,
                                             i == result->best ? "; the best" : "");
        show_item(page, item);
    }
}

void fit_table_show(Arena *arena, const Fit *fit, const FitResult *result, bool markdown, Text *text)
{
    const FitPage page = {.arena = arena, .fit = fit, .markdown = markdown, .text = text};
    text_print(text, markdown ? "## Fit " : "fit ");
    if (markdown)
        table_add_markdown(table_clean(arena, fit->name), text);
    else
        text_print(text, "%s", table_clean(arena, fit->name));
    text_print(text, markdown ? "\n\n" : "\n");
    show_starts(&page, result);
    text_print(text, markdown ? "\n" : "");
    show_sums(&page, &result->look);
    text_print(text, "the data determine %.1f of %zu parameters; %.1f degrees of freedom\n", result->n_determined,
               fit->n_parameters, (double)fit->n_fitted - result->n_determined);
    show_title(&page, "Parameters");
    fit_table_show_parameters(&page, result);
    show_title(&page, "Rows");
    show_rows(&page, &result->look);
    show_title(&page, "Correlations above 0.9");
    show_correlations(&page, result);
    show_title(&page, "What the data cannot tell apart (in prior spreads; how much they say, the prior says 1)");
    show_directions(&page, result);
}
