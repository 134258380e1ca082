/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk that loses power. A VFS over SQLite's own writes down all that is done to a database, its WAL and its journal;
 * afterwards power_cut builds what the disk may hold when power fails before the k-th of these deeds.
 *
 * What was synced is there. What was only written is there or not, each sector of 512 bytes by itself, in whatever
 * order, and a sector may be torn: its first or its last bytes are new. Where a later sector of a growing file is there
 * and an earlier one is not, there is rubbish. Names appear and vanish in the order in which they did, up to some
 * point; the first sync of a new file syncs the folder, too (which SQLite's VFS does for WAL and journal).
 */
#ifndef MB_TESTS_FAULT_POWER_H
#define MB_TESTS_FAULT_POWER_H

#include "base/base.h"

typedef enum PowerLoss {
    LOSS_OF_NOTHING, /* all that was written is there, as after kill -9 */
    LOSS_OF_ALL,     /* only what was synced is */
    LOSS_BY_CHANCE,  /* some sectors */
    LOSS_TORN,       /* some sectors, some of them torn, and rubbish in the gaps */
    N_LOSSES
} PowerLoss;

/* From here on all databases are on this disk; what is done to them is written down until power_stop. Syncs are not
 * passed on: nothing here depends on the machine's own disk. */
void power_start(Arena *arena);
void power_stop(void);

/* How many deeds were done so far. */
size_t power_deeds(void);

/* Whether deed k is a sync of a WAL. */
bool power_syncs_wal(size_t k);

/* Writes database, WAL and journal to path, path-wal, path-journal, as they may be when power fails before deed k.
 * SHA-256 of them all comes back in ret_hash. */
void power_cut(size_t k, PowerLoss loss, RngKey chance, const char *path, char ret_hash[HASH_TEXT]);

#endif
