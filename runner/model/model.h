/* SPDX-License-Identifier: Apache-2.0
 *
 * model: a model file becomes a checked Model (load.c and its neighbours), its expressions become unit-checked nodes
 * (lower.c), and what an experiment wants to see becomes a System: programs, Jacobian and the layout of their inputs
 * (system.h).
 *
 * The file format is documented for users in models/README.md. A Model is const after model_load and shared by threads:
 * system_build adds derivatives to a copy of its Dag. All memory is the arena's.
 *
 * Diagnostics: model.* (unknown-symbol, unit, unit-mismatch, cycle, name, duplicate-name, no-source, site-shared,
 * unused-parameter, variability, correlation, change, interval, not-a-model ...), expr.* with the place inside the
 * expression, yaml.*.
 */
#ifndef MB_MODEL_MODEL_H
#define MB_MODEL_MODEL_H

#include "base/base.h"
#include "expr/expr.h"
#include "units/units.h"
#include "yaml/fields.h"
#include "yaml/yaml.h"

/* How a number differs from animal to animal (around its value v, z standard normal), or a reading from the truth. */
typedef enum VariabilityKind {
    VARIABILITY_NONE,
    VARIABILITY_LOGNORMAL, /* v * exp(spread * z): the median is v */
    VARIABILITY_NORMAL,    /* v * (1 + spread * z) */
    VARIABILITY_UNIFORM,   /* even on v * [1 - spread, 1 + spread] */
    VARIABILITY_BETA       /* on (0, 1) with mean v and standard deviation `spread` */
} VariabilityKind;

typedef struct Variability {
    VariabilityKind kind;
    double spread;
} Variability;

typedef struct Parameter {
    const char *name;
    double value;
    Unit unit;
    const char *unit_text, *about, *source, *assumed; /* about, and one of the last two, may be NULL */
    Variability variability;
    double interval[2]; /* 95 % interval of a fitted value; NaN: none */
    bool ramps;         /* some procedure changes it gradually */
} Parameter;

/* Texts `about`, `source` (where it was published) and `assumed` (why it was chosen) below are NULL when the file does
 * not have them. */

/* A named expression: its text, tree, unit, and its node in the model's Dag (value in `unit`). */
typedef struct Formula {
    const YamlNode *text;
    const Expr *tree;
    Node node;
} Formula;

typedef struct ModelQuantity {
    const char *name;
    Formula is;
    Unit unit;
    const char *unit_text, *about, *source, *assumed;
} ModelQuantity;

typedef struct State {
    const char *name;
    Formula initial; /* where it starts; of a steady one, where its steady state is looked for (tree NULL: not said) */
    Formula rate;    /* in `unit` per model time; tree NULL: reactions alone change it. The node holds both */
    Unit unit;
    const char *unit_text, *about, *source, *assumed;
    double scale; /* typical magnitude, > 0: sets the absolute tolerance. NaN: |initial value|, or 1 when that is 0 */
    double at_least; /* it cannot be below; -INFINITY: it can */
    bool steady;     /* starts where the rates of all steady states are 0, for each animal anew */
} State;

/* A state that a reaction consumes or makes, so many times in each of its events. */
typedef struct ReactionTerm {
    uint32_t state;
    bool consumed;
    Formula coefficient; /* tree NULL: 1 */
} ReactionTerm;

typedef struct Reaction {
    const char *name, *about, *source, *assumed;
    Formula rate;
    ReactionTerm *terms;
    size_t n_terms;
} Reaction;

/* Linear stages that a signal passes one after the other: an Erlang-distributed delay. Stage i is the state
 * first_state + i; the last one has the chain's name. */
typedef struct Chain {
    const char *name;
    Formula of, delay; /* what is delayed, in the states' unit; the mean delay, in model time */
    uint32_t first_state, n_stages;
} Chain;

typedef enum EventKind {
    EVENT_ONCE,      /* at one time */
    EVENT_REPEATED,  /* at `at`, then after every period */
    EVENT_PROGRAMME, /* at `at` of every period since ever, burn-in included */
    EVENT_TRIGGERED  /* when a condition becomes true */
} EventKind;

typedef struct EventAction {
    uint32_t state;
    bool adds;     /* to the state, instead of replacing it */
    Formula value; /* of the states before the event */
} EventAction;

/* What happens to an animal by itself: the model's word, not the experiment's. */
typedef struct ModelEvent {
    const char *name, *about, *source, *assumed;
    EventKind kind;
    double at, every, until; /* model time; until INFINITY: for good */
    Formula when;            /* EVENT_TRIGGERED: the comparison; its node is above 0 where it holds, */
    bool inclusive;          /* or 0: <= and >= */
    Formula guard;           /* `if`: it happens only where this is true; tree NULL: always */
    EventAction *actions;
    size_t n_actions;
} ModelEvent;

typedef struct Phenotype {
    const char *name; /* "BV/TV" */
    Formula is;
    Unit unit;
    const char *unit_text, *about, *source, *assumed;
    Variability noise; /* of one reading; lognormal or normal */
} Phenotype;

typedef struct GeneCells {
    const char *name, *about, *source, *assumed;
    const uint32_t *parameters; /* each is multiplied by the level of expression */
    size_t n_parameters;
    double endogenous; /* level in the wild type: 1, or 0 where only a transgene is expressed */
} GeneCells;

typedef struct Gene {
    const char *name, *protein, *about, *source, *assumed;
    const GeneCells *cells;
    size_t n_cells;
} Gene;

typedef struct Drug {
    const char *name, *unit_text, *about, *source, *assumed;
    Unit unit;
    uint32_t into;  /* state */
    Formula amount; /* of `dose` in `unit`, in the state's unit */
} Drug;

/* A parameter that gets another value: `value` in its unit, or times `value`. */
typedef struct Change {
    uint32_t parameter;
    double value;
    bool scales;
} Change;

typedef struct Procedure {
    const char *name, *about, *source, *assumed;
    const Change *changes;
    size_t n_changes;
    double half_time; /* model time; 0: at once */
} Procedure;

typedef struct Option {
    const char *name;
    const Change *changes;
    size_t n_changes;
} Option;

typedef struct Setting {
    const char *name;
    const Option *options; /* the first is the default */
    size_t n_options;
} Setting;

typedef struct Trait {
    const char *name, *about, *source, *assumed;
    Formula when;
    double at; /* model time when it is decided; NaN: at every measured time */
} Trait;

typedef struct Correlation {
    uint32_t a, b; /* parameters with variability */
    double rho;    /* of their underlying normals */
    const char *source, *assumed;
} Correlation;

typedef enum SymbolKind { SYMBOL_PARAMETER, SYMBOL_QUANTITY, SYMBOL_STATE } SymbolKind;

typedef struct Symbol {
    SymbolKind kind;
    uint32_t index;
} Symbol;

typedef struct Model {
    const char *name, *title, *organism, *about, *path;
    const char *text; /* the whole file */
    const char *const *cite;
    size_t n_cite;
    const char *time_text;
    Unit time;
    double days_per_time;
    bool clock_is_age; /* t = 0 is birth; else the start */
    double rtol;       /* the integrator's relative tolerance must not be larger; INFINITY: the model does not say */

    const Parameter *parameters;
    size_t n_parameters;
    const ModelQuantity *quantities;
    size_t n_quantities;
    const State *states; /* those of the file, then the stages of chains */
    size_t n_states, n_own_states;
    const Phenotype *phenotypes;
    size_t n_phenotypes;
    const Gene *genes;
    size_t n_genes;
    const Drug *drugs;
    size_t n_drugs;
    const Procedure *procedures;
    size_t n_procedures;
    const Setting *settings;
    size_t n_settings;
    const Trait *traits;
    size_t n_traits;
    const Correlation *correlations;
    size_t n_correlations;
    const Reaction *reactions;
    size_t n_reactions;
    const Chain *chains;
    size_t n_chains;
    const ModelEvent *events; /* in the order of the file, in which they happen at one time */
    size_t n_events;
    bool starts_steady; /* some state does */

    const Node *parameter_nodes; /* [n_parameters]: effective values, gradual changes included */
    Map symbols;                 /* name -> Symbol: parameters, quantities, states */
    const Dag *dag;
    /* Slots: what stands in OP_PARAMETER inputs. Slots 0 .. n_parameters-1 are the parameters (a ramping one: its
     * target); then for each ramping parameter from, rate constant and start time; then for each drug its infusion
     * rate. */
    const uint32_t *ramp_slots; /* [n_parameters]: first of three, or UINT32_MAX */
    uint32_t infusion_slots;    /* first of n_drugs */
    size_t n_slots;
} Model;

/* Offsets from ramp_slots: value(t) = target + (from - target) * exp(-k * (t - start)). */
enum { RAMP_FROM, RAMP_K, RAMP_START, RAMP_SLOTS };

MUST_CHECK bool model_load(Arena *arena, Units *units, const char *path, const Model **ret_model, Diags *diags);

/* The same from nodes that were read already (tests, check). */
MUST_CHECK bool model_build(Arena *arena, Units *units, const YamlNode *root, const Model **ret_model, Diags *diags);

/* The relative tolerance that is wanted, or the model's where that is smaller. */
double model_rtol(const Model *model, double wanted);

/* Index of a named thing, or -1. */
int model_find_parameter(const Model *model, const char *name);
const Gene *model_find_gene(const Model *model, const char *name);
const GeneCells *gene_find_cells(const Gene *gene, const char *name);
const Drug *model_find_drug(const Model *model, const char *name);
const Procedure *model_find_procedure(const Model *model, const char *name);
const Setting *model_find_setting(const Model *model, const char *name);
const Option *setting_find_option(const Setting *setting, const char *name);

/* "lognormal", as files name it; "" for none. */
const char *variability_name(VariabilityKind kind);

/* Reads `variability:`; allowed: a mask of 1 << VariabilityKind. `value` is what it varies. Also for drivers. */
MUST_CHECK bool variability_read(const YamlNode *node, const char *what, double value, unsigned allowed,
                                 Variability *ret_variability, Diags *diags);

/* What readers of values need: memory, units, and where faults go. */
typedef struct ReadContext {
    Arena *arena;
    Units *units;
    Diags *diags;
} ReadContext;

/* Reads a number, "x1.2", or a quantity with a unit, as the new value of a parameter. */
MUST_CHECK bool change_read(const ReadContext *context, const Model *model, const YamlNode *name, const YamlNode *value,
                            Change *ret_change);

/* A duration or time, of either sign, such as "3 day", in the unit `time`; NaN after a diagnostic with this id. */
double model_duration_read(Units *units, Unit time, const YamlNode *node, const char *what, const char *id,
                           Diags *diags);

/* The first time >= from at which a scheduled event happens; INFINITY when there is none, and for triggered ones. */
double model_event_next(const ModelEvent *event, double from);

/* What events need to know, in this order: of each event its guard and the values of its actions; then the triggers of
 * those that have one. Writes the nodes (ret_nodes NULL: counts them) and returns how many there are. */
size_t model_event_nodes(const Model *model, Node *ret_nodes);

/* "did you mean" among things that have a `const char *name` first; stride is the size of one. */
const char *model_suggest_named(Diags *diags, const char *word, const void *things, size_t n, size_t stride);

/* "did you mean" among the model's parameters, quantities and states. */
const char *model_suggest_symbol(Diags *diags, const Model *model, const char *word);

/* Its states, reactions, chains, events, quantities, phenotypes, parameters and genes as tables of Markdown: for its
 * note. */
void model_show_markdown(const Model *model, Text *text);

/* When an event happens and what it does, on one line. */
void model_event_show(const Model *model, const ModelEvent *event, Text *text);

/* The keys that each section of a model file may have; for the manual. */
extern const FieldTable *const model_fields[];
extern const size_t n_model_fields;

/* The model for people: states, equations, parameters with unit and source, genes, drugs, procedures, settings,
 * traits. */
void model_show(const Model *model, Text *text);

#endif
