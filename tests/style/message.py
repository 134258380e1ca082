#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The message of a commit: 'room: what changed', an empty line, and a body that says why.

    message.py FILE

FILE is what git hands to its hook commit-msg. Lines of comments do not count; what git writes itself (merges, reverts, fixups) is let through.
"""
import pathlib
import re
import sys

SUBJECT = re.compile(r"[a-z][\w./-]*(, [a-z][\w./-]*)*: \S")
OF_GIT = re.compile(r"Merge |Revert |fixup! |squash! |amend! ")
LONGEST = 120


def faults_of(message):
    lines = [line.rstrip() for line in message.partition("\n# ------------------------ >8")[0].split("\n") if not line.startswith("#")]
    lines = "\n".join(lines).strip().split("\n")
    if OF_GIT.match(lines[0]):
        return
    if not SUBJECT.match(lines[0]):
        yield f"the first line is to be 'room: what changed', not '{lines[0]}'"
    if len(lines[0]) > LONGEST:
        yield f"the first line has {len(lines[0])} characters, more than {LONGEST}"
    if len(lines) < 3 or lines[1]:
        yield "after an empty line, the body is to say why, in two or three sentences"


def main():
    faults = list(faults_of(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")))
    for fault in faults:
        print(fault, file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
