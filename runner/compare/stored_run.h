/* SPDX-License-Identifier: Apache-2.0
 *
 * stored_run: the view of one run in a results database: its model, cohorts, metrics and sites, and the values of its
 * animals on demand. Verdicts, the phenotype table and the table of models all read a run through it.
 *
 * Life cycle: stored_run_read; the view is valid while its arena and its store are open. Thread rule: as the store's.
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

/* The values of one metric at one site and age, over the animals of one cohort. */
typedef struct StoredSample {
    size_t n_read;    /* animals with a stored value, also a value that is not finite */
    size_t n;         /* animals whose value is a finite number */
    size_t n_present; /* of these, animals whose value is above 0 (a trait that is present) */
    double mean, sd;  /* NaN without a finite value; sd NaN for one animal */
} StoredSample;

/* Reads the description of a run. Everything that it points to is on the arena; `store` must stay open. Errors:
 * ERR_STORE; ERR_INPUT when the store has no such run. */
MUST_CHECK bool stored_run_read(Arena *arena, Store *store, int64_t run, StoredRun *ret_run, Err *reterr);

/* These return NULL (or false) when the run has no cohort, metric or site of this name. */
const StoreCohortInfo *stored_run_find_cohort(const StoredRun *run, const char *name);
const StoreMetricInfo *stored_run_find_metric(const StoredRun *run, const char *name);
bool stored_run_has_site(const StoredRun *run, const char *site);

/* Summarises the values of a cohort: takes the summary that the database keeps of a complete cohort, else reads the
 * values. n_read is 0 when there are none. Errors: ERR_STORE. */
MUST_CHECK bool stored_run_sample(const StoredRun *run, const char *cohort, const char *metric, const StorePoint *point,
                                  StoredSample *ret_sample, Err *reterr);

#endif
