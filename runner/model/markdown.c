/* SPDX-License-Identifier: Apache-2.0
 *
 * A model as Markdown tables, for the note beside it (models/<name>.md).
 */
#include <math.h>
#include <stdarg.h>

#include "model/model.h"

/* ---- Cells ---- */

static void markdown_head(const char *title, const char *columns, Text *text)
{
    text_print(text, "%s**%s**\n\n| %s |\n|", text->length > 0 ? "\n" : "", title, columns);
    text_print(text, " --- |");
    for (const char *c = columns; *c != '\0'; c++)
        if (*c == '|')
            text_print(text, " --- |");
    text_print(text, "\n");
}

/* A cell of words. */
static void markdown_words(const char *words, Text *text)
{
    text_print(text, " ");
    if (words != NULL)
        text_add_markdown(text, text_one_line(text->arena, words));
    text_print(text, " |");
}

static PRINTF_LIKE(2, 3) void markdown_cell(Text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_print(text, " ");
    text_vprint(text, format, args);
    text_print(text, " |");
    va_end(args);
}

/* A cell of code: an expression of the language has neither ` nor |. */
static void markdown_formula(const Formula *formula, const char *otherwise, Text *text)
{
    if (formula->tree == NULL) {
        markdown_cell(text, "%s", otherwise);
        return;
    }
    text_print(text, " `");
    expr_show(formula->tree, text);
    text_print(text, "` |");
}

static void markdown_name(const char *name, Text *text)
{
    text_print(text, "| `%s` |", name);
}

/* What a thing is, and where it comes from, ends a row. */
static void markdown_texts(const char *about, const char *source, const char *assumed, Text *text)
{
    markdown_words(about, text);
    text_print(text, " ");
    if (source != NULL)
        text_add_markdown(text, text_one_line(text->arena, source));
    if (assumed != NULL) {
        text_print(text, "%sassumed: ", source != NULL ? "; " : "");
        text_add_markdown(text, text_one_line(text->arena, assumed));
    }
    text_print(text, " |\n");
}

#define MARKDOWN_TEXTS(thing, text) markdown_texts((thing)->about, (thing)->source, (thing)->assumed, (text))

/* ---- Tables ---- */

static void markdown_states(const Model *model, Text *text)
{
    markdown_head("States", "name | start | rate | unit | meaning | source", text);
    for (size_t i = 0; i < model->n_own_states; i++) {
        const State *state = &model->states[i];
        markdown_name(state->name, text);
        if (state->steady)
            text_print(text, " steady%s", state->initial.tree != NULL ? ", looked for near" : " |");
        if (state->initial.tree != NULL)
            markdown_formula(&state->initial, "", text);
        markdown_formula(&state->rate, "by reactions", text);
        markdown_words(state->unit_text, text);
        MARKDOWN_TEXTS(state, text);
    }
}

static void markdown_quantities(const Model *model, Text *text)
{
    if (model->n_quantities > 0)
        markdown_head("Quantities", "name | is | unit | meaning | source", text);
    for (size_t i = 0; i < model->n_quantities; i++) {
        const ModelQuantity *quantity = &model->quantities[i];
        markdown_name(quantity->name, text);
        markdown_formula(&quantity->is, "", text);
        markdown_words(quantity->unit_text, text);
        MARKDOWN_TEXTS(quantity, text);
    }
}

static void markdown_terms(const Model *model, const Reaction *reaction, bool consumed, Text *text)
{
    bool first = true;
    text_print(text, " ");
    for (size_t t = 0; t < reaction->n_terms; t++) {
        const ReactionTerm *term = &reaction->terms[t];
        if (term->consumed != consumed)
            continue;
        text_print(text, first ? "" : ", ");
        if (term->coefficient.tree != NULL) {
            text_print(text, "`");
            expr_show(term->coefficient.tree, text);
            text_print(text, "` ");
        }
        text_print(text, "`%s`", model->states[term->state].name);
        first = false;
    }
    text_print(text, " |");
}

static void markdown_reactions(const Model *model, Text *text)
{
    if (model->n_reactions > 0)
        markdown_head("Reactions", "name | consumes | makes | rate | meaning | source", text);
    for (size_t i = 0; i < model->n_reactions; i++) {
        const Reaction *reaction = &model->reactions[i];
        markdown_name(reaction->name, text);
        markdown_terms(model, reaction, true, text);
        markdown_terms(model, reaction, false, text);
        markdown_formula(&reaction->rate, "", text);
        MARKDOWN_TEXTS(reaction, text);
    }
}

static void markdown_chains(const Model *model, Text *text)
{
    if (model->n_chains > 0)
        markdown_head("Chains", "name | of | delay | stages | unit", text);
    for (size_t i = 0; i < model->n_chains; i++) {
        const Chain *chain = &model->chains[i];
        markdown_name(chain->name, text);
        markdown_formula(&chain->of, "", text);
        markdown_formula(&chain->delay, "", text);
        markdown_cell(text, "%u", (unsigned)chain->n_stages);
        markdown_words(model->states[chain->first_state].unit_text, text);
        text_print(text, "\n");
    }
}

static void markdown_events(const Model *model, Text *text)
{
    if (model->n_events > 0)
        markdown_head("Events", "name | when, and what happens | meaning | source", text);
    for (size_t i = 0; i < model->n_events; i++) {
        const ModelEvent *event = &model->events[i];
        markdown_name(event->name, text);
        text_print(text, " `");
        model_event_show(model, event, text);
        text_print(text, "` |");
        MARKDOWN_TEXTS(event, text);
    }
}

static void markdown_phenotypes(const Model *model, Text *text)
{
    if (model->n_phenotypes > 0)
        markdown_head("Phenotypes", "name | is | unit | noise | meaning | source", text);
    for (size_t i = 0; i < model->n_phenotypes; i++) {
        const Phenotype *phenotype = &model->phenotypes[i];
        markdown_name(phenotype->name, text);
        markdown_formula(&phenotype->is, "", text);
        markdown_words(phenotype->unit_text, text);
        if (phenotype->noise.kind == VARIABILITY_NONE)
            markdown_cell(text, "%s", "");
        else
            markdown_cell(text, "%s %g", variability_name(phenotype->noise.kind), phenotype->noise.spread);
        MARKDOWN_TEXTS(phenotype, text);
    }
}

static void markdown_parameters(const Model *model, Text *text)
{
    char number[NUMBER_TEXT];
    if (model->n_parameters > 0)
        markdown_head("Parameters", "name | value | 95 % interval | unit | varies | meaning | source", text);
    for (size_t i = 0; i < model->n_parameters; i++) {
        const Parameter *parameter = &model->parameters[i];
        markdown_name(parameter->name, text);
        markdown_cell(text, "%s", number_show(parameter->value, number));
        if (isnan(parameter->interval[0]))
            markdown_cell(text, "%s", "");
        else
            markdown_cell(text, "%g to %g", parameter->interval[0], parameter->interval[1]);
        markdown_words(parameter->unit_text, text);
        if (parameter->variability.kind == VARIABILITY_NONE)
            markdown_cell(text, "%s", "");
        else
            markdown_cell(text, "%s %g", variability_name(parameter->variability.kind), parameter->variability.spread);
        MARKDOWN_TEXTS(parameter, text);
    }
}

/* A row for the gene, and below it one for each kind of cell that expresses it. */
static void markdown_genes(const Model *model, Text *text)
{
    if (model->n_genes > 0)
        markdown_head("Genes", "name | protein | cells | scales | wild type | meaning | source", text);
    for (size_t i = 0; i < model->n_genes; i++) {
        const Gene *gene = &model->genes[i];
        markdown_name(gene->name, text);
        markdown_words(gene->protein, text);
        text_print(text, " | | |");
        MARKDOWN_TEXTS(gene, text);
        for (size_t c = 0; c < gene->n_cells; c++) {
            const GeneCells *cells = &gene->cells[c];
            text_print(text, "| | |");
            markdown_words(cells->name, text);
            for (size_t p = 0; p < cells->n_parameters; p++)
                text_print(text, "%s `%s`", p > 0 ? "," : "", model->parameters[cells->parameters[p]].name);
            text_print(text, " | %g |", cells->endogenous);
            MARKDOWN_TEXTS(cells, text);
        }
    }
}

void model_show_markdown(const Model *model, Text *text)
{
    Text tables = text_new(text->arena);
    markdown_states(model, &tables);
    markdown_reactions(model, &tables);
    markdown_chains(model, &tables);
    markdown_events(model, &tables);
    markdown_quantities(model, &tables);
    markdown_phenotypes(model, &tables);
    markdown_parameters(model, &tables);
    markdown_genes(model, &tables);
    text_add(text, tables.bytes, tables.length);
}
