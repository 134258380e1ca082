/* SPDX-License-Identifier: Apache-2.0
 *
 *     bench_parts
 *
 * What the parts of the engine cost: a tape by instruction and kernel, the LU and the vector of OpenBoneMin, a model
 * from its file to a System, rows into SQLite. Processor time; the parts take turns, medians over ROUNDS. The LU and
 * the vector are looked at behind the front door of solve/ (lu.h, vector.h): whoever changes these changes this.
 *
 *   1. models     2. what is timed     3. rounds and the table
 */
#include "solve/vector.h"

#include <math.h>
#include <unistd.h>

#include "bench/timing.h"
#include "model/system.h"
#include "solve/lu.h"
#include "store/store.h"

enum { ROUNDS = 9, MOST_PARTS = 96, INSTRUCTIONS = 64, ANIMALS = 2000, METRICS = 20, AGES = 5, MOST_KERNELS = 8 };

static const double SECONDS = 0.02; /* of one turn */

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench_parts: %s\n", what);
    exit(1);
}

/* ---- 1. Models ---- */

static const System *build(Arena *arena, Units *units, const char *name)
{
    Diags diags = diags_new(arena);
    const Model *model;
    if (!model_load(arena, units, arena_print(arena, "%s/models/%s.yaml", SOURCE_DIR, name), &model, &diags))
        die(name);
    return system_build(arena, model, NULL, 0);
}

/* ---- 2. What is timed ---- */

typedef struct Part Part;

struct Part {
    const char *name, *unit;
    size_t columns; /* this and those after it stand on one line: one for each kernel */
    double scale;   /* from seconds of one to the unit */
    void (*run)(Part *part, size_t times);
    size_t times;           /* a turn */
    double seconds[ROUNDS]; /* of one */
    /* what some need */
    Arena *arena;
    Units *units;
    const char *model;
    SystemLanes *lanes;
    SystemTape tape;
    TapeKernel kernel;
    const Instruction *code;
    double *y, *results;
    Lu *lu;
    double *entries, *slots;
    N_Vector vectors[6];
};

static void run_tape(Part *part, size_t times)
{
    for (size_t i = 0; i < times; i++)
        system_lanes_eval(part->lanes, part->tape, 1.0, part->y, part->results);
}

/* One instruction again and again, each upon registers of its own. */
static void run_operation(Part *part, size_t times)
{
    for (size_t i = 0; i < times; i++)
        part->kernel(part->code, INSTRUCTIONS, part->results);
}

/* With the filling in of I - gamma J: without it, it would factorise its own factors. */
static void run_factor(Part *part, size_t times)
{
    const Lu *lu = part->lu;
    const System *system = part->lanes->system;
    size_t state, lane;
    for (size_t i = 0; i < times; i++) {
        memset(part->slots, 0, lu->n_slots * LANES * sizeof(double));
        for (size_t k = 0; k < system->n_jacobian; k++)
            for (size_t a = 0; a < LANES; a++)
                part->slots[lu->entry_slots[k] * LANES + a] = -part->entries[k * LANES + a];
        for (size_t k = 0; k < lu->n; k++)
            for (size_t a = 0; a < LANES; a++)
                part->slots[lu->diagonal_slots[k] * LANES + a] += 1.0;
        if (!lu_factor(part->lu, part->slots, &state, &lane))
            die("no pivot");
    }
}

static void run_solve(Part *part, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        memcpy(part->results, part->y, part->lu->n * LANES * sizeof(double));
        lu_solve(part->lu, part->slots, part->results);
    }
}

static void run_linear_sum(Part *part, size_t times)
{
    for (size_t i = 0; i < times; i++)
        N_VLinearSum(1.5, part->vectors[0], 0.5, part->vectors[1], part->vectors[2]);
}

static void run_norm(Part *part, size_t times)
{
    for (size_t i = 0; i < times; i++)
        if (!(N_VWrmsNorm(part->vectors[0], part->vectors[1]) > 0.0))
            die("no norm");
}

static void run_combination(Part *part, size_t times)
{
    double factors[] = {1.0, 0.5, 0.25, 0.125, 0.0625};
    for (size_t i = 0; i < times; i++)
        (void)N_VLinearCombination(5, factors, part->vectors, part->vectors[5]);
}

static void run_build(Part *part, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        (void)build(arena, part->units, part->model);
    }
}

/* One is a row of `measurement`; a turn is a database of ANIMALS * METRICS * AGES rows, in transactions of LANES. */
static void run_store(Part *part, size_t times)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(store_close) Store *store = NULL;
    Err err = {0};
    int64_t run;
    char path[] = "/tmp/bench-store-XXXXXX";
    (void)part, (void)times;
    int file = mkstemp(path);
    StoreMetric *metrics = NEW_ARRAY(arena, StoreMetric, METRICS);
    for (size_t i = 0; i < METRICS; i++)
        metrics[i] = (StoreMetric){arena_print(arena, "metric %zu", i), "1", "", "phenotype"};
    const StoreCohort cohort = {"all", "all", "", "{}", "", "{}", "{}", ANIMALS};
    const StoreRun what = {.key = "0",
                           .command = "bench",
                           .rtol = 1e-9,
                           .experiment = {"bench", "bench", "bench"},
                           .model = {"bench", "bench", "bench"},
                           .question = "",
                           .host = "",
                           .metrics = metrics,
                           .n_metrics = METRICS,
                           .cohorts = &cohort,
                           .n_cohorts = 1};
    if (file < 0 || close(file) != 0 || !store_open(path, false, &store, &err) ||
        !store_begin(store, &what, &run, &err))
        die(err.text);
    for (size_t first = 0; first < ANIMALS; first += LANES) {
        StoreAnimal *animals = NEW_ARRAY(arena, StoreAnimal, LANES);
        for (size_t a = 0; a < LANES; a++) {
            StoreMeasurement *rows = NEW_ARRAY(arena, StoreMeasurement, METRICS * AGES);
            for (size_t i = 0; i < METRICS * AGES; i++)
                rows[i] =
                    (StoreMeasurement){i % METRICS, "", (double)(i / METRICS), sqrt((double)(first + a + i)), 1.0};
            animals[a] = (StoreAnimal){
                .number = first + a, .parameters_json = "{}", .measurements = rows, .n_measurements = METRICS * AGES};
        }
        if (!store_append(store, run, animals, LANES, &err))
            die(err.text);
    }
    store_close(&store); /* takes its other files away */
    (void)unlink(path);
}

/* ---- 3. Rounds and the table ---- */

typedef struct Parts {
    Arena *arena;
    Units *units;
    SUNContext context;
    Part all[MOST_PARTS];
    size_t n;
} Parts;

static Part *add(Parts *parts, const char *name, const char *unit, double scale, void (*run)(Part *, size_t))
{
    ASSERT(parts->n < MOST_PARTS);
    Part *part = &parts->all[parts->n++];
    *part =
        (Part){.name = name, .unit = unit, .scale = scale, .run = run, .arena = parts->arena, .units = parts->units};
    return part;
}

/* The typical animal in every lane, at its start. */
static SystemLanes *lanes_ready(Arena *arena, const System *system, TapeKernel kernel, double *ret_y)
{
    SystemLanes *lanes = system_lanes_new(arena, system, kernel);
    for (size_t i = 0; i < system->model->n_parameters; i++)
        for (size_t lane = 0; lane < LANES; lane++)
            system_lanes_slot(lanes, (uint32_t)i)[lane] = system->model->parameters[i].value;
    system_lanes_ready(lanes);
    system_lanes_eval(lanes, TAPE_INITIAL, 0.0, NULL, ret_y);
    return lanes;
}

static size_t usable_kernels(const LaneKernel **ret_kernels)
{
    size_t n = 0;
    bool usable;
    for (size_t i = 0; lane_kernel(i, &usable) != NULL; i++)
        if (usable)
            ret_kernels[n++] = lane_kernel(i, &usable);
    return n;
}

static void add_operations(Parts *parts)
{
    static const Op ops[] = {OP_ADD, OP_MULTIPLY, OP_DIVIDE, OP_SQRT, OP_EXP, OP_LOG, OP_TANH, OP_MAX, OP_SELECT};
    const LaneKernel *kernels[MOST_KERNELS];
    size_t n = usable_kernels(kernels);
    for (size_t i = 0; i < ARRAY_LENGTH(ops); i++) {
        Instruction *code = NEW_ARRAY(parts->arena, Instruction, INSTRUCTIONS);
        for (uint32_t k = 0; k < INSTRUCTIONS; k++)
            code[k] =
                (Instruction){.op = ops[i], .target = INSTRUCTIONS + k, .a = k, .b = (k + 1) % INSTRUCTIONS, .c = k};
        for (size_t k = 0; k < n; k++) {
            Part *part = add(parts, op_name(ops[i]), "ns", 1e9 / INSTRUCTIONS, run_operation);
            part->columns = n;
            part->kernel = kernels[k]->eval;
            part->code = code;
            part->results = NEW_LANES(parts->arena, (size_t)2 * INSTRUCTIONS * LANES);
            for (size_t value = 0; value < (size_t)INSTRUCTIONS * LANES; value++)
                part->results[value] = exp(rng_normal(rng_key(1), value));
        }
    }
}

static void add_tapes(Parts *parts, const char *name, const System *system)
{
    static const struct {
        SystemTape tape;
        const char *name;
    } tapes[] = {{TAPE_RATES, "rates"}, {TAPE_JACOBIAN, "Jacobian"}};
    const LaneKernel *kernels[MOST_KERNELS];
    size_t n_kernels = usable_kernels(kernels);
    for (size_t i = 0; i < ARRAY_LENGTH(tapes); i++) {
        size_t n = system->program->tapes[tapes[i].tape].n;
        const char *title = arena_print(parts->arena, "%s of %s, %zu instructions", tapes[i].name, name, n);
        for (size_t k = 0; k < n_kernels; k++) {
            Part *part = add(parts, title, "ns an instruction", 1e9 / (double)n, run_tape);
            part->columns = n_kernels;
            part->tape = tapes[i].tape;
            part->y = NEW_LANES(parts->arena, system->model->n_states * LANES);
            part->results = NEW_LANES(parts->arena, (system->n_jacobian + system->model->n_states) * LANES);
            part->lanes = lanes_ready(parts->arena, system, kernels[k]->eval, part->y);
        }
    }
}

static void add_algebra(Parts *parts, const System *system)
{
    size_t n = system->model->n_states;
    double *y = NEW_LANES(parts->arena, n * LANES), *entries = NEW_LANES(parts->arena, system->n_jacobian * LANES);
    SystemLanes *lanes = lanes_ready(parts->arena, system, lane_kernel_best()->eval, y);
    system_lanes_eval(lanes, TAPE_JACOBIAN, 0.0, y, entries);
    Lu *lu = lu_new(parts->arena, n, system->n_jacobian, system->jacobian_rows, system->jacobian_columns);
    Part *factor = add(parts,
                       arena_print(parts->arena, "LU of openbonemin, 16 lanes, %zu operations: filled in, factorised",
                                   lu->n_operations),
                       "ns", 1e9, run_factor);
    factor->lanes = lanes;
    factor->lu = lu;
    factor->entries = entries;
    factor->slots = NEW_LANES(parts->arena, lu->n_slots * LANES);
    run_factor(factor, 1);
    Part *solve = add(parts, "LU of openbonemin, 16 lanes: solved", "ns", 1e9, run_solve);
    *solve = (Part){.name = solve->name,
                    .unit = solve->unit,
                    .scale = 1e9,
                    .run = run_solve,
                    .lu = lu,
                    .y = y,
                    .slots = factor->slots,
                    .results = NEW_LANES(parts->arena, n * LANES)};

    const char *names[] = {"N_VLinearSum", "N_VWrmsNorm", "N_VLinearCombination of 5"};
    void (*runs[])(Part *, size_t) = {run_linear_sum, run_norm, run_combination};
    for (size_t i = 0; i < ARRAY_LENGTH(runs); i++) {
        Part *part = add(parts, arena_print(parts->arena, "vector of %zu states, 16 lanes: %s", n, names[i]), "ns", 1e9,
                         runs[i]);
        for (size_t v = 0; v < ARRAY_LENGTH(part->vectors); v++) {
            part->vectors[v] = vector_new(parts->arena, parts->context, n);
            N_VConst(1.0 + (double)v, part->vectors[v]);
        }
    }
}

/* Seconds. */
static double turn(Part *part)
{
    double begun = processor_time();
    part->run(part, part->times);
    return processor_time() - begun;
}

static void take_turns(Parts *parts)
{
    for (size_t i = 0; i < parts->n; i++) {
        Part *part = &parts->all[i];
        if (part->times > 0)
            continue;
        double once = 0.0;
        for (part->times = 1; once < SECONDS / 4.0; once = turn(part))
            part->times *= 2;
        part->times = (size_t)fmax((double)part->times * SECONDS / once, 1.0);
    }
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < parts->n; i++) {
            parts->all[i].seconds[round] = turn(&parts->all[i]) / (double)parts->all[i].times;
        }
}

static double result(const Part *part)
{
    return part->scale * median(part->seconds, ROUNDS);
}

static void print_tables(const Parts *parts)
{
    const LaneKernel *kernels[MOST_KERNELS];
    size_t n_kernels = usable_kernels(kernels), i = 0;
    printf("\n| one instruction of 16 lanes, by kernel |");
    for (size_t k = 0; k < n_kernels; k++)
        printf(" %s |", kernels[k]->name);
    printf(" |\n| --- |");
    for (size_t k = 0; k <= n_kernels; k++)
        printf(" --- |");
    for (; parts->all[i].columns > 0; i += parts->all[i].columns) {
        printf("\n| %s |", parts->all[i].name);
        for (size_t k = 0; k < n_kernels; k++)
            printf(" %.3g |", result(&parts->all[i + k]));
        printf(" %s |", parts->all[i].unit);
    }
    printf("\n\n| part | median | unit |\n| --- | --- | --- |\n");
    for (; i < parts->n; i++)
        printf("| %s | %.4g | %s |\n", parts->all[i].name, result(&parts->all[i]), parts->all[i].unit);
}

int main(void)
{
    Err err = {0};
    CompatMessage message;
    Parts *parts;
    SCOPED(arena_close) Arena *arena = arena_open();
    SCOPED(units_close) Units *units = units_open(&err);
    if (units == NULL)
        die(err.text);
    parts = NEW(arena, Parts);
    parts->arena = arena;
    parts->units = units;
    if (compat_context_open(&parts->context, &message) != 0)
        die("no context");
    const System *system = build(arena, units, "openbonemin-2017");
    add_operations(parts);
    add_tapes(parts, "openbonemin", system);
    add_tapes(parts, "mouse-rankl", build(arena, units, "mouse-rankl"));
    add_algebra(parts, system);
    const char *models[] = {"mouse-rankl", "proctor-2016", "openbonemin-2017", "lemaire-2004"};
    for (size_t i = 0; i < ARRAY_LENGTH(models); i++) {
        Part *part = add(parts, arena_print(arena, "%s from its file to a System", models[i]), "ms", 1e3, run_build);
        part->model = models[i];
    }
    Part *store = add(parts, "row into SQLite (16 animals of 100 rows a transaction)", "us", 1e6, run_store);
    store->times = (size_t)ANIMALS * METRICS * AGES;
    take_turns(parts);
    print_tables(parts);
    SUNContext_Free(&parts->context);
    return 0;
}
