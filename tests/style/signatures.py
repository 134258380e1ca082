#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shape of functions: at most six parameters; an Arena first, results before the Err or Diags, which are last.

    signatures.py RUNNER_FOLDER

Prints TAP: planted faults first, then one test a room and rule.
"""
import pathlib
import re
import sys

import c_source

MAX_PARAMETERS = 6
# Signatures that a library or another function's type dictates -> whose.
DICTATED = {"minimiser_asks": "cminpack", "cvode_system": "CVODE", "flow_system": "CVODE", "compat_caught": "SUNDIALS",
            "cvode_roots": "CVODE", "compat_context_open": "SUNDIALS",
            "err_set": "base/err.h: the Err is the object", "err_note": "base/err.h: the Err is the object"}
# Arguments of a format follow the Err or Diags.
AFTER_ERR = re.compile(r"^(\.\.\.|va_list \w+|const char \*(format|sql|types)|va_list \*?\w+)$")


def too_many(function):
    n = len(function.parameters)
    return f"{n} parameters" if n > MAX_PARAMETERS and function.name not in DICTATED else ""


def arena_late(function):
    places = [i for i, parameter in enumerate(function.parameters) if re.match(r"Arena \*\w", parameter)]
    return f"the Arena is parameter {places[0] + 1}" if places and places[0] > 0 else ""


def err_early(function):
    parameters, name = function.parameters, function.name
    if name in DICTATED or name.startswith("diag"):
        return ""
    places = [i for i, parameter in enumerate(parameters) if re.match(r"(Err \*reterr|Diags \*\w+)$", parameter)]
    if not places:
        return ""
    late = [parameter for parameter in parameters[places[0] + 1:] if not AFTER_ERR.match(parameter) and "Diags *" not in parameter]
    object_is_diags = places[0] == 0 and "Diags *" in parameters[0]
    return f"'{late[0]}' follows the Err or Diags" if late and not object_is_diags else ""


def result_early(function):
    names = [re.split(r"[\s*]", re.sub(r"\[.*", "", parameter))[-1] for parameter in function.parameters]
    first = next((i for i, name in enumerate(names) if name.startswith("ret_")), None)
    if first is None or function.name in DICTATED:
        return ""
    late = [name for name, parameter in zip(names[first:], function.parameters[first:])
            if not name.startswith("ret_") and name != "reterr" and "Diags *" not in parameter and not AFTER_ERR.match(parameter)]
    return f"'{late[0]}' follows a result" if late else ""


RULES = {"at most six parameters": too_many, "an arena comes first": arena_late, "errors come last": err_early, "results follow inputs": result_early}
PLANTED = {too_many: "int a, int b, int c, int d, int e, int f, int g", arena_late: "int a, Arena *arena", err_early: "Err *reterr, int a",
           result_early: "int *ret_a, int b"}


def main():
    runner = pathlib.Path(sys.argv[1])
    path = pathlib.Path("planted/planted.c")
    results = []
    for name, rule in RULES.items():
        bad, = c_source.functions_of(path, f"static bool f({PLANTED[rule]})\n{{\n}}\n")
        good, = c_source.functions_of(path, "bool g(Arena *arena, int (*read)(int, int), int *ret_a, Err *reterr)\n{\n}\n")
        results.append((f"planted: {name}", "" if rule(bad) and not rule(good) else "not caught"))
    found = c_source.functions(runner)
    for room in sorted({function.room for function in found}):
        for name, rule in RULES.items():
            faults = [f"{f.path.relative_to(runner)}:{f.line}: {f.name}: {rule(f)}" for f in found if f.room == room and rule(f)]
            results.append((f"{room}: {name}", "\n".join(faults)))
    return c_source.report(results)


if __name__ == "__main__":
    sys.exit(main())
