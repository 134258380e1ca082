/* SPDX-License-Identifier: Apache-2.0
 *
 * Growing text on an arena. Always NUL-terminated after the first append; `text_end` gives "" for an empty one.
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
const char *text_end(Text *text);

/* A JSON string with its quotes; control characters escaped. */
void text_json(Text *text, const char *value);

bool text_equal(const char *a, const char *b);

/* Edits (insert, delete, replace, swap neighbours) between two words; words longer than 63 bytes are "far". */
size_t text_distance(const char *a, const char *b);

#endif
