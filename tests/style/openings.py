#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file opens with its licence, then a sentence that says what it is for.

    openings.py RUNNER_FOLDER

Prints TAP: planted faults first, then one test a file.
"""
import pathlib
import re
import sys

import c_source

OPENING = re.compile(r"/\* SPDX-License-Identifier: Apache-2\.0(?:\n \*\n \*| \*/\n+/\*) (?P<text>.*?)\*/", re.S)


def fault(text):
    match = OPENING.match(text)
    if not match:
        return "no sentence after the licence"
    said = " ".join(match.group("text").replace("\n *", " ").split())
    return "" if re.match(r".{15,}?[.:;](\s|$)", said) else f"not a sentence: {said[:60]}"


def main():
    runner = pathlib.Path(sys.argv[1])
    results = [("a licence alone is caught", "" if fault("/* SPDX-License-Identifier: Apache-2.0 */\n#include <math.h>\n") else "not caught"),
               ("a sentence passes", fault("/* SPDX-License-Identifier: Apache-2.0\n *\n * Reads a unit from text.\n */\n"))]
    results += [(f"opening of {path.relative_to(runner)}", fault(path.read_text())) for path in sorted(runner.glob("*/*.[ch]"))]
    return c_source.report(results)


if __name__ == "__main__":
    sys.exit(main())
