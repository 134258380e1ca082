/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256, by libmd.
 */
#ifndef MB_BASE_HASH_H
#define MB_BASE_HASH_H

#include "base/contract.h"

enum { HASH_TEXT = 65 };

/* Lower-case hexadecimal and a NUL. */
void hash_text(const void *bytes, size_t length, char ret_hex[HASH_TEXT]);

/* The first 64 bits of the hash of two texts, one behind the other. */
uint64_t hash_64(const void *first, size_t first_length, const void *second, size_t second_length);

#endif
