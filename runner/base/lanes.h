/* SPDX-License-Identifier: Apache-2.0
 *
 * lanes: the layout of a batch. A batch holds up to LANES animals, one in each SIMD lane, as a structure of arrays:
 * value v of animal a stands at v * width + a. The size of the model decides how many animals share a batch
 * (lanes_shared), and their number decides the width (lanes_width). A wide batch does the integrator's own work once
 * for all lanes. But lanes that share their steps need more steps, and the registers of a large model do not fit into
 * the cache.
 *
 * Measured (EPYC, AVX-512; steps, and processor time of a whole run; 16 lanes = 1; medians of 5 turns):
 *                                        32 lanes       64 lanes
 *   lemaire with a drug, 6 states      1.06  0.80     1.12  0.74
 *   mouse-rankl, 37 states             1.04  0.93     1.08  1.16
 *   openbonemin-2017, 39 states        1.07  0.92     1.16  1.19
 *
 * The animals of a batch share their steps, so these numbers decide digits: CHANGELOG.md lists a change under
 * "Numerical".
 */
#ifndef MB_BASE_LANES_H
#define MB_BASE_LANES_H

#include <stddef.h>

enum { LANES = 64, MIN_LANES = 8 };

/* The width of a batch of 1 .. LANES animals: 8, 16, 32 or 64 lanes. The spare lanes repeat the last animal. */
static inline size_t lanes_width(size_t n_animals)
{
    size_t width = MIN_LANES;
    while (width < n_animals)
        width *= 2;
    return width;
}

/* The number of animals in a full batch, by the number of states of the model. */
static inline size_t lanes_shared(size_t n_states)
{
    return n_states <= 8 ? 64 : 32;
}

#endif
