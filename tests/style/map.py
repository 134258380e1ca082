#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""doc/map.md: every file of runner/ with the first sentence of its opening comment, by room.

    map.py SOURCE_FOLDER [--accept]     --accept writes doc/map.md

Every file opens with one sentence of purpose, in the comment that has the licence or in one right after it. Prints TAP: planted openings first, then
one test a room, then doc/map.md against what the files say.
"""
import pathlib
import re
import sys

COMMENT = re.compile(r"\s*/\*(.*?)\*/", re.S)
ROOM_TABLE = re.compile(r"^room_uses = \{(.*?)^\}", re.S | re.M)
SHORTEST = 3   # words
HEAD = """# Map

Every file of `runner/` and what it is for: the first sentence of the file. Rooms stand in the order in which they may use each other
([CONTRIBUTING.md](../CONTRIBUTING.md)). `tests/style/map.py . --accept` writes this page.
"""


def opening(text):
    """The first sentence of the comments before any code, without the licence; None where there is none."""
    inside, at = [], 0
    while (match := COMMENT.match(text, at)) and len(inside) < 2:
        inside.append(match.group(1))
        at = match.end()
    lines = [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in "\n\n".join(inside).split("\n")]
    # A table or list that follows, indented, is no part of the sentence.
    lines = ["" if line.startswith(("SPDX-License-Identifier:", "  ")) else line for line in lines]
    paragraph = next((" ".join(part.split()) for part in re.split(r"\n{2,}", "\n".join(lines).strip()) if part.strip()), "")
    sentence = re.split(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<! al\.)\s+", paragraph)[0].rstrip(":;,")
    if len(sentence.split()) < SHORTEST or not re.match(r"[A-Za-z`]", sentence):
        return None
    return sentence if sentence.endswith((".", "!", "?")) else sentence + "."


def rooms_of(root):
    """Folders of runner/, in the order of the table of rooms, cli last."""
    table = ROOM_TABLE.search((root / "runner/meson.build").read_text())
    order = re.findall(r"^\s*'(\w+)':", table.group(1), re.M) if table else []
    folders = sorted(path.name for path in (root / "runner").iterdir() if path.is_dir())
    return [room for room in order if room in folders] + [room for room in folders if room not in order]


def openings_of(root):
    """{room: {file: sentence or None}}; the front door comes first."""
    found = {}
    for room in rooms_of(root):
        files = [path for path in (root / "runner" / room).iterdir() if path.suffix in (".c", ".h", ".inc")]
        files.sort(key=lambda path: (path.name != f"{room}.h", path.name))
        found[room] = {path.name: opening(path.read_text(encoding="utf-8")) for path in files}
    return found


def markdown(text):
    parts = text.split("`")   # what stands between two of these is code
    return "`".join(part if i % 2 else re.sub(r"([*<\\])", r"\\\1", part) for i, part in enumerate(parts)).replace("|", r"\|")


def page(openings):
    parts = [HEAD]
    for room, files in openings.items():
        rows = [f"| [{name}](../runner/{room}/{name}) | {markdown(sentence or '')} |\n" for name, sentence in files.items()]
        parts.append(f"\n## {room}\n\n| file | what it is for |\n| --- | --- |\n" + "".join(rows))
    return "".join(parts)


PLANTED = {  # name -> (text, opening)
    "a licence alone is no opening": ("/* SPDX-License-Identifier: Apache-2.0 */\n#include <math.h>\n", None),
    "a comment after code is no opening": ("/* SPDX-License-Identifier: Apache-2.0 */\n#include <math.h>\n/* Adds two numbers. */\n", None),
    "the first sentence is taken, over lines":
        ("/* SPDX-License-Identifier: Apache-2.0\n *\n * Reads a.c and\n * b.c. Then more.\n *\n * Else.\n */\nint a;\n", "Reads a.c and b.c."),
    "a comment right after the licence is an opening":
        ("/* SPDX-License-Identifier: Apache-2.0 */\n/* Text to tree, in stages:\n *   one\n */\n", "Text to tree, in stages."),
    "a numbered list is no sentence": ("/* SPDX-License-Identifier: Apache-2.0\n *\n * 1 words   names of signs\n * 2 rows   of a file\n */\n", None),
    "a sentence may be followed by the name of a file":
        ("/* SPDX-License-Identifier: Apache-2.0\n *\n * Reads a file, e.g. text. b.c writes it.\n */\n", "Reads a file, e.g. text."),
    "two words are no sentence": ("/* SPDX-License-Identifier: Apache-2.0\n *\n * Inner things.\n */\n", None),
}


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    results = [(name, [] if opening(text) == want else [f"{opening(text)!r}, not {want!r}"]) for name, (text, want) in PLANTED.items()]
    openings, place = openings_of(root), root / "doc/map.md"
    for room, files in openings.items():
        results.append((f"every file of {room} opens with a sentence", [f"runner/{room}/{name}" for name, said in files.items() if said is None]))
    want = page(openings)
    if "--accept" in sys.argv:
        place.write_text(want, encoding="utf-8")
    same = place.exists() and place.read_text(encoding="utf-8") == want
    results.append(("doc/map.md says what the files say", [] if same else ["write it with: tests/style/map.py . --accept"]))
    print(f"1..{len(results)}")
    for number, (name, faults) in enumerate(results, 1):
        print("not ok" if faults else "ok", number, "-", name)
        for fault in faults:
            print("#", fault)
    return any(faults for _, faults in results)


if __name__ == "__main__":
    sys.exit(main())
