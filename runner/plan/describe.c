/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints the parts of a cohort (parts.h) as words and as JSON, for people and for the database. Numbers are the
 * resolved ones, in the model's units.
 */
#include "plan/parts.h"
#include "plan/plan_priv.h"

const char *plan_site_name(const Option *site)
{
    return site != NULL ? site->name : "";
}

/* ---- Words ---- */

static void detail_in_words(const Detail *detail, Text *text)
{
    text_print(text, "%s", detail->words);
    switch (detail->kind) {
    case DETAIL_NUMBER: text_print(text, "%g", detail->number); break;
    case DETAIL_TEXT: text_print(text, "%s", detail->text); break;
    case DETAIL_NAMES:
        for (size_t i = 0; i < detail->n_names; i++)
            text_print(text, "%s%s", i > 0 ? ", " : "", detail->names[i]);
        break;
    }
    if (detail->unit != NULL)
        text_print(text, " %s", detail->unit);
    if (detail->close != NULL)
        text_print(text, "%s", detail->close);
}

/* At most `max` parts of a kind, each after a semicolon. */
static void parts_in_words(const Model *model, const Cohort *cohort, PartKind kind, size_t max, Text *text)
{
    size_t n = part_count(model, cohort, kind);
    for (size_t i = 0; i < n && i < max; i++) {
        Part part = part_get(text->arena, model, cohort, kind, i);
        text_print(text, "%s", text->length > 0 ? "; " : "");
        for (size_t d = 0; d < part.n; d++)
            if (part.details[d].words != NULL)
                detail_in_words(&part.details[d], text);
    }
}

static const char *genotype_in_words(Arena *arena, const Model *model, const Cohort *cohort)
{
    static const PartKind kinds[] = {PART_GENE, PART_DRIVER, PART_OVERRIDE, PART_INDUCTION};
    Text text = text_new(arena);
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        parts_in_words(model, cohort, kinds[i], SIZE_MAX, &text);
    return text.length > 0 ? text_string(&text) : "wild type";
}

static const char *treatment_in_words(Arena *arena, const Model *model, const Cohort *cohort)
{
    enum { MAX_DOSES_SHOWN = 6 };
    Text text = text_new(arena);
    parts_in_words(model, cohort, PART_PROCEDURE, SIZE_MAX, &text);
    parts_in_words(model, cohort, PART_DOSE, MAX_DOSES_SHOWN, &text);
    if (cohort->n_doses > MAX_DOSES_SHOWN)
        text_print(&text, "; and %zu more doses", cohort->n_doses - MAX_DOSES_SHOWN);
    parts_in_words(model, cohort, PART_PERTURBATION, SIZE_MAX, &text);
    return text.length > 0 ? text_string(&text) : "none";
}

/* ---- JSON ---- */

static void detail_in_json(const Detail *detail, Text *text)
{
    char number[NUMBER_TEXT];
    switch (detail->kind) {
    case DETAIL_NUMBER: text_print(text, "%s", number_show(detail->number, number)); break;
    case DETAIL_TEXT: text_add_json(text, detail->text != NULL ? detail->text : "*"); break;
    case DETAIL_NAMES:
        text_print(text, "[");
        for (size_t i = 0; i < detail->n_names; i++) {
            text_print(text, "%s", i > 0 ? "," : "");
            text_add_json(text, detail->names[i]);
        }
        text_print(text, "]");
        break;
    }
}

/* The part itself: an object of its details, or its only detail `bare`; before it, `"name":` when it has a name. */
static void part_in_json(const Part *part, bool bare, Text *text)
{
    for (size_t d = 0; d < part->n; d++)
        if (part->details[d].json != NULL && text_equal(part->details[d].json, JSON_NAME)) {
            detail_in_json(&part->details[d], text);
            text_print(text, ":");
        }
    const char *between = bare ? "" : "{";
    for (size_t d = 0; d < part->n; d++) {
        const Detail *detail = &part->details[d];
        if (detail->json == NULL || text_equal(detail->json, JSON_NAME))
            continue;
        text_print(text, "%s", between);
        if (!bare)
            text_print(text, "\"%s\":", detail->json);
        detail_in_json(detail, text);
        between = ",";
    }
    text_print(text, "%s", bare ? "" : "}");
}

/* All parts of a kind, with commas; the caller puts them in brackets. */
static void parts_in_json(const Model *model, const Cohort *cohort, PartKind kind, bool bare, Text *text)
{
    size_t n = part_count(model, cohort, kind);
    for (size_t i = 0; i < n; i++) {
        Part part = part_get(text->arena, model, cohort, kind, i);
        text_print(text, "%s", i > 0 ? "," : "");
        part_in_json(&part, bare, text);
    }
}

static const char *genotype_in_json(Arena *arena, const Model *model, const Cohort *cohort)
{
    Text text = text_new(arena);
    text_print(&text, "{\"genes\":{");
    parts_in_json(model, cohort, PART_GENE, false, &text);
    text_print(&text, "},\"cre\":[");
    parts_in_json(model, cohort, PART_DRIVER, true, &text);
    text_print(&text, "],\"efficiency\":{");
    parts_in_json(model, cohort, PART_OVERRIDE, true, &text);
    text_print(&text, "}");
    if (part_count(model, cohort, PART_INDUCTION) > 0) {
        text_print(&text, ",\"induce\":");
        parts_in_json(model, cohort, PART_INDUCTION, true, &text);
    }
    text_print(&text, "}");
    return text_string(&text);
}

static const char *treatment_in_json(Arena *arena, const Model *model, const Cohort *cohort)
{
    Text text = text_new(arena);
    text_print(&text, "{\"doses\":[");
    parts_in_json(model, cohort, PART_DOSE, false, &text);
    text_print(&text, "],\"procedures\":[");
    parts_in_json(model, cohort, PART_PROCEDURE, false, &text);
    text_print(&text, "],\"perturb\":[");
    parts_in_json(model, cohort, PART_PERTURBATION, false, &text);
    text_print(&text, "]}");
    return text_string(&text);
}

static const char *settings_in_json(Arena *arena, const Model *model, const Cohort *cohort)
{
    Text text = text_new(arena);
    text_print(&text, "{");
    parts_in_json(model, cohort, PART_SETTING, true, &text);
    text_print(&text, "}");
    return text_string(&text);
}

void describe_cohort(PlanLoader *loader, Cohort *cohort)
{
    Arena *arena = loader->arena;
    const Model *model = loader->plan->model;
    cohort->genotype_text = genotype_in_words(arena, model, cohort);
    cohort->genotype_json = genotype_in_json(arena, model, cohort);
    cohort->treatment_text = treatment_in_words(arena, model, cohort);
    cohort->treatment_json = treatment_in_json(arena, model, cohort);
    cohort->settings_json = settings_in_json(arena, model, cohort);
}
