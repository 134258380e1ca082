#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The text of the house: tabs, trailing blanks, the final newline, invisible characters, long lines, long functions, long files.

    text.py SOURCE_FOLDER

In C: lines of at most 120 characters, functions of at most 60 lines, files of at most 500 - unless a comment in the function (or above it),
or in the first 40 lines of the file, says "over budget: why". Prints TAP: planted faults first, then one test a file.
"""
import pathlib
import re
import sys
import tempfile
import unicodedata

MAX_COLUMNS, MAX_FUNCTION_LINES, MAX_FILE_LINES = 120, 60, 500
EXCUSE = "over budget:"
PATTERNS = ("*", ".*", ".ci/*", "doc/*", "runner/**/*", "tests/**/*", "models/*", "experiments/**/*", "results-schema/**/*")
SUFFIXES = {".c", ".h", ".inc", ".py", ".sql", ".yaml", ".yml", ".md", ".build", ".txt", ".in", ".scd", ".cff", ".sh"}
NAMES = {"dev", "run", "LICENSE", ".clang-format", ".clang-tidy", ".editorconfig", ".gitignore"}
# Hostile on purpose: files that must be refused, and texts copied from elsewhere.
LEFT_OUT = ("tests/cases/", "tests/fuzz/", "tests/science/trajectories/")


def invisible(character):
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Co") or character == "\u00a0"


def line_faults(text, tabs_allowed):
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line and not tabs_allowed:
            yield number, "a tab"
        if line != line.rstrip():
            yield number, "blanks at the end of the line"
        for character in line:
            if invisible(character):
                yield number, f"an invisible character, U+{ord(character):04X}"


def functions(lines):
    """(first line, last line) of each function, 1-based: from the '{' in column 0 to the '}' in column 0."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start is not None:
            yield start, number
            start = None


def c_faults(text):
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            yield number, f"{len(line)} characters in a line, more than {MAX_COLUMNS}"
    for first, last in functions(lines):
        length = last - first - 1
        if length > MAX_FUNCTION_LINES and EXCUSE not in "\n".join(lines[max(0, first - 12):last]):
            yield first, f"a function of {length} lines, more than {MAX_FUNCTION_LINES}"
    if len(lines) - 1 > MAX_FILE_LINES and EXCUSE not in "\n".join(lines[:40]):
        yield len(lines) - 1, f"a file of {len(lines) - 1} lines, more than {MAX_FILE_LINES}"


def faults_of(path):
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return [(data[:error.start].count(b"\n") + 1, "not UTF-8")]
    faults = list(line_faults(text, tabs_allowed=path.suffix == ".scd"))  # scdoc indents with tabs only
    if text and not text.endswith("\n"):
        faults.append((text.count("\n") + 1, "no newline at the end"))
    if text.endswith("\n\n"):
        faults.append((text.count("\n"), "an empty line at the end"))
    if path.suffix in (".c", ".h", ".inc"):
        faults += c_faults(text)
    return faults


def files_of(root):
    found = set()
    for pattern in PATTERNS:
        for path in root.glob(pattern):
            place = path.relative_to(root).as_posix()
            if path.is_file() and (path.suffix in SUFFIXES or path.name in NAMES) and not place.startswith(LEFT_OUT):
                found.add(place)
    return sorted(found)


LONG_BODY = "".join(f"    f({i});\n" for i in range(MAX_FUNCTION_LINES + 1))
PLANTED = {  # name -> (text, is a fault)
    "a tab is caught": ("int\ta;\n", True),
    "blanks at the end of a line are caught": ("int a; \n", True),
    "a missing final newline is caught": ("int a;", True),
    "an invisible character is caught": ("int a\u200b;\n", True),
    "a line of 121 characters is caught": ("/" * 121 + "\n", True),
    "a function of 61 lines is caught": ("void g(void)\n{\n" + LONG_BODY + "}\n", True),
    "a file of 501 lines is caught": ("int a;\n" * 501, True),
    "a long function with a reason passes": ("/* over budget: a table */\nvoid g(void)\n{\n" + LONG_BODY + "}\n", False),
    "120 characters, 60 lines and 500 lines pass":
        ("/" * 120 + "\nvoid g(void)\n{\n" + LONG_BODY[LONG_BODY.index("\n") + 1:] + "}\n" + "int a;\n" * 436, False),
}


def catches(text, is_fault):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "planted.c")
        path.write_text(text, newline="")
        return bool(faults_of(path)) == is_fault


def main():
    root = pathlib.Path(sys.argv[1])
    results = [(name, [] if catches(*row) else [(0, "not so")]) for name, row in PLANTED.items()]
    files = files_of(root)
    results.append(("there are files", [] if files else [(0, f"none below {root}")]))
    results += [(f"text of {place}", [(f"{place}:{line}", fault) for line, fault in faults_of(root / place)]) for place in files]
    print(f"1..{len(results)}")
    for number, (name, faults) in enumerate(results, 1):
        print("not ok" if faults else "ok", number, "-", name)
        for where, fault in faults:
            print(f"# {where}: {fault}")
    return any(faults for _, faults in results)


if __name__ == "__main__":
    sys.exit(main())
