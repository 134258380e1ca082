/* SPDX-License-Identifier: Apache-2.0
 *
 * animal: what came out of one simulated animal. Front door of the room. simulate/ fills it, run/ sends it between
 * ranks, store/ writes it; each knows this header and not the others. Texts and arrays are borrowed: they live on the
 * arena of the batch that made them.
 *
 * To add a column: one row of ANIMAL_COLUMNS below, the line in simulate/ that fills the field, and one new section in
 * results-schema/schema.sql. Everything that writes, sends, copies or dumps an animal goes through the table.
 */
#ifndef MB_ANIMAL_ANIMAL_H
#define MB_ANIMAL_ANIMAL_H

#include "base/base.h"

/* Animals number first .. first + n - 1 of a cohort, which is an index as in Animal. */
typedef struct AnimalRange {
    size_t cohort, first, n;
} AnimalRange;

/* All that is read of an animal at one site and age: values[i] and truths[i] of metrics[i] of the run. A value carries
 * the assay's noise, a truth does not. A trait has value 1 (present) or 0. NaN is stored as NULL. A metric with an age
 * of its own (at_d) is read at that age, the others at every age that is `measured`; NaN where a metric is not read. */
typedef struct Reading {
    const char *site; /* "" when the model has no sites */
    double age_d;     /* days on the model's clock */
    bool measured;
    const double *values, *truths; /* [n_metrics] */
} Reading;

/* One dense recording: `times_d` and `values` have n entries; stored as two JSON arrays, exactly. */
typedef struct Series {
    size_t metric;
    const char *site;
    size_t n;
    const double *times_d, *values;
} Series;

/* The columns of the table `animal`, beside its ids and its status, in the order of the dump. A row makes a field of
 * Animal (TEXT and JSON: const char *; COUNT: uint64_t), an entry of animal_columns and, in the database, a column of
 * this name. Its words are those of the dictionary, results-schema/README.md:
 *
 *   KIND(name, in the dump or not, meaning, unit, when it is NULL (NULL: never), how it is made) */
#define ANIMAL_COLUMNS(TEXT, JSON, COUNT)                                                                              \
    TEXT(failure, true, "why it failed", "", "it did not fail", "the solver's words")                                  \
    JSON(parameters_json, true, "what was drawn for it", "the parameters'", NULL,                                      \
         "{\"parameter\": value, \"driver site\": share of cells recombined, ...}; {} when nothing varies")            \
    JSON(start_json, true, "how its steady start was found, for each site", "the model's time",                        \
         "no state of the model starts steady; the animal failed",                                                     \
         "{\"site\": {\"method\", \"steps\", \"residual\", \"slowest\", \"time_constant\"}}; "                         \
         "the view `steady_start` unfolds it")                                                                         \
    COUNT(steps, true, "solver: steps", "1", NULL, "of its batch")                                                     \
    COUNT(rate_evaluations, true, "solver: evaluations of the rates", "1", NULL, "of its batch")                       \
    COUNT(jacobian_evaluations, true, "solver: evaluations of their derivatives", "1", NULL, "of its batch")           \
    COUNT(newton_iterations, true, "solver: iterations of Newton's method", "1", NULL, "of its batch")

#define ANIMAL_TEXT_FIELD(name, ...) const char *name;
#define ANIMAL_COUNT_FIELD(name, ...) uint64_t name;

typedef struct Animal {
    size_t cohort; /* index into the cohorts of its plan, and of its run in the store */
    size_t number; /* 0-based within the cohort */
    ANIMAL_COLUMNS(ANIMAL_TEXT_FIELD, ANIMAL_TEXT_FIELD, ANIMAL_COUNT_FIELD)
    const Reading *readings; /* in an order that follows from the design: it gives them their ids; failed: none */
    size_t n_readings;
    const Series *series;
    size_t n_series;
} Animal;

#undef ANIMAL_TEXT_FIELD
#undef ANIMAL_COUNT_FIELD

typedef enum AnimalColumnKind { ANIMAL_TEXT, ANIMAL_JSON, ANIMAL_COUNT } AnimalColumnKind;

typedef struct AnimalColumn {
    const char *name;
    AnimalColumnKind kind;
    size_t offset; /* of the field in Animal */
    bool in_dump;
    const char *meaning, *unit;
    const char *null_when; /* NULL: it is never NULL in the database */
    const char *made;
} AnimalColumn;

/* A sum is made of it, term by term. */
#define ANIMAL_ONE_MORE(...) +1 /* NOLINT(bugprone-macro-parentheses) */
enum { N_ANIMAL_COLUMNS = 0 ANIMAL_COLUMNS(ANIMAL_ONE_MORE, ANIMAL_ONE_MORE, ANIMAL_ONE_MORE) };
#undef ANIMAL_ONE_MORE

extern const AnimalColumn animal_columns[N_ANIMAL_COLUMNS];

/* The field of a column: animal_count and animal_set_count for an ANIMAL_COUNT, the others for texts and JSON. */
uint64_t animal_count(const Animal *animal, const AnimalColumn *column);
const char *animal_text(const Animal *animal, const AnimalColumn *column);
void animal_set_count(Animal *animal, const AnimalColumn *column, uint64_t count);
void animal_set_text(Animal *animal, const AnimalColumn *column, const char *text);

#endif
