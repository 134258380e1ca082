/* SPDX-License-Identifier: Apache-2.0
 *
 * System: a model with the outputs that an experiment wants, compiled. Const after system_build; threads share it,
 * each with its own SystemLanes (registers).
 */
#ifndef MB_MODEL_SYSTEM_H
#define MB_MODEL_SYSTEM_H

#include "model/model.h"

typedef enum OutputKind { OUTPUT_PHENOTYPE, OUTPUT_RECORDED, OUTPUT_TRAIT } OutputKind;

typedef struct Output {
    OutputKind kind;
    const char *name, *unit_text, *about;
    Variability noise; /* phenotypes */
    double at;         /* traits: when it is decided, or NaN */
    Node node;
} Output;

typedef enum SystemTape {
    TAPE_INITIAL,
    TAPE_RATES,
    TAPE_JACOBIAN,
    TAPE_OUTPUTS,
    TAPE_DOSES,
    TAPE_EVENT_FUNCTIONS, /* of each trigger a number that is above 0 where its condition holds */
    TAPE_EVENTS,          /* of each event its guard, then the values of its actions */
    /* With the conditions of the rates held (dag_hold); nothing when there are none. */
    TAPE_HELD_RATES, /* rates, then the numbers of the switches */
    TAPE_HELD_JACOBIAN,
    TAPE_ROOT_FUNCTIONS, /* their numbers alone */
    N_TAPES
} SystemTape;

typedef struct System {
    const Model *model;
    const Dag *dag; /* the model's nodes, and the derivatives */
    const Program *program;
    const Output *outputs; /* phenotypes, recorded symbols, traits */
    size_t n_outputs;
    const uint32_t *jacobian_rows, *jacobian_columns; /* by row, then column; the diagonal need not be among them */
    size_t n_jacobian;
    const char *const *state_names;
    const bool *steady;       /* [n_states]: starts steady; NULL: none does */
    const uint32_t *triggers; /* [n_triggers] their events */
    const char *const *trigger_names;
    const bool *inclusive; /* [n_triggers] */
    size_t n_triggers;
    const uint32_t *event_results; /* [model->n_events] where an event's guard stands in TAPE_EVENTS */
    size_t n_event_results;
    size_t n_root_functions; /* conditions in the rates that depend on states or time */
} System;

/* `record` names states, quantities or parameters that are to be outputs too; they must exist (the caller checked). */
const System *system_build(Arena *arena, const Model *model, const char *const *record, size_t n_record);

/* The stages for people: "dag", "jacobian", "tape". */
void system_show_dag(const System *system, Text *text);
void system_show_jacobian(const System *system, Text *text);
void system_show_tape(const System *system, Text *text);

/* Registers for a batch. */
typedef struct SystemLanes {
    const System *system;
    TapeKernel kernel;
    size_t width;
    double *registers;   /* [n_registers][width] */
    double ahead[LANES]; /* the time of a lane is the one an evaluation is given, and so much */
} SystemLanes;

/* With room for `most` lanes, and as wide; an instruction set that is usable. */
SystemLanes *system_lanes_new(Arena *arena, const System *system, CpuSet set, size_t most);

/* Another width, up to that; slots must be written anew. */
void system_lanes_widen(SystemLanes *lanes, size_t width);

/* A slot's values, one a lane, to write; system_lanes_ready must be called before the next evaluation. */
double *system_lanes_slot(SystemLanes *lanes, uint32_t slot);

/* The switches of the rates, [n_root_functions][width], 1 or 0, to write; then as with slots. */
double *system_lanes_conditions(SystemLanes *lanes);

/* Recomputes what depends on parameters alone. */
void system_lanes_ready(SystemLanes *lanes);

/* Runs a tape at time t with states y [n_states][width] (NULL: as they are) and copies its results [n][width]. */
void system_lanes_eval(SystemLanes *lanes, SystemTape tape, double t, const double *y, double *ret_results);

/* The same for TAPE_HELD_RATES, which has two kinds of results. */
void system_lanes_held_rates(SystemLanes *lanes, double t, const double *y, double *ret_rates, double *ret_root_values);

/* Amounts of all drugs [n_drugs][width] for one dose (the same number in every lane). */
void system_lanes_dose(SystemLanes *lanes, double t, double dose, double *ret_amounts);

#endif
