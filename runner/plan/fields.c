/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of experiments and of files of Cre lines, section by section: the loaders read by these tables, and the
 * manual is printed from them.
 */
#include "plan/plan_priv.h"

static const Field experiment_rows[] = {
    FIELD_STRING("experiment", "its name", Plan, name),
    FIELD_STRING("question", "what it asks", Plan, question),
    FIELD_KEY("cite", "list of texts", "the literature"),
    FIELD_KEY("about", "text", "what it is"),
    FIELD_KEY("expect", "text", "what you expect to find, before you look"),
    FIELD_KEY("model", "name or path", "the model; or `models` in its place"),
    FIELD_KEY("drivers", "name or path", "another file of Cre lines"),
    FIELD_KEY("settings", "map of settings to options", "options of the model; `site` may be a list"),
    FIELD_KEY("animals", "count", "animals of each cohort; 12 by default"),
    {.key = "seed",
     .kind = FIELD_COUNT,
     .form = "count",
     .about = "a number from which all random draws follow",
     .offset = offsetof(Plan, seed),
     .low = 0,
     .high = 9223372036854774784.0 /* the largest double below 2^63, which SQLite can hold */},
    FIELD_NEEDED("measure", "list of times, or {from, to, every}", "when animals are measured"),
    FIELD_KEY("record", "list of names", "states, quantities or parameters to keep beside the phenotypes"),
    {.key = "twins",
     .kind = FIELD_YES_NO,
     .form = "yes or no",
     .about = "the same virtual animals in every cohort",
     .offset = offsetof(Plan, twins)},
    {.key = "variability",
     .kind = FIELD_YES_NO,
     .form = "yes or no",
     .about = "no: every animal is the typical one, and assays have no noise",
     .offset = offsetof(Plan, variability)},
    FIELD_KEY("control", "cohort", "the cohort that others are compared with; the first by default"),
    FIELD_NEEDED("cohorts", "map", "groups of animals"),
    FIELD_KEY("sweep", "map", "a cohort for each combination of values"),
    FIELD_KEY("burn_in", "duration", "how long animals live before time 0"),
};

static const Field own_rows[] = {
    FIELD_KEY("settings", "map of settings to options", "as above, for this model"),
    FIELD_KEY("measure", "list of times, or {from, to, every}", "as above, for this model"),
    FIELD_KEY("record", "list of names", "as above, for this model"),
    FIELD_KEY("animals", "count", "as above, for this model"),
    FIELD_KEY("burn_in", "duration", "as above, for this model"),
    FIELD_KEY("about", "text", "what it is"),
};

static const Field grid_rows[] = {
    FIELD_NEEDED("from", "time", "the first measurement"),
    FIELD_NEEDED("to", "time", "the last measurement"),
    FIELD_NEEDED("every", "duration", "between two measurements"),
};

static const Field cohort_rows[] = {
    FIELD_KEY("genotype", "map", "alleles, Cre lines, transgenes; wild type by default"),
    FIELD_KEY("treatments", "list", "doses"),
    FIELD_KEY("procedures", "list", "surgery, unloading and the like"),
    FIELD_KEY("perturb", "list", "parameters that get another value"),
    FIELD_KEY("settings", "map of settings to options", "options of the model, for this cohort"),
    FIELD_KEY("animals", "count", "animals of this cohort"),
    FIELD_KEY("control", "cohort", "the cohort that this one is compared with"),
    FIELD_ABOUT(Cohort),
};

static const Field genotype_gene_rows[] = {
    FIELD_KEY("alleles", "a/b", "such as fl/-"),
    FIELD_KEY("overexpress", "factor", "a transgene: expression as a multiple of the wild type's"),
    FIELD_KEY("delete", "0 to 1", "the share of the expression that is lost, without a Cre line"),
    FIELD_KEY("in", "site, list of sites, or all", "where"),
};

static const Field genotype_driver_rows[] = {
    FIELD_KEY("cre", "Cre line, or list", "which Cre lines the animal has"),
    FIELD_KEY("efficiency", "0 to 1, or map of sites", "your own efficiency in place of the driver's"),
    FIELD_KEY("induce", "time", "when an inducible driver starts to act"),
};

static const Field treatment_rows[] = {
    FIELD_NEEDED("drug", "drug", "a drug of the model"),
    FIELD_KEY("dose", "quantity", "how much"),
    FIELD_KEY("at", "time", "once"),
    FIELD_KEY("over", "duration", "as an infusion of this length"),
    FIELD_KEY("from", "time", "repeatedly, from then on"),
    FIELD_KEY("every", "duration", "between two doses"),
    FIELD_KEY("times", "count", "how many doses"),
    FIELD_KEY("until", "time", "the last moment for a dose, or the end of an infusion"),
    FIELD_KEY("rate", "quantity per time", "as an infusion at this rate"),
};

static const Field perturbation_rows[] = {
    FIELD_NEEDED("parameter", "parameter", "a parameter of the model"),
    FIELD_NEEDED("value", "quantity or factor", "its new value, or x and a factor"),
    FIELD_KEY("from", "time", "since when; without it, from the beginning"),
    FIELD_KEY("until", "time", "until when; without it, to the end"),
};

static const Field drivers_rows[] = {
    FIELD_NEEDED("drivers", "map", "Cre lines by name"),
    FIELD_KEY("about", "text", "what it is"),
};

static const Field driver_rows[] = {
    FIELD_ABOUT(Driver),
    FIELD_STRING("inducible", "what induces it: tamoxifen", Driver, inducer),
    {.key = "germline",
     .kind = FIELD_YES_NO,
     .form = "yes or no",
     .about = "it recombines every cell",
     .offset = offsetof(Driver, germline)},
    FIELD_KEY("spares", "list of bones", "bones that it does not reach"),
    FIELD_KEY("sites", "map", "the kinds of cells in which it recombines; required but for a germline driver"),
    FIELD_STRING("source", "where it was published", Driver, source),
};

static const Field driver_site_rows[] = {
    {.key = "efficiency",
     .kind = FIELD_NUMBER,
     .form = "0 to 1",
     .about = "the share of these cells that recombine",
     .required = true,
     .offset = offsetof(DriverCells, efficiency),
     .low = 0.0,
     .high = 1.0},
    {.key = "source",
     .kind = FIELD_TEXT,
     .form = "text",
     .about = "where it was published",
     .required = true,
     .offset = offsetof(DriverCells, source)},
    FIELD_NEEDED("evidence", "measured, reported or assumed", "how the share is known"),
    FIELD_ABOUT(DriverCells),
    FIELD_KEY("variability", "{beta: sd} or another", "how it differs between animals"),
};

const FieldTable fields_of_experiment = FIELD_TABLE("experiment", "", experiment_rows);
const FieldTable fields_of_own = FIELD_TABLE("experiment", "models, of one", own_rows);
const FieldTable fields_of_grid = FIELD_TABLE("experiment", "measure, as a grid", grid_rows);
const FieldTable fields_of_cohort = FIELD_TABLE("experiment", "cohorts", cohort_rows);
const FieldTable fields_of_genotype_gene = FIELD_TABLE("experiment", "genotype, of a gene", genotype_gene_rows);
const FieldTable fields_of_genotype_driver = FIELD_TABLE("experiment", "genotype, beside genes", genotype_driver_rows);
const FieldTable fields_of_treatment = FIELD_TABLE("experiment", "treatments", treatment_rows);
const FieldTable fields_of_perturbation = FIELD_TABLE("experiment", "perturb", perturbation_rows);
const FieldTable fields_of_drivers = FIELD_TABLE("drivers", "", drivers_rows);
const FieldTable fields_of_driver = FIELD_TABLE("drivers", "drivers", driver_rows);
const FieldTable fields_of_driver_site = FIELD_TABLE("drivers", "sites of a driver", driver_site_rows);

const FieldTable *const experiment_fields[] = {&fields_of_experiment,    &fields_of_own,
                                               &fields_of_grid,          &fields_of_cohort,
                                               &fields_of_genotype_gene, &fields_of_genotype_driver,
                                               &fields_of_treatment,     &fields_of_perturbation};
const size_t n_experiment_fields = ARRAY_LENGTH(experiment_fields);

const FieldTable *const driver_fields[] = {&fields_of_drivers, &fields_of_driver, &fields_of_driver_site};
const size_t n_driver_fields = ARRAY_LENGTH(driver_fields);
