/* SPDX-License-Identifier: Apache-2.0
 *
 * The records of a batch as bytes, for a message between ranks. Both ends are the same build (ranks.c compares), so
 * numbers are as they stand in memory. What is read is checked: whatever the bytes are, nothing outside them is
 * touched, and every index and text is sound. That the digits arrive as they were sent is the transport's promise.
 */
#ifndef MB_RUN_WIRE_H
#define MB_RUN_WIRE_H

#include "animal/animal.h"

/* A message as it arrived; borrowed. */
typedef struct WireBytes {
    const unsigned char *bytes;
    size_t n;
} WireBytes;

void wire_pack(const Animal *animals, size_t n, size_t n_metrics, Text *bytes);

/* False: the bytes are not n animals of a run with n_metrics, or there are more of them. The animals point into
 * `bytes` and the arena. */
MUST_CHECK bool wire_unpack(Arena *arena, WireBytes bytes, size_t n, size_t n_metrics, const Animal **ret_animals);

#endif
