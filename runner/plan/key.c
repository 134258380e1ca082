/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints what the numbers of a cohort follow from: two cohorts with the same text have the same animals, whatever their
 * files look like. One line for each detail of the plan and of the cohort's parts (parts.h); numbers read back exactly,
 * names are quoted.
 */
#include <string.h>

#include "plan/parts.h"

static void number_in_key(Text *text, const char *name, double value)
{
    char number[NUMBER_TEXT];
    text_print(text, "%s %s\n", name, number_show(value, number));
}

void plan_key(const Plan *plan, Text *text)
{
    text_print(text, "seed %llu\ntwins %d\nvariability %d\ndense %d\n", (unsigned long long)plan->seed, plan->twins,
               plan->variability, plan->dense);
    number_in_key(text, "start", plan->start);
    for (size_t i = 0; i < plan->n_times; i++)
        number_in_key(text, "time", plan->times[i]);
    for (size_t i = 0; i < plan->n_record; i++) {
        text_print(text, "record ");
        text_add_json(text, plan->record[i]);
        text_print(text, "\n");
    }
    text_print(text, "model %zu\n%s\n", strlen(plan->model->text), plan->model->text);
}

static void detail_in_key(const Detail *detail, Text *text)
{
    switch (detail->kind) {
    case DETAIL_NUMBER: number_in_key(text, detail->key, detail->number); break;
    case DETAIL_TEXT:
        text_print(text, "%s ", detail->key);
        if (detail->text != NULL)
            text_add_json(text, detail->text);
        text_print(text, "\n");
        break;
    case DETAIL_NAMES:
        text_print(text, "%s", detail->key);
        for (size_t i = 0; i < detail->n_names; i++) {
            text_print(text, " ");
            text_add_json(text, detail->names[i]);
        }
        text_print(text, "\n");
        break;
    }
}

void plan_cohort_key(const Plan *plan, const Cohort *cohort, Text *text)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    for (int k = 0; k < N_PART_KINDS; k++) {
        PartKind kind = (PartKind)k;
        size_t n = part_count(plan->model, cohort, kind);
        for (size_t i = 0; i < n; i++) {
            Part part = part_get(scratch, plan->model, cohort, kind, i);
            for (size_t d = 0; d < part.n; d++)
                detail_in_key(&part.details[d], text);
        }
    }
}
