/* SPDX-License-Identifier: Apache-2.0
 *
 * rng: counter-based random draws. A draw is a pure function of a key (which experiment, cohort) and a counter (which
 * animal, which quantity), so it does not depend on threads, batches or order.
 * Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11,
 * doi:10.1145/2063384.2063405; checked against its published known-answer vectors.
 */
#ifndef MB_BASE_RNG_H
#define MB_BASE_RNG_H

#include "base/contract.h"

typedef struct RngKey {
    uint64_t value;
} RngKey;

/* rng_key makes a key of a seed. rng_key_named derives a key for a name: 64 bits of SHA-256 over the key and the name.
 * */
RngKey rng_key(uint64_t seed);
RngKey rng_key_named(RngKey key, const char *name);

void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t ret_block[4]);

/* Uniform in (0, 1), never 0 or 1; 52 bits. */
double rng_uniform(RngKey key, uint64_t index);

/* Standard normal by Box-Muller from the two uniforms of one Philox block. */
double rng_normal(RngKey key, uint64_t index);

/* Uniform on 0 .. bound-1, unbiased to 2^-52 * bound. */
size_t rng_below(RngKey key, uint64_t index, size_t bound);

#endif
