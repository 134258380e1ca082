/* SPDX-License-Identifier: Apache-2.0
 *
 * base: memory, errors, texts and numbers, for every room. Front door of the room. It uses only libc, and libmd for
 * SHA-256.
 *
 *   arena.h   memory by lifetime            err.h     one error, owned by the caller
 *   vec.h     growing arrays on an arena    diag.h    diagnostics that point into a file
 *   map.h     text -> pointer               text.h    growing text, "did you mean"
 *   number.h  text <-> double, exactly      rng.h     counter-based random draws
 *   hash.h    SHA-256                       lanes.h   how many animals share a batch
 *   cpu.h     instruction sets              stop.h    a request to end soon
 *   clock.h   elapsed seconds               file.h    whole files
 *
 * Thread rule: these functions keep no state outside the objects that the caller passes.
 */
#ifndef MB_BASE_BASE_H
#define MB_BASE_BASE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/contract.h"
#include "base/cpu.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/lanes.h"
#include "base/map.h"
#include "base/number.h"
#include "base/rng.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/vec.h"

/* Forbids functions that overflow a buffer, depend on the locale or keep hidden state. System headers declare these
 * functions, so a file includes system headers before ours. */
#pragma GCC poison sprintf strcpy strcat strncpy atoi atof strtok rand setlocale

#endif
