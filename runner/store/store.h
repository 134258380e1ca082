/* SPDX-License-Identifier: Apache-2.0
 *
 * store: the results database. The only room that knows SQLite. results-schema/README.md is the dictionary of every
 * table, column and view. One process writes at a time, many animals in one transaction. What was committed stays.
 *
 * What decides a run's numbers identifies it (StoreRun.key). When a run is begun again, the store finds it and adds
 * only the animals that are missing; in the end every table has the same bytes, but for the clock columns of `run`. The
 * store gives ids by the order of cohorts and animals in the design, not by the order in which animals were finished.
 * It can take over the animals of a cohort that another run of the file has, too (StoreCohort.key).
 *
 * Texts passed in are borrowed for the call. Errors are ERR_STORE and name the file and SQLite's reason.
 */
#ifndef MB_STORE_STORE_H
#define MB_STORE_STORE_H

#include "animal/animal.h"
#include "base/base.h"

typedef struct Store Store;

typedef struct StoreFile { /* a whole text that was used: model, drivers or experiment */
    const char *name;      /* "mouse-rankl" */
    const char *path;      /* where it was found */
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
    double at_d;      /* the one age at which it is decided, days; NaN: it is measured at every age */
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

/* The description of a run that begins. */
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

/* Opens or makes a database; sets WAL, foreign keys and a busy timeout; brings an older schema up to date. Errors: the
 * file is no database, has a newer schema, or belongs to another program. `read_only`: the file must exist, and nothing
 * is written but for an older schema; it may lie where nobody can write. */
MUST_CHECK bool store_open(const char *path, bool read_only, Store **ret_store, Err *reterr);
void store_close(Store **store);

/* Finds the run, or registers it with its cohorts, metrics and files and makes the views. *ret_run is its id. The run
 * is now the newest of its experiment and model. */
MUST_CHECK bool store_begin(Store *store, const StoreRun *run, int64_t *ret_run, Err *reterr);

/* Copies the animals that a cohort lacks from other runs of the file that have the same cohort: all that was written of
 * an animal, of failed ones too. *ret_n counts the animals. It takes some hundred animals in a transaction, and ends
 * between two transactions when *stop is set (stop may be NULL). */
MUST_CHECK bool store_take_over(Store *store, int64_t run, size_t cohort, const Stop *stop, size_t *ret_n, Err *reterr);

/* How many of these animals are in the database already. */
MUST_CHECK bool store_count(Store *store, int64_t run, const AnimalRange *animals, size_t *ret_n, Err *reterr);

/* Writes animals in one transaction: all of them or none. An animal that is stored already stays as it is. */
MUST_CHECK bool store_append(Store *store, int64_t run, const Animal *animals, size_t n_animals, Err *reterr);

/* The same, but an animal that is stored already is written over. */
MUST_CHECK bool store_replace(Store *store, int64_t run, const Animal *animals, size_t n_animals, Err *reterr);

/* Sets the run's status ("complete" when no animal is missing, else "partial") and the time at which it ended. When it
 * returns, all that was appended survives a loss of power; before, the last batches may be lost. The database is whole
 * in any case. As in store_append, it is an error when the file is no longer where it was opened. */
MUST_CHECK bool store_finish(Store *store, int64_t run, Err *reterr);

/* Computes the summaries of the cohorts that are complete and have none yet, for the views and store_summary. Other
 * processes may write meanwhile; a cohort that one of them changes is left out. Once *stop is set (stop may be NULL),
 * the cohort at hand and those after it are left out, which is no error. The views compute by themselves what was left
 * out, each time they are asked, until the run is begun and finished again. */
MUST_CHECK bool store_summarise(Store *store, int64_t run, const Stop *stop, Err *reterr);

typedef struct StoreProgress {
    size_t n_planned, n_stored, n_failed; /* animals */
} StoreProgress;

MUST_CHECK bool store_progress(Store *store, int64_t run, StoreProgress *ret_progress, Err *reterr);

/* Readers. */

/* The newest run of an experiment (NULL: any) with a model (NULL: any): the run that was begun last, for the first time
 * or again. ERR_INPUT when there is none. */
MUST_CHECK bool store_find_run(Store *store, const char *experiment, const char *model, int64_t *ret_run, Err *reterr);

/* The name of a run's model, on the arena. */
MUST_CHECK bool store_run_model(Arena *arena, Store *store, int64_t run, const char **ret_model, Err *reterr);

typedef struct StoreCohortInfo {
    const char *name, *control, *genotype, *treatment;
    size_t n_planned, n_stored, n_failed;
} StoreCohortInfo;

/* The run's cohorts in the order of the file, on the arena. */
MUST_CHECK bool store_cohorts(Arena *arena, Store *store, int64_t run, const StoreCohortInfo **ret_cohorts,
                              size_t *ret_n, Err *reterr);

/* The cohorts that the run's model cannot express, in the order of the file, on the arena. */
MUST_CHECK bool store_unexpressed(Arena *arena, Store *store, int64_t run, const StoreUnexpressed **ret_unexpressed,
                                  size_t *ret_n, Err *reterr);

/* The worst of a run's steady starts: the most steps, the largest residual, and the state (with its cohort) that
 * returns to its steady state last. time_constant NaN: a quantity is conserved, or it is not known. n 0: no animal
 * starts steady. */
typedef struct StoreStart {
    size_t n, steps;
    double residual, time_constant;
    const char *slowest, *cohort;
} StoreStart;

MUST_CHECK bool store_start(Arena *arena, Store *store, int64_t run, StoreStart *ret_start, Err *reterr);

typedef struct StoreMetricInfo {
    const char *name, *unit, *about, *kind;
} StoreMetricInfo;

MUST_CHECK bool store_metrics(Arena *arena, Store *store, int64_t run, const StoreMetricInfo **ret_metrics,
                              size_t *ret_n, Err *reterr);

/* The distinct (site, age) at which a run has measurements, by site in the order stored, then age. */
typedef struct StorePoint {
    const char *site;
    double age_d;
    bool measured; /* false: only a trait with an age of its own is decided at this age */
} StorePoint;

MUST_CHECK bool store_points(Arena *arena, Store *store, int64_t run, const StorePoint **ret_points, size_t *ret_n,
                             Err *reterr);

/* One metric of one cohort of a run at a site and age. */
typedef struct StoreSelection {
    int64_t run;
    const char *cohort, *metric;
    const char *site; /* NULL: any; for a run that has one site */
    double age_d;     /* the same as the stored age by number_same */
} StoreSelection;

/* The values selected, in the order of the animals, from measurements or dense series; NaN for a value that is no
 * number. Failed animals have none. *ret_n 0: there are no values. */
MUST_CHECK bool store_values(Arena *arena, Store *store, const StoreSelection *selection, const double **ret_values,
                             size_t *ret_n, Err *reterr);

/* The summary that the database keeps of the values selected: their number, mean, and the standard deviation of the
 * sample (NaN when n is 1). n 0: it keeps none, as of a cohort that is not complete, or of a dense series; then read
 * the values. */
typedef struct StoreSummary {
    size_t n;
    double mean, sd;
} StoreSummary;

MUST_CHECK bool store_summary(Store *store, const StoreSelection *selection, StoreSummary *ret_summary, Err *reterr);

/* Gets a line with its newline. It returns false to stop the dump. */
typedef bool (*StoreSink)(void *context, const char *line, size_t length, Err *reterr);

/* Gives every result of the database (experiment NULL), or of one experiment's runs, to the sink, line by line. Tabs
 * separate the fields of a line: a word that says what the line is, then names and numbers (results-schema/README.md,
 * "The dump"). Numbers read back exactly. Names and numbers alone decide the order, so two databases with the same
 * results have the same dump. It needs the memory of one animal. */
MUST_CHECK bool store_dump(Store *store, const char *experiment, StoreSink sink, void *context, Err *reterr);

/* "SQLite 3.40.1", for provenance. */
const char *store_version(void);

#endif
