/* SPDX-License-Identifier: Apache-2.0
 *
 * models/coculture.yaml against its own algebra. NFATc1 obeys
 *
 *     dN/dt = k_N (n_r rho + n_a N^2/(N^2 + n_k^2) - N),    rho = x/(x + K_R),    x = free RANKL,
 *
 * so that a steady N needs rho = f(N) = (N - n_a N^2/(N^2 + n_k^2))/n_r. f has a maximum, where the lower state ends,
 * and a minimum, where the upper one ends. With the parameters of the model these folds lie at 11.976 and 3.589 ng/mL;
 * they are computed here by bisection of f', and searched in the model 1 % below and above. Free RANKL obeys
 * R_t = x + B x/(x + K_d). Tolerances: 1e-6 relative where algebra is compared with the integrator (rtol 1e-9, see
 * CHANGELOG); zero where a product is zero.
 */
#include "support/near.h"

#include "run/run.h"
#include "support/lab.h"

#define HEAD "experiment: culture\nmodel: coculture\nvariability: no\nanimals: 1\n"

/* Parameters of the model, repeated so that a change of one needs a change here and in the note. */
static const double N_R = 0.345, N_A = 0.76, N_K = 0.40, K_R_NM = 1, K_D_NM = 0.05, NG_PER_NMOL = 60;

static double rank_at(double n)
{
    return (n - N_A * n * n / (n * n + N_K * N_K)) / N_R;
}

static double slope_at(double n)
{
    double sum = n * n + N_K * N_K;
    return 1 - N_A * 2 * n * N_K * N_K / (sum * sum);
}

/* The RANKL (ng/mL) at the fold between two values of N around which f' changes its sign. */
static double fold_ng(double low, double high)
{
    for (int i = 0; i < 200; i++) {
        double middle = (low + high) / 2;
        if ((slope_at(low) > 0) == (slope_at(middle) > 0))
            low = middle;
        else
            high = middle;
    }
    double rank = rank_at(low);
    return NG_PER_NMOL * K_R_NM * rank / (1 - rank);
}

static double switch_on_ng(void)
{
    return fold_ng(1e-6, 0.25);
}

static double switch_off_ng(void)
{
    return fold_ng(0.25, 1);
}

static double value_of(Lab *lab, const char *cohort, const char *metric, double day)
{
    return lab_value(lab, lab_run(lab, cohort), metric, day);
}

/* NFATc1 after 400 days of perfusion with `held` ng/mL, after 20 days with `before`. */
static double settled_nfatc1(double before, double held)
{
    Arena *arena = arena_open();
    const char *text = arena_print(arena,
                                   HEAD
                                   "measure: [400 day]\nsettings: {supporting-cell: none}\ncohorts: {it: {perturb: [\n"
                                   "  {parameter: s_hold, value: %.9g ng/mL, until: 20 day},\n"
                                   "  {parameter: s_hold, value: %.9g ng/mL, from: 20 day}]}}\n",
                                   before, held);
    Lab lab = lab_open(text, "models", RUN_RTOL);
    double n = value_of(&lab, "it", "NFATc1", 400);
    lab_close(&lab);
    arena_close(&arena);
    return n;
}

static void one_signal_has_two_steady_states(void **state)
{
    (void)state;
    static const double signals_ng[] = {4, 7, 11};
    for (size_t i = 0; i < ARRAY_LENGTH(signals_ng); i++) {
        double signal = signals_ng[i], rank = signal / (signal + NG_PER_NMOL * K_R_NM);
        double low = settled_nfatc1(0, signal), high = settled_nfatc1(50, signal);
        assert_near("lower state", rank_at(low), rank, 1e-6, 0.0);
        assert_near("upper state", rank_at(high), rank, 1e-6, 0.0);
        assert_true(low < 0.13 && high > 0.37); /* the folds are at N = 0.128 and 0.379 */
    }
}

static void NFATc1_switches_at_the_thresholds_of_the_note(void **state)
{
    (void)state;
    double on = switch_on_ng(), off = switch_off_ng();
    assert_near("on (models/coculture.md)", on, 11.976, 0.0, 0.0005);
    assert_near("off (models/coculture.md)", off, 3.589, 0.0, 0.0005);
    assert_true(settled_nfatc1(0, 0.99 * on) < 0.13);
    assert_true(settled_nfatc1(0, 1.01 * on) > 0.5);
    assert_true(settled_nfatc1(50, 1.01 * off) > 0.37);
    assert_true(settled_nfatc1(50, 0.99 * off) < 0.05);
}

/* 42, 84 and 168 ng/mL of OPG are 0.35, 0.7 and 1.4 nmol/L, half, all and twice the 0.7 nmol/L of RANKL on untreated
 * osteocytes. The antibody (150 ug/nmol, not 120) does the same mole for mole. */
static void OPG_and_antibody_titrate_RANKL(void **state)
{
    (void)state;
    static const struct {
        const char *opg, *antibody;
        double bound_nM, min_free, max_free; /* free RANKL as a fraction: what a titration and no hyperbola leaves */
    } rows[] = {
        {"OPG 42", "OYC1 52.5", 0.35, 0.50, 0.58},
        {"OPG 84", "OYC1 105", 0.70, 0.15, 0.30},
        {"OPG 168", "OYC1 210", 1.40, 0.02, 0.08},
    };
    Lab lab = lab_open(HEAD "measure: [1 day]\nrecord: [R_f]\n"
                            "sweep:\n"
                            "  OPG {x}: {over: {x: [42, 84, 168]}, genotype: {Tnfrsf11b: -/-},\n"
                            "    perturb: [{parameter: k_dec, value: 0}],\n"
                            "    treatments: [{drug: OPG, dose: \"{x} ng/mL\", at: 0 day}]}\n"
                            "  OYC1 {x}: {over: {x: [52.5, 105, 210]}, genotype: {Tnfrsf11b: -/-},\n"
                            "    perturb: [{parameter: k_dec, value: 0}],\n"
                            "    treatments: [{drug: OYC1, dose: \"{x} ng/mL\", at: 0 day}]}\n",
                       "models", RUN_RTOL);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        double free_nM = value_of(&lab, rows[i].opg, "R_f", 1), total_nM = 0.7;
        assert_near("mass balance", free_nM + rows[i].bound_nM * free_nM / (free_nM + K_D_NM), total_nM, 1e-6, 0.0);
        assert_near("antibody", value_of(&lab, rows[i].antibody, "R_f", 1), free_nM, 1e-6, 0.0);
        assert_true(free_nM > rows[i].min_free * total_nM && free_nM < rows[i].max_free * total_nM);
    }
    lab_close(&lab);
}

static void more_OPG_gives_fewer_osteoclasts_until_none(void **state)
{
    (void)state;
    static const char *const ladder[] = {"OPG 0", "OPG 100", "OPG 300", "OPG 1000"};
    Lab lab = lab_open(HEAD "measure: [4 day]\n"
                            "sweep:\n"
                            "  OPG {x}: {over: {x: [0, 100, 300, 1000]}, treatments: [\n"
                            "    {drug: calcitriol, dose: 10 nmol/L, at: 0 day},\n"
                            "    {drug: OPG, dose: \"{x} ng/mL\", at: 0 day}]}\n",
                       "models", RUN_RTOL);
    for (size_t i = 1; i < ARRAY_LENGTH(ladder); i++)
        assert_true(value_of(&lab, ladder[i], "N.Oc", 4) < value_of(&lab, ladder[i - 1], "N.Oc", 4));
    assert_true(value_of(&lab, "OPG 0", "N.Oc", 4) > 100);
    assert_true(value_of(&lab, "OPG 1000", "N.Oc", 4) < 1e-3);
    lab_close(&lab);
}

static const char AXIS[] = HEAD
    "measure: [1 day, 4 day, 7 day, 10 day]\nrecord: [P, Q, C, N, M, L, S, O, A, D, R_f]\n"
    "cohorts:\n"
    "  osteocytes: {treatments: &add [{drug: calcitriol, dose: 10 nmol/L, from: 0 day, every: 2 day, times: 5}]}\n"
    "  osteoblasts: {settings: {supporting-cell: osteoblast}, treatments: *add}\n"
    "  BMSC: {settings: {supporting-cell: BMSC}, treatments: *add}\n"
    "  none: {settings: {supporting-cell: none}, treatments: &both [{drug: M-CSF, dose: 20 ng/mL, at: 0 day}]}\n"
    "  osteocytes with a tenth: {perturb: [{parameter: l_s, value: x0.1}], treatments: *add}\n"
    "  RANKL-null: {genotype: {Tnfsf11: -/-}, treatments: *add}\n"
    "  RANK-null: {genotype: {Tnfrsf11a: -/-}, treatments: *add}\n"
    "  NFATc1-null: {genotype: {Nfatc1: -/-}, treatments: *add}\n"
    "  M-CSF-null: {genotype: {Csf1: -/-}, treatments: *add}\n"
    "  OYC1: {treatments: [{drug: OYC1, dose: 3000 ng/mL, at: 0 day}]}\n";

static void osteoclasts_need_RANKL_RANK_NFATc1_and_M_CSF(void **state)
{
    (void)state;
    static const char *const nulls[] = {"none", "RANKL-null", "RANK-null", "NFATc1-null"};
    Lab lab = lab_open(AXIS, "models", RUN_RTOL);
    double control = value_of(&lab, "osteocytes", "N.Oc", 7);
    assert_true(control > 100);
    for (size_t i = 0; i < ARRAY_LENGTH(nulls); i++)
        assert_near(nulls[i], value_of(&lab, nulls[i], "N.Oc", 7), 0.0, 0.0, 0.0);
    assert_true(value_of(&lab, "M-CSF-null", "N.Oc", 7) < 0.01 * control);
    lab_close(&lab);
}

static void osteocytes_support_most_and_RANKL_alone_makes_the_difference(void **state)
{
    (void)state;
    Lab lab = lab_open(AXIS, "models", RUN_RTOL);
    double osteocyte = value_of(&lab, "osteocytes", "N.Oc", 7), osteoblast = value_of(&lab, "osteoblasts", "N.Oc", 7);
    double stromal = value_of(&lab, "BMSC", "N.Oc", 7);
    assert_true(osteocyte > 2 * osteoblast && osteoblast > stromal && stromal > 0);
    assert_near("osteoblast", value_of(&lab, "osteocytes with a tenth", "N.Oc", 7), osteoblast, 1e-6, 0.0);
    lab_close(&lab);
}

static void no_state_is_negative(void **state)
{
    (void)state;
    static const char *const states[] = {"P", "Q", "C", "N", "M", "L", "S", "O", "A", "D", "R_f"};
    static const double days[] = {1, 4, 7, 10};
    Lab lab = lab_open(AXIS, "models", RUN_RTOL);
    for (size_t c = 0; c < lab.plan->n_cohorts; c++) {
        const Animal *it = lab_run(&lab, lab.plan->cohorts[c].name);
        for (size_t i = 0; i < ARRAY_LENGTH(states); i++)
            for (size_t k = 0; k < ARRAY_LENGTH(days); k++)
                assert_true(lab_value(&lab, it, states[i], days[k]) >= -1e-9); /* the integrator's round-off */
    }
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_signal_has_two_steady_states),
        cmocka_unit_test(NFATc1_switches_at_the_thresholds_of_the_note),
        cmocka_unit_test(OPG_and_antibody_titrate_RANKL),
        cmocka_unit_test(more_OPG_gives_fewer_osteoclasts_until_none),
        cmocka_unit_test(osteoclasts_need_RANKL_RANK_NFATc1_and_M_CSF),
        cmocka_unit_test(osteocytes_support_most_and_RANKL_alone_makes_the_difference),
        cmocka_unit_test(no_state_is_negative),
    };
    return cmocka_run_group_tests_name("science/coculture", tests, NULL, NULL);
}
