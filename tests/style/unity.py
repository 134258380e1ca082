#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All sources of the program are valid as one: no two of them give one name to two things.

    unity.py RUNNER_FOLDER BUILD_FOLDER COMPILER [ARGUMENT ...]

Left out: what is compiled once for each instruction set, and the ranks without MPI, which have the names of those with it. The one source is
checked and not run: the linker sees what it always sees. Prints TAP: a planted fault first.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import c_source

LEFT_OUT = re.compile(r"^(kernel_\w+|loops_(plain|avx2|avx512f)|ranks_alone)\.c$")


def one_source(paths, headers):
    """System headers first (ours poison some of their functions), then every source by its whole path."""
    texts = [path.read_text() for path in [*paths, *headers]]
    features = sorted({line for text in texts for line in re.findall(r"^#define _[A-Z]\w+", text, re.M)})
    system = sorted({name for text in texts for name in re.findall(r"^#include (<[^>]+>)", text, re.M)})
    return "\n".join(features + [f"#include {name}" for name in system] + [f'#include "{path.resolve()}"' for path in paths]) + "\n"


def arguments(build):
    """Include folders and definitions of all compilations of the program."""
    found = []
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if "/runner/" in entry["file"] or entry["file"].startswith("../runner/"):
            for word in entry["command"].split():
                if re.match(r"-(I|isystem|D)", word) and word not in found:
                    found.append(word.replace("'", ""))
    return found


def complaint(compiler, source, extra, folder):
    with tempfile.TemporaryDirectory() as place:
        path = pathlib.Path(place, "unity.c")
        path.write_text(source)
        run = subprocess.run([*compiler, "-std=c17", "-fsyntax-only", "-w", *extra, str(path)], cwd=folder, capture_output=True, text=True, check=False)
    return "\n".join(line for line in run.stderr.splitlines() if "error:" in line) if run.returncode else ""


def main():
    runner, build, compiler = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:] or ["cc"]
    with tempfile.TemporaryDirectory() as place:
        twins = [pathlib.Path(place, name) for name in ("a.c", "b.c")]
        for path in twins:
            path.write_text("static int twice(void)\n{\n    return 1;\n}\n")
        results = [("two static functions of one name are caught", "" if complaint(compiler, one_source(twins, []), [], place) else "not caught")]
    extra = arguments(build)
    paths = [path for path in sorted(runner.glob("*/*.c")) if not LEFT_OUT.match(path.name)]
    with_mpi = any("mpi" in word for word in extra)
    if not with_mpi:
        paths = [path.with_name("ranks_alone.c") if path.name == "ranks_mpi.c" else path for path in paths]
    results.append((f"{len(paths)} sources are valid as one", complaint(compiler, one_source(paths, sorted(runner.glob("*/*.h"))), extra, build)))
    return c_source.report(results)


if __name__ == "__main__":
    sys.exit(main())
