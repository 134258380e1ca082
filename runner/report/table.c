/* SPDX-License-Identifier: Apache-2.0
 *
 * Lays out tables: measures text in screen columns, narrows columns, breaks cells into lines.
 */
#include <math.h>
#include <string.h>

#include "report/table.h"

enum { MIN_COLUMN_WIDTH = 4 };

/* -- characters ------------------------------------------------------------------------------------------------ */

typedef struct PointRange {
    uint32_t first, last;
} PointRange;

/* NARROWEST: combining marks and joiners, which take no column. WIDE: the blocks of Unicode's EastAsianWidth.txt that
 * are mostly W or F, which take two columns. */
static const PointRange NARROWEST[] = {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D},
                                       {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
static const PointRange WIDE[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},  {0xAC00, 0xD7A3},
                                  {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},  {0xFFE0, 0xFFE6},
                                  {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

static bool in_ranges(const PointRange *ranges, size_t n_ranges, uint32_t point)
{
    for (size_t i = 0; i < n_ranges; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

static size_t point_width(uint32_t point)
{
    if (in_ranges(NARROWEST, ARRAY_LENGTH(NARROWEST), point))
        return 0;
    return in_ranges(WIDE, ARRAY_LENGTH(WIDE), point) ? 2 : 1;
}

const char *table_clean(Arena *arena, const char *name)
{
    Text clean = text_new(arena);
    bool harmless;
    for (size_t at = 0, left = strlen(name), n; left > 0; at += n, left -= n) {
        n = text_character(name + at, left, &harmless);
        text_add(&clean, harmless ? name + at : "?", harmless ? n : 1);
    }
    return text_string(&clean);
}

size_t table_text_width(const char *bytes, size_t length)
{
    size_t width = 0;
    while (length > 0) {
        uint32_t point = '?';
        size_t used = text_decode(bytes, length, &point);
        used = used > 0 ? used : 1;
        width += point_width(point);
        bytes += used;
        length -= used;
    }
    return width;
}

const char *table_unbroken(Arena *arena, const char *text)
{
    char *copy = arena_copy_text(arena, text, strlen(text));
    for (char *c = copy; *c != '\0'; c++)
        *c = *c == ' ' ? TABLE_BLANK[0] : *c;
    return copy;
}

/* -- cells ----------------------------------------------------------------------------------------------------- */

/* The number of bytes of a cell that fit on a line of `width` columns; the next line starts at *ret_next. */
static size_t line_break(const char *cell, size_t width, const char **ret_next)
{
    size_t total = strlen(cell), at = 0, used = 0, blank = 0;
    while (at < total) {
        uint32_t point = '?';
        size_t length = text_decode(cell + at, total - at, &point);
        length = length > 0 ? length : 1;
        if (point == ' ' && at > 0)
            blank = at;
        used += point_width(point);
        if (used > width && at > 0)
            break;
        at += length;
    }
    if (at < total && blank > 0)
        at = blank;
    *ret_next = cell + at;
    while (at < total && **ret_next == ' ')
        ++*ret_next;
    return at;
}

static size_t longest_word(const char *cell)
{
    size_t longest = 0;
    while (*cell != '\0') {
        size_t length = strcspn(cell, " ");
        size_t width = table_text_width(cell, length);
        longest = width > longest ? width : longest;
        cell += length + strspn(cell + length, " ");
    }
    return longest;
}

static void add_blanks(Text *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_add(text, " ", 1);
}

static void add_shown(Text *text, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        text_add(text, bytes[i] == TABLE_BLANK[0] ? " " : &bytes[i], 1);
}

void table_note(const char *note, Text *text)
{
    size_t indent = 0;
    while (*note != '\0') {
        const char *next;
        size_t length = line_break(note, TABLE_WIDTH - indent, &next);
        add_blanks(text, indent);
        add_shown(text, note, length);
        text_add(text, "\n", 1);
        note = next;
        indent = 2;
    }
}

/* -- tables ---------------------------------------------------------------------------------------------------- */

Table table_new(Arena *arena, const TableColumn *columns, size_t n_columns)
{
    return (Table){.arena = arena, .columns = columns, .n_columns = n_columns};
}

const char **table_add(Table *table)
{
    const char **row = NEW_ARRAY(table->arena, const char *, table->n_columns);
    for (size_t column = 0; column < table->n_columns; column++)
        row[column] = "";
    *vec_push(table->arena, &table->rows) = row;
    return row;
}

static size_t sum_widths(const size_t *widths, size_t n)
{
    size_t sum = n > 0 ? TABLE_GAP * (n - 1) : 0;
    for (size_t i = 0; i < n; i++)
        sum += widths[i];
    return sum;
}

/* Makes the widest columns of the table narrower, until it fits the screen or each column is at its floor. */
static void table_narrow(const Table *table, bool only_wrapping, const size_t *floors, size_t *widths)
{
    while (sum_widths(widths, table->n_columns) > TABLE_WIDTH) {
        size_t widest = table->n_columns;
        for (size_t i = 0; i < table->n_columns; i++) {
            bool may = widths[i] > floors[i] && (table->columns[i].wraps || !only_wrapping);
            if (may && (widest == table->n_columns || widths[i] > widths[widest]))
                widest = i;
        }
        if (widest == table->n_columns)
            return;
        widths[widest]--;
    }
}

static size_t *table_widths(const Table *table)
{
    size_t *widths = NEW_ARRAY(table->arena, size_t, table->n_columns);
    size_t *floors = NEW_ARRAY(table->arena, size_t, table->n_columns);
    for (size_t i = 0; i < table->n_columns; i++) {
        widths[i] = table_text_width(table->columns[i].title, strlen(table->columns[i].title));
        floors[i] = longest_word(table->columns[i].title);
        for (size_t row = 0; row < table->rows.n; row++) {
            const char *cell = table->rows.items[row][i];
            size_t width = table_text_width(cell, strlen(cell)), word = longest_word(cell);
            widths[i] = width > widths[i] ? width : widths[i];
            floors[i] = word > floors[i] ? word : floors[i];
        }
    }
    table_narrow(table, true, floors, widths);
    table_narrow(table, false, floors, widths);
    for (size_t i = 0; i < table->n_columns; i++)
        floors[i] = MIN_COLUMN_WIDTH;
    table_narrow(table, false, floors, widths);
    return widths;
}

/* Shows one line of a row: the part of each cell that fits. Moves `cells` to the parts that are left. */
static void table_show_line(const Table *table, const size_t *widths, const char **cells, Text *text)
{
    size_t pending = 0; /* blanks to write before the next text, so that no line ends in blanks */
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *cell = cells[i];
        size_t length = line_break(cell, widths[i], &cells[i]);
        size_t fill = widths[i] - table_text_width(cell, length);
        if (length > 0) {
            add_blanks(text, pending + (table->columns[i].right ? fill : 0));
            add_shown(text, cell, length);
            pending = table->columns[i].right ? 0 : fill;
        } else {
            pending += widths[i];
        }
        pending += TABLE_GAP;
    }
}

static bool cells_left(const char *const *cells, size_t n_cells)
{
    for (size_t i = 0; i < n_cells; i++)
        if (*cells[i] != '\0')
            return true;
    return false;
}

static void show_row(const Table *table, const size_t *widths, const char **cells, Text *text)
{
    do {
        table_show_line(table, widths, cells, text);
        text_add(text, "\n", 1);
    } while (cells_left(cells, table->n_columns));
}

void table_show(const Table *table, Text *text)
{
    const size_t *widths = table_widths(table);
    const char **cells = NEW_ARRAY(table->arena, const char *, table->n_columns);
    for (size_t i = 0; i < table->n_columns; i++)
        cells[i] = table->columns[i].title;
    show_row(table, widths, cells, text);
    for (size_t row = 0; row < table->rows.n; row++) {
        memcpy(cells, table->rows.items[row], table->n_columns * sizeof *cells);
        show_row(table, widths, cells, text);
    }
}

void table_add_markdown(const char *words, Text *text)
{
    Text shown = text_new(text->arena);
    add_shown(&shown, words, strlen(words));
    text_add_markdown(text, text_string(&shown));
}

static void show_markdown_row(const Table *table, const char *const *cells, Text *text)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        text_print(text, "| ");
        table_add_markdown(cells[i], text);
        text_print(text, cells[i][0] != '\0' ? " " : "");
    }
    text_print(text, "|\n");
}

void table_show_markdown(const Table *table, Text *text)
{
    const char **titles = NEW_ARRAY(table->arena, const char *, table->n_columns);
    for (size_t i = 0; i < table->n_columns; i++)
        titles[i] = table->columns[i].title;
    show_markdown_row(table, titles, text);
    for (size_t i = 0; i < table->n_columns; i++)
        text_print(text, table->columns[i].right ? "| ---: " : "| --- ");
    text_print(text, "|\n");
    for (size_t row = 0; row < table->rows.n; row++)
        show_markdown_row(table, table->rows.items[row], text);
}
