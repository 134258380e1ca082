/* SPDX-License-Identifier: Apache-2.0
 *
 * animal: what came out of one simulated animal. Front door of the room. simulate/ fills it, run/ sends it between
 * ranks, store/ writes it; each knows this header and not the others. Texts and arrays are borrowed: they live on the
 * arena of the batch that made them.
 */
#ifndef MB_ANIMAL_ANIMAL_H
#define MB_ANIMAL_ANIMAL_H

#include "base/base.h"

/* All that is read of an animal at one site and age: values[i] and truths[i] of metrics[i] of the run. A value carries
 * the assay's noise, a truth does not. A trait has value 1 (present) or 0. NaN is stored as NULL. A metric with an age
 * of its own (at_d) is read at that age, the others at every age that is `measured`; NaN where a metric is not read. */
typedef struct Reading {
    const char *site; /* "" when the model has no sites */
    double age_d;     /* days on the model's clock */
    bool measured;
    const double *values, *truths; /* [n_metrics] */
} Reading;

/* One dense recording: `times_d` and `values` have n entries; stored as two JSON arrays, exactly. */
typedef struct Series {
    size_t metric;
    const char *site;
    size_t n;
    const double *times_d, *values;
} Series;

typedef struct Animal {
    size_t cohort;               /* index into the cohorts of its plan, and of its run in the store */
    size_t number;               /* 0-based within the cohort */
    const char *failure;         /* NULL when it ran; else the reason: no readings then */
    const char *parameters_json; /* what was drawn for it, as {"r0": 0.0057, ...} */
    const char *start_json;      /* how its steady start was found, for each site; NULL: it does not start steady */
    uint64_t steps, rate_evaluations, jacobian_evaluations, newton_iterations; /* of its batch */
    const Reading *readings; /* in an order that follows from the design: it gives them their ids */
    size_t n_readings;
    const Series *series;
    size_t n_series;
} Animal;

#endif
