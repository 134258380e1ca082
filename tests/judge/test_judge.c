/* SPDX-License-Identifier: Apache-2.0
 *
 * Estimates are worked out by hand beside each row. The bootstrap is checked by what it promises: how often its
 * interval holds the true mean. The percentile interval of a mean of 20 normal values covers about 93 % (it lacks
 * Student's factor and n/(n-1)); 300 experiments give that to within 1.5 %, so 90 to 98 % is a bound that only a fault
 * breaks.
 */
#include <string.h>

#include "judge/judge.h"
#include "support/arena.h"
#include "support/near.h"

static const double CONTROL[] = {1, 2, 3}, TEST[] = {2, 4, 6}, ZEROS[] = {0, 0, 0}, ONES[] = {1, 1, 1};
static const double SINCE[] = {1, 1, 1}, CONTROL_SINCE[] = {0, 1, 2}, MIXED[] = {0, 1, 1}, SPARSE[] = {0, 0, 3};
static const double SPREAD[] = {-3, 1, 5};

#define SAMPLE(array) ((JudgeSample){(array), ARRAY_LENGTH(array)})

static ReferenceRow row_of(Statistic statistic, double low, double high)
{
    return (ReferenceRow){.id = "T-01",
                          .metric = "BV/TV",
                          .statistic = statistic,
                          .test = {.cohort = "KO"},
                          .control = {.cohort = "WT"},
                          .compares = statistic != STATISTIC_MEAN && statistic != STATISTIC_CV &&
                                      statistic != STATISTIC_PRESENT && statistic != STATISTIC_ABSENT,
                          .changes = statistic == STATISTIC_RATIO_OF_CHANGES,
                          .low = low,
                          .high = high};
}

static void each_statistic_has_the_estimate_worked_out_by_hand(void **state)
{
    (void)state;
    const JudgeInput input = {SAMPLE(TEST), SAMPLE(CONTROL), SAMPLE(SINCE), SAMPLE(CONTROL_SINCE), false};
    const JudgeInput traits = {.test = SAMPLE(MIXED)};
    const struct {
        const char *name;
        Statistic statistic;
        const JudgeInput *input;
        double estimate;
        size_t n_control;
    } rows[] = {
        {"4 / 2", STATISTIC_RATIO_OF_MEANS, &input, 2.0, 3},
        {"4 - 2", STATISTIC_DIFFERENCE, &input, 2.0, 3},
        {"(2 + 4 + 6) / 3", STATISTIC_MEAN, &input, 4.0, 0},
        {"sqrt((4 + 0 + 4) / 2) / 4", STATISTIC_CV, &input, 0.5, 0},
        {"4 - 2 again", STATISTIC_SIGN, &input, 2.0, 3},
        {"mean(1, 3, 5) / mean(1, 1, 1)", STATISTIC_RATIO_OF_CHANGES, &input, 3.0, 3},
        {"2 of 3 present", STATISTIC_PRESENT, &traits, 2.0 / 3.0, 0},
        {"2 of 3 not absent", STATISTIC_ABSENT, &traits, 2.0 / 3.0, 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ReferenceRow row = row_of(rows[i].statistic, -100.0, 100.0);
        Verdict verdict = judge_row(arena, &row, rows[i].input);
        assert_near(rows[i].name, verdict.estimate, rows[i].estimate, 1e-15, 0.0);
        assert_int_equal(verdict.n, 3);
        assert_int_equal(verdict.n_control, rows[i].n_control);
        assert_null(verdict.reason);
        assert_ptr_equal(verdict.row, &row);
    }
}

static void the_outcome_follows_the_band(void **state)
{
    (void)state;
    static const double SAME[] = {2, 2, 2};
    const struct {
        double low, high;
        Outcome outcome;
    } rows[] = {{1.5, 2.5, OUTCOME_AGREES},
                {2.0, 2.5, OUTCOME_AGREES},
                {1.5, 2.0, OUTCOME_AGREES},
                {2.1, 2.5, OUTCOME_DIFFERS},
                {1.0, 1.9, OUTCOME_DIFFERS}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ReferenceRow row = row_of(STATISTIC_RATIO_OF_MEANS, rows[i].low, rows[i].high);
        JudgeInput input = {.test = SAMPLE(SAME), .control = SAMPLE(ONES)};
        Verdict verdict = judge_row(arena, &row, &input);
        assert_int_equal(verdict.outcome, rows[i].outcome);
        assert_false(verdict.uncertain);
        assert_near("low", verdict.low95, 2.0, 0.0, 0.0);
        assert_near("high", verdict.high95, 2.0, 0.0, 0.0);
    }
}

static void an_interval_that_leaves_the_band_makes_agreement_uncertain(void **state)
{
    (void)state;
    JudgeInput input = {.test = SAMPLE(TEST)};
    ReferenceRow wide = row_of(STATISTIC_MEAN, 0.0, 8.0), narrow = row_of(STATISTIC_MEAN, 3.5, 4.5);
    ReferenceRow outside = row_of(STATISTIC_MEAN, 4.5, 5.0);
    assert_false(judge_row(arena, &wide, &input).uncertain);
    assert_true(judge_row(arena, &narrow, &input).uncertain);
    assert_int_equal(judge_row(arena, &narrow, &input).outcome, OUTCOME_AGREES);
    assert_false(judge_row(arena, &outside, &input).uncertain);
}

static void a_sign_is_judged_by_the_difference(void **state)
{
    (void)state;
    const struct {
        const char *name;
        JudgeSample test, control;
        Sign sign;
        Outcome outcome;
        bool uncertain;
    } rows[] = {
        {"clear rise", SAMPLE(ONES), SAMPLE(ZEROS), SIGN_POSITIVE, OUTCOME_AGREES, false},
        {"clear rise, fall expected", SAMPLE(ONES), SAMPLE(ZEROS), SIGN_NEGATIVE, OUTCOME_DIFFERS, false},
        {"clear fall", SAMPLE(ZEROS), SAMPLE(ONES), SIGN_NEGATIVE, OUTCOME_AGREES, false},
        {"rise within the noise", SAMPLE(SPREAD), SAMPLE(ZEROS), SIGN_POSITIVE, OUTCOME_AGREES, true},
        {"no difference", SAMPLE(ZEROS), SAMPLE(ZEROS), SIGN_POSITIVE, OUTCOME_DIFFERS, false},
        {"zero within the noise", SAMPLE(SPREAD), SAMPLE(ZEROS), SIGN_ZERO, OUTCOME_AGREES, false},
        {"zero expected, clear rise", SAMPLE(ONES), SAMPLE(ZEROS), SIGN_ZERO, OUTCOME_DIFFERS, false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ReferenceRow row = row_of(STATISTIC_SIGN, 0.0, 0.0);
        row.sign = rows[i].sign;
        JudgeInput input = {.test = rows[i].test, .control = rows[i].control};
        Verdict verdict = judge_row(arena, &row, &input);
        if (verdict.outcome != rows[i].outcome || verdict.uncertain != rows[i].uncertain)
            fail_msg("%s: %s, uncertain %d", rows[i].name, outcome_name(verdict.outcome), verdict.uncertain);
    }
}

static void presence_needs_more_than_half_and_certainty_all(void **state)
{
    (void)state;
    static const double HALF[] = {0, 1}, FEW[] = {0, 0, 0, 1}, ALONE[] = {1};
    const struct {
        const char *name;
        Statistic statistic;
        JudgeSample sample;
        Outcome outcome;
        bool uncertain;
    } rows[] = {
        {"all present", STATISTIC_PRESENT, SAMPLE(ONES), OUTCOME_AGREES, false},
        {"most present", STATISTIC_PRESENT, SAMPLE(MIXED), OUTCOME_AGREES, true},
        {"half present", STATISTIC_PRESENT, SAMPLE(HALF), OUTCOME_DIFFERS, false},
        {"few present", STATISTIC_PRESENT, SAMPLE(FEW), OUTCOME_DIFFERS, false},
        {"one animal", STATISTIC_PRESENT, SAMPLE(ALONE), OUTCOME_AGREES, false},
        {"all absent", STATISTIC_ABSENT, SAMPLE(ZEROS), OUTCOME_AGREES, false},
        {"most absent", STATISTIC_ABSENT, SAMPLE(FEW), OUTCOME_AGREES, true},
        {"half absent", STATISTIC_ABSENT, SAMPLE(HALF), OUTCOME_DIFFERS, false},
        {"most present, absent expected", STATISTIC_ABSENT, SAMPLE(MIXED), OUTCOME_DIFFERS, false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ReferenceRow row = row_of(rows[i].statistic, 0.0, 0.0);
        JudgeInput input = {.test = rows[i].sample};
        Verdict verdict = judge_row(arena, &row, &input);
        if (verdict.outcome != rows[i].outcome || verdict.uncertain != rows[i].uncertain)
            fail_msg("%s: %s, uncertain %d", rows[i].name, outcome_name(verdict.outcome), verdict.uncertain);
    }
}

static void one_animal_has_an_estimate_but_no_interval(void **state)
{
    (void)state;
    static const double ALONE[] = {4};
    ReferenceRow row = row_of(STATISTIC_RATIO_OF_MEANS, 1.0, 3.0);
    JudgeInput input = {.test = SAMPLE(ALONE), .control = SAMPLE(CONTROL)};
    Verdict verdict = judge_row(arena, &row, &input);
    assert_int_equal(verdict.outcome, OUTCOME_AGREES);
    assert_false(verdict.uncertain);
    assert_near("estimate", verdict.estimate, 2.0, 0.0, 0.0);
    assert_true(isnan(verdict.low95) && isnan(verdict.high95));
    assert_string_equal(verdict.note, "1 animal in a sample: no interval");

    row = row_of(STATISTIC_SIGN, 0.0, 0.0);
    row.sign = SIGN_ZERO;
    verdict = judge_row(arena, &row, &input);
    assert_int_equal(verdict.outcome, OUTCOME_MISSING);
    assert_string_equal(verdict.reason, "an expected sign of zero needs an interval: 2 animals or more");
    assert_int_equal(verdict.n, 1);
    input.control = SAMPLE(ALONE);
    assert_int_equal(judge_row(arena, &row, &input).outcome, OUTCOME_AGREES);
}

static void a_row_that_cannot_be_judged_is_missing_with_a_reason(void **state)
{
    (void)state;
    static const double HOLE[] = {1, (double)NAN, 3}, ENDLESS[] = {1, HUGE_VAL}, PAIR[] = {1, 2}, ALONE[] = {1};
    const JudgeSample none = {NULL, 0};
    const struct {
        Statistic statistic;
        JudgeInput input;
        const char *reason;
    } rows[] = {
        {STATISTIC_MEAN, {.test = none}, "'KO' has no values of 'BV/TV'"},
        {STATISTIC_DIFFERENCE, {.test = SAMPLE(TEST), .control = none}, "'WT' has no values of 'BV/TV'"},
        {STATISTIC_MEAN, {.test = SAMPLE(HOLE)}, "a value of 'BV/TV' in 'KO' is not a finite number"},
        {STATISTIC_DIFFERENCE,
         {.test = SAMPLE(TEST), .control = SAMPLE(ENDLESS)},
         "a value of 'BV/TV' in 'WT' is not a finite number"},
        {STATISTIC_RATIO_OF_MEANS,
         {.test = SAMPLE(TEST), .control = SAMPLE(ZEROS)},
         "the mean of 'BV/TV' in 'WT' is 0: no ratio"},
        {STATISTIC_CV, {.test = SAMPLE(ZEROS)}, "the mean of 'BV/TV' in 'KO' is 0: no ratio"},
        {STATISTIC_CV, {.test = SAMPLE(ALONE)}, "a cv needs 2 animals or more, 'KO' has 1"},
        {STATISTIC_RATIO_OF_CHANGES,
         {SAMPLE(TEST), SAMPLE(CONTROL), SAMPLE(SINCE), SAMPLE(CONTROL), false},
         "the mean change of 'BV/TV' in 'WT' is 0: no ratio"},
        {STATISTIC_RATIO_OF_CHANGES,
         {SAMPLE(TEST), SAMPLE(CONTROL), SAMPLE(PAIR), SAMPLE(CONTROL_SINCE), false},
         "'KO' has 3 animals at 'at' and 2 at 'since'"},
        {STATISTIC_RATIO_OF_CHANGES,
         {SAMPLE(TEST), SAMPLE(CONTROL), SAMPLE(SINCE), none, false},
         "'WT' has no values of 'BV/TV'"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ReferenceRow row = row_of(rows[i].statistic, -100.0, 100.0);
        Verdict verdict = judge_row(arena, &row, &rows[i].input);
        assert_int_equal(verdict.outcome, OUTCOME_MISSING);
        assert_string_equal(verdict.reason, rows[i].reason);
        assert_true(isnan(verdict.estimate) && isnan(verdict.low95) && isnan(verdict.high95));
        assert_false(verdict.uncertain);
    }
}

static void a_resample_without_an_estimate_leaves_no_interval(void **state)
{
    (void)state;
    ReferenceRow row = row_of(STATISTIC_RATIO_OF_MEANS, 3.0, 5.0);
    JudgeInput input = {.test = SAMPLE(TEST), .control = SAMPLE(SPARSE)};
    Verdict verdict = judge_row(arena, &row, &input);
    assert_near("4 / 1", verdict.estimate, 4.0, 0.0, 0.0);
    assert_int_equal(verdict.outcome, OUTCOME_AGREES);
    assert_true(verdict.uncertain);
    assert_true(isnan(verdict.low95));
    assert_string_equal(verdict.note, "no interval: some resamples have a denominator of 0");
}

static void the_same_animals_are_drawn_together(void **state)
{
    (void)state;
    ReferenceRow row = row_of(STATISTIC_RATIO_OF_MEANS, 0.0, 9.0);
    JudgeInput input = {.test = SAMPLE(TEST), .control = SAMPLE(CONTROL), .same_animals = true};
    Verdict together = judge_row(arena, &row, &input);
    assert_near("every animal doubles", together.low95, 2.0, 1e-15, 0.0);
    assert_near("every animal doubles", together.high95, 2.0, 1e-15, 0.0);
    input.same_animals = false;
    Verdict apart = judge_row(arena, &row, &input);
    assert_true(apart.low95 < 1.9 && apart.high95 > 2.1);
}

enum { EXPERIMENTS = 300, ANIMALS = 20 };

static void the_interval_of_a_mean_covers_it_as_often_as_it_should(void **state)
{
    (void)state;
    const RngKey seed = rng_key(20111);
    size_t covered = 0;
    for (size_t experiment = 0; experiment < EXPERIMENTS; experiment++) {
        double values[ANIMALS];
        for (size_t i = 0; i < ANIMALS; i++)
            values[i] = 10.0 + 2.0 * rng_normal(seed, experiment * ANIMALS + i);
        ReferenceRow row = row_of(STATISTIC_MEAN, 0.0, 20.0);
        row.id = arena_print(arena, "experiment %zu", experiment);
        Verdict verdict = judge_row(arena, &row, &(JudgeInput){.test = SAMPLE(values)});
        assert_true(verdict.low95 < verdict.estimate && verdict.estimate < verdict.high95);
        covered += verdict.low95 <= 10.0 && verdict.high95 >= 10.0;
    }
    if (covered < EXPERIMENTS * 90 / 100 || covered > EXPERIMENTS * 98 / 100)
        fail_msg("%zu of %d intervals hold the true mean", covered, EXPERIMENTS);
}

static void assert_same_bits(Verdict a, Verdict b)
{
    assert_memory_equal(&a.estimate, &b.estimate, sizeof a.estimate);
    assert_memory_equal(&a.low95, &b.low95, sizeof a.low95);
    assert_memory_equal(&a.high95, &b.high95, sizeof a.high95);
}

static void a_verdict_depends_on_its_row_and_values_alone(void **state)
{
    (void)state;
    enum { ROWS = 5 };
    ReferenceRow rows[ROWS];
    Verdict forward[ROWS], backward[ROWS];
    JudgeInput input = {.test = SAMPLE(TEST), .control = SAMPLE(CONTROL)};
    for (size_t i = 0; i < ROWS; i++) {
        rows[i] = row_of(STATISTIC_DIFFERENCE, 0.0, 4.0);
        rows[i].id = arena_print(arena, "R-%zu", i);
        forward[i] = judge_row(arena, &rows[i], &input);
    }
    for (size_t i = ROWS; i-- > 0;)
        backward[i] = judge_row(arena, &rows[i], &input);
    for (size_t i = 0; i < ROWS; i++)
        assert_same_bits(forward[i], backward[i]);
}

static void rows_draw_their_own_resamples(void **state)
{
    (void)state;
    double values[ANIMALS];
    for (size_t i = 0; i < ANIMALS; i++)
        values[i] = rng_normal(rng_key(7), i);
    ReferenceRow a = row_of(STATISTIC_MEAN, 0.0, 4.0), b = a;
    b.id = "T-02";
    JudgeInput input = {.test = SAMPLE(values)};
    Verdict of_a = judge_row(arena, &a, &input), of_b = judge_row(arena, &b, &input);
    assert_memory_not_equal(&of_a.low95, &of_b.low95, sizeof of_a.low95);
    assert_near("the same interval, but for the draw", of_a.low95, of_b.low95, 0.0, 0.05);
}

static void an_id_of_any_length_is_judged(void **state)
{
    (void)state;
    char id[2000];
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    ReferenceRow row = row_of(STATISTIC_MEAN, 0.0, 8.0);
    row.id = id;
    assert_int_equal(judge_row(arena, &row, &(JudgeInput){.test = SAMPLE(TEST)}).outcome, OUTCOME_AGREES);
}

static void a_known_difference_is_not_counted_as_a_new_one(void **state)
{
    (void)state;
    static const double values[] = {2.0};
    JudgeInput input = {.test = {values, 1}};
    ReferenceRow differs = row_of(STATISTIC_MEAN, 5.0, 8.0), agrees = row_of(STATISTIC_MEAN, 1.0, 3.0);
    differs.known = agrees.known = "the drug acts too fast";
    Verdict verdict = judge_row(arena, &differs, &input);
    assert_int_equal(verdict.outcome, OUTCOME_KNOWN);
    assert_string_equal(verdict.note, "known to differ: the drug acts too fast; 1 animal in a sample: no interval");
    verdict = judge_row(arena, &agrees, &input);
    assert_int_equal(verdict.outcome, OUTCOME_AGREES);
    assert_string_equal(verdict.note, "it agrees, although it is known to differ: take 'known' out of the row");
    assert_int_equal(judge_row(arena, &differs, &(JudgeInput){0}).outcome, OUTCOME_MISSING);
}

static void counts_decide_whether_a_reference_passes(void **state)
{
    (void)state;
    const Verdict verdicts[] = {{.outcome = OUTCOME_AGREES},
                                {.outcome = OUTCOME_AGREES, .uncertain = true},
                                {.outcome = OUTCOME_DIFFERS},
                                {.outcome = OUTCOME_MISSING},
                                {.outcome = OUTCOME_KNOWN}};
    VerdictCount count = verdicts_count(verdicts, ARRAY_LENGTH(verdicts));
    assert_int_equal(count.n_agree, 2);
    assert_int_equal(count.n_uncertain, 1);
    assert_int_equal(count.n_differ, 1);
    assert_int_equal(count.n_missing, 1);
    assert_int_equal(count.n_known, 1);
    assert_true(verdicts_pass(verdicts_count(verdicts + 4, 1), false));
    assert_false(verdicts_pass(verdicts_count(verdicts + 4, 1), true));
    assert_false(verdicts_pass(count, false));
    assert_true(verdicts_pass(verdicts_count(verdicts, 1), true));
    assert_true(verdicts_pass(verdicts_count(verdicts, 2), false));
    assert_false(verdicts_pass(verdicts_count(verdicts, 2), true));
    assert_false(verdicts_pass(verdicts_count(verdicts + 3, 1), false));
    assert_true(verdicts_pass(verdicts_count(NULL, 0), true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_statistic_has_the_estimate_worked_out_by_hand),
        cmocka_unit_test(the_outcome_follows_the_band),
        cmocka_unit_test(an_interval_that_leaves_the_band_makes_agreement_uncertain),
        cmocka_unit_test(a_sign_is_judged_by_the_difference),
        cmocka_unit_test(presence_needs_more_than_half_and_certainty_all),
        cmocka_unit_test(one_animal_has_an_estimate_but_no_interval),
        cmocka_unit_test(a_row_that_cannot_be_judged_is_missing_with_a_reason),
        cmocka_unit_test(a_resample_without_an_estimate_leaves_no_interval),
        cmocka_unit_test(the_same_animals_are_drawn_together),
        cmocka_unit_test(the_interval_of_a_mean_covers_it_as_often_as_it_should),
        cmocka_unit_test(a_verdict_depends_on_its_row_and_values_alone),
        cmocka_unit_test(rows_draw_their_own_resamples),
        cmocka_unit_test(an_id_of_any_length_is_judged),
        cmocka_unit_test(a_known_difference_is_not_counted_as_a_new_one),
        cmocka_unit_test(counts_decide_whether_a_reference_passes),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
