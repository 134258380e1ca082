/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this room share. Reading is three steps: bytes that are text (load.c), libyaml's events into nodes
 * (build.c), libyaml's marks into places (place.c).
 */
#ifndef MB_YAML_YAML_PRIV_H
#define MB_YAML_YAML_PRIV_H

#include "yaml/yaml.h"

enum { YAML_MAX_BYTES = 16 << 20, YAML_MAX_LEVELS = 64, YAML_MAX_NODES = 200000, YAML_MAX_KEY_BYTES = 500 };

/* Turns libyaml's marks (zero-based, counted in characters) into byte offsets and places, once and here. */
typedef struct Places {
    const Source *source;
    const size_t *line_starts;
    size_t n_lines;
    size_t index, offset; /* the last mark that was met: marks come nearly in order, so that the way is short */
} Places;

/* Length of the byte order mark at the start of a text: 3 or 0. libyaml never sees it. */
size_t place_mark_length(const Source *source);

/* The table of lines goes to `scratch`. */
Places places_new(Arena *scratch, const Source *source);
size_t place_offset(Places *places, size_t index);

/* `length` is cut at the end of the line. */
Where place_at(const Places *places, size_t offset, size_t length);

/* The text is valid UTF-8 without control characters. */
MUST_CHECK bool yaml_build(Arena *arena, const Source *source, const YamlNode **ret_root, Diags *diags);

#endif
