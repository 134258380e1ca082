/* SPDX-License-Identifier: Apache-2.0
 *
 * Isolates the animals that make their batch fail. In each round, the animal that the failure names is integrated alone
 * (it may succeed alone: the failure may name the wrong animal), and the others are integrated together without it.
 * After MAX_ROUNDS rounds, or when the failure names no animal, all animals that are left are integrated alone. The
 * order of isolation follows from the batch alone, so results do not depend on threads or other batches.
 */
#include "simulate/simulate_priv.h"

/* A batch of 64 costs as much as ten animals alone (tests/bench/README.md): after about as many rounds, integrating the
 * rest alone is no longer dearer than another round. */
enum { MAX_ROUNDS = 8 };

static void keep_result(const Worker *worker, const Integration *integration, size_t animal, size_t lane,
                        SiteResult *result)
{
    result->outputs[animal] = integration->outputs;
    result->width[animal] = worker_width(worker);
    result->lane[animal] = lane;
    result->stats[animal] = integration->stats;
    result->steady[animal] = integration->steady;
}

static void integrate_alone(Arena *arena, Worker *worker, const BatchLanes *lanes, size_t animal, SiteResult *result)
{
    BatchLanes alone = {.site = lanes->site, .n = 1};
    worker_set_width(worker, 1);
    for (size_t lane = 0; lane < worker_width(worker); lane++)
        alone.draws[lane] = lanes->draws[animal];
    Integration integration = integration_new(arena, worker);
    result->failed[animal] = !integrate_lanes(worker, &alone, &integration, &result->errors[animal]);
    keep_result(worker, &integration, animal, 0, result);
}

/* The animals of a batch that are still integrated together. */
typedef struct Together {
    size_t animals[LANES], n;
} Together;

static BatchLanes together_lanes(const Together *together, const BatchLanes *all)
{
    BatchLanes lanes = {.site = all->site, .n = together->n};
    for (size_t lane = 0; lane < LANES; lane++)
        lanes.draws[lane] = all->draws[together->animals[lane < together->n ? lane : together->n - 1]];
    return lanes;
}

static void together_remove(Together *together, size_t lane)
{
    for (together->n--; lane < together->n; lane++)
        together->animals[lane] = together->animals[lane + 1];
}

/* True when all of them could be integrated; their results are then kept. */
static bool integrate_together(Worker *worker, const Together *together, const BatchLanes *all,
                               Integration *integration, SiteResult *result)
{
    Err err = {0}; /* dropped: the record of an animal holds the error of its integration alone */
    BatchLanes lanes = together_lanes(together, all);
    worker_set_width(worker, together->n);
    if (!integrate_lanes(worker, &lanes, integration, &err))
        return false;
    for (size_t lane = 0; lane < together->n; lane++)
        keep_result(worker, integration, together->animals[lane], lane, result);
    return true;
}

void isolate_failures(Arena *arena, Worker *worker, const BatchLanes *lanes, SiteResult *result)
{
    Together together = {.n = lanes->n};
    for (size_t lane = 0; lane < lanes->n; lane++)
        together.animals[lane] = lane;
    worker_set_width(worker, lanes->n);
    Integration integration = integration_new(arena, worker); /* serves every round: fewer animals need no more room */
    for (unsigned round = 0; together.n > 1 && round < MAX_ROUNDS; round++) {
        if (integrate_together(worker, &together, lanes, &integration, result) || worker->batch.stopped)
            return;
        if (integration.failed_lane == together.n)
            break;
        integrate_alone(arena, worker, lanes, together.animals[integration.failed_lane], result);
        together_remove(&together, integration.failed_lane);
    }
    for (size_t i = 0; i < together.n && !worker->batch.stopped; i++)
        integrate_alone(arena, worker, lanes, together.animals[i], result);
}
