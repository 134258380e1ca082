/* SPDX-License-Identifier: Apache-2.0
 *
 * The formats in which verdicts can be shown. A new one is a row here, a function, and its file.
 */
#include "report/report.h"

typedef void (*VerdictFormat)(Arena *arena, const Verdict *verdicts, size_t n_verdicts, Text *text);

static const struct {
    const char *name;
    VerdictFormat show;
} formats[] = {{"table", verdict_table_show}, {"markdown", verdict_table_show_markdown}};

bool verdict_formats_show(Arena *arena, const char *format, const Verdict *verdicts, size_t n_verdicts, Text *text,
                          Err *reterr)
{
    Text names = text_new(arena);
    for (size_t i = 0; i < ARRAY_LENGTH(formats); i++) {
        if (text_equal(formats[i].name, format)) {
            formats[i].show(arena, verdicts, n_verdicts, text);
            return true;
        }
        text_print(&names, "%s%s", i > 0 ? ", " : "", formats[i].name);
    }
    return err_set(reterr, ERR_USAGE, "there is no format '%s'; --format takes one of: %s", format,
                   text_string(&names));
}
