/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a file as a whole and checks that it is text.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "yaml/yaml_priv.h"

static void file_close(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
    *file = NULL;
}

static const Source *source_new(Arena *arena, const char *path, const char *text, size_t length)
{
    Source *source = NEW(arena, Source);
    source->path = arena_copy_text(arena, path, strlen(path));
    source->text = arena_copy_text(arena, text, length);
    source->length = length;
    return source;
}

static bool cannot_read(Arena *arena, const char *path, int why, Diags *diags)
{
    if (why == ENOMEM)
        out_of_memory();
    Where where = {.source = source_new(arena, path, "", 0)};
    return diag_error(diags, "yaml.cannot-read", where, why == ENOENT ? "check the path" : NULL, "cannot read '%s': %s",
                      path, strerror(why));
}

static bool too_large(Arena *arena, const char *path, Diags *diags)
{
    Where where = {.source = source_new(arena, path, "", 0)};
    return diag_error(diags, "yaml.too-large", where, "split the file", "'%s' is larger than %d MiB", path,
                      YAML_MAX_BYTES >> 20);
}

/* Length of the character at `bytes` if libyaml takes it, else 0: YAML 1.1, section 5.1, without surrogates and
 * overlong forms (The Unicode Standard, table 3-7). */
static size_t character(const unsigned char *bytes, size_t left)
{
    unsigned char c = bytes[0];
    if (c < 0x80)
        return (c >= 0x20 && c != 0x7F) || c == '\t' || c == '\n' || c == '\r';
    size_t length = c >= 0xC2 && c <= 0xDF ? 2 : c >= 0xE0 && c <= 0xEF ? 3 : c >= 0xF0 && c <= 0xF4 ? 4 : 0;
    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    unsigned char d = bytes[1];
    if ((c == 0xC2 && d < 0xA0 && d != 0x85) || (c == 0xE0 && d < 0xA0) || (c == 0xED && d > 0x9F) ||
        (c == 0xEF && d == 0xBF && bytes[2] > 0xBD) || (c == 0xF0 && d < 0x90) || (c == 0xF4 && d > 0x8F))
        return 0;
    return length;
}

/* What would steer the terminal that shows it, or turn or hide text, comments included. */
static bool is_harmful(const unsigned char *bytes, size_t left)
{
    bool harmless = true;
    if (bytes[0] >= 0x80)
        (void)text_character((const char *)bytes, left, &harmless);
    return !harmless;
}

static bool check_encoding(const Source *source, Diags *diags)
{
    const unsigned char *bytes = (const unsigned char *)source->text;
    Where where = {.source = source, .line = 1, .column = 1};
    size_t at = 0;
    while (at < source->length) {
        size_t length = character(bytes + at, source->length - at);
        if (length == 0 || is_harmful(bytes + at, source->length - at))
            break;
        where.line += bytes[at] == '\n';
        where.column = bytes[at] == '\n' ? 1 : where.column + (uint32_t)length;
        at += length;
    }
    if (at == source->length)
        return true;
    if (bytes[at] < 0x80)
        return diag_error(diags, "yaml.encoding", where, "remove it, or check that this is a text file",
                          "'0x%02x' is a control character", bytes[at]);
    uint32_t point;
    if (text_decode(source->text + at, source->length - at, &point) > 0 && is_harmful(bytes + at, source->length - at))
        return diag_error(diags, "yaml.encoding", where, "remove it, or save the file as UTF-8",
                          "'U+%04X' is a control character", (unsigned)point);
    bool utf16 = at == 0 && bytes[0] >= 0xFE;
    return diag_error(diags, "yaml.encoding", where,
                      utf16 ? "this looks like UTF-16: save the file as UTF-8" : "save the file as UTF-8",
                      "the byte '0x%02x' is not valid UTF-8 here", bytes[at]);
}

bool yaml_parse(Arena *arena, const char *path, const char *text, size_t length, const YamlNode **ret_root,
                Diags *diags)
{
    if (length > YAML_MAX_BYTES)
        return too_large(arena, path, diags);
    const Source *source = source_new(arena, path, text, length);
    return check_encoding(source, diags) && yaml_build(arena, source, ret_root, diags);
}

/* Reads up to one byte more than the limit; a directory opens and then fails to read. */
static bool read_all(FILE *file, Text *text)
{
    char chunk[1 << 16];
    size_t n;
    while (text->length <= YAML_MAX_BYTES && (n = fread(chunk, 1, sizeof chunk, file)) > 0)
        text_add(text, chunk, n);
    return !ferror(file);
}

bool yaml_load(Arena *arena, const char *path, const YamlNode **ret_root, Diags *diags)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    SCOPED(file_close) FILE *file = fopen(path, "rb");
    Text text = text_new(scratch);
    if (file == NULL || !read_all(file, &text))
        return cannot_read(arena, path, errno, diags);
    return yaml_parse(arena, path, text_string(&text), text.length, ret_root, diags);
}

bool yaml_has_key(const char *path, const char *key)
{
    char line[64];
    size_t length = strlen(key);
    bool begins = true, found = false;
    FILE *file = fopen(path, "r");
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        found = begins && strncmp(line, key, length) == 0 && line[length] == ':';
        begins = strchr(line, '\n') != NULL;
    }
    if (file != NULL)
        fclose(file);
    return found;
}
