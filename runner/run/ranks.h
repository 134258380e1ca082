/* SPDX-License-Identifier: Apache-2.0
 *
 * ranks: the processes that mpirun or srun started together, on one machine or many. Rank 0 deals, writes and speaks;
 * the others compute (ranks_run_worker). Without a launcher there is one rank, and MPI is not even initialised.
 * Messages between two ranks arrive in the order in which they were sent.
 *
 * Life cycle: ranks_join once at the start, ranks_leave once at the end; only the thread that joined may call.
 * ranks_mpi.c is the only file that knows MPI; a build without it has ranks_alone.c instead.
 */
#ifndef MB_RUN_RANKS_H
#define MB_RUN_RANKS_H

#include "base/base.h"

/* False: the launcher started several, but they do not find each other. */
MUST_CHECK bool ranks_join(Err *reterr);

size_t ranks_count(void);
size_t ranks_number(void); /* which of them this is */

typedef struct RankMessage {
    size_t from;
    int tag;
    const unsigned char *bytes;
    size_t n;
} RankMessage;

/* What is waited for a rank once the run is to stop. mpirun of Open MPI kills its ranks 1 s after Ctrl-C and after a
 * rank died (its odls_base_sigkill_timeout), and a rank that died does not answer. */
#define RANK_PATIENCE_S 0.5

/* The largest message. */
#define RANK_MESSAGE_MAX ((size_t)INT32_MAX)

/* The sender's choice of what a message means: 1 .. 9. */
void ranks_send(size_t to, int tag, const void *bytes, size_t n);

/* A message on the arena; false when there is none now. */
bool ranks_receive(Arena *arena, RankMessage *ret_message);

/* Sleeps for a moment: a rank that waits leaves its processor to others. */
void ranks_rest(void);

/* Not on rank 0: it has said that it needs this rank no more. */
bool ranks_dismissed(void);

/* Rank 0 dismisses the others and waits for them; they wait for being dismissed. `hurried`: rank 0 does not wait for
 * one that still computes, and ends it. */
void ranks_leave(int exit_code, bool hurried);

/* launch.c: how many a launcher says that it started together; 1 without a launcher. */
size_t ranks_launched(void);

#endif
