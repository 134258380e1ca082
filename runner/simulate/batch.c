/* SPDX-License-Identifier: Apache-2.0
 *
 * Simulates one batch: draws the animals of a cohort, integrates them at each skeletal site, and fills their records.
 */
#include "simulate/simulate_priv.h"

void batch_begin(Worker *worker, size_t cohort)
{
    worker->batch =
        (Batch){.cohort = &worker->plan->cohorts[cohort], .end_s = clock_seconds() + BATCH_SHARE * worker->animal_s};
}

/* Computes the keys of measurement noise once for a batch: a key costs five hashes, but a reading that uses it costs
 * one block of Philox only. NULL: the readings have no noise. */
static const RngKey *noise_keys(Arena *arena, const Worker *worker, const Option *site)
{
    const System *system = worker->system;
    if (!worker->plan->variability || worker->plan->dense)
        return NULL;
    RngKey *keys = NEW_ARRAY(arena, RngKey, worker->schedule.n_times * system->n_outputs);
    for (size_t time = 0; time < worker->schedule.n_times; time++)
        for (size_t output = 0; output < system->n_outputs; output++)
            if (system->outputs[output].noise.kind != VARIABILITY_NONE)
                keys[time * system->n_outputs + output] =
                    plan_noise_key(worker->plan, worker->batch.cohort, system->outputs[output].name,
                                   plan_site_name(site), worker->schedule.times[time]);
    return keys;
}

static SiteResult *batch_run_site(Arena *arena, Worker *worker, const BatchLanes *lanes)
{
    SiteResult *result = NEW(arena, SiteResult);
    result->noise = noise_keys(arena, worker, lanes->site);
    isolate_failures(arena, worker, lanes, result);
    return result;
}

const Animal *worker_run(Arena *arena, Worker *worker, AnimalRange animals)
{
    BatchLanes lanes = {.n = animals.n};
    ASSERT(animals.n > 0);
    batch_begin(worker, animals.cohort);
    const Cohort *cohort = worker->batch.cohort;
    for (size_t lane = 0; lane < LANES; lane++)
        lanes.draws[lane] = lane < animals.n ? plan_draw(arena, worker->plan, cohort, animals.first + lane)
                                             : lanes.draws[animals.n - 1];
    SiteResult **results = NEW_ARRAY(arena, SiteResult *, cohort->n_sites);
    for (size_t s = 0; s < cohort->n_sites && !worker->batch.stopped; s++) {
        lanes.site = cohort->sites[s];
        results[s] = batch_run_site(arena, worker, &lanes);
    }
    if (worker->batch.stopped)
        return NULL;

    Animal *records = NEW_ARRAY(arena, Animal, animals.n);
    for (size_t animal = 0; animal < animals.n; animal++) {
        records[animal].cohort = animals.cohort;
        records[animal].number = animals.first + animal;
        records[animal].parameters_json = readings_draw(arena, worker->plan, cohort, lanes.draws[animal]);
        readings_fill(arena, worker, results, animal, &records[animal]);
    }
    return records;
}
