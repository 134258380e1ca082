/* SPDX-License-Identifier: Apache-2.0
 *
 * stored_run: one run of a results database, as whoever shows or judges it needs it: its model, cohorts, metrics and
 * sites, and the values of its animals on demand. The only view of a stored run; verdicts, the phenotype table and the
 * table of models read through it.
 */
#ifndef MB_COMPARE_STORED_RUN_H
#define MB_COMPARE_STORED_RUN_H

#include "base/base.h"
#include "store/store.h"

typedef struct StoredRun {
    Arena *arena;
    Store *store;
    int64_t run; /* its id */
    const char *model;
    const StoreCohortInfo *cohorts; /* in the order of the experiment's file; at least one */
    size_t n_cohorts;
    const StoreUnexpressed *unexpressed; /* cohorts that the model cannot express */
    size_t n_unexpressed;
    const StoreMetricInfo *metrics;
    size_t n_metrics;
    const StorePoint *points; /* site by site, ages ascending */
    size_t n_points;
    const char **sites; /* distinct, in the order stored */
    size_t n_sites;
} StoredRun;

/* What the animals of one cohort gave for one metric at one site and age. */
typedef struct StoredSample {
    size_t n_read;    /* animals with a stored value, even one that is no number */
    size_t n;         /* animals whose value is a finite number */
    size_t n_present; /* of these, animals whose value is above 0 (a trait that is present) */
    double mean, sd;  /* NaN without a finite value; sd NaN for one animal */
} StoredSample;

/* Everything that it points to is on the arena; `store` must stay open. Errors: ERR_STORE; ERR_INPUT: there is no such
 * run. */
MUST_CHECK bool stored_run_read(Arena *arena, Store *store, int64_t run, StoredRun *ret_run, Err *reterr);

/* NULL: the run has no cohort of this name. */
const StoreCohortInfo *stored_run_find_cohort(const StoredRun *run, const char *name);
const StoreMetricInfo *stored_run_find_metric(const StoredRun *run, const char *name);
bool stored_run_has_site(const StoredRun *run, const char *site);

/* Takes the summary that the database keeps of a complete cohort, else reads the values. n_read 0: there are none. */
MUST_CHECK bool stored_run_sample(const StoredRun *run, const char *cohort, const char *metric, const StorePoint *point,
                                  StoredSample *ret_sample, Err *reterr);

#endif
