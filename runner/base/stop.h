/* SPDX-License-Identifier: Apache-2.0
 *
 * A request to end soon, made by a signal handler and looked at by all threads. C17 allows both of a lock-free atomic
 * only (5.1.2.4, 7.14.1.1); a volatile sig_atomic_t that another thread reads is a race.
 */
#ifndef MB_BASE_STOP_H
#define MB_BASE_STOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#if ATOMIC_INT_LOCK_FREE != 2
#error "a signal handler may not touch an int that has a lock"
#endif

typedef atomic_int Stop; /* 0: nobody asked; else the number of the signal, or 1 */

/* NULL: nobody can ask. */
static inline bool stop_asked(const Stop *stop)
{
    return stop != NULL && atomic_load_explicit(stop, memory_order_relaxed) != 0;
}

#endif
