/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads a reference file: reads its rows, and checks the keys that each statistic needs.
 *
 * 1 words     names of statistics, evidence and signs      3 samples   at, versus, since
 * 2 getters   typed values, with the row's name            4 rows      expect, statistic, the row, the file
 */
#include <math.h>
#include <string.h>

#include "judge/reference_priv.h"

/* -- 1 words ------------------------------------------------------------------------------------------------------- */

static const char *const STATISTIC_NAMES[] = {
#define X(statistic, name, short_name, compares, has_band) name,
    STATISTICS(X)
#undef X
};
static const char *const STATISTIC_SHORT_NAMES[] = {
#define X(statistic, name, short_name, compares, has_band) short_name,
    STATISTICS(X)
#undef X
};
static const bool STATISTIC_COMPARES[] = {
#define X(statistic, name, short_name, compares, has_band) compares,
    STATISTICS(X)
#undef X
};
static const bool STATISTIC_HAS_BAND[] = {
#define X(statistic, name, short_name, compares, has_band) has_band,
    STATISTICS(X)
#undef X
};
static const double REFERENCE_NONE = (double)NAN; /* the macro is a float */

static const char *const EVIDENCE_NAMES[] = {"measured", "digitised", "qualitative"};
static const char *const SIGN_NAMES[] = {"positive", "negative", "zero"};

const char *statistic_name(Statistic statistic)
{
    ASSERT((size_t)statistic < ARRAY_LENGTH(STATISTIC_NAMES));
    return STATISTIC_NAMES[statistic];
}

const char *statistic_short_name(Statistic statistic)
{
    ASSERT((size_t)statistic < ARRAY_LENGTH(STATISTIC_SHORT_NAMES));
    return STATISTIC_SHORT_NAMES[statistic];
}

const char *evidence_name(Evidence evidence)
{
    ASSERT((size_t)evidence < ARRAY_LENGTH(EVIDENCE_NAMES));
    return EVIDENCE_NAMES[evidence];
}

const char *sign_name(Sign sign)
{
    ASSERT((size_t)sign < ARRAY_LENGTH(SIGN_NAMES));
    return SIGN_NAMES[sign];
}

/* -- 2 getters ----------------------------------------------------------------------------------------------------- */

/* The state that all functions of this file share. */
typedef struct ReferenceLoader {
    Arena *arena;
    Units *units;
    Diags *diags;
    const char *subject; /* "row 'OCY-04'", for diagnostics */
    Where where;         /* of that row */
} ReferenceLoader;

/* "'age' of row 'OCY-04'" */
static const char *what(const ReferenceLoader *loader, const char *key)
{
    return arena_print(loader->arena, "'%s' of %s", key, loader->subject);
}

static bool need_text(const ReferenceLoader *loader, const YamlNode *map, const char *key, const char **ret_text)
{
    const YamlNode *node = yaml_need(map, key, loader->subject, loader->diags);
    return node != NULL && yaml_text(node, what(loader, key), ret_text, loader->diags);
}

static bool need_word(const ReferenceLoader *loader, const YamlNode *map, const char *key, const char *const *words,
                      size_t n_words, size_t *ret_index)
{
    const YamlNode *node = yaml_need(map, key, loader->subject, loader->diags);
    return node != NULL && yaml_word(node, what(loader, key), words, n_words, ret_index, loader->diags);
}

/* -- 3 samples ----------------------------------------------------------------------------------------------------- */

/* Reads a time, and converts it to days. */
static bool load_days(const ReferenceLoader *loader, const YamlNode *node, const char *key, double *ret_days)
{
    static const char HINT[] = "write a number and a unit of time, such as '24 wk' or '10 day'";
    const char *text, *reason;
    Quantity quantity;
    Unit day;
    if (!yaml_text(node, what(loader, key), &text, loader->diags))
        return false;
    if (!quantity_parse(loader->units, text, &quantity, &reason)) {
        double number;
        const char *hint = units_suggest(loader->diags, text + number_read(text, &number));
        return diag_error(loader->diags, "reference.not-a-quantity", node->where, hint != NULL ? hint : HINT,
                          "%s: '%s' %s", what(loader, key), text, reason);
    }
    ASSERT(units_parse(loader->units, "day", &day, &reason));
    if (!unit_converts(quantity.unit, day))
        return diag_error(loader->diags, "reference.not-a-time", node->where, HINT, "%s: '%s' is not a time",
                          what(loader, key), text);
    double days = quantity.value * unit_factor(quantity.unit, day);
    if (!isfinite(days) || days < 0.0)
        return diag_error(loader->diags, "reference.negative-age", node->where, NULL,
                          "%s: '%s' is not a time from 0 on", what(loader, key), text);
    *ret_days = days;
    return true;
}

/* Reads 'at'. The age is required. */
static bool load_at(const ReferenceLoader *loader, const YamlNode *row, ReferenceSample *sample)
{
    const YamlNode *at = yaml_need(row, "at", loader->subject, loader->diags);
    if (at == NULL || !yaml_is(at, YAML_MAP, what(loader, "at"), loader->diags))
        return false;
    const char *subject = what(loader, "at");
    size_t errors = loader->diags->n_errors;
    fields_read(&fields_of_at, at, subject, sample, loader->diags);
    const YamlNode *age = yaml_need(at, "age", subject, loader->diags);
    return age != NULL && load_days(loader, age, "age", &sample->age_d) && loader->diags->n_errors == errors;
}

static bool same_site(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && text_equal(a, b));
}

/* Reads 'versus': the name of a cohort, or a map of the keys in which the control differs from the test sample.
 * `control` is a copy of the test sample at the start. */
static bool load_versus(const ReferenceLoader *loader, const YamlNode *versus, const ReferenceSample *test,
                        ReferenceSample *control)
{
    *control = *test;
    bool loaded = true;
    if (versus->kind == YAML_MAP) {
        const YamlNode *age = yaml_find(versus, "age");
        size_t errors_before = loader->diags->n_errors;
        fields_read(&fields_of_versus, versus, what(loader, "versus"), control, loader->diags);
        loaded = loader->diags->n_errors == errors_before;
        loaded = (age == NULL || load_days(loader, age, "age", &control->age_d)) && loaded;
    } else {
        loaded = yaml_text(versus, what(loader, "versus"), &control->cohort, loader->diags);
    }
    if (!loaded || test->cohort == NULL)
        return false;
    bool same_age = number_same(control->age_d, test->age_d);
    if (text_equal(control->cohort, test->cohort) && same_age && same_site(control->site, test->site))
        return diag_error(loader->diags, "reference.versus-itself", versus->where,
                          "name another cohort, age or site in 'versus'", "%s is compared with itself",
                          loader->subject);
    return true;
}

/* -- 4 rows -------------------------------------------------------------------------------------------------------- */

/* Reads 'expect' as a band: {target, low, high}. */
static void load_band(const ReferenceLoader *loader, const YamlNode *expect, ReferenceRow *row)
{
    size_t errors = loader->diags->n_errors;
    fields_read(&fields_of_band, expect, what(loader, "expect"), row, loader->diags);
    if (loader->diags->n_errors != errors)
        return;
    char target[NUMBER_TEXT], low[NUMBER_TEXT], high[NUMBER_TEXT];
    number_show(row->target, target);
    number_show(row->low, low);
    number_show(row->high, high);
    if (row->low > row->high)
        diag_error(loader->diags, "reference.empty-band", yaml_find(expect, "low")->where, "swap 'low' and 'high'",
                   "the band of %s is empty: low %s is above high %s", loader->subject, low, high);
    else if (row->target < row->low || row->target > row->high)
        diag_warn(loader->diags, "reference.target-outside-band", yaml_find(expect, "target")->where, NULL,
                  "the target %s of %s lies outside its band, %s to %s", target, loader->subject, low, high);
}

static void load_sign(const ReferenceLoader *loader, const YamlNode *expect, ReferenceRow *row)
{
    const char *subject = what(loader, "expect");
    fields_check(&fields_of_sign, expect, subject, loader->diags);
    const YamlNode *node = yaml_need(expect, "sign", subject, loader->diags);
    size_t sign = 0;
    if (node != NULL &&
        yaml_word(node, what(loader, "sign"), SIGN_NAMES, ARRAY_LENGTH(SIGN_NAMES), &sign, loader->diags))
        row->sign = (Sign)sign;
}

static void load_expect(const ReferenceLoader *loader, const YamlNode *map, ReferenceRow *row)
{
    const YamlNode *expect = yaml_find(map, "expect");
    bool is_sign = row->statistic == STATISTIC_SIGN, wanted = STATISTIC_HAS_BAND[row->statistic] || is_sign;
    const char *name = statistic_name(row->statistic);
    if (expect == NULL && wanted)
        diag_error(loader->diags, "reference.needs-expect", loader->where,
                   is_sign ? "add 'expect: {sign: positive}', negative or zero" : "add 'expect: {target, low, high}'",
                   "%s has no 'expect': what should its %s be", loader->subject, name);
    else if (expect != NULL && !wanted)
        diag_error(loader->diags, "reference.unused-expect", expect->where, "remove 'expect'",
                   "%s: the statistic '%s' says itself what is expected", loader->subject, name);
    if (expect == NULL || !wanted || !yaml_is(expect, YAML_MAP, what(loader, "expect"), loader->diags))
        return;
    if (is_sign)
        load_sign(loader, expect, row);
    else
        load_band(loader, expect, row);
}

/* Reads the statistic and the keys that depend on it: versus, since, expect. */
static void load_statistic(const ReferenceLoader *loader, const YamlNode *map, ReferenceRow *row)
{
    size_t statistic = 0;
    if (!need_word(loader, map, "statistic", STATISTIC_NAMES, ARRAY_LENGTH(STATISTIC_NAMES), &statistic))
        return;
    const char *name = STATISTIC_NAMES[statistic];
    const YamlNode *versus = yaml_find(map, "versus"), *since = yaml_find(map, "since");
    row->statistic = (Statistic)statistic;
    row->compares = STATISTIC_COMPARES[statistic];
    row->changes = row->statistic == STATISTIC_RATIO_OF_CHANGES;
    if (row->compares && versus == NULL)
        diag_error(loader->diags, "reference.needs-versus", loader->where,
                   "add 'versus: <cohort>', or 'versus: {age: ...}' for the same cohort at another age",
                   "%s has no 'versus': a %s compares two samples", loader->subject, name);
    else if (row->compares && !load_versus(loader, versus, &row->test, &row->control))
        ASSERT(loader->diags->n_errors > 0);
    else if (!row->compares && versus != NULL)
        diag_warn(loader->diags, "reference.unused-versus", versus->where, "remove 'versus'",
                  "%s: the statistic '%s' compares with nothing", loader->subject, name);
    if (row->changes && since == NULL)
        diag_error(loader->diags, "reference.needs-since", loader->where, "add 'since: <age>', where the changes start",
                   "%s has no 'since': a ratio of changes needs one", loader->subject);
    else if (row->changes && !load_days(loader, since, "since", &row->since_d))
        ASSERT(loader->diags->n_errors > 0);
    else if (!row->changes && since != NULL)
        diag_error(loader->diags, "reference.unused-since", since->where,
                   "remove 'since', or make the statistic 'ratio of changes'",
                   "%s: 'since' belongs to a ratio of changes, not to '%s'", loader->subject, name);
    load_expect(loader, map, row);
}

/* Reads one row. Adds its faults to the diagnostics; the caller counts them. */
static void load_row(ReferenceLoader *loader, const YamlNode *map, size_t number, Map *seen, ReferenceRow *row)
{
    loader->subject = arena_print(loader->arena, "row %zu", number);
    loader->where = map->where;
    *row = (ReferenceRow){.target = REFERENCE_NONE, .low = REFERENCE_NONE, .high = REFERENCE_NONE, .where = map->where};
    if (!yaml_is(map, YAML_MAP, loader->subject, loader->diags))
        return;
    bool named = need_text(loader, map, "id", &row->id);
    if (named)
        loader->subject = arena_print(loader->arena, "row '%s'", row->id);
    if (named && !map_add(loader->arena, seen, row->id, row))
        diag_error(loader->diags, "reference.duplicate-row", yaml_find(map, "id")->where,
                   arena_print(loader->arena, "the other one is on line %u",
                               (unsigned)((const ReferenceRow *)map_find(seen, row->id))->where.line),
                   "two rows have the id '%s'", row->id);
    fields_read(&fields_of_row, map, loader->subject, row, loader->diags);

    size_t evidence = 0;
    (void)load_at(loader, map, &row->test);
    load_statistic(loader, map, row);
    if (need_word(loader, map, "evidence", EVIDENCE_NAMES, ARRAY_LENGTH(EVIDENCE_NAMES), &evidence))
        row->evidence = (Evidence)evidence;
    if (row->known != NULL && row->known[0] == '\0')
        diag_error(loader->diags, "reference.known", yaml_find(map, "known")->where, "say why it is known to differ",
                   "%s has 'known', but no reason", loader->subject);
}

enum { MAX_ROWS = 10000 };

static void load_rows(ReferenceLoader *loader, const YamlNode *root, Reference *reference)
{
    const YamlNode *rows = yaml_need(root, "rows", loader->subject, loader->diags);
    if (rows == NULL || !yaml_is(rows, YAML_LIST, what(loader, "rows"), loader->diags))
        return;
    if (rows->n == 0) {
        diag_error(loader->diags, "reference.no-rows", rows->where, NULL, "%s has no rows", loader->subject);
        return;
    }
    if (rows->n > MAX_ROWS) {
        diag_error(loader->diags, "reference.too-many", rows->where, "make several files of it",
                   "%s has %zu rows, more than %d", loader->subject, rows->n, MAX_ROWS);
        return;
    }
    Map seen = {0};
    ReferenceRow *items = NEW_ARRAY(loader->arena, ReferenceRow, rows->n);
    for (size_t i = 0; i < rows->n; i++)
        load_row(loader, rows->items[i], i + 1, &seen, &items[i]);
    reference->rows = items;
    reference->n_rows = rows->n;
}

bool reference_build(Arena *arena, const YamlNode *root, Units *units, const Reference **ret_reference, Diags *diags)
{
    size_t errors_before = diags->n_errors;
    ReferenceLoader loader = {.arena = arena, .units = units, .diags = diags, .subject = "the reference"};
    if (!yaml_is(root, YAML_MAP, "a reference file", diags))
        return false;
    if (yaml_find(root, "reference") == NULL)
        return diag_error(diags, "reference.not-a-reference", root->where,
                          "a reference file begins with 'reference: <name>'",
                          "this is not a reference file: it has no 'reference'");
    Reference *reference = NEW(arena, Reference);
    fields_read(&fields_of_reference, root, "a reference file", reference, diags);
    if (need_text(&loader, root, "reference", &reference->name))
        loader.subject = arena_print(arena, "reference '%s'", reference->name);
    load_rows(&loader, root, reference);
    if (diags->n_errors > errors_before)
        return false;
    *ret_reference = reference;
    return true;
}

bool reference_load(Arena *arena, const char *path, Units *units, const Reference **ret_reference, Diags *diags)
{
    const YamlNode *root;
    return yaml_load(arena, path, &root, diags) && reference_build(arena, root, units, ret_reference, diags);
}
