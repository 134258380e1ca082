/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* The bytes that make a decimal number, so that strtod sees nothing else. The program never sets a locale: '.' is the
 * decimal point. */
static size_t number_span(const char *text)
{
    size_t at = text[0] == '-' || text[0] == '+';
    size_t whole = digits(text + at), part = 0;
    at += whole;
    if (text[at] == '.') {
        part = digits(text + at + 1);
        at += part + 1;
    }
    if (whole + part == 0)
        return 0;
    if (text[at] == 'e' || text[at] == 'E') {
        size_t sign = text[at + 1] == '-' || text[at + 1] == '+';
        size_t power = digits(text + at + 1 + sign);
        if (power > 0)
            at += 1 + sign + power;
    }
    return at;
}

size_t number_read(const char *text, double *ret_value)
{
    enum { LONGEST = 200 };
    char copy[LONGEST + 1];
    size_t span = number_span(text);
    if (span == 0 || span > LONGEST)
        return 0;
    memcpy(copy, text, span);
    copy[span] = '\0';
    double value = strtod(copy, NULL);
    if (!isfinite(value))
        return 0;
    *ret_value = value;
    return span;
}

bool number_parse(const char *text, double *ret_value)
{
    text += strspn(text, " ");
    double value;
    size_t span = number_read(text, &value);
    if (span == 0 || text[span + strspn(text + span, " ")] != '\0')
        return false;
    *ret_value = value;
    return true;
}

const char *number_show(double value, char buffer[NUMBER_TEXT])
{
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(buffer, NUMBER_TEXT, "%.*g", precision, value);
        double back = strtod(buffer, NULL);
        if (memcmp(&back, &value, sizeof back) == 0)
            break;
    }
    return buffer;
}

bool number_same(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}
