/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch and the animals in it that fail. The one that the failure names is integrated alone - it may have been
 * blamed for another - and the others together without it, and so on. Who they are follows from the batch alone, and
 * with it every digit. After a few such rounds, or when nobody is named, all that are left are integrated alone.
 */
#include "run/batch_priv.h"

/* Rounds. A batch of 64 costs as much as ten animals alone (tests/bench/README.md): with as many that fail, it is
 * about as cheap to have done with it. */
enum { MOST_ROUNDS = 8 };

static void run_alone(Worker *worker, Arena *arena, const Option *site, AnimalDraw *const draws[LANES], size_t animal,
                      SiteResult *result)
{
    AnimalDraw *same[LANES];
    size_t lane;
    set_width(worker, 1);
    for (lane = 0; lane < worker_width(worker); lane++)
        same[lane] = draws[animal];
    result->outputs[animal] = new_outputs(worker, arena);
    result->width[animal] = worker_width(worker);
    result->lane[animal] = 0;
    SteadyReport *steady = steady_report(worker, arena);
    result->steady[animal] = steady;
    result->failed[animal] = !integrate_lanes(worker, site, same, 1, result->outputs[animal], &result->stats[animal],
                                              steady, &lane, &result->errors[animal]);
}

/* The n animals of a batch that are still together. */
typedef struct Mates {
    size_t animals[LANES], n;
    AnimalDraw *draws[LANES]; /* the last one repeated */
} Mates;

static void mates_draw(Mates *mates, AnimalDraw *const draws[LANES])
{
    for (size_t lane = 0; lane < LANES; lane++)
        mates->draws[lane] = draws[mates->animals[lane < mates->n ? lane : mates->n - 1]];
}

static void mates_leave(Mates *mates, size_t lane)
{
    for (mates->n--; lane < mates->n; lane++)
        mates->animals[lane] = mates->animals[lane + 1];
}

void run_mates(Worker *worker, Arena *arena, const Option *site, AnimalDraw *const draws[LANES], size_t n,
               SiteResult *result)
{
    Mates mates = {.n = n};
    for (size_t lane = 0; lane < n; lane++)
        mates.animals[lane] = lane;
    set_width(worker, n);
    double *outputs = new_outputs(worker, arena); /* room for every round: fewer animals are not wider */
    SteadyReport *steady = steady_report(worker, arena);
    for (unsigned round = 0; mates.n > 1 && round < MOST_ROUNDS; round++) {
        SolveStats stats;
        Err err = {0};
        size_t lane;
        set_width(worker, mates.n);
        mates_draw(&mates, draws);
        bool together = integrate_lanes(worker, site, mates.draws, mates.n, outputs, &stats, steady, &lane, &err);
        for (size_t i = 0; i < mates.n && together; i++) {
            size_t animal = mates.animals[i];
            result->outputs[animal] = outputs;
            result->width[animal] = worker_width(worker);
            result->lane[animal] = i;
            result->stats[animal] = stats;
            result->steady[animal] = steady;
        }
        if (together || worker_stops(worker))
            return;
        if (lane == mates.n)
            break;
        run_alone(worker, arena, site, draws, mates.animals[lane], result);
        mates_leave(&mates, lane);
    }
    for (size_t i = 0; i < mates.n && !worker_stops(worker); i++)
        run_alone(worker, arena, site, draws, mates.animals[i], result);
}
