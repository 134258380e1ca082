/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane kernel for processors with AVX-512F.
 */
#define KERNEL kernel_avx512f
#define WIDTH 8
#define SleefVector __m512d
#define SLEEF(name) Sleef_cinz_##name##d8_u10avx512fnofma
#define SQRT _mm512_sqrt_pd
#include "expr/kernel.inc"
