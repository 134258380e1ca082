/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane kernel for processors with AVX2.
 */
#define KERNEL kernel_avx2
#define WIDTH 4
#define SleefVector __m256d
#define SLEEF(name) Sleef_cinz_##name##d4_u10avx
#define SQRT _mm256_sqrt_pd
#include "expr/kernel.inc"
