/* SPDX-License-Identifier: Apache-2.0
 *
 * clock: elapsed seconds, for limits of time and for progress. No result contains them.
 */
#ifndef MB_BASE_CLOCK_H
#define MB_BASE_CLOCK_H

/* Seconds since an arbitrary moment; never goes back (CLOCK_MONOTONIC). */
double clock_seconds(void);

#endif
