#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names that are SQL, HTML, Markdown, shell or terminal escapes, in every place where a file has a name or a text: they come out harmless in the
database, in what is dumped, on the terminal and in the report of a fit.

    hostile.py MARBLEBONE [TEST ...]
"""
import re
import sys

import tap
from lab import CASES, Lab
from tap import equal, holds

NAMES = ("'; DROP TABLE run; --", '"; DELETE FROM cohort; --', "%s%n%s", "$(touch pwned)", "`touch pwned`", "; touch pwned; #", "<script>alert(1)</script>",
         "![x](javascript:alert(1))", "| a | b |", "--help", "../../etc/passwd", "a\\tb\\n", "NULL", "骨 🦴", "́" * 20, "n" * 100)
# As double-quoted YAML: what a file may not make, even by an escape.
CONTROLS = (r"\e[31mred", r"\a", r"\b\b\b", r"\x7f", r"\u009b2J", r"\u202eevil", r"\u2066x", r"\u200f", r"\u2028", r"\0", r"\N", r"\U000e0041")


def quoted(name):
    return "'" + name.replace("'", "''") + "'"


def experiment(names):
    return ("experiment: hostile\nmodel: hostile\nquestion: \"first\\nfailed animals: 0\"\nanimals: 2\nmeasure: [1 day]\ncohorts:\n  wt: {}\n" +
            "".join(f"  {quoted(name)}: {{about: {quoted(name)}}}\n" for name in names))


def model(names):
    text = (CASES / "models" / "tiny.yaml").read_text().replace("model: tiny", "model: hostile").replace("title: one pool of bone", "title: \"one\\npool\\tof bone\"")
    metrics = "".join(f"  {quoted(name)}: {{is: bone, unit: mg, about: {quoted(name)}}}\n" for name in names)
    return text.replace("phenotypes:\n", "phenotypes:\n" + metrics)


def harmless(text, what):
    bad = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f]", text)
    holds(bad is None, f"{what} has {bad and ascii(bad[0])}: {text[:2000]!r}")


def written(tester):
    tester.write("models/hostile.yaml", model(NAMES))
    return tester.write("e.yaml", experiment(NAMES))


def names_come_out_of_the_database_as_they_went_in(lab):
    lab.call("run", written(lab), "--models", "models", "--db", "r.db", code=0)
    equal({row[0] for row in lab.ask("SELECT cohort FROM cohort", db="r.db")}, {"wt", *NAMES})
    holds({*NAMES} <= {row[0] for row in lab.ask("SELECT metric FROM metric", db="r.db")}, "a metric is missing")
    for name in NAMES:
        column = '"' + name.replace('"', '""') + '"'
        equal(lab.one(f"SELECT count({column}) FROM phenotype", db="r.db"), 2 * (len(NAMES) + 1), f"column {name}")
        equal(lab.one("SELECT count(*) FROM cohort_summary WHERE cohort = ? AND metric = ?".replace("?", "'" + name.replace("'", "''") + "'"), db="r.db"), 1)
    equal(lab.ask("PRAGMA integrity_check", db="r.db"), [("ok",)])
    equal(lab.ask("PRAGMA foreign_key_check", db="r.db"), [])
    holds(not (lab.folder / "pwned").exists(), "a shell ran")


def what_is_shown_keeps_to_its_lines(lab):
    name = written(lab)
    said = lab.call("run", name, "--models", "models", "--db", "r.db", code=0)
    harmless(said.out, "run")
    harmless(re.sub(r"\r\x1b\[K", "", said.err), "progress")
    for command in (("run", "--dry-run", name, "--models", "models"), ("show", "hostile", "--models", "models"), ("check", name, "--models", "models")):
        said = lab.call(*command, code=0)
        harmless(said.out + said.err, " ".join(command))
        holds("\nfailed animals: 0" not in said.out, "a question forged a line")


def what_is_dumped_has_a_field_for_each_name(lab):
    lab.call("run", written(lab), "--models", "models", "--db", "r.db", code=0)
    lines = lab.call("dump", "r.db", code=0).out.split("\n")
    for kind in ("cohort", "metric"):
        rows = [line.split("\t") for line in lines if line.startswith(kind + "\t")]
        equal(len({len(row) for row in rows}), 1, f"fields of {kind}")


def names_of_references_come_out_of_compare(lab):
    lab.call("run", written(lab), "--models", "models", "--db", "r.db", code=0)
    rows = "".join(f"  - {{id: {quoted(name)}, cohort: {quoted(name)}, metric: {quoted(name)}, at: {{age: 1 day}}, statistic: mean, "
                   f"expect: {{target: 5, low: 4.5, high: 5.5}}, evidence: measured, cite: {quoted(name)}, about: {quoted(name)}, known: {quoted(name)}}}\n"
                   for name in NAMES)
    said = lab.call("compare", "r.db", lab.write("r.yaml", f"reference: {quoted(NAMES[0])}\nexperiment: hostile\nrows:\n{rows}"))
    holds(said.code in (0, 1), said)
    harmless(said.out + said.err, "compare")


def a_control_character_in_a_file_is_refused_wherever_it_is(lab):
    lab.write("models/hostile.yaml", model(()))
    for control in CONTROLS:
        for text in (experiment(()) + f'  "{control}": {{}}\n', experiment(()).replace("animals: 2", f'about: "{control}"\nanimals: 2'),
                     experiment(()).replace("experiment: hostile", f'experiment: "{control}"')):
            said = lab.call("check", lab.write("c.yaml", text), "--models", "models", code=3)
            holds("[yaml.encoding]" in said.err, said)
            harmless(said.err, "the diagnostic")


def names_of_files_and_options_are_shown_harmless(lab):
    evil = "\x1b[2J\u202eevil.yaml"
    for command in (("check", evil), ("run", evil, "--db", "r.db"), ("compare", evil, evil), ("dump", evil), ("show", evil), ("fit", evil)):
        said = lab.call(*command)
        holds(said.code != 0, command)
        harmless(said.out + said.err, command[0])
    for command in ((evil,), ("run", "--" + evil), ("run", "e.yaml", "--rtol", evil), ("check",)):
        said = lab.call(*command, code=2)
        harmless(said.out + said.err, command[0])
    lab.write(evil, "model: m\ntime: day\nstates: 0\n")
    harmless(lab.call("check", evil, code=3).err, "a file of that name")


def the_report_of_a_fit_is_markdown_without_html(lab):
    name = "<img src=x onerror=alert(1)> [a](b) `c` *d* | e"
    fit = (CASES / "fit-good.yaml").read_text()
    fit = re.sub(r"^fit: .*$", f"fit: {quoted(name)}", fit, flags=re.M)
    for data in ("line-data.yaml", "line-curve.yaml"):
        path = lab.folder / "models" / data
        path.write_text(re.sub(r"id: ([\w-]+)", lambda found: f"id: '<b>{found[1]}</b>'", path.read_text()))
    said = lab.call("fit", lab.write("f.yaml", fit), "--models", "models", "-o", "report.md", "-q")
    equal(said.code, 0, said)
    report = (lab.folder / "report.md").read_text()
    holds(not re.search(r"(?<!\\)[<>`]", report), report)
    holds(r"\<img src=x" in report and r"\<b\>" in report, report)


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
