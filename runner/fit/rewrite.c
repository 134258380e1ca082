/* SPDX-License-Identifier: Apache-2.0
 *
 * New values into the text of a model. Values, intervals and the word of evidence are replaced at the places where the
 * parser found them; a key that is not there yet is put behind the value (in braces) or on a line before it (in a
 * block).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit_priv.h"

enum { VALUE_DIGITS = 4, INTERVAL_DIGITS = 3 };

typedef struct Edit {
    size_t offset, length; /* of what is replaced */
    const char *text;
    size_t order; /* of insertions at one place */
} Edit;

typedef VEC(Edit) Edits;

/* ---- numbers ---- */

/* The value with so many significant digits, by round, floor or ceil. */
static double rounded(double value, int digits, double (*round_it)(double))
{
    char text[NUMBER_TEXT];
    if (!(fabs(value) > 0.0) || !isfinite(value))
        return value;
    double exponent = floor(log10(fabs(value))) - (digits - 1), scale = pow(10.0, fabs(exponent));
    double scaled = exponent < 0.0 ? value * scale : value / scale, whole = round(scaled);
    if (!(fabs(scaled - whole) < 1e-9 * fabs(scaled)))
        whole = round_it(scaled);
    double result = exponent < 0.0 ? whole / scale : whole * scale, shortest = result;
    return number_parse(number_show(result, text), &shortest) ? shortest : result;
}

double fit_rounded(double value)
{
    return rounded(value, VALUE_DIGITS, round);
}

static const char *show(Arena *arena, double value)
{
    char number[NUMBER_TEXT];
    return arena_print(arena, "%s", number_show(value, number));
}

/* ---- places ---- */

/* Where a node begins in the text. */
static size_t offset_of(const char *text, Where where)
{
    const char *line = text;
    for (uint32_t i = 1; i < where.line; i++)
        line = strchr(line, '\n') + 1;
    return (size_t)(line - text) + where.column - 1;
}

static bool add_edit(Arena *arena, const Fit *fit, const YamlNode *scalar, const char *text, Edits *edits, Err *reterr)
{
    size_t offset = offset_of(fit->model->text, scalar->where), length = strlen(scalar->text);
    if (scalar->quoted || strncmp(fit->model->text + offset, scalar->text, length) != 0)
        return err_set(reterr, ERR_INPUT, "%s:%u: cannot replace this number in place: write it out, without quotes",
                       fit->model->path, (unsigned)scalar->where.line);
    *vec_push(arena, edits) = (Edit){offset, length, text, edits->n};
    return true;
}

/* A key that is not there yet, beside the value. */
static void add_key(Arena *arena, const Fit *fit, const YamlNode *parameter, const YamlPair *value, const char *key,
                    Edits *edits)
{
    const char *text = fit->model->text;
    if (text[offset_of(text, parameter->where)] == '{') {
        size_t end = offset_of(text, value->value->where) + strlen(value->value->text);
        *vec_push(arena, edits) = (Edit){end, 0, arena_print(arena, ", %s", key), edits->n};
        return;
    }
    int indent = (int)value->key->where.column - 1;
    *vec_push(arena, edits) =
        (Edit){offset_of(text, value->key->where), 0, arena_print(arena, "%s\n%*s", key, indent, ""), edits->n};
}

static bool edit_parameter(Arena *arena, const Fit *fit, const YamlNode *parameter, double value, double low,
                           double high, Edits *edits, Err *reterr)
{
    const YamlNode *interval = yaml_find(parameter, "interval"), *evidence = yaml_find(parameter, "evidence");
    const char *low_text = show(arena, rounded(low, INTERVAL_DIGITS, floor));
    const char *high_text = show(arena, rounded(high, INTERVAL_DIGITS, ceil));
    const YamlPair *pair = parameter->pairs;
    while (!text_equal(pair->key->text, "value"))
        pair++; /* the model was loaded: it is there */
    if (!add_edit(arena, fit, pair->value, show(arena, fit_rounded(value)), edits, reterr))
        return false;
    if (evidence == NULL)
        add_key(arena, fit, parameter, pair, "evidence: fitted", edits);
    else if (!text_equal(evidence->text, "fitted") && !add_edit(arena, fit, evidence, "fitted", edits, reterr))
        return false;
    if (interval == NULL) {
        add_key(arena, fit, parameter, pair, arena_print(arena, "interval: [%s, %s]", low_text, high_text), edits);
        return true;
    }
    return add_edit(arena, fit, interval->items[0], low_text, edits, reterr) &&
           add_edit(arena, fit, interval->items[1], high_text, edits, reterr);
}

static int by_offset(const void *left, const void *right)
{
    const Edit *a = left, *b = right;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

bool fit_rewrite(Arena *arena, const Fit *fit, const FitResult *result, Text *text, Err *reterr)
{
    const Model *model = fit->model;
    const YamlNode *root;
    Edits edits = {0};
    Diags diags = diags_new(arena);
    ASSERT(yaml_parse(arena, model->path, model->text, strlen(model->text), &root, &diags)); /* it was loaded */
    const YamlNode *parameters = yaml_find(root, "parameters");
    for (size_t i = 0; i < fit->n_parameters; i++)
        if (!edit_parameter(arena, fit, yaml_find(parameters, fit->parameters[i].name), result->look.values[i],
                            result->low[i], result->high[i], &edits, reterr))
            return false;
    if (edits.n > 1)
        qsort(edits.items, edits.n, sizeof *edits.items, by_offset);
    size_t at = 0;
    for (size_t i = 0; i < edits.n; i++) {
        const Edit *edit = &edits.items[i];
        text_add(text, model->text + at, edit->offset - at);
        text_print(text, "%s", edit->text);
        at = edit->offset + edit->length;
    }
    text_print(text, "%s", model->text + at);
    return true;
}
