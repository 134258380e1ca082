/* SPDX-License-Identifier: Apache-2.0
 *
 * threads: spreads jobs over the processors of this machine. Front door of the room, the only one that starts threads.
 *
 * The calling thread deals jobs into places, computes some itself, and finishes each job in the order in which the jobs
 * were dealt; the other threads only compute. So only `deal` and `finish` may use what belongs to one thread (for
 * example a database), and the results do not depend on the number of threads.
 *
 * Job i has the place i % n_places from the moment when it is dealt until it is finished; only one thread uses a place
 * at a time. A job that was dealt may be dropped without being computed (after a request to stop, or an error).
 */
#ifndef MB_THREADS_THREADS_H
#define MB_THREADS_THREADS_H

#include "base/base.h"

typedef struct ThreadJobs {
    void *context; /* the first argument of every function below */

    /* The calling thread puts the next job at `place`. *ret_left false: no job is left. */
    bool (*enqueue)(void *context, size_t place, bool *ret_left, Err *reterr);

    /* Each thread calls these once: `open` returns the object that the thread computes with (NULL and *reterr on
     * failure), `close` frees it and accepts NULL. Both may be NULL. */
    void *(*open)(void *context, Err *reterr);
    void (*close)(void *context, void *worker);

    /* Any thread computes the job at `place`. Returning false ends all jobs with *reterr; a simulation that fails is a
     * result, not an error. */
    bool (*compute)(void *context, void *worker, size_t place, Err *reterr);

    /* The calling thread finishes the jobs, in the order in which they were dealt. May be NULL. */
    bool (*finish)(void *context, size_t place, Err *reterr);

    const Stop *stop; /* may be NULL. Once it is set, no job is begun; running jobs are computed and finished */
} ThreadJobs;

/* Deals, computes and finishes all jobs. With n_threads 1 this is a plain loop. When the system cannot start n_threads
 * threads, it uses fewer. n_places > 0. Errors: the first error of the functions above. */
MUST_CHECK bool threads_run(const ThreadJobs *jobs, size_t n_threads, size_t n_places, Err *reterr);

#endif
