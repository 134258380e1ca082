/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the monotonic clock of the system, which nobody can set.
 */
#include <time.h>

#include "base/clock.h"

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
