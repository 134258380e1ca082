/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch holds LANES animals, one per SIMD lane, structure of arrays: value v of animal a stands at v * LANES + a.
 * 16 lanes of doubles are two AVX-512 or four AVX2 registers; DESIGN section 4 measured 1,100 subjects/s with 16 lanes
 * against 780 with 8. Part of what decides a digit (animals of a batch share their steps): a change is "Numerical".
 */
#ifndef MB_BASE_LANES_H
#define MB_BASE_LANES_H

enum { LANES = 16 };

#endif
