/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats the cells that describe a row of a reference.
 */
#include <math.h>

#include "report/row.h"
#include "report/table.h"

static const char *show_age(Arena *arena, double age_d)
{
    return table_unbroken(arena, text_show_age(arena, age_d));
}

const char *row_cohorts(Arena *arena, const ReferenceRow *row)
{
    Text text = text_new(arena);
    text_print(&text, "%s", table_clean(arena, row->test.cohort));
    if (!row->compares)
        return text_string(&text);
    const ReferenceSample *test = &row->test, *control = &row->control;
    text_print(&text, " vs" TABLE_BLANK "%s", table_clean(arena, control->cohort));
    bool other_age = !number_same(control->age_d, test->age_d);
    bool other_site = control->site != NULL && (test->site == NULL || !text_equal(control->site, test->site));
    if (other_age || other_site)
        text_print(&text, " at");
    if (other_age)
        text_print(&text, " %s", show_age(arena, control->age_d));
    if (other_site)
        text_print(&text, " %s", table_clean(arena, control->site));
    return text_string(&text);
}

const char *row_metric(Arena *arena, const ReferenceRow *row)
{
    return arena_print(arena, "%s %s", statistic_short_name(row->statistic), table_clean(arena, row->metric));
}

const char *row_at(Arena *arena, const ReferenceRow *row)
{
    Text text = text_new(arena);
    text_print(&text, "%s", show_age(arena, row->test.age_d));
    if (row->changes)
        text_print(&text, " since" TABLE_BLANK "%s", show_age(arena, row->since_d));
    if (row->test.site != NULL)
        text_print(&text, " %s", table_clean(arena, row->test.site));
    return text_string(&text);
}

/* In a null mouse, rounding leaves 1e-30 osteoclasts instead of 0: such values are shown as "<1e-9". */
const char *row_number(Arena *arena, double value)
{
    bool is_nothing = fabs(value) < 1e-9 && fabs(value) > 0.0;
    return is_nothing ? "<1e-9" : arena_print(arena, "%.3g", value);
}

const char *row_expected(Arena *arena, const ReferenceRow *row)
{
    if (row->statistic == STATISTIC_PRESENT)
        return ">" TABLE_BLANK "0.5";
    if (row->statistic == STATISTIC_ABSENT)
        return "<" TABLE_BLANK "0.5";
    if (row->statistic == STATISTIC_SIGN)
        return sign_name(row->sign);
    return arena_print(arena, "%.4g to %.4g", row->low, row->high);
}
