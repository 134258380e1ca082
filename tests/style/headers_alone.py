#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each header of the runner compiles alone: whoever includes it needs to know nothing else.

    headers_alone.py RUNNER_FOLDER COMPILER [ARGUMENT ...]

Prints TAP: planted faults first, then one test a header.
"""
import pathlib
import subprocess
import sys
import tempfile


def complaint(compiler, runner, header):
    """What the compiler says about a file with nothing but this include; "" if nothing."""
    command = compiler + ["-std=c17", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-Wno-unused", "-fsyntax-only",
                          f"-I{runner}", "-x", "c", "-"]
    run = subprocess.run(command, input=f'#include "{header}"\nextern int nothing_else;\n', text=True,
                         capture_output=True, check=False)
    return "" if run.returncode == 0 else (run.stderr or f"exit code {run.returncode}")


def planted(compiler, text):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "planted.h").write_text(text)
        return complaint(compiler, folder, "planted.h")


def main():
    runner, compiler = pathlib.Path(sys.argv[1]), sys.argv[2:] or ["cc"]
    results = [("a header that needs another one is caught", "" if planted(compiler, "size_t f(void);\n") else "not caught"),
               ("a header that stands alone passes", planted(compiler, "#include <stddef.h>\nsize_t f(void);\n"))]
    headers = sorted(path.relative_to(runner).as_posix() for path in runner.glob("*/*.h"))
    results += [(f"{header} compiles alone", complaint(compiler, runner, header)) for header in headers]
    if not headers:
        results.append(("there are headers", f"none below {runner}"))
    print(f"1..{len(results)}")
    for number, (name, text) in enumerate(results, 1):
        print("not ok" if text else "ok", number, "-", name)
        for line in text.splitlines()[:12]:
            print("#", line)
    return any(text for _, text in results)


if __name__ == "__main__":
    sys.exit(main())
