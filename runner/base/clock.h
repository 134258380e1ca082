/* SPDX-License-Identifier: Apache-2.0
 *
 * The one clock: seconds that pass, for limits of time and for progress. Never part of a result.
 */
#ifndef MB_BASE_CLOCK_H
#define MB_BASE_CLOCK_H

/* Seconds since some moment; only goes forward (CLOCK_MONOTONIC). */
double clock_seconds(void);

#endif
