/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds out which command is meant and hands over. Nothing else.
 */
#include <signal.h>
#include <stdio.h>

#include "build_info.h"
#include "cli/cli.h"
#include "run/ranks.h"

const Command cli_commands[] = {
    {"check", "FILE.yaml ...", "look for mistakes in models, experiments, drivers and references; run nothing", 1, 1000,
     cmd_check,
     "Checks files of any of the four kinds: syntax, names, units, references between them. Prints up to 20\n"
     "faults with file, line, column, the place and what to do. Exit code 0: no error; 3: errors."},
    {"compare", "DATABASE REFERENCE.yaml", "compare results with what the literature measured", 2, 2, cmd_compare,
     "Judges the newest run of the reference's experiment row by row: agrees, differs or missing, with the\n"
     "95 % interval of the estimate. A cohort that lacks more than a twentieth of its animals (--missing) gets no\n"
     "verdict: its rows are missing. Exit code 0: every row agrees or is known to differ; 1: some row differs or is\n"
     "missing."},
    {"dump", "DATABASE", "print every result, in an order that two databases can be compared by", 1, 1, cmd_dump,
     "Prints runs, metrics, cohorts, animals, measurements and series as lines of fields that tabs part, with all\n"
     "digits. What does not belong to the answer is left out: ids, the order of cohorts in the file, clocks, paths,\n"
     "host. Databases with the same results have the same dump, whatever number of threads made them, and whether or\n"
     "not they were interrupted. Exit code 0: done; 3: no such experiment; 5: the database, or a file cannot be\n"
     "written."},
    {"fit", "FIT.yaml", "fit free parameters of a model to references", 1, 1, cmd_fit,
     "Minimises the distance of the model from every row of the references and of the parameters from their priors;\n"
     "prints values with standard errors, rows with residuals, and what the data cannot tell apart. Ctrl-C loses\n"
     "nothing that was evaluated: running again goes on. The model's file changes with --write only.\n"
     "Exit code 0: done; 3: a file has errors; 4: the model's own values cannot be integrated; 5: a file cannot be\n"
     "written; 130: interrupted."},
    {"run", "EXPERIMENT.yaml", "simulate every animal of every cohort into a database", 1, 1, cmd_run,
     "Simulates what the database does not have yet and prints the phenotypes of each cohort beside its control;\n"
     "of an experiment over several models one table of all.\n"
     "Ctrl-C ends the batches at hand; what is done is stored, and running again does the rest.\n"
     "On many machines: mpirun -n 64 marblebone run ..., or srun; rank 0 deals and writes, each other rank computes.\n"
     "Exit code 0: done; 3: the experiment has errors; 4: some animals failed; 5: the database; 130: interrupted.",
     cmd_run_worker_rank},
    {"show", "MODEL", "print a model for people, or a stage of its compilation", 1, 1, cmd_show,
     "MODEL is a name in the model folders or a path. Stages: model (equations, parameters with unit and source,\n"
     "genes, drugs), tree (expressions as parsed), dag (after simplification), jacobian (its pattern), tape\n"
     "(register code), keys (MODEL is then a kind of file: model, experiment, drivers, reference, fit)."},
    {0},
};

static void show_help(FILE *to)
{
    fputs("marblebone: in-silico knockout experiments on bone\n\nusage: marblebone COMMAND [options] ...\n\n", to);
    for (const Command *command = cli_commands; command->name != NULL; command++)
        fprintf(to, "  %-8s %s\n           marblebone %s %s\n", command->name, command->summary, command->name,
                command->arguments);
    fputs("\n'marblebone COMMAND --help' describes a command; 'man marblebone' the whole.\n"
          "Exit codes: 0 done, agrees; 1 differs; 2 usage; 3 bad input; 4 animals failed; 5 database, file or memory;\n"
          "70 a bug of ours; 130 interrupted.\n",
          to);
}

static const Command *find_command(const char *name)
{
    const Command *command = cli_commands;
    while (command->name != NULL && !text_equal(command->name, name))
        command++;
    return command->name != NULL ? command : NULL;
}

static int unknown_command(Arena *arena, const char *name)
{
    VEC(const char *) names = {0};
    for (const Command *command = cli_commands; command->name != NULL; command++)
        *vec_push(arena, &names) = command->name;
    const char *hint = diag_suggest(arena, name, names.items, names.n);
    console_note("marblebone: there is no command '%s'%s%s; 'marblebone --help' lists them\n", name,
                 hint != NULL ? ", " : "", hint != NULL ? hint : "");
    return EXIT_USAGE;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 2; i < argc; i++)
        if (text_equal(argv[i], "--help") || text_equal(argv[i], "-h"))
            return true;
    return false;
}

static int command_run(Arena *arena, const Command *command, int argc, char **argv)
{
    CliOptions options;
    Err err = {0};
    if (wants_help(argc, argv)) {
        Text text = text_new(arena);
        options_show_help(command, &text);
        console_text(&text);
        return EXIT_AGREES;
    }
    if (!options_parse(arena, command, argc, argv, &options, &err))
        return console_error(&err);
    return command->run(arena, &options);
}

static int run_program(Arena *arena, int argc, char **argv)
{
    if (argc < 2) {
        show_help(stderr);
        return EXIT_USAGE;
    }
    if (text_equal(argv[1], "--help") || text_equal(argv[1], "-h") || text_equal(argv[1], "help")) {
        show_help(stdout);
        return EXIT_AGREES;
    }
    if (text_equal(argv[1], "--version")) {
        printf("marblebone %s (%s)\n", BUILD_VERSION, BUILD_COMMIT);
        return EXIT_AGREES;
    }
    const Command *command = find_command(argv[1]);
    return command != NULL ? command_run(arena, command, argc, argv) : unknown_command(arena, argv[1]);
}

/* A rank other than 0 is silent: rank 0 finds the same faults and says them. */
static int run_as_worker_rank(Arena *arena, int argc, char **argv)
{
    const Command *command = argc < 2 ? NULL : find_command(argv[1]);
    CliOptions options;
    Err err = {0};
    interrupt_ignore();
    if (command != NULL && command->run_as_worker_rank != NULL && !wants_help(argc, argv) &&
        options_parse(arena, command, argc, argv, &options, &err))
        return command->run_as_worker_rank(arena, &options);
    return EXIT_AGREES;
}

static int run_as_root_rank(Arena *arena, int argc, char **argv)
{
    int code = run_program(arena, argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("marblebone: cannot write to standard output\n", stderr);
        return EXIT_FILE;
    }
    return code;
}

int main(int argc, char **argv)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    Err err = {0};
    signal(SIGXFSZ, SIG_IGN); /* a file that the system lets grow no more is an error of the write */
    if (!ranks_join(&err))
        return console_error(&err);
    int code = ranks_number() == 0 ? run_as_root_rank(arena, argc, argv) : run_as_worker_rank(arena, argc, argv);
    ranks_leave(code, code == EXIT_INTERRUPTED);
    return code;
}
