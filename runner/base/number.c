/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads decimal numbers, and writes the shortest decimal text that reads back as the same double.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Counts the bytes that form a decimal number, so that strtod reads nothing else. The program never sets a locale, so
 * '.' is the decimal point. */
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

const char *number_show_by_trial(double value, char buffer[NUMBER_TEXT])
{
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(buffer, NUMBER_TEXT, "%.*g", precision, value);
        double back = strtod(buffer, NULL);
        if (memcmp(&back, &value, sizeof back) == 0)
            break;
    }
    return buffer;
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 Wide;

/* Finds the same digits with integers, which need no rounding, for numbers of ordinary size. With
 *
 *   x = mantissa * 2^power                        2^52 <= mantissa < 2^53
 *   y = x * 10^scale = product / 2^shift          product = mantissa * five, five = 5^scale, shift = -power - scale
 *   10^16 <= y < 10^17                            17 digits before the point
 *
 * x above 1e-11 (a double a little less than 10^-11) and below 1e15 has scale = 27 .. 2, so five < 2^63,
 * product < 2^116, shift = 62 .. 1 (63 at the first guess of the scale): all fit, all are exact. On the scale of the
 * product the next double is `five` away, the one below a power of two half of that. Text nearer to x than half way to
 * it reads back as x; `five` is odd, so none is just half way. */
typedef struct Scaled {
    uint64_t mantissa, five;
    Wide product;
    int scale, shift;
} Scaled;

static Scaled scaled_of(double size)
{
    const double log10_2 = 0.30103; /* exact enough for a guess of the number of digits; x may have one less */
    const uint64_t least = 10000000000000000;
    int exponent;
    Scaled s = {.mantissa = (uint64_t)(frexp(size, &exponent) * 0x1p53), .five = 1};
    s.scale = 16 - (int)floor(exponent * log10_2);
    for (int i = 0; i < s.scale; i++)
        s.five *= 5;
    s.product = (Wide)s.mantissa * s.five;
    s.shift = 53 - exponent - s.scale;
    if (s.product >> s.shift < least) {
        s.five *= 5;
        s.product *= 5;
        s.scale++;
        s.shift--;
    }
    return s;
}

/* Rounds y to a multiple of `step`, ties to even as printf does. Returns whether the result reads back as x. */
static bool number_rounded(const Scaled *s, uint64_t step, uint64_t *ret_y)
{
    ASSERT(step > 0);
    Wide unit = (Wide)step << s->shift;
    uint64_t steps = (uint64_t)(s->product >> s->shift) / step;
    Wide rest = s->product - steps * unit;
    bool up = 2 * rest > unit || (2 * rest == unit && steps % 2 == 1);
    bool half_gap = !up && s->mantissa == (uint64_t)1 << 52;
    *ret_y = (steps + up) * step;
    return (up ? unit - rest : rest) * (half_gap ? 4 : 2) < s->five;
}

static char *put(char *at, const char *bytes, int n)
{
    memcpy(at, bytes, (size_t)n);
    return at + n;
}

/* Writes y / 10^scale as %g does: without zeros at the end, with an exponent below 1e-4. Large numbers need no
 * exponent: x is less than 1e15, so no text that reads back as x has 16 digits before the point. */
static void put_decimal(char *at, uint64_t y, int scale)
{
    char digits[20];
    int n = 0, power = -scale;
    for (; y % 100000000 == 0; y /= 100000000)
        power += 8;
    for (; y % 10 == 0; y /= 10)
        power++;
    for (; y > 0; y /= 10)
        digits[(int)sizeof digits - ++n] = (char)('0' + y % 10);
    const char *first = digits + sizeof digits - n;
    power += n - 1; /* the power of the first digit */
    bool tiny = power < -4;
    int whole = tiny ? 1 : power + 1; /* digits before the point */
    if (whole <= 0) {
        at = put(put(at, "0.000", 2 - whole), first, n);
    } else if (n > whole) {
        at = put(put(put(at, first, whole), ".", 1), first + whole, n - whole);
    } else {
        at = put(put(at, first, n), "00000000000000", whole - n);
    }
    if (tiny)
        at = put(at, (const char[]){'e', '-', (char)('0' - power / 10), (char)('0' - power % 10)}, 4);
    *at = '\0';
}

static const char *show_exact(double value, char buffer[NUMBER_TEXT])
{
    Scaled s = scaled_of(fabs(value));
    uint64_t y, step = 100; /* 15 digits */
    while (!number_rounded(&s, step, &y))
        step /= 10; /* ends at 1: every double reads back from 17 digits */
    buffer[0] = '-';
    put_decimal(buffer + (value < 0.0), y, s.scale);
    return buffer;
}
#endif

const char *number_show(double value, char buffer[NUMBER_TEXT])
{
#ifdef __SIZEOF_INT128__
    if (fabs(value) > 1e-11 && fabs(value) < 1e15)
        return show_exact(value, buffer);
#endif
    return number_show_by_trial(value, buffer);
}

bool number_same(double a, double b)
{
    if (isinf(a) || isinf(b))
        return a <= b && a >= b; /* 1e-9 of infinity would hold every number */
    return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}
