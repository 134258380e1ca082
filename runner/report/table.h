/* SPDX-License-Identifier: Apache-2.0
 *
 * table: aligns text in columns, for a terminal or as Markdown; inside the room. Widths count columns of the screen: a
 * combining mark takes none, an East Asian wide character takes two.
 *
 * Life cycle: table_new, table_add for each row, table_show or table_show_markdown. Everything is on the arena.
 */
#ifndef MB_REPORT_TABLE_H
#define MB_REPORT_TABLE_H

#include "base/base.h"

enum { TABLE_WIDTH = 120, TABLE_GAP = 2 };

/* A blank in a cell at which lines are not broken. */
#define TABLE_BLANK "\x1f"

typedef struct TableColumn {
    const char *title;
    bool right; /* aligned */
    bool wraps; /* the first to become narrower when the table is too wide */
} TableColumn;

typedef struct Table {
    Arena *arena;
    const TableColumn *columns;
    size_t n_columns;
    VEC(const char **) rows;
} Table;

/* The table borrows columns, titles and cells: they must outlive it. Titles and cells must be clean (table_clean). */
Table table_new(Arena *arena, const TableColumn *columns, size_t n_columns);

/* Adds a row and returns its n_columns empty cells, which the caller fills in. */
const char **table_add(Table *table);

/* Appends titles and rows. Breaks cells at blanks, then anywhere, until the table is at most TABLE_WIDTH columns wide,
 * or every column is 4 wide. No line ends in blanks. */
void table_show(const Table *table, Text *text);

/* Appends the same as a Markdown table of any width. */
void table_show_markdown(const Table *table, Text *text);

/* Appends a paragraph broken at blanks to TABLE_WIDTH, its later lines indented by two. */
void table_note(const char *note, Text *text);

/* Appends words, with the characters escaped that have a meaning in Markdown or HTML. */
void table_add_markdown(const char *words, Text *text);

/* Returns the name with '?' for each character that could control a terminal or break the line (text_character). */
const char *table_clean(Arena *arena, const char *name);

/* The number of screen columns that `length` bytes take. */
size_t table_text_width(const char *bytes, size_t length);

/* Returns a copy with TABLE_BLANK for every blank: the table breaks it only when nothing else helps. */
const char *table_unbroken(Arena *arena, const char *text);

#endif
