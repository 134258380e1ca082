/* SPDX-License-Identifier: Apache-2.0
 *
 * wire: packs the records of a batch into bytes for a message between ranks, and unpacks them. Both ranks run the same
 * build (ranks.c checks it), so numbers are sent as they are in memory. Unpacking checks the bytes: whatever they are,
 * it reads nothing outside them, and every index and text that it returns is valid. It does not check digits: MPI
 * promises to deliver the bytes that were sent.
 */
#ifndef MB_RUN_WIRE_H
#define MB_RUN_WIRE_H

#include "animal/animal.h"

/* A message as it arrived; borrowed. */
typedef struct WireBytes {
    const unsigned char *bytes;
    size_t n;
} WireBytes;

/* Appends the n animals to `bytes`. Each reading holds n_metrics values and n_metrics truths. */
void wire_pack(const Animal *animals, size_t n, size_t n_metrics, Text *bytes);

/* Returns false when the bytes are not exactly n animals of a run with n_metrics. The animals point into `bytes` and
 * into the arena. */
MUST_CHECK bool wire_unpack(Arena *arena, WireBytes bytes, size_t n, size_t n_metrics, const Animal **ret_animals);

#endif
