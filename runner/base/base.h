/* SPDX-License-Identifier: Apache-2.0
 *
 * base: what every room may use. Front door of the room; libc (and libmd for SHA-256) only.
 *
 *   arena.h   memory by lifetime            err.h     one error, owned by the caller
 *   vec.h     growing arrays on an arena    diag.h    diagnostics that point into a file
 *   map.h     text -> pointer               text.h    growing text, "did you mean"
 *   number.h  text <-> double, exactly      rng.h     counter-based random draws
 *   hash.h    SHA-256                       lanes.h   how many animals share a batch
 *   cpu.h     instruction sets              stop.h    a request to end soon
 *   clock.h   seconds that pass
 *
 * Thread rule: nothing here keeps state outside the objects passed in.
 */
#ifndef MB_BASE_BASE_H
#define MB_BASE_BASE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/contract.h"
#include "base/cpu.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/lanes.h"
#include "base/map.h"
#include "base/number.h"
#include "base/rng.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/vec.h"

/* Functions that overflow, depend on the locale or hide state: never, anywhere. System headers declare them, so those
 * are included before ours. */
#pragma GCC poison sprintf strcpy strcat strncpy atoi atof strtok rand setlocale

#endif
