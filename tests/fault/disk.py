#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a disk and other processes can do to a database, for real: each has one outcome, and afterwards the same command ends as if nothing
had been. SECURITY.md lists them.

    disk.py MARBLEBONE [TEST ...]

File systems are mounted in a namespace of the script's own (unshare -rm); where that cannot be, what needs it is skipped.
"""
import contextlib
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import time

import tap
from fits import FIT
from interrupts import MANY
from lab import COMMAND, Lab, SOURCE, TINY
from tap import equal, equal_lines, holds

DONE, FILE = 0, 5
RUN = ["run", "many.yaml", "-q", "-j", "2"]
FULL = "marblebone: cannot write 'disk/r.db': the disk is full; make room, then run the same command again: what is stored stays\n"
NO_PLACE = "its folder does not exist, or you may not write there\n"
BUSY = "another process is writing to it; wait until it is done\n"
MOVED = ("marblebone: cannot write 'r.db': the file was moved, replaced or deleted during the run; run the same command again, and leave it "
         "there\n")
BUSY_S = 5  # store/open.c


class Disk(Lab):
    """Holds an experiment with many animals."""

    def __init__(self, folder):
        super().__init__(folder)
        self.write("many.yaml", MANY)
        self.write("tiny.yaml", TINY)

    def straight(self):
        """The dump of a run that nobody disturbed."""
        self.call(*RUN, "--db", "straight.db", code=DONE)
        return self.dump("straight.db", COMMAND)

    def end(self, db="r.db"):
        """What is missing is done, and the bytes are those of a run that nobody disturbed."""
        if (self.folder / db).exists():
            self.check_integrity(db)
        self.call(*RUN, "--db", db, code=DONE)
        self.check_integrity(db)
        equal_lines(self.dump(db, COMMAND), self.straight(), "the dump after completion")

    def system(self, *command):
        subprocess.run(command, cwd=self.folder, check=True)

    @contextlib.contextmanager
    def disk(self, size):
        """The folder `disk` is a file system of its own."""
        if os.environ["MARBLEBONE_NAMESPACE"] != "yes":
            raise tap.Skip("no mount namespace here (unshare -rm)")
        (self.folder / "disk").mkdir(exist_ok=True)
        self.system("mount", "-t", "tmpfs", "-o", f"size={size}k", "none", "disk")
        try:
            yield
        finally:
            self.system("umount", "-R", "disk")

    def remount(self, options, path="disk"):
        self.system("mount", "-o", f"remount,{options}", path)

    def refused(self, *args, said, code=FILE):
        result = self.call(*args, code=code)
        equal((result.out, result.err), ("", said))

    def start_run(self, *more):
        """A run that has stored something and has much to do."""
        process = self.start(*RUN, "--db", "r.db", *more, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        limit = time.monotonic() + 60
        while time.monotonic() < limit and process.poll() is None:
            try:
                if self.one("SELECT count(*) FROM animal", db="r.db") > 0:
                    return process
            except sqlite3.OperationalError:
                time.sleep(0.002)
        raise AssertionError("it ended too soon")


def end_of(process):
    _, err = process.communicate(timeout=60)
    return process.returncode, err.decode()


# ---- file systems ----


def a_full_disk_loses_nothing_and_room_lets_it_go_on(lab):
    for size in (40, 100, 200, 1000):
        with lab.disk(size):
            for _ in range(2):
                said = lab.call(*RUN, "--db", "disk/r.db", code=FILE).err
                equal(re.sub("cannot [a-z ]+ 'disk", "cannot write 'disk", said), FULL)
            tap.comment(f"{size} KiB: {[path.name for path in (lab.folder / 'disk').iterdir()]}")
            lab.remount("size=64m")
            lab.end("disk/r.db")


def a_full_disk_under_a_dump_is_an_error(lab):
    lab.call("run", "tiny.yaml", "-q", "--db", "r.db", code=DONE)
    with lab.disk(4):
        lab.refused("dump", "r.db", "-o", "disk/dump", said="marblebone: cannot write the dump: No space left on device\n")


def a_full_disk_under_a_fit_is_an_error_and_what_was_evaluated_is_kept(lab):
    fit = ["fit", lab.write("line.fit.yaml", FIT), "--journal", "disk/journal", "-q"]
    with lab.disk(4):
        lab.refused(*fit, said="marblebone: cannot write the journal 'disk/journal': No space left on device\n")
        lab.remount("size=64m")
        found = re.search(r"(\d+) of them found in disk/journal", lab.call(*fit, code=DONE).err)
        holds(found and int(found[1]) > 0, found)
        equal(lab.call(*fit, code=DONE).out, lab.call(*fit[:2], "-q", code=DONE).out, "the report")


def what_is_read_only_can_be_read_and_is_not_written(lab):
    """A reader leaves files behind where it can; with and without them."""
    refusals = {"disk/a.db": NO_PLACE, "disk/b.db": "the file or its folder is read-only\n"}
    with lab.disk(65536):
        for db in refusals:
            lab.call("run", "tiny.yaml", "-q", "--db", db, code=DONE)
        dump = lab.call("dump", "disk/b.db", code=DONE).out
        equal(sorted(os.listdir(lab.folder / "disk")), ["a.db", "b.db", "b.db-shm", "b.db-wal"])
        lab.remount("ro")
        for db, why in refusals.items():
            equal(lab.call("dump", db, code=DONE).out, dump, "the dump")
            doing = "read" if why == NO_PLACE else "write"
            lab.refused(*RUN, "--db", db, said=f"marblebone: cannot {doing} '{db}': {why}")
        lab.refused(*RUN, "--db", "disk/new.db", said=f"marblebone: cannot open 'disk/new.db': {NO_PLACE}")
        equal(sorted(os.listdir(lab.folder / "disk")), ["a.db", "b.db", "b.db-shm", "b.db-wal"])


def names_that_a_uri_would_take_apart_are_read_from_a_read_only_disk(lab):
    with lab.disk(65536):
        names = ["disk/a%41?mode=rw#b &é.db", f"{lab.folder}/disk/absolute.db", f"/{lab.folder}/disk/slashes.db"]
        for name in names:
            lab.call("run", "tiny.yaml", "-q", "--db", name, code=DONE)
        lab.remount("ro")
        for name in names:
            holds(lab.call("dump", name, code=DONE).out.startswith("run\ttiny-knockout"), name)


def a_wal_that_was_left_on_a_read_only_disk_is_not_passed_over(lab):
    with lab.disk(65536):
        process = lab.start(*RUN, "--db", "disk/r.db", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not (lab.folder / "disk/r.db-wal").exists():
            time.sleep(0.001)
        time.sleep(0.02)
        process.kill()
        process.wait()
        (lab.folder / "disk/r.db-shm").unlink()
        lab.remount("ro")
        lab.refused("dump", "disk/r.db", said="marblebone: cannot read 'disk/r.db': an interrupted run left results in 'disk/r.db-wal', "
                    "which can be read only in a folder that is writable; copy both files to one\n")
        lab.remount("rw")
        lab.end("disk/r.db")


def a_read_only_file_is_read_and_not_written(lab):
    with lab.disk(65536):
        lab.call("run", "tiny.yaml", "-q", "--db", "disk/r.db", code=DONE)
        dump = lab.call("dump", "disk/r.db", code=DONE).out
        lab.system("mount", "--bind", "disk/r.db", "disk/r.db")
        lab.remount("bind,ro", "disk/r.db")
        equal(lab.call("dump", "disk/r.db", code=DONE).out, dump, "the dump")
        lab.refused(*RUN, "--db", "disk/r.db", said="marblebone: cannot write 'disk/r.db': the file or its folder is read-only\n")


def an_old_schema_on_a_read_only_disk_is_not_read_as_a_new_one(lab):
    newest = len(re.findall("^-- Schema ", (SOURCE / "results-schema/schema.sql").read_text(), re.M))
    with lab.disk(65536):
        connection = sqlite3.connect(lab.folder / "disk/r.db")
        connection.executescript((SOURCE / "tests/store/schema-1.sql").read_text() + "PRAGMA application_id = 1835159345; PRAGMA user_version = 1;")
        connection.close()
        lab.remount("ro")
        lab.refused("dump", "disk/r.db", said="marblebone: cannot open 'disk/r.db': the file or its folder is read-only: it has schema 1, which "
                    f"must be brought to schema {newest} before it can be read\n")
        lab.remount("rw")
        holds(lab.call("dump", "disk/r.db", code=DONE).out.startswith("run\tupgrade\tfragile\t"), "the dump")


def a_file_that_may_grow_no_more_is_an_error(lab):
    """ulimit -f: the signal that comes with it (SIGXFSZ) would end the program without a word."""
    size = 150000
    process = lab.start(*RUN, "--db", "r.db", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    equal(end_of(process), (FILE, "marblebone: cannot write 'r.db': disk I/O error: File too large; when the disk works again, run the "
                                  "same command again: what is stored stays\n"))
    lab.end()


def a_folder_that_is_not_there_is_an_error(lab):
    lab.refused(*RUN, "--db", "no/r.db", said=f"marblebone: cannot open 'no/r.db': {NO_PLACE}")
    holds(not (lab.folder / "no").exists(), "the folder was made")


# ---- other processes ----


def locked(lab, seconds):
    """Another process that writes for so long."""
    script = ("import sqlite3, sys, time; db = sqlite3.connect('r.db', isolation_level=None); db.execute('BEGIN IMMEDIATE'); "
              f"print('locked', flush=True); time.sleep({seconds}); db.execute('COMMIT')")
    process = subprocess.Popen([sys.executable, "-c", script], cwd=lab.folder, stdout=subprocess.PIPE)
    equal(process.stdout.readline(), b"locked\n")
    return process


def who_locks_for_long_stops_the_run_who_locks_for_a_moment_does_not(lab):
    lab.call("run", "tiny.yaml", "-q", "--db", "r.db", code=DONE)
    with locked(lab, 1):
        lab.call(*RUN, "--db", "r.db", code=DONE)
    with locked(lab, 600) as process:
        start = time.monotonic()
        lab.refused("run", "tiny.yaml", "-q", "--db", "r.db", "--seed", "7", said=f"marblebone: cannot write 'r.db': {BUSY}")
        holds(BUSY_S - 0.5 < time.monotonic() - start < 4 * BUSY_S, "the time it waited")
        equal(lab.call("dump", "r.db", code=DONE).err, "", "readers do not wait")
        process.kill()
    lab.call("run", "tiny.yaml", "-q", "--db", "r.db", "--seed", "7", code=DONE)
    lab.check_integrity("r.db")


def a_lock_during_a_run_loses_nothing(lab):
    process = lab.start_run()
    with locked(lab, 600) as other:
        equal(end_of(process), (FILE, f"marblebone: cannot write 'r.db': {BUSY}"))
        other.kill()
    lab.end()


def a_database_that_is_deleted_or_replaced_during_a_run_is_noticed(lab):
    for replaced in (False, True):
        process = lab.start_run()
        for path in lab.folder.glob("r.db*"):
            path.unlink()
        if replaced:
            (lab.folder / "r.db").write_bytes(b"")
        equal(end_of(process), (FILE, MOVED), f"replaced: {replaced}")
        lab.end()
        (lab.folder / "r.db").unlink()


# ---- files that are not what they should be ----


def a_file_that_is_none_of_ours_is_refused_and_left_as_it_is(lab):
    lab.call(*RUN, "--db", "good.db", code=DONE)
    good = (lab.folder / "good.db").read_bytes()
    damaged = "cannot (open|read|write) 'r.db': the file is damaged or cannot be read; go back to a copy, or name another with --db"
    rubbish = "cannot read 'r.db': file is not a database; name another file with --db"
    sql = {"newer": ("PRAGMA user_version = 999", "'r.db' has schema 999, made by a newer marblebone; this one knows schema \\d+"),
           "foreign": ("PRAGMA application_id = 7", "'r.db' is a database of another program; name another file with --db")}
    rows = {"rubbish": (os.urandom(20000), rubbish), "a text": (b"animal,BV/TV\n" * 100, rubbish),
            "half": (good[:len(good) // 8192 * 4096], damaged), "half a page": (good[:2048], rubbish + "|" + damaged),
            "a page": (good[:4096], damaged), **{name: (None, want) for name, (_, want) in sql.items()}}
    for name, (content, want) in rows.items():
        path = lab.folder / "r.db"
        path.write_bytes(content or good)
        if content is None:
            with sqlite3.connect(path) as db:
                db.execute("PRAGMA journal_mode = DELETE")
                db.execute(sql[name][0])
            db.close()
        before = path.read_bytes()
        for command in (RUN + ["--db", "r.db"], ["dump", "r.db"]):
            result = lab.call(*command, code=FILE)
            holds(re.fullmatch(f"marblebone: ({want})\n", result.err), f"{name}: {result!r}")
            holds(path.read_bytes() == before, f"{name}: {command} wrote into it")
            equal([left.name for left in lab.folder.glob("r.db-*") if left.name != "r.db-shm" and left.stat().st_size], [],
                  f"{name}: files with something in them")


def in_a_namespace():
    """The script again, where it may mount."""
    if "MARBLEBONE_NAMESPACE" in os.environ:
        return
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    can = shutil.which("unshare") and subprocess.run(command, capture_output=True, check=False).returncode == 0
    os.environ["MARBLEBONE_NAMESPACE"] = "yes" if can else "no"
    if can:
        os.execvp("unshare", ["unshare", "-rm", sys.executable, *sys.argv])


if __name__ == "__main__":
    in_a_namespace()
    sys.exit(tap.main(Disk))
