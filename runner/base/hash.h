/* SPDX-License-Identifier: Apache-2.0
 *
 * hash: SHA-256 (libmd).
 */
#ifndef MB_BASE_HASH_H
#define MB_BASE_HASH_H

#include "base/contract.h"

enum { HASH_TEXT = 65 };

/* Writes the hash in lower-case hexadecimal, and a NUL. */
void hash_text(const void *bytes, size_t length, char ret_hex[HASH_TEXT]);

/* The first 64 bits of the hash of the first text followed by the second. */
uint64_t hash_64(const void *first, size_t first_length, const void *second, size_t second_length);

#endif
