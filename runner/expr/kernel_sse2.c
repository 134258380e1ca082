/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane kernel for processors with SSE2.
 */
#define KERNEL kernel_sse2
#define WIDTH 2
#define SleefVector __m128d
#define SLEEF(name) Sleef_cinz_##name##d2_u10sse2
#define SQRT _mm_sqrt_pd
#include "expr/kernel.inc"
