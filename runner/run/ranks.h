/* SPDX-License-Identifier: Apache-2.0
 *
 * ranks: the processes that mpirun or srun started together, on one machine or many. Rank 0 deals batches, writes the
 * database and prints; the other ranks compute (ranks_run_worker). Without a launcher there is one rank, and MPI is not
 * initialised. Messages between two ranks arrive in the order in which they were sent.
 *
 * Life cycle: ranks_join once at the start, ranks_leave once at the end.
 * Thread rule: only the thread that called ranks_join may call these functions.
 *
 * ranks_mpi.c is the only file that knows MPI; a build without it has ranks_alone.c instead.
 */
#ifndef MB_RUN_RANKS_H
#define MB_RUN_RANKS_H

#include "base/base.h"

/* Joins the ranks. Returns false when the launcher started several processes, but MPI finds another number. */
MUST_CHECK bool ranks_join(Err *reterr);

size_t ranks_count(void);
size_t ranks_number(void); /* the number of this rank, from 0 */

typedef struct RankMessage {
    size_t from;
    int tag;
    const unsigned char *bytes;
    size_t n;
} RankMessage;

/* How long rank 0 waits for another rank once the run is to stop. mpirun of Open MPI kills its ranks 1 s after Ctrl-C
 * or after the death of a rank (its odls_base_sigkill_timeout), and a dead rank does not answer. */
#define RANK_PATIENCE_S 0.5

/* The largest message, in bytes. */
#define RANK_MESSAGE_MAX ((size_t)INT32_MAX)

/* Sends a message of at most RANK_MESSAGE_MAX bytes. `tag`, 1 .. 9, tells the receiver what the message means. */
void ranks_send(size_t to, int tag, const void *bytes, size_t n);

/* Receives a message onto the arena. Returns false when no message has arrived. Does not wait. */
bool ranks_receive(Arena *arena, RankMessage *ret_message);

/* Sleeps for 0.2 ms, so that a rank that waits leaves its processor to others. */
void ranks_rest(void);

/* On ranks other than 0: true when rank 0 has told this rank to leave. */
bool ranks_dismissed(void);

/* Rank 0 dismisses the other ranks and waits for their answers; the other ranks wait until they are dismissed.
 * `hurried`: rank 0 waits RANK_PATIENCE_S at most, and then ends ranks that have not answered. */
void ranks_leave(int exit_code, bool hurried);

/* launch.c: how many processes the launcher started together, by its environment variables; 1 without a launcher. */
size_t ranks_launched(void);

#endif
