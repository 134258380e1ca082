/* SPDX-License-Identifier: Apache-2.0
 *
 * Shows one design that several models ran: a row for each phenotype of each model, a column for each cohort. A
 * phenotype that is 0 in every cohort has no row; a model that can express no cohort has one row.
 */
#include <math.h>
#include <string.h>

#include "compare/stored_run.h"
#include "report/report.h"
#include "report/row.h"
#include "report/table.h"

typedef VEC(const char *) Names;

typedef struct ModelsSheet {
    Arena *arena;
    const StoredRun *answers; /* a run of each model */
    size_t n_answers;
    Names cohorts; /* of all models */
} ModelsSheet;

enum { MODEL, PHENOTYPE, MODELS_AT, CONTROL, FIRST_COHORT };

enum { MODELS_COHORTS_SHOWN = 20 };

/* ---- reading ---- */

static void sheet_add_name(ModelsSheet *sheet, const char *name)
{
    if (sheet->cohorts.n == MODELS_COHORTS_SHOWN)
        return;
    for (size_t i = 0; i < sheet->cohorts.n; i++)
        if (text_equal(sheet->cohorts.items[i], name))
            return;
    *vec_push(sheet->arena, &sheet->cohorts) = name;
}

/* True when the point is the last age of its site. */
static bool is_last(const StoredRun *answer, size_t point)
{
    return point + 1 == answer->n_points || !text_equal(answer->points[point].site, answer->points[point + 1].site);
}

/* Reads the mean of a cohort; NaN when there is no value. */
static bool mean_of(const StoredRun *run, const char *cohort, const char *metric, const StorePoint *point,
                    double *ret_mean, Err *reterr)
{
    StoredSample sample;
    if (!stored_run_sample(run, cohort, metric, point, &sample, reterr))
        return false;
    *ret_mean = sample.mean;
    return true;
}

/* ---- cells ---- */

/* One row: a metric of a model at a site and age. */
typedef struct SheetRow {
    const StoredRun *answer;
    const StoreMetricInfo *metric;
    const StorePoint *point;
    double control_mean; /* of the first cohort's control, which most share */
    bool some;           /* some cohort has a value other than 0 */
} SheetRow;

/* Shows "x" and the ratio to the control; the value itself when the control is 0; "cannot" when the model cannot
 * express the cohort. */
static bool show_cell(Arena *arena, SheetRow *row, const char *cohort, const char **ret_cell, Err *reterr)
{
    const StoredRun *answer = row->answer;
    const StoreCohortInfo *own = stored_run_find_cohort(answer, cohort);
    double mean, control = row->control_mean;
    *ret_cell = "cannot";
    if (own == NULL)
        return true;
    if (!mean_of(answer, cohort, row->metric->name, row->point, &mean, reterr))
        return false;
    if (!text_equal(own->control, answer->cohorts[0].control) &&
        !mean_of(answer, own->control, row->metric->name, row->point, &control, reterr))
        return false;
    row->some = row->some || fabs(mean) > 0.0;
    if (isnan(mean))
        *ret_cell = "-";
    else if (fabs(control) > 0.0)
        *ret_cell = arena_print(arena, "×%s", row_number(arena, mean / control));
    else
        *ret_cell = row_number(arena, mean);
    return true;
}

static const char *show_control(Arena *arena, double mean, const char *unit)
{
    if (isnan(mean))
        return "-";
    bool pure = text_equal(unit, "1");
    return arena_print(arena, "%s%s%s", row_number(arena, mean), pure ? "" : TABLE_BLANK,
                       pure ? "" : table_clean(arena, unit));
}

static bool add_phenotype(const ModelsSheet *sheet, SheetRow row, Table *table, Err *reterr)
{
    Arena *arena = sheet->arena;
    const StoredRun *answer = row.answer;
    const char **cells = NEW_ARRAY(arena, const char *, table->n_columns);
    if (!mean_of(answer, answer->cohorts[0].control, row.metric->name, row.point, &row.control_mean, reterr))
        return false;
    row.some = fabs(row.control_mean) > 0.0;
    bool sited = answer->n_sites > 1;
    cells[MODEL] = table_clean(arena, answer->model);
    cells[PHENOTYPE] = table_clean(arena, row.metric->name);
    cells[MODELS_AT] = arena_print(arena, "%s%s%s", sited ? table_clean(arena, row.point->site) : "", sited ? " " : "",
                                   table_unbroken(arena, text_show_age(arena, row.point->age_d)));
    cells[CONTROL] = show_control(arena, row.control_mean, row.metric->unit);
    for (size_t i = 0; i < sheet->cohorts.n; i++)
        if (!show_cell(arena, &row, sheet->cohorts.items[i], &cells[FIRST_COHORT + i], reterr))
            return false;
    if (row.some)
        memcpy(table_add(table), cells, table->n_columns * sizeof *cells);
    return true;
}

static void add_speechless(const ModelsSheet *sheet, const StoredRun *answer, Table *table)
{
    const char **cells = table_add(table);
    cells[MODEL] = table_clean(sheet->arena, answer->model);
    cells[PHENOTYPE] = "(all)";
    for (size_t i = 0; i < sheet->cohorts.n; i++)
        cells[FIRST_COHORT + i] = "cannot";
}

static bool add_answer(const ModelsSheet *sheet, const StoredRun *answer, Table *table, Err *reterr)
{
    bool speaks = answer->n_unexpressed == 0;
    for (size_t c = 0; c < answer->n_cohorts; c++)
        speaks = speaks || !text_equal(answer->cohorts[c].name, answer->cohorts[c].control);
    if (!speaks)
        add_speechless(sheet, answer, table);
    for (size_t m = 0; speaks && m < answer->n_metrics; m++)
        for (size_t p = 0; p < answer->n_points; p++)
            if (text_equal(answer->metrics[m].kind, "phenotype") && is_last(answer, p) &&
                !add_phenotype(sheet,
                               (SheetRow){.answer = answer, .metric = &answer->metrics[m], .point = &answer->points[p]},
                               table, reterr))
                return false;
    return true;
}

/* Shows each reason once, after the cohorts that it applies to. */
static void show_reasons(const ModelsSheet *sheet, const StoredRun *answer, Text *text)
{
    for (size_t i = 0; i < answer->n_unexpressed; i++) {
        const char *reason = answer->unexpressed[i].reason;
        Text cohorts = text_new(sheet->arena);
        bool told = false;
        for (size_t k = 0; k < answer->n_unexpressed; k++) {
            if (!text_equal(answer->unexpressed[k].reason, reason))
                continue;
            told = told || k < i;
            text_print(&cohorts, "%s%s", cohorts.length > 0 ? ", " : "", answer->unexpressed[k].cohort);
        }
        if (!told)
            table_note(arena_print(sheet->arena, "%s cannot express %s: %s", table_clean(sheet->arena, answer->model),
                                   table_clean(sheet->arena, text_string(&cohorts)), table_clean(sheet->arena, reason)),
                       text);
    }
}

static const TableColumn *columns_of(const ModelsSheet *sheet)
{
    TableColumn *columns = NEW_ARRAY(sheet->arena, TableColumn, FIRST_COHORT + sheet->cohorts.n);
    columns[MODEL] = (TableColumn){.title = "model"};
    columns[PHENOTYPE] = (TableColumn){.title = "phenotype"};
    columns[MODELS_AT] = (TableColumn){.title = "at", .wraps = true};
    columns[CONTROL] = (TableColumn){.title = "control", .wraps = true};
    for (size_t i = 0; i < sheet->cohorts.n; i++)
        columns[FIRST_COHORT + i] =
            (TableColumn){.title = table_clean(sheet->arena, sheet->cohorts.items[i]), .wraps = true};
    return columns;
}

bool models_table_show(Arena *arena, Store *store, const int64_t *runs, size_t n_runs, Text *text, Err *reterr)
{
    StoredRun *answers = NEW_ARRAY(arena, StoredRun, n_runs);
    ModelsSheet sheet = {.arena = arena, .answers = answers, .n_answers = n_runs};
    for (size_t i = 0; i < n_runs; i++)
        if (!stored_run_read(arena, store, runs[i], &answers[i], reterr))
            return false;
    for (size_t i = 0; i < n_runs; i++) {
        for (size_t c = 0; c < answers[i].n_cohorts; c++)
            if (!text_equal(answers[i].cohorts[c].name, answers[i].cohorts[c].control))
                sheet_add_name(&sheet, answers[i].cohorts[c].name);
        for (size_t c = 0; c < answers[i].n_unexpressed; c++)
            sheet_add_name(&sheet, answers[i].unexpressed[c].cohort);
    }
    Table table = table_new(arena, columns_of(&sheet), FIRST_COHORT + sheet.cohorts.n);
    for (size_t i = 0; i < n_runs; i++)
        if (!add_answer(&sheet, &answers[i], &table, reterr))
            return false;
    text_print(text, "ratio to control, in each model at its last age; cannot: the model cannot express it\n\n");
    table_show(&table, text);
    text_print(text, "\n");
    if (sheet.cohorts.n == MODELS_COHORTS_SHOWN)
        table_note("the first 20 cohorts are shown; SELECT * FROM across_models has all", text);
    for (size_t i = 0; i < n_runs; i++)
        show_reasons(&sheet, &answers[i], text);
    return true;
}
