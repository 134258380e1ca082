/* SPDX-License-Identifier: Apache-2.0
 *
 * Appends to growing texts, decodes UTF-8, and measures the distance between words.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

Text text_new(Arena *arena)
{
    return (Text){.arena = arena};
}

static void text_reserve(Text *text, size_t more)
{
    if (text->length + more + 1 <= text->capacity)
        return;
    size_t capacity = text->capacity != 0 ? text->capacity : 256;
    while (capacity < text->length + more + 1)
        capacity *= 2;
    char *bytes = arena_alloc(text->arena, capacity, 1);
    if (text->length > 0)
        memcpy(bytes, text->bytes, text->length);
    text->bytes = bytes;
    text->capacity = capacity;
}

void text_add(Text *text, const char *bytes, size_t length)
{
    text_reserve(text, length);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_vprint(Text *text, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    ASSERT(length >= 0);
    text_reserve(text, (size_t)length);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, args);
    text->length += (size_t)length;
}

void text_print(Text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_vprint(text, format, args);
    va_end(args);
}

const char *text_string(Text *text)
{
    text_add(text, "", 0);
    return text->bytes;
}

size_t text_decode(const char *bytes, size_t left, uint32_t *ret_point)
{
    unsigned char c = (unsigned char)bytes[0];
    size_t length = c < 0x80                 ? 1
                    : c >= 0xC2 && c <= 0xDF ? 2
                    : c >= 0xE0 && c <= 0xEF ? 3
                    : c >= 0xF0 && c <= 0xF4 ? 4
                                             : 0;
    if (length == 0 || length > left)
        return 0;
    uint32_t point = length == 1 ? c : c & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)bytes[i] & 0xC0) != 0x80)
            return 0;
        point = point << 6 | ((unsigned char)bytes[i] & 0x3Fu);
    }
    bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    *ret_point = point;
    return overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF) ? 0 : length;
}

size_t text_character(const char *bytes, size_t left, bool *ret_harmless)
{
    static const uint32_t harmful[][2] = {{0, 0x1F},        {0x7F, 0x9F},     {0x061C, 0x061C},  {0x200E, 0x200F},
                                          {0x2028, 0x202E}, {0x2060, 0x206F}, {0xE0000, 0xE0FFF}};
    uint32_t point;
    size_t length = text_decode(bytes, left, &point);
    *ret_harmless = length > 0;
    for (size_t i = 0; length > 0 && i < ARRAY_LENGTH(harmful); i++)
        if (point >= harmful[i][0] && point <= harmful[i][1])
            *ret_harmless = false;
    return length > 0 ? length : 1;
}

void text_add_markdown(Text *text, const char *words)
{
    for (const char *c = words; *c != '\0'; c++) {
        if (strchr("\\`*[]<>|&#~", *c) != NULL)
            text_add(text, "\\", 1);
        text_add(text, c, 1);
    }
}

void text_add_clean(Text *text, const char *bytes, size_t length)
{
    bool harmless;
    for (size_t at = 0, n; at < length; at += n) {
        n = text_character(bytes + at, length - at, &harmless);
        if (harmless || bytes[at] == '\n')
            text_add(text, bytes + at, n);
        else
            text_add(text, "?", 1);
    }
}

const char *text_one_line(Arena *arena, const char *value)
{
    if (strpbrk(value, "\t\r\n") == NULL)
        return value;
    char *line = arena_copy_text(arena, value, strlen(value));
    for (char *c = line; (c = strpbrk(c, "\t\r\n")) != NULL;)
        *c = ' ';
    return line;
}

void text_add_json(Text *text, const char *value)
{
    text_add(text, "\"", 1);
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            text_print(text, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            text_print(text, "\\u%04x", (unsigned)(unsigned char)*c);
        else
            text_add(text, c, 1);
    }
    text_add(text, "\"", 1);
}

bool text_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t text_edit_distance(const char *a, const char *b)
{
    enum { LONGEST = 63 };
    size_t n_a = strlen(a), n_b = strlen(b);
    if (n_a > LONGEST || n_b > LONGEST)
        return n_a > n_b ? n_a : n_b;

    /* Damerau's optimal string alignment: rows i-2, i-1 and i of the table. */
    size_t rows[3][LONGEST + 1];
    size_t *older = rows[0], *old = rows[1], *now = rows[2];
    for (size_t j = 0; j <= n_b; j++)
        old[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        now[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t replace = old[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(least(old[j] + 1, now[j - 1] + 1), replace);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], older[j - 2] + 1);
        }
        size_t *spare = older;
        older = old;
        old = now;
        now = spare;
    }
    return old[n_b];
}

const char *text_show_age(Arena *arena, double age_d)
{
    double weeks = round(age_d / 7.0);
    if (weeks >= 1.0 && number_same(age_d, weeks * 7.0))
        return arena_print(arena, "%.0f wk", weeks);
    return arena_print(arena, "%.6g day", age_d);
}
