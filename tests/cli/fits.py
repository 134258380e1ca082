#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`marblebone fit` on a straight line (tests/cases/models/line.yaml): its report, what it writes into the model, how it goes on after an
interruption, its exit codes. That the numbers are right is tests/fit's business.

    fits.py MARBLEBONE [TEST ...]
"""
import os
import re
import signal
import stat
import sys
import time

import tap
from lab import Lab
from interrupts import Terminal
from tap import equal, equal_lines, holds

FIT = """\
fit: line
about: a line, a pole and a parameter that nobody measured
model: line
seed: 1
starts: 2
references: [models/line-data.yaml, models/line-more.yaml]
leave_out: {Q-out: far from the line, S-1: not now}
parameters:
  a: {low: -10, high: 10, prior: 1, spread: 1, scale: linear}
  b: {low: 0.1, high: 10, prior: 1, spread: 0.5}
  g: {low: 0.001, high: 1, prior: 0.1, spread: 1}
  idle: {low: 0.1, high: 30, prior: 3, spread: 0.4}
"""
INTERRUPTED = 130

REPORT = """\
fit line
start 1: chi-square 140.168 -> 2.85948 in 10 evaluations, converged
start 2: chi-square 83.4457 -> 2.85948 in 10 evaluations, converged; the best
chi-square 2.859: data 0.5706 (7 rows), priors 2.289 (4 parameters)
the data determine 2.8 of 4 parameters; 4.2 degrees of freedom

Parameters

parameter  unit   start  prior   value  standard error  95 % interval  from data
a          1        1.5      1   1.039           0.386  0.283 to 1.8        85 %
b          1/day      1      1   1.959          x1.088  1.66 to 2.31        97 %
g          1/day   0.05    0.1  0.1999          x1.025  0.19 to 0.21       100 %
idle       1          2      3       3          x1.492  1.37 to 6.57         0 %

Rows

row      cohort vs control  what           at     estimate  target  band        residual  verdict
Y-1      female             mean y         1 day         3     3.1  2.1 to 4.1     -0.20  in
Y-2      female             mean y         2 day      4.96     4.9  3.9 to 5.9      0.11  in
Y-3      female             mean y         3 day      6.92     7.2  6.2 to 8.2     -0.57  in
Y-4      female             mean y         4 day      8.87     8.8  7.8 to 9.8      0.15  in
Y-cv     female             cv y           1 day               0.1  0 to 0.2              missing (judged)
Y-sign   male vs female     sign y         1 day     0.208          positive              in (judged)
Y-grown  female             present grown  4 day         1          > 0.5                 in (judged)
Q-in     male vs female     ratio y        1 day      1.07       1  0.5 to 2        0.00  in
Q-out    female             mean y         1 day         3      12  10 to 14              OUT (left out)
X-4      female             mean size      4 day      4.99       5  4 to 6         -0.02  in
S-1      female             mean sum       1 day       136     100  90 to 110             OUT (left out)
Y-male   male               mean y         1 day      3.21       3  2 to 4          0.41  in

Y-cv: a cv needs 2 animals or more, 'female' has 1
Q-out is left out: far from the line
S-1 is left out: not now

7 of 7 fitted rows in their band, 2 of 5 judged ones

Correlations above 0.9

none

What the data cannot tell apart (in prior spreads; how much they say, the prior says 1)

1.00 idle (0)
"""

LOOK = """\
row      cohort vs control  what           at     estimate  target  band        residual  verdict
Y-1      female             mean y         1 day       2.5     3.1  2.1 to 4.1     -1.20  in
Y-2      female             mean y         2 day       3.5     4.9  3.9 to 5.9     -2.80  OUT
Y-3      female             mean y         3 day       4.5     7.2  6.2 to 8.2     -5.40  OUT
Y-4      female             mean y         4 day       5.5     8.8  7.8 to 9.8     -6.60  OUT
Y-cv     female             cv y           1 day               0.1  0 to 0.2              missing (judged)
Y-sign   male vs female     sign y         1 day       0.3          positive              in (judged)
Y-grown  female             present grown  4 day         1          > 0.5                 in (judged)
Q-in     male vs female     ratio y        1 day      1.12       1  0.5 to 2        0.00  in
Q-out    female             mean y         1 day       2.5      12  10 to 14              OUT (left out)
X-4      female             mean size      4 day      1.25       5  4 to 6         -7.50  OUT
S-1      female             mean sum       1 day       136     100  90 to 110             OUT (left out)
Y-male   male               mean y         1 day       2.8       3  2 to 4         -0.40  in

Y-cv: a cv needs 2 animals or more, 'female' has 1
Q-out is left out: far from the line
S-1 is left out: not now

3 of 7 fitted rows in their band, 2 of 5 judged ones
chi-square 140.2: data 138.4 (7 rows), priors 1.758 (4 parameters)
"""


def the_report_has_parameters_rows_and_what_cannot_be_told_apart(lab):
    said = lab.call("fit", lab.write("x.fit.yaml", FIT), code=0)
    equal_lines(said.out.splitlines(), REPORT.splitlines(), "the report")
    found = re.fullmatch(r"(\d+) evaluations, 0 of them found in x\.fit\.journal\n", said.err)
    holds(found, said.err)
    again = lab.call("fit", "x.fit.yaml", code=0)
    equal((again.out, again.err), (said.out, f"{found[1]} evaluations, {found[1]} of them found in x.fit.journal\n"), "again")
    fresh = lab.call("fit", "x.fit.yaml", "--fresh", "-q", code=0)
    equal((fresh.out, fresh.err), (said.out, said.err), "--fresh")


def a_dry_run_shows_the_rows_and_writes_nothing(lab):
    said = lab.call("fit", lab.write("x.fit.yaml", FIT), "--dry-run", code=0)
    equal_lines(said.out.splitlines(), LOOK.splitlines(), "the rows")
    equal(said.err, "")
    equal(sorted(path.name for path in lab.folder.iterdir()), ["models", "x.fit.yaml"], "files")


def the_answer_does_not_depend_on_the_number_of_jobs(lab):
    lab.write("x.fit.yaml", FIT)
    said = [lab.call("fit", "x.fit.yaml", "-j", jobs, "--journal", f"{jobs}.journal", code=0).out for jobs in (1, 2, 5)]
    equal(len(set(said)), 1, "answers")
    equal(len({(lab.folder / f"{jobs}.journal").read_bytes() for jobs in (1, 2, 5)}), 1, "journals")


def the_report_can_be_had_as_markdown(lab):
    said = lab.call("fit", lab.write("x.fit.yaml", FIT), "-o", "x.md", code=0)
    text = (lab.folder / "x.md").read_text()
    holds(text.startswith("## Fit line\n\n- start 1: "), text)
    holds("| g | 1/day | 0.05 | 0.1 | 0.1999 | x1.025 | 0.19 to 0.21 | 100 % | |\n" in text, text)
    equal(text.count("\n| "), 2 + 4 + 2 + 12, "lines of tables")
    equal(said.out, REPORT)


def experiments_of_a_fit_find_its_model_from_everywhere(lab):
    for name in ("line-data", "line-more"):
        (lab.folder / "deep/down").mkdir(parents=True, exist_ok=True)
        (lab.folder / f"models/{name}.yaml").rename(lab.folder / f"deep/down/{name}.yaml")
    (lab.folder / "models/line-curve.yaml").rename(lab.folder / "deep/line-curve.yaml")
    lab.write("models/x.fit.yaml", FIT.replace("models/line-", "../deep/down/line-"))
    for folder, path in ((".", "models/x.fit.yaml"), ("models", "x.fit.yaml"), ("deep", "../models/x.fit.yaml")):
        said = lab.call("fit", path, "--dry-run", cwd=lab.folder / folder, code=0)
        equal(said.out, LOOK, folder)


# -- writing -------------------------------------------------------------------------------------------------------

WRITTEN = {
    "  a: {value: 1.5, unit: 1, assumed: made up, evidence: fitted}   # in braces\n":
        "  a: {value: 1.039, interval: [0.282, 1.8], unit: 1, assumed: made up, evidence: fitted}   # in braces\n",
    "    value: 1   # in a block\n": "    evidence: fitted\n    interval: [1.66, 2.31]\n    value: 1.959   # in a block\n",
    "  g: {value: 0.05, unit: 1/day, assumed: made up, evidence: guess}\n":
        "  g: {value: 0.1999, interval: [0.19, 0.21], unit: 1/day, assumed: made up, evidence: fitted}\n",
    "  idle: {value: 2, unit: 1, assumed: made up}\n":
        "  idle: {value: 3, evidence: fitted, interval: [1.36, 6.58], unit: 1, assumed: made up}\n",
}


def write_changes_the_fitted_values_and_nothing_else(lab):
    model = lab.folder / "models/line.yaml"
    before = model.read_text()
    model.chmod(0o640)
    lab.call("fit", lab.write("x.fit.yaml", FIT), code=0)
    equal(model.read_text(), before, "without --write")
    lab.call("fit", "x.fit.yaml", "--write", code=0)
    want = before
    for old, new in WRITTEN.items():
        equal(want.count(old), 1, old)
        want = want.replace(old, new)
    equal_lines(model.read_text().splitlines(), want.splitlines(), "the model")
    equal(stat.S_IMODE(model.stat().st_mode), 0o640, "its mode")
    equal([path.name for path in model.parent.iterdir() if path.name.startswith("line.yaml")], ["line.yaml"], "no other file")
    lab.call("check", "models/line.yaml", code=0)
    holds("  95 % interval: 1.66 to 2.31" in lab.call("show", "line", code=0).out, "show")
    # Once more from there: the intervals are replaced, and hardly move.
    lab.call("fit", "x.fit.yaml", "--write", code=0)
    equal([re.sub(r"[\d.]+", "#", line) for line in model.read_text().splitlines()],
          [re.sub(r"[\d.]+", "#", line) for line in want.splitlines()], "the second time")


def a_number_that_cannot_be_replaced_is_named_and_the_model_left_alone(lab):
    model = lab.folder / "models/line.yaml"
    before = model.read_text().replace("value: 0.05", "value: '0.05'")
    model.write_text(before)
    said = lab.call("fit", lab.write("x.fit.yaml", FIT), "--write", code=3)
    equal(said.err.splitlines()[-1],
          "marblebone: models/line.yaml:11: cannot replace this number in place: write it out, without quotes")
    equal(model.read_text(), before, "the model")


# -- interruptions -------------------------------------------------------------------------------------------------

def lines_of(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def an_interrupted_fit_goes_on_where_it_was(lab):
    want = lab.call("fit", lab.write("x.fit.yaml", FIT), "--journal", "straight", code=0)
    lab.write("x.fit.yaml", FIT.replace("starts: 2", "starts: 1000"))  # which vectors are tried does not decide what they give
    journal = lab.folder / "x.fit.journal"
    for _ in range(2):
        before, limit = lines_of(journal), time.monotonic() + 60
        process = lab.start("fit", "x.fit.yaml", stdout=-1, stderr=-1, text=True)
        while lines_of(journal) < before + 15 and time.monotonic() < limit:
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        equal((process.returncode, out, err),
              (INTERRUPTED, "", "interrupted: the finished evaluations are in x.fit.journal; the same command continues\n"))
    kept = journal.read_bytes()
    holds(kept.endswith(b"\n") and lines_of(journal) >= 30, "the journal")
    lab.write("x.fit.yaml", FIT)
    said = lab.call("fit", "x.fit.yaml", code=0)
    equal(said.out, want.out, "the report after two interruptions")
    holds(int(re.search(r"(\d+) of them found", said.err)[1]) >= 15, said.err)
    holds(journal.read_bytes().startswith(kept), "nothing of the journal is lost")


def a_killed_fit_goes_on_where_it_was(lab):
    want = lab.call("fit", lab.write("x.fit.yaml", FIT), "--journal", "straight", code=0)
    whole = (lab.folder / "straight").read_bytes()
    for cut in (1, 100, len(whole) // 2, len(whole) - 1):
        (lab.folder / "torn").write_bytes(whole[:cut])
        equal(lab.call("fit", "x.fit.yaml", "--journal", "torn", code=0).out, want.out, f"cut after {cut} bytes")
        equal((lab.folder / "torn").read_bytes(), whole, f"the journal that was cut after {cut} bytes")


def progress_is_a_line_on_a_terminal(lab):
    lab.write("x.fit.yaml", FIT.replace("starts: 2", "starts: 100"))
    terminal = Terminal(lab, "fit", "x.fit.yaml")
    equal(terminal.end(), 0, terminal.text)
    lines = re.findall(r"\r\x1b\[Kstart (\d+) of 100, evaluation (\d+)(?: \(\d+ found\))?, (?:chi-square [\d.e+-]+|does not integrate), "
                       r"least (?:[\d.e+-]+|inf), \d+ s", terminal.text)
    holds(lines, terminal.text)
    equal([int(n) for _, n in lines], sorted({int(n) for _, n in lines}), "it counts up")
    quiet = Terminal(lab, "fit", "x.fit.yaml", "-q", "--fresh")
    equal(quiet.end(), 0, quiet.text)
    holds(re.fullmatch(r"\d+ evaluations, \d+ of them found in x\.fit\.journal\r\n", quiet.text), quiet.text)


# -- exit codes ----------------------------------------------------------------------------------------------------

def each_exit_code_has_a_case(lab):
    lab.write("x.fit.yaml", FIT)
    lab.write("bad.fit.yaml", FIT.replace("  idle:", "  k:"))
    lab.write("pole.fit.yaml", FIT.replace("{low: 0.001,", "{low: 0.5,").replace("prior: 0.1,", "prior: 0.6,"))
    for arguments, code, text in ((["bad.fit.yaml"], 3, "[fit.measured]"), (["none.yaml"], 3, "[yaml.cannot-read]"), ([], 2, "usage:"),
                                  (["pole.fit.yaml"], 4, "the model's own values: cohort 'female' of 'line-curve': "),
                                  (["x.fit.yaml", "--journal", "no/such/x"], 5, "cannot write the journal 'no/such/x': No such"),
                                  (["x.fit.yaml", "-o", "no/such/x"], 5, "cannot write 'no/such/x': No such")):
        said = lab.call("fit", *arguments, code=code)
        holds(text in said.err, f"{arguments}: {said.err}")
    if os.geteuid() != 0:
        (lab.folder / "models").chmod(0o500)
        said = lab.call("fit", "x.fit.yaml", "--write", code=5)
        holds("cannot write 'models/line.yaml.new'" in said.err, said.err)
        (lab.folder / "models").chmod(0o700)


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
