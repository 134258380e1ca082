#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The n-th failing call, for every n until none fails: an error that says what failed, the exit code of the table, nothing lost, no leak;
and the same command without the fault then ends as if there had been none.

    faults.py MARBLEBONE INJECT.so [TEST ...]

INJECT.so (inject.c) is preloaded and lets the call fail; gcc's leak sanitizer is preloaded behind it. A program that is built with
sanitizers (MARBLEBONE_SANITIZED=yes) has its own, and an allocator that nobody can preload: failing allocations are skipped then, and
of the other calls every third is visited, because a run takes four times as long. FAULTS_STRIDE=1 visits every call, those of SQLite and
UDUNITS for memory too; FAULTS_VERBOSE=1 prints every outcome.
"""
import concurrent.futures
import contextlib
import errno
import itertools
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import tap
from fits import FIT
from lab import Lab, SOURCE
from tap import equal, holds

INJECT = str(pathlib.Path(sys.argv.pop(2)).resolve()) if len(sys.argv) > 2 else ""
SANITIZED = os.environ.get("MARBLEBONE_SANITIZED") == "yes"
LEAK = 23
DONE, DIFFERS, INPUT, ANIMALS_FAILED, FILE = 0, 1, 3, 4, 5

# As few rows as there can be: every call is visited.
MICE = """\
experiment: faults
model: tiny
animals: 2
seed: 1
measure: [1 day]
cohorts:
  wild-type: {}
  knockout: {genotype: {Tnfsf11: -/-}}
  conditional: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre}}
"""
REFERENCE = """\
reference: faults
experiment: faults
rows:
  - {id: R-1, cohort: knockout, versus: wild-type, metric: BV/TV, at: {age: 1 day}, statistic: ratio of means,
     expect: {target: 0.6, low: 0.5, high: 0.7}, evidence: measured, cite: made up}
"""
NEW = ["run", "mice.yaml", "--db", "r.db", "-j", "1"]
NO_MEMORY = r"out of memory"
SQLITE_NO_MEMORY = NO_MEMORY + "|CHECK constraint failed: json_valid"  # what json_valid of 3.40 has no memory to parse is invalid to it
FULL = r"cannot [a-z ]+ 'r\.db': the disk is full; make room, then run the same command again: what is stored stays"
DISK = r"cannot [a-z ]+ 'r\.db': (disk I/O error|database disk image is malformed|the file is damaged)"
CREW = [*NEW[:-1], "2"]
TAKE, FORCE = ["run", "edited.yaml", *NEW[2:]], [*NEW, "--force"]
DUMP, COMPARE = ["dump", "r.db"], ["compare", "r.db", "reference.yaml"]
BUSY, NOMEM, IOERR, CORRUPT, SQL_FULL = 5, 7, 10, 11, 13
MEM_FAIL, ERR_FAILURE = -20, -3  # CVODE's
# SQLite asks for memory 20,000 times to make a database and run into it, 9,000 times to finish one, UDUNITS 25,000 times to read its
# units, a fit 600 times, each at few places over and over: 20 ms a visit. Primes, so that no rhythm is missed. FAULTS_STRIDE=1 visits all: the
# 36,337 of SQLite in sqlite_without_memory_loses_nothing took 17 minutes on two busy cores.
STRIDE = int(os.environ.get("FAULTS_STRIDE", "0"))
# What a loop that names no stride visits. The build without sanitizers visits each call; all of them with sanitizers took 290 of CI's 1,400 s.
EACH = STRIDE or (3 if SANITIZED else 1)


def leak_sanitizer():
    """The library of gcc's, if it is here."""
    if not shutil.which("gcc"):
        return ""
    found = subprocess.run(["gcc", "-print-file-name=liblsan.so"], capture_output=True, text=True, check=False).stdout.strip()
    path = os.path.realpath(found) if found else ""
    return path if os.path.isabs(path) and os.path.exists(path) else ""


class Faults(Lab):
    """Where each thread has a folder of its own to break things in."""

    def __init__(self, folder):
        super().__init__(folder)
        self.write("mice.yaml", MICE)
        self.write("edited.yaml", MICE + "  more: {animals: 1}\n")
        self.write("reference.yaml", REFERENCE)
        self.write("leaks", "leak:libudunits2\n")
        self.leaks = "" if SANITIZED else leak_sanitizer()
        self.places, self.numbers = threading.local(), itertools.count()

    def preloaded(self, **fault):
        """A leak ends the program with a code of its own; what UDUNITS leaks when it cannot read its units is not ours to mend."""
        quiet = f":exitcode={LEAK}:abort_on_error=0:handle_segv=0"
        sanitizer = {f"{name}_OPTIONS": os.environ.get(f"{name}_OPTIONS", "") + quiet for name in ("ASAN", "UBSAN")}
        sanitizer["LSAN_OPTIONS"] = f"suppressions={self.folder}/leaks:print_suppressions=0" + quiet
        return {"LD_PRELOAD": f"{INJECT}:{self.leaks}" if self.leaks else INJECT, **sanitizer, **fault}

    def place(self):
        """A folder for each thread."""
        if not hasattr(self.places, "path"):
            self.places.path = self.folder / "places" / str(next(self.numbers))
            self.places.path.mkdir(parents=True)
            for name in ("models", "mice.yaml", "edited.yaml", "reference.yaml"):
                (self.places.path / name).symlink_to(self.folder / name)
        return self.places.path

    def final_dump(self, place):
        return self.call("dump", place / "r.db", code=DONE).out if (place / "r.db").exists() else ""


class Loop:
    """One command, one kind of fault, every n. `before`: a database to begin with."""

    def __init__(self, lab, command, kind, codes=(DONE, FILE), before=None, stride=EACH, said=None, silent=False, **fault):
        self.silent = silent  # a library may end the program, which leaks then, without a word
        self.lab, self.command, self.before, self.stride, self.codes, self.said = lab, command, before, stride, codes, said
        self.fault = {f"FAULT_{name}": str(value) for name, value in {"KIND": kind, **fault}.items()}
        self.name = f"{' '.join(command)}{' with ' + before if before else ''}, {' '.join(map(str, (kind, *fault.values())))}"
        self.lock, self.seen, self.n_visited, self.n_hit = threading.Lock(), {}, 0, 0
        place = lab.place()
        self.prepare(place)
        self.rows_before = rows_of(place)
        self.answer = lab.call(*command, cwd=place, code=codes[0]).out
        self.dump = lab.final_dump(place)

    def prepare(self, place):
        for left in (*place.glob("r.db*"), *place.glob("hit")):
            left.unlink()
        if self.before:
            shutil.copy(self.lab.folder / self.before, place / "r.db")

    def visit(self, n):
        """False: no call failed."""
        place = self.lab.place()
        self.prepare(place)
        env = self.lab.preloaded(FAULT_AT=str(n), FAULT_LOG="hit", **self.fault)
        if self.silent:
            env["LSAN_OPTIONS"] += ":detect_leaks=0"
        result = self.lab.call(*self.command, cwd=place, env=env, timeout=60)
        hit = (place / "hit").exists()
        where = f"{self.name}, call {n}\n{result!r}\n"
        self.check_end(result, where, hit)
        rows = self.check_rows(place, where)
        key = (result.code, re.sub(r"[\d.]+ s;", "", result.err), rows)
        with self.lock:
            self.n_visited += 1
            self.n_hit += hit
            new = self.seen.setdefault(key, n) == n
        if new or result.code == DONE:
            self.check_again(place, where, result.code == DONE and new)
        return hit

    def check_end(self, result, where, hit):
        holds(result.code in (self.codes if hit else self.codes[:1]), f"{where}exit codes allowed: {self.codes}")
        if result.code == self.codes[0]:
            equal(result.out, self.answer, f"{where}stdout")
        elif not self.silent:
            holds(re.search(self.said or ".", result.err), f"{where}wanted {self.said}")

    def check_rows(self, place, where):
        """Looks at a copy: to open a database is to repair what the end of a process left behind."""
        look = place / "look"
        shutil.rmtree(look, ignore_errors=True)
        look.mkdir()
        for file in place.glob("r.db*"):
            shutil.copy(file, look)
        check_database(look, where)
        rows = rows_of(look)
        holds(set(self.rows_before) <= set(rows), f"{where}rows are lost")
        return rows

    def check_again(self, place, where, finished):
        """The same command without the fault: as if there had been none."""
        if not finished:
            equal(self.lab.call(*self.command, cwd=place, code=self.codes[0]).out, self.answer, f"{where}stdout of the next run")
        equal(self.lab.final_dump(place), self.dump, f"{where}the dump afterwards")
        check_database(place, where)

    def run(self):
        workers = os.cpu_count() or 1
        numbers = itertools.count(1, self.stride)
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            while all(pool.map(self.visit, itertools.islice(numbers, 8 * workers))):
                pass
        holds(self.n_hit > 0, f"{self.name}: no call failed")
        tap.comment(f"{time.monotonic() - start:5.1f} s  {self.name}: {self.n_visited} runs, {len(self.seen)} outcomes")
        if os.environ.get("FAULTS_VERBOSE"):
            for (code, err, rows), n in self.seen.items():
                tap.comment(f"  {n}: {code}, {len(rows)} rows, {err.strip()}")


class GivingUp(Loop):
    """What an animal that failed keeps: its reason."""

    def check_end(self, result, where, hit):
        persists = hit and "FAULT_MORE" in self.fault
        equal(result.code, ANIMALS_FAILED if persists else DONE, where)

    def check_again(self, place, where, finished):
        found, hit = failures(place), (place / "hit").exists()
        failed = [why for why in found.values() if why is not None]
        equal(len(found), 6, f"{where}animals stored")
        equal(bool(failed), hit and "FAULT_MORE" in self.fault, f"{where}{failed}")
        holds(all(why.startswith("the integrator gave up at t = ") for why in failed), f"{where}{failed}")
        self.lab.call(*self.command, cwd=place, code=ANIMALS_FAILED if failed else DONE)
        equal(failures(place), found, f"{where}afterwards")


class FitLoop(Loop):
    """`marblebone fit --write`: what may be lost is the text of the model."""

    def __init__(self, lab, kind, codes, **fault):
        lab.write("line.fit.yaml", FIT)
        self.old = self.new = (lab.folder / "models" / "line.yaml").read_text()
        super().__init__(lab, ["fit", "line.fit.yaml", "--write", "-q"], kind, codes, **fault)
        self.new = (lab.place() / "models" / "line.yaml").read_text()
        holds(self.old != self.new, "the fit writes")

    def prepare(self, place):
        for left in (*place.glob("line.fit.*"), *place.glob("hit")):
            left.unlink()
        if (place / "models").is_symlink():
            (place / "models").unlink()
        shutil.copytree(self.lab.folder / "models", place / "models", dirs_exist_ok=True)
        shutil.copy(self.lab.folder / "line.fit.yaml", place)

    def check_rows(self, place, where):
        text = (place / "models" / "line.yaml").read_text()
        holds(text in (self.old, self.new), f"{where}the model's text is broken")
        left = [path.name for path in (place / "models").iterdir() if not (self.lab.folder / "models" / path.name).exists()]
        equal(left, [], f"{where}files left behind")
        return (text,)

    def check_again(self, place, where, finished):
        if not finished and (place / "models" / "line.yaml").read_text() == self.old:
            equal(self.lab.call(*self.command, cwd=place, code=DONE).out, self.answer, f"{where}stdout of the next fit")
        equal((place / "models" / "line.yaml").read_text(), self.new, f"{where}the model afterwards")


def failures(place):
    """{(cohort, number): why it failed, or None}."""
    with connect(place) as db:
        return {row[:2]: row[2] for row in db.execute("SELECT cohort, number, failure FROM animal JOIN cohort USING (cohort_id)")}


def connect(place):
    return contextlib.closing(sqlite3.connect(f"file:{place / 'r.db'}?mode=rw", uri=True))


def rows_of(place):
    """Every animal and reading; nothing of a database that has no tables yet."""
    if not (place / "r.db").exists():
        return ()
    with connect(place) as db:
        there = {name for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        return tuple((table, *row) for table in ("animal", "reading") if table in there for row in db.execute(f"SELECT * FROM {table}"))


def check_database(place, where):
    if (place / "r.db").exists():
        with connect(place) as db:
            equal(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)], f"{where}integrity")
            equal(db.execute("PRAGMA foreign_key_check").fetchall(), [], f"{where}foreign keys")


def a_planted_leak_is_seen(lab):
    """Else every other one would pass, too."""
    if not lab.leaks and not SANITIZED:
        raise tap.Skip("no leak sanitizer: gcc's liblsan is not here")
    equal(lab.call("--version", env=lab.preloaded(FAULT_KIND="leak")).code, LEAK, "exit code")


# ---- disks ----


def a_failing_write_loses_nothing(lab):
    half(lab)
    Loop(lab, NEW, "write", said=FULL).run()
    Loop(lab, NEW, "write", MORE=1, said=FULL).run()
    Loop(lab, NEW, "write", before="half.db", said=FULL).run()
    Loop(lab, NEW, "write", before="half.db", said=FULL, CODE=errno.EDQUOT).run()
    Loop(lab, CREW, "write", before="half.db", said=FULL).run()


def a_write_that_stops_halfway_goes_on(lab):
    half(lab)
    Loop(lab, NEW, "short", (DONE,), before="half.db").run()


def a_failing_sync_or_truncation_loses_nothing(lab):
    half(lab)
    for kind in ("sync", "truncate"):
        for more in ({}, {"MORE": 1}):
            Loop(lab, NEW, kind, said=DISK, **more).run()
            Loop(lab, NEW, kind, before="half.db", said=DISK, **more).run()


def a_file_that_cannot_be_opened_or_read_is_named(lab):
    half(lab)
    for kind, why in (("open", "Too many open files|its folder does not exist, or you may not write there|read-only"), ("read", "Input/output error|" + DISK)):
        for more in ({}, {"MORE": 1}):
            Loop(lab, NEW, kind, (DONE, INPUT, FILE), said=why, **more).run()
        for command in (NEW, DUMP):
            Loop(lab, command, kind, (DONE, INPUT, FILE), before="half.db", said=why).run()
        Loop(lab, COMPARE, kind, (DIFFERS, INPUT, FILE), before="half.db", said=why).run()


# ---- SQLite ----


def a_failing_statement_loses_nothing(lab):
    half(lab)
    Loop(lab, NEW, "sql", FROM="program", CODE=IOERR, said=DISK).run()
    for code, said in ((BUSY, "another process is writing"), (NOMEM, NO_MEMORY), (CORRUPT, DISK), (SQL_FULL, FULL)):
        Loop(lab, NEW, "sql", FROM="program", CODE=code, before="half.db", said=said).run()
    Loop(lab, NEW, "sql", FROM="program", CODE=IOERR, MORE=1, before="half.db", said=DISK).run()
    Loop(lab, CREW, "sql", FROM="program", CODE=IOERR, before="half.db", said=DISK).run()


def a_failing_statement_of_a_reader_is_an_error(lab):
    half(lab)
    Loop(lab, DUMP, "sql", FROM="program", CODE=BUSY, before="half.db", said="another process is writing").run()
    Loop(lab, COMPARE, "sql", (DIFFERS, FILE), FROM="program", CODE=IOERR, before="half.db", said=DISK).run()


def what_is_taken_over_written_over_or_migrated_loses_nothing(lab):
    half(lab)
    old_schema(lab)
    for command, before in ((TAKE, "half.db"), (FORCE, "half.db"), (DUMP, "old.db")):
        if not SANITIZED or command == TAKE:   # they are slow, and leaks are looked for without them, too
            Loop(lab, command, "write", before=before, said=FULL).run()
            Loop(lab, command, "sql", FROM="program", CODE=IOERR, before=before, said=DISK).run()
    if not SANITIZED:
        Loop(lab, TAKE, "malloc", FROM="program", before="half.db", said=NO_MEMORY).run()
        Loop(lab, TAKE, "malloc", FROM="libsqlite3", stride=STRIDE or 101, before="half.db", said=SQLITE_NO_MEMORY).run()
        Loop(lab, DUMP, "malloc", FROM="libsqlite3", stride=STRIDE or 101, before="old.db", said=SQLITE_NO_MEMORY).run()


# ---- threads, the integrator ----


def threads_that_cannot_be_created_are_done_without(lab):
    for more in ({}, {"MORE": 1}):
        Loop(lab, [*NEW[:-1], "3"], "thread", (DONE,), **more).run()


def an_integrator_without_memory_fails_no_animal(lab):
    half(lab)
    Loop(lab, NEW, "solver", said=NO_MEMORY).run()
    Loop(lab, CREW, "cvode", CODE=MEM_FAIL, before="half.db", said=NO_MEMORY).run()


def an_integrator_that_gives_up_fails_the_animals_and_says_why(lab):
    """Once: the animals of the batch are integrated alone, and none fails. From then on: they fail, and stay failed."""
    GivingUp(lab, NEW, "cvode", (DONE, ANIMALS_FAILED), CODE=ERR_FAILURE).run()
    GivingUp(lab, NEW, "cvode", (DONE, ANIMALS_FAILED), CODE=ERR_FAILURE, MORE=1, stride=7).run()


# ---- memory ----


def without_memory_the_program_ends_and_loses_nothing(lab):
    allocations(lab, "program", 1, NO_MEMORY)
    allocations(lab, "libyaml", 1, NO_MEMORY)


def sqlite_without_memory_loses_nothing(lab):
    allocations(lab, "libsqlite3", STRIDE or 61, SQLITE_NO_MEMORY)


def libraries_that_die_without_memory_lose_nothing(lab):
    """UDUNITS 2.2.28 and SUNDIALS 6.4 use what an allocation returned without looking, assert that it is there, or call exit: they end
    with a signal or a code of their own (2), without a word of ours. What we can promise is that the database is none the worse."""
    not_sanitized()
    half(lab)
    died = (DONE, FILE, INPUT, 2, -signal.SIGSEGV, -signal.SIGABRT)
    Loop(lab, NEW, "malloc", died, FROM="libsundials", before="half.db", silent=True).run()
    Loop(lab, NEW, "malloc", died, FROM="libudunits2,libexpat,libc.so", stride=STRIDE or 101, before="half.db", silent=True).run()


def not_sanitized():
    if SANITIZED:
        raise tap.Skip("the sanitizer's allocator is inside the program: no call of it can be made to fail from outside")


def allocations(lab, library, stride, said):
    not_sanitized()
    half(lab)
    Loop(lab, NEW, "malloc", FROM=library, stride=stride, said=said).run()
    Loop(lab, CREW, "malloc", FROM=library, stride=stride, before="half.db", said=said).run()
    if library != "libyaml":
        Loop(lab, DUMP, "malloc", FROM=library, stride=stride, before="half.db", said=said).run()
    Loop(lab, COMPARE, "malloc", (DIFFERS, FILE), FROM=library, stride=stride, before="half.db", said=said).run()


# ---- fit ----


def a_fit_that_fails_leaves_the_model_whole(lab):
    """The text of the model is the old one or the new one."""
    for kind, codes in (("open", (DONE, INPUT, FILE)), ("sync", (DONE, FILE)), ("thread", (DONE,))):
        FitLoop(lab, kind, codes).run()
    if not SANITIZED:
        FitLoop(lab, "malloc", (DONE, FILE), FROM="program", stride=STRIDE or 7).run()


def half(laboratory):
    """Two of six animals: two batches are missing."""
    laboratory.call("run", "mice.yaml", "--db", "half.db", "--cohort", "wild-type", code=DONE)


def old_schema(laboratory):
    """What the first schema's program wrote."""
    connection = sqlite3.connect(laboratory.folder / "old.db")
    connection.executescript((SOURCE / "tests/store/schema-1.sql").read_text() + "PRAGMA application_id = 1835159345; PRAGMA user_version = 1;")
    connection.close()


if __name__ == "__main__":
    sys.exit(tap.main(Faults))
