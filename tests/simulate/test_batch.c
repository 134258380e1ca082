/* SPDX-License-Identifier: Apache-2.0
 *
 * Experiments on the smallest model (tests/cases/models/tiny.yaml), whose solution is known:
 *
 *   d bone / dt = k_in E k - k_out bone,  bone(0) = 2;  k = k_gene + k_liver, k_in = 1 mg/day, k_out = 0.1 /day
 *   bone(t) = s + (bone(t0) - s) exp(-k_out (t - t0)),  s = k_in E k / k_out
 *
 * Tolerance: rtol 1e-10 of the integrator, and a hundredfold for what errors add up to over a run: 1e-8.
 */
#include <string.h>

#include "support/near.h"

#include "support/lab.h"

#include "simulate/trial.h"

#define HEAD                                                                                                           \
    "experiment: e\nmodel: tiny\nvariability: no\nanimals: 1\nmeasure: [0 day, 5 day, 10 day, 20 day, 40 day]\n"
#define MODELS "tests/cases/models"

static const double RTOL = 1e-10, NEAR = 1e-8;

static double relax(double from, double to, double rate, double time)
{
    return to + (from - to) * exp(-rate * time);
}

static double bone_at(Lab *lab, const char *cohort, double age_d)
{
    return lab_value(lab, lab_run(lab, cohort), "BV/TV", age_d);
}

static void the_wild_type_relaxes_to_its_steady_state(void **state)
{
    (void)state;
    Lab lab = lab_open(HEAD "cohorts: {wt: {}}\n", MODELS, RTOL);
    assert_near("start", bone_at(&lab, "wt", 0.0), 2.0, 0.0, 0.0);
    assert_near("5 d", bone_at(&lab, "wt", 5.0), relax(2.0, 10.0, 0.1, 5.0), NEAR, 0.0);
    assert_near("40 d", bone_at(&lab, "wt", 40.0), relax(2.0, 10.0, 0.1, 40.0), NEAR, 0.0);
    lab_close(&lab);
}

static void genotypes_scale_the_source_at_their_site(void **state)
{
    (void)state;
    static const struct {
        const char *cohort;
        double k;
    } rows[] = {{"het", 0.5},     {"null", 0.0},  {"floxed", 1.0}, {"cKO", 0.2},        {"cKO-del", 0.1}, {"Tg", 10.0},
                {"Tg-null", 9.0}, {"ideal", 0.0}, {"part", 0.75},  {"part-het", 0.375}, {"Tg-all", 3.0}};
    Lab lab = lab_open(HEAD "cohorts:\n"
                            "  het: {genotype: {Tnfsf11: +/-}}\n"
                            "  null: {genotype: {Tnfsf11: -/-}}\n"
                            "  floxed: {genotype: {Tnfsf11: fl/fl}}\n"
                            "  cKO: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre}}\n"
                            "  cKO-del: {genotype: {Tnfsf11: fl/-, cre: Dmp1-Cre}}\n"
                            "  Tg: {genotype: {Tnfsf11: {overexpress: 10, in: liver}}}\n"
                            "  Tg-null: {genotype: {Tnfsf11: {alleles: -/-, overexpress: 10, in: liver}}}\n"
                            "  ideal: {genotype: {Tnfsf11: {delete: 1, in: osteocyte}}}\n"
                            "  part: {genotype: {Tnfsf11: {delete: 0.25, in: [osteocyte, liver]}}}\n"
                            "  part-het: {genotype: {Tnfsf11: {alleles: +/-, delete: 0.25, in: all}}}\n"
                            "  Tg-all: {genotype: {Tnfsf11: {overexpress: 3, in: all}}}\n",
                       MODELS, RTOL);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_near(rows[i].cohort, bone_at(&lab, rows[i].cohort, 20.0), relax(2.0, 10.0 * rows[i].k, 0.1, 20.0), NEAR,
                    0.0);
    lab_close(&lab);
}

/* On lanes side by side, each is what an animal with these parameters is; alone, to the bit. */
static void a_trial_gives_the_same_values_as_an_animal_with_its_parameters(void **state)
{
    (void)state;
    Lab lab = lab_open(HEAD "cohorts: {cKO: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre}}}\n", MODELS, RTOL);
    const Model *model = lab.plan->model;
    size_t n_times = lab.plan->n_times, n = lab.system->n_outputs, bone = lab_output(&lab, "BV/TV");
    double vectors[2][16];
    const double *given[] = {vectors[0], vectors[1]};
    const TrialOptions options = {.rtol = RTOL};
    Trial trial = {.plan = lab.plan, .system = lab.system, .vectors = given};
    Err err = {0};
    trial.outputs = NEW_LANES(lab.arena, n_times * n * TRIAL_LANES);
    assert_true(model->n_parameters <= 16);
    for (size_t i = 0; i < model->n_parameters; i++)
        vectors[0][i] = vectors[1][i] = model->parameters[i].value;
    vectors[1][model_find_parameter(model, "k_in")] = 2.0;

    trial.n_vectors = 1;
    assert_true(trial_run(&trial, &options, &err) && trial.ran && !trial.failed);
    double same = bone_at(&lab, "cKO", 20.0);
    assert_memory_equal(&trial.outputs[(3 * n + bone) * TRIAL_LANES], &same, sizeof same);
    trial.n_vectors = 2;
    assert_true(trial_run(&trial, &options, &err) && !trial.failed);
    assert_near("as it is", trial.outputs[(3 * n + bone) * TRIAL_LANES], relax(2.0, 2.0, 0.1, 20.0), NEAR, 0.0);
    assert_near("twice the source", trial.outputs[(3 * n + bone) * TRIAL_LANES + 1], relax(2.0, 4.0, 0.1, 20.0), NEAR,
                0.0);
    lab_close(&lab);
}

static void an_inducible_driver_acts_from_its_induction_on(void **state)
{
    (void)state;
    Lab lab = lab_open(HEAD "cohorts: {cKO: {genotype: {Tnfsf11: fl/fl, cre: Sost-CreERT2, induce: 10 day}}}\n", MODELS,
                       RTOL);
    double before = relax(2.0, 10.0, 0.1, 10.0);
    assert_near("at induction", bone_at(&lab, "cKO", 10.0), before, NEAR, 0.0);
    assert_near("10 d later", bone_at(&lab, "cKO", 20.0), relax(before, 5.0, 0.1, 10.0), NEAR, 0.0);
    lab_close(&lab);
}

static void doses_are_given_once_repeatedly_and_slowly(void **state)
{
    (void)state;
    Lab lab = lab_open(
        HEAD "cohorts:\n"
             "  once: {treatments: [{drug: OYC1, dose: 3 mg, at: 5 day}]}\n"
             "  grams: {treatments: [{drug: OYC1, dose: 0.003 g, at: 5 day}]}\n"
             "  at-start: {treatments: [{drug: OYC1, dose: 3 mg, at: 0 day}]}\n"
             "  thrice: {treatments: [{drug: OYC1, dose: 1 mg, from: 5 day, every: 5 day, times: 3}]}\n"
             "  until: {treatments: [{drug: OYC1, dose: 1 mg, from: 5 day, every: 5 day, until: 15 day}]}\n"
             "  tenths: {treatments: [{drug: OYC1, dose: 1 mg, from: 0 day, every: 0.1 day, until: 0.3 day}]}\n"
             "  slowly: {treatments: [{drug: OYC1, dose: 4 mg, at: 10 day, over: 10 day}]}\n"
             "  rate: {treatments: [{drug: OYC1, rate: 0.4 mg/day, from: 10 day, until: 20 day}]}\n",
        MODELS, RTOL);
    double wt5 = relax(2.0, 10.0, 0.1, 5.0), wt10 = relax(2.0, 10.0, 0.1, 10.0), wt20 = relax(2.0, 10.0, 0.1, 20.0);
    assert_near("just after the dose", bone_at(&lab, "once", 5.0), wt5 + 3.0, NEAR, 0.0);
    assert_near("15 d later", bone_at(&lab, "once", 20.0), wt20 + 3.0 * exp(-1.5), NEAR, 0.0);
    assert_near("grams", bone_at(&lab, "grams", 20.0), wt20 + 3.0 * exp(-1.5), NEAR, 0.0);
    assert_near("at the start", bone_at(&lab, "at-start", 0.0), 5.0, NEAR, 0.0);
    double three = exp(-1.5) + exp(-1.0) + exp(-0.5);
    assert_near("three doses", bone_at(&lab, "thrice", 20.0), wt20 + three, NEAR, 0.0);
    assert_near("until counts the last", bone_at(&lab, "until", 20.0), wt20 + three, NEAR, 0.0);
    assert_int_equal(lab.plan->cohorts[lab_cohort(&lab, "tenths")].n_doses, 4); /* 3 * 0.1 is 0.30000000000000004 */
    double infused = relax(wt10, 14.0, 0.1, 10.0);
    assert_near("infused", bone_at(&lab, "slowly", 20.0), infused, NEAR, 0.0);
    assert_near("given as a rate", bone_at(&lab, "rate", 20.0), infused, NEAR, 0.0);
    assert_near("after the infusion", bone_at(&lab, "slowly", 40.0), relax(infused, 10.0, 0.1, 20.0), NEAR, 0.0);
    lab_close(&lab);
}

static void perturbations_act_within_their_window(void **state)
{
    (void)state;
    Lab lab = lab_open(HEAD "cohorts:\n"
                            "  forced: {perturb: [{parameter: k_in, value: 2 mg/day, from: 5 day, until: 10 day}]}\n"
                            "  scaled: {perturb: [{parameter: k_in, value: x2, from: 5 day, until: 10 day}]}\n"
                            "  hours: {perturb: [{parameter: k_out, value: 0.0125 1/hour}]}\n",
                       MODELS, RTOL);
    double at10 = relax(relax(2.0, 10.0, 0.1, 5.0), 20.0, 0.1, 5.0);
    assert_near("forced", bone_at(&lab, "forced", 10.0), at10, NEAR, 0.0);
    assert_near("released", bone_at(&lab, "forced", 20.0), relax(at10, 10.0, 0.1, 10.0), NEAR, 0.0);
    assert_near("scaled", bone_at(&lab, "scaled", 20.0), relax(at10, 10.0, 0.1, 10.0), NEAR, 0.0);
    assert_near("in hours", bone_at(&lab, "hours", 5.0), relax(2.0, 1.0 / 0.3, 0.3, 5.0), NEAR, 0.0);
    lab_close(&lab);
}

/* E(t) = 0.05 + 0.95 exp(-k (t - 5)), k = ln 2 / 3: bone gains 10 k_out (0.05 (1 - e) + 0.95 (exp(-k s) - e)/(0.1 -
 * k)) */
static void a_procedure_with_a_half_time_acts_gradually_and_can_end(void **state)
{
    (void)state;
    Lab lab = lab_open(HEAD "record: [E]\ncohorts:\n"
                            "  OVX: {procedures: [{ovariectomy: 5 day}]}\n"
                            "  replaced: {procedures: [{ovariectomy: 5 day, until: 10 day}]}\n",
                       MODELS, RTOL);
    double k = log(2.0) / 3.0, s = 15.0, e = exp(-0.1 * s);
    double want = relax(2.0, 10.0, 0.1, 5.0) * e + 0.5 * (1.0 - e) + 0.95 * (exp(-k * s) - e) / (0.1 - k);
    assert_near("15 d later", bone_at(&lab, "OVX", 20.0), want, NEAR, 0.0);
    assert_near("E, as recorded", lab_value(&lab, lab_run(&lab, "OVX"), "E", 20.0), 0.05 + 0.95 * exp(-k * s), NEAR,
                0.0);
    /* ended after 5 d: back from where it was with the same half time, E(t) = 1 - (1 - E(10)) exp(-k (t - 10)) */
    double e5 = exp(-0.5), bone10 = relax(2.0, 10.0, 0.1, 5.0) * e5 + 0.5 * (1.0 - e5);
    bone10 += 0.95 * (exp(-k * 5.0) - e5) / (0.1 - k);
    double lost = 0.95 * (1.0 - exp(-k * 5.0)), e30 = exp(-3.0);
    want = bone10 * e30 + 10.0 * (1.0 - e30) - lost * (exp(-k * 30.0) - e30) / (0.1 - k);
    assert_near("E when it ends", lab_value(&lab, lab_run(&lab, "replaced"), "E", 10.0), 1.0 - lost, NEAR, 0.0);
    assert_near("30 d after the end", bone_at(&lab, "replaced", 40.0), want, NEAR, 0.0);
    lab_close(&lab);
}

/* Two procedures on one parameter: while both are on, the later one counts; when the first ends, the later one still
 * does. */
static void overlapping_procedures_end_one_by_one(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: tiny\nvariability: no\nanimals: 1\nrecord: [E, k_in]\n"
                       "measure: [0 day, 4 day, 7 day, 9 day, 11 day, 13 day]\n"
                       "cohorts:\n"
                       "  two: {procedures: [{surgery: 3 day, until: 8 day}, {cast: 6 day, until: 12 day}]}\n"
                       "  same: {procedures: [{cast: 3 day, until: 8 day}, {cast: 6 day, until: 12 day}]}\n",
                       MODELS, RTOL);
    static const double ages[] = {0, 4, 7, 9, 11, 13};
    static const double two[] = {1, 3, 1.5, 0.5, 0.5, 1}; /* surgery sets 3, cast halves what is there */
    static const double same[] = {1, 0.5, 0.25, 0.5, 0.5, 1};
    for (size_t i = 0; i < ARRAY_LENGTH(ages); i++) {
        assert_near("two", lab_value(&lab, lab_run(&lab, "two"), "k_in", ages[i]), two[i], 0.0, 0.0);
        assert_near("same", lab_value(&lab, lab_run(&lab, "same"), "k_in", ages[i]), same[i], 0.0, 0.0);
    }
    lab_close(&lab);
}

static void a_factor_scales_a_parameter_that_is_changing(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: tiny\nvariability: no\nanimals: 1\nrecord: [E]\n"
                       "measure: [6 day, 8 day, 11 day, 14 day]\n"
                       "cohorts:\n"
                       "  it:\n"
                       "    procedures: [{ovariectomy: 5 day}]\n"
                       "    perturb: [{parameter: E, value: x0.5, from: 8 day, until: 12 day}]\n",
                       MODELS, RTOL);
    static const double ages[] = {6, 8, 11, 14}, factors[] = {1, 0.5, 0.5, 1};
    for (size_t i = 0; i < ARRAY_LENGTH(ages); i++)
        assert_near("E", lab_value(&lab, lab_run(&lab, "it"), "E", ages[i]),
                    factors[i] * (0.05 + 0.95 * exp(-log(2.0) / 3.0 * (ages[i] - 5.0))), NEAR, 0.0);
    lab_close(&lab);
}

static void a_model_needs_no_parameters_and_ages_are_clean_in_any_unit(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: bare\nanimals: 1\nrecord: [x]\n"
                       "measure: [0.7 day, 0.1 wk, 26 wk, 0.036 s]\ncohorts: {wt: {}}\n",
                       MODELS, RTOL);
    const Animal *wt = lab_run(&lab, "wt");
    assert_int_equal(wt->n_readings, 3); /* 0.7 day and 0.1 wk are one */
    assert_near("a millionth of an hour times ten", wt->readings[0].age_d, 0.036 / 86400.0, 1e-15, 0.0);
    assert_near("26 wk", wt->readings[2].age_d, 182.0, 0.0, 0.0);
    assert_near("x", wt->readings[2].truths[0], 1.0 + 2.0 * 182.0 * 24.0, NEAR, 0.0);
    lab_close(&lab);
}

static void settings_and_sites_change_their_parameters(void **state)
{
    (void)state;
    Lab lab = lab_open(HEAD "settings: {sex: male, site: L3}\ncohorts: {wt: {}, female: {settings: {sex: female}}}\n",
                       MODELS, RTOL);
    assert_near("male L3", bone_at(&lab, "wt", 20.0), relax(2.0, 24.0, 0.05, 20.0), NEAR, 0.0);
    assert_near("female L3", bone_at(&lab, "female", 20.0), relax(2.0, 20.0, 0.05, 20.0), NEAR, 0.0);
    lab_close(&lab);
}

static void a_driver_deletes_nothing_in_the_bones_that_it_spares(void **state)
{
    (void)state;
    static const char *const cohorts = "cohorts: {it: {genotype: {Tnfsf11: fl/fl, cre: Prx1-Cre}}}\n";
    SCOPED(arena_close) Arena *arena = arena_open();
    Lab femur = lab_open(arena_print(arena, HEAD "settings: {site: femur}\n%s", cohorts), MODELS, RTOL);
    assert_near("femur", bone_at(&femur, "it", 20.0), relax(2.0, 1.0, 0.1, 20.0), NEAR, 0.0); /* 10 % of 10 mg */
    Lab spine = lab_open(arena_print(arena, HEAD "settings: {site: L3}\n%s", cohorts), MODELS, RTOL);
    assert_near("spine", bone_at(&spine, "it", 20.0), relax(2.0, 20.0, 0.05, 20.0), NEAR, 0.0);
    lab_close(&femur);
    lab_close(&spine);
}

static void a_trait_is_decided_at_its_age(void **state)
{
    (void)state;
    Lab lab = lab_open(HEAD "cohorts: {wt: {}, null: {genotype: {Tnfsf11: -/-}}}\n", MODELS, RTOL);
    assert_near("wild type", lab_value(&lab, lab_run(&lab, "wt"), "growing", 21.0), 1.0, 0.0, 0.0);
    assert_near("null", lab_value(&lab, lab_run(&lab, "null"), "growing", 21.0), 0.0, 0.0, 0.0);
    lab_close(&lab);
}

static void compare_animals(const Lab *a, const Animal *x, const Animal *y, size_t n)
{
    size_t size = a->system->n_outputs * sizeof(double);
    for (size_t i = 0; i < n; i++) {
        assert_null(x[i].failure);
        assert_int_equal(x[i].n_readings, y[i].n_readings);
        for (size_t r = 0; r < x[i].n_readings; r++) {
            assert_memory_equal(x[i].readings[r].truths, y[i].readings[r].truths, size);
            assert_memory_equal(x[i].readings[r].values, y[i].readings[r].values, size);
        }
    }
}

#define TWINS "experiment: e\nmodel: tiny\nanimals: 5\nseed: 3\ntwins: yes\nmeasure: [5 day, 20 day]\n"

static void efficiency_zero_with_twins_is_the_wild_type_bit_for_bit(void **state)
{
    (void)state;
    static const char *const same[] = {"floxed", "idle", "idle-late", "idle-site", "no-fold"};
    Lab lab = lab_open(TWINS
                       "cohorts:\n"
                       "  wt: {}\n"
                       "  floxed: {genotype: {Tnfsf11: fl/fl}}\n"
                       "  idle: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre, efficiency: 0}}\n"
                       "  idle-late: {genotype: {Tnfsf11: fl/fl, cre: Sost-CreERT2, induce: 7 day, efficiency: 0}}\n"
                       "  idle-site: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre, efficiency: {osteocyte: 0}}}\n"
                       "  no-fold: {genotype: {Tnfsf11: {overexpress: 1, in: liver}}}\n"
                       "  half: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre, efficiency: 0.5}}\n"
                       "  null: {genotype: {Tnfsf11: -/-}}\n",
                       MODELS, 1e-8);
    const Animal *wt = lab_run(&lab, "wt");
    for (size_t i = 0; i < ARRAY_LENGTH(same); i++)
        compare_animals(&lab, wt, lab_run(&lab, same[i]), 5);
    const Animal *half = lab_run(&lab, "half"), *null = lab_run(&lab, "null");
    for (size_t i = 0; i < 5; i++) { /* a partial knockout lies between */
        double whole = lab_value(&lab, &wt[i], "BV/TV", 20.0), none = lab_value(&lab, &null[i], "BV/TV", 20.0);
        double between = lab_value(&lab, &half[i], "BV/TV", 20.0);
        assert_true(between < whole && between > none);
    }
    lab_close(&lab);
}

static void other_cohorts_and_their_order_change_nothing(void **state)
{
    (void)state;
    Lab a = lab_open("experiment: e\nmodel: tiny\nanimals: 5\nseed: 3\nmeasure: [5 day, 20 day]\n"
                     "cohorts: {wt: {}, null: {genotype: {Tnfsf11: -/-}}}\n",
                     MODELS, 1e-8);
    Lab b = lab_open("experiment: e\nmodel: tiny\nanimals: 5\nseed: 3\nmeasure: [5 day, 20 day]\n"
                     "cohorts: {het: {genotype: {Tnfsf11: +/-}}, null: {genotype: {Tnfsf11: -/-}}, wt: {}}\n",
                     MODELS, 1e-8);
    lab_run(&b, "het"); /* what a worker ran before leaves no trace */
    compare_animals(&a, lab_run(&a, "wt"), lab_run(&b, "wt"), 5);
    compare_animals(&a, lab_run(&a, "null"), lab_run(&b, "null"), 5);
    lab_close(&a);
    lab_close(&b);
}

static void readings_differ_from_the_truth_by_the_assays_noise(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: tiny\nanimals: 16\nseed: 3\nmeasure: [20 day]\ncohorts: {wt: {}}\n",
                       MODELS, 1e-8);
    const Animal *wt = lab_run(&lab, "wt");
    double sum = 0.0;
    for (size_t i = 0; i < 16; i++) {
        double error = log(lab_reading(&lab, &wt[i], "BV/TV", 20.0) / lab_value(&lab, &wt[i], "BV/TV", 20.0));
        sum += error * error;
    }
    assert_near("sd of 16 errors of 0.02", sqrt(sum / 16.0), 0.02, 0.75, 0.0); /* about four standard errors */
    lab_close(&lab);
}

static void sweeps_give_a_cohort_for_each_combination(void **state)
{
    (void)state;
    Lab lab = lab_open(HEAD "sweep:\n"
                            "  \"x{fold} {alleles}\": {over: {fold: [2, 5], alleles: [+/+, -/-]},\n"
                            "    genotype: {Tnfsf11: {alleles: \"{alleles}\", overexpress: \"{fold}\", in: liver}}}\n",
                       MODELS, RTOL);
    static const char *const names[] = {"x2 +/+", "x2 -/-", "x5 +/+", "x5 -/-"};
    static const double k[] = {2.0, 1.0, 5.0, 4.0};
    assert_int_equal(lab.plan->n_cohorts, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(lab.plan->cohorts[i].name, names[i]);
        assert_near(names[i], bone_at(&lab, names[i], 20.0), relax(2.0, 10.0 * k[i], 0.1, 20.0), NEAR, 0.0);
    }
    lab_close(&lab);
}

static void a_grid_becomes_series(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: tiny\nvariability: no\nanimals: 1\nrecord: [bone, k_in]\n"
                       "measure: {from: 0 day, to: 1 wk, every: 12 hour}\ncohorts: {wt: {}}\n",
                       MODELS, RTOL);
    const Animal *wt = lab_run(&lab, "wt");
    assert_int_equal(wt->n_series, 3);
    assert_int_equal(wt->series[0].n, 15);
    assert_near("3.5 d", lab_value(&lab, wt, "bone", 3.5), relax(2.0, 10.0, 0.1, 3.5), NEAR, 0.0);
    assert_near("a parameter", lab_value(&lab, wt, "k_in", 3.5), 1.0, 0.0, 0.0);
    lab_close(&lab);
}

static void a_failing_animal_has_a_record_and_the_others_succeed(void **state)
{
    (void)state;
    /* half the animals get a negative k_out < -1: bone explodes past what a double holds within 1e6 d */
    Lab lab = lab_open("experiment: e\nmodel: fragile\nanimals: 12\nseed: 5\nmeasure: [500 day]\ncohorts: {wt: {}}\n",
                       MODELS, 1e-8);
    const Animal *wt = lab_run(&lab, "wt");
    size_t n_failed = 0;
    for (size_t i = 0; i < 12; i++) {
        n_failed += wt[i].failure != NULL;
        assert_int_equal(wt[i].failure == NULL, wt[i].n_readings == 1);
        assert_non_null(wt[i].parameters_json);
    }
    assert_true(n_failed > 0 && n_failed < 12);
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wild_type_relaxes_to_its_steady_state),
        cmocka_unit_test(genotypes_scale_the_source_at_their_site),
        cmocka_unit_test(a_trial_gives_the_same_values_as_an_animal_with_its_parameters),
        cmocka_unit_test(an_inducible_driver_acts_from_its_induction_on),
        cmocka_unit_test(doses_are_given_once_repeatedly_and_slowly),
        cmocka_unit_test(perturbations_act_within_their_window),
        cmocka_unit_test(a_procedure_with_a_half_time_acts_gradually_and_can_end),
        cmocka_unit_test(overlapping_procedures_end_one_by_one),
        cmocka_unit_test(a_factor_scales_a_parameter_that_is_changing),
        cmocka_unit_test(a_model_needs_no_parameters_and_ages_are_clean_in_any_unit),
        cmocka_unit_test(settings_and_sites_change_their_parameters),
        cmocka_unit_test(a_driver_deletes_nothing_in_the_bones_that_it_spares),
        cmocka_unit_test(a_trait_is_decided_at_its_age),
        cmocka_unit_test(efficiency_zero_with_twins_is_the_wild_type_bit_for_bit),
        cmocka_unit_test(other_cohorts_and_their_order_change_nothing),
        cmocka_unit_test(readings_differ_from_the_truth_by_the_assays_noise),
        cmocka_unit_test(sweeps_give_a_cohort_for_each_combination),
        cmocka_unit_test(a_grid_becomes_series),
        cmocka_unit_test(a_failing_animal_has_a_record_and_the_others_succeed),
    };
    return cmocka_run_group_tests_name("simulate/batch", tests, NULL, NULL);
}
