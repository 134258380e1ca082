#!/usr/bin/env python3
"""Runs `marblebone check` on every tests/cases/*.yaml (`run --dry-run` on run-*.yaml) and compares what it says with the .expected file beside it,
byte for byte.

    cases.py MARBLEBONE CASES_FOLDER [--accept]

--accept writes what was said into the .expected files and prints the differences, for a person to read before committing.
Prints TAP. A case that takes longer than 10 s fails: every input must be refused at once.
"""
import difflib
import pathlib
import subprocess
import sys


def said(program, case):
    command = ["run", "--dry-run"] if case.name.startswith("run-") else ["check"]
    run = subprocess.run([program, *command, "--models", "models", case.name], cwd=case.parent, capture_output=True, timeout=10)
    text = (run.stderr + run.stdout).decode("utf-8", "replace")
    return f"{text}exit {run.returncode}\n"


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    cases = sorted(pathlib.Path(sys.argv[2]).resolve().glob("*.yaml"))
    accept = "--accept" in sys.argv
    print(f"1..{len(cases)}")
    failed = not cases
    for number, case in enumerate(cases, 1):
        expected = case.with_suffix(".expected")
        want = expected.read_text() if expected.exists() else ""
        got = said(program, case)
        if accept and got != want:
            expected.write_text(got)
        if got != want:
            sys.stdout.writelines("# " + line for line in
                                  difflib.unified_diff(want.splitlines(True), got.splitlines(True), "expected", "said"))
        print("ok" if got == want else "not ok", number, "-", case.stem)
        failed = failed or got != want
    return failed and not accept


if __name__ == "__main__":
    sys.exit(main())
