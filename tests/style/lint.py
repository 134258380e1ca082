#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy, with clang's static analyser, over every source of runner/ as the compiler sees it. Checks, and why some are left out: .clang-tidy.

    lint.py BUILD_FOLDER

Prints TAP, a file each; what a file is told stands before it.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def sources(build):
    """Sources of the program, each once. Kernels that are compiled for several instruction sets are linted as the first of them."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        if ROOT / "runner" in path.parents:
            yield path


def lint(build, path):
    run = subprocess.run(["clang-tidy", "-p", build, "--quiet", path], capture_output=True, text=True, check=False)
    return run.returncode == 0 and not re.search(r"(warning|error):", run.stdout), run.stdout


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    paths = sorted(set(sources(build)))
    print(f"1..{len(paths)}", flush=True)
    failed = not paths
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (path, (clean, said)) in enumerate(zip(paths, pool.map(lambda path: lint(build, path), paths)), 1):
            if not clean:
                print("".join(f"# {line}\n" for line in said.replace(f"{ROOT}/", "").splitlines()), end="")
            print("ok" if clean else "not ok", number, "-", path.relative_to(ROOT), flush=True)
            failed = failed or not clean
    return failed


if __name__ == "__main__":
    sys.exit(main())
