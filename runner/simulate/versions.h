/* SPDX-License-Identifier: Apache-2.0
 *
 * versions: what decides a digit of a result beside the texts, the seed and the tolerance.
 */
#ifndef MB_SIMULATE_VERSIONS_H
#define MB_SIMULATE_VERSIONS_H

#include "base/base.h"

/* Raised by every change that can move a digit of a result; CHANGELOG.md says which, under "Numerical". */
#define ENGINE_VERSION "4"

typedef struct Version {
    const char *name, *value;
} Version;

enum { VERSIONS_MAX = 16 };

/* Engine, lanes, integrator, vector mathematics, units, libc, compiler, flags. Instruction sets are not among them: all
 * kernels give the same bits (tests/expr). Returns how many there are; texts on the arena. */
size_t versions_list(Arena *arena, Version versions[VERSIONS_MAX]);

/* The same as text, "name=value" a line: part of the keys of runs and of a fit's journal. */
const char *versions_text(Arena *arena);

#endif
