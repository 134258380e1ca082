/* SPDX-License-Identifier: Apache-2.0
 *
 * row: formats the cells that describe a row of a reference, for every table that has such rows; inside the room. All
 * texts are on the arena.
 */
#ifndef MB_REPORT_ROW_H
#define MB_REPORT_ROW_H

#include "judge/judge.h"
#include "judge/reference.h"

/* The cohort and its control, with the age or site of the control where it differs: "WT vs WT at 8 wk". */
const char *row_cohorts(Arena *arena, const ReferenceRow *row);

/* "ratio BV/TV" */
const char *row_metric(Arena *arena, const ReferenceRow *row);

/* "24 wk since 16 wk distal-femur" */
const char *row_at(Arena *arena, const ReferenceRow *row);

/* "0.1 to 0.32", "positive" */
const char *row_expected(Arena *arena, const ReferenceRow *row);

/* Three digits; "<1e-9" for smaller values other than 0. */
const char *row_number(Arena *arena, double value);

#endif
