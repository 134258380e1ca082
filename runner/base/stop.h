/* SPDX-License-Identifier: Apache-2.0
 *
 * stop: a request to end soon. A signal handler sets it, and all threads read it. C17 allows both only for a lock-free
 * atomic (5.1.2.4, 7.14.1.1); a volatile sig_atomic_t that another thread reads would be a data race.
 */
#ifndef MB_BASE_STOP_H
#define MB_BASE_STOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#if ATOMIC_INT_LOCK_FREE != 2
#error "a signal handler may not touch an int that has a lock"
#endif

typedef atomic_int Stop; /* 0: no request; else the number of the signal, or 1 */

/* True when somebody asked to end. `stop` may be NULL: false. */
static inline bool stop_asked(const Stop *stop)
{
    return stop != NULL && atomic_load_explicit(stop, memory_order_relaxed) != 0;
}

#endif
