/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold in mouse-rankl however it is fitted: balances, a steady state, and the direction of what it does.
 *
 * Balances are checked by counting: the test adds states to a copy of the model that integrate what enters and what
 * leaves, so that entered + there at first = there + left. Units nmol/kg (antibody, OPG-Fc) and nmol/L (RANKL that the
 * antibody can reach); source: the rates in models/mouse-rankl.yaml. Tolerance 1e-9 of what entered: a linear
 * combination of states with a constant sum is kept by BDF and its Newton iteration to round-off, whatever the step.
 * The steady state: 1e-6 of the value in 200 wk, where the slowest process, death of osteocytes at 0.002 a day, has
 * e-foldings of 71 wk, begun at birth.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/near.h"

#include "run/run.h"
#include "support/lab.h"

#define WK 7.0

/* ---- Balances ---------------------------------------------------------------------------------------------------- */

static char *text_of(Arena *arena, const char *path)
{
    FILE *stream = fopen(path, "r");
    if (stream == NULL)
        fail_msg("cannot open %s", path);
    Text text = text_new(arena);
    char line[4096];
    while (fgets(line, sizeof line, stream) != NULL)
        text_print(&text, "%s", line);
    (void)fclose(stream);
    return arena_print(arena, "%s", text_string(&text));
}

/* States that count. "leaky" is a wrong one: it shows that the balance would notice. */
static const char COUNTERS[] =
    "  Aout: {initial: 0, unit: nmol/kg, rate: A_CL*Af + A_kint*A_V1*Rtot*Af/(Kss + Af), about: antibody gone}\n"
    "  leaky: {initial: 0, unit: nmol/kg, rate: A_CL*Af, about: antibody gone but for what is internalised}\n"
    "  Rmade: {initial: 0, unit: nmol/L, rate: A_R0*A_kdeg*(Ls + Lm)/2, about: RANKL made}\n"
    "  Rlost: {initial: 0, unit: nmol/L, rate: A_kdeg*Rtot*(1 - Af/(Kss + Af)), about: free RANKL degraded}\n"
    "  Rtaken: {initial: 0, unit: nmol/L, rate: A_kint*Rtot*Af/(Kss + Af), about: RANKL internalised with antibody}\n"
    "  Fout: {initial: 0, unit: nmol/kg, rate: F_CL*Ff, about: OPG-Fc gone}\n";

static const char BALANCES[] =
    "experiment: balance\nmodel: %s\ndrivers: %s/models/drivers.yaml\nvariability: no\nanimals: 1\n"
    "record: [Adep, Acen, Aper, Aout, leaky, Rtot, Rmade, Rlost, Rtaken, Fdep, Fcen, Fout]\n"
    "measure: [50 day, 57 day, 70 day, 100 day, 200 day, 280 day]\n"
    "cohorts:\n"
    "  untreated: {}\n"
    "  once: {treatments: [{drug: OYC1, dose: 5 mg/kg, at: 50 day}, {drug: OPG-Fc, dose: 5 mg/kg, at: 50 day}]}\n"
    "  weekly: {treatments: [{drug: OYC1, dose: 1 mg/kg, from: 50 day, every: 7 day, times: 2},\n"
    "    {drug: OPG-Fc, dose: 1 mg/kg, from: 50 day, every: 7 day, times: 2}]}\n"
    "  infused without OPG: {genotype: {Tnfrsf11b: -/-}, procedures: [{ovariectomy: 60 day}],\n"
    "    treatments: [{drug: OYC1, dose: 10 mg/kg, at: 29 day, over: 21 day},\n"
    "    {drug: OPG-Fc, dose: 20 mg/kg, at: 29 day, over: 21 day}]}\n"
    "  nothing clears: {perturb: [{parameter: A_CL, value: 0}, {parameter: A_kint, value: 0},\n"
    "    {parameter: F_CL, value: 0}],\n"
    "    treatments: [{drug: OYC1, dose: 5 mg/kg, at: 50 day}, {drug: OPG-Fc, dose: 5 mg/kg, at: 50 day}]}\n";

typedef struct Dosed {
    const char *cohort;
    double age_d, antibody, opg_fc; /* mg/kg, up to that age */
} Dosed;

static const Dosed dosed[] = {
    {"untreated", 280, 0, 0},
    {"once", 50, 5, 5},
    {"once", 57, 5, 5},
    {"once", 100, 5, 5},
    {"once", 280, 5, 5},
    {"weekly", 50, 1, 1},
    {"weekly", 70, 2, 2},
    {"weekly", 280, 2, 2},
    {"nothing clears", 57, 5, 5},
    {"nothing clears", 280, 5, 5},
    {"infused without OPG", 50, 10, 20},
    {"infused without OPG", 280, 10, 20},
};
static const double NMOL_ANTIBODY = 1000.0 / 150.0 * 0.9, NMOL_OPG_FC = 1000.0 / 90.0 * 0.5; /* per mg, absorbed */

/* The model with COUNTERS, in a folder of its own. */
static Lab counting_lab(void)
{
    Arena *arena = arena_open();
    char folder[] = "/tmp/marblebone-mouse-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *path = arena_print(arena, "%s/mouse-rankl.yaml", folder);
    char *text = text_of(arena, arena_print(arena, "%s/models/mouse-rankl.yaml", SOURCE_DIR));
    char *tail = strstr(text, "\n  Rtot: {");
    assert_non_null(tail);
    *tail++ = '\0';
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    (void)fprintf(stream, "%s\n%s%s", text, COUNTERS, tail);
    assert_int_equal(fclose(stream), 0);
    Lab lab = lab_open(arena_print(arena, BALANCES, path, SOURCE_DIR), "models", RUN_RTOL);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    arena_close(&arena);
    return lab;
}

static double sum_of(Lab *lab, const Animal *animal, const char *const names[], size_t n, double age_d)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += lab_value(lab, animal, names[i], age_d);
    return sum;
}

static void antibody_RANKL_and_OPG_Fc_are_balanced(void **state)
{
    (void)state;
    static const char *const antibody[] = {"Adep", "Acen", "Aper", "Aout"}, *const opg_fc[] = {"Fdep", "Fcen", "Fout"},
                             *const rankl[] = {"Rtot", "Rlost", "Rtaken"};
    Lab lab = counting_lab();
    for (size_t i = 0; i < ARRAY_LENGTH(dosed); i++) {
        const Dosed *it = &dosed[i];
        const Animal *animal = lab_run(&lab, it->cohort);
        const char *name = arena_print(lab.arena, "%s at %g d", it->cohort, it->age_d);
        assert_near(name, sum_of(&lab, animal, antibody, 4, it->age_d), it->antibody * NMOL_ANTIBODY, 1e-9, 0.0);
        assert_near(name, sum_of(&lab, animal, opg_fc, 3, it->age_d), it->opg_fc * NMOL_OPG_FC, 1e-9, 0.0);
        assert_near(name, sum_of(&lab, animal, rankl, 3, it->age_d), 4.1 + lab_value(&lab, animal, "Rmade", it->age_d),
                    1e-9, 0.0); /* A_R0 = 4.1 nmol/L are there at birth */
    }
    lab_close(&lab);
}

static void a_balance_notices_what_is_not_counted(void **state)
{
    (void)state;
    static const char *const without[] = {"Adep", "Acen", "Aper", "leaky"};
    Lab lab = counting_lab();
    const Animal *animal = lab_run(&lab, "once");
    assert_true(sum_of(&lab, animal, without, 4, 280) < 0.99 * 5.0 * NMOL_ANTIBODY);
    assert_true(lab_value(&lab, animal, "Rtaken", 280) > 1.0 && lab_value(&lab, animal, "Rlost", 280) > 1.0);
    assert_true(lab_value(&lab, animal, "Fout", 280) > 0.99 * 5.0 * NMOL_OPG_FC);
    animal = lab_run(&lab, "nothing clears");
    assert_near("cleared", lab_value(&lab, animal, "Aout", 280) + lab_value(&lab, animal, "Fout", 280), 0.0, 0.0, 0.0);
    lab_close(&lab);
}

/* ---- The steady state -------------------------------------------------------------------------------------------- */

/* Growth and ageing are switched off; what is left of them fades exponentially. Nt is held by n_loss = 0: without
 * growth nothing replaces a trabecula that is lost. Endocortical resorption hardly depends on thickness: Ct relaxes
 * with (Ct + ct_h)^2/(ct_r ct_h (1 + ct_h/ct_ref)), about 570 wk, so that it is looked at 20 times later. The fit
 * leaves little bone at rest (0.05 %); with twice the formation there is some, and every loop is at work. */
#define AT_REST "{parameter: a_adult, value: 99999 wk}, {parameter: n_loss, value: 0}, {parameter: v0, value: 0 um/day"
static const char STEADY[] =
    "experiment: steady\nmodel: mouse-rankl\nvariability: no\nanimals: 1\n"
    "record: [Vp, Vb, Nt, Pb, B, Y, Cc, Cp, N, C, T, Q, Ew, Ls, Lm, Lk, Lsol, Adep, Acen, Aper,\n"
    "  Rtot, Fdep, Fcen, Pdep, Pcen, Pd, An, Z, Rd, M, Le, J, Er, Od, Ab, Ke, Ct]\n"
    "measure: [200 wk, 300 wk, 400 wk, 12000 wk, 12100 wk, 12200 wk]\n"
    "cohorts:\n"
    "  fitted: {perturb: [" AT_REST "}]}\n"
    "  fitted, grown: {perturb: [" AT_REST ", from: 12 wk}]}\n"
    "  more formation: {perturb: [{parameter: f0, value: x2}, " AT_REST "}]}\n";

static void a_wild_type_that_neither_grows_nor_ages_does_not_drift(void **state)
{
    (void)state;
    Lab lab = lab_open(STEADY, "models", RUN_RTOL);
    const Model *model = lab.plan->model;
    const Animal *fitted = lab_run(&lab, "fitted"), *more = lab_run(&lab, "more formation");
    const Animal *const animals[] = {fitted, lab_run(&lab, "fitted, grown"), more};
    for (size_t i = 0; i < model->n_states; i++) {
        const char *name = model->states[i].name;
        double start = text_equal(name, "Ct") ? 12000 : 200;
        for (size_t k = 0; k < ARRAY_LENGTH(animals); k++) {
            double before = lab_value(&lab, animals[k], name, start * WK);
            assert_near(name, lab_value(&lab, animals[k], name, (start + 100) * WK), before, 1e-6, 1e-12);
            assert_near(name, lab_value(&lab, animals[k], name, (start + 200) * WK), before, 1e-6, 1e-12);
        }
        if (!text_equal(name, "Nt")) /* that remembers how it grew */
            assert_near(name, lab_value(&lab, animals[1], name, 12200 * WK), lab_value(&lab, fitted, name, 12200 * WK),
                        1e-6, 1e-12);
    }
    assert_true(lab_value(&lab, fitted, "Vb", 400 * WK) > 1e-4 && lab_value(&lab, fitted, "C", 400 * WK) > 0.01);
    assert_true(lab_value(&lab, more, "Vb", 400 * WK) > 0.05 && lab_value(&lab, more, "C", 400 * WK) > 0.5);
    lab_close(&lab);
}

/* ---- Behaviour --------------------------------------------------------------------------------------------------- */

static const char BEHAVIOUR[] =
    "experiment: behaviour\nmodel: mouse-rankl\nvariability: no\nanimals: 1\n"
    "record: [Acen, Vb, C, Ls]\n"
    "measure: [3 wk, 8 wk, 12 wk, 14 wk, 15 wk, 16 wk, 18 wk, 20 wk, 22 wk, 24 wk, 26 wk, 28 wk, 30 wk, 32 wk, 35 wk]\n"
    "cohorts:\n"
    "  wild-type: {}\n"
    "  T-cKO: {genotype: {Tnfsf11: fl/fl, cre: Lck-Cre}}\n"
    "  arthritis: {procedures: [{arthritis: 12 wk}]}\n"
    "  arthritis T-cKO: {genotype: {Tnfsf11: fl/fl, cre: Lck-Cre}, procedures: [{arthritis: 12 wk}]}\n"
    "  RANKL-null: {genotype: {Tnfsf11: -/-}}\n"
    "  RANK-null: {genotype: {Tnfrsf11a: -/-}}\n"
    "  NFATc1-null: {genotype: {Nfatc1: -/-}}\n"
    "  OPG-null: {genotype: {Tnfrsf11b: -/-}}\n"
    "  OPG x2: {genotype: {Tnfrsf11b: {overexpress: 2, in: liver}}}\n"
    "  OPG x11: {genotype: {Tnfrsf11b: {overexpress: 11, in: liver}}}\n"
    "  OPG x101: {genotype: {Tnfrsf11b: {overexpress: 101, in: liver}}}\n"
    "  OPG x1001: {genotype: {Tnfrsf11b: {overexpress: 1001, in: liver}}}\n"
    "  not shed: {perturb: [{parameter: k_sol_ko, value: 0}]}\n"
    "  MALP-cKO: {genotype: {Tnfsf11: fl/fl, cre: Adipoq-Cre}}\n"
    "  MALP-cKO at birth: {genotype: {Tnfsf11: fl/fl, cre: Adipoq-CreER, induce: 0 wk}}\n"
    "  MALP-cKO at 12 wk: {genotype: {Tnfsf11: fl/fl, cre: Adipoq-CreER, induce: 12 wk}}\n"
    "  Dmp1-cKO: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre}}\n"
    "  unloaded: {procedures: [{unloading: 12 wk}]}\n"
    "  unloaded Dmp1-cKO: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre}, procedures: [{unloading: 12 wk}]}\n"
    "  diet: {procedures: [{low-calcium-diet: 12 wk}]}\n"
    "  diet Dmp1-cKO: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre}, procedures: [{low-calcium-diet: 12 wk}]}\n"
    "  PTH daily: {treatments: [{drug: PTH(1-34), dose: 80 ug/kg, from: 12 wk, every: 1 day, times: 28}]}\n"
    "  PTH infused: {perturb: [{parameter: p, value: 3, from: 12 wk, until: 16 wk}]}\n"
    "  antibody 1: {treatments: [{drug: OYC1, dose: 1 mg/kg, at: 12 wk}]}\n"
    "  antibody 2.5: {treatments: [{drug: OYC1, dose: 2.5 mg/kg, at: 12 wk}]}\n"
    "  antibody 5: {treatments: [{drug: OYC1, dose: 5 mg/kg, at: 12 wk}]}\n"
    "  OPG-Fc 2.5: {treatments: [{drug: OPG-Fc, dose: 2.5 mg/kg, at: 12 wk}]}\n"
    "  OPG-Fc 5: {treatments: [{drug: OPG-Fc, dose: 5 mg/kg, at: 12 wk}]}\n"
    "  zoledronate: {treatments: [{drug: zoledronate, dose: 0.1 mg/kg, at: 12 wk}]}\n"
    "  midshaft: {settings: {site: midshaft}}\n";

/* One laboratory for all tests; a cohort runs once. */
typedef struct Mice {
    Lab lab;
    const Animal *ran[64];
} Mice;

static int open_mice(void **state)
{
    static Mice mice;
    mice.lab = lab_open(BEHAVIOUR, "models", RUN_RTOL);
    *state = &mice;
    return mice.lab.plan->n_cohorts <= ARRAY_LENGTH(mice.ran) ? 0 : -1;
}

static int close_mice(void **state)
{
    Mice *mice = *state;
    lab_close(&mice->lab);
    return 0;
}

static const Animal *animal_of(Mice *mice, const char *cohort)
{
    const Animal **ran = &mice->ran[lab_cohort(&mice->lab, cohort)];
    if (*ran == NULL)
        *ran = lab_run(&mice->lab, cohort);
    return *ran;
}

static double value(Mice *mice, const char *cohort, const char *metric, double age_wk)
{
    return lab_value(&mice->lab, animal_of(mice, cohort), metric, age_wk * WK);
}

/* What a cohort has of a metric relative to another. */
static double ratio(Mice *mice, const char *cohort, const char *versus, const char *metric, double age_wk)
{
    return value(mice, cohort, metric, age_wk) / value(mice, versus, metric, age_wk);
}

#define assert_less(left, right) check_less(#left " < " #right, (left), (right), __FILE__, __LINE__)

static void check_less(const char *what, double left, double right, const char *file, int line)
{
    if (left < right)
        return;
    print_error("%s: %.17g and %.17g\n", what, left, right);
    _fail(file, line);
}

/* Bit for bit, NaN included. */
static bool same(const Mice *mice, const Animal *a, const Animal *b)
{
    size_t size = mice->lab.system->n_outputs * sizeof(double);
    bool equal = a->n_readings == b->n_readings && a->n_readings > 0;
    for (size_t i = 0; equal && i < a->n_readings; i++)
        equal = memcmp(a->readings[i].truths, b->readings[i].truths, size) == 0;
    return equal;
}

static void deletion_in_T_cells_does_nothing_but_in_inflammation(void **state)
{
    Mice *mice = *state;
    assert_true(same(mice, animal_of(mice, "wild-type"), animal_of(mice, "T-cKO")));
    assert_false(same(mice, animal_of(mice, "arthritis"), animal_of(mice, "arthritis T-cKO")));
    assert_less(ratio(mice, "arthritis T-cKO", "arthritis", "J.N.Oc", 16), 0.95);
}

static void nulls_have_no_osteoclasts_and_no_teeth(void **state)
{
    Mice *mice = *state;
    static const char *const nulls[] = {"RANKL-null", "RANK-null", "NFATc1-null"};
    static const double nodes[] = {0, 0, 1}; /* NFATc1 is below RANK, in osteoclasts only */
    for (size_t i = 0; i < ARRAY_LENGTH(nulls); i++) {
        assert_near(nulls[i], ratio(mice, nulls[i], "wild-type", "N.Oc/TV", 8), 0.0, 0.0, 2e-4);
        assert_less(2.0, ratio(mice, nulls[i], "wild-type", "BV/TV", 8));
        assert_near(nulls[i], value(mice, nulls[i], "tooth-eruption", 3), 0.0, 0.0, 0.0);
        assert_near(nulls[i], value(mice, nulls[i], "lymph-nodes", 3), nodes[i], 0.0, 0.0);
        assert_near(nulls[i], value(mice, nulls[i], "lactation", 3), nodes[i], 0.0, 0.0);
        assert_near(nulls[i], value(mice, nulls[i], "Peyers-patches", 3), 1.0, 0.0, 0.0);
    }
    static const char *const traits[] = {"tooth-eruption", "lymph-nodes", "lactation", "Peyers-patches"};
    for (size_t i = 0; i < ARRAY_LENGTH(traits); i++) {
        assert_near(traits[i], value(mice, "wild-type", traits[i], 3), 1.0, 0.0, 0.0);
        assert_near(traits[i], value(mice, "Dmp1-cKO", traits[i], 3), 1.0, 0.0, 0.0);
    }
}

static void more_of_an_inhibitor_does_more(void **state)
{
    Mice *mice = *state;
    static const struct {
        const char *cohorts[6];
        double age_wk;
    } ladders[] = {
        {{"OPG-null", "wild-type", "OPG x2", "OPG x11", "OPG x101", "OPG x1001"}, 12},
        {{"wild-type", "OPG-Fc 2.5", "OPG-Fc 5"}, 14},
        {{"wild-type", "antibody 1", "antibody 2.5", "antibody 5"}, 15},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(ladders); i++)
        for (size_t k = 1; k < 6 && ladders[i].cohorts[k] != NULL; k++) {
            const char *more = ladders[i].cohorts[k], *less = ladders[i].cohorts[k - 1];
            assert_less(value(mice, less, "BV/TV", ladders[i].age_wk), value(mice, more, "BV/TV", ladders[i].age_wk));
            assert_less(value(mice, more, "Oc.S/BS", ladders[i].age_wk),
                        value(mice, less, "Oc.S/BS", ladders[i].age_wk));
        }
}

static void RANKL_that_is_not_shed_is_hardly_missed(void **state)
{
    Mice *mice = *state;
    assert_near("sRANKL", value(mice, "not shed", "sRANKL", 12), 0.0, 0.0, 1e-6);
    assert_less(1.0, ratio(mice, "not shed", "wild-type", "BV/TV", 12));
    assert_less(ratio(mice, "not shed", "wild-type", "BV/TV", 12), 1.25);
    assert_less(ratio(mice, "not shed", "wild-type", "Oc.S/BS", 12), 1.0);
    assert_less(0.75, ratio(mice, "not shed", "wild-type", "Oc.S/BS", 12));
}

static void deletion_induced_at_birth_is_constitutive_deletion(void **state)
{
    Mice *mice = *state;
    static const char *const metrics[] = {"BV/TV", "Oc.S/BS", "Ct.Th", "Ob.S/BS", "Tb.N", "CTX"};
    for (size_t i = 0; i < ARRAY_LENGTH(metrics); i++) {
        double constitutive = value(mice, "MALP-cKO", metrics[i], 12);
        assert_near(metrics[i], value(mice, "MALP-cKO at birth", metrics[i], 12), constitutive, 1e-6, 0.0);
        assert_near(metrics[i], value(mice, "MALP-cKO at 12 wk", metrics[i], 12),
                    value(mice, "wild-type", metrics[i], 12), 1e-6, 0.0);
    }
    assert_less(1.1, ratio(mice, "MALP-cKO", "wild-type", "BV/TV", 12));
    assert_less(1.1, ratio(mice, "MALP-cKO at 12 wk", "wild-type", "BV/TV", 20));
    assert_less(value(mice, "MALP-cKO at 12 wk", "BV/TV", 14), value(mice, "MALP-cKO at birth", "BV/TV", 14));
}

static void deletion_in_osteocytes_protects_from_unloading_and_diet(void **state)
{
    Mice *mice = *state;
    static const char *const insults[] = {"unloaded", "diet"};
    for (size_t i = 0; i < ARRAY_LENGTH(insults); i++) {
        const char *both = arena_print(mice->lab.arena, "%s Dmp1-cKO", insults[i]);
        double wild_type = ratio(mice, insults[i], "wild-type", "BV/TV", 16);
        double deleted = ratio(mice, both, "Dmp1-cKO", "BV/TV", 16);
        assert_less(wild_type, 0.97);
        assert_less(1.0 - deleted, 0.7 * (1.0 - wild_type));
    }
}

static void PTH_builds_bone_in_pulses_and_takes_it_infused(void **state)
{
    Mice *mice = *state;
    assert_less(1.05, ratio(mice, "PTH daily", "wild-type", "BV/TV", 16));
    assert_less(1.05, ratio(mice, "PTH daily", "wild-type", "Ob.S/BS", 16));
    assert_less(ratio(mice, "PTH infused", "wild-type", "BV/TV", 16), 0.99);
    assert_less(1.0, ratio(mice, "PTH infused", "wild-type", "Oc.S/BS", 16));
}

static void osteoclasts_overshoot_after_the_antibody_but_not_after_zoledronate(void **state)
{
    Mice *mice = *state;
    static const double ages_wk[] = {20, 22, 24, 26, 28, 30, 32, 35};
    double antibody = 0.0, zoledronate = 0.0, surface = 0.0;
    assert_less(ratio(mice, "antibody 5", "wild-type", "TRAP-5b", 14), 0.5);
    assert_less(ratio(mice, "zoledronate", "wild-type", "TRAP-5b", 14), 1.0);
    for (size_t i = 0; i < ARRAY_LENGTH(ages_wk); i++) {
        double above = ratio(mice, "antibody 5", "wild-type", "TRAP-5b", ages_wk[i]);
        if (above > 1.0)
            assert_less(value(mice, "antibody 5", "Acen", ages_wk[i]), 0.01 * 5.0 * NMOL_ANTIBODY);
        antibody = fmax(antibody, above);
        zoledronate = fmax(zoledronate, ratio(mice, "zoledronate", "wild-type", "TRAP-5b", ages_wk[i]));
        surface = fmax(surface, ratio(mice, "zoledronate", "wild-type", "Oc.S/BS", ages_wk[i]));
    }
    print_message("# TRAP-5b at most %.3g of the wild type after the antibody, %.3g after zoledronate\n", antibody,
                  zoledronate);
    assert_less(1.05, antibody);
    assert_less(zoledronate, 1.02); /* more bone carries more osteoclasts; per surface there are never more */
    assert_less(surface, 1.0);
}

static void the_midshaft_has_a_cortex_and_no_trabeculae(void **state)
{
    Mice *mice = *state;
    static const char *const trabecular[] = {"BV/TV",   "Tb.N",    "Tb.Th", "Tb.Sp", "BMD",    "Oc.S/BS", "N.Oc/B.Pm",
                                             "N.Oc/TV", "Ob.S/BS", "MS/BS", "MAR",   "BFR/BS", "BFR/BV"};
    static const char *const elsewhere[] = {"Ct.Th", "TRAP-5b", "CTX", "P1NP", "sRANKL", "OPG", "ABL"};
    for (size_t i = 0; i < ARRAY_LENGTH(elsewhere); i++)
        assert_near(elsewhere[i], value(mice, "midshaft", elsewhere[i], 12), value(mice, "wild-type", elsewhere[i], 12),
                    1e-6, 0.0);
    assert_less(50.0, value(mice, "midshaft", "Ct.Th", 12)); /* um */
    for (size_t i = 0; i < ARRAY_LENGTH(trabecular); i++) {
        if (!isnan(value(mice, "midshaft", trabecular[i], 12)))
            fail_msg("%s at the midshaft", trabecular[i]);
        assert_true(isfinite(value(mice, "wild-type", trabecular[i], 12)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(antibody_RANKL_and_OPG_Fc_are_balanced),
        cmocka_unit_test(a_balance_notices_what_is_not_counted),
        cmocka_unit_test(a_wild_type_that_neither_grows_nor_ages_does_not_drift),
        cmocka_unit_test(deletion_in_T_cells_does_nothing_but_in_inflammation),
        cmocka_unit_test(nulls_have_no_osteoclasts_and_no_teeth),
        cmocka_unit_test(more_of_an_inhibitor_does_more),
        cmocka_unit_test(RANKL_that_is_not_shed_is_hardly_missed),
        cmocka_unit_test(deletion_induced_at_birth_is_constitutive_deletion),
        cmocka_unit_test(deletion_in_osteocytes_protects_from_unloading_and_diet),
        cmocka_unit_test(PTH_builds_bone_in_pulses_and_takes_it_infused),
        cmocka_unit_test(osteoclasts_overshoot_after_the_antibody_but_not_after_zoledronate),
        cmocka_unit_test(the_midshaft_has_a_cortex_and_no_trabeculae),
    };
    return cmocka_run_group_tests_name("science/mouse", tests, open_mice, close_mice);
}
