#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Numbers that go wrong, for the whole program: animals that fail, take too long or cannot be ended, and what `compare` says of a cohort
that lacks some.

    wrong.py MARBLEBONE [TEST ...]
"""
import signal
import sys
import time

import tap
from lab import COMMAND, Lab
from tap import equal, equal_lines, holds

FAILED, INTERRUPTED, DIFFERS = 4, 130, 1
ENDLESS = "experiment: endless\nmodel: endless\nanimals: 70\nmeasure: [900 day]\ncohorts: {a: {}}\n"
# Which animals are poisoned follows from the seed: of seed 5 one of 64.
# Its only row wants the hours.
ENDLESS_FIT = """\
fit: endless
model: endless
seed: 1
starts: 1
references: [endless-rows.yaml]
parameters: {w: {low: 1e4, high: 1e6, prior: 1e5, spread: 0.5}}
"""
ENDLESS_ROWS = """\
reference: endless-rows
experiment: endless
rows:
  - {id: ONE, cohort: a, metric: BV/TV, at: {age: 900 day}, statistic: mean, expect: {target: 1, low: 0, high: 2}, evidence: measured, cite: made up}
"""
POISON = """\
experiment: poison
model: poison
animals: ANIMALS
seed: 5
measure: [1 day, 5 day, 10 day]
cohorts:
  ill: {}
  well: {perturb: [{parameter: "on", value: 0}]}
"""
ROWS = """\
reference: poisoned
experiment: poison
about: made up
rows:
  - {id: ONE, cohort: ill, metric: a, at: {age: 5 day}, statistic: mean, expect: {target: 1, low: 0, high: 2}, evidence: measured, cite: made up}
  - {id: TWO, cohort: well, versus: ill, metric: a, at: {age: 5 day}, statistic: sign, expect: {sign: positive},
     evidence: qualitative, cite: made up}
  - {id: THREE, cohort: well, metric: a, at: {age: 5 day}, statistic: mean, expect: {target: 1, low: 0, high: 2}, evidence: measured, cite: made up}
"""


def poison(lab, animals):
    lab.write("e.yaml", POISON.replace("ANIMALS", str(animals)))
    lab.write("rows.yaml", ROWS)


def notes(said):
    """The lines below the table, and the count."""
    return said.out.split("\n\n", 1)[1].splitlines()


def cohorts_with_failures_are_the_same_on_any_number_of_threads(lab):
    poison(lab, 200)
    for jobs in (1, 2, 7):
        lab.call("run", "e.yaml", "--db", f"{jobs}.db", "-j", jobs, code=FAILED)
    for jobs in (2, 7):
        equal_lines(lab.dump(f"{jobs}.db", COMMAND), lab.dump("1.db", COMMAND), f"-j {jobs}")
    equal(lab.one("SELECT count(*) FROM animal WHERE status = 'done'", db="1.db"),
          400 - lab.one("SELECT count(*) FROM failure WHERE cohort = 'ill'", db="1.db"))


def compare_refuses_a_verdict_on_a_cohort_that_lacks_many(lab):
    poison(lab, 12)
    lab.call("run", "e.yaml", "--seed", 20, code=FAILED)
    n = lab.one("SELECT count(*) FROM failure")
    holds(n == 1, n)
    said = lab.call("compare", "results.db", "rows.yaml", code=DIFFERS)
    why = "1 of 12 animals of 'ill' failed: no verdict when more than 5 % are missing"
    equal(notes(said), [f"ONE: {why}", f"TWO: {why}", "", "1 agrees, 0 differ, 2 missing (0 uncertain)"])
    said = lab.call("compare", "results.db", "rows.yaml", "--missing", 0.1)
    equal(notes(said)[0], "ONE: 1 of 12 animals of 'ill' failed")
    holds(" 0 missing " in notes(said)[-1], said)
    equal(lab.call("compare", "results.db", "rows.yaml", "--missing", 2).err,
          "marblebone: '2' is not a number from 0 to 1, as --missing needs\n")


def a_few_that_are_missing_are_told_beside_the_verdict(lab):
    poison(lab, 64)
    lab.call("run", "e.yaml", code=FAILED)
    said = lab.call("compare", "results.db", "rows.yaml")
    equal(notes(said)[:2], ["ONE: 1 of 64 animals of 'ill' failed", "TWO: 1 of 64 animals of 'ill' failed"])
    holds(" 0 missing " in notes(said)[-1], said)


def an_animal_that_takes_too_long_fails_and_the_run_goes_on(lab):
    """Three batches, each of four times the limit at most; ten times that for a busy machine."""
    lab.write("e.yaml", ENDLESS)
    start = time.monotonic()
    said = lab.call("run", "e.yaml", "-q", "--animal-seconds", 0.1, code=FAILED)
    holds(time.monotonic() - start < 12, said)
    equal(lab.one("SELECT count(*) FROM failure"), 70)
    equal(lab.one("SELECT count(*) FROM failure WHERE failure LIKE '%: a limit of time, not of the model: it may get further when it "
                  "is run again'"), 70)
    equal(lab.one("SELECT status FROM run"), "complete")


def ctrl_c_ends_an_animal_that_would_take_hours(lab):
    lab.write("e.yaml", ENDLESS)
    for jobs in (1, 2):
        process = lab.start("run", "e.yaml", "-q", "-j", jobs, "--db", f"{jobs}.db", stdout=-1, stderr=-1, text=True)
        time.sleep(1)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        tap.comment(f"-j {jobs}: {time.monotonic() - sent:.2f} s after Ctrl-C")
        equal(process.returncode, INTERRUPTED, err)
        holds(err.endswith("\ninterrupted: 70 animals are missing; the same command runs them\n"), err)
        equal(lab.one("SELECT count(*) FROM animal", db=f"{jobs}.db"), 0)
        lab.check_integrity(f"{jobs}.db")


def a_fit_has_the_same_limit_and_the_same_end(lab):
    model = (lab.folder / "models/endless.yaml").read_text()
    lab.write("models/endless.yaml", model.replace("source: made up", "assumed: made up"))
    lab.write("endless.yaml", ENDLESS)
    lab.write("endless-rows.yaml", ENDLESS_ROWS)
    lab.write("e.fit.yaml", ENDLESS_FIT)
    start = time.monotonic()
    said = lab.call("fit", "e.fit.yaml", "-q", "--animal-seconds", 0.1, code=FAILED)
    holds(time.monotonic() - start < 12, said)
    holds("a limit of time, not of the model" in said.err, said)
    for jobs in (1, 2):
        process = lab.start("fit", "e.fit.yaml", "-q", "-j", jobs, "--journal", f"{jobs}.journal", stdout=-1, stderr=-1, text=True)
        time.sleep(1)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        tap.comment(f"-j {jobs}: {time.monotonic() - sent:.2f} s after Ctrl-C")
        equal((process.returncode, err), (INTERRUPTED, f"interrupted: the finished evaluations are in {jobs}.journal; the same command continues\n"))


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
