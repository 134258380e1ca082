#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments: no row is lost or doubled, no animal is there by half, and the same command ends with the same bytes. And readers
that query all the time while a run goes on.

    kills.py MARBLEBONE [TEST ...]

KILLS_SEED repeats the moments of an earlier run, as far as a clock can.
"""
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import tap
from lab import COMMAND, Lab, TINY
from tap import equal, equal_lines, holds

# Of processes that were at work. With sanitizers everything takes five times as long.
KILLS = 40 if int(os.environ.get("MARBLEBONE_SLOW", "1")) > 1 else 200
ANIMALS = 1500  # of a cohort: 24 transactions each, and a tenth of a second for all three
READINGS = 3    # of an animal: two ages, and the one of the trait
MICE = TINY.replace("animals: 20", f"animals: {ANIMALS}")
EDITED = MICE + "  more: {}\n"
OTHER = MICE.replace("tiny-knockout", "other").replace("seed: 1", "seed: 2")
FORCED_KILLS = 12  # of one database: --force begins anew each time


class Target:
    """A database that is run into, killed, and run into, until the run has ended. `before`: a database to begin with."""

    def __init__(self, lab, name, command, before=None, beside=None, most=1000):
        self.lab, self.name, self.command, self.before, self.beside, self.most = lab, name, ["run", *command, "-q"], before, beside, most
        self.n_begun = self.n_kills = 0
        self.seconds, self.want = self.straight()
        self.begin()

    def call(self, db, files):
        for file in files:
            self.lab.call("run", file, *self.command[2:], "--db", db, code=0)

    def straight(self):
        """Seconds and dump of a run that nobody disturbs."""
        db = f"{self.name}.straight.db"
        self.put_before(db)
        start = time.monotonic()
        self.call(db, [self.command[1]])
        seconds = time.monotonic() - start
        self.call(db, [self.beside] if self.beside else [])
        return seconds, self.dump(db)

    def dump(self, db):
        """Which of two runs is registered first is chance, and with it the ids: the program's own dump has none."""
        if self.beside:
            return self.lab.call("dump", db, code=0).out.splitlines()
        return self.lab.dump(db, COMMAND | {("cohort", "changes")})

    def put_before(self, db):
        if self.before:
            shutil.copy(self.lab.folder / self.before, self.lab.folder / db)

    def begin(self):
        self.n_begun += 1
        self.db, self.n_stored, self.n_here = f"{self.name}.{self.n_begun}.db", 0, 0
        self.put_before(self.db)

    def start(self, file):
        return self.lab.start("run", file, *self.command[2:], "--db", self.db, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, chance):
        """Lets it run for a while. True: it was killed at work."""
        processes = [self.start(file) for file in (self.command[1], self.beside) if file]
        time.sleep(chance.uniform(0.0, 1.1 * self.seconds))
        for process in processes:
            process.kill()
        ends = [process.wait() for process in processes]
        holds(set(ends) <= {0, -signal.SIGKILL}, f"{self.name}: exit codes {ends}")
        self.look()
        live = sum(end != 0 for end in ends)
        self.n_kills += live
        self.n_here += live
        if live == 0 or self.n_here >= self.most:
            self.finish()
        return live

    def look(self):
        path = self.lab.folder / self.db
        if not path.exists():
            equal(self.n_stored, 0, f"{self.name}: the database is gone")
            return
        self.lab.check_integrity(self.db)
        if "reading" not in self.lab.tables(self.db):
            equal(self.n_stored, 0, f"{self.name}: the tables are gone")
            return
        stored, = self.lab.ask("SELECT count(*), count(DISTINCT cohort_id * 1000000 + number) FROM animal", db=self.db)
        equal(stored[0], stored[1], f"{self.name}: animals, and different ones")
        holds(stored[0] >= self.n_stored, f"{self.name}: {self.n_stored} animals were stored, and now {stored[0]}")
        whole = self.lab.one(f"SELECT count(*) FROM (SELECT 1 FROM reading GROUP BY animal_id HAVING count(*) = {READINGS})", db=self.db)
        equal((whole, READINGS * whole), (stored[0], self.lab.one("SELECT count(*) FROM reading", db=self.db)), f"{self.name}: whole animals, readings")
        self.n_stored = stored[0]

    def finish(self):
        self.call(self.db, [self.command[1], *([self.beside] if self.beside else [])])
        self.lab.check_integrity(self.db)
        equal_lines(self.dump(self.db), self.want, f"{self.name}: the dump afterwards")
        for left in self.lab.folder.glob(f"{self.db}*"):
            left.unlink()
        self.begin()


def kills_at_random_moments_lose_and_double_nothing(lab):
    seed = int(os.environ.get("KILLS_SEED", int.from_bytes(os.urandom(4), "little")))
    chance = random.Random(seed)
    tap.comment(f"KILLS_SEED={seed}")
    for name, text in (("mice", MICE), ("edited", EDITED), ("other", OTHER)):
        lab.write(f"{name}.yaml", text)
    lab.call("run", "mice.yaml", "-q", "--db", "whole.db", code=0)
    targets = [Target(lab, "one thread", ["mice.yaml", "-j", "1"]), Target(lab, "two threads", ["mice.yaml", "-j", "2"]),
               Target(lab, "two at once", ["mice.yaml", "-j", "1"], beside="other.yaml"),
               Target(lab, "taking over", ["edited.yaml", "-j", "1"], before="whole.db"),
               Target(lab, "writing over", ["mice.yaml", "-j", "1", "--force"], before="whole.db", most=FORCED_KILLS)]
    start = time.monotonic()
    n = 0
    while n < KILLS:
        n += min(targets, key=lambda target: target.n_kills).kill(chance)
    for target in targets:
        target.finish()
        tap.comment(f"{target.name}: {target.n_kills} kills, {target.n_begun - 1} databases; undisturbed {target.seconds:.2f} s")
    tap.comment(f"{n} kills in {time.monotonic() - start:.1f} s")


# -- readers -------------------------------------------------------------------------------------------------------

class Reader(threading.Thread):
    """Asks the views again and again, as sqlite3 in a shell or a script would. Keeps what went wrong."""

    QUERIES = ("SELECT count(*) FROM phenotype", "SELECT sum(n) FROM cohort_summary", "SELECT count(*) FROM versus_control",
               "SELECT count(*) FROM failure", f"SELECT {READINGS} * count(*) FROM animal")

    def __init__(self, path, ask):
        super().__init__()
        self.path, self.ask, self.last, self.n, self.wrong, self.stop = path, ask, {}, 0, [], threading.Event()

    def run(self):
        while not self.stop.is_set() and not self.wrong:
            for query in self.QUERIES:
                try:
                    count = self.ask(self.path, query)
                except (sqlite3.Error, subprocess.CalledProcessError) as error:
                    self.wrong.append(f"{query}: {error} {getattr(error, 'stderr', '')}")
                    return
                if count < self.last.get(query, 0) or (query == self.QUERIES[0] and count % READINGS != 0):
                    self.wrong.append(f"{query}: {self.last.get(query, 0)}, then {count}")
                self.last[query] = count
                self.n += 1


# In the instant in which the last of those that write closes the file it is locked: to wait is python's default, and sqlite3's with .timeout.
def by_module(path, query):
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchone()[0] or 0
    finally:
        connection.close()


def by_program(path, query):
    return int(subprocess.run(["sqlite3", "-readonly", "-cmd", ".timeout 5000", path, query], check=True, capture_output=True, text=True).stdout or 0)


def readers_ask_while_a_run_goes_on(lab):
    lab.write("mice.yaml", MICE.replace(f"animals: {ANIMALS}", "animals: 4000"))
    lab.call("run", "mice.yaml", "-q", "--db", "straight.db", code=0)
    process = lab.start("run", "mice.yaml", "-q", "-j", "1", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    path = lab.folder / "results.db"
    limit = time.monotonic() + 60
    while not path.exists() or "versus_control" not in [name for name, in lab.ask("SELECT name FROM sqlite_schema WHERE type = 'view'")]:
        holds(process.poll() is None and time.monotonic() < limit, "no database was made")
    readers = [Reader(path, ask) for ask in (by_module, by_module, by_program)]
    for reader in readers:
        reader.start()
    _, said = process.communicate(timeout=120)
    for reader in readers:
        reader.stop.set()
        reader.join()
        equal(reader.wrong, [])
    equal((process.returncode, said.count(b"\n")), (0, 1), said)
    holds(all(reader.n > 0 for reader in readers), "a reader asked nothing")
    tap.comment(f"{[reader.n for reader in readers]} answers meanwhile")
    equal_lines(lab.dump(but=COMMAND), lab.dump("straight.db", COMMAND), "the dump")


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
