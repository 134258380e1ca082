/* SPDX-License-Identifier: Apache-2.0
 *
 * The models against trajectories that were computed elsewhere, from the same published equations: LSODA with rtol
 * 1e-11, which agrees with Radau as the table in tests/science/trajectories/README.md says. The files are copies of the
 * oracles that the models were specified with.
 *
 * Tolerance: at the default rtol of the runner, of each column's maximum, ten times the error that was found or more,
 * and never more than the oracle's own specification allows: 1e-7 for models of a few cells, 1e-6 for long systems and
 * the mouse, 1e-4 for the network of Proctor (its oracle differs by 5e-7 between two tolerances). Lemaire's is relative
 * at every time. A column that is 0 throughout is compared with 1 of its unit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/near.h"

#include "run/run.h"
#include "support/lab.h"

enum { MAX_ROWS = 1000, MAX_COLUMNS = 40 };

typedef struct Oracle {
    const char *names[MAX_COLUMNS]; /* of columns 1 ..; column 0 is t */
    double values[MAX_ROWS][MAX_COLUMNS];
    size_t n_rows, n_columns;
} Oracle;

static Oracle *oracle_read(Arena *arena, const char *file)
{
    Oracle *oracle = NEW(arena, Oracle);
    char line[8192];
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
            assert_true(column < MAX_COLUMNS && oracle->n_rows < MAX_ROWS);
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

typedef struct Scenario {
    const char *file, *models, *model, *cohort;
    double tolerance; /* of each column's maximum */
} Scenario;

/* The first column is the time: t_h in hours, else in days. */
static const char *time_unit(const Oracle *oracle)
{
    return text_equal(oracle->names[0], "t_h") ? "hour" : "day";
}

/* An experiment that measures and records what the file holds. */
static const char *experiment_for(Arena *arena, const Oracle *oracle, const Scenario *scenario)
{
    Text text = text_new(arena);
    char number[NUMBER_TEXT];
    text_print(&text, "experiment: oracle\nmodel: %s\nvariability: no\nanimals: 1\nrecord: [", scenario->model);
    for (size_t c = 1; c < oracle->n_columns; c++)
        text_print(&text, "%s%s", c > 1 ? ", " : "", oracle->names[c]);
    text_print(&text, "]\nmeasure: [");
    for (size_t r = 0; r < oracle->n_rows; r++)
        text_print(&text, "%s%s %s", r > 0 ? ", " : "", number_show(oracle->values[r][0], number), time_unit(oracle));
    text_print(&text, "]\ncohorts: {it: %s}\n", scenario->cohort);
    return text_string(&text);
}

/* Steps of the oracle's own time, printed with 12 digits: found again where the plan has them. */
static double day_of(const Oracle *oracle, const Lab *lab, size_t row)
{
    double day = oracle->values[row][0] / (text_equal(time_unit(oracle), "hour") ? 24.0 : 1.0);
    double planned = lab->plan->times[row] * lab->plan->model->days_per_time;
    assert_near("time", planned, day, 1e-10, 0.0);
    return planned;
}

static void compare_with_oracle(const Scenario *scenario, bool relative_to_maximum)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const Oracle *oracle = oracle_read(arena, scenario->file);
    Lab lab = lab_open(experiment_for(arena, oracle, scenario), scenario->models, RUN_RTOL);
    const Animal *animal = lab_run(&lab, "it");
    for (size_t c = 1; c < oracle->n_columns; c++) {
        double largest = 0.0, worst = 0.0;
        for (size_t r = 0; r < oracle->n_rows; r++)
            largest = fmax(largest, fabs(oracle->values[r][c]));
        for (size_t r = 0; r < oracle->n_rows; r++) {
            double want = oracle->values[r][c];
            double got = lab_value(&lab, animal, oracle->names[c], day_of(oracle, &lab, r));
            const char *row = arena_print(arena, "%s %s at %g %s", scenario->file, oracle->names[c],
                                          oracle->values[r][0], time_unit(oracle));
            double unit = !relative_to_maximum ? fabs(want) : largest > 1e-12 ? largest : 1.0;
            worst = fmax(worst, fabs(got - want) / unit);
            assert_near(row, got, want, 0.0, scenario->tolerance * unit);
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
         "{perturb: [{parameter: I_B, value: 1e-4 pmol/L/day, from: 20 day, until: 80 day}]}", 1e-6},
        {"lemaire2004_fig2c_PTH.csv", "models", "lemaire-2004",
         "{perturb: [{parameter: I_P, value: 1e3 pmol/L/day, from: 20 day, until: 80 day}]}", 1e-6},
        {"lemaire2004_fig2f_OPG.csv", "models", "lemaire-2004",
         "{perturb: [{parameter: I_O, value: 2e5 pmol/L/day, from: 20 day, until: 80 day}]}", 1e-6},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(scenarios); i++)
        compare_with_oracle(&scenarios[i], false);
}

#define PUBLISHED(model, file, cohort, tolerance)                                                                      \
    {                                                                                                                  \
        file, "models", model, cohort, tolerance                                                                       \
    }

static void the_published_models_follow_their_oracles(void **state)
{
    (void)state;
    static const Scenario scenarios[] = {
        PUBLISHED("pivonka-2008", "pivonka2008_PTH_1000.csv",
                  "{perturb: [{parameter: P_P, value: 1000 pmol/L/day, from: 20 day, until: 80 day}]}", 1e-7),
        PUBLISHED("pivonka-2008", "pivonka2008_den_100.csv",
                  "{perturb: [{parameter: den, value: 100, from: 20 day, until: 80 day}]}", 1e-7),
        PUBLISHED("martinez-reina-2019", "martinez2019_denosumab_pk_60mg.csv",
                  "{treatments: [{drug: denosumab, dose: 60 mg, at: 0 day}]}", 1e-7),
        PUBLISHED("martinez-reina-2019", "martinez2019_pmo_untreated.csv", "{settings: {menopause: from-start}}", 1e-7),
        PUBLISHED("komarova-2003", "komarova2003_fig2a_single_cycle.csv", "{}", 1e-7),
        PUBLISHED("ayati-2010", "ayati2010_biomd402.csv", "{}", 1e-7),
        PUBLISHED("graham-2013", "graham2013_biomd721.csv", "{}", 1e-7),
        PUBLISHED("openbonemin-2017", "openbonemin_denosumab_60mg_single.csv",
                  "{treatments: [{drug: denosumab, dose: 60 mg, at: 0 hour}]}", 1e-6),
        PUBLISHED("openbonemin-2017", "openbonemin_rankl_x0.5_24m.csv",
                  "{perturb: [{parameter: fRANKL, value: 0.5, from: 0 hour}]}", 1e-6),
        PUBLISHED("openbonemin-2017", "openbonemin_teriparatide_20ug_qd10.csv",
                  "{treatments: [{drug: teriparatide, dose: 20 ug, from: 0 hour, every: 24 hour, times: 10}]}", 1e-6),
        PUBLISHED("proctor-2016", "proctor2016_control.csv", "{}", 1e-5),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(scenarios); i++)
        compare_with_oracle(&scenarios[i], true);
}

#define PROTOTYPE "tests/science/prototype"

static void the_mouse_prototype_follows_its_oracles(void **state)
{
    (void)state;
    static const Scenario scenarios[] = {
        {"mouse_wt.csv", PROTOTYPE, "mouse-prototype", "{}", 1e-6},
        {"mouse_dmp1_cre_rankl.csv", PROTOTYPE, "mouse-prototype", "{genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre}}", 1e-6},
        {"mouse_rankl_null.csv", PROTOTYPE, "mouse-prototype", "{genotype: {Tnfsf11: -/-}}", 1e-6},
        {"mouse_mab_5mgkg_10w.csv", PROTOTYPE, "mouse-prototype",
         "{treatments: [{drug: OYC1, dose: 5 mg/kg, at: 70 day}]}", 1e-6},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(scenarios); i++)
        compare_with_oracle(&scenarios[i], true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lemaire_2004_follows_its_oracles),
        cmocka_unit_test(the_published_models_follow_their_oracles),
        cmocka_unit_test(the_mouse_prototype_follows_its_oracles),
    };
    return cmocka_run_group_tests_name("science/trajectories", tests, NULL, NULL);
}
