/* SPDX-License-Identifier: Apache-2.0
 *
 *     bench_parts
 *
 * What the parts of the engine cost: an operation, the tapes, the LU and the vector of OpenBoneMin by instruction set,
 * the rates by how many lanes there are, a model from its file to a System, readings into SQLite. Processor time; the
 * parts take turns, medians over ROUNDS. The LU and the vector are looked at behind the front door of solve/ (linear.h,
 * vector.h): whoever changes these changes this.
 *
 *   1. models     2. what is timed     3. rounds and the table
 */
#include "solve/vector.h"

#include <math.h>
#include <unistd.h>

#include "bench/timing.h"
#include "model/system.h"
#include "solve/linear.h"
#include "store/store.h"

enum { ROUNDS = 9, MAX_PARTS = 160, INSTRUCTIONS = 64, WIDTH = 16, ANIMALS = 2000, METRICS = 30, AGES = 5 };

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

/* What the columns of a line are: one number, one for each usable instruction set, one for each width of a batch. */
typedef enum Columns { ONE, BY_SET, BY_WIDTH } Columns;

typedef struct Part Part;

struct Part {
    const char *name, *unit;
    Columns columns; /* this and those after it that stand on one line */
    double scale;    /* from seconds of one to the unit */
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
    Linear *linear;
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
        part->kernel(part->code, INSTRUCTIONS, WIDTH, part->results);
}

static void run_held_rates(Part *part, size_t times)
{
    double *numbers = part->results + part->lanes->system->model->n_states * part->lanes->width;
    for (size_t i = 0; i < times; i++)
        system_lanes_held_rates(part->lanes, 1.0, part->y, part->results, numbers);
}

/* With the filling in of I - gamma J: without it, it would factorise its own factors. */
static void run_factor(Part *part, size_t times)
{
    const Linear *linear = part->linear;
    size_t state, lane;
    for (size_t i = 0; i < times; i++) {
        linear->loops->fill(linear->lu->n_slots, WIDTH, linear->slots, 1.0, linear->jacobian, linear->system);
        if (!lu_factor(linear->lu, linear->loops, WIDTH, linear->system, &state, &lane))
            die("no pivot");
    }
}

static void run_solve(Part *part, size_t times)
{
    const Linear *linear = part->linear;
    for (size_t i = 0; i < times; i++) {
        memcpy(part->results, part->y, linear->lu->n * WIDTH * sizeof(double));
        lu_solve(linear->lu, linear->loops, WIDTH, linear->system, part->results);
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

static Animal animal_read(Arena *arena, size_t number)
{
    Reading *readings = NEW_ARRAY(arena, Reading, AGES);
    for (size_t age = 0; age < AGES; age++) {
        double *values = NEW_ARRAY(arena, double, METRICS), *truths = NEW_ARRAY(arena, double, METRICS);
        for (size_t i = 0; i < METRICS; i++) {
            values[i] = sqrt((double)(number * METRICS + i));
            truths[i] = sqrt((double)(age * METRICS + i));
        }
        readings[age] = (Reading){"", (double)age, true, values, truths};
    }
    return (Animal){.number = number, .parameters_json = "{}", .readings = readings, .n_readings = AGES};
}

/* One is a reading; a turn is a new database of ANIMALS * AGES of them, in transactions of WIDTH animals. */
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
        metrics[i] = (StoreMetric){arena_print(arena, "metric %zu", i), "1", "", "phenotype", (double)NAN};
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
    for (size_t first = 0; first < ANIMALS; first += WIDTH) {
        Animal *animals = NEW_ARRAY(arena, Animal, WIDTH);
        for (size_t a = 0; a < WIDTH; a++)
            animals[a] = animal_read(arena, first + a);
        if (!store_append(store, run, animals, WIDTH, &err))
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
    Part all[MAX_PARTS];
    size_t n;
} Parts;

static Part *add(Parts *parts, Columns columns, const char *name, const char *unit, double scale,
                 void (*run)(Part *, size_t))
{
    ASSERT(parts->n < MAX_PARTS);
    Part *part = &parts->all[parts->n++];
    *part = (Part){.columns = columns,
                   .name = name,
                   .unit = unit,
                   .scale = scale,
                   .run = run,
                   .arena = parts->arena,
                   .units = parts->units};
    return part;
}

/* The typical animal in every lane, at its start; conditions of the rates that can be held are held as false. */
static SystemLanes *lanes_ready(Arena *arena, const System *system, CpuSet set, size_t width, double *ret_y)
{
    SystemLanes *lanes = system_lanes_new(arena, system, set, width);
    for (size_t i = 0; i < system->model->n_parameters; i++)
        for (size_t lane = 0; lane < width; lane++)
            system_lanes_slot(lanes, (uint32_t)i)[lane] = system->model->parameters[i].value;
    system_lanes_ready(lanes);
    system_lanes_eval(lanes, TAPE_INITIAL, 0.0, NULL, ret_y);
    return lanes;
}

static void add_operations(Parts *parts)
{
    static const Op ops[] = {OP_ADD, OP_MULTIPLY, OP_MULTIPLY_ADD, OP_DIVIDE, OP_DIVIDE_ADD, OP_SQRT,
                             OP_EXP, OP_LOG,      OP_TANH,         OP_MAX,    OP_SELECT};
    for (size_t i = 0; i < ARRAY_LENGTH(ops); i++) {
        Instruction *code = NEW_ARRAY(parts->arena, Instruction, INSTRUCTIONS);
        for (uint32_t k = 0; k < INSTRUCTIONS; k++)
            code[k] =
                (Instruction){.op = ops[i], .target = INSTRUCTIONS + k, .a = k, .b = (k + 1) % INSTRUCTIONS, .c = k};
        for (CpuSet set = 0; set <= cpu_best(); set++) {
            Part *part = add(parts, BY_SET, op_name(ops[i]), "ns", 1e9 / INSTRUCTIONS, run_operation);
            part->kernel = tape_kernel(set);
            part->code = code;
            part->results = NEW_LANES(parts->arena, (size_t)2 * INSTRUCTIONS * WIDTH);
            for (size_t value = 0; value < (size_t)INSTRUCTIONS * WIDTH; value++)
                part->results[value] = exp(rng_normal(rng_key(1), value));
        }
    }
}

static void add_tape(Parts *parts, Columns columns, const char *title, double scale, const System *system,
                     SystemTape tape, CpuSet set, size_t width)
{
    const char *unit = columns == BY_SET ? "ns an instruction" : "ns a lane";
    Part *part = add(parts, columns, title, unit, scale, tape == TAPE_HELD_RATES ? run_held_rates : run_tape);
    size_t most = system->n_jacobian + system->model->n_states + system->n_root_functions;
    part->tape = tape;
    part->y = NEW_LANES(parts->arena, system->model->n_states * width);
    part->results = NEW_LANES(parts->arena, most * width);
    part->lanes = lanes_ready(parts->arena, system, set, width, part->y);
}

/* The tapes of a model by instruction set, or its rates by width. */
static void add_tapes(Parts *parts, Columns columns, const char *name, const System *system)
{
    static const struct {
        SystemTape tape;
        const char *name;
    } tapes[] = {{TAPE_RATES, "rates"}, {TAPE_HELD_RATES, "held rates"}, {TAPE_JACOBIAN, "Jacobian"}};
    for (size_t i = 0; i < ARRAY_LENGTH(tapes); i++) {
        size_t n = system->program->tapes[tapes[i].tape].n;
        const char *title = arena_print(parts->arena, "%s of %s, %zu instructions", tapes[i].name, name, n);
        if (n == 0) /* there is nothing to hold */
            continue;
        if (columns == BY_SET)
            for (CpuSet set = 0; set <= cpu_best(); set++)
                add_tape(parts, BY_SET, title, 1e9 / (double)n, system, tapes[i].tape, set, WIDTH);
        else if (tapes[i].tape != TAPE_JACOBIAN)
            for (size_t width = MIN_LANES; width <= LANES; width *= 2)
                add_tape(parts, BY_WIDTH, title, 1e9 / (double)width, system, tapes[i].tape, cpu_best(), width);
    }
}

static void add_linear(Parts *parts, const System *system)
{
    size_t n = system->model->n_states;
    Ode *ode = NEW(parts->arena, Ode);
    Fault *fault = NEW(parts->arena, Fault);
    *ode = (Ode){.n_states = n,
                 .n_entries = system->n_jacobian,
                 .rows = system->jacobian_rows,
                 .columns = system->jacobian_columns,
                 .width = WIDTH};
    void (*runs[])(Part *, size_t) = {run_factor, run_solve};
    for (size_t i = 0; i < ARRAY_LENGTH(runs); i++)
        for (CpuSet set = 0; set <= cpu_best(); set++) {
            Linear *linear = linear_new(parts->arena, parts->context, loops_find(set), ode, fault);
            const char *title = arena_print(parts->arena, "LU of openbonemin, %zu operations: %s",
                                            linear->lu->n_operations, i == 0 ? "filled in, factorised" : "solved");
            Part *part = add(parts, BY_SET, title, "ns", 1e9, runs[i]);
            part->linear = linear;
            part->y = NEW_LANES(parts->arena, n * WIDTH);
            part->results = NEW_LANES(parts->arena, n * WIDTH);
            SystemLanes *lanes = lanes_ready(parts->arena, system, set, WIDTH, part->y);
            system_lanes_eval(lanes, TAPE_JACOBIAN, 0.0, part->y, linear->jacobian);
            run_factor(part, 1);
        }
}

static void add_vector(Parts *parts, size_t n)
{
    const char *names[] = {"N_VLinearSum", "N_VWrmsNorm", "N_VLinearCombination of 5"};
    void (*runs[])(Part *, size_t) = {run_linear_sum, run_norm, run_combination};
    for (size_t i = 0; i < ARRAY_LENGTH(runs); i++)
        for (CpuSet set = 0; set <= cpu_best(); set++) {
            const char *title = arena_print(parts->arena, "vector of %zu states: %s", n, names[i]);
            Part *part = add(parts, BY_SET, title, "ns", 1e9, runs[i]);
            for (size_t v = 0; v < ARRAY_LENGTH(part->vectors); v++) {
                part->vectors[v] = vector_new(parts->arena, parts->context, loops_find(set), n, WIDTH);
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

/* Those lines from part *i on that have such columns. */
static void print_table(const Parts *parts, Columns columns, const char *title, size_t *i)
{
    size_t n = 0;
    printf("\n| %s |", title);
    for (CpuSet set = 0; columns == BY_SET && set <= cpu_best(); set++, n++)
        printf(" %s |", cpu_name(set));
    for (size_t width = MIN_LANES; columns == BY_WIDTH && width <= LANES; width *= 2, n++)
        printf(" %zu |", width);
    if (columns == ONE) {
        printf(" median |");
        n = 1;
    }
    printf(" unit |\n| --- |");
    for (size_t k = 0; k <= n; k++)
        printf(" --- |");
    for (; *i < parts->n && parts->all[*i].columns == columns; *i += n) {
        printf("\n| %s |", parts->all[*i].name);
        for (size_t k = 0; k < n; k++)
            printf(" %.4g |", result(&parts->all[*i + k]));
        printf(" %s |", parts->all[*i].unit);
    }
    printf("\n");
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
    const System *mouse = build(arena, units, "mouse-rankl");
    add_operations(parts);
    add_tapes(parts, BY_SET, "openbonemin-2017", system);
    add_tapes(parts, BY_SET, "mouse-rankl", mouse);
    add_linear(parts, system);
    add_vector(parts, system->model->n_states);
    add_tapes(parts, BY_WIDTH, "openbonemin-2017", system);
    add_tapes(parts, BY_WIDTH, "mouse-rankl", mouse);
    const char *models[] = {"mouse-rankl", "proctor-2016", "openbonemin-2017", "lemaire-2004"};
    for (size_t i = 0; i < ARRAY_LENGTH(models); i++)
        add(parts, ONE, arena_print(arena, "%s from its file to a System", models[i]), "ms", 1e3, run_build)->model =
            models[i];
    add(parts, ONE, "reading of 30 metrics into SQLite (16 animals of 5 readings a transaction)", "us", 1e6, run_store)
        ->times = (size_t)ANIMALS * AGES;
    take_turns(parts);
    size_t i = 0;
    print_table(parts, BY_SET, "16 lanes, by instruction set", &i);
    print_table(parts, BY_WIDTH, arena_print(arena, "%s, by lanes", cpu_name(cpu_best())), &i);
    print_table(parts, ONE, "part", &i);
    SUNContext_Free(&parts->context);
    return 0;
}
