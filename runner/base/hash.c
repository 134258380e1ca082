/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes SHA-256 hashes with libmd.
 */
#include <sha256.h> /* libmd */

#include "base/base.h"

void hash_text(const void *bytes, size_t length, char ret_hex[HASH_TEXT])
{
    SHA256Data(bytes, length, ret_hex);
}

uint64_t hash_64(const void *first, size_t first_length, const void *second, size_t second_length)
{
    SHA2_CTX context;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Init(&context);
    SHA256Update(&context, first, first_length);
    SHA256Update(&context, second, second_length);
    SHA256Final(digest, &context);
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | digest[i];
    return value;
}
