/* SPDX-License-Identifier: Apache-2.0
 *
 * reference: the results that the literature reports for an experiment, loaded from
 * experiments/references/<name>.yaml. A Reference is const once it is loaded, and threads may share it.
 *
 * A row names a statistic of one metric, the sample from which it is computed (cohort, age, site), the sample with
 * which that is compared (`versus`), and the band in which the estimate must lie. judge.h judges rows.
 *
 * Ages are days on the model's clock. Everything, the file's text included, lives on the arena that was passed in.
 *
 * Diagnostics: those of yaml/yaml.h, and reference.no-rows, reference.too-many, reference.duplicate-row,
 * reference.not-a-quantity, reference.not-a-time, reference.negative-age, reference.needs-versus,
 * reference.unused-versus (warning), reference.versus-itself, reference.needs-since, reference.unused-since,
 * reference.needs-expect, reference.unused-expect, reference.known, reference.empty-band,
 * reference.target-outside-band (warning).
 */
#ifndef MB_JUDGE_REFERENCE_H
#define MB_JUDGE_REFERENCE_H

#include "base/base.h"
#include "units/units.h"
#include "yaml/fields.h"
#include "yaml/yaml.h"

/* enum, name in a file, name in a table, compared with another sample, expects a band */
#define STATISTICS(X)                                                                                                  \
    X(STATISTIC_RATIO_OF_MEANS, "ratio of means", "ratio", true, true)                                                 \
    X(STATISTIC_DIFFERENCE, "difference", "difference", true, true)                                                    \
    X(STATISTIC_MEAN, "mean", "mean", false, true)                                                                     \
    X(STATISTIC_CV, "cv", "cv", false, true)                                                                           \
    X(STATISTIC_SIGN, "sign", "sign", true, false)                                                                     \
    X(STATISTIC_RATIO_OF_CHANGES, "ratio of changes", "change ratio", true, true)                                      \
    X(STATISTIC_PRESENT, "present", "present", false, false)                                                           \
    X(STATISTIC_ABSENT, "absent", "absent", false, false)

typedef enum Statistic {
#define X(statistic, name, short_name, compares, has_band) statistic,
    STATISTICS(X)
#undef X
} Statistic;

typedef enum Sign { SIGN_POSITIVE, SIGN_NEGATIVE, SIGN_ZERO } Sign;

typedef enum Evidence { EVIDENCE_MEASURED, EVIDENCE_DIGITISED, EVIDENCE_QUALITATIVE } Evidence;

/* A sample: the values of a cohort at an age and a site. */
typedef struct ReferenceSample {
    const char *cohort;
    const char *site; /* NULL: not named, which is allowed when the run has one site */
    double age_d;
} ReferenceSample;

typedef struct ReferenceRow {
    const char *id;     /* unique in the file */
    const char *metric; /* a phenotype, recorded symbol or trait */
    Statistic statistic;
    ReferenceSample test;    /* `cohort` and `at` */
    bool compares;           /* the statistic has a control */
    ReferenceSample control; /* `versus`, what it leaves out filled in from `test`; zeroed when !compares */
    bool changes;            /* ratio of changes: value at each sample's age minus value at since_d */
    double since_d;
    double target, low, high; /* of the statistic, in the metric's unit or pure; NaN where none is expected */
    Sign sign;                /* STATISTIC_SIGN only */
    Evidence evidence;
    const char *cite;
    const char *about; /* may be NULL */
    const char *known; /* why the row is known to differ; NULL: it is not known to */
    Where where;       /* the row's first key */
} ReferenceRow;

typedef struct Reference {
    const char *name;
    const char *experiment; /* NULL: any experiment */
    const char *model;      /* the model whose run is judged, when there are several; NULL: the newest run */
    const char *about;      /* may be NULL */
    const ReferenceRow *rows;
    size_t n_rows; /* at least 1 */
} Reference;

/* Loads a file. Adds all faults that it finds to the diagnostics; on failure *ret_reference is untouched. Warnings
 * alone do not fail. */
MUST_CHECK bool reference_load(Arena *arena, const char *path, Units *units, const Reference **ret_reference,
                               Diags *diags);

/* Builds the reference from a YAML tree, which must live as long as the arena. */
MUST_CHECK bool reference_build(Arena *arena, const YamlNode *root, Units *units, const Reference **ret_reference,
                                Diags *diags);

/* The keys that each section of a reference file may have; for the manual. */
extern const FieldTable *const reference_fields[];
extern const size_t n_reference_fields;

/* The words of the file: "ratio of means", "qualitative", "zero". */
const char *statistic_name(Statistic statistic);
const char *statistic_short_name(Statistic statistic);
const char *evidence_name(Evidence evidence);
const char *sign_name(Sign sign);

#endif
