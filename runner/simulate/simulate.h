/* SPDX-License-Identifier: Apache-2.0
 *
 * simulate: simulates batches of animals. Front door of the room: it draws the animals, turns changes of parameters,
 * doses and model events into one list of events, integrates the equations of all animals together, and reads their
 * phenotypes. The room starts no thread, and knows neither the database nor other processes.
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

/* Everything that one thread needs to simulate: registers and an integrator for the equations of a plan. */
typedef struct Worker Worker;

/* Opens a worker on the arena. `rtol`: relative tolerance. `cpu`: an instruction set that this processor has
 * (cpu_best). Returns NULL and sets *reterr when the integrator cannot be set up. */
Worker *worker_open(Arena *arena, const Plan *plan, const System *system, double rtol, CpuSet cpu, Err *reterr);
void worker_close(Worker **worker);

/* Limits the time of all following batches. An animal that takes longer than `animal_s` seconds of wall-clock time
 * fails (0: no limit). A batch takes at most BATCH_SHARE times as long: animals that are not done by then fail. When
 * *stop is set (`stop` may be NULL), worker_run ends at the integrator's next step. */
enum { BATCH_SHARE = 4 };
void worker_limit(Worker *worker, double animal_s, const Stop *stop);

/* Simulates 1 .. LANES animals of a cohort at all its sites. Returns their records, [animals.n] on the arena, or NULL
 * when the batch was stopped. When an animal fails, its record says why. */
const Animal *worker_run(Arena *arena, Worker *worker, AnimalRange animals);

/* Converts model time to an age in days, and removes the rounding error of the conversion: 26 wk in a model whose unit
 * of time is the year are 182 d, not 182.00000000000003 d. */
double simulate_age_d(const Plan *plan, double time);

#endif
