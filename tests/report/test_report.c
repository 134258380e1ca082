/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables, byte for byte, from the small store of fake_store.h.
 */
#include <string.h>

#include "support/fake_store.h"

#include "compare/compare.h"
#include "report/report.h"
#include "report/table.h"
#include "support/arena.h"
#include "support/near.h"
#include "support/rows.h"

/* -- tables ---------------------------------------------------------------------------------------------------- */

static const char *verdict_table(const Verdict *verdicts, size_t n_verdicts)
{
    Text text = text_new(arena);
    verdict_table_show(arena, verdicts, n_verdicts, &text);
    return text_string(&text);
}

static void the_verdict_table_shows_every_kind_of_row(void **state)
{
    (void)state;
    Store store = full_store();
    const char *site = "distal-femur", *ko = "ocy-RANKL-cKO";
    ReferenceRow rows[] = {ratio_row("OCY-01", ko, "BV/TV", site, 168),
                           ratio_row("OCY-04", ko, "Oc.S/BS", site, 168),
                           ratio_row("GKO-01", "nobody", "Oc.S/BS", site, 168),
                           ratio_row("GKO-02", "global-KO", "tooth-eruption", site, 168),
                           ratio_row("WT-01", "littermate", "BV/TV", site, 168),
                           ratio_row("WT-08", "littermate", "BV/TV", site, 168),
                           ratio_row("HLU-01", ko, "BV/TV", site, 168)};
    rows[1].evidence = EVIDENCE_DIGITISED;
    rows[1].low = 0.1;
    rows[1].high = 0.32;
    rows[3].statistic = STATISTIC_ABSENT;
    rows[5].statistic = STATISTIC_CV;
    rows[3].compares = rows[5].compares = false;
    rows[4].statistic = STATISTIC_SIGN;
    rows[4].sign = SIGN_NEGATIVE;
    rows[4].control.age_d = 56;
    rows[4].evidence = EVIDENCE_QUALITATIVE;
    rows[6].statistic = STATISTIC_RATIO_OF_CHANGES;
    rows[6].changes = true;
    rows[6].since_d = 56;
    rows[6].evidence = EVIDENCE_QUALITATIVE;
    const Verdict *verdicts = read_rows(&store, rows, ARRAY_LENGTH(rows));
    assert_string_equal(verdict_table(verdicts, ARRAY_LENGTH(rows)),
                        "row     cohort vs        what             at                estimate [95 %]  "
                        " expected     evidence     verdict\n"
                        "        control\n"
                        "OCY-01  ocy-RANKL-cKO    ratio BV/TV      24 wk             3 [2.7, 3.35]     2.5 to"
                        " 3.5   measured     agrees\n"
                        "        vs littermate                     distal-femur\n"
                        "OCY-04  ocy-RANKL-cKO    ratio Oc.S/BS    24 wk             0.273             0.1 to"
                        " 0.32  digitised    agrees\n"
                        "        vs littermate                     distal-femur      [0.186, 0.358]           "
                        "                   (uncertain)\n"
                        "GKO-01  nobody           ratio Oc.S/BS    24 wk                               2.5 to"
                        " 3.5   measured     missing\n"
                        "        vs littermate                     distal-femur\n"
                        "GKO-02  global-KO        absent           24 wk             0 [0, 0]          < 0.5  "
                        "      measured     agrees\n"
                        "                         tooth-eruption   distal-femur\n"
                        "WT-01   littermate       sign BV/TV       24 wk             -10 [-10, -10]   "
                        " negative     qualitative  agrees\n"
                        "        vs littermate                     distal-femur\n"
                        "        at 8 wk\n"
                        "WT-08   littermate       cv BV/TV         24 wk             0.0742            2.5 to"
                        " 3.5   measured     differs\n"
                        "                                          distal-femur      [0, 0.0952]\n"
                        "HLU-01  ocy-RANKL-cKO    change ratio     24 wk since 8 wk  -0.8 [-1, -0.6]   2.5 to"
                        " 3.5   qualitative  differs\n"
                        "        vs littermate    BV/TV            distal-femur\n"
                        "\n"
                        "OCY-01: 1 of 4 animals of 'ocy-RANKL-cKO' failed\n"
                        "OCY-04: 1 of 4 animals of 'ocy-RANKL-cKO' failed\n"
                        "GKO-01: the run has no cohort 'nobody'\n"
                        "GKO-02: 2 of 4 animals of 'global-KO' are stored yet\n"
                        "HLU-01: 1 of 4 animals of 'ocy-RANKL-cKO' failed\n"
                        "\n"
                        "4 agree, 2 differ, 1 missing (1 uncertain)\n");
}

static void long_names_are_broken_so_that_the_table_fits(void **state)
{
    (void)state;
    ReferenceRow row = ratio_row("an-identifier-that-goes-on-and-on-and-on",
                                 "Tnfsf11-floxed-Dmp1-Cre-conditional-knockout", "a-metric-with-a-name-of-its-own",
                                 "the-distal-metaphysis-of-the-femur", 168);
    row.control.cohort = "sex-matched Cre-negative littermates of the same breeding";
    Verdict verdict = {.row = &row,
                       .outcome = OUTCOME_AGREES,
                       .uncertain = true,
                       .estimate = 3,
                       .low95 = 2.4,
                       .high95 = 3.6,
                       .n = 4,
                       .n_control = 4};
    assert_string_equal(verdict_table(&verdict, 1),
                        "row                cohort vs control  what               at                  estimate"
                        "    expected  evidence  verdict\n"
                        "                                                                             [95 %]\n"
                        "an-identifier-tha  Tnfsf11-floxed-Dm  ratio              24 wk               3       "
                        "    2.5 to    measured  agrees\n"
                        "t-goes-on-and-on-  p1-Cre-conditiona  a-metric-with-a-n  the-distal-metaphy  [2.4,"
                        " 3.6]  3.5                 (uncertain)\n"
                        "and-on             l-knockout         ame-of-its-own     sis-of-the-femur\n"
                        "                   vs sex-matched\n"
                        "                   Cre-negative\n"
                        "                   littermates of\n"
                        "                   the same breeding\n"
                        "\n"
                        "1 agrees, 0 differ, 0 missing (1 uncertain)\n");
}

static void names_cannot_steer_a_terminal(void **state)
{
    (void)state;
    ReferenceRow row = ratio_row("A\x1b[2J", "K\nO", "\xff\xc3\xa9", "\xe2\x80\xae", 10.5);
    Verdict verdict = verdict_missing(&row, "no \x1b'thing'");
    assert_string_equal(verdict_table(&verdict, 1),
                        "row    cohort vs control  what      at          estimate [95 %]  expected    evidence"
                        "  verdict\n"
                        "A?[2J  K?O vs littermate  ratio ?é  10.5 day ?                   2.5 to 3.5  measured"
                        "  missing\n"
                        "\n"
                        "A?[2J: no ?'thing'\n"
                        "\n"
                        "0 agree, 0 differ, 1 missing (0 uncertain)\n");
}

static void the_summary_counts_in_english(void **state)
{
    (void)state;
    ReferenceRow row = ratio_row("A", "KO", "CTX", NULL, 7);
    Verdict verdicts[3] = {{.row = &row, .outcome = OUTCOME_AGREES, .estimate = 1, .low95 = 1, .high95 = 1},
                           {.row = &row, .outcome = OUTCOME_DIFFERS, .estimate = 1, .low95 = 1, .high95 = 1},
                           {.row = &row, .outcome = OUTCOME_DIFFERS, .estimate = 1, .low95 = 1, .high95 = 1}};
    assert_non_null(strstr(verdict_table(verdicts, 2), "\n1 agrees, 1 differs, 0 missing (0 uncertain)\n"));
    assert_non_null(strstr(verdict_table(verdicts + 1, 2), "\n0 agree, 2 differ, 0 missing (0 uncertain)\n"));
    verdicts[2].outcome = OUTCOME_KNOWN;
    assert_non_null(
        strstr(verdict_table(verdicts, 3), "\n1 agrees, 1 differs, 0 missing (0 uncertain), 1 known to differ\n"));
}

static void a_note_of_many_rows_stands_once(void **state)
{
    (void)state;
    ReferenceRow rows[5];
    Verdict verdicts[5];
    for (size_t i = 0; i < 5; i++) {
        rows[i] = ratio_row(i == 1 ? "B" : "A", "KO", "CTX", NULL, 7);
        verdicts[i] = (Verdict){.row = &rows[i], .outcome = OUTCOME_AGREES, .estimate = 1, .note = "one animal"};
    }
    verdicts[1].note = "another";
    assert_non_null(strstr(verdict_table(verdicts, 5), "\n4 rows: one animal\nB: another\n\n5 agree"));
    assert_non_null(strstr(verdict_table(verdicts, 4), "\nA: one animal\nB: another\nA: one animal\nA: one animal\n"));
}

static void a_phenotype_table_that_cannot_be_read_adds_no_text(void **state)
{
    (void)state;
    Store store = full_store();
    Err err = {0};
    Text text = text_new(arena);
    assert_false(phenotype_table_show(arena, &store, 7, (double)NAN, &text, &err));
    assert_string_equal(err.text, "the database has no run 7");
    store.fails = true;
    assert_false(phenotype_table_show(arena, &store, 1, (double)NAN, &text, &err));
    assert_int_equal(text.length, 0);
}

static const char *phenotype_table(Store *store, double age_d)
{
    Text text = text_new(arena);
    Err err = {0};
    assert_true(phenotype_table_show(arena, store, 1, age_d, &text, &err));
    return text_string(&text);
}

static void the_phenotype_table_shows_the_last_age_of_each_site(void **state)
{
    (void)state;
    Store store = full_store();
    assert_string_equal(phenotype_table(&store, (double)NAN),
                        "distal-femur at 24 wk: mean ± sd, × ratio to control\n"
                        "\n"
                        "cohort         n  BV/TV (%)         Oc.S/BS                tooth-eruption\n"
                        "littermate     4  11 ± 0.816        0.11 ± 0.00816         4/4\n"
                        "ocy-RANKL-cKO  3  33 ± 3     ×3     0.03 ± 0.01    ×0.273  2/3\n"
                        "global-KO      2  61 ± 1.41  ×5.55     0 ± 0       ×0      0/2\n"
                        "doomed         0   -                   -                     -\n"
                        "waiting        0   -                   -                     -\n"
                        "\n"
                        "L3 at 8 wk: mean ± sd, × ratio to control\n"
                        "\n"
                        "cohort         n  BV/TV (%)  Oc.S/BS  tooth-eruption\n"
                        "littermate     1  18         -        -\n"
                        "ocy-RANKL-cKO  1  27 ×1.5    -        -\n"
                        "global-KO      0   -         -        -\n"
                        "doomed         0   -         -        -\n"
                        "waiting        0   -         -        -\n"
                        "\n"
                        "ocy-RANKL-cKO: 1 of 4 animals failed (view 'failure')\n"
                        "global-KO: 2 of 4 animals are stored yet\n"
                        "doomed: 4 of 4 animals failed (view 'failure')\n"
                        "waiting: 0 of 4 animals are stored yet\n");
}

static void the_phenotype_table_shows_the_age_that_is_asked_for(void **state)
{
    (void)state;
    Store store = full_store();
    store.n_cohorts = 2;
    assert_string_equal(phenotype_table(&store, 56.0), "distal-femur at 8 wk: mean ± sd, × ratio to control\n"
                                                       "\n"
                                                       "cohort         n  BV/TV (%)         Oc.S/BS  tooth-eruption\n"
                                                       "littermate     4  21 ± 0.816        -        -\n"
                                                       "ocy-RANKL-cKO  3  25 ± 1     ×1.19  -        -\n"
                                                       "\n"
                                                       "L3 at 8 wk: mean ± sd, × ratio to control\n"
                                                       "\n"
                                                       "cohort         n  BV/TV (%)  Oc.S/BS  tooth-eruption\n"
                                                       "littermate     1  18         -        -\n"
                                                       "ocy-RANKL-cKO  1  27 ×1.5    -        -\n"
                                                       "\n"
                                                       "ocy-RANKL-cKO: 1 of 4 animals failed (view 'failure')\n");
    assert_string_equal(phenotype_table(&store, 57.0), "nothing measured at that age\n"
                                                       "\n"
                                                       "ocy-RANKL-cKO: 1 of 4 animals failed (view 'failure')\n");
}

static void many_metrics_are_wrapped_into_blocks(void **state)
{
    (void)state;
    enum { MANY = 9 };
    StoreMetricInfo metrics[MANY];
    FakeValues values[2 * MANY];
    for (size_t i = 0; i < MANY; i++) {
        const char *name = arena_print(arena, "M%zu", i);
        metrics[i] = (StoreMetricInfo){name, "ng/mL", "", "phenotype"};
        values[2 * i] = (FakeValues){"littermate", name, "", 21, 3, {100, 101, 102}};
        values[2 * i + 1] = (FakeValues){"ocy-RANKL-cKO", name, "", 21, 3, {50, 51, 52 + (double)i}};
    }
    static const StorePoint point = {"", 21, true};
    Store store = {.cohorts = COHORTS,
                   .n_cohorts = 2,
                   .metrics = metrics,
                   .n_metrics = MANY,
                   .points = &point,
                   .n_points = 1,
                   .values = values,
                   .n_values = ARRAY_LENGTH(values)};
    assert_string_equal(phenotype_table(&store, (double)NAN),
                        "3 wk: mean ± sd, × ratio to control\n"
                        "\n"
                        "cohort         n  M0 (ng/mL)      M1 (ng/mL)           "
                        "M2 (ng/mL)           M3 (ng/mL)         M4 (ng/mL)\n"
                        "littermate     3  101 ± 1           101 ± 1              101 ± 1  "
                        "          101 ± 1              101 ± 1\n"
                        "ocy-RANKL-cKO  3   51 ± 1 ×0.505  51.33 ± 1.53 ×0.508  "
                        "51.67 ± 2.08 ×0.512   52 ± 2.65 ×0.515  52.33 ± 3.21 ×0.518\n"
                        "\n"
                        "cohort         n  M5 (ng/mL)           M6 (ng/mL)         "
                        "M7 (ng/mL)           M8 (ng/mL)\n"
                        "littermate     3    101 ± 1            101 ± 1              101 ± 1              101 ± 1\n"
                        "ocy-RANKL-cKO  3  52.67 ± 3.79 ×0.521   53 ± 4.36 ×0.525  "
                        "53.33 ± 4.93 ×0.528  53.67 ± 5.51 ×0.531\n"
                        "\n"
                        "ocy-RANKL-cKO: 1 of 4 animals failed (view 'failure')\n");
}

static void many_cohorts_are_counted_instead_of_shown(void **state)
{
    (void)state;
    StoreCohortInfo cohorts[50];
    for (size_t i = 0; i < ARRAY_LENGTH(cohorts); i++) {
        const char *name = arena_print(arena, "dose %zu", i);
        cohorts[i] = (StoreCohortInfo){name, "dose 49", "", "", 4, 4, 0};
    }
    Store store = full_store();
    store.cohorts = cohorts;
    store.n_cohorts = ARRAY_LENGTH(cohorts);
    const char *shown = phenotype_table(&store, 56.0);
    assert_non_null(strstr(shown, "\ndose 39 "));
    assert_null(strstr(shown, "\ndose 40 "));
    assert_non_null(strstr(shown, "\n10 more cohorts are in the view 'cohort_summary'\n"));
}

static void a_model_without_phenotypes_shows_what_was_recorded(void **state)
{
    (void)state;
    static const StoreMetricInfo metric = {"Cp", "pmol/L", "", "recorded"};
    static const StorePoint point = {"", 10.5, true};
    static const FakeValues values = {"littermate", "Cp", "", 10.5, 2, {1, (double)NAN}};
    Store store = {.cohorts = COHORTS,
                   .n_cohorts = 1,
                   .metrics = &metric,
                   .n_metrics = 1,
                   .points = &point,
                   .n_points = 1,
                   .values = &values,
                   .n_values = 1};
    assert_string_equal(phenotype_table(&store, (double)NAN), "10.5 day: mean ± sd, × ratio to control\n"
                                                              "\n"
                                                              "cohort      n  Cp (pmol/L)\n"
                                                              "littermate  1  1\n"
                                                              "\n");
    store.n_points = 0;
    assert_string_equal(phenotype_table(&store, (double)NAN), "nothing measured\n\n");
}

static void no_line_is_wider_than_the_table(void **state)
{
    (void)state;
    enum { MANY = 10 };
    StoreCohortInfo cohorts[MANY];
    StoreMetricInfo metrics[MANY];
    FakeValues values[MANY * MANY];
    static const StorePoint point = {"", 21, true};
    for (size_t i = 0; i < MANY; i++) {
        cohorts[i] = (StoreCohortInfo){
            arena_print(arena, "cohort number %zu with quite a long name, isn't it", i), "cohort 0", "", "", 2, 2, 0};
        metrics[i] = (StoreMetricInfo){arena_print(arena, "metric-%zu", i), "mm2/mm2/week", "", "phenotype"};
    }
    for (size_t i = 0; i < MANY * MANY; i++)
        values[i] = (FakeValues){cohorts[i / MANY].name, metrics[i % MANY].name, "", 21, 2, {1e-5 * (double)i, 3e9}};
    Store store = {.cohorts = cohorts,
                   .n_cohorts = MANY,
                   .metrics = metrics,
                   .n_metrics = MANY,
                   .points = &point,
                   .n_points = 1,
                   .values = values,
                   .n_values = MANY * MANY};
    for (const char *line = phenotype_table(&store, (double)NAN); *line != '\0';) {
        size_t length = strcspn(line, "\n");
        assert_true(table_text_width(line, length) <= 120);
        assert_true(length == 0 || line[length - 1] != ' ');
        line += length + (line[length] == '\n');
    }
}

static void widths_are_columns_of_the_screen(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t width;
    } rows[] = {{"", 0}, {"BV/TV", 5}, {"±×", 2}, {"e\xcc\x81", 1}, {"骨", 2}, {"\xf0\x9f\xa6\xb4", 2}, {"\xff", 1}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_int_equal(table_text_width(rows[i].text, strlen(rows[i].text)), rows[i].width);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phenotype_table_that_cannot_be_read_adds_no_text),
        cmocka_unit_test(the_verdict_table_shows_every_kind_of_row),
        cmocka_unit_test(long_names_are_broken_so_that_the_table_fits),
        cmocka_unit_test(names_cannot_steer_a_terminal),
        cmocka_unit_test(a_note_of_many_rows_stands_once),
        cmocka_unit_test(the_summary_counts_in_english),
        cmocka_unit_test(the_phenotype_table_shows_the_last_age_of_each_site),
        cmocka_unit_test(the_phenotype_table_shows_the_age_that_is_asked_for),
        cmocka_unit_test(many_metrics_are_wrapped_into_blocks),
        cmocka_unit_test(many_cohorts_are_counted_instead_of_shown),
        cmocka_unit_test(a_model_without_phenotypes_shows_what_was_recorded),
        cmocka_unit_test(no_line_is_wider_than_the_table),
        cmocka_unit_test(widths_are_columns_of_the_screen),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
