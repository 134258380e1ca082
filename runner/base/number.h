/* SPDX-License-Identifier: Apache-2.0
 *
 * number: reads and writes doubles as text, exactly and independent of the locale.
 */
#ifndef MB_BASE_NUMBER_H
#define MB_BASE_NUMBER_H

#include "base/contract.h"

enum { NUMBER_TEXT = 32 };

/* Reads a decimal number from the start of `text`: digits, point, exponent, sign. Returns the bytes used, 0 when there
 * is none or it overflows. Never reads hexadecimal, "inf" or "nan". */
MUST_CHECK size_t number_read(const char *text, double *ret_value);

/* Reads a text that is one number as a whole, with blanks around it allowed. Returns false when it is not. */
MUST_CHECK bool number_parse(const char *text, double *ret_value);

/* Writes the shortest text of 15 to 17 significant digits that reads back as the same double. Returns `buffer`. */
const char *number_show(double value, char buffer[NUMBER_TEXT]);

/* Finds the same text by printing and reading again, which is slow. Tests compare number_show with it; number_show
 * calls it for sizes outside of 1e-11 .. 1e15. */
const char *number_show_by_trial(double value, char buffer[NUMBER_TEXT]);

/* The same time or age, up to the rounding of unit conversions: they differ by at most 1e-9 of the larger magnitude.
 * Model times range from milliseconds to years, so there is no absolute slack: only 0 (of either sign) is the same as
 * 0, and numbers of different sign are never the same. An infinity is the same as itself only; NaN is the same as
 * nothing. Below 1e-299 the slack itself loses digits (below 1e-315 it is 0): there, only equal numbers are certain to
 * be the same. */
bool number_same(double a, double b);

#endif
