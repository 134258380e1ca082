#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`marblebone run`: what it stores, that this depends on nothing but the experiment, and where it finds models.

    runs.py MARBLEBONE [TEST ...]
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import tap
from lab import CASES, COMMAND, FRAGILE, Lab, SOURCE, TINY
from tap import equal, equal_lines, holds

GRID = """\
experiment: tiny-grid
model: tiny
settings: {site: [femur, L3]}
animals: 20
seed: 7
measure: {from: 0 day, to: 30 day, every: 1 day}
record: [bone, k_out]
cohorts:
  wild-type: {}
  treated: {treatments: [{drug: OYC1, dose: 2 mg, from: 3 day, every: 2 day, times: 5}], procedures: [{ovariectomy: 9 day}]}
  more: {animals: 33, genotype: {Tnfsf11: fl/-, cre: Sost-CreERT2, induce: 6 day}}
"""
FAILED = 4


def equal_values(got, want, cohorts):
    for cohort in cohorts:
        equal_lines(got[cohort], want[cohort], cohort)


# -- the same answer -----------------------------------------------------------------------------------------------

def running_twice_adds_nothing(lab):
    for text, name, code in ((TINY, "small", 0), (GRID, "grid", 0), (FRAGILE, "failing", FAILED)):
        command = ["run", lab.write(f"{name}.yaml", text), "--db", f"{name}.db"]
        first = lab.call(*command, code=code)
        before = lab.dump(f"{name}.db")
        second = lab.call(*command, code=code)
        equal_lines(lab.dump(f"{name}.db"), before, name)
        equal(second.out, first.out, "the table of the second run")
        animals = lab.one("SELECT count(*) FROM animal", db=f"{name}.db")
        holds(second.err.startswith("0 animals simulated in ") and f", {animals} stored before" in second.err, second)
        lab.check_integrity(f"{name}.db")


def the_number_of_workers_changes_nothing(lab):
    for text, name, code in ((TINY, "small", 0), (GRID, "grid", 0), (FRAGILE, "failing", FAILED)):
        lab.write(f"{name}.yaml", text)
        for jobs in (1, 2, 7):
            lab.call("run", f"{name}.yaml", "--db", f"{jobs}.{name}.db", "-j", jobs, code=code)
        for jobs in (2, 7):
            equal_lines(lab.dump(f"{jobs}.{name}.db", COMMAND), lab.dump(f"1.{name}.db", COMMAND), f"{name}, -j {jobs}")


def there_is_a_thread_for_each_processor_that_it_may_use(lab):
    lab.write("many.yaml", TINY.replace("animals: 20", "animals: 3000"))
    mine = sorted(os.sched_getaffinity(0))
    threads = []
    for allowed in (mine[:1], mine[:2]):
        process = lab.start("run", "many.yaml", "-q", "--db", f"{len(allowed)}.db", stdout=-3, stderr=-3,
                            preexec_fn=lambda allowed=allowed: os.sched_setaffinity(0, allowed))
        most = 0
        while process.poll() is None:
            most = max(most, len(list(pathlib.Path(f"/proc/{process.pid}/task").glob("*"))))
        threads.append(most)
    watcher = 1 if "TSAN_OPTIONS" in os.environ and len(mine) > 1 else 0  # ThreadSanitizer's own, once there are threads
    equal(threads, [1, len(mine[:2]) + watcher], "threads on one processor and on two")


def the_dump_of_a_run_is_complete(lab):
    """The comparisons above and below are worth something: the dump holds every table and changes with one bit of one value."""
    lab.call("run", lab.write("e.yaml", GRID), code=0)
    before, tables = lab.dump(), lab.tables()
    for table in ("run", "cohort", "animal", "metric", "reading", "series"):
        holds(table in tables and (table == "reading" or any(line.startswith(f"{table} ") for line in before)), table)
    text = lab.one("SELECT values_json FROM series ORDER BY metric_id, animal_id, site LIMIT 1")
    holds(any(text in line for line in before), "a series is in the dump")
    numbers = json.loads(text)
    equal([json.loads(json.dumps(number)) for number in numbers], numbers, "numbers that read back")


def the_order_of_cohorts_changes_no_value(lab):
    for name, text in (("small", TINY), ("grid", GRID)):
        head, cohorts = text.split("cohorts:\n")
        lines = cohorts.splitlines(True)
        lab.write(f"{name}.yaml", text)
        lab.write(f"{name}-shuffled.yaml", head + "cohorts:\n" + "".join(lines[::-1]))
        for file in (name, f"{name}-shuffled"):
            lab.call("run", f"{file}.yaml", "--db", f"{file}.db", code=0)
        want, got = lab.values(f"{name}.db"), lab.values(f"{name}-shuffled.db")
        equal((len(want), sorted(got)), (3, sorted(want)))
        equal_values(got, want, want)


def an_unrelated_cohort_changes_no_value(lab):
    for name, text in (("small", TINY), ("grid", GRID)):
        head, cohorts = text.split("cohorts:\n")
        lab.write(f"{name}.yaml", text)
        lab.write(f"{name}-more.yaml", f"{head}cohorts:\n  newcomer: {{animals: 5, genotype: {{Tnfsf11: +/-}}}}\n{cohorts}"
                                       "  last: {animals: 17}\n")
        for file in (name, f"{name}-more"):
            lab.call("run", f"{file}.yaml", "--db", f"{file}.db", code=0)
        want, got = lab.values(f"{name}.db"), lab.values(f"{name}-more.db")
        equal(sorted(got), sorted([*want, "newcomer", "last"]))
        equal_values(got, want, want)


def more_animals_leave_the_first_ones_as_they_are(lab):
    lab.write("few.yaml", TINY.replace("animals: 20", "animals: 3"))
    lab.write("many.yaml", TINY.replace("animals: 20", "animals: 50"))
    for file in ("few", "many"):
        lab.call("run", f"{file}.yaml", "--db", f"{file}.db", code=0)
    drawn = "SELECT cohort, number, parameters_json FROM animal JOIN cohort USING (cohort_id) WHERE number < 3 ORDER BY 1, 2"
    equal(lab.ask(drawn, db="few.db"), lab.ask(drawn, db="many.db"), "the draws of the first three animals of each cohort")


def cohort_by_cohort_equals_all_at_once(lab):
    for name, text, code in (("small", TINY, 0), ("grid", GRID, 0), ("failing", FRAGILE, FAILED)):
        lab.write(f"{name}.yaml", text)
        lab.call("run", f"{name}.yaml", "--db", f"{name}.db", code=code)
        cohorts = [row[0] for row in lab.ask("SELECT cohort FROM cohort ORDER BY cohort_id", db=f"{name}.db")]
        parts = f"{name}-parts.db"
        lab.call("run", f"{name}.yaml", "--db", parts, "--cohort", cohorts[-1], code=code)
        equal(lab.ask("SELECT DISTINCT cohort FROM animal JOIN cohort USING (cohort_id)", db=parts), [(cohorts[-1],)])
        equal(lab.ask("SELECT status FROM run", db=parts), [("partial",)])
        lab.call("run", f"{name}.yaml", "--db", parts, code=code)
        equal(lab.ask("SELECT status FROM run", db=parts), [("complete",)])
        equal_lines(lab.dump(parts, COMMAND), lab.dump(f"{name}.db", COMMAND), name)


def several_cohorts_may_be_chosen(lab):
    lab.write("e.yaml", TINY)
    lab.call("run", "e.yaml", "--cohort", "knockout", "--cohort=wild-type", code=0)
    equal(lab.ask("SELECT cohort, count(*) FROM animal JOIN cohort USING (cohort_id) GROUP BY 1 ORDER BY 1"),
          [("knockout", 20), ("wild-type", 20)])
    for name, hint in (("knokcout", "; did you mean 'knockout'?"), ("elephant", ""), ("Wild-type", "; did you mean 'wild-type'?")):
        said = lab.call("run", "e.yaml", "--cohort", "knockout", "--cohort", name, "--db", "none.db")
        equal((said.code, said.out, said.err),
              (2, "", f"marblebone: --cohort '{name}' is not a cohort of 'e.yaml'{hint}\n"))
    holds(not (lab.folder / "none.db").exists(), "a usage error has made a database")


def the_seed_changes_values_and_is_stored(lab):
    lab.write("e.yaml", TINY)
    for seed in ([], ["--seed", 1], ["--seed", 2], ["--seed", 9 * 10**15], ["--seed", 0]):
        lab.call("run", "e.yaml", *seed, code=0)
    equal(lab.ask("SELECT run_id, seed FROM run ORDER BY 1"), [(1, 1), (2, 2), (3, 9 * 10**15), (4, 0)])
    sets = [repr(lab.values(run=run)) for run in (1, 2, 3, 4)]
    equal(len(set(sets)), 4, "different values")
    lab.call("run", "e.yaml", "--seed", 2, "--db", "alone.db", code=0)
    equal_values(lab.values("alone.db"), lab.values(run=2), ["wild-type", "knockout", "conditional"])


def the_tolerance_changes_values_and_is_stored(lab):
    lab.write("e.yaml", TINY)
    for rtol in ([], ["--rtol", "1e-5"], ["--rtol", "1e-12"]):
        lab.call("run", "e.yaml", *rtol, code=0)
    default = float((SOURCE / "runner/run/run.h").read_text().split("#define RUN_RTOL ")[1].split()[0])
    equal(lab.ask("SELECT run_id, rtol FROM run ORDER BY 1"), [(1, default), (2, 1e-5), (3, 1e-12)])
    values = [lab.ask("SELECT value FROM cohort JOIN animal USING (cohort_id) JOIN measurement USING (animal_id) "
                      "WHERE run_id = ? ORDER BY cohort, number, metric_id % 2, age_d", run) for run in (1, 2, 3)]
    holds(values[0] != values[1] != values[2], "the values differ")
    for (loose,), (tight,) in zip(values[1], values[2]):
        holds(abs(loose - tight) <= 1e-2 * abs(tight), f"{loose} with 1e-5, {tight} with 1e-12")


def an_efficiency_of_0_with_twins_is_the_wild_type(lab):
    lab.write("e.yaml", TINY.split("cohorts:")[0] + "twins: yes\ncohorts:\n  control: {genotype: {Tnfsf11: +/+}}\n"
              "  none: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre, efficiency: 0}}\n"
              "  half: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre, efficiency: 0.5}}\n  all: {genotype: {Tnfsf11: -/-}}\n")
    lab.call("run", "e.yaml", code=0)
    means = [lab.ask("SELECT animal, \"BV/TV\" FROM phenotype WHERE cohort = ? AND age_d = 5 ORDER BY 1", cohort)
             for cohort in ("all", "half", "none", "control")]
    equal(means[2], means[3], "efficiency 0 and wild type")
    for gone, half, there in zip(*means[:3]):
        holds(gone[1] < half[1] < there[1], f"{gone} < {half} < {there}")


# -- dry run -------------------------------------------------------------------------------------------------------

DRY_RUN = """\
experiment tiny-grid
  model: tiny (models/tiny.yaml)
  drivers: models/drivers.yaml
  seed 7; animals vary
  measured at 31 times from 0 to 30 day, stored as series
cohorts
  wild-type
    genotype: wild type
    treatment: none
    settings: sex female; site femur, L3
    control: wild-type
    20 animals at 2 sites, 2 batches
  treated
    genotype: wild type
    treatment: ovariectomy at 9 day; OYC1 2 mg at 3 day; OYC1 2 mg at 5 day; OYC1 2 mg at 7 day; OYC1 2 mg at 9 day; OYC1 2 mg at 11 day
    settings: sex female; site femur, L3
    control: wild-type
    20 animals at 2 sites, 2 batches
  more
    genotype: Tnfsf11 fl/-; Sost-CreERT2; induced at 6 day
    Sost-CreERT2 in osteocyte: 0.5 (assumed: made up)
    expression of Tnfsf11: osteocyte 0.5 -> 0.25, liver 0
    treatment: none
    settings: sex female; site femur, L3
    control: wild-type
    33 animals at 2 sites, 2 batches
3 cohorts, 73 animals, 6 batches of 64
"""


def a_dry_run_prints_the_design_and_writes_nothing(lab):
    lab.write("e.yaml", GRID)
    said = lab.call("run", "e.yaml", "--dry-run", code=0)
    equal_lines(said.out.splitlines(), DRY_RUN.splitlines(), "the design")
    equal(said.err, "")
    equal(sorted(path.name for path in lab.folder.iterdir()), ["e.yaml", "models"], "files")
    seeded = lab.call("run", "e.yaml", "--dry-run", "--seed", 99, code=0)
    equal(seeded.out, DRY_RUN.replace("seed 7", "seed 99"))
    lab.call("run", "e.yaml", "--dry-run", "--cohort", "nobody", code=2)


# -- failing animals -----------------------------------------------------------------------------------------------

def a_failing_animal_is_a_row_and_the_others_are_stored(lab):
    said = lab.call("run", lab.write("e.yaml", FRAGILE), code=FAILED)
    failures = lab.ask("SELECT cohort, animal, failure FROM failure ORDER BY 1, 2")
    holds(0 < len(failures) < 80 and len({row[0] for row in failures}) == 2, failures)
    for cohort, animal, failure in failures:
        holds("worst in 'bone'" in failure, f"{cohort} {animal}: {failure}")
    holds(f", {len(failures)} failed: SELECT * FROM failure; run 1 in results.db\n" in said.err, said)
    equal(lab.ask("SELECT status, count(*) FROM animal GROUP BY 1 ORDER BY 1"),
          [("done", 80 - len(failures)), ("failed", len(failures))])
    equal(lab.one("SELECT count(*) FROM measurement JOIN animal USING (animal_id) WHERE status = 'failed'"), 0)
    equal(lab.one("SELECT count(*) FROM measurement JOIN animal USING (animal_id) WHERE status = 'done'"),
          3 * (80 - len(failures)))
    equal(lab.one("SELECT status FROM run"), "complete")


# -- where models are ----------------------------------------------------------------------------------------------

def put_models(folder):
    shutil.copytree(CASES / "models", folder, dirs_exist_ok=True)


def found(lab, experiment, *arguments, code=0, **more):
    said = lab.call("run", experiment, "--dry-run", *arguments, code=code, **more)
    for line in said.out.splitlines():
        if line.startswith("  model: tiny ("):
            return str(pathlib.Path(more.get("cwd", lab.folder), line[len("  model: tiny ("):-1]).resolve())
    return "not found" if "there is no model 'tiny' in any of the model folders" in said.err else repr(said)


def models_are_found_in_every_documented_place(lab):
    top = lab.folder.resolve()
    home, elsewhere = top / "home", top / "elsewhere"
    elsewhere.mkdir()
    put_models(home / "models")
    put_models(top / "given")
    lab.write("home/experiments/e.yaml", TINY)
    lab.write("alone/deep/e.yaml", TINY)
    lab.write("alone/deep/by-path.yaml", TINY.replace("model: tiny", f"model: {top}/given/tiny.yaml"))
    lab.write("alone/deep/relative.yaml", TINY.replace("model: tiny", "model: ../../given/tiny.yaml"))
    given, environment = str(top / "given/tiny.yaml"), {"MARBLEBONE_MODELS": str(top / "given")}
    alone = str(top / "alone/deep/e.yaml")
    equal(found(lab, alone, cwd=elsewhere, code=3), "not found")
    equal(found(lab, alone, "--models", top / "given", cwd=elsewhere), given, "--models")
    equal(found(lab, alone, "--models", "../given", cwd=elsewhere), given, "--models, relative")
    equal(found(lab, alone, cwd=elsewhere, env=environment), given, "MARBLEBONE_MODELS")
    equal(found(lab, alone, cwd=elsewhere, env={"MARBLEBONE_MODELS": ""}, code=3), "not found", "MARBLEBONE_MODELS empty")
    equal(found(lab, alone, cwd=home), str(home / "models/tiny.yaml"), "./models")
    equal(found(lab, str(home / "experiments/e.yaml"), cwd=elsewhere), str(home / "models/tiny.yaml"), "../models")
    equal(found(lab, "e.yaml", cwd=home / "experiments"), str(home / "models/tiny.yaml"), "../models, from the folder itself")
    for name in ("by-path", "relative"):
        equal(found(lab, str(top / f"alone/deep/{name}.yaml"), cwd=elsewhere), given, name)
    equal(found(lab, alone, "--models", top / "given", cwd=home, env={"MARBLEBONE_MODELS": str(home / "models")}), given,
          "--models before MARBLEBONE_MODELS")


def the_nearer_model_comes_first(lab):
    """--models, beside the experiment, ../models, MARBLEBONE_MODELS, ./models: the first that is there; then it is taken away."""
    top = lab.folder.resolve()
    places = ["given", "home/experiments", "home/models", "environment", "elsewhere/models"]
    lab.write("home/experiments/e.yaml", TINY)
    for place in places:
        put_models(top / place)
    for place in places:
        equal(found(lab, "../home/experiments/e.yaml", "--models", top / "given", cwd=top / "elsewhere",
                    env={"MARBLEBONE_MODELS": str(top / "environment")}), str(top / place / "tiny.yaml"), place)
        (top / place / "tiny.yaml").unlink()


def an_experiment_may_have_the_name_of_its_model(lab):
    lab.write("tiny.yaml", TINY)
    lab.call("run", "tiny.yaml", code=0)


def an_installed_program_finds_its_models(lab):
    build = pathlib.Path(lab.program).parents[1]
    if not (build / "build.ninja").exists() or not shutil.which("meson") or not shutil.which("unshare"):
        raise tap.Skip("needs the build folder, meson and unshare")
    options = json.loads(subprocess.run(["meson", "introspect", "--buildoptions", str(build)], capture_output=True, check=True).stdout)
    prefix = next(option["value"] for option in options if option["name"] == "prefix")
    if not pathlib.Path(prefix).is_dir() or subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        raise tap.Skip(f"cannot put a folder over {prefix}")
    installed = subprocess.run(["meson", "install", "-C", str(build), "--no-rebuild", "--destdir", str(lab.folder / "root")],
                               capture_output=True, text=True, check=False)
    equal(installed.returncode, 0, installed.stdout + installed.stderr)
    # In a namespace of its own the installed tree stands where the program was told it would.
    root = f"{lab.folder}/root{prefix}"
    holds(pathlib.Path(root, "share/marblebone/models/mouse-rankl.yaml").exists(), "models are installed")
    script = (f'mount --bind "{root}" "{prefix}" && cd / && "{prefix}/bin/marblebone" show mouse-rankl && '
              f'"{prefix}/bin/marblebone" run "{prefix}/share/marblebone/experiments/lemaire-figure-2.yaml" --dry-run')
    said = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, env=lab.environment(), check=False)
    equal((said.returncode, said.stderr), (0, ""))
    holds("mouse-rankl" in said.stdout and "model: lemaire-2004 (" in said.stdout, said.stdout)


# -- the real experiments ------------------------------------------------------------------------------------------

def one_animal_is_there_at_once(lab):
    """Printed, not judged: the machine may be busy."""
    lab.write("e.yaml", TINY.split("cohorts:")[0].replace("animals: 20", "animals: 1") + "cohorts: {a: {}}\n")
    times = []
    for number in range(5):
        start = time.monotonic()
        lab.call("run", "e.yaml", "--db", f"{number}.db", code=0)
        times.append(time.monotonic() - start)
    tap.comment(f"start to first result: {1e3 * min(times):.1f} ms, the best of {len(times)}")


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
