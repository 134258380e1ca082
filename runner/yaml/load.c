/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a file as a whole and checks that it is text.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "yaml/yaml_priv.h"

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

/* Returns the length of the character at `bytes`, or 0 when YAML does not allow it (YAML 1.1, section 5.1) or it is not
 * valid UTF-8. */
static size_t character(const char *bytes, size_t left)
{
    uint32_t point;
    size_t length = text_decode(bytes, left, &point);
    if (length == 0)
        return 0;
    bool allowed = point == '\t' || point == '\n' || point == '\r' || point == 0x85 ||
                   (point >= 0x20 && point < 0x7F) || (point >= 0xA0 && point != 0xFFFE && point != 0xFFFF);
    return allowed ? length : 0;
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
        size_t length = character(source->text + at, source->length - at);
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

bool yaml_load(Arena *arena, const char *path, const YamlNode **ret_root, Diags *diags)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    Text text = text_new(scratch);
    if (!file_read(path, YAML_MAX_BYTES, &text))
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
