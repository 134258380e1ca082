#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each room includes only the front doors of the rooms it may use; each foreign library is known to one room; memory comes from one file.

    layers.py RUNNER_FOLDER base= yaml=base model=expr,units,yaml,base ...

The table is that of runner/meson.build. A room that is not in it (cli) may use all. Prints TAP: planted faults first, then one test a room.
"""
import pathlib
import re
import sys
import tempfile

# Headers of a room that others may include, beside base/*.h and <room>/<room>.h.
OTHER_DOORS = {"yaml": {"fields.h"}, "model": {"system.h"}, "judge": {"reference.h"}, "compare": {"stored_run.h"}, "plan": {"genotype.h"}, "run": {"ranks.h"}, "simulate": {"trial.h", "versions.h"}}

# Headers that the build makes -> the rooms that may include them.
GENERATED = {"build_info.h": {"cli", "run", "simulate"}, "schema_sql.h": {"store"}}

# The start of a foreign header -> the one room that may include it.
FOREIGN = {"yaml.h": "yaml", "udunits2": "units", "sqlite3": "store", "sleef.h": "expr", "pthread.h": "threads", "mpi.h": "run",
           "sha256.h": "base", "cvode/": "solve", "cvodes/": "solve", "sundials/": "solve", "nvector/": "solve",
           "sunmatrix/": "solve", "sunlinsol/": "solve", "sunnonlinsol/": "solve", "threads.h": "threads", "cminpack": "fit", "minpack": "fit"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
ALLOCATION = re.compile(r"\b(malloc|calloc|realloc|reallocarray|strdup|strndup|aligned_alloc|posix_memalign)\s*\(")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')


def without_comments(text):
    return COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def include_fault(room, uses, quoted, foreign):
    if foreign is not None:
        owner = next((own for start, own in FOREIGN.items() if foreign.startswith(start)), room)
        return None if owner == room else f"<{foreign}> belongs to {owner}/"
    other, _, header = quoted.partition("/")
    if not header:
        made = room in GENERATED.get(quoted, ())
        return None if made else f'"{quoted}" does not name its room: write "{room}/{quoted}"'
    if other == room:
        return None
    if uses is not None and other not in uses:
        return f"{room} may not use {other}"
    if other != "base" and header != f"{other}.h" and header not in OTHER_DOORS.get(other, ()):
        return f'"{quoted}" is not a front door of {other}'
    return None


def faults_of(path, room, uses):
    code = without_comments(path.read_text(errors="replace"))
    for number, line in enumerate(code.split("\n"), 1):
        match = INCLUDE.match(line)
        fault = include_fault(room, uses, *match.groups()) if match else None
        bare = STRING.sub('""', line)
        if ALLOCATION.search(bare) and (room, path.name) != ("base", "arena.c"):
            fault = "memory comes from an arena: only base/arena.c allocates"
        if fault:
            yield f"{room}/{path.name}:{number}: {fault}: {line.strip()}"


def check(runner, rooms):
    """room -> list of faults, for each folder of the runner."""
    found = {}
    for folder in sorted(path for path in runner.iterdir() if path.is_dir()):
        files = sorted(path for path in folder.iterdir() if path.suffix in (".c", ".h"))
        uses = rooms.get(folder.name)
        found[folder.name] = [fault for path in files for fault in faults_of(path, folder.name, uses)]
    for room in sorted(set(rooms) - set(found)):
        found[room] = [f"the room '{room}' has no folder"]
    return found


PLANTED = {  # name -> (room, text, is a fault)
    "an upward include is caught": ("yaml", '#include "plan/plan.h"\n', True),
    "a private header of another room is caught": ("model", '#include "yaml/yaml_priv.h"\n', True),
    "a foreign header outside its room is caught": ("model", "#include <sqlite3.h>\n", True),
    "malloc outside base/arena.c is caught": ("yaml", "char *f(void)\n{\n    return malloc(3);\n}\n", True),
    "what is allowed passes": ("model", '#include <math.h>\n#include "model/model.h"\n#include "yaml/yaml.h"\n', False),
    "a comment or a string is no code": ("model", '/* malloc( */\nconst char *s = "malloc(3)";\n// #include "cli/cli.h"\n', False),
}


def catches(room, text, is_fault):
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder, room)
        place.mkdir()
        (place / "planted.c").write_text(text)
        faults = check(pathlib.Path(folder), {"yaml": {"base"}, "model": {"yaml", "base"}})[room]
    return bool(faults) == is_fault


def main():
    runner = pathlib.Path(sys.argv[1])
    rooms = {}
    for argument in sys.argv[2:]:
        room, _, uses = argument.partition("=")
        rooms[room] = set(filter(None, uses.split(",")))
    results = [(name, [] if catches(*row) else ["not so"]) for name, row in PLANTED.items()]
    if not rooms:
        results.append(("the table of rooms was given", ["no argument room=a,b"]))
    results += [(f"{room} keeps to its layer", faults) for room, faults in check(runner, rooms).items()]
    print(f"1..{len(results)}")
    for number, (name, faults) in enumerate(results, 1):
        print("not ok" if faults else "ok", number, "-", name)
        for fault in faults:
            print("#", fault)
    return any(faults for _, faults in results)


if __name__ == "__main__":
    sys.exit(main())
