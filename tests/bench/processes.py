#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole processes: start-up, peak memory against the number of animals, threads. In turns, medians.

    processes.py MARBLEBONE [ROUNDS]

Times are wall-clock ones where it says so (start-up, threads), since a thread takes as much processor time as two halves.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
MOUSE = """\
experiment: bench
model: mouse-rankl
animals: {animals}
measure: [8 wk, 12 wk, 16 wk, 24 wk]
cohorts: {{wild-type: {{}}}}
"""


def run(program, folder, *args):
    """Wall-clock seconds, processor seconds and peak memory (MiB) of one process; a database is new each time."""
    for file in folder.glob("*.db*"):
        file.unlink()
    begun = time.monotonic()
    child = subprocess.Popen([program, *args], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = child.stderr.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    took = time.monotonic() - begun
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"processes.py: {' '.join(map(str, args))} failed:\n{message}")
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def experiment(folder, animals):
    path = folder / f"mouse-{animals}.yaml"
    path.write_text(MOUSE.format(animals=animals))
    return ["run", path.name, "--db", "bench.db", "--models", str(SOURCE / "models")]


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        many, one = experiment(folder, 3000), experiment(folder, 1)
        short = [[run(program, folder, "--version")[0], run(program, folder, *one)[0]] for _ in range(2 * rounds)]
        threads = [[run(program, folder, *many, "-j", j)[:2] for j in ("1", "2")] for _ in range(rounds)]
        memory = {n: run(program, folder, *experiment(folder, n), "-j", "2")[2] for n in (1000, 10000, 100000)}
    print(f"\nload average of the last minute, this program's own included: {os.getloadavg()[0]:.1f}")
    print("| process | result |\n| --- | --- |")
    print(f"| `marblebone --version`, wall clock | {1e3 * statistics.median(s[0] for s in short):.1f} ms |")
    print(f"| one mouse to 24 wk into a new database, wall clock | {1e3 * statistics.median(s[1] for s in short):.1f} ms |")
    print(f"| 3,000 mice to 24 wk, `-j 1`, wall clock and processor | {statistics.median(t[0][0] for t in threads):.2f} s, "
          f"{statistics.median(t[0][1] for t in threads):.2f} s |")
    print(f"| two threads against one, wall clock | {statistics.median(t[0][0] / t[1][0] for t in threads):.2f} x |")
    print(f"| the same, processor time of two over one | {statistics.median(t[1][1] / t[0][1] for t in threads):.2f} |")
    for animals, peak in memory.items():
        print(f"| peak memory, {animals:,} mice, `-j 2` | {peak:.1f} MiB |")


main()
