/* SPDX-License-Identifier: Apache-2.0
 *
 * simulate: a batch of animals. Front door of the room: draws the animals, turns what is done to them into events,
 * integrates their equations together, and reads their phenotypes. It starts no thread of its own (trial.h spreads
 * trials through threads/), and knows neither the database nor other processes.
 *
 * Life cycle: worker_open once for a thread and a plan, worker_limit, worker_run for each batch, worker_close.
 * Thread rule: a Worker belongs to one thread; its Plan and System are shared and const.
 *
 * An animal that makes its batch fail is integrated alone, and its record holds the reason when it fails there, too;
 * the others are integrated again without it (isolate.c). Which animals share a batch decides digits, so it follows
 * from the cohort alone.
 */
#ifndef MB_SIMULATE_SIMULATE_H
#define MB_SIMULATE_SIMULATE_H

#include "animal/animal.h"
#include "model/system.h"
#include "plan/plan.h"

/* What one thread simulates with: a register file and an integrator for the equations of a plan. */
typedef struct Worker Worker;

/* On the arena, for an instruction set that this processor has (cpu_best). NULL and *reterr when the integrator cannot
 * be set up. */
Worker *worker_open(Arena *arena, const Plan *plan, const System *system, double rtol, CpuSet cpu, Err *reterr);
void worker_close(Worker **worker);

/* Bounds what follows. An animal that takes longer than `animal_s` seconds of the clock (0: no limit) fails; its batch
 * together takes at most BATCH_SHARE times as long: animals that are not done then fail. When *stop (may be NULL) is
 * set, worker_run ends at the integrator's next step. */
enum { BATCH_SHARE = 4 };
void worker_limit(Worker *worker, double animal_s, const Stop *stop);

/* Simulates 1 .. LANES animals of a cohort at all its sites. The records are [animals.n] on the arena; NULL when the
 * batch was stopped. A failure of an animal is in its record. */
const Animal *worker_run(Worker *worker, Arena *arena, AnimalRange animals);

/* Model time in days, without the dust of the conversion: 26 wk of a model in years are 182 d, not
 * 182.00000000000003. */
double simulate_age_d(const Plan *plan, double time);

#endif
