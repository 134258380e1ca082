#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Parts of the manuals that the program prints: what stands in the file is what the command says.

    generated.py MARBLEBONE SOURCE_FOLDER [--accept]

A block stands between two lines, of Markdown or, in the man page, of scdoc (there it has the options of the command, and nothing else of its help):
    <!-- generated: marblebone show mouse-rankl --markdown -->      ; generated: marblebone run --help
    <!-- end of generated -->                                       ; end of generated
Every such line in the files of KINDS is one test: the command runs, and its output must be the block. --accept writes the blocks anew. Prints TAP.
"""
import difflib
import pathlib
import re
import shlex
import subprocess
import sys

MARKDOWN_BLOCK = re.compile(r"(<!-- generated: marblebone ([^\n]+) -->\n)(.*?)(<!-- end of generated -->\n)", re.S)
MAN_BLOCK = re.compile(r"(^; generated: marblebone ([^\n]+)\n)(.*?)(^; end of generated\n)", re.S | re.M)
OPTION = re.compile(r"^  (?:-(.), |    )--([a-z-]+)(?: ([A-Z]+))?  +(.+?)(?: \[(.+)\])?$", re.M)   # a line of marblebone COMMAND --help
SHOWN = 20   # lines of a difference


def markdown(said):
    return f"\n{said}\n"


def man_options(said):
    """The options of a command as paragraphs of scdoc, but for --help, which every command has."""
    def escaped(text):
        return re.sub(r"([\\_*])", r"\\\1", text)

    paragraphs = []
    for letter, name, placeholder, about, fallback in OPTION.findall(said):
        if name == "help":
            continue
        value = f" _{placeholder}_" if placeholder else ""
        names = (f"*-{letter}*{value}, " if letter else "") + f"*--{name}*{value}"
        default = f" Default: {escaped(fallback)}." if fallback else ""
        paragraphs.append(f"{names}\n\t{escaped(about[0].upper() + about[1:])}.{default}\n")
    return "\n".join(paragraphs)


# What a kind of file has: its files, what finds a block, what makes a block of the program's words, and how many blocks there are at least (a marker
# that is misspelt would be no test): of Markdown a note of each model and the keys of files; of the man page one for each command.
KINDS = [(("models/*.md", "experiments/*.md", "doc/*.md", "README.md"), MARKDOWN_BLOCK, markdown, 20),
         (("runner/cli/marblebone.1.scd",), MAN_BLOCK, man_options, 6)]


def said(program, source, arguments):
    words = shlex.split(arguments)
    models = [] if "--help" in words else ["--models", source / "models"]
    done = subprocess.run([program] + words + models, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"marblebone {arguments}: {done.stderr}")
    return done.stdout


def main():
    program, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    accept = "--accept" in sys.argv[3:]
    number, failed = 0, False

    def judge(ok, name):
        nonlocal number, failed
        number, failed = number + 1, failed or not ok
        print(f"{'ok' if ok else 'not ok'} {number} - {name}")

    for patterns, finder, make, least in KINDS:
        n_blocks = 0
        for path in sorted(path for pattern in patterns for path in source.glob(pattern)):
            text = fresh = path.read_text(encoding="utf-8")
            blocks = finder.findall(text)
            if not len(blocks) == text.count("generated: marblebone ") == text.count("end of generated"):
                raise SystemExit(f"{path}: a block without its end would take the prose behind it")
            n_blocks += len(blocks)
            for begin, arguments, block, end in blocks:
                want = make(said(program, source, arguments))
                fresh = fresh.replace(begin + block + end, begin + want + end)
                judge(block == want or accept, f"{path.relative_to(source)}: marblebone {arguments}")
                if block == want or accept:
                    continue
                lines = list(difflib.unified_diff(block.splitlines(), want.splitlines(), "the file", "the program", lineterm=""))
                for line in lines[:SHOWN]:
                    print(f"# {line}")
                print(f"# tests/cli/generated.py {program} . --accept writes it anew")
            if accept and fresh != text:
                path.write_text(fresh, encoding="utf-8")
        judge(n_blocks >= least, f"{', '.join(patterns)}: {n_blocks} generated blocks, at least {least}")
    print(f"1..{number}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
