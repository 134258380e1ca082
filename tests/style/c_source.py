# SPDX-License-Identifier: Apache-2.0
"""What the style tests share: C without comments and strings, the functions that it defines, and TAP."""
import collections
import re

NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
# A definition begins in column 0 and its '{' stands alone in column 0, as clang-format leaves it.
DEFINITION = re.compile(r"^(?!typedef|struct \w+ \{|enum|#|\})((?:[A-Za-z_][\w\[\]]*[\s*]+)+?\**)(\w+)\(((?:[^;{}])*)\)\n\{", re.M)

Function = collections.namedtuple("Function", "path room name is_static parameters line")


def bare(text):
    """The text without comments and without what strings say; lines stay where they are."""
    text = re.sub(r"\bPRINTF_LIKE\([^)]*\)", "", text)
    return NOISE.sub(lambda match: ('""' if match.group().startswith('"') else " ") + "\n" * match.group().count("\n"), text)


def split(parameters):
    """Parameters at the commas outside of brackets; none for (void)."""
    parts, depth = [""], 0
    for character in parameters:
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    parts = [" ".join(part.split()) for part in parts]
    return [] if parts in (["void"], [""]) else parts


def functions_of(path, text):
    code = bare(text)
    for match in DEFINITION.finditer(code):
        yield Function(path, path.parent.name, match.group(2), "static" in match.group(1).split(), split(match.group(3)),
                       code.count("\n", 0, match.start()) + 1)


def functions(runner):
    return [function for pattern in ("*/*.c", "*/*.h", "*/*.inc") for path in sorted(runner.glob(pattern))
            for function in functions_of(path, path.read_text())]


def report(results):
    """results: (name, complaint or "" or None). Returns the exit code."""
    print(f"1..{len(results)}")
    for number, (name, complaint) in enumerate(results, 1):
        print("not ok" if complaint else "ok", number, "-", name)
        for line in (complaint or "").splitlines()[:40]:
            print("#", line)
    return int(any(complaint for _, complaint in results) or not results)
