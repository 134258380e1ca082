/* SPDX-License-Identifier: Apache-2.0
 *
 * Replaces {variables} in texts of a tree: the templates of sweeps.
 */
#include <string.h>

#include "yaml/yaml_priv.h"

typedef struct Values {
    Arena *arena;
    const char *const *names;
    const char *const *values;
    size_t n;
} Values;

/* The value of the "{name}" that `text` starts with, NULL if it does not. */
static const char *substitute_value_at(const Values *values, const char *text, size_t *ret_length)
{
    for (size_t i = 0; text[0] == '{' && i < values->n; i++) {
        size_t length = strlen(values->names[i]);
        if (strncmp(text + 1, values->names[i], length) == 0 && text[1 + length] == '}') {
            *ret_length = length + 2;
            return values->values[i];
        }
    }
    return NULL;
}

/* One pass: what a value brings in is not looked at again. */
static YamlNode *copy_scalar(const Values *values, const YamlNode *node)
{
    YamlNode *copy = NEW(values->arena, YamlNode);
    *copy = *node;
    if (strchr(node->text, '{') == NULL)
        return copy;
    Text text = text_new(values->arena);
    bool changed = false;
    for (const char *c = node->text; *c != '\0';) {
        size_t length = 1;
        const char *value = substitute_value_at(values, c, &length);
        if (value != NULL)
            text_add(&text, value, strlen(value));
        else
            text_add(&text, c, 1);
        changed = changed || value != NULL;
        c += length;
    }
    copy->text = text_string(&text);
    copy->one_line = node->one_line && !changed;
    return copy;
}

/* Recursion ends: yaml_build lets no tree be deeper than YAML_MAX_LEVELS. */
static const YamlNode *copy_node(const Values *values, const YamlNode *node)
{
    if (node->kind == YAML_SCALAR)
        return copy_scalar(values, node);
    YamlNode *copy = NEW(values->arena, YamlNode);
    *copy = *node;
    if (node->kind == YAML_LIST) {
        const YamlNode **items = NEW_ARRAY(values->arena, const YamlNode *, node->n);
        for (size_t i = 0; i < node->n; i++)
            items[i] = copy_node(values, node->items[i]);
        copy->items = items;
        return copy;
    }
    YamlPair *pairs = NEW_ARRAY(values->arena, YamlPair, node->n);
    for (size_t i = 0; i < node->n; i++) {
        pairs[i].key = copy_node(values, node->pairs[i].key);
        pairs[i].value = copy_node(values, node->pairs[i].value);
    }
    copy->pairs = pairs;
    return copy;
}

const YamlNode *yaml_substitute(Arena *arena, const YamlNode *node, const char *const *names, const char *const *values,
                                size_t n_names)
{
    return copy_node(&(Values){arena, names, values, n_names}, node);
}

static void add_size(const YamlNode *node, size_t longest, size_t *nodes, size_t *bytes)
{
    (*nodes)++;
    for (const char *c = node->kind == YAML_SCALAR ? node->text : ""; *c != '\0'; c++)
        *bytes += *c == '{' ? longest : 1;
    for (size_t i = 0; node->kind == YAML_LIST && i < node->n; i++)
        add_size(node->items[i], longest, nodes, bytes);
    for (size_t i = 0; node->kind == YAML_MAP && i < node->n; i++) {
        add_size(node->pairs[i].key, longest, nodes, bytes);
        add_size(node->pairs[i].value, longest, nodes, bytes);
    }
}

void yaml_size(const YamlNode *node, size_t longest, size_t *ret_nodes, size_t *ret_bytes)
{
    *ret_nodes = *ret_bytes = 0;
    add_size(node, longest, ret_nodes, ret_bytes);
}

Where yaml_where_in(Arena *arena, const YamlNode *scalar, size_t offset, size_t length)
{
    ASSERT(scalar->kind == YAML_SCALAR);
    size_t n = strlen(scalar->text);
    offset = offset < n ? offset : n;
    length = length < n - offset ? length : n - offset;

    Where where = scalar->where;
    where.length = (uint32_t)length;
    if (scalar->one_line) {
        where.column += (uint32_t)offset + scalar->quoted;
        return where;
    }
    char *excerpt = arena_copy_text(arena, scalar->text, n);
    for (char *c = excerpt; *c != '\0'; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    where.excerpt = excerpt;
    where.excerpt_column = (uint32_t)offset + 1;
    return where;
}
