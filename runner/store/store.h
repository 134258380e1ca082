/* SPDX-License-Identifier: Apache-2.0
 *
 * store: the results database. The only room that knows SQLite. One writer at a time, batched transactions; what is
 * committed stays. results-schema/README.md is the dictionary of every table, column and view.
 *
 * A run is identified by what decides its numbers (StoreRun.key): running it again finds it, adds only the animals
 * that are missing, and in the end the same bytes stand in every table but `run`'s own clock columns. Ids are given,
 * not counted: they follow from the order of cohorts and animals, not from the order in which they were finished.
 * What another run of the file holds of the same cohort (StoreCohort.key) can be taken over from it.
 *
 * Texts passed in are borrowed for the call. Errors are ERR_STORE and name the file and SQLite's own words.
 */
#ifndef MB_STORE_STORE_H
#define MB_STORE_STORE_H

#include "animal/animal.h"
#include "base/base.h"

typedef struct Store Store;

typedef struct StoreFile { /* a whole text that was used: model, drivers or experiment */
    const char *name;      /* "mouse-rankl" */
    const char *path;      /* as it was found */
    const char *text;
} StoreFile;

typedef struct StoreSetting { /* name = value, for provenance and JSON columns */
    const char *name, *value;
} StoreSetting;

typedef struct StoreMetric {
    const char *name; /* "BV/TV" */
    const char *unit; /* "%" */
    const char *about;
    const char *kind; /* "phenotype", "recorded" or "trait" */
    double at_d;      /* the one age at which it is decided; NaN: measured at every measured age */
} StoreMetric;

typedef struct StoreCohort {
    const char *name;
    const char *key;      /* SHA-256 (hex) over everything that its numbers follow from */
    const char *control;  /* name of the cohort it is compared with; its own name for a control */
    const char *genotype; /* as text for people: "Tnfsf11 fl/-; Dmp1-Cre" */
    const char *genotype_json, *treatment, *treatment_json, *settings_json; /* resolved design */
    size_t n_animals;
} StoreCohort;

/* A cohort that the run's model cannot express, and why. */
typedef struct StoreUnexpressed {
    const char *cohort, *reason;
} StoreUnexpressed;

/* What is about to be run. */
typedef struct StoreRun {
    const char *key;     /* SHA-256 (hex) over what makes it this run, not another */
    const char *command; /* the command line, for people */
    uint64_t seed;
    double rtol;
    StoreFile experiment, model, drivers; /* drivers.text may be NULL */
    const char *question;                 /* of the experiment; may be "" */
    const StoreSetting *versions;         /* engine, SUNDIALS, SQLite, SLEEF, compiler, ... */
    size_t n_versions;
    const char *host;
    const StoreMetric *metrics;
    size_t n_metrics;
    const StoreCohort *cohorts; /* all cohorts of the experiment, whether they run now or not */
    size_t n_cohorts;
    const StoreUnexpressed *unexpressed;
    size_t n_unexpressed;
} StoreRun;

/* Opens or makes a database; sets WAL, foreign keys, a busy timeout; migrates an older schema. A file that is no
 * database, or of a newer or a foreign schema, is an error that says so. `read_only`: must exist, nothing is
 * written; it may lie where nothing can be. */
MUST_CHECK bool store_open(const char *path, bool read_only, Store **ret_store, Err *reterr);
void store_close(Store **store);

/* Finds or registers the run and its cohorts, metrics and files; makes the views. *ret_run is its id. It is now the
 * newest of its experiment and model. */
MUST_CHECK bool store_begin(Store *store, const StoreRun *run, int64_t *ret_run, Err *reterr);

/* Copies what a cohort lacks from other runs of the file that have it, with all that was written of an animal, failed
 * ones too; *ret_n counts the animals. In transactions of some hundred animals; *stop, when not NULL, is looked at
 * between them. */
MUST_CHECK bool store_take_over(Store *store, int64_t run, size_t cohort, const Stop *stop, size_t *ret_n, Err *reterr);

/* How many of a cohort's animals first .. first + n - 1 are in the database already? */
MUST_CHECK bool store_count(Store *store, int64_t run, size_t cohort, size_t first, size_t n, size_t *ret_n,
                            Err *reterr);

/* Writes animals in one transaction: all of them or none. An animal that is there already is left as it is. */
MUST_CHECK bool store_append(Store *store, int64_t run, const Animal *animals, size_t n_animals, Err *reterr);

/* The same, but an animal that is there already is written over. */
MUST_CHECK bool store_replace(Store *store, int64_t run, const Animal *animals, size_t n_animals, Err *reterr);

/* Sets the run's status: "complete" when no animal is missing, else "partial"; and its clock. When it returns, all that
 * was appended survives a loss of power; before, the last batches may be lost, and the database is whole in any case.
 * An error, as from store_append, when the file is no longer where it was opened. */
MUST_CHECK bool store_finish(Store *store, int64_t run, Err *reterr);

/* Works out, for views and store_summary, the numbers of the cohorts that are complete and have none yet. Other
 * processes may write meanwhile; a cohort that one of them changes is left out. *stop, when not NULL, is looked at all
 * the time: once it is set the cohort at hand is left out and those after it, which is no error. Views work out by
 * themselves what is left out, each time they are asked, until the run is run again. */
MUST_CHECK bool store_summarise(Store *store, int64_t run, const Stop *stop, Err *reterr);

typedef struct StoreProgress {
    size_t n_planned, n_stored, n_failed; /* animals */
} StoreProgress;

MUST_CHECK bool store_progress(Store *store, int64_t run, StoreProgress *ret_progress, Err *reterr);

/* Readers. */

/* The newest run of an experiment (NULL: of any) with a model (NULL: any): the one that was begun last, be it for the
 * first time or again. ERR_INPUT when there is none. */
MUST_CHECK bool store_find_run(Store *store, const char *experiment, const char *model, int64_t *ret_run, Err *reterr);

/* The name of a run's model, on the arena. */
MUST_CHECK bool store_run_model(Store *store, Arena *arena, int64_t run, const char **ret_model, Err *reterr);

typedef struct StoreCohortInfo {
    const char *name, *control, *genotype, *treatment;
    size_t n_planned, n_stored, n_failed;
} StoreCohortInfo;

/* The run's cohorts in the order of the file, on the arena. */
MUST_CHECK bool store_cohorts(Store *store, Arena *arena, int64_t run, const StoreCohortInfo **ret_cohorts,
                              size_t *ret_n, Err *reterr);

/* What the run's model cannot express, in the order of the file, on the arena. */
MUST_CHECK bool store_unexpressed(Store *store, Arena *arena, int64_t run, const StoreUnexpressed **ret_unexpressed,
                                  size_t *ret_n, Err *reterr);

/* The worst of a run's steady starts: the most steps, the largest residual; and which state, in which cohort, returns
 * last (time_constant NaN: something is conserved in one, or not known). n 0: no animal starts steady. */
typedef struct StoreStart {
    size_t n, steps;
    double residual, time_constant;
    const char *slowest, *cohort;
} StoreStart;

MUST_CHECK bool store_start(Store *store, Arena *arena, int64_t run, StoreStart *ret_start, Err *reterr);

typedef struct StoreMetricInfo {
    const char *name, *unit, *about, *kind;
} StoreMetricInfo;

MUST_CHECK bool store_metrics(Store *store, Arena *arena, int64_t run, const StoreMetricInfo **ret_metrics,
                              size_t *ret_n, Err *reterr);

/* The distinct (site, age) at which a run has measurements, by site in the order stored, then age. */
typedef struct StorePoint {
    const char *site;
    double age_d;
    bool measured; /* false: only a trait with an age of its own is decided then */
} StorePoint;

MUST_CHECK bool store_points(Store *store, Arena *arena, int64_t run, const StorePoint **ret_points, size_t *ret_n,
                             Err *reterr);

/* Values of one metric of one cohort at a site and age (number_same), in the order of the animals; measurements
 * and dense series alike; failed animals are not among them. site NULL: the site is not asked for (the run has one).
 * *ret_n 0 when there are none. */
MUST_CHECK bool store_values(Store *store, Arena *arena, int64_t run, const char *cohort, const char *metric,
                             const char *site, double age_d, const double **ret_values, size_t *ret_n, Err *reterr);

/* What the database knows already of these values: how many are there, mean, and standard deviation of the sample (NaN
 * when n is 1). n 0: nothing, as of a cohort that is not complete or a dense series; the values themselves tell. */
typedef struct StoreSummary {
    size_t n;
    double mean, sd;
} StoreSummary;

MUST_CHECK bool store_summary(Store *store, int64_t run, const char *cohort, const char *metric, const char *site,
                              double age_d, StoreSummary *ret_summary, Err *reterr);

/* Takes a line with its newline. False stops the dump. */
typedef bool (*StoreSink)(void *context, const char *line, size_t length, Err *reterr);

/* Every result of the database, or of one experiment's runs, as lines of fields that tabs part: a word that says what
 * the line is, then names and numbers (results-schema/README.md, "The dump"). Numbers read back exactly. The order
 * follows from them: two databases with the same results have the same dump, however they came about. Memory is that
 * of one animal. */
MUST_CHECK bool store_dump(Store *store, const char *experiment, StoreSink sink, void *context, Err *reterr);

/* "SQLite 3.40.1", for provenance. */
const char *store_version(void);

#endif
