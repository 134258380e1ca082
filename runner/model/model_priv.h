/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the room: what the loading stages share.
 */
#ifndef MB_MODEL_MODEL_PRIV_H
#define MB_MODEL_MODEL_PRIV_H

#include "model/model.h"

/* A model while it is built: its arrays are mutable here. */
typedef struct Loader {
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
} Loader;

/* load_symbols.c: parameters, quantities, states, phenotypes: names, units, trees. */
void load_symbols(Loader *loader);

/* load_dynamics.c: the stages of chains become states, which load_symbols counts and names. */
size_t count_stages(Loader *loader);
void load_chains(Loader *loader);

/* load_dynamics.c: reactions and events. */
void load_dynamics(Loader *loader);

/* load_symbols.c: makes a name of the model's; a diagnostic when it cannot be one. */
void add_symbol(Loader *loader, const YamlNode *key, SymbolKind kind, size_t index);

/* load_symbols.c: 'initial:' and 'near:' of a state or chain, whose name and unit are read; one that is `steady`
 * already starts so unless it says otherwise. */
void load_initial(Loader *loader, const YamlNode *node, const char *what, State *state);

/* load_symbols.c: 'scale:', NaN before. */
void load_scale(Loader *loader, const YamlNode *node, State *state);
void load_at_least(Loader *loader, const YamlNode *node, State *state);

/* load_biology.c: genes, drugs, procedures, settings, traits, correlations. */
void load_biology(Loader *loader);

/* lower.c: trees -> nodes, with units checked. */
void lower_model(Loader *loader);

/* uses.c: a warning for each parameter that changes nothing. */
void warn_unused(Loader *loader);

/* uses.c: a warning for each drug whose state has no size of its own. */
void warn_unscaled(Loader *loader);

/* ---- Reading, with diagnostics ---- */

/* load.c: how many of everything: sections that are too long are errors before anything is read. */
MUST_CHECK bool counts_fit(Loader *loader);

/* Parses the expression of a scalar node; `what` names it in texts ("the rate of 'R'"). NULL tree after a diagnostic.
 * */
Formula formula_read(Loader *loader, const YamlNode *node, const char *what);

/* Reads a unit; on failure a diagnostic and unit_one(). */
Unit unit_read(Loader *loader, const YamlNode *node, const char *what, const char **ret_text);

/* Optional text of a key, NULL if absent. */
const char *text_of(Loader *loader, const YamlNode *map, const char *key);

/* A duration or time such as "3 day" in model time; NaN after a diagnostic. */
double time_read(Loader *loader, const YamlNode *node, const char *what);

/* The map under a top-level key (NULL if absent or wrong), and whether each entry is a map with these keys only. */
const YamlNode *section(Loader *loader, const char *key);

#endif
