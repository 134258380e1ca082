/* SPDX-License-Identifier: Apache-2.0
 *
 * Models from text: units are converted, Jacobians are right, knockouts reach every place. Diagnostics are tested as
 * cases (tests/cases).
 */
#include <string.h>

#include "support/model_text.h"
#include "support/near.h"

#include "model/system.h"

/* Value of a quantity 'q' of a model at t = 2 days, with x = 3. */
static double quantity(const char *is, const char *unit)
{
    const char *text = arena_print(arena,
                                   "model: m\ntime: day\n"
                                   "parameters:\n"
                                   "  mm: {value: 2, unit: mm, source: s}\n"
                                   "  um: {value: 500, unit: um, source: s}\n"
                                   "  speed: {value: 10, unit: um/hour, source: s}\n"
                                   "  share: {value: 25, unit: '%%', source: s}\n"
                                   "  conc: {value: 4, unit: nmol/L, source: s}\n"
                                   "states:\n  x: {initial: 1, unit: mm, rate: 0}\n"
                                   "quantities:\n  q: {is: \"%s\", unit: \"%s\"}\n",
                                   is, unit);
    const Model *model = model_of(text);
    double x = 3.0, parameters[8], value;
    for (size_t i = 0; i < model->n_parameters; i++)
        parameters[i] = model->parameters[i].value;
    const DagInputs at = {.time = 2.0, .states = &x, .parameters = parameters};
    dag_eval(arena, model->dag, &model->quantities[0].is.node, 1, &at, &value);
    return value;
}

static void values_are_converted_between_units_of_a_dimension(void **state)
{
    (void)state;
    static const struct {
        const char *is, *unit;
        double value;
    } rows[] = {
        {"mm + um", "mm", 2.5},
        {"um + mm", "um", 2500.0},
        {"mm + um", "um", 2500.0},
        {"mm - um", "m", 0.0015},
        {"speed*t", "um", 480.0}, /* um/hour * day */
        {"speed", "mm/day", 0.24},
        {"x/speed", "hour", 300.0},
        {"x*mm*um", "mm^3", 3.0},
        {"share", "1", 0.25},
        {"share + 1", "%", 125.0},
        {"1 - share", "1", 0.75},
        {"exp(share)", "1", 1.2840254166877414},
        {"share^2", "1", 0.0625},
        {"sqrt(mm*um)", "mm", 1.0},
        {"(conc*conc)^0.5", "nmol/L", 4.0},
        {"conc^0.5/conc^0.5", "1", 1.0},
        {"conc", "pmol/L", 4000.0},
        {"conc", "mol/m^3", 4e-6},
        {"max(mm, um)", "mm", 2.0},
        {"min(mm, um)", "um", 500.0},
        {"if(mm > um, um, mm)", "mm", 0.5},
        {"max(mm - x, 0)", "mm", 0.0},
        {"0", "mm", 0.0},
        {"t", "hour", 48.0},
        {"t", "wk", 2.0 / 7.0},
        {"hill(mm, um, 2)", "1", 4.0 / 4.25},
        {"mm == 4*um", "1", 1.0},
        {"mm >= um and not um > mm", "1", 1.0},
        {"-mm + abs(-um)", "mm", -1.5},
        {"log10(mm/um*25)", "1", 2.0},
        {"tanh(0)", "1", 0.0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) /* a few roundings */
        assert_near(rows[i].is, quantity(rows[i].is, rows[i].unit), rows[i].value, 1e-15 * 8, 0.0);
}

static const char SMALL[] = "model: m\n"
                            "time: day\n"
                            "parameters:\n"
                            "  k: {value: 0.5, unit: 1/day, source: s}\n"
                            "  a: {value: 2, unit: 1, source: s}\n"
                            "states:\n"
                            "  x: {initial: a, unit: 1, rate: -k*x*y}\n"
                            "  y: {initial: 1, unit: 1, rate: k*x^a - k*y}\n"
                            "  z: {initial: 0, unit: 1, rate: k*x}\n"
                            "phenotypes:\n"
                            "  sum/2: {is: (x + y + z)/2, unit: 1}\n";

static void the_jacobian_has_the_entries_that_are_not_zero(void **state)
{
    (void)state;
    static const uint32_t rows[] = {0, 0, 1, 1, 2}, columns[] = {0, 1, 0, 1, 0};
    const System *system = system_build(arena, model_of(SMALL), NULL, 0);
    assert_int_equal(system->n_jacobian, 5);
    assert_memory_equal(system->jacobian_rows, rows, sizeof rows);
    assert_memory_equal(system->jacobian_columns, columns, sizeof columns);
}

/* Threads and systems share a model: nothing is added to it, and one system does not depend on another. */
static void a_system_leaves_its_model_as_it_is(void **state)
{
    (void)state;
    const Model *model = model_of(SMALL), before = *model;
    static const char *const record[] = {"y", "k"};
    size_t n_nodes = dag_size(model->dag);
    const System *first = system_build(arena, model, NULL, 0);
    (void)system_build(arena, model, record, 2);
    const System *again = system_build(arena, model, NULL, 0);
    assert_memory_equal(model, &before, sizeof before);
    assert_int_equal(dag_size(model->dag), n_nodes);
    assert_true(dag_size(first->dag) > n_nodes);
    assert_int_equal(dag_size(again->dag), dag_size(first->dag));
    for (Node node = 0; node < n_nodes; node++)
        assert_memory_equal(dag_node(model->dag, node), dag_node(first->dag, node), sizeof(DagNode));
}

static void lanes_run_the_tapes_of_a_system(void **state)
{
    (void)state;
    const Model *model = model_of(SMALL);
    static const char *const record[] = {"y", "k"};
    const System *system = system_build(arena, model, record, 2);
    SystemLanes *lanes = system_lanes_new(arena, system, cpu_best(), LANES);
    double *y = NEW_LANES(arena, 3 * LANES), *out = NEW_LANES(arena, 5 * LANES);
    for (size_t lane = 0; lane < LANES; lane++) {
        system_lanes_slot(lanes, 0)[lane] = 0.5 + (double)lane;
        system_lanes_slot(lanes, 1)[lane] = 2.0;
    }
    system_lanes_ready(lanes);
    system_lanes_eval(lanes, TAPE_INITIAL, 0.0, NULL, y);
    assert_near("x(0) = a", y[3], 2.0, 0.0, 0.0);
    system_lanes_eval(lanes, TAPE_RATES, 0.0, y, out);
    assert_near("-k x y", out[3], -3.5 * 2.0 * 1.0, 1e-15, 0.0);
    assert_near("k x^a - k y", out[LANES + 3], 3.5 * 4.0 - 3.5, 1e-13, 0.0);
    system_lanes_eval(lanes, TAPE_JACOBIAN, 0.0, y, out);
    assert_near("d(k x^a)/dx = k a x", out[2 * LANES + 3], 3.5 * 2.0 * 2.0, 1e-13, 0.0);
    system_lanes_eval(lanes, TAPE_OUTPUTS, 0.0, y, out);
    assert_int_equal(system->n_outputs, 3);
    assert_near("sum/2", out[3], 1.5, 0.0, 0.0);
    assert_near("y", out[LANES + 3], 1.0, 0.0, 0.0);
    assert_near("k", out[2 * LANES + 3], 3.5, 0.0, 0.0);
}

static void the_jacobian_of_a_model_equals_differences(void **state)
{
    (void)state;
    Diags diags = diags_new(arena);
    const Model *model;
    assert_true(model_load(arena, units, SOURCE_DIR "/models/mouse-rankl.yaml", &model, &diags));
    size_t n = model->n_states;
    const System *system = system_build(arena, model, NULL, 0);
    SystemLanes *lanes = system_lanes_new(arena, system, cpu_best(), LANES);
    for (size_t i = 0; i < model->n_parameters; i++)
        for (size_t lane = 0; lane < LANES; lane++) {
            system_lanes_slot(lanes, (uint32_t)i)[lane] = model->parameters[i].value;
            if (model->ramp_slots[i] != UINT32_MAX)
                system_lanes_slot(lanes, model->ramp_slots[i] + RAMP_FROM)[lane] = model->parameters[i].value;
        }
    system_lanes_ready(lanes);
    double *y = NEW_LANES(arena, n * LANES), *above = NEW_LANES(arena, n * LANES), *below = NEW_LANES(arena, n * LANES);
    double *entries = NEW_LANES(arena, system->n_jacobian * LANES);
    for (size_t i = 0; i < n * LANES; i++) /* positive, different in every lane */
        y[i] = 0.1 + rng_uniform(rng_key(20112), i);
    system_lanes_eval(lanes, TAPE_JACOBIAN, 30.0, y, entries);
    size_t entry = 0;
    for (size_t column = 0; column < n; column++) {
        double h = 1e-6;
        for (size_t lane = 0; lane < LANES; lane++)
            y[column * LANES + lane] += h;
        system_lanes_eval(lanes, TAPE_RATES, 30.0, y, above);
        for (size_t lane = 0; lane < LANES; lane++)
            y[column * LANES + lane] -= 2.0 * h;
        system_lanes_eval(lanes, TAPE_RATES, 30.0, y, below);
        for (size_t lane = 0; lane < LANES; lane++)
            y[column * LANES + lane] += h;
        for (size_t row = 0; row < n; row++)
            for (size_t lane = 0; lane < LANES; lane += 5) {
                double want = (above[row * LANES + lane] - below[row * LANES + lane]) / (2.0 * h), got = 0.0;
                for (entry = 0; entry < system->n_jacobian; entry++)
                    if (system->jacobian_rows[entry] == row && system->jacobian_columns[entry] == column)
                        got = entries[entry * LANES + lane];
                /* central differences: h^2 f''' and 1e-16 |f| / h */
                assert_near(arena_print(arena, "d %s / d %s", system->state_names[row], system->state_names[column]),
                            got, want, 1e-5, 1e-6);
            }
    }
}

/* Whatever a gene's site scales must matter: a knockout that no equation feels would be a silent no-op. */
static void every_site_of_every_gene_is_used_by_an_equation(void **state)
{
    (void)state;
    static const char *const files[] = {"lemaire-2004", "mouse-rankl"};
    for (size_t f = 0; f < ARRAY_LENGTH(files); f++) {
        Diags diags = diags_new(arena);
        const Model *model;
        assert_true(
            model_load(arena, units, arena_print(arena, "%s/models/%s.yaml", SOURCE_DIR, files[f]), &model, &diags));
        assert_int_equal(diags.n_warnings, 0); /* model.unused-parameter is one */
        assert_true(model->n_genes > 0);
    }
}

static void a_model_shows_every_stage(void **state)
{
    (void)state;
    const System *system = system_build(arena, model_of(SMALL), NULL, 0);
    Text model = text_new(arena), dag = text_new(arena), jacobian = text_new(arena), tape = text_new(arena);
    model_show(system->model, &model);
    system_show_dag(system, &dag);
    system_show_jacobian(system, &jacobian);
    system_show_tape(system, &tape);
    assert_non_null(strstr(text_string(&model), "  d x / dt = -k*x*y  [1 per day]\n"));
    assert_non_null(strstr(model.bytes, "  k = 0.5  [1/day]  (source: s)\n"));
    assert_non_null(strstr(text_string(&dag), " = state x\n"));
    assert_string_equal(text_string(&jacobian), "5 of 9 entries (rows: rates; columns: states, in this order)\n"
                                                "  x            **.\n"
                                                "  y            **.\n"
                                                "  z            *..\n");
    assert_non_null(strstr(text_string(&tape), "rates ("));
}

/* ---- What a model says of where its numbers come from ---- */

/* Sources and assumptions that a Model has. */
typedef struct Texts {
    VEC(const char *) all;
} Texts;

#define KEEP(texts, array, n)                                                                                          \
    for (size_t i_ = 0; i_ < (n); i_++) {                                                                              \
        *vec_push(arena, &(texts)->all) = (array)[i_].source;                                                          \
        *vec_push(arena, &(texts)->all) = (array)[i_].assumed;                                                         \
    }

static void keep_texts(const Model *model, Texts *texts)
{
    KEEP(texts, model->parameters, model->n_parameters);
    KEEP(texts, model->quantities, model->n_quantities);
    KEEP(texts, model->states, model->n_states);
    KEEP(texts, model->reactions, model->n_reactions);
    KEEP(texts, model->events, model->n_events);
    KEEP(texts, model->phenotypes, model->n_phenotypes);
    KEEP(texts, model->drugs, model->n_drugs);
    KEEP(texts, model->procedures, model->n_procedures);
    KEEP(texts, model->traits, model->n_traits);
    KEEP(texts, model->correlations, model->n_correlations);
    KEEP(texts, model->genes, model->n_genes);
    for (size_t g = 0; g < model->n_genes; g++)
        KEEP(texts, model->genes[g].cells, model->genes[g].n_cells);
}

static size_t check_texts(const YamlNode *node, const Texts *texts, const char *shown)
{
    size_t n = 0;
    for (size_t i = 0; node->kind == YAML_MAP && i < node->n; i++) {
        const char *key = node->pairs[i].key->text;
        const YamlNode *value = node->pairs[i].value;
        n += check_texts(value, texts, shown);
        if (value->kind != YAML_SCALAR || (!text_equal(key, "source") && !text_equal(key, "assumed")))
            continue;
        bool kept = false;
        for (size_t k = 0; k < texts->all.n; k++)
            kept = kept || (texts->all.items[k] != NULL && text_equal(texts->all.items[k], value->text));
        if (!kept)
            fail_msg("line %u: '%s: %s' is thrown away", (unsigned)value->where.line, key, value->text);
        const char *line = arena_print(arena, "(%s: %s)", key, text_one_line(arena, value->text));
        if (strstr(shown, line) == NULL)
            fail_msg("line %u: 'show' does not print '%s: %s'", (unsigned)value->where.line, key, value->text);
        n++;
    }
    for (size_t i = 0; node->kind == YAML_LIST && i < node->n; i++)
        n += check_texts(node->items[i], texts, shown);
    return n;
}

/* Every source and every assumption of every shipped model is kept, and `show` prints it. */
static void no_source_is_thrown_away(void **state)
{
    (void)state;
    static const char *const names[] = {"ayati-2010",       "coculture",           "cook-2022",
                                        "graham-2013",      "komarova-2003",       "lemaire-2004",
                                        "mouse-rankl",      "martinez-reina-2019", "nelson-2026",
                                        "openbonemin-2017", "peterson-riggs-2010", "pivonka-2008",
                                        "proctor-2016",     "sutjandra-2011",      "zierhut-2008"};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        Diags diags = diags_new(arena);
        const char *path = arena_print(arena, "%s/models/%s.yaml", SOURCE_DIR, names[i]);
        const YamlNode *root;
        const Model *model;
        Texts texts = {0};
        Text shown = text_new(arena);
        assert_true(yaml_load(arena, path, &root, &diags) && model_build(arena, units, root, &model, &diags));
        keep_texts(model, &texts);
        model_show(model, &shown);
        n += check_texts(root, &texts, text_string(&shown));
    }
    assert_true(n > 800); /* most are those of parameters; 67 of the others were thrown away */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_converted_between_units_of_a_dimension),
        cmocka_unit_test(the_jacobian_has_the_entries_that_are_not_zero),
        cmocka_unit_test(a_system_leaves_its_model_as_it_is),
        cmocka_unit_test(no_source_is_thrown_away),
        cmocka_unit_test(lanes_run_the_tapes_of_a_system),
        cmocka_unit_test(the_jacobian_of_a_model_equals_differences),
        cmocka_unit_test(every_site_of_every_gene_is_used_by_an_equation),
        cmocka_unit_test(a_model_shows_every_stage),
    };
    return cmocka_run_group_tests_name("model/model", tests, open_all, close_all);
}
