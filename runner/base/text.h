/* SPDX-License-Identifier: Apache-2.0
 *
 * Growing text on an arena. Always NUL-terminated after the first append; `text_string` gives "" for an empty one.
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

/* The code point that `bytes` start with, and its length in UTF-8; 0 when they are no character. The Unicode Standard,
 * table 3-7: no overlong forms, no surrogates. */
size_t text_decode(const char *bytes, size_t left, uint32_t *ret_point);

/* The character that `bytes` start with, of at most `left` > 0 bytes: how long it is (at least 1), and whether it is
 * harmless where people read it: valid UTF-8 that neither steers a terminal (C0, DEL, C1) nor breaks lines, turns the
 * direction of text or hides in it (U+061C, 200E, 200F, 2028 to 202E, 2060 to 206F, E0000 to E0FFF). */
size_t text_character(const char *bytes, size_t left, bool *ret_harmless);

/* Appends with '?' for each character that is not harmless, but for line breaks. */
void text_add_clean(Text *text, const char *bytes, size_t length);

/* A text of several lines in one, without tabs, for lists; itself when it is such a one. */
const char *text_one_line(Arena *arena, const char *value);

/* A JSON string with its quotes; control characters escaped. */
void text_add_json(Text *text, const char *value);

/* "24 wk" when the age is whole weeks, else "10.5 day". */
const char *text_show_age(Arena *arena, double age_d);

bool text_equal(const char *a, const char *b);

/* Edits (insert, delete, replace, swap neighbours) between two words; words longer than 63 bytes are "far". */
size_t text_edit_distance(const char *a, const char *b);

#endif
