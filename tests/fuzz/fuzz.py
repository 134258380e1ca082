#!/usr/bin/env python3
"""Runs the fuzz targets of a build made with -Dfuzz=enabled, side by side, one process a target.

    fuzz.py BUILD WORK [--seconds N] [TARGET ...]     N seconds of processor time each [3600]; none named: all
    fuzz.py BUILD WORK --minimise [TARGET ...]        what WORK found into corpus/TARGET.tar.xz, as few and small files as cover the same
    fuzz.py BUILD WORK --table                        what the logs say

Seeds are the repository's own files and the corpus. WORK/TARGET holds the growing corpus, WORK/TARGET.log what libFuzzer says, WORK/findings
what broke the program. A target goes on after an input that breaks it, and after being started again.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import threading

import corpus

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LONGEST = {"yaml": 4096, "expr": 1024, "units": 128, "model": 8192, "experiment": 4096, "reference": 4096, "drivers": 8192, "fit": 2048}
# Of what is committed; libFuzzer cuts what is longer.
SHORT = {"yaml": 512, "expr": 256, "units": 64, "model": 1200, "experiment": 1024, "reference": 700, "drivers": 600, "fit": 512}
# The million doses that an experiment may have take 5 s with sanitizers, and longer beside seven other targets.
LIMITS = ["-timeout=60", "-rss_limit_mb=2048"]
SLICE = 300   # seconds of a process, after which its log has its numbers
COMMITTED = ("broke-", "slow-", "large-", "leak-")   # inputs that once showed something: never minimised away


def kind(text):
    """The target that reads a file, as `marblebone check` tells them apart."""
    keys = set(re.findall(r"^(\w+):", text, re.M))
    for key, target in (("fit", "fit"), ("reference", "reference"), ("experiment", "experiment"), ("models", "experiment"), ("model", "model"),
                        ("drivers", "drivers")):
        if key in keys:
            return target
    return "yaml"


def seeds():
    """(target, name, bytes) of every file, and of the expressions and units in them."""
    files = [path for folder in ("models", "experiments", "tests") for path in sorted((ROOT / folder).rglob("*.yaml"))]
    short = set()
    for path in files:
        data = path.read_bytes()
        text = data.decode("utf-8", "replace")
        name = str(path.relative_to(ROOT)).replace("/", "_")
        yield kind(text), name, data
        yield "yaml", name, data
        short.update(found.strip(" '\"") for found in re.findall(r": +([^{}\[\]#\n,]+)", text))
    for number, text in enumerate(sorted(short)):
        data = text.encode("utf-8", "replace")
        if len(data) <= LONGEST["expr"]:
            yield "expr", f"text-{number}", data
        if len(data) <= LONGEST["units"]:
            yield "units", f"text-{number}", data


def archive(target):
    return HERE / "corpus" / f"{target}.tar.xz"


def plant(work, targets):
    for target, name, data in seeds():
        if target in targets and len(data) <= LONGEST[target]:
            folder = work / f"{target}.seeds"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    for target in targets:
        corpus.unpack(archive(target), work / f"{target}.corpus")


def cpu_seconds(work, target):
    log = work / f"{target}.log"
    return sum(float(n) for n in re.findall(rb"^cpu: ([0-9.]+)", log.read_bytes(), re.M)) if log.exists() else 0.0


def fuzz(build, work, target, seconds):
    """Until the target had so much processor time, started again after whatever ends it."""
    (work / target).mkdir(parents=True, exist_ok=True)
    command = ["nice", "-n", "19", build / "tests/fuzz" / f"fuzz_{target}", work / target, work / f"{target}.seeds", work / f"{target}.corpus",
               *LIMITS, f"-max_len={LONGEST[target]}", f"-dict={HERE / 'words.dict'}", f"-artifact_prefix={work / 'findings' / target}-",
               f"-max_total_time={SLICE}", "-print_final_stats=1", "-use_value_profile=1"]
    with open(work / f"{target}.log", "ab") as log:
        while cpu_seconds(work, target) < seconds:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
            usage = os.wait4(process.pid, 0)[2]
            log.write(f"cpu: {usage.ru_utime + usage.ru_stime:.1f}\n".encode())
            log.flush()


def minimise(build, work, target):
    inputs = {name: data for name, data in corpus.read(archive(target)).items() if name.startswith(COMMITTED)}
    small = work / f"{target}.small"
    small.mkdir(exist_ok=True)
    for path in small.iterdir():
        path.unlink()
    subprocess.run([build / "tests/fuzz" / f"fuzz_{target}", "-set_cover_merge=1", f"-max_len={SHORT[target]}", *LIMITS, small, work / target,
                    work / f"{target}.seeds"], stderr=subprocess.DEVNULL, check=True)
    for number, path in enumerate(sorted(small.iterdir(), key=lambda path: (path.stat().st_size, path.name)), 1):
        inputs[f"{number:04}"] = path.read_bytes()
    corpus.write(archive(target), inputs)


def table(work, targets):
    print(f"{'target':11} {'executions':>11} {'cpu s':>8} {'edges':>6} {'features':>8} {'inputs':>6} findings")
    for target in targets:
        text = (work / f"{target}.log").read_text(errors="replace") if (work / f"{target}.log").exists() else ""
        executions = sum(int(n) for n in re.findall(r"stat::number_of_executed_units: (\d+)", text))
        seconds = cpu_seconds(work, target)
        cover = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", text)
        edges, features, inputs = cover[-1] if cover else (0, 0, 0)
        found = len(list((work / "findings").glob(f"{target}-*")))
        print(f"{target:11} {executions:11} {seconds:8.0f} {edges:>6} {features:>8} {inputs:>6} {found}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--minimise", action="store_true")
    parser.add_argument("--table", action="store_true")
    args = parser.parse_intermixed_args()
    build, work, targets = args.build.resolve(), args.work.resolve(), args.targets or list(LONGEST)
    (work / "findings").mkdir(parents=True, exist_ok=True)
    if args.table:
        return table(work, targets)
    plant(work, targets)
    if args.minimise:
        for target in targets:
            minimise(build, work, target)
        return 0
    threads = [threading.Thread(target=fuzz, args=(build, work, target, args.seconds)) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    table(work, targets)
    return any((work / "findings").iterdir())


if __name__ == "__main__":
    sys.exit(main())
