#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./dev and the hooks, as far as it is cheap: help names every command, `unit` finds the tests of a source, `format` sees what is not formatted,
message.py knows the message of a commit.

    dev.py SOURCE_FOLDER

Prints TAP. Nothing is built or installed.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FORMATTED = "int a(void)\n{\n    return 1;\n}\n"
UNITS = {  # file -> its tests, as meson names them
    "runner/solve/lu.c": ["solve/lu"],
    "runner/solve/lu.h": ["solve/lu"],
    "./runner/solve/lu.c": ["solve/lu"],
    "runner/store/open.c": ["store/store_open"],
    "tests/plan/test_draw.c": ["plan/draw"],
    "runner/cli/main.c": ["cli/program", "cli/cases"],
}
MESSAGES = {  # message -> is fine
    "solve: a pivot is found\n\nIt was lost.\n": True,
    "judge, compare: two rooms\n\nOne did two things.\n# a comment of git\n": True,
    "Merge branch 'w-infra'\n": True,
    "solve: a pivot is found\n": False,
    "solve: a pivot is found\nIt was lost.\n": False,
    "solve: a pivot is found\n\n# a comment of git\n": False,
    "A pivot is found\n\nIt was lost.\n": False,
    "solve: " + "x" * 114 + "\n\nIt was lost.\n": False,
}


def dev(root, *arguments):
    run = subprocess.run([root / "dev", *arguments], capture_output=True, text=True, check=False, timeout=60)
    return run.returncode, run.stdout, run.stderr


def help_faults(root):
    """Commands of the last `case` that the help does not describe, and the other way round."""
    commands = set(re.findall(r"^(\w+)(?= \| -h|\))", (root / "dev").read_text().rpartition("\ncase ")[2], re.M))
    described = set(re.findall(r"^  ([a-z]+)\b", dev(root, "help")[1].partition("environment")[0], re.M))
    return [f"'{name}' is not both a command and in the help" for name in sorted(commands ^ described)]


def unit_faults(root):
    for file, want in UNITS.items():
        code, said, _ = dev(root, "unit", file, "--list")
        if code != 0 or said.split() != want:
            yield f"{file}: {said.split()}, not {want}"


def every_source_faults(root):
    """Each name that `unit` gives a source is the name of a test."""
    known = {f"{path.parent.name}/{path.stem.removeprefix('test_')}" for path in root.glob("tests/*/test_*.c")}
    for room in sorted(path.name for path in (root / "runner").iterdir() if path.is_dir() and path.name != "cli"):
        source = next(iter(sorted((root / "runner" / room).glob("*.c"))))
        code, said, err = dev(root, "unit", source.relative_to(root).as_posix(), "--list")
        if code == 0 and not set(said.split()) <= known or code != 0 and list(root.glob(f"tests/{room}/test_*.c")):
            yield f"{source}: {code} {said} {err}"


def unknown_faults(root):
    for arguments in (["unit"], ["unit", "runner/solve/no-such.c"], ["no-such-command"]):
        code, said, err = dev(root, *arguments)
        if code != 2 or said or not err.startswith("dev: "):
            yield f"{arguments}: exit code {code}, {said!r}, {err!r}"


def format_faults(root):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(root / ".clang-format", folder)   # looked for upwards from the file
        path = pathlib.Path(folder, "planted.c")
        path.write_text(FORMATTED)
        if dev(root, "format", "--check", path)[0] != 0:
            yield "a formatted file is refused"
        path.write_text(FORMATTED.replace("    return", " return"))
        if dev(root, "format", "--check", path)[0] == 0:
            yield "a file that is not formatted passes"
        if dev(root, "format", path)[0] != 0 or path.read_text() != FORMATTED:
            yield "a file is not formatted in place"


def message_faults(root):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "message")
        for message, fine in MESSAGES.items():
            path.write_text(message)
            code = subprocess.run([root / "tests/style/message.py", path], capture_output=True, check=False).returncode
            if code != (0 if fine else 1):
                yield f"{message!r}: exit code {code}"


TESTS = {
    "help describes every command": help_faults,
    "unit finds the tests of a source": unit_faults,
    "unit names tests that there are, in every room": every_source_faults,
    "what is unknown is refused": unknown_faults,
    "a commit says what and why": message_faults,
    "format sees what is not formatted, and mends it": format_faults,
}


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    print(f"1..{len(TESTS)}")
    failed = False
    for number, (name, test) in enumerate(TESTS.items(), 1):
        if test is format_faults and not (shutil.which("clang-format-14") or shutil.which("clang-format")):
            print("ok", number, "-", name, "# SKIP there is no clang-format")
            continue
        faults = list(test(root))
        print("not ok" if faults else "ok", number, "-", name)
        for fault in faults:
            print("#", fault)
        failed = failed or bool(faults)
    return failed


if __name__ == "__main__":
    sys.exit(main())
