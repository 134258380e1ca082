/* SPDX-License-Identifier: Apache-2.0
 *
 * What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput: libFuzzer calls it with inputs of its
 * own (-Dfuzz=enabled), replay.c with the inputs of tests/fuzz/corpus, in every build. A target may not leak: its arena
 * ends with the input.
 */
#ifndef MB_TESTS_FUZZ_FUZZ_H
#define MB_TESTS_FUZZ_FUZZ_H

#include "units/units.h"
#include "yaml/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* UDUNITS' database, read once. */
Units *fuzz_units(void);

/* What a loader said: a refusal has an error, what was loaded has none, and what a terminal would be sent steers it
 * not. */
void fuzz_said(Arena *arena, const Diags *diags, bool loaded);

/* A text for people has harmless characters (text_character) and line breaks. */
void fuzz_shown(Text *text);

/* The input as a tree; false when it is none, which is checked as above. `path` is where the file is said to stand. */
bool fuzz_tree(Arena *arena, const char *path, const uint8_t *data, size_t size, const YamlNode **ret_root);

#endif
