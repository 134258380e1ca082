/* SPDX-License-Identifier: Apache-2.0 */
#define KERNEL kernel_avx2
#define WIDTH 4
#define SleefVector __m256d
#define SLEEF(name) Sleef_cinz_##name##d4_u10avx
#include "expr/kernel.h"
