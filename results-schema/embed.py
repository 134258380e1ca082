#!/usr/bin/env python3
"""Writes the SQL of the database as C strings, so that the program and its schema cannot part: embed.py OUTPUT.h schema.sql views.sql.

SCHEMA_SQL[i] is the section "-- Schema i + 1: ..." of schema.sql; VIEWS_SQL is the whole of views.sql.
"""
import json
import pathlib
import re
import sys


def sections(schema):
    """The text of each section. Their numbers must be 1, 2, ..., and only comments may stand before the first."""
    before, *parts = re.split(r"^(?=-- Schema \d+:)", schema, flags=re.M)
    numbers = [int(re.match(r"-- Schema (\d+):", part)[1]) for part in parts]
    if numbers != list(range(1, len(parts) + 1)) or not parts:
        sys.exit(f"schema.sql: its sections have the numbers {numbers}, not 1, 2, ...")
    if any(line.strip() and not line.startswith("--") for line in before.splitlines()):
        sys.exit("schema.sql: there is SQL before the section '-- Schema 1: ...'")
    return parts


def literal(text):
    return "\n".join("    " + json.dumps(line + "\n", ensure_ascii=True) for line in text.splitlines())


def main():
    output, schema, views = map(pathlib.Path, sys.argv[1:])
    schemas = ",\n".join(literal(part) for part in sections(schema.read_text()))
    output.write_text(f"""/* Made by results-schema/embed.py from the SQL files beside it. */
#ifndef MB_SCHEMA_SQL_H
#define MB_SCHEMA_SQL_H

/* ISO C promises 4,095 bytes for a string; every compiler that builds this takes more. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

static const char *const SCHEMA_SQL[] = {{
{schemas}}};

static const char VIEWS_SQL[] =
{literal(views.read_text())};

#endif
""")


if __name__ == "__main__":
    main()
