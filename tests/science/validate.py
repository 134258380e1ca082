#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every experiment, and every reference compared with its run: `./dev validate`, and one test of CI.

usage: validate.py PROGRAM [--tap]

Prints a table, a line a reference, below it the rows that differ or are missing. Exit code 0: every row agrees or is known to differ;
1: some row does neither, or an experiment does not run. With --tap a test for each experiment and each reference. Seconds are printed, not judged: the machine may be busy.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import time

EXPERIMENTS = pathlib.Path(__file__).resolve().parents[2] / "experiments"
COUNT = re.compile(r"^(\d+) agrees?, (\d+) differs?, (\d+) missing \((\d+) uncertain\)(?:, (\d+) known to differ)?$", re.M)
LINE = "{:<26} {:<26} {:>6} {:>7} {:>7} {:>9} {:>6} {:>8}"


def call(program, *arguments):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)


def compare(program, database, reference):
    """The five counts of a reference, or None, and what is to be read when they are not good."""
    said = call(program, "compare", database, reference)
    count = COUNT.search(said.stdout)
    if said.returncode not in (0, 1) or not count:
        return None, said.stdout + said.stderr
    rows = [line for line in said.stdout.splitlines() if re.search(r"\b(differs|missing)\s*$", line)]
    return [int(number or 0) for number in count.groups()], "\n".join(rows)


class Tap:
    def __init__(self, shown):
        self.shown, self.number, self.failed = shown, 0, 0

    def test(self, good, name, text=""):
        self.number += 1
        self.failed += not good
        if self.shown:
            print(f"{'ok' if good else 'not ok'} {self.number} - {name}")
            if not good:
                print("".join(f"# {line}\n" for line in text.splitlines()), end="")

    def end(self):
        if self.shown:
            print(f"1..{self.number}")
        return self.failed > 0


def validate(program, tap, show):
    show(LINE.format("experiment", "reference", "agree", "differ", "missing", "uncertain", "known", "seconds"))
    references = {path: re.search(r"^experiment: (\S+)", path.read_text(), re.M)[1]
                  for path in sorted((EXPERIMENTS / "references").glob("*.yaml"))}
    sums = [0] * 5
    for experiment in sorted(EXPERIMENTS.glob("*.yaml")):
        with tempfile.TemporaryDirectory() as folder:
            database, start = pathlib.Path(folder) / "results.db", time.monotonic()
            run = call(program, "run", experiment, "--db", database, "-q")
            seconds = f"{time.monotonic() - start:.2f}"
            tap.test(run.returncode == 0, f"{experiment.stem} runs", run.stdout + run.stderr)
            if run.returncode:
                show(LINE.format(experiment.stem, "does not run", *[""] * 5, seconds))
                show(run.stderr)
                continue
            judged = [path for path, name in references.items() if name == experiment.stem]
            if not judged:
                show(LINE.format(experiment.stem, "none", *[""] * 5, seconds))
            for path in judged:
                counts, text = compare(program, database, path)
                good = counts is not None and counts[1] + counts[2] == 0
                tap.test(good, f"{experiment.stem} agrees with {path.stem}", text)
                show(LINE.format(experiment.stem, path.stem, *(counts or ["-"] * 5), seconds))
                if not good:
                    show(text)
                sums = [a + b for a, b in zip(sums, counts or [0] * 5)]
    for path, name in references.items():
        if not (EXPERIMENTS / f"{name}.yaml").exists():
            tap.test(False, f"{path.stem} has its experiment", f"there is no experiment '{name}'")
            show(f"{path.name}: there is no experiment '{name}'")
    show(LINE.format("together", "", *sums, ""))


def main(arguments):
    shown = "--tap" in arguments
    programs = [argument for argument in arguments if argument != "--tap"]
    if len(programs) != 1:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    tap = Tap(shown)
    validate(programs[0], tap, lambda text: print(f"# {text}" if shown else text, flush=True))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
