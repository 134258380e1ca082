#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A function that no other object uses is static, or a test uses it and its header says so.

    exports.py BUILD_FOLDER

Reads the objects of a finished build with nm. Prints TAP: a planted fault first, then one test a room.
"""
import collections
import pathlib
import re
import subprocess
import sys

import c_source

# Used through what nm does not see -> why.
SEEN = {"main": "the C library calls it"}
COMPILER = re.compile(r"^(__|_|asan|\.)|\.(cold|part|constprop|isra)")


def symbols(objects):
    """object -> (functions that it defines, names that it wants)"""
    found = {}
    for path in objects:
        said = subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout
        rows = [line.split()[-2:] for line in said.splitlines()]
        found[path] = ({name for kind, name in rows if kind == "T" and not COMPILER.search(name)}, {name for kind, name in rows if kind == "U"})
    return found


def unused(found, users):
    """(object, function): no other object wants it."""
    wanted = collections.Counter(name for _, names in users.values() for name in names)
    return sorted((path, name) for path, (defined, _) in found.items() for name in defined if wanted[name] == 0 and name not in SEEN)


def main():
    build = pathlib.Path(sys.argv[1])
    program = symbols(sorted(build.glob("runner/*.p/*.o")))
    tests = symbols(sorted(build.glob("tests/**/*.p/*.o")))
    caught = unused({"a.o": ({"used", "alone"}, set())}, {"a.o": (set(), set()), "b.o": (set(), {"used"})})
    results = [("a function that nobody else uses is caught", "" if caught == [("a.o", "alone")] else "not caught")]
    faults = collections.defaultdict(list)
    for path, name in unused(program, {**program, **tests}):
        faults[path.parent.name].append(f"{path.name}: {name} could be static")
    for path, name in unused(program, program):
        print(f"# {path.name}: {name} is used by tests only" if name not in str(faults) else f"# {path.name}: {name}")
    for library in sorted({path.parent.name for path in program}):
        results.append((f"{library}: what it exports is used elsewhere", "\n".join(faults[library])))
    return c_source.report(results)


if __name__ == "__main__":
    sys.exit(main())
