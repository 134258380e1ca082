/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists the versions of the engine, the libraries and the compiler.
 */
#include <unistd.h>

#include "build_info.h"
#include "expr/expr.h"
#include "simulate/versions.h"
#include "solve/solve.h"
#include "units/units.h"

#ifdef __GLIBC__
#include <gnu/libc-version.h> /* after unistd.h, which defines __GLIBC__ */
#endif

static const char *libc_version(Arena *arena)
{
#ifdef __GLIBC__
    return arena_print(arena, "glibc %s", gnu_get_libc_version());
#else
    (void)arena;
    return "unknown";
#endif
}

size_t versions_list(Arena *arena, Version versions[VERSIONS_MAX])
{
    const Version all[] = {
        {"engine", ENGINE_VERSION},  {"lanes", arena_print(arena, "%d", LANES)},
        {"solver", solve_version()}, {"vector-mathematics", expr_version()},
        {"units", units_version()},  {"libc", libc_version(arena)},
        {"compiler", __VERSION__},   {"flags", BUILD_FLAGS},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++)
        versions[i] = all[i];
    return ARRAY_LENGTH(all);
}

const char *versions_text(Arena *arena)
{
    Version versions[VERSIONS_MAX];
    size_t n = versions_list(arena, versions);
    Text text = text_new(arena);
    for (size_t i = 0; i < n; i++)
        text_print(&text, "%s=%s\n", versions[i].name, versions[i].value);
    return text_string(&text);
}
