#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C, kill -9, two runs at once: the database is whole at every moment, and the same command ends with the same bytes. And the line
of progress, which needs a terminal as Ctrl-C does.

    interrupts.py MARBLEBONE [TEST ...]
"""
import fcntl
import os
import pathlib
import pty
import random
import re
import select
import signal
import sqlite3
import sys
import termios
import time

import tap
from lab import COMMAND, Lab, TINY
from tap import equal, equal_lines, holds

ANIMALS = 30000
MANY = TINY.replace("animals: 20", f"animals: {ANIMALS // 2}").split("cohorts:")[0] + """\
cohorts:
  wild-type: {}
  knockout: {genotype: {Tnfsf11: -/-}}
"""
RUN = ["run", "many.yaml", "-q", "-j", "2"]
INTERRUPTED = 130
straight = []  # of the run that nobody interrupts: its seconds and its dump


def straight_run(laboratory):
    """Seconds and dump of RUN from beginning to end; made once."""
    laboratory.write("many.yaml", MANY)
    if not straight:
        start = time.monotonic()
        laboratory.call(*RUN, "--db", "straight.db", code=0)
        straight.append(time.monotonic() - start)
        straight.append(laboratory.dump("straight.db", COMMAND))
        tap.comment(f"{ANIMALS} animals in {straight[0]:.2f} s")
    return straight


def stored(lab, db="results.db"):
    """Animals in the database, 0 while it is being made."""
    try:
        return lab.one("SELECT count(*) FROM animal", db=db)
    except sqlite3.OperationalError:
        return 0


def wait_for(lab, n, process, db="results.db"):
    limit = time.monotonic() + 60
    while stored(lab, db) < n and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.002)


def finish(lab, db="results.db"):
    """The same command again: it completes what is missing, and the dump is that of an uninterrupted run."""
    lab.check_integrity(db)
    lab.call(*RUN, "--db", db, code=0)
    equal(lab.one("SELECT status FROM run", db=db), "complete")
    equal(lab.one("SELECT count(DISTINCT cohort_id) FROM summary", db=db), 2)
    lab.check_integrity(db)
    equal_lines(lab.dump(db, COMMAND), straight_run(lab)[1], "the dump after completion")


def ctrl_c_stores_what_is_done_and_says_what_is_missing(lab):
    straight_run(lab)
    for jobs, number in (("1", signal.SIGINT), ("2", signal.SIGINT), ("7", signal.SIGTERM)):
        db = f"{jobs}.db"
        process = lab.start("run", "many.yaml", "-j", jobs, "--db", db, stdout=-1, stderr=-1, text=True)
        wait_for(lab, 500, process, db)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        equal(process.returncode, INTERRUPTED, f"{out}{err}")
        said = re.fullmatch(r"(\d+) animals simulated in [\d.]+ s; run 1 in " + re.escape(db) +
                            r"\ninterrupted: (\d+) animals are missing; the same command runs them\n", err)
        holds(said, err)
        equal(out, "", "no table of half a run")
        done, missing = map(int, said.groups())
        equal(done, stored(lab, db), "what is said to be simulated is stored")
        equal(done + missing, ANIMALS)
        holds(500 <= done < ANIMALS, f"{done} animals were done")
        equal(lab.one("SELECT status FROM run", db=db), "partial")
        finish(lab, db)


def interrupting_again_and_again_loses_nothing(lab):
    straight_run(lab)
    for _ in range(6):
        before = stored(lab)
        process = lab.start(*RUN, stdout=-1, stderr=-1)
        wait_for(lab, before + ANIMALS // 10, process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        holds(process.returncode in (0, INTERRUPTED), process.returncode)
        holds(stored(lab) > before, "every run brings it further")
        if process.returncode == INTERRUPTED and stored(lab) < ANIMALS:
            equal(lab.one("SELECT count(*) FROM summary"), 0, "who is to end works out nothing, even of a cohort that is complete")
    finish(lab)


def catches_interrupts(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"SigCgt:\s*(\w+)", status).group(1), 16) >> (signal.SIGINT - 1) & 1


def who_is_interrupted_with_all_stored_sums_nothing_up(lab):
    """The signal comes while the run waits for the lock: before it looks at what is to be done."""
    lab.write("tiny.yaml", TINY)
    want = lab.call("run", "tiny.yaml", code=0)
    holder = sqlite3.connect(lab.folder / "results.db", isolation_level=None)
    holder.execute("DELETE FROM summary")
    holder.execute("BEGIN IMMEDIATE")
    process = lab.start("run", "tiny.yaml", stdout=-1, stderr=-1, text=True)
    while process.poll() is None and not catches_interrupts(process):
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    holder.execute("ROLLBACK")
    out, err = process.communicate(timeout=60)
    equal(process.returncode, INTERRUPTED, f"{out}{err}")
    holds(err.endswith("\ninterrupted: no animal is missing; the same command shows the results\n"), err)
    equal(out, "")
    equal(lab.one("SELECT count(*) FROM summary"), 0)
    equal(lab.call("run", "tiny.yaml", code=0).out, want.out)
    equal(lab.one("SELECT count(DISTINCT cohort_id) FROM summary"), 3)


def a_killed_run_is_completed_by_the_same_command(lab):
    seconds, _ = straight_run(lab)
    seed = random.SystemRandom().randrange(2**32)
    tap.comment(f"seed {seed}")
    moments = random.Random(seed)
    for number in range(6):
        db = f"{number}.db"
        process = lab.start(*RUN, "--db", db, stdout=-1, stderr=-1)
        time.sleep(moments.uniform(0, 0.02) if number < 2 else moments.uniform(0, seconds))
        process.kill()
        process.communicate(timeout=60)
        if (lab.folder / db).exists() and (lab.folder / db).stat().st_size > 0:
            lab.check_integrity(db)
            tap.comment(f"killed with {stored(lab, db)} animals stored")
        else:
            lab.call(*RUN, "--db", db, code=0)
        finish(lab, db)


def a_run_killed_many_times_ends_with_the_same_bytes(lab):
    seconds, _ = straight_run(lab)
    for number in range(8):
        process = lab.start(*RUN, "-j", 1 + number % 3, stdout=-1, stderr=-1)
        time.sleep(0.02 + seconds / 8)
        process.kill()
        process.communicate(timeout=60)
    finish(lab)


def two_runs_at_once_into_one_database_end_as_one(lab):
    straight_run(lab)
    both = [lab.start(*RUN, stdout=-1, stderr=-1, text=True) for _ in range(2)]
    for process in both:
        _, err = process.communicate(timeout=120)
        equal(process.returncode, 0, err)
    finish(lab)


# -- terminals -----------------------------------------------------------------------------------------------------

class Terminal:
    """The program with a terminal of its own as stderr and controlling terminal; stdout is a pipe to nowhere."""

    def __init__(self, lab, *arguments):
        try:
            self.master, slave = pty.openpty()
        except OSError as reason:
            raise tap.Skip(f"no pseudo-terminal here: {reason}") from reason
        self.process = lab.start(*arguments, stdout=-3, stderr=slave, start_new_session=True,
                                 preexec_fn=lambda: fcntl.ioctl(2, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.text = ""

    def read(self, until=None, seconds=60):
        """All that is printed until the end, or until a pattern has come."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit and not (until and re.search(until, self.text)):
            ready, _, _ = select.select([self.master], [], [], 0.5)
            try:
                data = os.read(self.master, 65536) if ready else b""
            except OSError:  # the other end is closed
                break
            self.text += data.decode()
        return self.text

    def type(self, text):
        os.write(self.master, text)

    def end(self):
        self.read()
        os.close(self.master)
        return self.process.wait(timeout=60)


PROGRESS = r"\r\x1b\[K(\d+) of (\d+) animals, \d+/s, (\d+:)?\d+:\d\d left"


def progress_is_a_line_on_a_terminal_with_rate_and_time_left(lab):
    lab.write("many.yaml", MANY)
    terminal = Terminal(lab, "run", "many.yaml")
    equal(terminal.end(), 0, terminal.text)
    lines = re.findall(PROGRESS, terminal.text)
    holds(lines, terminal.text)
    equal({total for _, total, _ in lines}, {str(ANIMALS)})
    done = [int(n) for n, _, _ in lines]
    equal(done, sorted(set(done)), "it counts up")
    seconds = float(re.search(r"simulated in ([\d.]+) s", terminal.text).group(1))
    holds(len(lines) <= seconds / 0.1 + 2, f"{len(lines)} lines in {seconds} s")
    last = terminal.text.replace("\r\n", "\n").rpartition("\r\x1b[K")[2]
    holds(re.fullmatch(rf"{ANIMALS} animals simulated in [\d.]+ s; run 1 in results\.db\n", last), f"the end is {last!r}")


def quiet_draws_no_progress_on_a_terminal(lab):
    lab.write("many.yaml", MANY)
    terminal = Terminal(lab, "run", "many.yaml", "--quiet")
    equal(terminal.end(), 0, terminal.text)
    holds(re.fullmatch(r"\d+ animals simulated in [\d.]+ s; run 1 in results\.db\r\n", terminal.text), terminal.text)


def without_a_terminal_there_is_no_progress(lab):
    lab.write("many.yaml", MANY)
    said = lab.call("run", "many.yaml", code=0)
    holds(re.fullmatch(r"\d+ animals simulated in [\d.]+ s; run 1 in results\.db\n", said.err), said.err)


def ctrl_c_at_the_keyboard_interrupts(lab):
    lab.write("many.yaml", MANY)
    terminal = Terminal(lab, "run", "many.yaml", "-j", "2")
    terminal.read(until=PROGRESS)
    terminal.type(b"\x03")
    equal(terminal.end(), INTERRUPTED, terminal.text)
    missing = re.search(r"interrupted: (\d+) animals are missing; the same command runs them\r\n$", terminal.text)
    holds(missing, terminal.text)
    equal(stored(lab) + int(missing.group(1)), ANIMALS)


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
