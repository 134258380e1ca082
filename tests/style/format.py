#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file of the program is as clang-format 14 leaves it.

    format.py RUNNER_FOLDER

Prints TAP, one test a file; all are skipped where clang-format 14 is not installed (other versions break lines elsewhere).
"""
import pathlib
import shutil
import subprocess
import sys

import c_source


def formatter():
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path and " version 14." in subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout:
            return path
    return None


def main():
    runner, tool = pathlib.Path(sys.argv[1]), formatter()
    if tool is None:
        print("1..0 # SKIP clang-format 14 is not installed")
        return 0
    results = []
    for path in sorted(runner.glob("*/*.[ch]")):
        run = subprocess.run([tool, "--dry-run", "-Werror", path], capture_output=True, text=True, check=False)
        results.append((f"format of {path.relative_to(runner)}", run.stderr if run.returncode else ""))
    return c_source.report(results)


if __name__ == "__main__":
    sys.exit(main())
