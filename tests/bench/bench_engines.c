/* SPDX-License-Identifier: Apache-2.0
 *
 *     bench_engines [ROUNDS [SECONDS]]
 *
 * This engine against native C models in the integrators of yardstick.h: the same subjects, drawn by the engine, one
 * dose of 60 mg of denosumab, one year, end only and daily output. All take turns (A B C A B C ...), each over as many
 * subjects as take about SECONDS [1] of processor time; medians over ROUNDS [5]. Beside each speed stands the largest
 * error of 64 subjects, over all days, states and outputs, against CVODE at rtol 1e-12 (dense, analytic Jacobian):
 * relative to the value, or to a thousandth of the largest of its days where it is smaller than that.
 *
 *   1. subjects     2. contestants     3. errors     4. turns and tables
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/timing.h"
#include "bench/yardstick.h"
#include "plan/plan.h"
#include "simulate/simulate.h"

enum { SUBJECTS = 16 * LANES, MEASURED = LANES, DAYS = 365, MAX_CONTESTANTS = 5 };

static const double RTOL = 1e-8, ATOL = 1e-8, DOSE_MG = 60.0;
static const double REFERENCE_RTOL = 1e-12, SMALL = 1e-3;
/* What the engine makes of rtol and the scale of a state (runner/simulate/worker.c). */
static const double ENGINE_SHARE = 1e-2;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench_engines: %s\n", what);
    exit(1);
}

/* ---- 1. Subjects ---- */

typedef struct Case {
    const Native *native;
    const char *folder; /* of the model file, below the source folder */
    double unit_h;      /* hours in the model's unit of time */
    struct {
        const char *parameter, *spread;
    } varied[8]; /* what the model file does not vary itself */
} Case;

static const Case cases[] = {
    {&native_openbonemin,
     "models",
     1.0,
     {{"Da", "0.2"},
      {"kb", "0.2"},
      {"koutL", "0.2"},
      {"DENCL", "0.3"},
      {"DENVMAX", "0.3"},
      {"koutBMDlsDEN", "0.3"},
      {"DENKA", "0.4"},
      {"kdenosl", "0.4"}}},
    {&native_lemaire_pk, "tests/bench", 24.0, {{NULL, NULL}}},
};

static const char *read_text(Arena *arena, const char *path)
{
    Text text = text_new(arena);
    char buffer[4096];
    FILE *stream = fopen(path, "r");
    if (stream == NULL)
        die(path);
    for (size_t n; (n = fread(buffer, 1, sizeof buffer - 1, stream)) > 0;) {
        buffer[n] = '\0';
        text_print(&text, "%s", buffer);
    }
    fclose(stream);
    return text_string(&text);
}

/* The model file with a variability more in the parameters that the case names, in a folder of its own. */
static void write_varied(Arena *arena, const Case *which, const char *folder)
{
    const char *name = which->native->model;
    const char *text = read_text(arena, arena_print(arena, "%s/%s/%s.yaml", SOURCE_DIR, which->folder, name));
    for (size_t i = 0; i < ARRAY_LENGTH(which->varied) && which->varied[i].parameter != NULL; i++) {
        const char *at = strstr(text, arena_print(arena, "\n  %s:", which->varied[i].parameter));
        const char *brace = at != NULL ? strchr(at, '{') : NULL;
        if (brace == NULL)
            die(which->varied[i].parameter);
        text = arena_print(arena, "%.*s{variability: {lognormal: %s}, %s", (int)(brace - text), text,
                           which->varied[i].spread, brace + 1);
    }
    FILE *stream = fopen(arena_print(arena, "%s/%s.yaml", folder, name), "w");
    if (stream == NULL || fputs(text, stream) < 0 || fclose(stream) != 0)
        die(folder);
}

static const Plan *make_plan(Arena *arena, Units *units, const Case *which, bool daily, bool record)
{
    const Native *native = which->native;
    char template[] = "/tmp/bench-XXXXXX";
    const char *folder = mkdtemp(template);
    if (folder == NULL)
        die("no temporary folder");
    write_varied(arena, which, folder);
    Text text = text_new(arena);
    text_print(&text, "experiment: bench\nmodel: %s\nseed: 1\nanimals: %d\nmeasure: %s\n", native->model, SUBJECTS,
               daily ? "{from: 0 day, to: 365 day, every: 1 day}" : "[365 day]");
    for (size_t i = 0; record && i < native->n_states; i++)
        text_print(&text, "%s%s", i == 0 ? "record: [" : ", ", native->state_names[i]);
    text_print(&text, "%scohorts: {dosed: {treatments: [{drug: denosumab, dose: 60 mg, at: 0 day}]}}\n",
               record ? "]\n" : "");
    const char *experiment = text_string(&text);
    const PlanOptions options = {.model_folders = &folder, .n_model_folders = 1};
    const YamlNode *root;
    const Plan *plan;
    Diags diags = diags_new(arena);
    if (!yaml_parse(arena, "bench.yaml", experiment, strlen(experiment), &root, &diags) ||
        !plan_build(arena, units, root, &options, &plan, &diags)) {
        Text shown = text_new(arena);
        for (size_t i = 0; i < diags.n; i++)
            diag_show(&diags.list[i], &shown);
        die(text_string(&shown));
    }
    (void)unlink(arena_print(arena, "%s/%s.yaml", folder, native->model));
    (void)rmdir(folder);
    return plan;
}

/* What the engine draws for each subject, in the order of the native model: [SUBJECTS][n_parameters]. */
static double *draw_subjects(Arena *arena, const Plan *plan, const Native *native)
{
    double *vectors = NEW_ARRAY(arena, double, SUBJECTS * native->n_parameters);
    for (size_t subject = 0; subject < SUBJECTS; subject++) {
        const AnimalDraw *draw = plan_draw(arena, plan, &plan->cohorts[0], subject);
        for (size_t i = 0; i < native->n_parameters; i++) {
            const Symbol *symbol = map_find(&plan->model->symbols, native->parameter_names[i]);
            if (symbol == NULL || symbol->kind != SYMBOL_PARAMETER)
                die(native->parameter_names[i]);
            vectors[subject * native->n_parameters + i] = draw->parameters[symbol->index];
        }
    }
    return vectors;
}

/* ---- 2. Contestants ---- */

typedef struct Contestant Contestant;

struct Contestant {
    const char *name;
    const Native *native;
    const double *vectors;
    const Course *course;
    double *outputs;                                                       /* of one subject: [n_times][n_outputs] */
    bool (*run)(Contestant *one, size_t first, size_t n, uint64_t *steps); /* adds the steps of each subject */
    Worker *worker;
    Stock *stock;
    Lsodes *lsodes;
    size_t n; /* subjects a turn */
    double seconds[MAX_ROUNDS], steps;
    struct Worst {
        double error;
        const char *of;
    } outputs_worst, states_worst;
};

static bool run_engine(Contestant *one, size_t first, size_t n, uint64_t *steps)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    bool fine = true;
    size_t most = lanes_shared(one->native->n_states);
    for (size_t i = 0; i < n; i += most) {
        size_t lanes = n - i < most ? n - i : most;
        const Animal *animals = worker_run(arena, one->worker, (AnimalRange){0, first + i, lanes});
        for (size_t lane = 0; lane < lanes; lane++) {
            *steps += animals[lane].steps;
            fine = fine && animals[lane].failure == NULL;
        }
        arena_reset(arena);
    }
    return fine;
}

static const double *vector_of(const Contestant *one, size_t subject)
{
    return one->vectors + subject * one->native->n_parameters;
}

static bool run_stock(Contestant *one, size_t first, size_t n, uint64_t *steps)
{
    Trace trace = {.outputs = one->outputs};
    for (size_t i = 0; i < n; i++) {
        if (!stock_run(one->stock, vector_of(one, first + i), &trace))
            return false;
        *steps += trace.steps;
    }
    return true;
}

static bool run_lsodes(Contestant *one, size_t first, size_t n, uint64_t *steps)
{
    Trace trace = {.outputs = one->outputs};
    for (size_t i = 0; i < n; i++) {
        if (!lsodes_run(one->lsodes, vector_of(one, first + i), &trace))
            return false;
        *steps += trace.steps;
    }
    return true;
}

/* The usual size of each state: the model's word, else its start, else 1. */
static double *scales(Arena *arena, const Model *model, const Native *native, const double *vector)
{
    double *sizes = NEW_ARRAY(arena, double, native->n_states);
    native->initial(native->prepare(vector), sizes);
    for (size_t i = 0; i < native->n_states; i++)
        if (!isnan(model->states[i].scale))
            sizes[i] = model->states[i].scale;
        else if (!(fabs(sizes[i]) > 0.0))
            sizes[i] = 1.0;
    return sizes;
}

static const double *times_of(Arena *arena, const Case *which, bool daily, size_t *ret_n)
{
    double *times = NEW_ARRAY(arena, double, DAYS + 1);
    *ret_n = daily ? DAYS + 1 : 1;
    for (size_t i = 0; i < *ret_n; i++)
        times[i] = (daily ? (double)i : DAYS) * 24.0 / which->unit_h;
    return times;
}

static Course *course_new(Arena *arena, const Case *which, bool daily, double rtol, double atol, const double *sizes)
{
    Course *course = NEW(arena, Course);
    double *all = NEW_ARRAY(arena, double, which->native->n_states);
    for (size_t i = 0; i < which->native->n_states; i++)
        all[i] = atol * (sizes != NULL ? sizes[i] : 1.0);
    *course = (Course){.mg = DOSE_MG, .rtol = rtol, .atol = all};
    course->times = times_of(arena, which, daily, &course->n_times);
    return course;
}

typedef struct Contest {
    const Case *which;
    bool daily;
    const double *vectors;
    Contestant all[MAX_CONTESTANTS];
    size_t n;
} Contest;

static Contestant *enter(Contest *contest, Arena *arena, const char *name, const Course *course)
{
    Contestant *one = &contest->all[contest->n++];
    const Native *native = contest->which->native;
    *one = (Contestant){.name = name, .native = native, .vectors = contest->vectors, .course = course};
    one->outputs = NEW_ARRAY(arena, double, course->n_times * native->n_outputs);
    return one;
}

static void enter_stock(Contest *contest, Arena *arena, const char *name, const Course *course, StockKind kind)
{
    Contestant *one = enter(contest, arena, name, course);
    one->run = run_stock;
    one->stock = stock_open(arena, one->native, course, kind);
    if (one->stock == NULL)
        die("SUNDIALS cannot be set up");
}

static Contest *contest_new(Arena *arena, Units *units, const Case *which, bool daily)
{
    Contest *contest = NEW(arena, Contest);
    Err err = {0};
    const Plan *plan = make_plan(arena, units, which, daily, false);
    const System *system = system_build(arena, plan->model, plan->record, plan->n_record);
    contest->which = which;
    contest->daily = daily;
    contest->vectors = draw_subjects(arena, plan, which->native);
    const double *sizes = scales(arena, plan->model, which->native, contest->vectors);
    const Course *same = course_new(arena, which, daily, RTOL, ATOL, NULL);
    const Course *as_engine = course_new(arena, which, daily, RTOL, RTOL * ENGINE_SHARE, sizes);

    Contestant *engine = enter(contest, arena, "this engine", same);
    engine->run = run_engine;
    engine->worker = worker_open(arena, plan, system, RTOL, cpu_best(), &err);
    if (engine->worker == NULL)
        die(err.text);
    enter_stock(contest, arena, "C + CVODE, dense, differences", same, STOCK_DENSE_DIFFERENCES);
    enter_stock(contest, arena, "C + CVODE, KLU, analytic", same, STOCK_KLU_ANALYTIC);
    enter_stock(contest, arena, "the same, atol of the engine", as_engine, STOCK_KLU_ANALYTIC);
    const char *why;
    Lsodes *lsodes = lsodes_open(arena, which->native, same, &why);
    if (lsodes == NULL) {
        printf("C + LSODES: not available: %s\n", why);
        return contest;
    }
    Contestant *one = enter(contest, arena, "C + LSODES, sparse, differences", same);
    one->run = run_lsodes;
    one->lsodes = lsodes;
    return contest;
}

static void contest_close(Contest *contest)
{
    for (size_t i = 0; i < contest->n; i++) {
        worker_close(&contest->all[i].worker);
        stock_close(&contest->all[i].stock);
    }
}

/* ---- 3. Errors ---- */

/* Values of one subject by day: [DAYS + 1][n_outputs + n_states]. */
static void join(const Native *native, const Trace *trace, double *ret_values)
{
    size_t width = native->n_outputs + native->n_states;
    for (size_t day = 0; day <= DAYS; day++) {
        memcpy(ret_values + day * width, trace->outputs + day * native->n_outputs, native->n_outputs * sizeof(double));
        memcpy(ret_values + day * width + native->n_outputs, trace->states + day * native->n_states,
               native->n_states * sizeof(double));
    }
}

static void compare(Contestant *one, const System *system, const double *got, const double *want)
{
    const Native *native = one->native;
    size_t width = native->n_outputs + native->n_states;
    for (size_t k = 0; k < width; k++) {
        double most = 0.0;
        for (size_t day = 0; day <= DAYS; day++)
            most = fmax(most, fabs(want[day * width + k]));
        for (size_t day = 0; day <= DAYS; day++) {
            double right = want[day * width + k], size = fmax(fabs(right), SMALL * most);
            double error = size > 0.0 ? fabs(got[day * width + k] - right) / size : fabs(got[day * width + k]);
            struct Worst *worst = k < native->n_outputs ? &one->outputs_worst : &one->states_worst;
            if (error > worst->error)
                *worst = (struct Worst){error, system->outputs[k].name};
        }
    }
}

/* What the engine makes of one batch of subjects, with its states recorded. */
static void engine_values(const Native *native, Worker *worker, size_t first, double *ret_values)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    size_t width = native->n_outputs + native->n_states;
    const Animal *animals = worker_run(arena, worker, (AnimalRange){0, first, lanes_shared(native->n_states)});
    for (size_t lane = 0; lane < lanes_shared(native->n_states); lane++) {
        if (animals[lane].failure != NULL)
            die(animals[lane].failure);
        for (size_t i = 0; i < animals[lane].n_series; i++) {
            const Series *series = &animals[lane].series[i];
            for (size_t day = 0; day <= DAYS; day++)
                ret_values[(lane * (DAYS + 1) + day) * width + series->metric] = series->values[day];
        }
    }
}

static void trace_values(Contestant *one, size_t subject, double *states, double *ret_values)
{
    Trace trace = {.outputs = one->outputs, .states = states};
    bool fine = one->stock != NULL ? stock_run(one->stock, vector_of(one, subject), &trace)
                                   : lsodes_run(one->lsodes, vector_of(one, subject), &trace);
    if (!fine)
        die(one->name);
    join(one->native, &trace, ret_values);
}

/* Fills `error` of all; the contest has daily output. */
static void measure_errors(Contest *contest, Arena *arena, Units *units)
{
    Err err = {0};
    const Native *native = contest->which->native;
    const Plan *plan = make_plan(arena, units, contest->which, true, true);
    const System *system = system_build(arena, plan->model, plan->record, plan->n_record);
    SCOPED(worker_close) Worker *worker = worker_open(arena, plan, system, RTOL, cpu_best(), &err);
    if (worker == NULL)
        die(err.text);
    const double *sizes = scales(arena, plan->model, native, contest->vectors);
    Contestant reference = contest->all[0];
    reference.name = "reference";
    reference.course = course_new(arena, contest->which, true, REFERENCE_RTOL, REFERENCE_RTOL * ENGINE_SHARE, sizes);
    reference.stock = stock_open(arena, native, reference.course, STOCK_DENSE_ANALYTIC);
    if (reference.stock == NULL)
        die("SUNDIALS cannot be set up");
    size_t size = (DAYS + 1) * (native->n_outputs + native->n_states);
    double *want = NEW_ARRAY(arena, double, size), *got = NEW_ARRAY(arena, double, size);
    double *batch = NEW_ARRAY(arena, double, size *LANES);
    double *states = NEW_ARRAY(arena, double, (DAYS + 1) * native->n_states);
    for (size_t subject = 0; subject < MEASURED; subject++) {
        if (subject % lanes_shared(native->n_states) == 0)
            engine_values(native, worker, subject, batch);
        trace_values(&reference, subject, states, want);
        compare(&contest->all[0], system, batch + subject % lanes_shared(native->n_states) * size, want);
        for (size_t i = 1; i < contest->n; i++) {
            trace_values(&contest->all[i], subject, states, got);
            compare(&contest->all[i], system, got, want);
        }
    }
    stock_close(&reference.stock);
}

/* ---- 4. Turns and tables ---- */

/* Seconds a subject. */
static double turn(Contestant *one, size_t first, size_t n)
{
    uint64_t steps = 0;
    double begun = processor_time();
    if (!one->run(one, first, n, &steps))
        die(one->name);
    one->steps = (double)steps / (double)n;
    return (processor_time() - begun) / (double)n;
}

static void take_turns(Contest *contest, size_t rounds, double seconds)
{
    for (size_t i = 0; i < contest->n; i++) { /* whole batches, for all the same subjects */
        double batches = seconds / turn(&contest->all[i], 0, LANES) / LANES;
        contest->all[i].n = LANES * (size_t)fmin(fmax(round(batches), 1.0), SUBJECTS / LANES);
    }
    for (size_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < contest->n; i++)
            contest->all[i].seconds[round] = turn(&contest->all[i], 0, contest->all[i].n);
}

static void print_table(const Contest *contest, size_t rounds)
{
    const Contestant *engine = &contest->all[0];
    printf("\n%s, %s\n", contest->which->native->model,
           contest->daily ? "daily output (366 times)" : "end only (one output time)");
    printf("| %-32s | subjects/s | engine is | steps | largest error of a state | of an output |\n"
           "| --- | --- | --- | --- | --- | --- |\n",
           "");
    for (size_t i = 0; i < contest->n; i++) {
        const Contestant *one = &contest->all[i];
        double ratios[MAX_ROUNDS];
        for (size_t round = 0; round < rounds; round++)
            ratios[round] = one->seconds[round] / engine->seconds[round];
        printf("| %-32s | %10.0f | %6.2f x  | %5.0f | %.1e %s | %.1e %s |\n", one->name,
               1.0 / median(one->seconds, rounds), median(ratios, rounds), one->steps, one->states_worst.error,
               one->states_worst.of, one->outputs_worst.error, one->outputs_worst.of);
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 5;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 1.0;
    if (rounds < 1 || rounds > MAX_ROUNDS || !(seconds > 0.0))
        die("usage: bench_engines [ROUNDS [SECONDS]]");
    Err err = {0};
    SCOPED(units_close) Units *units = units_open(&err);
    if (units == NULL)
        die(err.text);
    printf("rtol 1e-8; atol 1e-8 in each state's unit, the engine's 1e-10 of the state's usual size; kernel %s\n",
           cpu_name(cpu_best()));
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        Contest *daily = contest_new(arena, units, &cases[i], true), *end = contest_new(arena, units, &cases[i], false);
        measure_errors(daily, arena, units);
        for (size_t k = 0; k < end->n; k++) { /* output is interpolated: the steps are the same */
            end->all[k].outputs_worst = daily->all[k].outputs_worst;
            end->all[k].states_worst = daily->all[k].states_worst;
        }
        take_turns(end, rounds, seconds);
        print_table(end, rounds);
        take_turns(daily, rounds, seconds);
        print_table(daily, rounds);
        contest_close(daily);
        contest_close(end);
    }
    return 0;
}
