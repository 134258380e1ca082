/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws random numbers with Philox4x32-10 (rng.h names the paper).
 */
#include <math.h>
#include <string.h>

#include "base/base.h"

/* Multipliers and Weyl increments: table 2 and section 2.2 of the paper. */
static const uint32_t MULTIPLIER[2] = {0xD2511F53u, 0xCD9E8D57u};
static const uint32_t WEYL[2] = {0x9E3779B9u, 0xBB67AE85u};

void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t ret_block[4])
{
    uint32_t c[4], k[2] = {key[0], key[1]};
    memcpy(c, counter, sizeof c);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)MULTIPLIER[0] * c[0], p1 = (uint64_t)MULTIPLIER[1] * c[2];
        c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k[0];
        c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k[1];
        c[1] = (uint32_t)p1;
        c[3] = (uint32_t)p0;
        k[0] += WEYL[0];
        k[1] += WEYL[1];
    }
    memcpy(ret_block, c, sizeof c);
}

RngKey rng_key(uint64_t seed)
{
    return (RngKey){seed};
}

RngKey rng_key_named(RngKey key, const char *name)
{
    unsigned char bytes[8]; /* little-endian on every machine */
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(key.value >> (8 * i));
    return (RngKey){hash_64(bytes, sizeof bytes, name, strlen(name))};
}

static void rng_block(RngKey key, uint64_t index, double ret_uniform[2])
{
    uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), 0, 0}, block[4];
    uint32_t words[2] = {(uint32_t)key.value, (uint32_t)(key.value >> 32)};
    rng_philox(counter, words, block);
    for (size_t i = 0; i < 2; i++) {
        /* 52 bits plus one half fit a double exactly; with 53 bits, the highest value would round to 1. */
        uint64_t bits = ((uint64_t)block[2 * i] << 32 | block[2 * i + 1]) >> 12;
        ret_uniform[i] = ((double)bits + 0.5) * 0x1p-52;
    }
}

double rng_uniform(RngKey key, uint64_t index)
{
    double uniform[2];
    rng_block(key, index, uniform);
    return uniform[0];
}

double rng_normal(RngKey key, uint64_t index)
{
    static const double TWO_PI = 6.283185307179586477;
    double uniform[2];
    rng_block(key, index, uniform);
    return sqrt(-2.0 * log(uniform[0])) * cos(TWO_PI * uniform[1]);
}

size_t rng_below(RngKey key, uint64_t index, size_t bound)
{
    ASSERT(bound > 0);
    size_t drawn = (size_t)(rng_uniform(key, index) * (double)bound);
    return drawn < bound ? drawn : bound - 1;
}
