/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a model file, section by section: the loaders read by these tables, and the manual is printed from them.
 */
#include <math.h>

#include "model/model_priv.h"

#define FIELD_UNIT FIELD_NEEDED("unit", "unit", "its unit, as UDUNITS-2 reads it")
#define FIELD_SCALE                                                                                                    \
    {                                                                                                                  \
        .key = "scale", .form = "number", .about = "its usual size, which decides how exactly it is computed near 0",  \
        .kind = FIELD_NUMBER, .offset = offsetof(State, scale), .low = 1e-300, .high = 1e300                           \
    }
#define FIELD_AT_LEAST                                                                                                 \
    {                                                                                                                  \
        .key = "at_least", .form = "number", .about = "it cannot be smaller; an animal in which it is fails",          \
        .kind = FIELD_NUMBER, .offset = offsetof(State, at_least), .low = -1e300, .high = 1e300                        \
    }

static const Field model_rows[] = {
    FIELD_STRING("model", "its name", Model, name),
    FIELD_STRING("title", "what it models, in a line", Model, title),
    FIELD_KEY("cite", "list of texts", "the literature"),
    FIELD_STRING("organism", "mouse, human, culture", Model, organism),
    FIELD_NEEDED("time", "unit", "the unit of t and of every rate"),
    FIELD_KEY("clock", "age or time", "what times count from: birth (age) or the start (time, the default)"),
    FIELD_STRING("about", "what it is", Model, about),
    {.key = "rtol",
     .kind = FIELD_NUMBER,
     .form = "number",
     .about = "the largest relative tolerance with which the integrator may solve it",
     .offset = offsetof(Model, rtol),
     .low = 1e-13,
     .high = 1e-3},
    FIELD_KEY("parameters", "map", "numbers with unit and source"),
    FIELD_KEY("quantities", "map", "named expressions"),
    FIELD_KEY("states", "map", "what changes, with its rate"),
    FIELD_KEY("reactions", "map", "what is consumed and made, and how fast"),
    FIELD_KEY("chains", "map", "delays"),
    FIELD_KEY("events", "map", "what happens to every animal by itself"),
    FIELD_KEY("phenotypes", "map", "what is measured"),
    FIELD_KEY("genes", "map", "what a genotype can change"),
    FIELD_KEY("drugs", "map", "what a dose adds to which state"),
    FIELD_KEY("procedures", "map", "what a surgery changes"),
    FIELD_KEY("settings", "map", "named alternatives: sex, strain, site"),
    FIELD_KEY("traits", "map", "what is present or absent"),
    FIELD_KEY("correlations", "list", "parameters that vary together"),
};

static const Field parameter_rows[] = {
    {.key = "value",
     .kind = FIELD_NUMBER,
     .form = "number",
     .about = "its value in the unit",
     .required = true,
     .offset = offsetof(Parameter, value),
     .low = -INFINITY,
     .high = INFINITY},
    FIELD_UNIT,
    FIELD_ABOUT(Parameter),
    FIELD_ORIGIN(Parameter),
    FIELD_KEY("variability", "{lognormal: s}, {normal: cv}, {uniform: h} or {beta: sd}",
              "how it differs between animals"),
    FIELD_KEY("evidence", "text", "how the value was found: fitted, measured, ..."),
    FIELD_KEY("interval", "[low, high]", "95 % interval of a fitted value"),
};

static const Field quantity_rows[] = {
    FIELD_NEEDED("is", "expression", "what it is"),
    FIELD_UNIT,
    FIELD_ABOUT(ModelQuantity),
    FIELD_ORIGIN(ModelQuantity),
};

static const Field state_rows[] = {
    FIELD_KEY("initial", "number, expression or steady", "where it starts; required but for chains"),
    FIELD_KEY("near", "number or expression", "where its steady state is looked for"),
    FIELD_UNIT,
    FIELD_KEY("rate", "expression", "how fast it changes, in its unit per time"),
    FIELD_ABOUT(State),
    FIELD_SCALE,
    FIELD_AT_LEAST,
    FIELD_ORIGIN(State),
};

static const Field reaction_rows[] = {
    FIELD_KEY("consumes", "state, list or map", "what it takes away"),
    FIELD_KEY("makes", "state, list or map", "what it adds"),
    FIELD_NEEDED("rate", "expression", "how fast it proceeds"),
    FIELD_ABOUT(Reaction),
    FIELD_ORIGIN(Reaction),
};

/* The members are those of the state that each stage is. */
static const Field chain_rows[] = {
    FIELD_NEEDED("of", "expression", "what is delayed"),
    FIELD_NEEDED("delay", "expression", "the mean delay"),
    FIELD_NEEDED("stages", "1 to 100", "in how many equal stages"),
    FIELD_UNIT,
    FIELD_KEY("initial", "number, expression or steady", "where every stage starts; default: steady"),
    FIELD_KEY("near", "number or expression", "where the steady state is looked for"),
    FIELD_SCALE,
    FIELD_AT_LEAST,
    FIELD_ABOUT(State),
    FIELD_ORIGIN(State),
};

static const Field event_rows[] = {
    FIELD_KEY("at", "time", "when it happens; with `every`: at this time of every period"),
    FIELD_KEY("from", "time", "when it happens first, then after every period"),
    FIELD_KEY("every", "duration", "the period"),
    FIELD_KEY("until", "time", "when the periods end"),
    FIELD_KEY("when", "comparison", "it happens when this becomes true"),
    FIELD_KEY("if", "condition", "it happens only where this is true"),
    FIELD_KEY("set", "map of states to expressions", "new values"),
    FIELD_KEY("add", "map of states to expressions", "what is added"),
    FIELD_ABOUT(ModelEvent),
    FIELD_ORIGIN(ModelEvent),
};

static const Field phenotype_rows[] = {
    FIELD_NEEDED("is", "expression", "what is measured"),
    FIELD_UNIT,
    FIELD_KEY("noise", "{lognormal: s} or {normal: cv}", "error of the assay, relative to the value"),
    FIELD_ABOUT(Phenotype),
    FIELD_ORIGIN(Phenotype),
};

static const Field gene_rows[] = {
    FIELD_STRING("protein", "what it codes for", Gene, protein),
    FIELD_ABOUT(Gene),
    FIELD_ORIGIN(Gene),
    FIELD_NEEDED("sites", "map of sites to parameters", "the kinds of cells that express it"),
};

static const Field gene_site_rows[] = {
    FIELD_NEEDED("scales", "parameter or list", "what its expression multiplies"),
    {.key = "endogenous",
     .kind = FIELD_NUMBER,
     .form = "0 to 1",
     .about = "the level of the wild type: 1, or 0 where only a transgene is expressed",
     .offset = offsetof(GeneCells, endogenous),
     .low = 0.0,
     .high = 1.0},
    FIELD_ABOUT(GeneCells),
    FIELD_ORIGIN(GeneCells),
};

static const Field drug_rows[] = {
    FIELD_NEEDED("unit", "unit", "the unit of a dose"),
    FIELD_NEEDED("into", "state", "the state that a dose is added to"),
    FIELD_NEEDED("amount", "expression of dose", "what is added, in the state's unit"),
    FIELD_ABOUT(Drug),
    FIELD_ORIGIN(Drug),
};

static const Field procedure_rows[] = {
    FIELD_NEEDED("set", "map of parameters to values or factors", "what it changes"),
    FIELD_KEY("half_time", "duration", "how fast; without it, at once"),
    FIELD_ABOUT(Procedure),
    FIELD_ORIGIN(Procedure),
};

static const Field trait_rows[] = {
    FIELD_NEEDED("when", "condition", "when it is present"),
    FIELD_KEY("at", "time", "when it is decided; without it, at every measured age"),
    FIELD_ABOUT(Trait),
    FIELD_ORIGIN(Trait),
};

static const Field correlation_rows[] = {
    FIELD_NEEDED("between", "[parameter, parameter]", "which parameters"),
    {.key = "rho",
     .kind = FIELD_NUMBER,
     .form = "-1 to 1",
     .about = "the correlation of their normal variables",
     .required = true,
     .offset = offsetof(Correlation, rho),
     .low = -1.0,
     .high = 1.0},
    FIELD_ORIGIN(Correlation),
};

const FieldTable fields_of_model = FIELD_TABLE("model", "", model_rows);
const FieldTable fields_of_parameter = FIELD_TABLE("model", "parameters", parameter_rows);
const FieldTable fields_of_quantity = FIELD_TABLE("model", "quantities", quantity_rows);
const FieldTable fields_of_state = FIELD_TABLE("model", "states", state_rows);
const FieldTable fields_of_reaction = FIELD_TABLE("model", "reactions", reaction_rows);
const FieldTable fields_of_chain = FIELD_TABLE("model", "chains", chain_rows);
const FieldTable fields_of_event = FIELD_TABLE("model", "events", event_rows);
const FieldTable fields_of_phenotype = FIELD_TABLE("model", "phenotypes", phenotype_rows);
const FieldTable fields_of_gene = FIELD_TABLE("model", "genes", gene_rows);
const FieldTable fields_of_gene_site = FIELD_TABLE("model", "sites of a gene", gene_site_rows);
const FieldTable fields_of_drug = FIELD_TABLE("model", "drugs", drug_rows);
const FieldTable fields_of_procedure = FIELD_TABLE("model", "procedures", procedure_rows);
const FieldTable fields_of_trait = FIELD_TABLE("model", "traits", trait_rows);
const FieldTable fields_of_correlation = FIELD_TABLE("model", "correlations", correlation_rows);

const FieldTable *const model_fields[] = {&fields_of_model,     &fields_of_parameter,  &fields_of_quantity,
                                          &fields_of_state,     &fields_of_reaction,   &fields_of_chain,
                                          &fields_of_event,     &fields_of_phenotype,  &fields_of_gene,
                                          &fields_of_gene_site, &fields_of_drug,       &fields_of_procedure,
                                          &fields_of_trait,     &fields_of_correlation};
const size_t n_model_fields = ARRAY_LENGTH(model_fields);
