/* SPDX-License-Identifier: Apache-2.0
 *
 * Implements ranks.h for a build without MPI: there is one rank.
 */
#include "run/ranks.h"

bool ranks_join(Err *reterr)
{
    size_t n = ranks_launched();
    return n == 1 ||
           err_set(reterr, ERR_USAGE,
                   "the launcher started %zu processes, but this marblebone is built without MPI; run it alone, "
                   "or build it with -Dmpi=enabled",
                   n);
}

size_t ranks_count(void)
{
    return 1;
}

size_t ranks_number(void)
{
    return 0;
}

void ranks_send(size_t to, int tag, const void *bytes, size_t n)
{
    (void)tag, (void)bytes, (void)n;
    ASSERT(to < ranks_count()); /* fails: there is no other rank to send to */
}

bool ranks_receive(Arena *arena, RankMessage *ret_message)
{
    (void)arena, (void)ret_message;
    return false;
}

void ranks_rest(void) {}

bool ranks_dismissed(void)
{
    return true;
}

void ranks_leave(int exit_code, bool hurried)
{
    (void)exit_code, (void)hurried;
}
