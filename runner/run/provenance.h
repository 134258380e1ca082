/* SPDX-License-Identifier: Apache-2.0
 *
 * What a result depends on, as the store keeps it.
 */
#ifndef MB_RUN_PROVENANCE_H
#define MB_RUN_PROVENANCE_H

#include "model/system.h"
#include "plan/plan.h"
#include "store/store.h"

/* Describes a run of the plan, on the arena. A cohort's key covers what its numbers follow from: plan_key and
 * plan_cohort_key, tolerance and versions; the run's, besides, the names and the question of the experiment, its
 * cohorts in their order, their controls, and what the model cannot express. */
StoreRun provenance_describe(Arena *arena, const Plan *plan, const System *system, double rtol, CpuSet cpu,
                             const char *command);

/* Name, system and processor of this machine, on the arena. */
const char *provenance_host(Arena *arena);

#endif
