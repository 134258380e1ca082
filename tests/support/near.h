/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares numbers with a stated tolerance, and prints which row of a table failed. cmocka has no such functions.
 */
#ifndef MB_TESTS_SUPPORT_NEAR_H
#define MB_TESTS_SUPPORT_NEAR_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* |got - want| <= absolute + relative * |want|; both values and the row's name are printed when not. NaN is near
 * nothing. */
#define assert_near(row, got, want, relative, absolute)                                                                \
    near_check((row), (got), (want), (relative), (absolute), __FILE__, __LINE__)

static inline void near_check(const char *row, double got, double want, double relative, double absolute,
                              const char *file, int line)
{
    if (fabs(got - want) <= absolute + relative * fabs(want))
        return;
    print_error("%s: got %.17g, want %.17g (off by %.3g, allowed %.3g)\n", row, got, want, fabs(got - want),
                absolute + relative * fabs(want));
    _fail(file, line);
}

#endif
