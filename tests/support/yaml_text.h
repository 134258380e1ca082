/* SPDX-License-Identifier: Apache-2.0
 *
 * A tree from text that must be accepted. Included by one file of a test program.
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
