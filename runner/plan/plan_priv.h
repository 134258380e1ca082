/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the room: what the loading stages share.
 */
#ifndef MB_PLAN_PLAN_PRIV_H
#define MB_PLAN_PLAN_PRIV_H

#include "plan/plan.h"

enum {
    MAX_ANIMALS = 10000000, /* of an experiment, over all its models, as the next three */
    MAX_COHORTS = 10000,    /* sweep combinations among them */
    MAX_TIMES = 100000,
    MAX_DOSES = 1000000,
    MAX_VALUES = 1000000, /* that sweeps expand to, as values of YAML; and of one animal: outputs at times and sites */
    MAX_SWEPT_BYTES = 256 << 20,
    MAX_VARIABLES = 20, /* of a sweep */
    MAX_OUTPUTS = 900,  /* the view that has a column for each has up to 950 */
    MAX_NAME_BYTES = 100
};

typedef struct PlanLoader {
    Arena *arena;
    Units *units;
    Diags *diags;
    Plan *plan;
    const YamlNode *root;
    const PlanOptions *options;
    const char *drivers_path;                         /* NULL: nowhere found */
    size_t n_animals;                                 /* of a cohort that does not say */
    bool answers;                                     /* one of several models: what it cannot express is an answer */
    size_t n_swept_values, n_swept_bytes;             /* of the sweeps so far */
    size_t n_all_cohorts, n_all_animals, n_all_doses; /* so far: memory and patience are limited in total */
} PlanLoader;

/* fields.c: the keys of each section. */
extern const FieldTable fields_of_experiment, fields_of_own, fields_of_grid, fields_of_cohort, fields_of_genotype_gene,
    fields_of_genotype_driver, fields_of_treatment, fields_of_perturbation, fields_of_drivers, fields_of_driver,
    fields_of_driver_site;

/* The hint of a limit in total: what a reader of one cohort may not think of. NULL for one model. */
const char *plan_total_hint(const PlanLoader *loader);

/* A time on the model's clock, such as "12 wk", not before the start. NaN after a diagnostic. */
double plan_time(PlanLoader *loader, const YamlNode *node, const char *what);

/* A duration, of either sign, in model time. NaN after a diagnostic. */
double plan_duration(PlanLoader *loader, const YamlNode *node, const char *what);

/* times.c: sorts in place and keeps one of those that are the `same`; how many are left. */
size_t times_sort(double *times, size_t n, bool (*same)(double a, double b));

/* times.c: equal to the bit, as moments that were copied and never computed anew are. NaN is never the same. */
bool times_same_moment(double a, double b);

/* load_genotype.c, load_treatment.c: parts of a cohort. */
void load_genotype(PlanLoader *loader, const YamlNode *node, Cohort *cohort);
void load_treatments(PlanLoader *loader, const YamlNode *node, Cohort *cohort);
void load_treatment_procedures(PlanLoader *loader, const YamlNode *node, Cohort *cohort);
void load_treatment_perturbations(PlanLoader *loader, const YamlNode *node, Cohort *cohort);

/* plan.c: with the loader's `root`, `answers` and options set. */
MUST_CHECK bool plan_fill(PlanLoader *loader, const Plan **ret_plan);

/* load_cohort.c: all cohorts, sweeps expanded; controls resolved. */
void load_cohorts(PlanLoader *loader);

/* describe.c: the texts and JSON of a cohort. */
void describe_cohort(PlanLoader *loader, Cohort *cohort);

/* draw.c: the factor of the correlation matrix; false with a diagnostic when there is no such distribution. */
bool draw_prepare_correlations(PlanLoader *loader);

/* beta.c: x with I_x(a, b) = p, the quantile of the beta distribution, to 1e-12. */
double beta_quantile(double p, double a, double b);

#endif
