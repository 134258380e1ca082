/* SPDX-License-Identifier: Apache-2.0
 *
 * threads: jobs spread over the processors of this machine. Front door of the room, the only one that knows threads.
 *
 * The calling thread deals jobs into places, computes some itself, and finishes each job in the order in which the jobs
 * were dealt; the other threads only compute. So whatever only one thread may touch (a database, say) belongs to `deal`
 * and `finish`, and what comes out does not depend on how many threads there are.
 *
 * Job i stands at place i % n_places from when it is dealt until it is finished; only one thread touches a place at a
 * time. A job that was dealt may be dropped without being computed (after a request to stop, or an error).
 */
#ifndef MB_THREADS_THREADS_H
#define MB_THREADS_THREADS_H

#include "base/base.h"

typedef struct ThreadJobs {
    void *context; /* the first argument of every function below */

    /* Calling thread: puts the next job at `place`. *ret_left false: there is none left. */
    bool (*enqueue)(void *context, size_t place, bool *ret_left, Err *reterr);

    /* Each thread, once: makes what it computes with, and gives it back (accepts NULL). Both may be NULL. */
    void *(*open)(void *context, Err *reterr);
    void (*close)(void *context, void *worker);

    /* Any thread. False ends everything with *reterr; what fails in a job itself is a result, not an error. */
    bool (*compute)(void *context, void *worker, size_t place, Err *reterr);

    /* Calling thread, in the order of dealing. NULL: nothing is to be done. */
    bool (*finish)(void *context, size_t place, Err *reterr);

    const Stop *stop; /* may be NULL. Once it is set no job is begun; jobs at hand are computed and finished */
} ThreadJobs;

/* With n_threads 1 this is a plain loop. When the system has no more threads, those that there are do the work.
 * Errors: those of the functions; the first one counts. */
MUST_CHECK bool threads_run(const ThreadJobs *jobs, size_t n_threads, size_t n_places, Err *reterr);

#endif
