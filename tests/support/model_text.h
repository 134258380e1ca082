/* SPDX-License-Identifier: Apache-2.0
 *
 * Gives tests of models an arena, units, and a model from text. One file of a test program includes it.
 */
#ifndef MB_TESTS_SUPPORT_MODEL_TEXT_H
#define MB_TESTS_SUPPORT_MODEL_TEXT_H

#include <string.h>

#include "support/near.h"

#include "model/model.h"

static Arena *arena;
static Units *units;

static int open_all(void **state)
{
    (void)state;
    Err err = {0};
    arena = arena_open();
    units = units_open(&err);
    return units != NULL ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    units_close(&units);
    arena_close(&arena);
    return 0;
}

static const Model *model_of(const char *text)
{
    Diags diags = diags_new(arena);
    const YamlNode *root;
    const Model *model = NULL;
    if (!yaml_parse(arena, "m.yaml", text, strlen(text), &root, &diags) ||
        !model_build(arena, units, root, &model, &diags)) {
        Text shown = text_new(arena);
        for (size_t i = 0; i < diags.n; i++)
            diag_show(&diags.list[i], &shown);
        fail_msg("%s", text_string(&shown));
    }
    return model;
}

#endif
