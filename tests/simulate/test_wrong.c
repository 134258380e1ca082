/* SPDX-License-Identifier: Apache-2.0
 *
 * run: an animal whose numbers go wrong fails with a reason that names time, state and equation; those that share its
 * batch are what they are without it.
 *
 * Tolerance of the latter: the animals that are left choose their common steps anew, so that each differs by the errors
 * of both runs. Errors of one add up to about a hundred times rtol (run/run.h): 2e-7 at rtol 1e-9, of the value or of
 * the scale of the states (1). Measured: 9e-8.
 */
#include <string.h>

#include "support/near.h"

#include "support/lab.h"

#define MODELS "tests/cases/models"

static const double RTOL = 1e-9, MATES = 2 * 100 * 1e-9;

/* ---- Reasons ---- */

static const char *const WRONG = "experiment: e\nmodel: wrong\nanimals: 1\nmeasure: [1 day, 5 day, 40 day]\ncohorts:\n"
                                 "  well: {}\n"
                                 "  logarithm: {perturb: [{parameter: logarithm, value: 1}]}\n"
                                 "  quotient: {perturb: [{parameter: quotient, value: 0}]}\n"
                                 "  pole: {perturb: [{parameter: pole, value: 1}]}\n"
                                 "  growth: {perturb: [{parameter: growth, value: 1}]}\n"
                                 "  loss: {perturb: [{parameter: loss, value: 0.2 1/day}]}\n"
                                 "  hidden: {perturb: [{parameter: hidden, value: 2}]}\n"
                                 "  chatter: {perturb: [{parameter: chatter, value: 1 1/day}]}\n"
                                 "  spoils: {perturb: [{parameter: spoils, value: 1}]}\n"
                                 "  drains: {perturb: [{parameter: drains, value: 1}]}\n"
                                 "  binds: {perturb: [{parameter: binds, value: 1}]}\n"
                                 "  signal: {perturb: [{parameter: signal, value: 1}]}\n"
                                 "  potion: {treatments: [{drug: potion, dose: 1 mg, at: 2 day}]}\n";

/* Each begins with `start` and holds `end`: what stands between, and behind, the steps decide. */
static void a_reason_names_time_state_and_equation(void **state)
{
    (void)state;
    static const struct {
        const char *cohort, *start, *end;
    } rows[] = {
        {"logarithm", "infinity in the rate of 'C' at t = 6.93147 day: ",
         "'inner' is log(B - 20*logarithm*(1 - exp(-k*t))), with B = 10, logarithm = 1, k = 0.1, t = 6.93147"},
        {"quotient", "not a number in the initial value of 'B': ", "it is 10*quotient/quotient, with quotient = 0"},
        {"pole", "stuck at t = 10 day, the steps have become too small: worst in 'P': ",
         "its rate is pole*k/(20 - 2*k*t*10), with pole = 1, k = 0.1, t = 10"},
        {"growth", "stuck at t = 10 day, the steps have become too small: worst in 'X': ",
         "its rate is growth*k*X^2 - loss, with growth = 1, k = 0.1, X = "},
        {"loss", "'X' is -0.0", " day, and cannot be below 0: its rate is growth*k*X^2 - loss, with growth = 0, "},
        {"hidden", "not a number in the rate of 'M' at t = 5 day: ",
         "its rate is k*max(log(1 - k*t*hidden), 0), with k = 0.1, t = 5, hidden = 2"},
        {"chatter", "more than 501000 steps: stopped at t = ",
         " day on the way to t = 40 day: worst in 'Y': its rate is chatter*if(Y > 0, -1, 1), with chatter = 1, Y = "},
        {"spoils",
         "not a number in 'P' after the event at t = 3 day: ", "the event 'spoil' sets it to log(0 - spoils)"},
        {"drains", "'X' is -1 at t = 3 day, and cannot be below 0", ""},
        {"binds", "infinity in the rate of 'C' at t = 5 day: ",
         "the rate of the reaction 'binding' is k*log(1 - 2*binds*k*t), with k = 0.1, binds = 1, t = 5"},
        {"signal", "not a number in the rate of 'late.1' at t = 2.5 day: ",
         "what the chain delays is sqrt(1 - 4*signal*k*t), with signal = 1, k = 0.1, t = 2.5"},
        {"potion", "infinity in 'P' after the event at t = 2 day: ", "a dose of 'potion' does that"},
    };
    Lab lab = lab_open(WRONG, MODELS, RTOL);
    assert_null(lab_run(&lab, "well")->failure);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *failure = lab_run(&lab, rows[i].cohort)->failure;
        if (failure == NULL || strncmp(failure, rows[i].start, strlen(rows[i].start)) != 0 ||
            strstr(failure, rows[i].end) == NULL)
            fail_msg("%s: '%s'", rows[i].cohort, failure != NULL ? failure : "did not fail");
    }
    lab_close(&lab);
}

/* A phenotype that is none at an age says nothing against the animal: its states are numbers. */
static void a_phenotype_that_is_not_finite_is_absent_and_the_animal_succeeds(void **state)
{
    (void)state;
    Lab lab = lab_open(WRONG, MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "well");
    assert_true(isfinite(lab_value(&lab, animal, "C now", 5.0)));
    assert_true(isnan(lab_value(&lab, animal, "no number", 5.0)));
    assert_true(isnan(lab_value(&lab, animal, "infinity", 5.0)));
    assert_true(isnan(lab_reading(&lab, animal, "infinity", 5.0)));
    lab_close(&lab);
}

/* ---- Mates ---- */

static Lab poisoned(unsigned seed, double threshold, bool on)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    return lab_open(arena_print(arena,
                                "experiment: e\nmodel: poison\nanimals: 64\nseed: %u\n"
                                "measure: {from: 10 day, to: 100 day, every: 10 day}\ncohorts:\n"
                                "  a: {perturb: [{parameter: on, value: %d}, {parameter: thr, value: %g}]}\n",
                                seed, on, threshold),
                    MODELS, RTOL);
}

static double largest_difference(const Lab *lab, const Animal *a, const Animal *b)
{
    double most = 0.0;
    assert_int_equal(a->n_series, b->n_series);
    assert_int_equal(a->n_series, lab->system->n_outputs);
    for (size_t i = 0; i < a->n_series; i++)
        for (size_t k = 0; k < a->series[i].n; k++) {
            double x = a->series[i].values[k], y = b->series[i].values[k];
            most = fmax(most, fabs(x - y) / fmax(fabs(y), 1.0));
        }
    return most;
}

static void failing_animals_do_not_change_the_others_of_their_batch(void **state)
{
    (void)state;
    static const struct {
        unsigned seed;
        double threshold;
        size_t least, most; /* that fail */
    } rows[] = {{5, 0.98, 1, 1},  {7, 0.98, 1, 1},  {14, 0.98, 1, 1},
                {24, 0.98, 7, 7}, {5, 0.5, 20, 44}, {5, -0.5, 64, 64}};
    double worst = 0.0;
    for (size_t row = 0; row < ARRAY_LENGTH(rows); row++) {
        Lab ill = poisoned(rows[row].seed, rows[row].threshold, true);
        Lab well = poisoned(rows[row].seed, rows[row].threshold, false);
        const Animal *with = lab_run(&ill, "a"), *without = lab_run(&well, "a");
        size_t n_failed = 0;
        for (size_t i = 0; i < 64; i++) {
            assert_null(without[i].failure);
            n_failed += with[i].failure != NULL;
            if (with[i].failure == NULL)
                worst = fmax(worst, largest_difference(&ill, &with[i], &without[i]));
            else
                assert_non_null(
                    strstr(with[i].failure, ": 'ill' is log(1 - on*exp(400*(u - thr))*t*day_), with on = 1"));
        }
        if (n_failed < rows[row].least || n_failed > rows[row].most)
            fail_msg("seed %u: %zu failed", rows[row].seed, n_failed);
        lab_close(&ill);
        lab_close(&well);
    }
    print_message("# they differ by %.2g at most\n", worst);
    assert_true(worst > 0.0 && worst <= MATES);
}

static void a_batch_with_animals_that_fail_has_the_same_bits_each_time(void **state)
{
    (void)state;
    Lab lab = poisoned(24, 0.98, true);
    const Animal *one = lab_run(&lab, "a"), *two = lab_run(&lab, "a");
    for (size_t i = 0; i < 64; i++) {
        if (one[i].failure != NULL) {
            assert_string_equal(one[i].failure, two[i].failure);
            continue;
        }
        for (size_t k = 0; k < one[i].n_series; k++)
            assert_memory_equal(one[i].series[k].values, two[i].series[k].values, one[i].series[k].n * sizeof(double));
    }
    lab_close(&lab);
}

/* ---- Limits ---- */

#define ENDLESS "experiment: e\nmodel: endless\nanimals: 12\nmeasure: [900 day]\ncohorts: {a: {}}\n"

/* Hours of steps: the first integration ends, then that of the animal that is blamed, and so on; those that are left
 * when four times the limit are over are not begun. */
static void an_animal_that_takes_too_long_fails_and_its_batch_ends(void **state)
{
    (void)state;
    Lab lab = lab_open(ENDLESS, MODELS, RTOL);
    worker_limit(lab.worker, 0.05, NULL);
    const Animal *animals = lab_run(&lab, "a");
    size_t n_late = 0, n_not_begun = 0;
    for (size_t i = 0; i < 12; i++) {
        const char *failure = animals[i].failure;
        assert_non_null(failure);
        assert_non_null(
            strstr(failure, ": a limit of time, not of the model: it may get further when it is run again"));
        n_late += strncmp(failure, "not done after 0.0", 18) == 0; /* 0.05, or what is left of 0.2 */
        n_not_begun += strncmp(failure, "not begun: the animals of its batch took more than 0.2 s", 56) == 0;
    }
    assert_true(n_not_begun >= 1);
    assert_int_equal(n_late + n_not_begun, 12);
    lab_close(&lab);
}

static void a_batch_that_is_stopped_has_no_result_and_leaves_no_trace(void **state)
{
    (void)state;
    Stop stop = 1;
    Lab lab = poisoned(5, 0.98, true), fresh = poisoned(5, 0.98, true);
    worker_limit(lab.worker, 600.0, &stop);
    assert_null(worker_run(lab.arena, lab.worker, (AnimalRange){0, 0, 64}));
    stop = 0;
    const Animal *after = lab_run(&lab, "a"), *want = lab_run(&fresh, "a");
    for (size_t i = 0; i < 64; i++)
        assert_true(after[i].failure != NULL ? want[i].failure != NULL
                                             : !(largest_difference(&lab, &after[i], &want[i]) > 0.0));
    lab_close(&lab);
    lab_close(&fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reason_names_time_state_and_equation),
        cmocka_unit_test(a_phenotype_that_is_not_finite_is_absent_and_the_animal_succeeds),
        cmocka_unit_test(failing_animals_do_not_change_the_others_of_their_batch),
        cmocka_unit_test(a_batch_with_animals_that_fail_has_the_same_bits_each_time),
        cmocka_unit_test(an_animal_that_takes_too_long_fails_and_its_batch_ends),
        cmocka_unit_test(a_batch_that_is_stopped_has_no_result_and_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
