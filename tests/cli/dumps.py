#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`marblebone dump`: it tells every result, and nothing of how it came about.

    dumps.py MARBLEBONE [TEST ...]
"""
import math
import re
import sys

import tap
from lab import Lab, SOURCE, TINY
from runs import FAILED, FRAGILE, GRID
from tap import equal, equal_lines, holds

KINKS = "experiment: kinks\nmodel: kinks\nanimals: 40\nseed: 3\nmeasure: [0.5 hour, 1 hour]\ncohorts: {a: {}}\n"
MICE = "experiment: mice\nmodel: mouse-rankl\nsettings: {sex: female, site: [L3, midshaft]}\nseed: 7\nmeasure: [4 wk, 12 wk]\n"
EXPERIMENTS = (("small", TINY, 0), ("grid", GRID, 0), ("failing", FRAGILE, FAILED))


def dump(lab, db="results.db", *arguments):
    said = lab.call("dump", db, *arguments, code=0)
    equal(said.err, "")
    return said.out.splitlines()


def fields(lines, kind):
    return [line.split("\t")[1:] for line in lines if line.startswith(f"{kind}\t")]


def every_result_is_in_the_dump(lab):
    for name, text, code in EXPERIMENTS:
        db = f"{name}.db"
        lab.call("run", lab.write(f"{name}.yaml", text), "--db", db, code=code)
        lines = dump(lab, db)
        for kind in ("run", "metric", "cohort", "animal", "measurement", "series"):
            equal(len(fields(lines, kind)), lab.one(f"SELECT count(*) FROM {kind}", db=db), f"{kind} of {name}")
        want = lab.ask("SELECT cohort, number, site, age_d, metric, value, truth FROM measurement JOIN metric USING (metric_id) "
                       "JOIN animal USING (animal_id) JOIN cohort USING (cohort_id) ORDER BY 1, 2, 3, 4, 5", db=db)
        got = [(cohort, int(number), site, float(age), metric, *(None if x == "\\N" else float(x) for x in values))
               for cohort, number, site, age, metric, *values in fields(lines, "measurement")]
        equal(got, want, "measurements to the last bit, in the order of names")
        equal([row[-2:] for row in fields(lines, "series")],
              [list(row) for row in lab.ask("SELECT ages_json, values_json FROM series JOIN metric USING (metric_id) JOIN animal USING "
                                            "(animal_id) JOIN cohort USING (cohort_id) ORDER BY cohort, number, site, metric", db=db)])
        failures = [row[2:4] for row in fields(lines, "animal")]
        equal(failures, [list(row) for row in lab.ask("SELECT status, ifnull(failure, '\\N') FROM animal JOIN cohort USING (cohort_id) "
                                                      "ORDER BY cohort, number", db=db)])


def one_bit_of_one_value_is_seen(lab):
    lab.call("run", lab.write("e.yaml", TINY), code=0)
    before = dump(lab)
    connection = lab.connect()
    place, value = connection.execute("SELECT max(reading_id), truth_1 FROM reading WHERE truth_1 IS NOT NULL").fetchone()
    connection.execute("UPDATE reading SET truth_1 = ? WHERE reading_id = ?", (math.nextafter(value, math.inf), place))
    connection.commit()
    connection.close()
    after = dump(lab)
    equal(sum(a != b for a, b in zip(before, after)), 1)
    equal(len(before), len(after))


def the_number_of_workers_is_not(lab):
    for name, text, code in EXPERIMENTS:
        lab.write(f"{name}.yaml", text)
        for jobs in (1, 2, 7):
            lab.call("run", f"{name}.yaml", "--db", f"{jobs}.{name}.db", "-j", jobs, code=code)
        for jobs in (2, 7):
            equal_lines(dump(lab, f"{jobs}.{name}.db"), dump(lab, f"1.{name}.db"), f"{name}, -j {jobs}")


def the_instruction_set_is_not(lab):
    """Bit by bit: no tolerance is needed. The mouse has powers, exponentials and conditions, and batches of several widths."""
    mice = MICE + "cohorts:\n  wild-type: {animals: 70}\n  knockout: {animals: 3, genotype: {Tnfsf11: fl/-, cre: Dmp1-Cre}}\n"
    said = lab.call("run", lab.write("mice.yaml", mice), "--cpu", "abacus", code=2)
    known = re.fullmatch("marblebone: there is no instruction set 'abacus' here; --cpu takes (.*)\n", said.err)
    sets = known[1].split(", ")
    equal(sets[0], "plain")
    for name, text, code in (*EXPERIMENTS, ("kinks", KINKS, 0), ("mice", mice, 0)):
        lab.write(f"{name}.yaml", text)
        for chosen in sets:
            models = ["--models", SOURCE / "models"] if name == "mice" else []
            lab.call("run", f"{name}.yaml", "--db", f"{chosen}.{name}.db", "--cpu", chosen, *models, code=code)
            equal(lab.one("SELECT value FROM run_version WHERE name = 'lane-kernel'", db=f"{chosen}.{name}.db"), chosen)
        for chosen in sets[1:]:
            equal_lines(dump(lab, f"{chosen}.{name}.db"), dump(lab, f"plain.{name}.db"), f"{name}, {chosen}")


def the_order_of_cohorts_is_not(lab):
    for name, text, code in EXPERIMENTS[:2]:
        head, cohorts = text.split("cohorts:\n")
        lab.write(f"{name}.yaml", text)
        lab.write(f"{name}-shuffled.yaml", f"# another text\n{head}cohorts:\n" + "".join(cohorts.splitlines(True)[::-1]))
        for file in (name, f"{name}-shuffled"):
            lab.call("run", f"{file}.yaml", "--db", f"{file}.db", code=code)
        equal_lines(dump(lab, f"{name}-shuffled.db"), dump(lab, f"{name}.db"), name)


def what_was_run_before_and_in_how_many_steps_is_not(lab):
    for name, text, code in EXPERIMENTS[:2]:
        lab.write(f"{name}.yaml", text)
        lab.call("run", f"{name}.yaml", "--db", "straight.db", code=code)
    for name, cohort in (("grid", "treated"), ("small", "knockout"), ("grid", "wild-type")):
        lab.call("run", f"{name}.yaml", "--db", "steps.db", "--cohort", cohort, code=0)
    holds(dump(lab, "steps.db") != dump(lab, "straight.db"), "animals are missing")
    for name in ("small", "grid"):
        lab.call("run", f"{name}.yaml", "--db", "steps.db", code=0)
    equal_lines(dump(lab, "steps.db"), dump(lab, "straight.db"), "in steps")
    alone = dump(lab, "steps.db", "--experiment", "tiny-grid")
    equal([row[0] for row in fields(alone, "run")], ["tiny-grid"])
    equal_lines(alone, dump(lab, "steps.db")[:len(alone)], "alone")


def names_cannot_break_lines_or_fields(lab):
    lab.call("run", lab.write("e.yaml", TINY.replace("animals: 20", "animals: 1")), code=0)
    with lab.connect() as other:   # no file of ours can say this
        other.execute("UPDATE run SET question = ?", ("a\tb\nc\\d \x1b[31m \x85 \u202e é",))
    other.close()
    equal(fields(dump(lab), "run")[0][4], "a\\tb\\nc\\\\d \\x1B[31m \\xC2\\x85 \\xE2\\x80\\xAE é")


def it_goes_to_a_file_or_says_why_not(lab):
    lab.call("run", lab.write("e.yaml", TINY), code=0)
    said = lab.call("dump", "results.db", "-o", "dump.txt", code=0)
    equal((said.out, said.err), ("", ""))
    equal_lines((lab.folder / "dump.txt").read_text().splitlines(), dump(lab), "the file")
    for arguments, code, words in (
            (["results.db", "-o", "no/such/folder"], 5, "cannot write 'no/such/folder': No such file or directory"),
            (["results.db", "--experiment", "other"], 3, "'results.db' holds no run of the experiment 'other'"),
            (["no.db"], 5, "there is no database 'no.db'; 'marblebone run' makes one")):
        said = lab.call("dump", *arguments, code=code)
        equal((said.out, said.err), ("", f"marblebone: {words}\n"))


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
