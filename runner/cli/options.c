/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the options of a command line by one table, and prints their help.
 */
#define _GNU_SOURCE /* sched_getaffinity, where there is one */
#include <math.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"
#include "judge/judge.h"
#include "run/run.h"

#define AT(field) offsetof(CliOptions, field)
#define TEXT(value) #value
#define TEXT_OF(macro) TEXT(macro)

const OptionRow option_rows[] = {
    {"animal-seconds", 0, "X", " fit run ", OPTION_NUMBER, AT(animal_s), 1e-3, 1e9, TEXT_OF(RUN_ANIMAL_S),
     "an animal that takes longer fails; its batch together takes at most four times as long"},
    {"cohort", 0, "NAME", " run ", OPTION_LIST, AT(cohorts), 0, 0, NULL,
     "run only this cohort; may be given several times"},
    {"cpu", 0, "SET", " run ", OPTION_CPU, AT(cpu), 0, 0, "the widest that it has",
     "instruction set of the hot loops: plain, sse2, avx2 or avx512f; the answer does not depend on it"},
    {"db", 0, "FILE", " run ", OPTION_TEXT, AT(db), 0, 0, "results.db", "the database that results go to"},
    {"dry-run", 0, NULL, " run ", OPTION_FLAG, AT(dry_run), 0, 0, NULL,
     "print the resolved design: cohorts, expression by site, doses, animals, batches; run nothing"},
    {"dry-run", 0, NULL, " fit ", OPTION_FLAG, AT(dry_run), 0, 0, NULL,
     "print the rows at the model's own values; fit nothing"},
    {"experiment", 0, "NAME", " dump ", OPTION_TEXT, AT(experiment), 0, 0, "all",
     "print only the runs of this experiment"},
    {"force", 0, NULL, " run ", OPTION_FLAG, AT(force), 0, 0, NULL,
     "compute what is stored already, too, and write over it"},
    {"format", 0, "FORMAT", " compare ", OPTION_TEXT, AT(format), 0, 0, "table",
     "how to show the verdicts: table, markdown"},
    {"fresh", 0, NULL, " fit ", OPTION_FLAG, AT(fresh), 0, 0, NULL, "throw away what the journal has"},
    {"jobs", 'j', "N", " fit run ", OPTION_COUNT, AT(workers), 1, 1024, "one per processor that it may use",
     "threads; the answer does not depend on it. Under mpirun or srun each rank is one thread"},
    {"journal", 0, "FILE", " fit ", OPTION_TEXT, AT(journal), 0, 0, "beside the fit",
     "where evaluations are kept, so that the same command goes on where it was"},
    {"markdown", 0, NULL, " show ", OPTION_FLAG, AT(markdown), 0, 0, NULL,
     "print the equations, events, phenotypes, parameters and genes of a model as tables of Markdown"},
    {"missing", 0, "SHARE", " compare ", OPTION_NUMBER, AT(missing), 0, 1, TEXT_OF(JUDGE_MISSING),
     "no verdict on a cohort that lacks more than this share of its animals"},
    {"models", 0, "DIR", " check fit run show ", OPTION_TEXT, AT(models), 0, 0, NULL,
     "look for models and drivers here first"},
    {"output", 'o', "FILE", " dump ", OPTION_TEXT, AT(output), 0, 0, "standard output", "write to this file"},
    {"output", 'o', "FILE", " fit ", OPTION_TEXT, AT(output), 0, 0, NULL, "write the report as Markdown, too"},
    {"quiet", 'q', NULL, " fit ", OPTION_FLAG, AT(quiet), 0, 0, NULL, "no progress"},
    {"quiet", 'q', NULL, " run ", OPTION_FLAG, AT(quiet), 0, 0, NULL, "no progress and no table of phenotypes"},
    {"rtol", 0, "X", " fit run ", OPTION_NUMBER, AT(rtol), 1e-12, 1e-3, TEXT_OF(RUN_RTOL),
     "relative tolerance of the integrator"},
    {"run", 0, "N", " compare ", OPTION_COUNT, AT(run), 1, 9e15, "the newest", "the run to compare, by its run_id"},
    {"seed", 0, "N", " run ", OPTION_COUNT, AT(seed), 0, 9e15, "the experiment's",
     "seed of everything that varies between animals"},
    {"stage", 0, "STAGE", " show ", OPTION_TEXT, AT(stage), 0, 0, "model",
     "what to print: model, tree, dag, jacobian or tape; keys: the keys of a kind of file, as Markdown"},
    {"strict", 0, NULL, " compare ", OPTION_FLAG, AT(strict), 0, 0, NULL, "rows that are uncertain fail, too"},
    {"write", 0, NULL, " fit ", OPTION_FLAG, AT(write), 0, 0, NULL,
     "put the new values and their intervals into the model's file"},
    {0},
};

static bool belongs(const OptionRow *row, const Command *command)
{
    const char *at = strstr(row->commands, command->name);
    return at != NULL && at[-1] == ' ' && at[strlen(command->name)] == ' ';
}

static const OptionRow *find_row(const Command *command, const char *name, size_t length)
{
    for (const OptionRow *row = option_rows; row->name != NULL; row++) {
        bool named = strlen(row->name) == length && memcmp(row->name, name, length) == 0;
        bool lettered = length == 1 && row->letter == name[0];
        if ((named || lettered) && belongs(row, command))
            return row;
    }
    return NULL;
}

static bool unknown_option(Arena *arena, const Command *command, const char *argument, Err *reterr)
{
    VEC(const char *) names = {0};
    for (const OptionRow *row = option_rows; row->name != NULL; row++)
        if (belongs(row, command))
            *vec_push(arena, &names) = arena_print(arena, "--%s", row->name);
    const char *hint = diag_suggest(arena, argument, names.items, names.n);
    return err_set(reterr, ERR_USAGE, "'%s' has no option '%s'%s%s; 'marblebone %s --help' lists them", command->name,
                   argument, hint != NULL ? ", " : "", hint != NULL ? hint : "", command->name);
}

static bool set_cpu(Arena *arena, const char *value, CpuSet *ret_set, Err *reterr)
{
    if (cpu_find(value, ret_set) && cpu_usable(*ret_set))
        return true;
    Text usable = text_new(arena);
    for (CpuSet set = 0; set < N_CPU_SETS; set++)
        if (cpu_usable(set))
            text_print(&usable, "%s%s", usable.length > 0 ? ", " : "", cpu_name(set));
    return err_set(reterr, ERR_USAGE, "there is no instruction set '%s' here; --cpu takes %s", value,
                   text_string(&usable));
}

static bool set_value(Arena *arena, const OptionRow *row, const char *value, CliOptions *options, Err *reterr)
{
    char *field = (char *)options + row->offset;
    double number = 0.0;
    if (row->type == OPTION_TEXT) {
        memcpy(field, &value, sizeof value);
        return true;
    }
    if (row->type == OPTION_LIST) {
        const char **list = NEW_ARRAY(arena, const char *, options->n_cohorts + 1);
        for (size_t i = 0; i < options->n_cohorts; i++)
            list[i] = options->cohorts[i];
        list[options->n_cohorts++] = value;
        options->cohorts = list;
        return true;
    }
    if (row->type == OPTION_CPU)
        return set_cpu(arena, value, (CpuSet *)(void *)field, reterr);
    bool whole = row->type == OPTION_COUNT;
    if (!number_parse(value, &number) || number < row->low || number > row->high || (whole && floor(number) < number))
        return err_set(reterr, ERR_USAGE, "'%s' is not a %snumber from %g to %g, as --%s needs", value,
                       whole ? "whole " : "", row->low, row->high, row->name);
    uint64_t count = (uint64_t)number;
    memcpy(field, whole ? (const void *)&count : (const void *)&number, sizeof number);
    if (row->offset == AT(seed))
        options->has_seed = true;
    return true;
}

/* The command line, and the argument at hand. */
typedef struct Arguments {
    int argc;
    char **argv;
    int at;
} Arguments;

/* "--db FILE", "--db=FILE", "-j 4", "-j4". */
static bool take_option(Arena *arena, const Command *command, Arguments *arguments, CliOptions *options, Err *reterr)
{
    const char *argument = arguments->argv[arguments->at], *equals = strchr(argument, '='), *value = NULL;
    bool is_long = argument[1] == '-';
    size_t length = is_long ? (equals != NULL ? (size_t)(equals - argument) - 2 : strlen(argument) - 2) : 1;
    const OptionRow *row = find_row(command, argument + (is_long ? 2 : 1), length);
    if (row == NULL)
        return unknown_option(arena, command, argument, reterr);
    if (row->type == OPTION_FLAG) {
        if (equals != NULL || (!is_long && argument[2] != '\0'))
            return err_set(reterr, ERR_USAGE, "--%s takes no value", row->name);
        *(bool *)((char *)options + row->offset) = true;
        return true;
    }
    if (is_long && equals != NULL)
        value = equals + 1;
    else if (!is_long && argument[2] != '\0')
        value = argument + 2;
    else if (arguments->at + 1 < arguments->argc)
        value = arguments->argv[++arguments->at];
    if (value == NULL || value[0] == '\0')
        return err_set(reterr, ERR_USAGE, "--%s needs a value: --%s %s", row->name, row->name, row->placeholder);
    return set_value(arena, row, value, options, reterr);
}

static const char *join(Arena *arena, int argc, char **argv)
{
    Text text = text_new(arena);
    text_print(&text, "marblebone");
    for (int i = 1; i < argc; i++)
        text_print(&text, strpbrk(argv[i], " '\"\\$*") != NULL ? " '%s'" : " %s", argv[i]);
    return text_string(&text);
}

/* Those that this process may use: a batch system gives out fewer than the machine has. */
static uint64_t count_processors(void)
{
#ifdef CPU_COUNT
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        return (uint64_t)CPU_COUNT(&allowed);
#endif
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors > 0 ? (uint64_t)processors : 1;
}

bool options_parse(Arena *arena, const Command *command, int argc, char **argv, CliOptions *ret_options, Err *reterr)
{
    CliOptions options = {.db = "results.db",
                          .stage = "model",
                          .format = "table",
                          .rtol = RUN_RTOL,
                          .animal_s = RUN_ANIMAL_S,
                          .missing = JUDGE_MISSING,
                          .cpu = cpu_best(),
                          .workers = count_processors(),
                          .args = NEW_ARRAY(arena, const char *, (size_t)argc),
                          .command_line = join(arena, argc, argv)};
    bool only_args = false;
    Arguments arguments = {.argc = argc, .argv = argv};
    for (arguments.at = 2; arguments.at < argc; arguments.at++) {
        const char *argument = argv[arguments.at];
        bool is_option = !only_args && argument[0] == '-' && argument[1] != '\0';
        if (is_option && text_equal(argument, "--"))
            only_args = true;
        else if (!is_option)
            options.args[options.n_args++] = argument;
        else if (!take_option(arena, command, &arguments, &options, reterr))
            return false;
    }
    if (options.n_args < command->min_args || options.n_args > command->max_args)
        return err_set(reterr, ERR_USAGE, "usage: marblebone %s [options] %s", command->name, command->arguments);
    *ret_options = options;
    return true;
}

void options_show_help(const Command *command, Text *text)
{
    text_print(text, "usage: marblebone %s [options] %s\n\n%s\n\noptions\n", command->name, command->arguments,
               command->details);
    for (const OptionRow *row = option_rows; row->name != NULL; row++) {
        if (!belongs(row, command))
            continue;
        SCOPED(arena_close) Arena *scratch = arena_open();
        const char *letter = row->letter != 0 ? arena_print(scratch, "-%c, ", row->letter) : "    ";
        const char *left = arena_print(scratch, "%s--%s%s%s", letter, row->name, row->placeholder != NULL ? " " : "",
                                       row->placeholder != NULL ? row->placeholder : "");
        text_print(text, "  %-24s %s%s%s%s\n", left, row->help, row->fallback != NULL ? " [" : "",
                   row->fallback != NULL ? row->fallback : "", row->fallback != NULL ? "]" : "");
    }
    text_print(text, "      --help               print this\n");
}
