/* SPDX-License-Identifier: Apache-2.0
 *
 * Sorts times and decides when two moments are one.
 */
#include <stdlib.h>

#include "plan/plan_priv.h"

bool times_same_moment(double a, double b)
{
    return a <= b && a >= b;
}

static int order_of_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

size_t times_sort(double *times, size_t n, bool (*same)(double a, double b))
{
    size_t kept = 0;
    if (n > 1)
        qsort(times, n, sizeof *times, order_of_times);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !same(times[i], times[kept - 1]))
            times[kept++] = times[i];
    return kept;
}
