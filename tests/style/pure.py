#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The core is pure: no files, clocks, environment or terminal, and nothing that one call leaves for the next.

    pure.py RUNNER_FOLDER

Reads the sources, because sanitizers add symbols and data to objects. Prints TAP: planted faults first, then one test a file.
"""
import pathlib
import re
import sys

import c_source

CORE = ("expr", "units", "model", "plan", "judge")
IMPURE = re.compile(r"\b(stat|lstat|fstat|access|fopen|open|read|opendir|clock_gettime|clock_seconds|time|getenv|secure_getenv|printf|puts|"
                    r"fprintf|fputs|fwrite|stdout|stderr|setenv|getcwd|realpath|pthread_\w+)\b\s*(?=[(,;)])")
STATIC = re.compile(r"^\s*(?:_Thread_local\s+)?static\s+(?!inline\b)(?:_Thread_local\s+)?([^;={(]*?)(?:=|;)", re.M)
FIELD = re.compile(r"(?:\.|->)\s*$")
# file -> (what it may do, why)
EXCEPTIONS = {"plan/find.c": ("access stat", "looks for the file of a model by its name"),
              "units/units.c": ("visitor", "UDUNITS-2 wants a visitor that is not const, and none of it is written")}


def is_const(declaration):
    """Of `const char *const *names[]` the array itself must be const: the last part after a '*', or all of it."""
    last = declaration.rsplit("*", 1)[-1] if "*" in declaration else declaration
    return "const" in last.split()


def faults(text, allowed=""):
    code = c_source.bare(text)
    for number, line in enumerate(code.split("\n"), 1):
        for match in IMPURE.finditer(line):
            called = line[match.end():].startswith("(") or match.group().strip() in ("stdout", "stderr")
            field = FIELD.search(line[:match.start()]) or re.search(r"\b(double|size_t|int|bool)\s+\**$", line[:match.start()])
            if called and not field and match.group().strip() not in allowed.split():
                yield f"{number}: {match.group().strip()}"
    for match in STATIC.finditer(code):
        if not is_const(match.group(1)) and not (allowed == "visitor" and "visitor" in match.group(1)):
            yield f"{code.count(chr(10), 0, match.start(1)) + 1}: static {match.group(1).strip()} can change"


def main():
    runner = pathlib.Path(sys.argv[1])
    planted = {"a clock is caught": "void f(void)\n{\n    clock_gettime(1, &t);\n}\n", "a static counter is caught": "static int n;\n",
               "a pointer that can change is caught": "static const char *last = 0;\n"}
    results = [(name, "" if list(faults(text)) else "not caught") for name, text in planted.items()]
    results.append(("a table of constants passes", "\n".join(faults("static const char *const names[] = {0};\nstatic void f(int time)\n{\n}\n"))))
    for room in CORE:
        for path in sorted((runner / room).glob("*.[ch]")):
            name = f"{room}/{path.name}"
            results.append((f"{name} is pure", "\n".join(faults(path.read_text(), EXCEPTIONS.get(name, ("",))[0]))))
    return c_source.report(results)


if __name__ == "__main__":
    sys.exit(main())
