/* SPDX-License-Identifier: Apache-2.0
 *
 * Shows the phenotypes of a run: a table for each site, with a row for each cohort and a column for each metric.
 *
 * 1 reading: the run, and a cell for each cohort and metric    3 blocks: as many metrics as fit side by side
 * 2 cells: the text of each cell, with aligned parts           4 sites and notes: one page for each site
 */
#include <math.h>
#include <string.h>

#include "compare/stored_run.h"
#include "report/report.h"
#include "report/table.h"

enum { PHENOTYPE_COHORTS_SHOWN = 40, NAME_WIDTH = 40, FIRST_METRIC = 2 };

typedef struct Cell {
    bool is_read;
    StoredSample sample;
} Cell;

/* A run, and the cohorts and metrics that the table shows. */
typedef struct View {
    Arena *arena;
    StoredRun run;
    size_t n_shown;                 /* cohorts */
    const StoreMetricInfo *metrics; /* those that are shown */
    size_t n_metrics;
} View;

/* One site at one age; cells[cohort * n_metrics + metric] are read when they are needed. */
typedef struct PhenotypePage {
    const View *view;
    const char *site;
    double age_d;
    Cell *cells;
} PhenotypePage;

/* -- 1 reading ------------------------------------------------------------------------------------------------- */

/* Reads the values at the page's age. A trait may be decided once, earlier: then it reads the last age that has values.
 * */
static bool read_cell(const PhenotypePage *page, size_t cohort, size_t metric, Err *reterr)
{
    const View *view = page->view;
    Cell *cell = &page->cells[cohort * view->n_metrics + metric];
    bool is_trait = text_equal(view->metrics[metric].kind, "trait");
    if (cell->is_read)
        return true;
    *cell = (Cell){.is_read = true, .sample = {.mean = (double)NAN, .sd = (double)NAN}};
    for (size_t i = view->run.n_points; i-- > 0 && cell->sample.n_read == 0;) { /* ages ascend within a site */
        const StorePoint *point = &view->run.points[i];
        bool at_age = number_same(point->age_d, page->age_d), before = is_trait && point->age_d < page->age_d;
        if (text_equal(point->site, page->site) && (at_age || before) &&
            !stored_run_sample(&view->run, view->run.cohorts[cohort].name, view->metrics[metric].name, point,
                               &cell->sample, reterr))
            return false;
    }
    return true;
}

static size_t control_of(const View *view, size_t cohort)
{
    for (size_t i = 0; i < view->run.n_cohorts; i++)
        if (text_equal(view->run.cohorts[i].name, view->run.cohorts[cohort].control))
            return i;
    return cohort;
}

static bool read_page(const PhenotypePage *page, Err *reterr)
{
    for (size_t cohort = 0; cohort < page->view->n_shown; cohort++)
        for (size_t metric = 0; metric < page->view->n_metrics; metric++)
            if (!read_cell(page, cohort, metric, reterr) ||
                !read_cell(page, control_of(page->view, cohort), metric, reterr))
                return false;
    return true;
}

/* Chooses phenotypes and traits; recorded symbols when the model has neither. */
static void choose_metrics(View *view, const StoreMetricInfo *all, size_t n_all)
{
    StoreMetricInfo *chosen = NEW_ARRAY(view->arena, StoreMetricInfo, n_all);
    for (size_t i = 0; i < n_all; i++)
        if (!text_equal(all[i].kind, "recorded"))
            chosen[view->n_metrics++] = all[i];
    view->metrics = view->n_metrics > 0 ? chosen : all;
    view->n_metrics = view->n_metrics > 0 ? view->n_metrics : n_all;
}

static bool view_read(View *view, Store *store, int64_t run, Err *reterr)
{
    if (!stored_run_read(view->arena, store, run, &view->run, reterr))
        return false;
    view->n_shown = view->run.n_cohorts < PHENOTYPE_COHORTS_SHOWN ? view->run.n_cohorts : PHENOTYPE_COHORTS_SHOWN;
    choose_metrics(view, view->run.metrics, view->run.n_metrics);
    return true;
}

/* -- 2 cells --------------------------------------------------------------------------------------------------- */

typedef struct CellText {
    const char *mean, *sd, *ratio; /* "" when there is none */
} CellText;

static CellText cell_text(const PhenotypePage *page, size_t cohort, size_t metric)
{
    const View *view = page->view;
    Arena *arena = view->arena;
    size_t control = control_of(view, cohort);
    const StoredSample *cell = &page->cells[cohort * view->n_metrics + metric].sample;
    double control_mean = page->cells[control * view->n_metrics + metric].sample.mean;
    CellText text = {"", "", ""};
    if (cell->n == 0) {
        text.mean = "-";
        return text;
    }
    if (text_equal(view->metrics[metric].kind, "trait")) {
        text.mean = arena_print(arena, "%zu/%zu", cell->n_present, cell->n);
        return text;
    }
    text.mean = arena_print(arena, "%.4g", cell->mean);
    if (!isnan(cell->sd))
        text.sd = arena_print(arena, "%.3g", cell->sd);
    if (control != cohort && fabs(control_mean) > 0.0)
        text.ratio = arena_print(arena, "%.3g", cell->mean / control_mean);
    return text;
}

static size_t longer(size_t width, const char *text)
{
    size_t length = strlen(text);
    return length > width ? length : width;
}

static void pad(Text *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_add(text, TABLE_BLANK, 1);
}

/* Formats a column of "mean ± sd × ratio" with aligned parts. */
static void format_metric(const PhenotypePage *page, size_t metric, const char **ret_cells)
{
    const View *view = page->view;
    CellText *texts = NEW_ARRAY(view->arena, CellText, view->n_shown);
    size_t mean = 0, sd = 0, ratio = 0;
    for (size_t cohort = 0; cohort < view->n_shown; cohort++) {
        texts[cohort] = cell_text(page, cohort, metric);
        mean = longer(mean, texts[cohort].mean);
        sd = longer(sd, texts[cohort].sd);
        ratio = longer(ratio, texts[cohort].ratio);
    }
    for (size_t cohort = 0; cohort < view->n_shown; cohort++) {
        const CellText *parts = &texts[cohort];
        bool has_sd = *parts->sd != '\0', has_ratio = *parts->ratio != '\0';
        Text cell = text_new(view->arena);
        pad(&cell, mean - strlen(parts->mean));
        text_print(&cell, "%s", parts->mean);
        if (has_sd)
            text_print(&cell, TABLE_BLANK "±" TABLE_BLANK "%s", parts->sd);
        else if (has_ratio && sd > 0)
            pad(&cell, 3);
        if (has_ratio)
            pad(&cell, sd - strlen(parts->sd) + 1);
        if (has_ratio)
            text_print(&cell, "×%s", parts->ratio);
        ret_cells[cohort] = text_string(&cell);
    }
}

/* -- 3 blocks -------------------------------------------------------------------------------------------------- */

static const char *metric_title(const View *view, size_t metric)
{
    const StoreMetricInfo *info = &view->metrics[metric];
    const char *name = table_clean(view->arena, info->name);
    if (*info->unit == '\0' || text_equal(info->unit, "1"))
        return name;
    return arena_print(view->arena, "%s (%s)", name, table_clean(view->arena, info->unit));
}

static size_t animals_in(const PhenotypePage *page, size_t cohort)
{
    size_t n = 0, n_metrics = page->view->n_metrics;
    for (size_t metric = 0; metric < n_metrics; metric++) {
        size_t here = page->cells[cohort * n_metrics + metric].sample.n;
        n = here > n ? here : n;
    }
    return n;
}

/* The width of the first two columns, which every block repeats. */
static size_t label_width(const View *view)
{
    size_t widest = strlen("cohort");
    for (size_t cohort = 0; cohort < view->n_shown; cohort++) {
        const char *name = table_clean(view->arena, view->run.cohorts[cohort].name);
        size_t width = table_text_width(name, strlen(name));
        widest = width > widest ? width : widest;
    }
    return (widest < NAME_WIDTH ? widest : NAME_WIDTH) + TABLE_GAP + 6;
}

/* Shows the metrics first .. last - 1 as one table. `cells` is ordered by metric, then cohort. */
static void show_block(const PhenotypePage *page, const char **cells, size_t first, size_t last, Text *text)
{
    const View *view = page->view;
    size_t n_columns = FIRST_METRIC + last - first;
    TableColumn *columns = NEW_ARRAY(view->arena, TableColumn, n_columns);
    columns[0] = (TableColumn){.title = "cohort", .wraps = true};
    columns[1] = (TableColumn){.title = "n", .right = true};
    for (size_t metric = first; metric < last; metric++)
        columns[FIRST_METRIC + metric - first] = (TableColumn){.title = metric_title(view, metric)};
    Table table = table_new(view->arena, columns, n_columns);
    for (size_t cohort = 0; cohort < view->n_shown; cohort++) {
        const char **row = table_add(&table);
        row[0] = table_clean(view->arena, view->run.cohorts[cohort].name);
        row[1] = arena_print(view->arena, "%zu", animals_in(page, cohort));
        for (size_t metric = first; metric < last; metric++)
            row[FIRST_METRIC + metric - first] = cells[metric * view->n_shown + cohort];
    }
    text_add(text, "\n", 1);
    table_show(&table, text);
}

static size_t metric_width(const View *view, size_t metric, const char *const *cells)
{
    const char *title = metric_title(view, metric);
    size_t widest = table_text_width(title, strlen(title));
    for (size_t cohort = 0; cohort < view->n_shown; cohort++) {
        size_t width = table_text_width(cells[cohort], strlen(cells[cohort]));
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void show_page(const PhenotypePage *page, Text *text)
{
    const View *view = page->view;
    const char **cells = NEW_ARRAY(view->arena, const char *, view->n_metrics * view->n_shown);
    for (size_t metric = 0; metric < view->n_metrics; metric++)
        format_metric(page, metric, cells + metric * view->n_shown);

    text_print(text, "%s%s%s: mean ± sd, × ratio to control\n", table_clean(view->arena, page->site),
               *page->site != '\0' ? " at " : "", text_show_age(view->arena, page->age_d));
    size_t first = 0, used = label_width(view);
    for (size_t metric = 0; metric < view->n_metrics; metric++) {
        size_t width = metric_width(view, metric, cells + metric * view->n_shown) + TABLE_GAP;
        if (metric > first && used + width > TABLE_WIDTH) {
            show_block(page, cells, first, metric, text);
            first = metric;
            used = label_width(view);
        }
        used += width;
    }
    show_block(page, cells, first, view->n_metrics, text);
    text_add(text, "\n", 1);
}

/* -- 4 sites and notes ----------------------------------------------------------------------------------------- */

static bool has_only_traits(const View *view)
{
    for (size_t metric = 0; metric < view->n_metrics; metric++)
        if (!text_equal(view->metrics[metric].kind, "trait"))
            return false;
    return true;
}

/* The age to show for a site: `age_d` if it is given, else the last measured age (traits may be decided later; they
 * count when the table shows only traits). NaN when the site has no such age. */
static double choose_age(const View *view, const char *site, double age_d)
{
    double chosen = (double)NAN;
    bool any = !isnan(age_d) || has_only_traits(view);
    for (size_t i = 0; i < view->run.n_points; i++) {
        const StorePoint *point = &view->run.points[i];
        bool wanted = isnan(age_d) ? isnan(chosen) || point->age_d > chosen : number_same(point->age_d, age_d);
        if (text_equal(point->site, site) && wanted && (any || point->measured))
            chosen = point->age_d;
    }
    return chosen;
}

static bool is_first_of_site(const View *view, size_t point)
{
    for (size_t i = 0; i < point; i++)
        if (text_equal(view->run.points[i].site, view->run.points[point].site))
            return false;
    return true;
}

static void show_notes(const View *view, Text *text)
{
    for (size_t i = 0; i < view->n_shown; i++) {
        const StoreCohortInfo *cohort = &view->run.cohorts[i];
        const char *name = table_clean(view->arena, cohort->name);
        if (cohort->n_failed > 0)
            table_note(arena_print(view->arena, "%s: %zu of %zu animals failed (view 'failure')", name,
                                   cohort->n_failed, cohort->n_planned),
                       text);
        if (cohort->n_stored < cohort->n_planned)
            table_note(arena_print(view->arena, "%s: %zu of %zu animals are stored yet", name, cohort->n_stored,
                                   cohort->n_planned),
                       text);
    }
    if (view->n_shown < view->run.n_cohorts)
        text_print(text, "%zu more cohorts are in the view 'cohort_summary'\n", view->run.n_cohorts - view->n_shown);
}

bool phenotype_table_show(Arena *arena, Store *store, int64_t run, double age_d, Text *text, Err *reterr)
{
    View view = {.arena = arena};
    if (!view_read(&view, store, run, reterr))
        return false;
    Text shown = text_new(arena);
    for (size_t i = 0; i < view.run.n_points; i++) {
        PhenotypePage page = {.view = &view, .site = view.run.points[i].site};
        if (!is_first_of_site(&view, i))
            continue;
        page.age_d = choose_age(&view, page.site, age_d);
        if (isnan(page.age_d))
            continue;
        page.cells = NEW_ARRAY(arena, Cell, view.run.n_cohorts * view.n_metrics);
        if (!read_page(&page, reterr))
            return false;
        show_page(&page, &shown);
    }
    if (shown.length == 0)
        text_print(&shown, "nothing measured%s\n\n", isnan(age_d) ? "" : " at that age");
    show_notes(&view, &shown);
    text_add(text, shown.bytes, shown.length);
    return true;
}
