/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the room: what the loading stages share.
 */
#ifndef MB_MODEL_MODEL_PRIV_H
#define MB_MODEL_MODEL_PRIV_H

#include "model/model.h"

/* A model while it is built: its arrays are mutable here. */
typedef struct ModelLoader {
    Arena *arena;
    Units *units;
    Diags *diags;
    Model *model;
    Dag *dag; /* the model's, while it grows */
    Parameter *parameters;
    ModelQuantity *quantities;
    State *states;
    Phenotype *phenotypes;
    Drug *drugs;
    Trait *traits;
    Reaction *reactions;
    Chain *chains;
    ModelEvent *events;
    const YamlNode *root;
    size_t n_expression_bytes; /* read so far */
} ModelLoader;

/* load_symbols.c: parameters, quantities, states, phenotypes: names, units, trees. */
void load_symbols(ModelLoader *loader);

/* load_dynamics.c: the stages of chains become states, which load_symbols counts and names. */
size_t load_dynamics_count_stages(ModelLoader *loader);
void load_dynamics_chains(ModelLoader *loader);

/* load_dynamics.c: reactions and events. */
void load_dynamics(ModelLoader *loader);

/* load_symbols.c: makes a name of the model's; a diagnostic when it cannot be one. */
void load_symbols_add(ModelLoader *loader, const YamlNode *key, SymbolKind kind, size_t index);

/* load_symbols.c: 'initial:' and 'near:' of a state or chain, whose name and unit are read; one that is `steady`
 * already starts so unless it says otherwise. */
void load_symbols_initial(ModelLoader *loader, const YamlNode *node, const char *what, State *state);

/* load_biology.c: genes, drugs, procedures, settings, traits, correlations. */
void load_biology(ModelLoader *loader);

/* lower.c: trees -> nodes, with units checked. */
void lower_model(ModelLoader *loader);

/* uses.c: a warning for each parameter that changes nothing. */
void uses_warn_unused(ModelLoader *loader);

/* uses.c: a warning for each drug whose state has no size of its own. */
void uses_warn_unscaled(ModelLoader *loader);

/* ---- fields.c: the keys of each section ---- */

extern const FieldTable fields_of_model, fields_of_parameter, fields_of_quantity, fields_of_state, fields_of_reaction,
    fields_of_chain, fields_of_event, fields_of_phenotype, fields_of_gene, fields_of_gene_site, fields_of_drug,
    fields_of_procedure, fields_of_trait, fields_of_correlation;

/* ---- Reading, with diagnostics ---- */

/* Parses the expression of a scalar node; `what` names it in texts ("the rate of 'R'"). NULL tree after a diagnostic.
 * */
Formula load_formula(ModelLoader *loader, const YamlNode *node, const char *what);

/* Reads a unit; on failure a diagnostic and unit_one(). */
Unit load_unit(ModelLoader *loader, const YamlNode *node, const char *what, const char **ret_text);

/* A duration or time such as "3 day" in model time; NaN after a diagnostic. */
double load_time(ModelLoader *loader, const YamlNode *node, const char *what);

/* The map under a top-level key (NULL if absent or wrong), and whether each entry is a map with these keys only. */
const YamlNode *load_section(ModelLoader *loader, const char *key);

#endif
