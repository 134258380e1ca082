/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes -> nodes, and what getters make of each node.
 */
#include <math.h>
#include <string.h>

#include "fuzz/fuzz.h"

static size_t visit(Arena *arena, const YamlNode *node, Diags *diags);

static void get(const YamlNode *node, Diags *diags)
{
    static const char *const words[] = {"yes", "linear", "log"};
    size_t errors = diags->n_errors, word;
    double number;
    uint64_t count;
    bool yes;
    if (yaml_number(node, "this", -1e300, 1e300, &number, diags))
        ASSERT(isfinite(number) && diags->n_errors == errors);
    else
        ASSERT(diags->n_errors > errors);
    if (yaml_count(node, "this", 1, 1000, &count, diags))
        ASSERT(count >= 1 && count <= 1000);
    if (yaml_word(node, "this", words, ARRAY_LENGTH(words), &word, diags))
        ASSERT(text_equal(words[word], node->text));
    (void)!yaml_yes_no(node, "this", &yes, diags);
}

static size_t visit_scalar(Arena *arena, const YamlNode *node, Diags *diags)
{
    size_t length = strlen(node->text);
    if (diags_full(diags)) /* an alias bomb, whose nodes are the same ones again */
        return 1;
    diag_warn(diags, "fuzz.place", yaml_where_in(arena, node, length / 2, length - length / 2), NULL, "a part of it");
    get(node, diags);
    return 1;
}

static size_t visit(Arena *arena, const YamlNode *node, Diags *diags)
{
    size_t n = 1;
    ASSERT(node->where.line >= 1 && node->where.column >= 1);
    if (node->kind == YAML_SCALAR)
        return visit_scalar(arena, node, diags);
    for (size_t i = 0; i < node->n; i++) {
        const YamlNode *child = node->kind == YAML_LIST ? node->items[i] : node->pairs[i].value;
        if (node->kind == YAML_MAP) {
            const YamlNode *key = node->pairs[i].key;
            ASSERT(yaml_find(node, key->text) == child || i > 100);
            n += visit(arena, key, diags);
        }
        n += visit(arena, child, diags);
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "fold"}, *const values[] = {"{fold}", "12"}, *const keys[] = {"model"};
    SCOPED(arena_close) Arena *arena = arena_open();
    const YamlNode *root;
    if (!fuzz_tree(arena, "fuzz.yaml", data, size, &root))
        return 0;
    Diags diags = diags_new(arena);
    size_t n = visit(arena, root, &diags);
    ASSERT(n <= 200000);
    ASSERT(visit(arena, yaml_substitute(arena, root, names, values, ARRAY_LENGTH(names)), &diags) == n);
    if (root->kind == YAML_MAP)
        yaml_only_keys(root, "this", keys, ARRAY_LENGTH(keys), &diags);
    fuzz_said(arena, &diags, diags.n_errors == 0);
    return 0;
}
