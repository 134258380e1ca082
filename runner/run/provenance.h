/* SPDX-License-Identifier: Apache-2.0
 *
 * provenance: describes everything that a result depends on, in the form that the store keeps.
 */
#ifndef MB_RUN_PROVENANCE_H
#define MB_RUN_PROVENANCE_H

#include "model/system.h"
#include "plan/plan.h"
#include "store/store.h"

/* Describes a run of the plan, on the arena. The key of a cohort covers everything that decides its numbers: plan_key,
 * plan_cohort_key, tolerance and versions. The key of the run covers this, and the names of the experiment and the
 * model, the question, the cohorts in their order, their controls, and the cohorts that the model cannot express. */
StoreRun provenance_describe(Arena *arena, const Plan *plan, const System *system, double rtol, CpuSet cpu,
                             const char *command);

/* Name, system and processor of this machine, on the arena. */
const char *provenance_host(Arena *arena);

#endif
