/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that the words, the JSON and the key of a cohort have what they must: each detail of each part where it says
 * that it is, and in the key each member of each struct from which numbers follow.
 */
#include <stdlib.h>
#include <string.h>

#include "support/near.h"

#include "plan/parts.h"
#include "plan/plan_priv.h"

/* ---- A cohort that has everything, of a model that has two of each ---- */

static const Parameter parameters[] = {{.name = "k", .unit_text = "1/day"}, {.name = "E", .unit_text = "1"}};
static const GeneCells cell_types[] = {{.name = "osteocyte"}, {.name = "liver"}};
static const Gene genes[] = {{.name = "Sost", .cells = cell_types, .n_cells = 2},
                             {.name = "Dkk1", .cells = cell_types, .n_cells = 2}};
static const Drug drugs[] = {{.name = "PTH", .unit_text = "ug"}, {.name = "OYC1", .unit_text = "mg"}};
static const Procedure procedures[] = {{.name = "ovariectomy"}, {.name = "cast"}};
static const Option sexes[] = {{.name = "female"}, {.name = "male"}}, bones[] = {{.name = "tibia"}, {.name = "L3"}};
static const Setting settings[] = {{.name = "sex", .options = sexes, .n_options = 2},
                                   {.name = "site", .options = bones, .n_options = 2}};

#define MODEL(words)                                                                                                   \
    {                                                                                                                  \
        .text = words, .time_text = "day", .parameters = parameters, .n_parameters = 2, .genes = genes, .n_genes = 2,  \
        .drugs = drugs, .n_drugs = 2, .procedures = procedures, .n_procedures = 2, .settings = settings,               \
        .n_settings = 2                                                                                                \
    }

static const Model model = MODEL("model: m"), other_model = MODEL("model: n");
static const bool in_osteocytes[] = {true, false}, in_liver[] = {false, true};
static const double two_times[] = {7, 14}, other_times[] = {7, 15};
static const char *const two_records[] = {"BV/TV", "N.Oc"}, *const other_records[] = {"BV/TV", "N.Ob"};
static const char *const spares_l3[] = {"L3"}, *const spares_skull[] = {"skull"};
static const Option *const female[] = {&sexes[0], NULL}, *const male[] = {&sexes[1], NULL};
static const Option *const both_bones[] = {&bones[0], &bones[1]}, *const turned_bones[] = {&bones[1], &bones[0]};

/* A plan with one cohort, and one of each thing that it points to: `member.field` is a place in it. */
typedef struct Design {
    Plan plan;
    Cohort cohort;
    GeneGenotype gene;
    Driver driver;
    const Driver *drivers[1];
    DriverCells cells;
    EfficiencyOverride override;
    Dose dose;
    ProcedureUse use;
    Perturbation perturbation;
} Design;

static void design_fill(Design *d)
{
    *d = (Design){
        .plan = {.name = "e",
                 .model = &model,
                 .seed = 1,
                 .variability = true,
                 .times = two_times,
                 .n_times = 2,
                 .record = two_records,
                 .n_record = 2},
        .gene = {.gene = &genes[0],
                 .alleles = {ALLELE_FLOXED, ALLELE_NULL},
                 .fold = 1.5,
                 .expressed_at = in_liver,
                 .deleted = 0.25,
                 .deleted_at = in_osteocytes},
        .driver = {.name = "Dmp1-CreERT2", .inducer = "tamoxifen", .spares = spares_l3, .n_spares = 1, .n_cells = 1},
        .cells = {.name = "osteocyte", .efficiency = 0.75, .variability = {VARIABILITY_BETA, 0.125}},
        .override = {.cells = "osteocyte", .efficiency = 0.625},
        .dose = {.drug = 0, .time = 11, .dose = 80, .duration = 2},
        .use = {.procedure = &procedures[0], .from = 21, .until = 22},
        .perturbation = {.change = {.parameter = 0, .value = 33}, .from = 31, .until = 32},
        .cohort = {.name = "cKO",
                   .n_animals = 12,
                   .options = female,
                   .sites = both_bones,
                   .n_sites = 2,
                   .n_doses = 1,
                   .n_procedures = 1,
                   .n_perturbations = 1,
                   .genotype = {.n_genes = 1, .n_drivers = 1, .n_overrides = 1, .induce = 41}},
    };
    d->driver.cells = &d->cells;
    d->drivers[0] = &d->driver;
    d->cohort.genotype.genes = &d->gene;
    d->cohort.genotype.drivers = d->drivers;
    d->cohort.genotype.overrides = &d->override;
    d->cohort.doses = &d->dose;
    d->cohort.procedures = &d->use;
    d->cohort.perturbations = &d->perturbation;
}

static const char *key_of(Arena *arena, const Design *design)
{
    Text text = text_new(arena);
    plan_key(&design->plan, &text);
    plan_cohort_key(&design->plan, &design->cohort, &text);
    return text_string(&text);
}

static void describe(Arena *arena, Design *design)
{
    PlanLoader loader = {.arena = arena, .plan = &design->plan};
    describe_cohort(&loader, &design->cohort);
}

/* ---- Each member ---- */

typedef enum Reach {
    IN_KEY,    /* numbers follow from it: another value, another key */
    NOT_IN_KEY /* nothing follows from it, or it follows from others: the key stays */
} Reach;

/* A member of a struct in the design, and another value for it. POINTED: the member points to a struct of the design or
 * has members with rows of their own. */
typedef struct Member {
    const char *row;
    size_t offset, size;
    const void *other; /* NULL: pointed */
    Reach reach;
} Member;

#define PLACE(place) #place, offsetof(Design, place), sizeof(((Design *)NULL)->place)
#define KEY(place, type, ...)                                                                                          \
    {                                                                                                                  \
        PLACE(place), &(const type){__VA_ARGS__}, IN_KEY                                                               \
    }
#define NO_KEY(place, type, ...)                                                                                       \
    {                                                                                                                  \
        PLACE(place), &(const type){__VA_ARGS__}, NOT_IN_KEY                                                           \
    }
#define POINTED(place)                                                                                                 \
    {                                                                                                                  \
        PLACE(place), NULL, NOT_IN_KEY                                                                                 \
    }

typedef const char *TextPointer;
typedef const void *Pointer;

static const Member members[] = {
    KEY(plan.seed, uint64_t, 2),
    KEY(plan.twins, bool, true),
    KEY(plan.variability, bool, false),
    KEY(plan.times, Pointer, other_times),
    KEY(plan.n_times, size_t, 1),
    KEY(plan.start, double, -1),
    KEY(plan.dense, bool, true),
    KEY(plan.record, Pointer, other_records),
    KEY(plan.n_record, size_t, 1),
    KEY(plan.model, Pointer, &other_model),
    NO_KEY(plan.name, TextPointer, "other"),
    NO_KEY(plan.question, TextPointer, "other"),
    NO_KEY(plan.path, TextPointer, "other"),
    NO_KEY(plan.text, TextPointer, "other"),
    POINTED(plan.drivers),
    POINTED(plan.cohorts),
    POINTED(plan.n_cohorts),
    POINTED(plan.unexpressed),
    POINTED(plan.n_unexpressed),
    POINTED(plan.correlation_factor), /* follows from the model's text, as the next two */
    POINTED(plan.correlated),
    POINTED(plan.n_correlated),

    KEY(cohort.name, TextPointer, "other"), /* random draws depend on it */
    KEY(cohort.n_animals, size_t, 13),      /* the last batch */
    KEY(cohort.options, Pointer, male),
    KEY(cohort.sites, Pointer, turned_bones),
    KEY(cohort.n_sites, size_t, 1),
    KEY(cohort.n_doses, size_t, 0),
    KEY(cohort.n_procedures, size_t, 0),
    KEY(cohort.n_perturbations, size_t, 0),
    NO_KEY(cohort.about, TextPointer, "other"),
    NO_KEY(cohort.control, size_t, 1),
    NO_KEY(cohort.n_event_times, size_t, 0), /* they follow from doses, procedures, perturbations, induction */
    POINTED(cohort.event_times),
    POINTED(cohort.genotype),
    POINTED(cohort.doses),
    POINTED(cohort.procedures),
    POINTED(cohort.perturbations),
    NO_KEY(cohort.genotype_text, TextPointer, "other"),
    NO_KEY(cohort.genotype_json, TextPointer, "other"),
    NO_KEY(cohort.treatment_text, TextPointer, "other"),
    NO_KEY(cohort.treatment_json, TextPointer, "other"),
    NO_KEY(cohort.settings_json, TextPointer, "other"),

    POINTED(cohort.genotype.genes),
    POINTED(cohort.genotype.drivers),
    POINTED(cohort.genotype.overrides),
    KEY(cohort.genotype.n_genes, size_t, 0),
    KEY(cohort.genotype.n_drivers, size_t, 0),
    KEY(cohort.genotype.n_overrides, size_t, 0),
    KEY(cohort.genotype.induce, double, 42),

    KEY(gene.gene, Pointer, &genes[1]),
    KEY(gene.alleles[0], Allele, ALLELE_WILD),
    KEY(gene.alleles[1], Allele, ALLELE_FLOXED),
    KEY(gene.fold, double, 2.5),
    KEY(gene.expressed_at, Pointer, in_osteocytes),
    KEY(gene.deleted, double, 0.5),
    KEY(gene.deleted_at, Pointer, in_liver),

    KEY(driver.name, TextPointer, "other"), /* random draws depend on it */
    KEY(driver.inducer, TextPointer, NULL),
    KEY(driver.germline, bool, true),
    KEY(driver.spares, Pointer, spares_skull),
    KEY(driver.n_spares, size_t, 0),
    KEY(driver.n_cells, size_t, 0),
    NO_KEY(driver.about, TextPointer, "other"),
    NO_KEY(driver.source, TextPointer, "other"),
    POINTED(driver.cells),

    KEY(cells.name, TextPointer, "other"),
    KEY(cells.efficiency, double, 0.5),
    KEY(cells.variability.kind, VariabilityKind, VARIABILITY_NORMAL),
    KEY(cells.variability.spread, double, 0.25),
    NO_KEY(cells.source, TextPointer, "other"),
    NO_KEY(cells.about, TextPointer, "other"),
    NO_KEY(cells.evidence, TextPointer, "other"),

    KEY(override.cells, TextPointer, NULL),
    KEY(override.efficiency, double, 0.5),

    KEY(dose.drug, uint32_t, 1),
    KEY(dose.time, double, 12),
    KEY(dose.dose, double, 81),
    KEY(dose.duration, double, 3),
    NO_KEY(dose.order, size_t, 1), /* the list is sorted by it */

    KEY(use.procedure, Pointer, &procedures[1]),
    KEY(use.from, double, 21.5),
    KEY(use.until, double, 22.5),
    NO_KEY(use.order, size_t, 1), /* the list is sorted by it */

    KEY(perturbation.change.parameter, uint32_t, 1),
    KEY(perturbation.change.value, double, 34),
    KEY(perturbation.change.scales, bool, true),
    KEY(perturbation.from, double, 31.5),
    KEY(perturbation.until, double, 32.5),
};

static void another_value_of_a_member_is_another_key(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Design design;
    design_fill(&design);
    const char *base = key_of(arena, &design);
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        if (members[i].other == NULL)
            continue;
        design_fill(&design);
        memcpy((char *)&design + members[i].offset, members[i].other, members[i].size);
        if (text_equal(key_of(arena, &design), base) != (members[i].reach == NOT_IN_KEY))
            fail_msg("%s: another value %s", members[i].row,
                     members[i].reach == IN_KEY ? "does not change the key" : "changes the key");
    }
}

/* A new member has no row above, and makes its struct larger (unless it fits into padding). */
static void every_member_has_a_row(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        size_t offset, size, padding;
    } structs[] = {
        {PLACE(plan), 13},  {PLACE(cohort), 0},        {PLACE(cohort.genotype), 0}, {PLACE(gene), 0},
        {PLACE(driver), 7}, {PLACE(cells), 4},         {PLACE(override), 0},        {PLACE(dose), 4},
        {PLACE(use), 0},    {PLACE(perturbation), 11},
    };
    for (size_t s = 0; s < ARRAY_LENGTH(structs); s++) {
        bool *covered = calloc(structs[s].size, sizeof *covered);
        size_t left = 0;
        assert_non_null(covered);
        for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
            for (size_t byte = 0; byte < members[i].size; byte++)
                if (members[i].offset + byte >= structs[s].offset &&
                    members[i].offset + byte < structs[s].offset + structs[s].size && members[i].size < structs[s].size)
                    covered[members[i].offset + byte - structs[s].offset] = true;
        for (size_t byte = 0; byte < structs[s].size; byte++)
            left += !covered[byte];
        free(covered);
        if (left != structs[s].padding)
            fail_msg("%s: %zu bytes have no row in `members`, and %zu are padding", structs[s].row, left,
                     structs[s].padding);
    }
}

/* ---- Each detail ---- */

static void find_in(const char *where, const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL)
        fail_msg("the %s does not have '%s':\n%s", where, wanted, text);
}

/* The value as words or as JSON, which is how the key has it too; names with what separates them. */
static const char *value_of(Arena *arena, const Detail *detail, bool quoted, const char *between)
{
    char number[NUMBER_TEXT];
    Text text = text_new(arena);
    if (detail->kind == DETAIL_NUMBER)
        return arena_print(arena, "%s", number_show(detail->number, number));
    for (size_t i = 0; i < (detail->kind == DETAIL_TEXT ? 1 : detail->n_names); i++) {
        const char *name = detail->kind == DETAIL_TEXT ? detail->text : detail->names[i];
        text_print(&text, "%s%s%s%s", i > 0 ? between : "", quoted ? "\"" : "", name, quoted ? "\"" : "");
    }
    return text_string(&text);
}

static void each_detail_is_where_it_says(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Design design;
    design_fill(&design);
    describe(arena, &design);
    const Cohort *cohort = &design.cohort;
    const char *words = arena_print(arena, "%s; %s", cohort->genotype_text, cohort->treatment_text);
    const char *json =
        arena_print(arena, "%s%s%s", cohort->genotype_json, cohort->treatment_json, cohort->settings_json);
    for (int kind = 0; kind < N_PART_KINDS; kind++) {
        assert_true(part_count(&model, cohort, (PartKind)kind) > 0); /* the design has everything */
        for (size_t i = 0; i < part_count(&model, cohort, (PartKind)kind); i++) {
            Part part = part_get(arena, &model, cohort, (PartKind)kind, i);
            for (size_t d = 0; d < part.n; d++) {
                const Detail *detail = &part.details[d];
                const char *plain = value_of(arena, detail, false, ", ");
                find_in("key", key_of(arena, &design),
                        arena_print(arena, "\n%s %s\n", detail->key, value_of(arena, detail, true, " ")));
                if (detail->words != NULL)
                    find_in("words", words, arena_print(arena, "%s%s", detail->words, plain));
                if (detail->json != NULL)
                    find_in("JSON", json, value_of(arena, detail, true, ","));
            }
        }
    }
}

static void a_cohort_with_everything_reads_so(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Design design;
    design_fill(&design);
    describe(arena, &design);
    const Cohort *cohort = &design.cohort;
    Text key = text_new(arena);
    plan_cohort_key(&design.plan, cohort, &key);
    assert_string_equal(cohort->genotype_text, "Sost fl/- Tg(x1.5 in liver) less 0.25 in osteocyte; Dmp1-CreERT2; "
                                               "efficiency 0.625 in osteocyte; induced at 41 day");
    assert_string_equal(cohort->genotype_json,
                        "{\"genes\":{\"Sost\":{\"alleles\":\"fl/-\",\"overexpress\":1.5,\"in\":[\"liver\"],"
                        "\"delete\":0.25,\"in\":[\"osteocyte\"]}},\"cre\":[\"Dmp1-CreERT2\"],"
                        "\"efficiency\":{\"osteocyte\":0.625},\"induce\":41}");
    assert_string_equal(cohort->treatment_text, "ovariectomy at 21 day until 22 day; PTH 80 ug at 11 day over 2 day; "
                                                "k = 33 1/day from 31 to 32 day");
    assert_string_equal(cohort->treatment_json,
                        "{\"doses\":[{\"drug\":\"PTH\",\"dose\":80,\"unit\":\"ug\",\"time\":11,\"duration\":2}],"
                        "\"procedures\":[{\"procedure\":\"ovariectomy\",\"from\":21,\"until\":22}],"
                        "\"perturb\":[{\"parameter\":\"k\",\"value\":33,\"from\":31,\"until\":32}]}");
    assert_string_equal(cohort->settings_json, "{\"sex\":\"female\",\"site\":[\"tibia\",\"L3\"]}");
    assert_string_equal(text_string(&key), "cohort \"cKO\"\n"
                                           "animals 12\n"
                                           "setting \"sex\"\n"
                                           "option \"female\"\n"
                                           "setting \"site\"\n"
                                           "skeletal-sites \"tibia\" \"L3\"\n"
                                           "gene \"Sost\"\n"
                                           "alleles \"fl/-\"\n"
                                           "fold 1.5\n"
                                           "expressed-in \"liver\"\n"
                                           "deleted 0.25\n"
                                           "deleted-in \"osteocyte\"\n"
                                           "driver \"Dmp1-CreERT2\"\n"
                                           "germline 0\n"
                                           "inducible 1\n"
                                           "spares \"L3\"\n"
                                           "active \"Dmp1-CreERT2\"\n"
                                           "in \"osteocyte\"\n"
                                           "efficiency 0.75\n"
                                           "variability 4\n"
                                           "spread 0.125\n"
                                           "override 0.625\n"
                                           "in \"osteocyte\"\n"
                                           "induce 41\n"
                                           "drug \"PTH\"\n"
                                           "dose 80\n"
                                           "unit \"ug\"\n"
                                           "time 11\n"
                                           "duration 2\n"
                                           "procedure \"ovariectomy\"\n"
                                           "from 21\n"
                                           "until 22\n"
                                           "parameter \"k\"\n"
                                           "value 33\n"
                                           "from 31\n"
                                           "until 32\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_value_of_a_member_is_another_key),
        cmocka_unit_test(every_member_has_a_row),
        cmocka_unit_test(each_detail_is_where_it_says),
        cmocka_unit_test(a_cohort_with_everything_reads_so),
    };
    return cmocka_run_group_tests_name("plan/parts", tests, NULL, NULL);
}
