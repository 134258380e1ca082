/* SPDX-License-Identifier: Apache-2.0
 *
 * Implements ranks.h with MPI. No other file calls MPI.
 */
#include <mpi.h>
#include <string.h>
#include <time.h>

#include "run/ranks.h"

/* Tags of our own, beside the tags 1 .. 9 of ranks_send. */
enum { TAG_LEAVE = 10, TAG_BYE };

/* Pause between two looks for a message. With it, looking takes 5 % of a processor (measured, Open MPI 4.1). The pause
 * delays no rank: each has another batch to compute meanwhile. */
static const long REST_NS = 200000;

static int count = 1, number;
static bool dismissed;

bool ranks_join(Err *reterr)
{
    size_t n = ranks_launched();
    int provided;
    if (n == 1)
        return true;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_size(MPI_COMM_WORLD, &count);
    MPI_Comm_rank(MPI_COMM_WORLD, &number);
    if ((size_t)count == n)
        return true;
    char version[MPI_MAX_LIBRARY_VERSION_STRING];
    int length, found = count;
    MPI_Get_library_version(version, &length);
    version[strcspn(version, ",\n")] = '\0';
    for (char *c = version; *c != '\0'; c++) /* the version text of MPICH contains a tab */
        *c = *c == '\t' ? ' ' : *c;
    MPI_Finalize();
    count = 1;
    return err_set(
        reterr, ERR_USAGE,
        "the launcher started %zu processes, but %s finds %d; use the mpirun of this MPI, or an --mpi of srun "
        "that it knows",
        n, version, found);
}

size_t ranks_count(void)
{
    return (size_t)count;
}

size_t ranks_number(void)
{
    return (size_t)number;
}

void ranks_send(size_t to, int tag, const void *bytes, size_t n)
{
    ASSERT(n <= RANK_MESSAGE_MAX);
    MPI_Send(bytes, (int)n, MPI_BYTE, (int)to, tag, MPI_COMM_WORLD);
}

bool ranks_receive(Arena *arena, RankMessage *ret_message)
{
    int there, n;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
    if (!there)
        return false;
    MPI_Get_count(&status, MPI_BYTE, &n);
    unsigned char *bytes = arena_alloc(arena, (size_t)n, _Alignof(max_align_t));
    MPI_Recv(bytes, n, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    dismissed = dismissed || status.MPI_TAG == TAG_LEAVE;
    *ret_message = (RankMessage){(size_t)status.MPI_SOURCE, status.MPI_TAG, bytes, (size_t)n};
    return true;
}

void ranks_rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = REST_NS}, NULL);
}

bool ranks_dismissed(void)
{
    return dismissed;
}

/* Drops messages that the other ranks still sent. Returns false when a rank did not answer in time. */
static bool dismiss_others(bool hurried)
{
    double start = MPI_Wtime();
    int n_left = 0;
    for (int to = 1; to < count; to++)
        ranks_send((size_t)to, TAG_LEAVE, NULL, 0);
    while (n_left < count - 1 && !(hurried && MPI_Wtime() - start > RANK_PATIENCE_S)) {
        SCOPED(arena_close) Arena *scratch = arena_open();
        RankMessage message;
        if (!ranks_receive(scratch, &message))
            ranks_rest();
        else
            n_left += message.tag == TAG_BYE;
    }
    return n_left == count - 1;
}

static void await_dismissal(void)
{
    while (!dismissed) {
        SCOPED(arena_close) Arena *scratch = arena_open();
        RankMessage message;
        if (!ranks_receive(scratch, &message))
            ranks_rest();
    }
    ranks_send(0, TAG_BYE, NULL, 0);
}

void ranks_leave(int exit_code, bool hurried)
{
    if (count == 1)
        return;
    if (number != 0)
        await_dismissal();
    else if (!dismiss_others(hurried))
        MPI_Abort(MPI_COMM_WORLD, exit_code);
    MPI_Finalize();
}
