#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lines and branches that the tests reached, by room, from a build with -Db_coverage=true whose tests have run.

    coverage.py BUILD_FOLDER [--missed]     --missed names what was not reached, one line of source a line

Branches are what gcov counts in an unoptimised build: each way out of each condition, && and || taken apart, each case of a switch. A source
line that is compiled more than once (headers, kernels for each instruction set) counts once, and each of its branches as reached when any of the
objects reached it. The branches of an ASSERT do not count: the way into a bug is none that a test can take. The core rooms must reach
CORE_MIN of their branches. Prints TAP, with the table as comments.
"""
import collections
import itertools
import json
import pathlib
import re
import subprocess
import sys

CORE = ("base", "yaml", "units", "expr", "model", "plan", "judge")
CORE_MIN = 0.95
ROW = "# {:<8} {:>7} {:>7} {:>7}   {:>8} {:>7} {:>7}"


def gcov_lines(build):
    """(file, line, function, count, branch counts) of every object of the rooms."""
    notes = sorted(str(path.relative_to(build)) for path in build.glob("runner/**/*.gcno"))
    said = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout"] + notes, cwd=build, check=True, capture_output=True, text=True)
    for text in said.stdout.splitlines():
        if not text.startswith("{"):
            continue
        for file in json.loads(text)["files"]:
            place = (build / file["file"]).resolve()
            for line in file["lines"]:
                yield place, line["line_number"], line.get("function_name"), line["count"], [b["count"] for b in line["branches"]]


def merged(lines):
    """{file: {line: [ran, [branch taken, ...]]}}. Functions that a macro makes on one line follow each other."""
    functions = collections.defaultdict(dict)
    for file, number, function, count, branches in lines:
        # kernel_avx2 and kernel_plain are the same function
        name = re.sub(r"_(plain|sse2|avx2|avx512f)$", "", function or "")
        ran, taken = functions[file, number].get(name, (0, []))
        functions[file, number][name] = (ran + count, [a + b for a, b in itertools.zip_longest(taken, branches, fillvalue=0)])
    files = collections.defaultdict(dict)
    for (file, number), made in functions.items():
        files[file][number] = [any(ran for ran, _ in made.values()), [count > 0 for _, taken in made.values() for count in taken]]
    return files


def assertions(source):
    """The numbers of the lines of ASSERT statements."""
    inside, found = False, set()
    for number, line in enumerate(source, 1):
        inside = inside or re.match(r"\s*ASSERT\(", line) is not None
        if inside:
            found.add(number)
            inside = not line.rstrip().endswith(";")
    return found


def counted(file, lines):
    """(number, ran, branches taken, branches) of each line with code."""
    asserts = assertions(file.read_text(encoding="utf-8").split("\n"))
    for number in sorted(lines):
        ran, taken = lines[number]
        yield number, ran, 0 if number in asserts else sum(taken), 0 if number in asserts else len(taken)


def share(part, whole):
    return part / whole if whole else 1.0


def percent(part, whole):
    return f"{100 * share(part, whole):.1f}"


def main():
    build, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(__file__).resolve().parents[2]
    rooms, missed = collections.defaultdict(lambda: [0] * 4), []
    for file, lines in sorted(merged(gcov_lines(build)).items()):
        if root / "runner" not in file.parents:
            continue
        place = file.relative_to(root)
        for number, ran, taken, branches in counted(file, lines):
            if not ran or taken < branches:
                missed.append(f"{place}:{number}: " + (f"{branches - taken} of {branches} branches" if ran else "never ran"))
            for i, value in enumerate((1, ran, branches, taken)):
                rooms[place.parts[1]][i] += value
    if "--missed" in sys.argv:
        print(*missed, sep="\n")
    rooms["all"] = [sum(column) for column in zip(*rooms.values())]
    print(ROW.format("room", "lines", "ran", "%", "branches", "taken", "%"))
    for room in [*CORE, *sorted(set(rooms) - {*CORE, "all"}), "all"]:
        lines, ran, branches, taken = rooms[room]
        print(ROW.format(room, lines, ran, percent(ran, lines), branches, taken, percent(taken, branches)))
    low = [room for room in CORE if share(rooms[room][3], rooms[room][2]) < CORE_MIN]
    for number, room in enumerate(CORE, 1):
        print(f"{'not ' * (room in low)}ok {number} - {room} reaches {100 * CORE_MIN:.0f} % of its branches")
    print(f"1..{len(CORE)}")
    return bool(low)


if __name__ == "__main__":
    sys.exit(main())
