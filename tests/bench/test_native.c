/* SPDX-License-Identifier: Apache-2.0
 *
 * The models written by hand in C, against which the engine is timed, are the model files' own: rates, Jacobian and
 * outputs at random states and parameters are those that the engine computes from the file.
 *
 * Tolerance: 1e-10 of the larger of the value and, for a rate or an entry of the Jacobian, what its terms are made of
 * (1e-6 of the state per unit of time): the two differ in the order of operations, and in a rate terms cancel that are
 * a million times as large.
 */
#include <stdio.h>
#include <string.h>

#include "support/near.h"

#include "bench/native.h"
#include "support/lab.h"

static const double TOLERANCE = 1e-10, CANCELLED = 1e-6;

static const struct {
    const Native *native;
    const char *models;
} rows[] = {{&native_openbonemin, "models"}, {&native_lemaire_pk, "tests/bench"}};

typedef struct Twins {
    Lab lab;
    SystemLanes *lanes;
    const Native *native;
    const void *subject;
    double y[NATIVE_MAX_STATES];
} Twins;

static Twins twins_open(const Native *native, const char *models)
{
    Twins twins = {.native = native};
    char text[256];
    snprintf(text, sizeof text, "experiment: native\nmodel: %s\nmeasure: [1 day]\nanimals: 1\ncohorts: {a: {}}\n",
             native->model);
    twins.lab = lab_open(text, models, 1e-8);
    twins.lanes = system_lanes_new(twins.lab.arena, twins.lab.system, cpu_best(), LANES);
    return twins;
}

/* Parameters near those of the file (half-points leave little room), and what is switched off there is on; states that
 * are half to twice as large as at the start. */
static void draw(Twins *twins, size_t trial)
{
    const Model *model = twins->lab.plan->model;
    double values[NATIVE_MAX_PARAMETERS];
    RngKey key = rng_key(trial);
    assert_true(twins->native->n_parameters <= NATIVE_MAX_PARAMETERS);
    for (size_t i = 0; i < model->n_parameters; i++) {
        double value = model->parameters[i].value, near = fabs(value) > 0.0 ? value : 0.5;
        double *slot = system_lanes_slot(twins->lanes, (uint32_t)i);
        for (size_t lane = 0; lane < LANES; lane++)
            slot[lane] = near * exp(0.001 * rng_normal(key, i));
    }
    system_lanes_ready(twins->lanes);
    for (size_t i = 0; i < twins->native->n_parameters; i++) {
        const Symbol *symbol = map_find(&model->symbols, twins->native->parameter_names[i]);
        assert_true(symbol != NULL && symbol->kind == SYMBOL_PARAMETER);
        values[i] = *system_lanes_slot(twins->lanes, symbol->index);
    }
    twins->subject = twins->native->prepare(values);
    twins->native->initial(twins->subject, twins->y);
    RngKey states = rng_key_named(key, "states");
    for (size_t i = 0; i < twins->native->n_states; i++)
        twins->y[i] = (twins->y[i] + (twins->y[i] > 0.0 ? 0.0 : 1e4)) * exp(0.3 * rng_normal(states, i));
}

static void eval(Twins *twins, SystemTape tape, double t, double *ret_values, size_t n)
{
    double *y = NEW_LANES(twins->lab.arena, twins->native->n_states * LANES);
    double *results = NEW_LANES(twins->lab.arena, n * LANES);
    for (size_t i = 0; i < twins->native->n_states * LANES; i++)
        y[i] = twins->y[i / LANES];
    system_lanes_eval(twins->lanes, tape, t, y, results);
    for (size_t i = 0; i < n; i++)
        ret_values[i] = results[i * LANES];
}

static void check_jacobian(Twins *twins)
{
    const System *system = twins->lab.system;
    size_t n = twins->native->n_states;
    double *got = NEW_ARRAY(twins->lab.arena, double, n *n), *left = NEW_ARRAY(twins->lab.arena, double, n *n);
    double *want = NEW_ARRAY(twins->lab.arena, double, system->n_jacobian);
    twins->native->jacobian(twins->subject, twins->y, got);
    eval(twins, TAPE_JACOBIAN, 0.0, want, system->n_jacobian);
    memcpy(left, got, n * n * sizeof *left);
    for (size_t i = 0; i < system->n_jacobian; i++) {
        size_t row = system->jacobian_rows[i], column = system->jacobian_columns[i];
        char name[128];
        snprintf(name, sizeof name, "%s: d %s / d %s", twins->native->model, system->state_names[row],
                 system->state_names[column]);
        assert_near(name, got[row * n + column], want[i], TOLERANCE,
                    TOLERANCE * CANCELLED * twins->y[row] / twins->y[column]);
    }
    for (size_t i = 0; i < twins->native->n_entries; i++)
        left[(size_t)twins->native->entries[i][0] * n + twins->native->entries[i][1]] = 0.0;
    for (size_t i = 0; i < n * n; i++)
        assert_near("outside the pattern", left[i], 0.0, 0.0, 0.0);
}

static void native_models_are_those_of_the_files(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        Twins twins = twins_open(rows[row].native, rows[row].models);
        const Native *native = twins.native;
        const System *system = twins.lab.system;
        double got[NATIVE_MAX_STATES], want[NATIVE_MAX_STATES];
        assert_int_equal(native->n_states, system->model->n_states);
        assert_int_equal(native->n_outputs, system->n_outputs);
        assert_int_equal(native->n_entries, system->n_jacobian);
        for (size_t trial = 0; trial < 20; trial++) {
            draw(&twins, trial);
            double t = 100.0 * (double)trial;
            native->rates(twins.subject, t, twins.y, got);
            eval(&twins, TAPE_RATES, t, want, native->n_states);
            for (size_t i = 0; i < native->n_states; i++) {
                assert_string_equal(native->state_names[i], system->state_names[i]);
                assert_near(native->state_names[i], got[i], want[i], TOLERANCE, TOLERANCE * CANCELLED * twins.y[i]);
            }
            native->outputs(twins.subject, twins.y, got);
            eval(&twins, TAPE_OUTPUTS, t, want, native->n_outputs);
            for (size_t i = 0; i < native->n_outputs; i++)
                assert_near(system->outputs[i].name, got[i], want[i], TOLERANCE, 0.0);
            check_jacobian(&twins);
        }
        lab_close(&twins.lab);
    }
}

static void starts_and_doses_are_those_of_the_files(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        Twins twins = twins_open(rows[row].native, rows[row].models);
        const Model *model = twins.lab.plan->model;
        double start[NATIVE_MAX_STATES], want[NATIVE_MAX_STATES];
        draw(&twins, 7);
        twins.native->initial(twins.subject, start);
        eval(&twins, TAPE_INITIAL, 0.0, want, twins.native->n_states);
        for (size_t i = 0; i < twins.native->n_states; i++)
            assert_near(twins.native->state_names[i], start[i], want[i], TOLERANCE, 0.0);
        double *amounts = NEW_LANES(twins.lab.arena, model->n_drugs * LANES);
        system_lanes_dose(twins.lanes, 0.0, 60.0, amounts);
        for (size_t i = 0; i < model->n_drugs; i++)
            if (text_equal(model->drugs[i].name, "denosumab")) {
                assert_int_equal(twins.native->dosed, model->drugs[i].into);
                assert_near("60 mg", twins.native->dose(twins.subject, 60.0), amounts[i * LANES], TOLERANCE, 0.0);
            }
        lab_close(&twins.lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(native_models_are_those_of_the_files),
        cmocka_unit_test(starts_and_doses_are_those_of_the_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
