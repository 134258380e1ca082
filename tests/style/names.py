#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names: a newcomer guesses where a function lives, one verb has one meaning, no two files have a static function of one name.

    names.py RUNNER_FOLDER

An exported function begins with one of: the file that defines it, its room, a header that declares it (without "_priv"), a type that a header of
its room defines, in snake_case; each in the singular or plural. The part after that begins with no word that the verb table
(CONTRIBUTING.md, "Names") says otherwise. Prints TAP: planted faults first, then one test a room and rule.
"""
import collections
import pathlib
import re
import sys

import c_source

TYPE = re.compile(r"^\}\s*(\w+);|^typedef (?:struct|enum) (\w+)|^typedef [^;{}()]*?(\w+);", re.M)
# What no prefix makes clearer -> why.
PLAIN = {"main": "C", "out_of_memory": "a contract of every room (base/contract.h)"}
# The verb that we do not use -> what we say.
VERBS = {"make": "new or build", "create": "new or open", "init": "new", "destroy": "close", "delete": "close", "dispose": "close", "dump": "show or write",
         "display": "show", "output": "write", "append": "add", "push": "add", "insert": "add", "lookup": "find", "search": "find", "fetch": "get",
         "retrieve": "get", "compute": "eval or a word of the field", "calculate": "eval or a word of the field", "tell": "show, write or explain",
         "say": "show or write", "do": "the thing that is done", "handle": "the thing that is done", "process": "the thing that is done"}
# Functions whose verb stays -> why.
SPOKEN = {"store_dump": "the command's name", "cmd_dump": "the command's name", "store_append": "rows behind others, as SQL has no word for it"}


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def prefixes(function, headers):
    words = {function.path.stem, function.room}
    for path, (text, _) in headers.items():
        if re.search(rf"\b{function.name}\(", text):
            words |= {path.stem.removesuffix("_priv")}.union(*(types for other, (_, types) in headers.items() if other.parent == path.parent))
    return words | {word + "s" for word in words} | {word.removesuffix("s") for word in words}


def prefix_of(function, headers):
    """The longest one that the name begins with, or None."""
    fits = [word for word in prefixes(function, headers) if function.name == word or function.name.startswith(word + "_")]
    return max(fits, key=len, default=None)


def verb_fault(function, prefix):
    verb = function.name[len(prefix or ""):].strip("_").split("_")[0]
    return f"'{verb}': we say {VERBS[verb]}" if verb in VERBS and function.name not in SPOKEN else ""


def headers_of(paths):
    texts = {path: c_source.bare(path.read_text()) for path in paths}
    return {path: (text, {snake(name) for match in TYPE.findall(text) for name in match if name}) for path, text in texts.items()}


def planted():
    path = pathlib.Path("yaml/load.c")
    headers = {pathlib.Path("yaml/yaml.h"): ("bool yaml_load(void); bool read_it(void); void places_tell(void);", {"places"})}
    good, bad, verb = (c_source.Function(path, "yaml", name, False, [], 1) for name in ("yaml_load", "read_it", "places_tell"))
    return [("a function without the prefix of its file is caught", "" if prefix_of(good, headers) and not prefix_of(bad, headers) else "not caught"),
            ("a verb of another table is caught", "" if verb_fault(verb, prefix_of(verb, headers)) and not verb_fault(good, "yaml") else "not caught")]


def main():
    runner = pathlib.Path(sys.argv[1])
    results = planted()
    headers = headers_of(sorted(runner.glob("*/*.h")))
    found = [function for function in c_source.functions(runner) if function.path.suffix == ".c"]
    files, odd, verbs, n = collections.defaultdict(set), collections.defaultdict(list), collections.defaultdict(list), 0
    for function in found:
        where = f"{function.path.relative_to(runner)}:{function.line}: {function.name}"
        prefix = None
        if function.is_static:
            files[function.name].add(str(function.path.relative_to(runner)))
        elif function.name not in PLAIN:
            n += 1
            prefix = prefix_of(function, headers)
            if prefix is None:
                odd[function.room].append(where)
        fault = verb_fault(function, prefix)
        if fault and not function.is_static:
            verbs[function.room].append(f"{where}: {fault}")
    for room in sorted({function.room for function in found}):
        results.append((f"{room}: exported functions begin with their file, room or type", "\n".join(odd[room])))
        results.append((f"{room}: verbs are those of the table", "\n".join(verbs[room])))
    twice = [f"{name}: {', '.join(sorted(places))}" for name, places in sorted(files.items()) if len(places) > 1]
    results.append(("static functions have names of their own", "\n".join(twice)))
    print(f"# {n - sum(map(len, odd.values()))} of {n} exported functions begin with their file, room or type")
    return c_source.report(results)


if __name__ == "__main__":
    sys.exit(main())
