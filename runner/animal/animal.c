/* SPDX-License-Identifier: Apache-2.0
 *
 * The columns of an animal.
 */
#include "animal/animal.h"
