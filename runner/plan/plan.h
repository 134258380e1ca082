/* SPDX-License-Identifier: Apache-2.0
 *
 * plan: an experiment file, with its model and drivers, becomes a Plan: which animals are simulated, how each
 * differs, what is done to it and when, and when it is measured. The formats are documented for users in
 * experiments/README.md. Pure, but for reading files (through yaml/) and looking for them (find.c).
 *
 * A Plan is const after plan_load and shared by threads. Draws are functions of (seed, cohort's name or "twins",
 * animal, parameter), so they do not depend on the order of cohorts, on other cohorts or on threads.
 *
 * Diagnostics: plan.* ; model.* and yaml.* of the files it loads.
 */
#ifndef MB_PLAN_PLAN_H
#define MB_PLAN_PLAN_H

#include "model/model.h"
#include "plan/genotype.h"

/* ---- Drivers ---- */

typedef struct DriverCells {
    const char *name;
    double efficiency; /* fraction of the site's cells recombined, 0 to 1 */
    Variability variability;
    const char *about, *source, *evidence;
} DriverCells;

typedef struct Driver {
    const char *name, *about, *source;
    const char *inducer; /* NULL: active from before birth */
    bool germline;       /* every site, completely */
    const char *const
        *spares; /* skeletal sites whose bones it does not reach; a model that has none of these is unaffected */
    size_t n_spares;
    const DriverCells *cells;
    size_t n_cells;
} Driver;

typedef struct Drivers {
    const char *path, *text;
    const Driver *drivers;
    size_t n;
} Drivers;

MUST_CHECK bool drivers_load(Arena *arena, const char *path, const Drivers **ret_drivers, Diags *diags);

/* The same from nodes that were read already. */
MUST_CHECK bool drivers_build(Arena *arena, const YamlNode *root, const Drivers **ret_drivers, Diags *diags);

/* ---- Cohorts ---- */

typedef struct GeneGenotype {
    const Gene *gene;
    Allele alleles[2];
    double fold;              /* of a transgene; 1: none */
    const bool *expressed_at; /* [gene->n_cells]: where the transgene is expressed; NULL: there is none */
    double deleted;           /* share of the expression that is lost, without a driver */
    const bool *deleted_at;   /* [gene->n_cells]: where; NULL: nowhere */
} GeneGenotype;

typedef struct EfficiencyOverride {
    const char *cells; /* NULL: every site that a driver has */
    double efficiency;
} EfficiencyOverride;

typedef struct Genotype {
    const GeneGenotype *genes;
    size_t n_genes;
    const Driver *const *drivers;
    size_t n_drivers;
    const EfficiencyOverride *overrides;
    size_t n_overrides;
    double induce; /* model time; NaN: no inducible driver */
} Genotype;

typedef struct Dose {
    uint32_t drug;
    double time, dose; /* model time; in the drug's unit */
    double duration;   /* model time; 0: at once */
    size_t order;      /* in the file: doses at one time are given in this order */
} Dose;

typedef struct ProcedureUse {
    const Procedure *procedure;
    double from, until; /* model time; until INFINITY: for good */
    size_t order;       /* in the file */
} ProcedureUse;

typedef struct Perturbation {
    Change change;
    double from, until; /* [from, until); from -INFINITY: since ever, so that a steady start is found with it */
} Perturbation;

typedef struct Cohort {
    const char *name, *about;
    size_t control; /* index; its own for a control */
    Genotype genotype;
    const Dose *doses; /* by time */
    size_t n_doses;
    const ProcedureUse *procedures; /* by `from` */
    size_t n_procedures;
    const Perturbation *perturbations;
    size_t n_perturbations;
    const Option *const *options; /* [model->n_settings], the chosen ones; the site's is NULL */
    const Option *const *sites;   /* skeletal sites; one NULL when the model has none */
    size_t n_sites;
    size_t n_animals;
    const double *event_times; /* ascending, distinct: when something changes or is given */
    size_t n_event_times;
    /* for people and for the database */
    const char *genotype_text, *genotype_json, *treatment_text, *treatment_json, *settings_json;
} Cohort;

/* Name of a skeletal site; "" when the model has none. */
const char *plan_site_name(const Option *site);

/* A cohort of a design over several models that this one has no words for: an answer, not a mistake. */
typedef struct Unexpressed {
    const char *cohort, *reason;
    Where where; /* of what it has no word for */
    const char *hint;
} Unexpressed;

typedef struct Plan {
    const char *name, *question, *path, *text;
    const Model *model;
    const Drivers *drivers; /* NULL when no cohort has one */
    uint64_t seed;
    bool twins, variability;
    const double *times; /* model time, ascending, distinct: when animals are measured */
    size_t n_times;
    double start; /* model time at which animals start: 0, or before it with a burn-in */
    bool dense;   /* a grid: stored as series */
    const char *const *record;
    size_t n_record;
    const Cohort *cohorts;
    size_t n_cohorts;
    const Unexpressed *unexpressed;
    size_t n_unexpressed;
    const double *correlation_factor; /* lower triangle of Cholesky, [n][n] over correlated */
    const uint32_t *correlated;       /* parameters */
    size_t n_correlated;
} Plan;

typedef struct PlanOptions {
    const char *first_folder;         /* searched before all others; NULL: none */
    const char *const *model_folders; /* searched in order, after the file's neighbours */
    size_t n_model_folders;
    const uint64_t *seed; /* NULL: the file's */
} PlanOptions;

MUST_CHECK bool plan_load(Arena *arena, Units *units, const char *path, const PlanOptions *options,
                          const Plan **ret_plan, Diags *diags);

/* The same from nodes that were read already. */
MUST_CHECK bool plan_build(Arena *arena, Units *units, const YamlNode *root, const PlanOptions *options,
                           const Plan **ret_plan, Diags *diags);

/* A plan for each model of an experiment. */
typedef struct Plans {
    const Plan *const *plans; /* [n] */
    size_t n;
} Plans;

/* Loads an experiment over one or several models (`model:` or `models:`). A cohort that a model cannot express (no such
 * gene, site, drug, procedure, setting, parameter) is among its plan's `unexpressed`; one that no model can express is
 * an error, and so is a control. */
MUST_CHECK bool plans_load(Arena *arena, Units *units, const char *path, const PlanOptions *options, Plans *ret_plans,
                           Diags *diags);
MUST_CHECK bool plans_build(Arena *arena, Units *units, const YamlNode *root, const PlanOptions *options,
                            Plans *ret_plans, Diags *diags);

/* Where a model is: a path (with a slash or .yaml) as it is, else NAME.yaml in the first folder that has it as no
 * experiment. NULL: nowhere. Searched in order: options->first_folder; the folder of the file `near` (may be NULL), and
 * ../models beside it; options->model_folders. */
const char *plan_find_model(Arena *arena, const char *name, const char *near, const PlanOptions *options);

/* ---- Animals ---- */

/* What chance gave one animal. */
typedef struct AnimalDraw {
    double *parameters;  /* [model->n_parameters] */
    double **recombined; /* [n_drivers][n_sites of the driver] */
} AnimalDraw;

AnimalDraw *plan_draw(Arena *arena, const Plan *plan, const Cohort *cohort, size_t animal);

/* One animal of a cohort, in the bones of one skeletal site, at one time. */
typedef struct AnimalAt {
    const Cohort *cohort;
    const Option *site; /* skeletal; NULL: the model has none */
    const AnimalDraw *draw;
    double time; /* model time */
} AnimalAt;

/* The values of all slots of the model ([model->n_slots]): what the animal was born with, its settings and site, its
 * genes, and what was done to it until then (changes at `time` itself included). Infusion slots are 0: doses are the
 * cohort's list. */
void plan_slots(Arena *scratch, const Plan *plan, const AnimalAt *at, double *ret_slots);

/* Can slots change at this very time: does something begin, end or get induced? (Doses change none.) */
bool plan_changes_at(const Cohort *cohort, double time);

/* The key of an assay's noise: one for each metric, site and time of a cohort; the animal is the counter. */
RngKey plan_noise_key(const Plan *plan, const Cohort *cohort, const char *metric, const char *site, double time);

/* A reading of `truth` with the assay's noise. */
double plan_reading(RngKey key, size_t animal, Variability noise, double truth);

/* Level of expression of a gene in its cell type number `cells`. */
double plan_level(const AnimalAt *at, const GeneGenotype *genotype, size_t cells);

/* The resolved design for people (--dry-run): cohorts, levels by site, doses, animals, batches of LANES. */
void plan_show(const Plan *plan, Text *text);

/* What numbers follow from, as text without an end: of all cohorts of a plan (its model, seed, times, records), and of
 * one of them besides. Two cohorts with the same two texts have the same animals, digit for digit, in the same build
 * with the same tolerance; names of experiments, comments, order and layout of files, and other cohorts, are not in
 * them. (Drivers are: those that the cohort has, as they were read.) */
void plan_key(const Plan *plan, Text *text);
void plan_cohort_key(const Plan *plan, const Cohort *cohort, Text *text);

/* The keys that each section of an experiment, and of a file of Cre lines, may have; for the manual. */
extern const FieldTable *const experiment_fields[], *const driver_fields[];
extern const size_t n_experiment_fields, n_driver_fields;

/* Is `cohort` in the list of names (an empty list: all)? For --cohort. */
bool plan_selects(const char *const *names, size_t n_names, const Cohort *cohort);

#endif
