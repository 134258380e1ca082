/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts on the rows of a reference, from the small store of fake_store.h.
 */
#include <string.h>

#include "support/fake_store.h"

#include "compare/compare.h"
#include "support/arena.h"
#include "support/near.h"
#include "support/rows.h"

static void values_come_from_the_cohort_site_and_age_of_each_row(void **state)
{
    (void)state;
    Store store = full_store();
    const char *site = "distal-femur", *ko = "ocy-RANKL-cKO";
    ReferenceRow rows[] = {ratio_row("KO-1", ko, "BV/TV", site, 168), ratio_row("KO-2", ko, "BV/TV", "L3", 56),
                           ratio_row("KO-3", "global-KO", "BV/TV", site, 168),
                           ratio_row("WT-1", ko, "BV/TV", site, 168), ratio_row("CH-1", ko, "BV/TV", site, 168)};
    rows[3].control = (ReferenceSample){ko, site, 56};
    rows[4].statistic = STATISTIC_RATIO_OF_CHANGES;
    rows[4].changes = true;
    rows[4].since_d = 56;
    const Verdict *verdicts = read_rows(&store, rows, ARRAY_LENGTH(rows));
    assert_near("33 / 11", verdicts[0].estimate, 3.0, 1e-15, 0.0);
    assert_int_equal(verdicts[0].outcome, OUTCOME_AGREES);
    assert_string_equal(verdicts[0].note, "1 of 4 animals of 'ocy-RANKL-cKO' failed");
    assert_near("27 / 18", verdicts[1].estimate, 1.5, 1e-15, 0.0);
    assert_string_equal(verdicts[1].note,
                        "1 animal in a sample: no interval; 1 of 4 animals of 'ocy-RANKL-cKO' failed");
    assert_near("61 / 11", verdicts[2].estimate, 61.0 / 11.0, 1e-15, 0.0);
    assert_string_equal(verdicts[2].note, "2 of 4 animals of 'global-KO' are stored yet");
    assert_near("33 / 25", verdicts[3].estimate, 33.0 / 25.0, 1e-15, 0.0);
    assert_near("(33 - 25) / (11 - 21)", verdicts[4].estimate, -0.8, 1e-15, 0.0);
}

static void animals_of_one_cohort_are_compared_with_themselves(void **state)
{
    (void)state;
    Store store = full_store();
    ReferenceRow rows[] = {ratio_row("A", "littermate", "BV/TV", "distal-femur", 168)};
    rows[0].control.age_d = 56;
    const Verdict *verdicts = read_rows(&store, rows, 1);
    /* every animal's ratio lies from 10/20 to 12/22: drawn together, no resample leaves that */
    assert_true(verdicts[0].low95 >= 0.5 && verdicts[0].high95 <= 12.0 / 22.0);
}

static void what_the_run_does_not_hold_is_missing_with_its_reason(void **state)
{
    (void)state;
    Store store = full_store();
    const char *site = "distal-femur";
    const struct {
        const char *cohort, *metric, *site;
        double age_d;
        const char *reason;
    } cases[] = {
        {"littermat", "BV/TV", site, 168, "the run has no cohort 'littermat': did you mean 'littermate'?"},
        {"nobody", "BV/TV", site, 168, "the run has no cohort 'nobody'"},
        {"global-KO", "BV/TVV", site, 168, "the run has no metric 'BV/TVV': did you mean 'BV/TV'?"},
        {"global-KO", "BV/TV", "distal-femr", 168, "the run has no site 'distal-femr': did you mean 'distal-femur'?"},
        {"global-KO", "BV/TV", NULL, 168, "the run has 2 sites, name one of them: distal-femur, L3"},
        {"global-KO", "BV/TV", site, 70, "'BV/TV' of 'global-KO' is not measured at 10 wk, the nearest age is 8 wk"},
        {"global-KO", "Cp", site, 168, "'Cp' of 'global-KO' is not measured at 24 wk"},
        {"doomed", "BV/TV", site, 168, "all 4 animals of 'doomed' failed"},
        {"waiting", "BV/TV", site, 168, "no animal of 'waiting' is stored yet"},
        {"OPG-KO", "BV/TV", site, 168, "the model cannot express 'OPG-KO': 'Tnfrsf11b' is not a gene of the model 'a'"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        ReferenceRow row = ratio_row("A", cases[i].cohort, cases[i].metric, cases[i].site, cases[i].age_d);
        const Verdict *verdicts = read_rows(&store, &row, 1);
        assert_int_equal(verdicts[0].outcome, OUTCOME_MISSING);
        assert_string_equal(verdicts[0].reason, cases[i].reason);
    }
}

static void a_run_of_one_site_needs_no_site(void **state)
{
    (void)state;
    Store store = full_store();
    store.n_points = 2;
    ReferenceRow row = ratio_row("A", "ocy-RANKL-cKO", "BV/TV", NULL, 168);
    assert_int_equal(read_rows(&store, &row, 1)[0].outcome, OUTCOME_AGREES);
}

static void a_failing_store_leaves_results_untouched(void **state)
{
    (void)state;
    Store store = full_store();
    ReferenceRow row = ratio_row("KO-1", "ocy-RANKL-cKO", "BV/TV", "L3", 56);
    const Reference reference = {.name = "x", .rows = &row, .n_rows = 1};
    const Verdict *verdicts = NULL;
    Err err = {0};
    StoredRun run;
    assert_true(stored_run_read(arena, &store, 1, &run, &err));
    store.fails = true;
    assert_false(verdicts_read(&run, &reference, 1.0, &verdicts, &err));
    assert_null(verdicts);
    assert_int_equal(err.kind, ERR_STORE);
    assert_string_equal(err.text, "disk on fire: reading the values of row 'KO-1'");
}

static void a_run_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    Store store = full_store();
    StoredRun run = {.run = 17};
    Err err = {0};
    assert_false(stored_run_read(arena, &store, 7, &run, &err));
    assert_int_equal(run.run, 17);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.text, "the database has no run 7");
}

/* One of four failed, two are not stored yet: as long as the share that may be missing is as large, there is a verdict.
 * One of a cohort with none missing is judged by any share. */
static void a_cohort_that_lacks_too_many_animals_gets_no_verdict(void **state)
{
    (void)state;
    Store store = full_store();
    const char *site = "distal-femur", *ko = "ocy-RANKL-cKO", *half = "global-KO", *all = "littermate";
    const struct {
        const char *test, *control;
        double missing;
        const char *reason; /* NULL: judged */
    } cases[] = {
        {ko, all, 0.25, NULL},
        {ko, all, 0.24, "1 of 4 animals of 'ocy-RANKL-cKO' failed: no verdict when more than 24 % are missing"},
        {ko, all, 0.05, "1 of 4 animals of 'ocy-RANKL-cKO' failed: no verdict when more than 5 % are missing"},
        {all, ko, 0.05, "1 of 4 animals of 'ocy-RANKL-cKO' failed: no verdict when more than 5 % are missing"},
        {half, all, 0.5, NULL},
        {half, all, 0.4, "2 of 4 animals of 'global-KO' are stored yet: no verdict when more than 40 % are missing"},
        {all, all, 0.0, NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        ReferenceRow row = {.id = "A",
                            .metric = "BV/TV",
                            .statistic = STATISTIC_RATIO_OF_MEANS,
                            .test = {cases[i].test, site, 168},
                            .compares = true,
                            .control = {cases[i].control, site, 168},
                            .target = 3,
                            .low = 2.5,
                            .high = 3.5,
                            .cite = "x"};
        Reference reference = {.name = "osteopetrosis", .rows = &row, .n_rows = 1};
        const Verdict *verdicts = NULL;
        StoredRun run;
        Err err = {0};
        assert_true(stored_run_read(arena, &store, 1, &run, &err));
        assert_true(verdicts_read(&run, &reference, cases[i].missing, &verdicts, &err));
        assert_int_equal(verdicts[0].outcome == OUTCOME_MISSING, cases[i].reason != NULL);
        if (cases[i].reason != NULL)
            assert_string_equal(verdicts[0].reason, cases[i].reason);
        assert_int_equal(verdicts_pass(verdicts_count(verdicts, 1), false), verdicts[0].outcome == OUTCOME_AGREES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_from_the_cohort_site_and_age_of_each_row),
        cmocka_unit_test(animals_of_one_cohort_are_compared_with_themselves),
        cmocka_unit_test(what_the_run_does_not_hold_is_missing_with_its_reason),
        cmocka_unit_test(a_run_of_one_site_needs_no_site),
        cmocka_unit_test(a_failing_store_leaves_results_untouched),
        cmocka_unit_test(a_run_that_is_not_there_is_an_error),
        cmocka_unit_test(a_cohort_that_lacks_too_many_animals_gets_no_verdict),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
