/* SPDX-License-Identifier: Apache-2.0
 *
 * lab: a small laboratory for tests: loads an experiment from text and simulates its animals, without a database.
 */
#ifndef MB_TESTS_SUPPORT_LAB_H
#define MB_TESTS_SUPPORT_LAB_H

#include "model/system.h"
#include "plan/plan.h"
#include "simulate/simulate.h"
#include "store/store.h"

typedef struct Lab {
    Arena *arena;
    Units *units;
    const Plan *plan;
    const System *system;
    Worker *worker;
} Lab;

/* `text` is an experiment; lab_open searches its model in `models` (below the source folder: "models" or
 * "tests/cases/models"). Fails the test with the rendered diagnostics when it does not load. */
Lab lab_open(const char *text, const char *models, double rtol);
void lab_close(Lab *lab);

/* Index of a cohort or an output by name; fails the test when there is none. */
size_t lab_cohort(const Lab *lab, const char *name);
size_t lab_output(const Lab *lab, const char *name);

/* All animals of a cohort (at most LANES), in order. */
const Animal *lab_run(Lab *lab, const char *cohort);

/* The true value of an output of an animal at an age in days (within 1e-9), from readings or series. */
double lab_value(const Lab *lab, const Animal *animal, const char *output, double age_d);

/* A reading with assay noise. */
double lab_reading(const Lab *lab, const Animal *animal, const char *output, double age_d);

#endif
