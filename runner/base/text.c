/* SPDX-License-Identifier: Apache-2.0 */
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

const char *text_end(Text *text)
{
    text_add(text, "", 0);
    return text->bytes;
}

void text_json(Text *text, const char *value)
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

size_t text_distance(const char *a, const char *b)
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
