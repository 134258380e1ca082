#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is not computed again, and what is: comments, layout and other cohorts of a file change no animal; all that an animal follows from does.

    again.py MARBLEBONE [TEST ...]
"""
import re
import signal
import sys
import time

import tap
from lab import COMMAND, FRAGILE, Lab, TINY
from tap import equal, equal_lines, holds

ANIMALS = 6
EVERYTHING = """\
experiment: everything
question: Is it computed again?
model: tiny
animals: 6
seed: 1
settings: {sex: female, site: [femur, L3]}
measure: [1 day, 5 day]
record: [k_out]
cohorts:
  wild-type: {}
  knockout: {genotype: {Tnfsf11: -/-}}
  conditional: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre}}
  induced: {genotype: {Tnfsf11: fl/fl, cre: Sost-CreERT2, induce: 2 day}}
  spared: {genotype: {Tnfsf11: fl/-, cre: Prx1-Cre, efficiency: 0.5}}
  transgenic: {genotype: {Tnfsf11: {overexpress: 3, in: liver}}}
  deleted: {genotype: {Tnfsf11: {delete: 0.5, in: osteocyte}}}
  dosed: {treatments: [{drug: OYC1, dose: 2 mg, at: 3 day}, {drug: OYC1, dose: 1 mg, at: 2 day}]}
  infused: {treatments: [{drug: OYC1, dose: 2 mg, at: 3 day, over: 1 day}]}
  operated: {procedures: [{ovariectomy: 2 day, until: 4 day}]}
  pushed: {perturb: [{parameter: k_in, value: x2, from: 1 day, until: 3 day}]}
  male: {settings: {sex: male}}
"""
COHORTS = re.findall(r"^  ([-\w]+): {", EVERYTHING, re.M)
ALL = set(COHORTS)


def run(lab, text, *more, db="results.db", code=0):
    """Runs an experiment: (its run, animals simulated, animals taken over)."""
    said = lab.call("run", lab.write("e.yaml", text), "-q", "--db", db, *more, code=code).err
    simulated = re.search(r"(\d+) animals? simulated", said)
    taken = re.search(r", (\d+) taken over from other runs", said)
    return int(re.search(r"; run (\d+) in", said)[1]), int(simulated[1]), int(taken[1]) if taken else 0


def check_values(lab, text, number):
    """A run's animals are those of a database that never had another."""
    fresh = f"fresh-{number}.db"
    run(lab, text, db=fresh)
    want, got = lab.values(fresh), lab.values(run=number)
    equal(sorted(got), sorted(want), "cohorts")
    for cohort in want:
        equal_lines(got[cohort], want[cohort], cohort)


# -- the same run --------------------------------------------------------------------------------------------------

def what_a_file_looks_like_makes_no_new_run(lab):
    run(lab, EVERYTHING)
    head, cohorts = EVERYTHING.split("cohorts:\n")
    for what, text in (("a comment", EVERYTHING + "# a word more\n"),
                       ("blank lines and blanks", EVERYTHING.replace("\n", "\n\n").replace(": ", ":   ")),
                       ("keys in another order", "cohorts:\n" + cohorts + head),
                       ("block style", EVERYTHING.replace("knockout: {genotype: {Tnfsf11: -/-}}", "knockout:\n    genotype:\n      Tnfsf11: '-/-'")),
                       ("other units", EVERYTHING.replace("at: 3 day", "at: 72 hour")),
                       ("words for people", EVERYTHING.replace("male: {", "male: {about: a word, ")),
                       ("what is so anyhow", EVERYTHING.replace("wild-type: {}", "wild-type: {animals: 6, settings: {sex: female}}")),
                       ("doses in another order", EVERYTHING.replace("{drug: OYC1, dose: 2 mg, at: 3 day}, {drug: OYC1, dose: 1 mg, at: 2 day}",
                                                                     "{drug: OYC1, dose: 1 mg, at: 2 day}, {drug: OYC1, dose: 2 mg, at: 3 day}"))):
        holds(text != EVERYTHING, what)
        equal(run(lab, text), (1, 0, 0), what)
    equal(lab.ask("SELECT count(*), max(asked) FROM run"), [(1, 1)])


# -- another run that takes over -----------------------------------------------------------------------------------

def only_the_cohorts_that_changed_are_computed(lab):
    run(lab, EVERYTHING)
    for number, (old, new, changed) in enumerate((
            ("  male:", "  newcomer: {}\n  male:", ["newcomer"]),
            ("  knockout: {genotype: {Tnfsf11: -/-}}\n", "", []),
            ("question: Is it", "question: Why is it", []),
            ("  wild-type: {}", "  wild-type: {control: knockout}", []),
            ("experiment: everything", "experiment: something", []),
            ("wild-type: {}", "wild-type: {animals: 7}", ["wild-type"]),
            ("wild-type: {}", "mouse: {}", ["mouse"]),
            ("Tnfsf11: -/-", "Tnfsf11: +/-", ["knockout"]),
            ("fl/fl, cre: Dmp1-Cre", "fl/+, cre: Dmp1-Cre", ["conditional"]),
            ("cre: Dmp1-Cre", "cre: [Dmp1-Cre, Prx1-Cre]", ["conditional"]),
            ("induce: 2 day", "induce: 3 day", ["induced"]),
            ("efficiency: 0.5", "efficiency: {osteocyte: 0.6}", ["spared"]),
            ("overexpress: 3", "overexpress: 4", ["transgenic"]),
            ("in: liver", "in: all", ["transgenic"]),
            ("delete: 0.5", "delete: 0.6", ["deleted"]),
            ("dose: 2 mg, at: 3 day}", "dose: 3 mg, at: 3 day}", ["dosed"]),
            ("at: 3 day}", "at: 4 day}", ["dosed"]),
            ("over: 1 day", "over: 2 day", ["infused"]),
            ("ovariectomy: 2 day", "ovariectomy: 1 day", ["operated"]),
            ("ovariectomy: 2 day", "surgery: 2 day", ["operated"]),
            ("until: 4 day", "until: 5 day", ["operated"]),
            ("parameter: k_in", "parameter: k_liver", ["pushed"]),
            ("value: x2", "value: 2 mg/day", ["pushed"]),
            ("value: x2", "value: x3", ["pushed"]),
            ("from: 1 day", "from: 2 day", ["pushed"]),
            ("until: 3 day", "until: 4 day", ["pushed"]),
            ("male: {settings: {sex: male}}", "male: {settings: {sex: male, site: L3}}", ["male"]),
            ("Dmp1-Cre}}", "Dmp1-Cre}, settings: {sex: male}}", ["conditional"])), 2):
        text = EVERYTHING.replace(old, new)
        cohorts = re.findall(r"^  ([-\w]+): {", text, re.M)
        expected = sum(7 if "animals: 7" in text and cohort == "wild-type" else ANIMALS for cohort in changed)
        holds(text != EVERYTHING, old)
        equal(run(lab, text), (number, expected, ANIMALS * (len(cohorts) - len(changed))), f"{old} -> {new}")
        check_values(lab, text, number)
    lab.check_integrity()


def what_all_cohorts_follow_from_computes_all(lab):
    run(lab, EVERYTHING)
    for number, (old, new) in enumerate((("seed: 1", "seed: 2"), ("measure: [1 day, 5 day]", "measure: [1 day, 6 day]"),
                                         ("measure: [1 day, 5 day]", "measure: {from: 1 day, to: 5 day, every: 4 day}"),
                                         ("record: [k_out]", "record: [k_in]"), ("seed: 1", "seed: 1\ntwins: yes"),
                                         ("seed: 1", "seed: 1\nvariability: no"), ("animals: 6", "animals: 5"),
                                         ("site: [femur, L3]", "site: [femur]")), 2):
        text = EVERYTHING.replace(old, new)
        equal(run(lab, text), (number, (5 if "animals: 5" in text else ANIMALS) * len(COHORTS), 0), f"{old} -> {new}")
    equal(run(lab, EVERYTHING, "--rtol", "1e-8"), (10, ANIMALS * len(COHORTS), 0), "--rtol")
    equal(run(lab, EVERYTHING, "--seed", "5"), (11, ANIMALS * len(COHORTS), 0), "--seed")


def a_changed_model_computes_all_and_a_changed_driver_those_who_have_it(lab):
    run(lab, EVERYTHING)
    drivers = (lab.folder / "models/drivers.yaml").read_text()
    lab.write("models/drivers.yaml", drivers + "# a word more\n")
    equal(run(lab, EVERYTHING), (1, 0, 0), "a comment on drivers")
    for number, (old, new, n_changed) in enumerate((
            ("Dmp1-Cre: {sites: {osteocyte: {efficiency: 0.8,", "Dmp1-Cre: {sites: {osteocyte: {efficiency: 0.7,", 1),
            ("efficiency: 0.8, ", "efficiency: 0.8, variability: {beta: 0.05}, ", 1),
            ("spares: [L3]", "spares: [femur]", 1),
            ("Prx1-Cre: {spares: [L3], sites: {osteocyte: {efficiency: 0.9", "Prx1-Cre: {spares: [L3], sites: {osteocyte: {efficiency: 0.8", 1),
            ("  CMV-Cre", "  New-Cre: {germline: yes}\n  CMV-Cre", 0)), 2):
        holds(old in drivers, old)
        lab.write("models/drivers.yaml", drivers.replace(old, new))
        expected = (1, 0, 0) if n_changed == 0 else (number, ANIMALS * n_changed, ANIMALS * (len(COHORTS) - n_changed))
        equal(run(lab, EVERYTHING), expected, f"{old} -> {new}")
    lab.write("models/drivers.yaml", drivers)
    model = (lab.folder / "models/tiny.yaml").read_text()
    lab.write("models/tiny.yaml", model.replace("k_out: {value: 0.1", "k_out: {value: 0.2"))
    equal(run(lab, EVERYTHING), (6, ANIMALS * len(COHORTS), 0), "a changed model")
    lab.write("models/tiny.yaml", model)
    equal(run(lab, EVERYTHING), (1, 0, 0), "the old files")
    lab.check_integrity()


def another_version_computes_all(lab):
    """The version is in the key: a key of another program is nobody's."""
    run(lab, TINY)
    connection = lab.connect()
    connection.execute("UPDATE cohort SET key = upper(key)")
    connection.execute("UPDATE run SET key = upper(key)")
    connection.commit()
    connection.close()
    equal(run(lab, TINY), (2, 60, 0))


def chosen_cohorts_are_taken_over_and_others_left(lab):
    run(lab, EVERYTHING)
    text = EVERYTHING.replace("  male:", "  newcomer: {}\n  male:")
    equal(run(lab, text, "--cohort", "male"), (2, 0, ANIMALS))
    equal(lab.ask("SELECT DISTINCT cohort FROM animal JOIN cohort USING (cohort_id) WHERE run_id = 2"), [("male",)])
    equal(run(lab, text), (2, ANIMALS, ANIMALS * (len(COHORTS) - 1)))
    check_values(lab, text, 2)


def animals_that_failed_are_taken_over_with_their_reasons(lab):
    _, simulated, _ = run(lab, FRAGILE, code=4)
    text = FRAGILE.replace("cohorts: {a: {}, b: {}}", "cohorts: {b: {}, c: {}, a: {}}")
    equal(run(lab, text, code=4), (2, 40, simulated))
    equal(lab.values(run=2)["a"], lab.values(run=1)["a"])
    holds(lab.one("SELECT count(*) FROM failure WHERE run_id = 2 AND cohort = 'a'") > 0, "none failed")


def what_an_interrupted_run_has_is_taken_over(lab):
    many = TINY.replace("animals: 20", "animals: 4000")
    lab.write("e.yaml", many)
    process = lab.start("run", "e.yaml", "-q", "-j", "1", stderr=-3)
    while process.poll() is None and (not (lab.folder / "results.db").exists() or not lab.tables()
                                      or lab.one("SELECT count(*) FROM animal") < 1000):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    stored = lab.one("SELECT count(*) FROM animal")
    text = many.replace("  wild-type: {}\n", "") + "  wild-type: {}\n"
    equal(run(lab, text), (2, 12000 - stored, stored))
    check_values(lab, text, 2)
    lab.check_integrity()


# -- --force -------------------------------------------------------------------------------------------------------

def force_computes_what_is_stored_and_ends_with_the_same_bytes(lab):
    run(lab, EVERYTHING)
    run(lab, EVERYTHING, db="right.db")
    but = COMMAND | {("cohort", "changes")}  # which counts how often a summary was out of date
    connection = lab.connect()
    connection.execute("UPDATE reading SET value_1 = 7 WHERE reading_id % 3 = 0")
    connection.execute("UPDATE animal SET steps = 0, status = 'failed', failure = 'by hand' WHERE number = 2")
    connection.commit()
    connection.close()
    equal(run(lab, EVERYTHING, code=4), (1, 0, 0))
    holds(lab.dump(but=but) != lab.dump("right.db", but), "nothing is wrong to begin with")
    equal(run(lab, EVERYTHING, "--force", "--cohort", "male", "--cohort", "induced"), (1, 2 * ANIMALS, 0))
    equal(lab.ask("SELECT DISTINCT cohort FROM failure WHERE cohort IN ('male', 'induced')"), [])
    holds(lab.dump(but=but) != lab.dump("right.db", but), "cohorts that were not chosen are right, too")
    equal(run(lab, EVERYTHING, "--force"), (1, ANIMALS * len(COHORTS), 0))
    equal_lines(lab.dump(but=but), lab.dump("right.db", but), "after --force")
    equal(run(lab, EVERYTHING.replace("question: Is", "question: Was"), "--force"), (2, ANIMALS * len(COHORTS), 0), "a new run with --force")
    lab.check_integrity()


def force_that_is_interrupted_has_lost_nothing(lab):
    many = TINY.replace("animals: 20", "animals: 3000")
    run(lab, many)
    before = lab.values()
    for number, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)):
        process = lab.start("run", "e.yaml", "-q", "-j", "1", "--force", stderr=-1, text=True)
        replaced = "SELECT sum(changes) FROM cohort"
        begun = lab.one(replaced)
        while process.poll() is None and lab.one(replaced) < begun + 500:
            equal(lab.one("SELECT count(*) FROM animal"), 9000, "animals while they are written over")
        process.send_signal(number)
        _, said = process.communicate()
        equal(process.returncode, code, said)
        equal(lab.values(), before)
        lab.check_integrity()
    found = re.search(r"(\d+) animals simulated .*\ninterrupted: (\d+) animals are not computed again; the same command computes all\n", said)
    holds(found and int(found[1]) + int(found[2]) == 9000 and int(found[1]) > 0 and int(found[2]) > 0, said)
    equal(run(lab, many), (1, 0, 0))


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
