/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch holds up to LANES animals, one per SIMD lane, structure of arrays: value v of animal a stands at
 * v * width + a. How wide a batch is follows from how many animals it has and from the size of the model
 * (lanes_width): the integrator's own work is shared by all lanes, registers of a large model leave the cache when
 * there are many, and lanes that share their steps take more of them.
 *
 * Measured (EPYC, AVX-512; processor time for each animal, 16 lanes = 1): lemaire with a drug, 6 states, 64 lanes 0.4,
 * 32 0.5; mouse-rankl, 14 states, 64 lanes 1.1, 32 1.0; openbonemin-2017, 39 states, 64 lanes 1.0, 32 0.9.
 *
 * Part of what decides a digit (animals of a batch share their steps): a change is "Numerical".
 */
#ifndef MB_BASE_LANES_H
#define MB_BASE_LANES_H

#include <stddef.h>

enum { LANES = 64, LEAST_LANES = 8 };

/* Lanes of a batch of 1 .. LANES animals: 8, 16, 32 or 64; the spare ones repeat the last animal. */
static inline size_t lanes_width(size_t n_animals)
{
    size_t width = LEAST_LANES;
    while (width < n_animals)
        width *= 2;
    return width;
}

/* How many animals a batch has when there are enough, by the states of the model. */
static inline size_t lanes_shared(size_t n_states)
{
    return n_states <= 8 ? 64 : n_states <= 24 ? 32 : 16;
}

#endif
