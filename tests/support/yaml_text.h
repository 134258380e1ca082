/* SPDX-License-Identifier: Apache-2.0
 *
 * Parses a YAML tree from text and fails the test when the parser refuses it. One file of a test program includes it.
 */
#ifndef MB_TESTS_SUPPORT_YAML_TEXT_H
#define MB_TESTS_SUPPORT_YAML_TEXT_H

#include <string.h>

#include "support/near.h"

#include "yaml/yaml.h"

static const YamlNode *accepted(Arena *arena, const char *text)
{
    Diags diags = diags_new(arena);
    const YamlNode *root = NULL;
    if (!yaml_parse(arena, "m.yaml", text, strlen(text), &root, &diags)) {
        Text shown = text_new(arena);
        diag_show(&diags.list[0], &shown);
        fail_msg("refused: %s%s", text, text_string(&shown));
    }
    assert_int_equal(diags.n, 0);
    return root;
}

#endif
