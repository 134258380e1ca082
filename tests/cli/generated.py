#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Blocks of Markdown that the program prints: what stands in the file is what the command says.

    generated.py MARBLEBONE SOURCE_FOLDER [--accept]

A block stands between two lines:
    <!-- generated: marblebone show mouse-rankl --markdown -->
    <!-- end of generated -->
Every such line in the files of FILES is one test: the command runs, and its output must be the block. --accept writes the blocks anew. Prints TAP.
"""
import difflib
import pathlib
import re
import shlex
import subprocess
import sys

FILES = ("models/*.md", "experiments/*.md", "doc/*.md", "README.md")
BLOCK = re.compile(r"(<!-- generated: marblebone ([^\n]+) -->\n)(.*?)(<!-- end of generated -->\n)", re.S)
LEAST_BLOCKS = 20   # a note of each model, and the keys of five kinds of file: a marker that is misspelt would be no test
SHOWN = 20          # lines of a difference


def said(program, source, arguments):
    done = subprocess.run([program] + shlex.split(arguments) + ["--models", source / "models"], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"marblebone {arguments}: {done.stderr}")
    return "\n" + done.stdout + "\n"


def main():
    program, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    accept = "--accept" in sys.argv[3:]
    number = failed = 0
    for path in sorted(path for pattern in FILES for path in source.glob(pattern)):
        text = path.read_text(encoding="utf-8")
        fresh = text
        if text.count("<!-- generated:") != text.count("<!-- end of generated -->") or len(BLOCK.findall(text)) != text.count("<!-- generated:"):
            raise SystemExit(f"{path}: a block without its end would take the prose behind it")
        for begin, arguments, block, end in BLOCK.findall(text):
            number += 1
            want = said(program, source, arguments)
            fresh = fresh.replace(begin + block + end, begin + want + end)
            name = f"{path.relative_to(source)}: marblebone {arguments}"
            if block == want or accept:
                print(f"ok {number} - {name}")
                continue
            failed = 1
            print(f"not ok {number} - {name}")
            lines = list(difflib.unified_diff(block.splitlines(), want.splitlines(), "the file", "the program", lineterm=""))
            for line in lines[:SHOWN]:
                print(f"# {line}")
            print(f"# tests/cli/generated.py {program} . --accept writes it anew")
        if fresh != text:
            path.write_text(fresh, encoding="utf-8")
    number += 1
    print(f"{'ok' if number > LEAST_BLOCKS else 'not ok'} {number} - there are {number - 1} generated blocks, at least {LEAST_BLOCKS}")
    print(f"1..{number}")
    return failed or number <= LEAST_BLOCKS


if __name__ == "__main__":
    sys.exit(main())
