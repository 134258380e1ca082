/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the place of a part of an expression inside a scalar of the file.
 */
#include <string.h>

#include "yaml/yaml_priv.h"

size_t place_mark_length(const Source *source)
{
    return source->length >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* Lines end with '\n' only, as diag_show counts them; libyaml's own line numbers also count NEL and U+2028. */
Places places_new(Arena *scratch, const Source *source)
{
    size_t n = 1;
    for (size_t i = 0; i < source->length; i++)
        n += source->text[i] == '\n';
    size_t *starts = NEW_ARRAY(scratch, size_t, n);
    n = 1;
    for (size_t i = 0; i < source->length; i++)
        if (source->text[i] == '\n')
            starts[n++] = i + 1;
    return (Places){.source = source, .line_starts = starts, .n_lines = n, .offset = place_mark_length(source)};
}

static bool is_start(const Source *source, size_t offset)
{
    return ((unsigned char)source->text[offset] & 0xC0) != 0x80;
}

size_t place_offset(Places *places, size_t index)
{
    const Source *source = places->source;
    size_t offset = places->offset;
    for (; places->index < index && offset < source->length; places->index++)
        for (offset++; offset < source->length && !is_start(source, offset); offset++)
            continue;
    for (; places->index > index; places->index--)
        for (offset--; !is_start(source, offset); offset--)
            continue;
    places->offset = offset;
    return offset;
}

/* The last line that starts at or before the offset. */
static size_t line_of(const Places *places, size_t offset)
{
    size_t low = 0, high = places->n_lines;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (places->line_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

Where place_at(const Places *places, size_t offset, size_t length)
{
    size_t line = line_of(places, offset);
    size_t end = line + 1 < places->n_lines ? places->line_starts[line + 1] - 1 : places->source->length;
    if (length > end - offset)
        length = end - offset;
    return (Where){.source = places->source,
                   .line = (uint32_t)line + 1,
                   .column = (uint32_t)(offset - places->line_starts[line]) + 1,
                   .length = (uint32_t)length};
}
