/* SPDX-License-Identifier: Apache-2.0
 *
 * versions: the versions of all software that decides the digits of a result. The other inputs are the texts of the
 * files, the seed and the tolerance.
 */
#ifndef MB_SIMULATE_VERSIONS_H
#define MB_SIMULATE_VERSIONS_H

#include "base/base.h"

/* Every change that can move a digit of a result raises this number; CHANGELOG.md lists them under "Numerical". */
#define ENGINE_VERSION "4"

typedef struct Version {
    const char *name, *value;
} Version;

enum { VERSIONS_MAX = 16 };

/* Engine, lanes, integrator, vector mathematics, units, libc, compiler, flags. Instruction sets are not among them: all
 * kernels give the same bits (tests/expr). Returns the number of versions; their texts are on the arena. */
size_t versions_list(Arena *arena, Version versions[VERSIONS_MAX]);

/* The same list as text, one line "name=value" each. It is part of the keys of runs and of a fit's journal. */
const char *versions_text(Arena *arena);

#endif
