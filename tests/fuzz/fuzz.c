/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

/* A bug of ours ends the program at once, unseen by libFuzzer, which wants a signal. */
_Noreturn void _Exit(int code)
{
    fprintf(stderr, "the program ended with code %d\n", code);
    abort();
}

Units *fuzz_units(void)
{
    static Units *units;
    Err err = {0};
    if (units == NULL)
        units = units_open(&err);
    ASSERT(units != NULL);
    return units;
}

void fuzz_shown(Text *text)
{
    const char *bytes = text_string(text);
    ASSERT(strlen(bytes) == text->length);
    bool harmless;
    for (size_t i = 0; i < text->length;) {
        size_t n = text_character(bytes + i, text->length - i, &harmless);
        ASSERT(harmless || bytes[i] == '\n');
        i += n;
    }
}

void fuzz_said(Arena *arena, const Diags *diags, bool loaded)
{
    Text text = text_new(arena);
    for (size_t i = 0; i < diags->n; i++)
        diag_show(&diags->list[i], &text);
    fuzz_shown(&text);
    ASSERT(loaded == (diags->n_errors == 0));
}

bool fuzz_tree(Arena *arena, const char *path, const uint8_t *data, size_t size, const YamlNode **ret_root)
{
    Diags diags = diags_new(arena);
    bool parsed = yaml_parse(arena, path, (const char *)data, size, ret_root, &diags);
    fuzz_said(arena, &diags, parsed);
    return parsed;
}
