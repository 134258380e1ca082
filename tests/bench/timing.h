/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MB_TESTS_BENCH_TIMING_H
#define MB_TESTS_BENCH_TIMING_H

#include <stddef.h>

enum { MAX_ROUNDS = 99 };

/* Seconds of the processor that this process has had, in all its threads. */
double processor_time(void);

/* Of 1 .. MAX_ROUNDS values. */
double median(const double *values, size_t n);

#endif
