/* SPDX-License-Identifier: Apache-2.0
 *
 * text: a growing text on an arena, and small functions on texts. A Text ends with a NUL after the first append;
 * `text_string` returns its bytes, "" for an empty Text.
 */
#ifndef MB_BASE_TEXT_H
#define MB_BASE_TEXT_H

#include <stdarg.h>

#include "base/arena.h"
#include "base/contract.h"

typedef struct Text {
    Arena *arena;
    char *bytes;
    size_t length, capacity;
} Text;

Text text_new(Arena *arena);
void text_add(Text *text, const char *bytes, size_t length);
void text_print(Text *text, const char *format, ...) PRINTF_LIKE(2, 3);
void text_vprint(Text *text, const char *format, va_list args) PRINTF_LIKE(2, 0);
const char *text_string(Text *text);

/* Decodes the code point at the start of `bytes`, and returns its length in UTF-8, or 0 when the bytes are not valid
 * UTF-8 (The Unicode Standard, table 3-7: no overlong forms, no surrogates). `left` > 0: the number of bytes. */
size_t text_decode(const char *bytes, size_t left, uint32_t *ret_point);

/* Returns the length (at least 1) of the character at the start of `bytes`, of which `left` > 0 are there.
 * *ret_harmless: it is valid UTF-8, and safe to show to people. Harmful are characters that control a terminal (C0,
 * DEL, C1), break lines, change the direction of text, or are invisible (U+061C, 200E, 200F, 2028 to 202E, 2060 to
 * 206F, E0000 to E0FFF). */
size_t text_character(const char *bytes, size_t left, bool *ret_harmless);

/* Appends words so that Markdown and HTML take no character of them for their own. */
void text_add_markdown(Text *text, const char *words);

/* Appends the bytes with '?' for each harmful character; line breaks stay. */
void text_add_clean(Text *text, const char *bytes, size_t length);

/* Returns the text as one line: blanks replace tabs and line breaks. Returns `value` itself when it has none. */
const char *text_one_line(Arena *arena, const char *value);

/* Appends the value as a JSON string with quotes, and with control characters escaped. */
void text_add_json(Text *text, const char *value);

/* "24 wk" when the age is whole weeks, else "10.5 day". */
const char *text_show_age(Arena *arena, double age_d);

bool text_equal(const char *a, const char *b);

/* The number of edits (insert, delete, replace, swap neighbours) between two words. If a word is longer than 63 bytes,
 * the length of the longer word. */
size_t text_edit_distance(const char *a, const char *b);

#endif
