/* SPDX-License-Identifier: Apache-2.0 */
#define KERNEL kernel_plain
#include "expr/kernel.h"
