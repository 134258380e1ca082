#!/usr/bin/env python3
"""Writes SQL files as C string constants: embed.py OUTPUT.h NAME=FILE ... ; the binary and the schema cannot part."""
import json
import pathlib
import sys


def main():
    lines = ["/* Made by results-schema/embed.py from the SQL files beside it. */", "#ifndef MB_SCHEMA_SQL_H",
             "#define MB_SCHEMA_SQL_H", "",
             "/* ISO C promises 4,095 bytes for a string; every compiler that builds this takes more. */",
             "#pragma GCC diagnostic ignored \"-Woverlength-strings\"", ""]
    for argument in sys.argv[2:]:
        name, path = argument.split("=", 1)
        text = pathlib.Path(path).read_text()
        lines.append(f"static const char {name}[] =")
        lines += ["    " + json.dumps(line + "\n", ensure_ascii=True) for line in text.splitlines()]
        lines[-1] += ";"
        lines.append("")
    lines.append("#endif")
    pathlib.Path(sys.argv[1]).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
