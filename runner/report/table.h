/* SPDX-License-Identifier: Apache-2.0
 *
 * report, inside the room: tables of text in columns, aligned by what a terminal shows. Widths count columns of the
 * screen: a combining mark takes none, an East Asian wide character two.
 */
#ifndef MB_REPORT_TABLE_H
#define MB_REPORT_TABLE_H

#include "base/base.h"

enum { TABLE_WIDTH = 120, TABLE_GAP = 2 };

/* A blank of a cell at which no line is broken. */
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

/* `columns` is borrowed. Titles and cells are clean (table_clean) and stay where they are. */
Table table_new(Arena *arena, const TableColumn *columns, size_t n_columns);

/* A new row of n_columns empty cells to fill in. */
const char **table_add(Table *table);

/* Appends titles and rows. Cells are broken at blanks, then anywhere, until the table is at most TABLE_WIDTH wide (or
 * every column 4). No line ends in blanks. */
void table_show(const Table *table, Text *text);

/* The same as a table of Markdown, however wide. */
void table_show_markdown(const Table *table, Text *text);

/* Appends a paragraph broken at blanks to TABLE_WIDTH, its later lines indented by two. */
void table_note(const char *note, Text *text);

/* Appends words so that Markdown and HTML take none of them for their own. */
void table_add_markdown(const char *words, Text *text);

/* A name that is harmless on a terminal and keeps to its line (text_character); the rest comes out as '?'. */
const char *table_clean(Arena *arena, const char *name);

/* Columns of the screen that `length` bytes take. */
size_t table_text_width(const char *bytes, size_t length);

/* A copy with TABLE_BLANK for every blank: stays on one line where it can. */
const char *table_unbroken(Arena *arena, const char *text);

#endif
