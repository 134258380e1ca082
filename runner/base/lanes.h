/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch holds up to LANES animals, one per SIMD lane, structure of arrays: value v of animal a stands at
 * v * width + a. How many share a batch follows from the size of the model (lanes_shared), and its width from how many
 * they are (lanes_width). The integrator's own work is shared by all lanes; against it, lanes that share their steps
 * take more of them, and the registers of a large model leave the cache.
 *
 * Measured (EPYC, AVX-512; steps, and processor time of a whole run; 16 lanes = 1; medians of 5 turns):
 *                                        32 lanes       64 lanes
 *   lemaire with a drug, 6 states      1.06  0.80     1.12  0.74
 *   mouse-rankl, 37 states             1.04  0.93     1.08  1.16
 *   openbonemin-2017, 39 states        1.07  0.92     1.16  1.19
 *
 * Part of what decides a digit (animals of a batch share their steps): a change is "Numerical".
 */
#ifndef MB_BASE_LANES_H
#define MB_BASE_LANES_H

#include <stddef.h>

enum { LANES = 64, MIN_LANES = 8 };

/* Lanes of a batch of 1 .. LANES animals: 8, 16, 32 or 64; the spare ones repeat the last animal. */
static inline size_t lanes_width(size_t n_animals)
{
    size_t width = MIN_LANES;
    while (width < n_animals)
        width *= 2;
    return width;
}

/* How many animals a batch has when there are enough, by the states of the model. */
static inline size_t lanes_shared(size_t n_states)
{
    return n_states <= 8 ? 64 : 32;
}

#endif
