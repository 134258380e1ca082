/* SPDX-License-Identifier: Apache-2.0
 *
 * contract: macros for the contracts of functions: results that must be checked, handles that are closed at the end of
 * their scope, and conditions whose violation is a bug.
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

/* Checks a condition that only a bug of this program can break, never a user. If it is broken, prints where, and ends
 * the program with code 70. NDEBUG does not remove the check. */
#define ASSERT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            contract_broken(#condition, __FILE__, __LINE__);                                                           \
    } while (0)

_Noreturn void contract_broken(const char *condition, const char *file, int line);

/* Prints that an arena or a library got no memory, and ends the program with code 5. Ending is safe, because the store
 * is transactional and a run resumes. To go on is not: an animal would be stored as failed for lack of memory. */
_Noreturn void out_of_memory(void);

#endif
