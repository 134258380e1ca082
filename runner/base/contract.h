/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of our contracts: what must be checked, what ends with a scope, what is a bug.
 */
#ifndef MB_BASE_CONTRACT_H
#define MB_BASE_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Runs `closer(&variable)` when the variable's scope ends, on every return. A closer accepts a zeroed handle. */
#define SCOPED(closer) __attribute__((cleanup(closer)))

/* A broken promise inside the program (never something a user can cause): says where, and ends the
 * program with code 70. Survives NDEBUG. */
#define ASSERT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            contract_broken(#condition, __FILE__, __LINE__);                                                           \
    } while (0)

_Noreturn void contract_broken(const char *condition, const char *file, int line);

/* No memory, for an arena or for a library: says so, and ends the program with code 5. The store is transactional and a
 * run resumes, so dying is safe; an animal must not be stored as failed because memory was short. */
_Noreturn void out_of_memory(void);

#endif
