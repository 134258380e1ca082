#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`marblebone run` on what models do by themselves, and on one design over several models.

    designs.py MARBLEBONE [TEST ...]
"""
import json
import sys

import tap
from lab import COMMAND, Lab
from tap import equal, equal_lines, holds

# Triggers in 40 animals at times of their own, steady starts, programmes with a burn-in.
DYNAMIC = {
    "ball": "experiment: e\nmodel: ball\nanimals: 40\nseed: 5\nmeasure: [1 second, 2 second, 3 second]\nrecord: [n]\ncohorts: {a: {}, b: {}}\n",
    "troughs": "experiment: e\nmodel: troughs\nanimals: 40\nseed: 5\nmeasure: [10 hour, 100 hour]\nrecord: [nA, nC]\ncohorts: {a: {}, b: {}}\n",
    "attractors": "experiment: e\nmodel: attractors\nanimals: 40\nseed: 5\nmeasure: [0 day, 3 day]\nrecord: [x]\ncohorts: {a: {}, b: {}}\n",
    "calendar": "experiment: e\nmodel: calendar\nanimals: 3\nburn_in: 10 day\nmeasure: [0 day, 3 day]\nrecord: [daily]\ncohorts: {a: {}, b: {}}\n",
}
SEVERAL = """\
experiment: several
models:
  tiny: {measure: [7 day, 14 day], settings: {site: [femur, L3]}, record: [k_in]}
  calendar:
measure: [14 day]
animals: 4
cohorts:
  it: {}
  null: {genotype: {Tnfsf11: -/-}}
  half: {genotype: {Tnfsf11: {delete: 0.5, in: osteocyte}}}
  signal: {perturb: [{parameter: I, value: 1, from: 1 day}]}
"""


def what_models_do_depends_on_nothing_else(lab):
    """Neither on the number of workers, nor on other cohorts."""
    for name, text in DYNAMIC.items():
        lab.write(f"{name}.yaml", text)
        for jobs in (1, 2, 7):
            lab.call("run", f"{name}.yaml", "--db", f"{jobs}.{name}.db", "-j", jobs, code=0)
        for jobs in (2, 7):
            equal_lines(lab.dump(f"{jobs}.{name}.db", COMMAND), lab.dump(f"1.{name}.db", COMMAND), f"{name}, -j {jobs}")
        lab.write(f"{name}.yaml", text.replace("{a: {}, b: {}}", "{b: {}}"))
        lab.call("run", f"{name}.yaml", "--db", f"alone.{name}.db", code=0)
        equal_lines(lab.values(f"alone.{name}.db")["b"], lab.values(f"1.{name}.db")["b"], f"{name}, alone")


def mates_of_a_batch_do_not_matter(lab):
    """Animals of a batch against the same animals one by one: within what the integrator's tolerance leaves, 1e-6 of the largest value."""
    for name in ("ball", "troughs", "attractors"):
        text = DYNAMIC[name].replace("animals: 40", "animals: 16").replace("{a: {}, b: {}}", "{a: {}}")
        parameters = {"ball": ["g"], "troughs": ["k"], "attractors": ["k", "start"]}[name]
        lab.call("run", lab.write(f"{name}.yaml", text), "--db", f"{name}.db", code=0)
        draws = [json.loads(row) for row, in lab.ask("SELECT parameters_json FROM animal ORDER BY animal_id", db=f"{name}.db")]
        cohorts = "".join("  a{}: {{perturb: [{}]}}\n".format(number, ", ".join(
            f"{{parameter: {parameter}, value: {draw[parameter]!r}}}" for parameter in parameters)) for number, draw in enumerate(draws))
        alone = text.replace("animals: 16", "animals: 1\nvariability: no").replace("cohorts: {a: {}}\n", "cohorts:\n" + cohorts)
        lab.call("run", lab.write(f"{name}-alone.yaml", alone), "--db", f"{name}-alone.db", code=0)
        values = "SELECT truth FROM measurement JOIN animal USING (animal_id) ORDER BY metric_id, age_d, animal_id"
        together, single = ([value for value, in lab.ask(values, db=db)] for db in (f"{name}.db", f"{name}-alone.db"))
        equal(len(together), len(single), name)
        largest = max(map(abs, single))
        holds(all(abs(a - b) <= 1e-6*largest for a, b in zip(together, single)), (name, together, single))


def a_failing_steady_start_leaves_its_mates_alone(lab):
    """The state of a runaway has no rest; its mates in the batch have."""
    lab.write("models/runaway.yaml", "model: runaway\ntime: day\nparameters:\n"
              "  k: {value: 1, unit: 1/day, source: made up}\n  s: {value: 1, unit: 1, source: made up, variability: {normal: 1}}\n"
              "states: {x: {initial: steady, near: 1, unit: 1, rate: k*(s - 0.5)*x}}\n"
              "phenotypes: {X: {is: x, unit: 1}}\n")
    lab.call("run", lab.write("e.yaml", "experiment: e\nmodel: runaway\nanimals: 16\nmeasure: [0 day]\ncohorts: {a: {}}\n"),
             "--models", "models", code=4)
    rows = lab.ask("SELECT status, failure, parameters_json FROM animal")
    holds({status for status, *_ in rows} == {"done", "failed"}, rows)
    for status, failure, draw in rows:
        grows = json.loads(draw)["s"] > 0.5
        equal(status, "failed" if grows else "done", draw)
        holds(not grows or failure.startswith("no steady state was found in ") and "'x' is " in failure, failure)


def one_design_is_asked_of_every_model(lab):
    said = lab.call("run", lab.write("e.yaml", SEVERAL), code=0)
    equal(lab.ask("SELECT run_id, model, status FROM run ORDER BY 1"), [(1, "tiny", "complete"), (2, "calendar", "complete")])
    equal(lab.ask("SELECT run_id, position, cohort, reason FROM unexpressed ORDER BY 1, 2"),
          [(1, 0, "signal", "'I' is not a parameter of the model"), (2, 0, "null", "'Tnfsf11' is not a gene of the model 'calendar'"),
           (2, 1, "half", "'Tnfsf11' is not a gene of the model 'calendar'")])
    equal(lab.ask("SELECT model, cohort, site, age_d, n, ratio > 0.3 AND ratio < 0.9 FROM across_models WHERE metric = 'BV/TV' AND cohort = 'half' "
                  "ORDER BY site, age_d"),
          [("tiny", "half", site, age, 4, 1) for site in ("L3", "femur") for age in (7.0, 14.0)])
    equal(lab.ask("SELECT model, cohort, cannot_express FROM across_models WHERE cannot_express IS NOT NULL AND model = 'tiny'"),
          [("tiny", "signal", "'I' is not a parameter of the model")])
    equal(lab.one("SELECT count(*) FROM across_models WHERE metric = 'k_in'"), 0)  # recorded, not measured
    holds(lab.one("SELECT count(*) FROM across_models WHERE metric = 'growing'") > 0, "traits are there")
    holds("calendar cannot express null, half: 'Tnfsf11' is not a gene" in said.out, said.out)
    holds(all(line in said.err for line in ("tiny: 12 animals simulated", "calendar: 8 animals simulated")), said.err)
    before = lab.dump()
    equal(lab.call("run", "e.yaml", code=0).out, said.out)
    equal_lines(lab.dump(), before, "a second run")
    lab.check_integrity()


def a_cohort_of_one_model_can_be_run(lab):
    lab.call("run", lab.write("e.yaml", SEVERAL), "--cohort", "it", "--cohort", "signal", code=0)
    equal(lab.ask("SELECT model, cohort, count(*) FROM animal JOIN cohort USING (cohort_id) JOIN run USING (run_id) GROUP BY 1, 2 ORDER BY 1, 2"),
          [("calendar", "it", 4), ("calendar", "signal", 4), ("tiny", "it", 4)])
    holds("--cohort 'nil' is not a cohort" in lab.call("run", "e.yaml", "--cohort", "nil", code=2).err, "an unknown cohort")


def a_reference_names_the_model_it_judges(lab):
    row = ("rows:\n  - {id: A, cohort: half, versus: it, metric: BV/TV, at: {age: 14 day, site: L3}, statistic: ratio of means, evidence: measured, "
           "cite: made up, expect: {target: 0.6, low: 0.3, high: 0.9}}\n")
    lab.call("run", lab.write("e.yaml", SEVERAL), code=0)
    lab.call("compare", "results.db", lab.write("tiny-ref.yaml", "reference: r\nexperiment: several\nmodel: tiny\n" + row), code=0)
    said = lab.call("compare", "results.db", lab.write("ref.yaml", "reference: r\nexperiment: several\n" + row), code=1)
    holds("the model cannot express 'half': 'Tnfsf11' is not a gene of the model 'calendar'" in " ".join(said.out.split()), said.out)


def a_known_difference_does_not_fail_until_strict(lab):
    row = ("rows:\n  - {id: A, cohort: half, versus: it, metric: BV/TV, at: {age: 14 day, site: L3}, statistic: ratio of means, evidence: measured, "
           "cite: made up, expect: {target: 6, low: 5, high: 9}, known: a misprint}\n")
    lab.call("run", lab.write("e.yaml", SEVERAL), code=0)
    lab.write("ref.yaml", "reference: r\nexperiment: several\nmodel: tiny\n" + row)
    said = lab.call("compare", "results.db", "ref.yaml", code=0)
    holds("0 agree, 0 differ, 0 missing (0 uncertain), 1 known to differ" in said.out and "known to differ: a misprint" in said.out, said.out)
    lab.call("compare", "results.db", "ref.yaml", "--strict", code=1)


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
