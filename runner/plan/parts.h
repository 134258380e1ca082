/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the room: what a cohort consists of, part by part. Its words and its JSON (describe.c) and its key (key.c) are
 * printed from these parts alone, and the key has every detail of every part: what is described is in the key.
 */
#ifndef MB_PLAN_PARTS_H
#define MB_PLAN_PARTS_H

#include "plan/plan.h"

typedef enum PartKind {
    PART_COHORT, /* one: name and number of animals */
    PART_SETTING,
    PART_GENE,
    PART_DRIVER,
    PART_DRIVER_CELLS, /* a cell type in which a driver is active */
    PART_OVERRIDE,
    PART_INDUCTION, /* one, or none without an inducible driver */
    PART_DOSE,
    PART_PROCEDURE,
    PART_PERTURBATION /* the last */
} PartKind;

enum { N_PART_KINDS = PART_PERTURBATION + 1, MAX_DETAILS = 6 };

typedef enum DetailKind { DETAIL_NUMBER, DETAIL_TEXT, DETAIL_NAMES } DetailKind;

/* The name of a part whose JSON is a member of an object: {"Sost": {...}}. */
#define JSON_NAME ""

/* One value, and where it is said. The key has all of them. */
typedef struct Detail {
    const char *key;          /* its name in the key */
    const char *json;         /* its name in JSON, or JSON_NAME; NULL: JSON does not have it */
    const char *words;        /* what stands before it in words; NULL: words do not have it */
    const char *unit, *close; /* what stands after it in words; NULL: nothing */
    DetailKind kind;
    double number;            /* DETAIL_NUMBER */
    const char *text;         /* DETAIL_TEXT; NULL: all, "*" in JSON */
    const char *const *names; /* DETAIL_NAMES */
    size_t n_names;
} Detail;

typedef struct Part {
    Detail details[MAX_DETAILS];
    size_t n;
} Part;

/* How many parts of a kind a cohort has. */
size_t part_count(const Model *model, const Cohort *cohort, PartKind kind);

/* One of them, 0 to part_count - 1, in the order in which they act. Lists of names are the arena's, all other texts the
 * cohort's and the model's. */
Part part_get(Arena *arena, const Model *model, const Cohort *cohort, PartKind kind, size_t index);

#endif
