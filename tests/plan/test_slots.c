/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what genes, drivers, procedures and perturbations make of the values of a model's slots, row by row.
 */
#include "support/model_text.h"

#include "plan/plan.h"

/* The wild type has a = 2, b = 4, and c = 0: the liver does not express the gene by itself. */
static const char GENE_MODEL[] =
    "model: m\n"
    "time: day\n"
    "parameters:\n"
    "  a: {value: 2, unit: 1, source: s}\n"
    "  b: {value: 4, unit: 1, source: s}\n"
    "  c: {value: 8, unit: 1, source: s}\n"
    "  e: {value: 1, unit: 1, source: s}\n"
    "  f: {value: 1, unit: 1, source: s}\n"
    "states:\n"
    "  x: {initial: 1, unit: 1, rate: (a + b + c + e + f)/t*0}\n"
    "genes:\n"
    "  G: {protein: P, sites: {osteocyte: a, osteoblast: b, liver: {scales: c, endogenous: 0}}}\n"
    "procedures:\n"
    "  ovariectomy: {set: {e: 0.5}, half_time: 3 day}\n"
    "  implant: {set: {f: 5}}\n"
    "  load: {set: {f: x2}}\n"
    "settings:\n"
    "  site: {tibia: {}, L3: {a: x3}}\n";

enum { A, B, C, E, F };                       /* parameters */
enum { OVARIECTOMY, IMPLANT, LOAD };          /* procedures */
enum { OSTEOCYTE, OSTEOBLAST, LIVER, CELLS }; /* where the gene is expressed */

static const DriverCells half_of_osteocytes[] = {{.name = "osteocyte", .efficiency = 0.5}};
static const DriverCells both_cells[] = {{.name = "osteocyte", .efficiency = 0.5},
                                         {.name = "osteoblast", .efficiency = 0.25}};
static const char *const l3[] = {"L3"};

static const Driver dmp1 = {.name = "Dmp1-Cre", .cells = half_of_osteocytes, .n_cells = 1};
static const Driver both = {.name = "Both-Cre", .cells = both_cells, .n_cells = 2};
static const Driver germline = {.name = "CMV-Cre", .germline = true};
static const Driver sparing = {
    .name = "Prx1-Cre", .cells = half_of_osteocytes, .n_cells = 1, .spares = l3, .n_spares = 1};
static const Driver sparing_germline = {.name = "All-but-L3", .germline = true, .spares = l3, .n_spares = 1};
static const Driver induced = {
    .name = "Sost-CreERT2", .inducer = "tamoxifen", .cells = half_of_osteocytes, .n_cells = 1};

/* The slots of the typical animal at a time, at the skeletal site number `site`. */
static const double *slots_of(const Model *model, Cohort *cohort, size_t site, double time)
{
    static const Option *no_options[1];
    const Plan plan = {.model = model};
    double *slots = NEW_ARRAY(arena, double, model->n_slots);
    cohort->name = "test";
    cohort->options = no_options;
    const AnimalAt at = {cohort, &model->settings[0].options[site], plan_draw(arena, &plan, cohort, 0), time};
    plan_slots(arena, &plan, &at, slots);
    return slots;
}

enum { TIBIA, L3 }; /* skeletal sites */

/* Of G, and what it makes of its parameters. */
typedef struct GenotypeRow {
    const char *name, *alleles;
    const Driver *drivers[2];
    EfficiencyOverride overrides[2];
    size_t n_overrides;
    double induce, time;
    double fold;
    bool expressed[CELLS];
    double deleted;
    bool deleted_at[CELLS];
    size_t site;
    double a, b, c;
} GenotypeRow;

static const GenotypeRow genotypes[] = {
    {"wild type", "+/+", .a = 2, .b = 4},
    {"wild type in another bone", "+/+", .site = L3, .a = 6, .b = 4},
    {"heterozygote", "+/-", .a = 1, .b = 2},
    {"floxed without driver", "fl/fl", .a = 2, .b = 4},
    {"driver in osteocytes only", "fl/fl", {&dmp1}, .a = 1, .b = 4},
    {"driver on the wild type", "+/+", {&dmp1}, .a = 2, .b = 4},
    {"driver in two cell types", "fl/fl", {&both}, .a = 1, .b = 3},
    {"two drivers, one after the other", "fl/fl", {&dmp1, &both}, .a = 0.5, .b = 3},
    {"germline driver reaches all cells", "fl/fl", {&germline}},
    {"germline driver after another", "fl/fl", {&dmp1, &germline}},
    {"germline driver before another", "fl/fl", {&germline, &dmp1}},
    {"germline driver leaves the wild type", "+/+", {&germline}, .a = 2, .b = 4},
    {"driver where it spares no bone", "fl/fl", {&sparing}, .site = TIBIA, .a = 1, .b = 4},
    {"driver in a spared bone", "fl/fl", {&sparing}, .site = L3, .a = 6, .b = 4},
    {"germline driver where it spares no bone", "fl/fl", {&sparing_germline}, .site = TIBIA},
    {"germline driver in a spared bone", "fl/fl", {&sparing_germline}, .site = L3, .a = 6, .b = 4},
    {"override everywhere", "fl/fl", {&both}, {{NULL, 1.0}}, 1},
    {"override in osteoblasts only", "fl/fl", {&both}, {{"osteoblast", 1.0}}, 1, .a = 1},
    {"the last override decides", "fl/fl", {&both}, {{NULL, 1.0}, {"osteocyte", 0.0}}, 2, .a = 2},
    {"override gives no driver new cells", "fl/fl", {&dmp1}, {{"osteoblast", 1.0}}, 1, .a = 1, .b = 4},
    {"before induction", "fl/fl", {&induced}, .induce = 5, .time = 4.999, .a = 2, .b = 4},
    {"at induction", "fl/fl", {&induced}, .induce = 5, .time = 5, .a = 1, .b = 4},
    {"after induction", "fl/fl", {&induced}, .induce = 5, .time = 6, .a = 1, .b = 4},
    {"an inducible driver that is not induced", "fl/fl", {&induced}, .induce = NAN, .time = 6, .a = 2, .b = 4},
    {"induction does not hold other drivers", "fl/fl", {&dmp1}, .induce = 5, .time = 0, .a = 1, .b = 4},
    {"transgene in osteoblasts only", "+/+", .fold = 3, .expressed = {[OSTEOBLAST] = true}, .a = 2, .b = 12},
    {"transgene where the wild type has none", "+/+", .fold = 3, .expressed = {[LIVER] = true}, .a = 2, .b = 4,
     .c = 16},
    {"transgene on the knockout", "-/-", .fold = 3, .expressed = {[OSTEOCYTE] = true}, .a = 4},
    {"expression deleted in osteocytes", "+/+", .deleted = 0.75, .deleted_at = {[OSTEOCYTE] = true}, .a = 0.5, .b = 4},
    {"expression deleted in a heterozygote", "+/-", .deleted = 0.75, .deleted_at = {[OSTEOBLAST] = true}, .a = 1,
     .b = 0.5},
};

static void genes_scale_the_parameters_of_their_cells(void **state)
{
    (void)state;
    const Model *model = model_of(GENE_MODEL);
    for (size_t i = 0; i < ARRAY_LENGTH(genotypes); i++) {
        const GenotypeRow *row = &genotypes[i];
        GeneGenotype gene = {.gene = &model->genes[0],
                             .fold = row->fold > 0 ? row->fold : 1.0,
                             .expressed_at = row->fold > 0 ? row->expressed : NULL,
                             .deleted = row->deleted,
                             .deleted_at = row->deleted > 0 ? row->deleted_at : NULL};
        assert_true(alleles_parse(row->alleles, gene.alleles));
        Cohort cohort = {.genotype = {.genes = &gene,
                                      .n_genes = 1,
                                      .drivers = row->drivers,
                                      .n_drivers = (size_t)(row->drivers[0] != NULL) + (row->drivers[1] != NULL),
                                      .overrides = row->overrides,
                                      .n_overrides = row->n_overrides,
                                      .induce = row->induce}};
        const double *slots = slots_of(model, &cohort, row->site, row->time);
        assert_near(row->name, slots[A], row->a, 0.0, 0.0); /* halves and quarters are exact */
        assert_near(row->name, slots[B], row->b, 0.0, 0.0);
        assert_near(row->name, slots[C], row->c, 0.0, 0.0);
    }
}

static void a_gene_that_the_genotype_does_not_name_is_wild_type(void **state)
{
    (void)state;
    const Model *model = model_of(GENE_MODEL);
    Cohort cohort = {.genotype = {.induce = NAN}};
    const double *slots = slots_of(model, &cohort, 0, 0.0);
    assert_near("a", slots[A], 2.0, 0.0, 0.0);
    assert_near("c, without expression", slots[C], 0.0, 0.0, 0.0);
}

/* The value that a gradual change has reached: model/model.h. */
static double reached(const Model *model, const double *slots, uint32_t parameter, double time)
{
    const double *ramp = slots + model->ramp_slots[parameter];
    return slots[parameter] + (ramp[RAMP_FROM] - slots[parameter]) * exp(-ramp[RAMP_K] * (time - ramp[RAMP_START]));
}

static void procedures_begin_and_end(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        struct {
            size_t procedure;
            double from, until;
        } uses[2];
        size_t n;
        double time, e, f;
    } rows[] = {
        {"none", {{0}}, 0, 3, 1, 1},
        {"before a gradual one", {{OVARIECTOMY, 1, INFINITY}}, 1, 0.5, 1, 1},
        {"when a gradual one begins", {{OVARIECTOMY, 1, INFINITY}}, 1, 1, 1, 1},
        {"after one half time", {{OVARIECTOMY, 1, INFINITY}}, 1, 4, 0.75, 1},
        {"after two half times", {{OVARIECTOMY, 1, INFINITY}}, 1, 7, 0.625, 1},
        {"when it ends after one half time", {{OVARIECTOMY, 1, 4}}, 1, 4, 0.75, 1},
        {"one half time after its end", {{OVARIECTOMY, 1, 4}}, 1, 7, 0.875, 1},
        {"before one without half time", {{IMPLANT, 2, 3}}, 1, 1.999, 1, 1},
        {"one without half time begins at once", {{IMPLANT, 2, 3}}, 1, 2, 1, 5},
        {"and ends at once", {{IMPLANT, 2, 3}}, 1, 3, 1, 1},
        {"a factor of what is born", {{LOAD, 2, INFINITY}}, 1, 2, 1, 2},
        {"a factor after a value", {{IMPLANT, 1, INFINITY}, {LOAD, 2, INFINITY}}, 2, 2, 1, 10},
        {"a value after a factor", {{LOAD, 1, INFINITY}, {IMPLANT, 2, INFINITY}}, 2, 2, 1, 5},
        {"a factor that is left when the value ends", {{IMPLANT, 1, 3}, {LOAD, 2, INFINITY}}, 2, 3, 1, 2},
        {"both begin at one time", {{IMPLANT, 1, INFINITY}, {LOAD, 1, INFINITY}}, 2, 1, 1, 10},
    };
    const Model *model = model_of(GENE_MODEL);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ProcedureUse uses[2];
        for (size_t u = 0; u < rows[i].n; u++)
            uses[u] = (ProcedureUse){.procedure = &model->procedures[rows[i].uses[u].procedure],
                                     .from = rows[i].uses[u].from,
                                     .until = rows[i].uses[u].until,
                                     .order = u};
        Cohort cohort = {.genotype = {.induce = NAN}, .procedures = uses, .n_procedures = rows[i].n};
        const double *slots = slots_of(model, &cohort, 0, rows[i].time);
        assert_near(rows[i].row, reached(model, slots, E, rows[i].time), rows[i].e, 1e-15, 0.0);
        assert_near(rows[i].row, slots[F], rows[i].f, 0.0, 0.0);
    }
}

static void perturbations_hold_from_their_beginning_until_before_their_end(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        Perturbation perturbations[2];
        size_t n;
        double time, e, f; /* with ovariectomy from day 1 on; e below 0: not looked at */
    } rows[] = {
        {"before", {{{F, 7, false}, 2, 4}}, 1, 1.999, .e = -1, .f = 1},
        {"at the beginning", {{{F, 7, false}, 2, 4}}, 1, 2, .e = -1, .f = 7},
        {"just before the end", {{{F, 7, false}, 2, 4}}, 1, 3.999, .e = -1, .f = 7},
        {"at the end", {{{F, 7, false}, 2, 4}}, 1, 4, .e = 0.75, .f = 1},
        {"since ever", {{{F, 7, false}, -INFINITY, INFINITY}}, 1, -1000, .e = 1, .f = 7},
        {"a factor", {{{F, 3, true}, 2, 4}}, 1, 2, .e = -1, .f = 3},
        {"a factor after a value", {{{F, 7, false}, 2, 4}, {{F, 3, true}, 2, 4}}, 2, 2, .e = -1, .f = 21},
        {"a value after a factor", {{{F, 3, true}, 2, 4}, {{F, 7, false}, 2, 4}}, 2, 2, .e = -1, .f = 7},
        {"a factor of a gradual change", {{{E, 2, true}, 2, INFINITY}}, 1, 4, .e = 1.5, .f = 1},
        {"a value instead of a gradual change", {{{E, 2, false}, 2, INFINITY}}, 1, 4, .e = 2, .f = 1},
    };
    const Model *model = model_of(GENE_MODEL);
    const ProcedureUse use = {.procedure = &model->procedures[OVARIECTOMY], .from = 1, .until = INFINITY};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        Cohort cohort = {.genotype = {.induce = NAN},
                         .procedures = &use,
                         .n_procedures = 1,
                         .perturbations = rows[i].perturbations,
                         .n_perturbations = rows[i].n};
        const double *slots = slots_of(model, &cohort, 0, rows[i].time);
        assert_near(rows[i].row, slots[F], rows[i].f, 0.0, 0.0);
        if (rows[i].e >= 0)
            assert_near(rows[i].row, reached(model, slots, E, rows[i].time), rows[i].e, 1e-15, 0.0);
    }
}

static void slots_change_at_beginnings_and_ends_only(void **state)
{
    (void)state;
    const ProcedureUse use = {.from = 1, .until = 2};
    const Perturbation perturbation = {.from = 3, .until = 4};
    const Dose dose = {.time = 6, .duration = 1};
    const Cohort cohort = {.genotype = {.induce = 5},
                           .doses = &dose,
                           .n_doses = 1,
                           .procedures = &use,
                           .n_procedures = 1,
                           .perturbations = &perturbation,
                           .n_perturbations = 1};
    for (int time = 0; time <= 8; time++)
        assert_int_equal(plan_changes_at(&cohort, time), time >= 1 && time <= 5);
    assert_false(plan_changes_at(&cohort, 1.5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genes_scale_the_parameters_of_their_cells),
        cmocka_unit_test(a_gene_that_the_genotype_does_not_name_is_wild_type),
        cmocka_unit_test(procedures_begin_and_end),
        cmocka_unit_test(perturbations_hold_from_their_beginning_until_before_their_end),
        cmocka_unit_test(slots_change_at_beginnings_and_ends_only),
    };
    return cmocka_run_group_tests_name("plan/slots", tests, open_all, close_all);
}
