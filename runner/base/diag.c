/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects diagnostics, suggests names, and shows a diagnostic with the line that it points to.
 */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "base/base.h"

enum { SHOWN_LINE = 160 }; /* bytes of a source line that are shown, so that a minified file stays readable */

Diags diags_new(Arena *arena)
{
    return (Diags){.arena = arena};
}

static PRINTF_LIKE(3, 0) void diag_add(Diags *diags, Diag diag, const char *format, va_list args)
{
    if (diag.severity == SEVERITY_ERROR)
        diags->n_errors++;
    else
        diags->n_warnings++;
    if (diags->n == DIAGS_MAX) {
        diags->n_dropped++;
        return;
    }
    Text text = text_new(diags->arena);
    text_vprint(&text, format, args);
    diag.text = text_string(&text);
    diags->list[diags->n++] = diag;
}

bool diag_error(Diags *diags, const char *id, Where where, const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_add(diags, (Diag){.severity = SEVERITY_ERROR, .id = id, .where = where, .hint = hint}, format, args);
    va_end(args);
    return false;
}

void diag_warn(Diags *diags, const char *id, Where where, const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_add(diags, (Diag){.severity = SEVERITY_WARNING, .id = id, .where = where, .hint = hint}, format, args);
    va_end(args);
}

static bool is_said(const Diags *diags, const Diag *diag)
{
    for (size_t i = 0; i < diags->n; i++) {
        const Diag *said = &diags->list[i];
        if (said->where.source == diag->where.source && said->where.line == diag->where.line &&
            said->where.column == diag->where.column && text_equal(said->text, diag->text))
            return true;
    }
    return false;
}

void diags_take(Diags *diags, const Diags *more)
{
    size_t n_said = 0;
    for (size_t i = 0; i < more->n; i++) {
        if (more->list[i].severity == SEVERITY_ERROR && is_said(diags, &more->list[i]))
            n_said++;
        else if (diags->n < DIAGS_MAX)
            diags->list[diags->n++] = more->list[i];
        else
            diags->n_dropped++;
    }
    diags->n_errors += more->n_errors - n_said;
    diags->n_warnings += more->n_warnings;
    diags->n_dropped += more->n_dropped;
}

bool diags_full(const Diags *diags)
{
    return diags->n_errors >= DIAGS_COUNTED;
}

const char *diag_suggest(Arena *arena, const char *word, const char *const *names, size_t n_names)
{
    /* A name is near when at most a third of the word's letters, and one more, differ. */
    size_t limit = strlen(word) / 3 + 1, best = limit + 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < n_names; i++) {
        size_t distance = text_edit_distance(word, names[i]);
        if (distance < best && distance < strlen(word)) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest != NULL ? arena_print(arena, "did you mean '%s'?", nearest) : NULL;
}

const char *diags_suggest(Diags *diags, const char *word, const char *const *names, size_t n_names)
{
    if (n_names > DIAGS_COMPARED - diags->n_compared)
        return NULL;
    diags->n_compared += n_names;
    return diag_suggest(diags->arena, word, names, n_names);
}

/* Appends the bytes with '?' for each harmful character and a blank for each tab, so that columns stay aligned. */
static void show_clean(Text *text, const char *bytes, size_t length)
{
    bool harmless;
    for (size_t at = 0, n; at < length; at += n) {
        n = text_character(bytes + at, length - at, &harmless);
        text_add(text, harmless ? bytes + at : bytes[at] == '\t' ? " " : "?", harmless ? n : 1);
    }
}

static size_t line_length(const char *line, const char *end)
{
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    size_t length = (size_t)((newline != NULL ? newline : end) - line);
    return length > 0 && line[length - 1] == '\r' ? length - 1 : length;
}

static const char *line_start(const Source *source, uint32_t line)
{
    const char *at = source->text, *end = source->text + source->length;
    for (uint32_t i = 1; i < line; i++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL)
            return NULL;
        at = newline + 1;
    }
    return at;
}

/* The number of screen columns that show_clean fills; each UTF-8 sequence counts as one column. */
static size_t screen_width(const char *bytes, size_t length)
{
    size_t width = 0;
    bool harmless;
    for (size_t i = 0; i < length; width++)
        i += text_character(bytes + i, length - i, &harmless);
    return width;
}

static bool is_inside(const char *line, size_t at, size_t length)
{
    return at < length && ((unsigned char)line[at] & 0xC0) == 0x80;
}

static void diag_show_line(Text *text, uint32_t number, const char *line, size_t length, uint32_t column,
                           uint32_t underline)
{
    size_t before = column > 0 ? column - 1 : 0;
    if (before > length)
        before = length;
    size_t first = before > SHOWN_LINE - 40 ? before - 40 : 0;
    size_t shown = length - first < SHOWN_LINE ? length - first : SHOWN_LINE;
    for (int i = 0; i < 3 && first > 0 && is_inside(line, first, length); i++, shown--)
        first++; /* cut between characters */
    for (int i = 0; i < 3 && is_inside(line, first + shown, length); i++)
        shown--;

    text_print(text, "%5u | ", (unsigned)number);
    show_clean(text, line + first, shown);
    text_print(text, "\n      | %*s^", (int)screen_width(line + first, before - first), "");
    size_t span = underline > 0 ? underline : 1;
    if (span > first + shown - before)
        span = first + shown - before;
    size_t width = screen_width(line + before, span);
    for (size_t i = 1; i < width; i++)
        text_add(text, "~", 1);
    text_add(text, "\n", 1);
}

void diag_show(const Diag *diag, Text *text)
{
    const Where *where = &diag->where;
    const Source *source = where->source;
    show_clean(text, source->path, strlen(source->path));
    if (where->line > 0)
        text_print(text, ":%u:%u", (unsigned)where->line, (unsigned)where->column);
    text_print(text, ": %s: ", diag->severity == SEVERITY_ERROR ? "error" : "warning");
    show_clean(text, diag->text, strlen(diag->text));
    text_add(text, "\n", 1);
    const char *line = where->line > 0 ? line_start(source, where->line) : NULL;
    if (where->excerpt != NULL)
        diag_show_line(text, where->line, where->excerpt, strlen(where->excerpt), where->excerpt_column, where->length);
    else if (line != NULL)
        diag_show_line(text, where->line, line, line_length(line, source->text + source->length), where->column,
                       where->length);
    if (diag->hint != NULL) {
        text_print(text, "  hint: ");
        show_clean(text, diag->hint, strlen(diag->hint));
    }
    text_print(text, "  [%s]\n", diag->id);
}
