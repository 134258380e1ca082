/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes fitted values into the text of a model. It replaces values, intervals and `evidence` at the places where the
 * parser found them. A key that is absent is inserted after the value (in braces) or on a line before it (in a block).
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

typedef struct Rewrite {
    Arena *arena;
    const Fit *fit;
    VEC(Edit) edits;
} Rewrite;

/* ---- numbers ---- */

/* Rounds the value to `digits` significant digits with round, floor or ceil. */
static double rewrite_rounded(double value, int digits, double (*round_it)(double))
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
    return rewrite_rounded(value, VALUE_DIGITS, round);
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

static bool replace_scalar(Rewrite *rewrite, const YamlNode *scalar, const char *text, Err *reterr)
{
    const Model *model = rewrite->fit->model;
    size_t offset = offset_of(model->text, scalar->where), length = strlen(scalar->text);
    if (scalar->quoted || strncmp(model->text + offset, scalar->text, length) != 0)
        return err_set(reterr, ERR_INPUT, "%s:%u: cannot replace this number in place: write it out, without quotes",
                       model->path, (unsigned)scalar->where.line);
    *vec_push(rewrite->arena, &rewrite->edits) = (Edit){offset, length, text, rewrite->edits.n};
    return true;
}

/* Inserts a key that is absent, beside the value. */
static void rewrite_add_key(Rewrite *rewrite, const YamlNode *parameter, const YamlPair *value, const char *key)
{
    Arena *arena = rewrite->arena;
    const char *text = rewrite->fit->model->text;
    size_t order = rewrite->edits.n;
    if (text[offset_of(text, parameter->where)] == '{') {
        size_t end = offset_of(text, value->value->where) + strlen(value->value->text);
        *vec_push(arena, &rewrite->edits) = (Edit){end, 0, arena_print(arena, ", %s", key), order};
        return;
    }
    int indent = (int)value->key->where.column - 1;
    *vec_push(arena, &rewrite->edits) =
        (Edit){offset_of(text, value->key->where), 0, arena_print(arena, "%s\n%*s", key, indent, ""), order};
}

/* Rewrites parameter `index` of the fit: its value, its interval, and `evidence: fitted`. */
static bool rewrite_parameter(Rewrite *rewrite, const YamlNode *parameter, const FitResult *result, size_t index,
                              Err *reterr)
{
    Arena *arena = rewrite->arena;
    const YamlNode *interval = yaml_find(parameter, "interval"), *evidence = yaml_find(parameter, "evidence");
    const char *low = show(arena, rewrite_rounded(result->low[index], INTERVAL_DIGITS, floor));
    const char *high = show(arena, rewrite_rounded(result->high[index], INTERVAL_DIGITS, ceil));
    const YamlPair *pair = parameter->pairs;
    while (!text_equal(pair->key->text, "value"))
        pair++; /* the model was loaded: it is there */
    if (!replace_scalar(rewrite, pair->value, show(arena, fit_rounded(result->look.values[index])), reterr))
        return false;
    if (evidence == NULL)
        rewrite_add_key(rewrite, parameter, pair, "evidence: fitted");
    else if (!text_equal(evidence->text, "fitted") && !replace_scalar(rewrite, evidence, "fitted", reterr))
        return false;
    if (interval == NULL) {
        rewrite_add_key(rewrite, parameter, pair, arena_print(arena, "interval: [%s, %s]", low, high));
        return true;
    }
    return replace_scalar(rewrite, interval->items[0], low, reterr) &&
           replace_scalar(rewrite, interval->items[1], high, reterr);
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
    Rewrite rewrite = {.arena = arena, .fit = fit};
    Diags diags = diags_new(arena);
    ASSERT(yaml_parse(arena, model->path, model->text, strlen(model->text), &root, &diags)); /* it was loaded */
    const YamlNode *parameters = yaml_find(root, "parameters");
    for (size_t i = 0; i < fit->n_parameters; i++)
        if (!rewrite_parameter(&rewrite, yaml_find(parameters, fit->parameters[i].name), result, i, reterr))
            return false;
    if (rewrite.edits.n > 1)
        qsort(rewrite.edits.items, rewrite.edits.n, sizeof *rewrite.edits.items, by_offset);
    size_t at = 0;
    for (size_t i = 0; i < rewrite.edits.n; i++) {
        const Edit *edit = &rewrite.edits.items[i];
        text_add(text, model->text + at, edit->offset - at);
        text_print(text, "%s", edit->text);
        at = edit->offset + edit->length;
    }
    text_print(text, "%s", model->text + at);
    return true;
}
