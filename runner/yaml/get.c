/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads values from nodes: texts, numbers, counts, words of a list.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "yaml/yaml_priv.h"

/* As many words as a hint lists. */
enum { LISTED_MAX = 12 };

const YamlNode *yaml_find(const YamlNode *map, const char *key)
{
    if (map == NULL || map->kind != YAML_MAP)
        return NULL;
    for (size_t i = 0; i < map->n; i++)
        if (text_equal(map->pairs[i].key->text, key))
            return map->pairs[i].value;
    return NULL;
}

static bool is_empty(const YamlNode *node)
{
    return node->kind == YAML_SCALAR && !node->quoted && node->text[0] == '\0';
}

static const char *kind_name(const YamlNode *node)
{
    if (is_empty(node))
        return "empty";
    return node->kind == YAML_LIST ? "a list" : node->kind == YAML_MAP ? "a map" : "a single value";
}

bool yaml_is(const YamlNode *node, YamlKind kind, const char *what, Diags *diags)
{
    static const struct {
        const char *name, *hint;
    } kinds[] = {
        [YAML_SCALAR] = {"a single value", "write one value, in quotes when it starts with '{' or '['"},
        [YAML_LIST] = {"a list", "write it as [a, b], or as lines that start with '- '"},
        [YAML_MAP] = {"a map", "write it as {key: value}, or as indented lines of 'key: value'"},
    };
    ASSERT(node != NULL);
    if (node->kind == kind && !is_empty(node))
        return true;
    return diag_error(diags, "yaml.wrong-kind", node->where, kinds[kind].hint, "%s must be %s, but it is %s", what,
                      kinds[kind].name, kind_name(node));
}

const YamlNode *yaml_need(const YamlNode *map, const char *key, const char *what, Diags *diags)
{
    if (!yaml_is(map, YAML_MAP, what, diags))
        return NULL;
    const YamlNode *node = yaml_find(map, key);
    if (node == NULL)
        diag_error(diags, "yaml.missing-key", map->where, arena_print(diags->arena, "add '%s:' to it", key),
                   "%s has no '%s'", what, key);
    return node;
}

bool yaml_text(const YamlNode *node, const char *what, const char **ret_text, Diags *diags)
{
    if (!yaml_is(node, YAML_SCALAR, what, diags))
        return false;
    *ret_text = node->text;
    return true;
}

static bool not_a_number(const YamlNode *node, const char *what, const char *wanted, const char *hint, Diags *diags)
{
    return diag_error(diags, "yaml.not-a-number", node->where, hint, "%s must be %s, but it is '%s'", what, wanted,
                      node->text);
}

/* `low` or `high` is "" where there is no limit. */
static bool out_of_range(const YamlNode *node, const char *what, const char *low, const char *high, Diags *diags)
{
    const char *range = low[0] == '\0'    ? arena_print(diags->arena, "at most %s", high)
                        : high[0] == '\0' ? arena_print(diags->arena, "at least %s", low)
                                          : arena_print(diags->arena, "from %s to %s", low, high);
    return diag_error(diags, "yaml.out-of-range", node->where, NULL, "%s must be %s, but it is '%s'", what, range,
                      node->text);
}

bool yaml_number(const YamlNode *node, const char *what, double low, double high, double *ret_value, Diags *diags)
{
    const char *text;
    double value;
    if (!yaml_text(node, what, &text, diags))
        return false;
    if (!number_parse(text, &value))
        return not_a_number(node, what, "a number", "write it as 12, 0.5 or 2e-3, without a unit", diags);
    if (value < low || value > high) {
        char at_least[NUMBER_TEXT] = "", at_most[NUMBER_TEXT] = "";
        if (isfinite(low))
            number_show(low, at_least);
        if (isfinite(high))
            number_show(high, at_most);
        return out_of_range(node, what, at_least, at_most, diags);
    }
    *ret_value = value;
    return true;
}

/* Digits only, as 18 or 007; UINT64_MAX and `ret_fits` false when there are too many. */
static bool read_digits(const char *text, uint64_t *ret_value, bool *ret_fits)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || text[n] != '\0')
        return false;
    uint64_t value = 0;
    bool fits = true;
    for (size_t i = 0; i < n; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        fits = fits && value <= (UINT64_MAX - digit) / 10;
        value = fits ? value * 10 + digit : UINT64_MAX;
    }
    *ret_value = value;
    *ret_fits = fits;
    return true;
}

bool yaml_count(const YamlNode *node, const char *what, uint64_t low, uint64_t high, uint64_t *ret_value, Diags *diags)
{
    const char *text;
    uint64_t value = 0;
    bool fits = false;
    if (!yaml_text(node, what, &text, diags))
        return false;
    bool negative = text[0] == '-' && read_digits(text + 1, &value, &fits);
    if (!negative && !read_digits(text, &value, &fits))
        return not_a_number(node, what, "a whole number", "write it with digits only, as 12", diags);
    if (negative || !fits || value < low || value > high) {
        char at_least[NUMBER_TEXT], at_most[NUMBER_TEXT] = "";
        snprintf(at_least, sizeof at_least, "%" PRIu64, low);
        if (high < UINT64_MAX || !fits)
            snprintf(at_most, sizeof at_most, "%" PRIu64, high);
        return out_of_range(node, what, at_least, at_most, diags);
    }
    *ret_value = value;
    return true;
}

bool yaml_yes_no(const YamlNode *node, const char *what, bool *ret_value, Diags *diags)
{
    const char *text;
    if (!yaml_text(node, what, &text, diags))
        return false;
    bool yes = text_equal(text, "yes") || text_equal(text, "true");
    if (!yes && !text_equal(text, "no") && !text_equal(text, "false"))
        return diag_error(diags, "yaml.not-yes-or-no", node->where, "write yes or no",
                          "%s must be yes or no, but it is '%s'", what, text);
    *ret_value = yes;
    return true;
}

/* The nearest word, or the list of all, or (when that is long) nothing. */
static const char *suggest_or_list(Diags *diags, const char *word, const char *const *words, size_t n_words)
{
    const char *near = diags_suggest(diags, word, words, n_words);
    if (near != NULL || n_words > LISTED_MAX || n_words == 0)
        return near;
    Text text = text_new(diags->arena);
    text_print(&text, "possible: %s", words[0]);
    for (size_t i = 1; i < n_words; i++)
        text_print(&text, ", %s", words[i]);
    return text_string(&text);
}

static bool is_among(const char *word, const char *const *words, size_t n_words, size_t *ret_index)
{
    for (size_t i = 0; i < n_words; i++)
        if (text_equal(word, words[i])) {
            *ret_index = i;
            return true;
        }
    return false;
}

bool yaml_word(const YamlNode *node, const char *what, const char *const *words, size_t n_words, size_t *ret_index,
               Diags *diags)
{
    const char *text;
    if (!yaml_text(node, what, &text, diags))
        return false;
    if (is_among(text, words, n_words, ret_index))
        return true;
    return diag_error(diags, "yaml.not-a-word", node->where, suggest_or_list(diags, text, words, n_words),
                      "%s cannot be '%s'", what, text);
}

void yaml_only_keys(const YamlNode *map, const char *what, const char *const *allowed, size_t n_allowed, Diags *diags)
{
    size_t index;
    if (map == NULL || map->kind != YAML_MAP)
        return;
    for (size_t i = 0; i < map->n; i++) {
        const YamlNode *key = map->pairs[i].key;
        const YamlNode *value = map->pairs[i].value;
        /* {about: osteoblasts, relative} has a key 'relative' without a value: the comma ended the text */
        bool cut_off = value->kind == YAML_SCALAR && !value->quoted && value->text[0] == '\0';
        if (!is_among(key->text, allowed, n_allowed, &index))
            diag_error(diags, "yaml.unknown-key", key->where,
                       cut_off ? "a text with a comma needs quotes between { and }"
                               : suggest_or_list(diags, key->text, allowed, n_allowed),
                       "unknown key '%s' in %s", key->text, what);
    }
}
