#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the program says about itself, how it is called wrongly, what each exit code means; check, show and compare.

    program.py MARBLEBONE [TEST ...]
"""
import os
import re
import resource
import sys

import tap
from lab import Lab, SOURCE, TINY
from tap import equal, holds

COMMANDS = ["check", "compare", "dump", "fit", "run", "show"]
OPTION = re.compile(r'^    \{"([a-z-]+)", (?:0|\'(.)\'), (?:NULL|"([^"]+)"), "([^"]+)"', re.M)


def options():
    """(name, letter, placeholder, commands) of each row of the option table."""
    rows = OPTION.findall((SOURCE / "runner/cli/options.c").read_text())
    holds(len(rows) > 8, "the option table of runner/cli/options.c cannot be read")
    return [(name, letter, placeholder, commands.split()) for name, letter, placeholder, commands in rows]


# -- help ----------------------------------------------------------------------------------------------------------

def help_lists_every_command_and_exit_code(lab):
    said = lab.call("--help", code=0)
    equal(said.err, "")
    equal(re.findall(r"^  ([a-z]+) +\S", said.out, re.M), COMMANDS, "commands, sorted by name")
    for code in ("0", "1", "2", "3", "4", "5", "70", "130"):
        holds(re.search(rf"(?:^|[\s;]){code} \S", said.out.partition("Exit codes:")[2]), f"exit code {code} is not in --help")
    for other in ("-h", "help"):
        equal(lab.call(other, code=0).out, said.out, other)


def no_arguments_print_the_help_as_a_usage_error(lab):
    said = lab.call(code=2)
    equal((said.out, said.err), ("", lab.call("--help").out))


def the_version_is_one_line(lab):
    said = lab.call("--version", code=0)
    version = re.search(r"version: '([^']+)'", (SOURCE / "meson.build").read_text()).group(1)
    holds(re.fullmatch(rf"marblebone {re.escape(version)} \(\S+\)\n", said.out), said)
    equal(said.err, "")


def help_of_a_command_describes_its_options_and_no_others(lab):
    for command in COMMANDS:
        said = lab.call(command, "--help", code=0)
        equal(said.err, "", command)
        holds(said.out.startswith(f"usage: marblebone {command} [options] "), said)
        listed = re.findall(r"^  (?:-(.), |    )--([a-z-]+)(?: ([A-Z]+))?  +\S", said.out, re.M)
        want = [(letter, name, placeholder) for name, letter, placeholder, commands in options() if command in commands]
        equal(listed, want + [("", "help", "")], command)
        equal(lab.call(command, "x.yaml", "-h", code=0).out, said.out, "-h")


def the_man_page_has_every_command_and_exit_code(lab):
    """Its options are generated: tests/cli/generated.py."""
    text = (SOURCE / "runner/cli/marblebone.1.scd").read_text()
    for command in COMMANDS:
        holds(re.search(rf"^\*{command}\*$", text, re.M), f"COMMANDS of the man page lack {command}")
        holds(f"\n; generated: marblebone {command} --help\n" in text, f"OPTIONS of the man page lack {command}")
    for code in ("0", "1", "2", "3", "4", "5", "70", "130"):
        holds(re.search(rf"^\W*{code}\b", text, re.M), f"the man page does not give exit code {code}")


# -- the command line ----------------------------------------------------------------------------------------------

USAGE_ERRORS = [
    (["rnu"], "there is no command 'rnu', did you mean 'run'?; 'marblebone --help' lists them"),
    (["xyzzy"], "there is no command 'xyzzy'; 'marblebone --help' lists them"),
    (["--db", "x"], "there is no command '--db'; 'marblebone --help' lists them"),
    (["run"], "usage: marblebone run [options] EXPERIMENT.yaml"),
    (["run", "a.yaml", "b.yaml"], "usage: marblebone run [options] EXPERIMENT.yaml"),
    (["check"], "usage: marblebone check [options] FILE.yaml ..."),
    (["dump"], "usage: marblebone dump [options] DATABASE"),
    (["compare", "x.db"], "usage: marblebone compare [options] DATABASE REFERENCE.yaml"),
    (["show"], "usage: marblebone show [options] MODEL"),
    (["run", "a.yaml", "--sede", "1"], "'run' has no option '--sede', did you mean '--seed'?; 'marblebone run --help' lists them"),
    (["run", "a.yaml", "--zzzzzz"], "'run' has no option '--zzzzzz'; 'marblebone run --help' lists them"),
    (["run", "a.yaml", "-x"], "'run' has no option '-x'; 'marblebone run --help' lists them"),
    (["check", "a.yaml", "--db", "x"], "'check' has no option '--db'; 'marblebone check --help' lists them"),
    (["run", "a.yaml", "--strict"], "'run' has no option '--strict'; 'marblebone run --help' lists them"),
    (["run", "a.yaml", "--db"], "--db needs a value: --db FILE"),
    (["run", "a.yaml", "--db="], "--db needs a value: --db FILE"),
    (["run", "a.yaml", "-j"], "--jobs needs a value: --jobs N"),
    (["run", "a.yaml", "-j0"], "'0' is not a whole number from 1 to 1024, as --jobs needs"),
    (["run", "a.yaml", "-j", "1025"], "'1025' is not a whole number from 1 to 1024, as --jobs needs"),
    (["run", "a.yaml", "--jobs=1.5"], "'1.5' is not a whole number from 1 to 1024, as --jobs needs"),
    (["run", "a.yaml", "--jobs", "nan"], "'nan' is not a whole number from 1 to 1024, as --jobs needs"),
    (["run", "a.yaml", "--rtol", "abc"], "'abc' is not a number from 1e-12 to 0.001, as --rtol needs"),
    (["run", "a.yaml", "--rtol=1"], "'1' is not a number from 1e-12 to 0.001, as --rtol needs"),
    (["run", "a.yaml", "--seed", "-1"], "'-1' is not a whole number from 0 to 9e+15, as --seed needs"),
    (["run", "a.yaml", "--quiet=yes"], "--quiet takes no value"),
    (["show", "tiny", "--stage", "dga"], "'dga' is not a stage; --stage is model, tree, dag, jacobian, tape or keys"),
]


def a_wrong_command_line_is_named_and_exits_2(lab):
    for arguments, text in USAGE_ERRORS:
        said = lab.call(*arguments)
        equal((said.code, said.out, said.err), (2, "", f"marblebone: {text}\n"), " ".join(arguments))


def options_may_be_written_in_every_usual_way(lab):
    lab.write("e.yaml", TINY)
    for number, arguments in enumerate((["run", "e.yaml", "--db", "D", "-j", "2"], ["run", "--db=D", "-j2", "e.yaml"],
                                        ["run", "--jobs=2", "--db", "D", "--", "e.yaml"],
                                        ["run", "-q", "e.yaml", "--jobs", "2", "--db=D"])):
        db = f"{number}.db"
        lab.call(*(argument.replace("D", db) for argument in arguments), code=0)
        equal(lab.one("SELECT count(*) FROM animal", db=db), 60, " ".join(arguments))
    lab.write("-odd.yaml", TINY)
    lab.call("check", "--", "-odd.yaml", code=0)


def each_exit_code_has_a_case(lab):
    lab.write("good.yaml", TINY)
    lab.write("bad.yaml", TINY.replace("Dmp1-Cre", "Dmp1-Crf"))
    lab.write("failing.yaml", "experiment: f\nmodel: fragile\nanimals: 20\nmeasure: [80 day]\ncohorts: {a: {}}\n")
    lab.write("reference.yaml", reference(mean_row("conditional", 1000, 2000)))
    for arguments, code in ((["run", "good.yaml"], 0), (["compare", "results.db", "reference.yaml"], 1), (["run"], 2),
                            (["run", "bad.yaml"], 3), (["run", "nothing.yaml"], 3), (["show", "nothing"], 3),
                            (["run", "failing.yaml"], 4), (["run", "failing.yaml"], 4),
                            (["run", "good.yaml", "--db", "no/such/folder/x.db"], 5), (["run", "good.yaml", "--db", "."], 5),
                            (["run", "good.yaml", "--db", "good.yaml"], 5), (["compare", "no.db", "reference.yaml"], 5)):
        lab.call(*arguments, code=code)


# -- stdout --------------------------------------------------------------------------------------------------------

def answers_go_to_stdout_and_all_else_to_stderr(lab):
    lab.write("e.yaml", TINY)
    ran = lab.call("run", "e.yaml", code=0)
    holds("BV/TV" in ran.out and "simulated" not in ran.out, ran)
    holds(re.fullmatch(r"60 animals simulated in \d+\.\d\d s; run 1 in results\.db\n", ran.err), ran)
    quiet = lab.call("run", "e.yaml", "--quiet", code=0)
    equal(quiet.out, "")
    holds(re.fullmatch(r"0 animals simulated in \d+\.\d\d s, 60 stored before; run 1 in results\.db\n", quiet.err), quiet)
    bad = lab.call("check", lab.write("bad.yaml", "x: 1\n"), code=3)
    holds(bad.out == "" and "[check.unknown-kind]" in bad.err, bad)
    for arguments in (["check", "e.yaml"], ["show", "tiny"], ["run", "e.yaml", "--dry-run"]):
        said = lab.call(*arguments, code=0)
        holds(said.out and not said.err, said)


def a_full_disk_behind_stdout_exits_5(lab):
    if not os.path.exists("/dev/full"):
        raise tap.Skip("no /dev/full")
    lab.write("e.yaml", TINY)
    lab.write("reference.yaml", reference(mean_row("wild-type", 0, 1000)))
    lab.call("run", "e.yaml", code=0)
    for arguments in (["run", "e.yaml"], ["run", "e.yaml", "--dry-run"], ["check", "e.yaml"], ["show", "tiny"],
                      ["compare", "results.db", "reference.yaml"], ["dump", "results.db"], ["--help"], ["run", "--help"], ["--version"]):
        with open("/dev/full", "wb") as full:
            said = lab.call(*arguments, code=5, stdout=full)
        holds(re.search(r"marblebone: cannot write to (the )?standard output\n$", said.err), said)


def closed_streams_harm_no_database(lab):
    lab.write("e.yaml", TINY)
    lab.call("run", "e.yaml", "--db", "want.db", code=0)
    for closed, code in ((1, 5), (2, 0)):
        db = f"{closed}.db"
        lab.call("run", "e.yaml", "--db", db, code=code, preexec_fn=lambda fd=closed: os.close(fd))
        lab.check_integrity(db)
        tap.equal_lines(lab.dump(db, but={("run", "command")}), lab.dump("want.db", but={("run", "command")}), db)


# -- check ---------------------------------------------------------------------------------------------------------

def check_takes_several_files_of_every_kind(lab):
    lab.write("e.yaml", TINY)
    lab.write("r.yaml", reference(mean_row("wild-type", 0, 1)))
    equal(lab.call("check", "e.yaml", code=0).out, "1 file, no errors\n")
    kinds = ["e.yaml", "r.yaml", "models/tiny.yaml", "models/drivers.yaml"]
    equal(lab.call("check", *kinds, code=0).out, "4 files, no errors\n")
    lab.write("bad.yaml", TINY.replace("model: tiny", "model: tyny"))
    lab.write("worse.yaml", "experiment: [\n")
    said = lab.call("check", "e.yaml", "bad.yaml", "r.yaml", "worse.yaml", code=3)
    equal(said.out, "")
    holds("bad.yaml:2:8: error: there is no model 'tyny'" in said.err and "worse.yaml:" in said.err, said)
    holds(said.err.endswith("2 errors, 0 warnings\n"), said)


def check_shows_twenty_faults_and_counts_the_rest(lab):
    lab.write("many.yaml", TINY + "".join(f"  c{i}: {{genotype: {{Nonsense{i}: -/-}}}}\n" for i in range(33)))
    said = lab.call("check", "many.yaml", code=3)
    equal(said.err.count(": error: "), 20)
    holds(said.err.endswith("and 13 more that are not shown\n33 errors, 0 warnings\n"), said)


def what_is_no_yaml_file_is_refused(lab):
    for name, text in ((".", "cannot read '.': Is a directory"), ("no.yaml", "cannot read 'no.yaml': No such file or directory"),
                       ("/dev/null", "the file is empty or holds only comments"), ("", "cannot read '': No such file or directory"),
                       ("/proc/self/mem", "cannot read '/proc/self/mem'")):
        said = lab.call("check", name, code=3, timeout=10)
        holds(f"{name}: error: {text}" in said.err and said.err.endswith("1 error, 0 warnings\n"), said)
    (lab.folder / "big.yaml").write_bytes(b"# " + b"x" * 78 + b"\n" + b"# more\n" * (20 * 1024 * 1024 // 7))
    holds("'big.yaml' is larger than 16 MiB" in lab.call("check", "big.yaml", code=3, timeout=10).err, "20 MB")
    holds("larger than 16 MiB" in lab.call("check", "/dev/zero", code=3, timeout=10).err, "an endless file")


def a_gigabyte_of_aliases_is_refused_within_a_second(lab):
    lines = ["a0: &a0 [" + ",".join("x" * 10) + "]"]
    lines += [f"a{i}: &a{i} [" + ",".join([f"*a{i - 1}"] * 10) + "]" for i in range(1, 9)]
    lab.write("bomb.yaml", "\n".join(lines) + "\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = lab.call("check", "bomb.yaml", code=3, timeout=10)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    holds("error" in said.err, said)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    holds(seconds < 1, f"{seconds} s of processor time")
    tap.comment(f"{seconds:.3f} s of processor time; no call so far took more than {after.ru_maxrss / 1024:.0f} MiB")


# -- show ----------------------------------------------------------------------------------------------------------

def show_prints_every_stage_of_a_model(lab):
    said = {stage: lab.call("show", "tiny", f"--stage={stage}", code=0).out for stage in ("model", "tree", "dag", "jacobian", "tape")}
    equal(lab.call("show", "models/tiny.yaml", code=0).out, said["model"], "by path, the default stage")
    equal(len(set(said.values())), 5, "stages that differ")
    holds("k_out" in said["model"] and "made up" in said["model"] and "mg/day" in said["model"], said["model"])
    holds("d bone / dt = " in said["tree"], said["tree"])
    for kind, key in (("model", "parameters"), ("experiment", "cohorts"), ("drivers", "germline"), ("reference", "versus"), ("fit", "spread")):
        holds(f"| `{key}` |" in lab.call("show", kind, "--stage", "keys", code=0).out, f"{kind}: {key}")
    said = lab.call("show", "mouse", "--stage", "keys", code=2)
    holds("'mouse' is not a kind of file; with --stage keys it is model, experiment, drivers, reference or fit" in said.err, said)
    said = lab.call("show", "nothing", code=3)
    equal(said.err, "marblebone: there is no model 'nothing'; name a file in models/, set MARBLEBONE_MODELS or give --models\n")


# -- compare -------------------------------------------------------------------------------------------------------

def mean_row(cohort, low, high, name="ROW-1"):
    return (f"  - {{id: {name}, cohort: {cohort}, metric: BV/TV, at: {{age: 5 day}}, statistic: mean, evidence: qualitative, "
            f"cite: 'doi:x', expect: {{target: {(low + high) / 2!r}, low: {low!r}, high: {high!r}}}}}\n")


def reference(*rows, experiment="tiny-knockout"):
    return f"reference: r\nexperiment: {experiment}\nrows:\n" + "".join(rows)


def summary(lab, cohort, run=1):
    return lab.ask("SELECT mean, sem FROM cohort_summary WHERE run_id = ? AND cohort = ? AND metric = 'BV/TV' AND age_d = 5",
                   run, cohort)[0]


def compare_agrees_differs_and_misses(lab):
    lab.call("run", lab.write("e.yaml", TINY), code=0)
    mean, sem = summary(lab, "knockout")
    good = mean_row("knockout", mean - 20 * sem, mean + 20 * sem)
    unsure = mean_row("knockout", mean - 0.1 * sem, mean + 20 * sem, "ROW-2")
    far = mean_row("knockout", mean + 20 * sem, mean + 40 * sem, "ROW-3")
    absent = mean_row("knockuot", 0, 1, "ROW-4")
    for rows, strict, code, count in (([good], False, 0, "1 agrees, 0 differ, 0 missing (0 uncertain)"),
                                      ([good], True, 0, "1 agrees, 0 differ, 0 missing (0 uncertain)"),
                                      ([good, unsure], False, 0, "2 agree, 0 differ, 0 missing (1 uncertain)"),
                                      ([good, unsure], True, 1, "2 agree, 0 differ, 0 missing (1 uncertain)"),
                                      ([good, far], False, 1, "1 agrees, 1 differs, 0 missing (0 uncertain)"),
                                      ([good, absent], False, 1, "1 agrees, 0 differ, 1 missing (0 uncertain)")):
        lab.write("r.yaml", reference(*rows))
        said = lab.call("compare", "results.db", "r.yaml", *(["--strict"] if strict else []), code=code)
        holds(count in said.out and not said.err, f"wanted {count}\n{said}")
        for row in rows:
            holds(row.split()[2].strip(",") in said.out, said)
    lab.write("r.yaml", reference(good))
    said = lab.call("compare", "results.db", "r.yaml", "--format", "markdown", code=0)
    holds(said.out.startswith("| row |") and "| ROW-1 |" in said.out and "1 agrees, 0 differ" in said.out, said)
    equal(lab.call("compare", "results.db", "r.yaml", "--format", "table", code=0).out, lab.call("compare", "results.db", "r.yaml", code=0).out)
    said = lab.call("compare", "results.db", "r.yaml", "--format", "html", code=2)
    equal(said.err, "marblebone: there is no format 'html'; --format takes one of: table, markdown\n")


def compare_takes_the_newest_run_of_the_experiment_or_the_one_named(lab):
    lab.write("e.yaml", TINY)
    lab.write("other.yaml", TINY.replace("tiny-knockout", "another"))
    for arguments in (["e.yaml"], ["e.yaml", "--seed", "2"], ["other.yaml"], ["e.yaml"]):
        lab.call("run", *arguments, code=0)
    equal(lab.ask("SELECT run_id, experiment, seed FROM run ORDER BY 1"),
          [(1, "tiny-knockout", 1), (2, "tiny-knockout", 2), (3, "another", 1)])
    for run in (1, 2):
        mean, _ = summary(lab, "knockout", run)
        lab.write(f"{run}.yaml", reference(mean_row("knockout", mean * (1 - 1e-9), mean * (1 + 1e-9))))
    # e.yaml was run again, after its other seed: that is the newest, though it was made first.
    for arguments, code in ((["1.yaml"], 0), (["2.yaml"], 1), (["1.yaml", "--run", "1"], 0), (["2.yaml", "--run", "1"], 1),
                            (["2.yaml", "--run=2"], 0)):
        lab.call("compare", "results.db", *arguments, code=code)
    lab.call("run", "e.yaml", "--seed", "2", code=0)
    lab.call("compare", "results.db", "2.yaml", code=0)


def compare_says_what_is_not_there(lab):
    lab.write("e.yaml", TINY)
    lab.write("r.yaml", reference(mean_row("knockout", 0, 1)))
    lab.write("elsewhere.yaml", reference(mean_row("knockout", 0, 1), experiment="elsewhere"))
    lab.write("bad.yaml", "reference: r\nrows: 5\n")
    lab.call("run", "e.yaml", code=0)
    for arguments, code, text in (
            (["no.db", "r.yaml"], 5, "marblebone: there is no database 'no.db'; 'marblebone run' makes one\n"),
            (["results.db", "elsewhere.yaml"], 3, "marblebone: 'results.db' holds no run of the experiment 'elsewhere'\n"),
            (["results.db", "r.yaml", "--run", "9"], 3, "marblebone: the database has no run 9\n")):
        said = lab.call("compare", *arguments)
        equal((said.code, said.out, said.err), (code, "", text), " ".join(arguments))
    holds(not (lab.folder / "no.db").exists(), "compare has made a database")
    lab.call("compare", "results.db", "bad.yaml", code=3)
    lab.call("compare", "results.db", "no.yaml", code=3)
    lab.call("compare", "e.yaml", "r.yaml", code=5)


def compare_writes_nothing(lab):
    lab.call("run", lab.write("e.yaml", TINY), code=0)
    lab.write("r.yaml", reference(mean_row("knockout", 0, 1)))
    before = (lab.folder / "results.db").read_bytes()
    lab.call("compare", "results.db", "r.yaml")
    equal((lab.folder / "results.db").read_bytes() == before, True, "the file is as it was")


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
