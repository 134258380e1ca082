/* SPDX-License-Identifier: Apache-2.0
 *
 * The models against trajectories that were computed elsewhere: LSODA with rtol 1e-11, agreeing with Radau to 7e-9 of
 * each state's maximum (mouse) and 4e-11 relative (Lemaire). The files are copies of the oracles that the models were
 * specified with (tests/science/trajectories/README.md).
 *
 * Tolerance: at the default rtol of the runner, 1e-6 relative at every time for Lemaire, 1e-6 of each state's maximum
 * for the mouse: what the models promise their users. The columns of the files that are no states (none) would be
 * outputs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/near.h"

#include "run/run.h"
#include "support/lab.h"

enum { MOST_ROWS = 1000, MOST_COLUMNS = 32 };

typedef struct Oracle {
    const char *names[MOST_COLUMNS]; /* of columns 1 ..; column 0 is t */
    double values[MOST_ROWS][MOST_COLUMNS];
    size_t n_rows, n_columns;
} Oracle;

static Oracle *oracle_read(Arena *arena, const char *file)
{
    Oracle *oracle = NEW(arena, Oracle);
    char line[4096];
    FILE *stream = fopen(arena_print(arena, "%s/tests/science/trajectories/%s", SOURCE_DIR, file), "r");
    assert_non_null(stream);
    while (fgets(line, sizeof line, stream) != NULL) {
        if (line[0] == '#')
            continue;
        size_t column = 0;
        for (char *cell = line; cell != NULL; column++) {
            char *comma = strpbrk(cell, ",\r\n");
            if (comma != NULL)
                *comma++ = '\0';
            assert_true(column < MOST_COLUMNS && oracle->n_rows < MOST_ROWS);
            if (oracle->n_columns == 0 || oracle->names[column] == NULL)
                oracle->names[column] = arena_copy_text(arena, cell, strlen(cell));
            else if (!number_parse(cell, &oracle->values[oracle->n_rows][column]))
                fail_msg("%s: '%s' is no number", file, cell);
            cell = comma != NULL && *comma != '\0' && *comma != '\n' ? comma : NULL;
        }
        if (oracle->n_columns > 0)
            oracle->n_rows++;
        oracle->n_columns = column;
    }
    fclose(stream);
    assert_true(oracle->n_rows > 10);
    return oracle;
}

/* An experiment that measures and records what the file holds. */
static const char *experiment_for(Arena *arena, const Oracle *oracle, const char *model, const char *cohort)
{
    Text text = text_new(arena);
    char number[NUMBER_TEXT];
    text_print(&text, "experiment: oracle\nmodel: %s\nvariability: no\nanimals: 1\nrecord: [", model);
    for (size_t c = 1; c < oracle->n_columns; c++)
        text_print(&text, "%s%s", c > 1 ? ", " : "", oracle->names[c]);
    text_print(&text, "]\nmeasure: [");
    for (size_t r = 0; r < oracle->n_rows; r++)
        text_print(&text, "%s%s day", r > 0 ? ", " : "", number_show(oracle->values[r][0], number));
    text_print(&text, "]\ncohorts: {it: %s}\n", cohort);
    return text_end(&text);
}

typedef struct Scenario {
    const char *file, *models, *model, *cohort;
} Scenario;

static void compare_with_oracle(const Scenario *scenario, bool relative_to_maximum)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const Oracle *oracle = oracle_read(arena, scenario->file);
    Lab lab = lab_open(experiment_for(arena, oracle, scenario->model, scenario->cohort), scenario->models, RUN_RTOL);
    const StoreAnimal *animal = lab_run(&lab, "it");
    for (size_t c = 1; c < oracle->n_columns; c++) {
        double largest = 0.0, worst = 0.0;
        for (size_t r = 0; r < oracle->n_rows; r++)
            largest = fmax(largest, fabs(oracle->values[r][c]));
        for (size_t r = 0; r < oracle->n_rows; r++) {
            double want = oracle->values[r][c], got = lab_value(&lab, animal, oracle->names[c], oracle->values[r][0]);
            const char *row =
                arena_print(arena, "%s %s at %g d", scenario->file, oracle->names[c], oracle->values[r][0]);
            double unit = !relative_to_maximum ? fabs(want)
                          : largest > 1e-12    ? largest
                                               : 1.0; /* a drug not given: of 1 nmol/kg */
            worst = fmax(worst, fabs(got - want) / unit);
            assert_near(row, got, want, 0.0, 1e-6 * unit);
        }
        print_message("# %s %s: worst %.2g\n", scenario->file, oracle->names[c], worst);
    }
    lab_close(&lab);
}

static void lemaire_2004_follows_its_oracles(void **state)
{
    (void)state;
    static const Scenario scenarios[] = {
        {"lemaire2004_fig2a_OBa_plus.csv", "models", "lemaire-2004",
         "{perturb: [{parameter: I_B, value: 1e-4 pmol/L/day, from: 20 day, until: 80 day}]}"},
        {"lemaire2004_fig2c_PTH.csv", "models", "lemaire-2004",
         "{perturb: [{parameter: I_P, value: 1e3 pmol/L/day, from: 20 day, until: 80 day}]}"},
        {"lemaire2004_fig2f_OPG.csv", "models", "lemaire-2004",
         "{perturb: [{parameter: I_O, value: 2e5 pmol/L/day, from: 20 day, until: 80 day}]}"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(scenarios); i++)
        compare_with_oracle(&scenarios[i], false);
}

/* The kinks of max() in the bone mass are left to the integrator's error control: 1e-8 of each maximum results. */
static void komarova_2003_follows_its_oracle(void **state)
{
    (void)state;
    static const Scenario scenario = {"komarova2003_fig2a_single_cycle.csv", "models", "komarova-2003", "{}"};
    compare_with_oracle(&scenario, true);
}

#define PROTOTYPE "tests/science/prototype"

static void the_mouse_prototype_follows_its_oracles(void **state)
{
    (void)state;
    static const Scenario scenarios[] = {
        {"mouse_wt.csv", PROTOTYPE, "mouse-prototype", "{}"},
        {"mouse_dmp1_cre_rankl.csv", PROTOTYPE, "mouse-prototype", "{genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre}}"},
        {"mouse_rankl_null.csv", PROTOTYPE, "mouse-prototype", "{genotype: {Tnfsf11: -/-}}"},
        {"mouse_mab_5mgkg_10w.csv", PROTOTYPE, "mouse-prototype",
         "{treatments: [{drug: OYC1, dose: 5 mg/kg, at: 70 day}]}"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(scenarios); i++)
        compare_with_oracle(&scenarios[i], true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lemaire_2004_follows_its_oracles),
        cmocka_unit_test(komarova_2003_follows_its_oracle),
        cmocka_unit_test(the_mouse_prototype_follows_its_oracles),
    };
    return cmocka_run_group_tests_name("science/trajectories", tests, NULL, NULL);
}
