#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The mouse in 10,000 combinations of genotype, treatment and setting drawn at random: no state goes negative, no animal fails.

    mouse.py MARBLEBONE [TEST ...]

MARBLEBONE_RANDOM is the number of combinations, MARBLEBONE_SEED what they are drawn from. They run as experiments of at most 1000 cohorts.
A state may lie below zero by 1e-9 of its largest value or of 1, whichever is more: that is the solver's tolerance, not the model.
"""
import os
import random
import re
import sys

import tap
from lab import SOURCE, Lab
from tap import equal, holds

MODELS = SOURCE / "models"
COUNT, SEED, COHORTS_A_RUN = int(os.environ.get("MARBLEBONE_RANDOM", "10000")), int(os.environ.get("MARBLEBONE_SEED", "1")), 1000
LAST_WEEK = 40
# Doses from a tenth of what experiments give to several times it.
DOSES = {"OYC1": (0.1, 20, "mg/kg"), "OPG-Fc": (0.1, 50, "mg/kg"), "sRANKL": (0.01, 5, "mg/kg"), "PTH(1-34)": (1, 300, "ug/kg"),
         "zoledronate": (0.005, 1, "mg/kg"), "MDA-231": (0.1, 5, ""), "leukaemia-cells": (0.1, 5, ""), "gamma-rays": (0.2, 10, "Gy")}
# Not a load above 1, that of a caged mouse: the model is silent about it, and beyond 1.2 RANKL of the cortex would be negative.
PERTURBED = {"p": (0.1, 20), "E": (0.01, 1), "load": (0, 1), "k_sol_ko": (0, 1), "k_sost": (0, 2)}
# Cohorts that once went negative.
KNOWN = {"estrogen returns": "{genotype: {Tnfsf11: fl/fl, cre: Col2-Cre}, procedures: [{ovariectomy: 0.4 wk, until: 5.3 wk}]}",
         "estrogen returns, B cells alone": "{genotype: {Tnfsf11: fl/fl, cre: Prx1-Cre}, procedures: [{ovariectomy: 0.4 wk, until: 4 wk}]}"}
# A series of a recorded state, smallest and largest; NULL is what a value that is no number is stored as. The GLOB spares the JSON of a
# series without a minus (but that of an exponent) and without a NULL.
FAULTS = """
SELECT cohort, metric, site, min(value), max(value), sum(value IS NULL), min(age) FROM (
    SELECT cohort, metric, site, v.value AS value, iif(v.value < 0 OR v.value IS NULL, json_extract(ages_json, v.fullkey), NULL) AS age
    FROM series JOIN metric USING (metric_id) JOIN animal USING (animal_id) JOIN cohort USING (cohort_id), json_each(values_json) v
    WHERE kind = 'recorded' AND (values_json GLOB '*[[,]-*' OR values_json GLOB '*null*'))
GROUP BY 1, 2, 3 HAVING sum(value IS NULL) > 0 OR min(value) < -1e-9*max(1, max(value))"""


def section(text, name):
    """The lines of a top-level key of a YAML text."""
    return re.search(rf"^{name}:\n((?:[ #].*\n|\n)+)", text, re.M).group(1)


def names(text):
    """The keys of two blanks' indent."""
    return re.findall(r"^  ([^\s#][^:]*):", text, re.M)


class Mouse:
    """What can be asked for, read from the files that say so."""

    def __init__(self):
        text, drivers = (MODELS / "mouse-rankl.yaml").read_text(), section((MODELS / "drivers.yaml").read_text(), "drivers")
        self.states, self.procedures = names(section(text, "states")), names(section(text, "procedures"))
        self.genes = {}
        for gene, body in re.findall(r"^  (\w+):\n((?:    .*\n)+)", section(text, "genes"), re.M):
            self.genes[gene] = [site for site in re.findall(r"([\w-]+): (?:k_|\{scales)", body)]
        self.settings = {name: re.findall(r"^    ([^\s:]+):", body, re.M)
                         for name, body in re.findall(r"^  (\w+):\n((?:    .*\n)+)", section(text, "settings"), re.M)}
        self.drivers = dict.fromkeys(names(drivers), False)
        self.reached = {}  # the sites of a driver; None: all
        for name, body in re.findall(r"^  ([\w-]+):\n((?:    .*\n|\n)+)", drivers, re.M):
            self.drivers[name] = "inducible:" in body
            self.reached[name] = None if "germline:" in body else re.findall(r"^      ([\w-]+):", body, re.M)
        self.drugs = names(section(text, "drugs"))


def week(draw, low=0.0, high=LAST_WEEK - 1.0):
    return draw.uniform(low, high)


def log_uniform(draw, low, high):
    return low*(high/low)**draw.random()


def some(draw, options, most):
    return draw.sample(list(options), min(len(options), draw.choice(range(most + 1))))


def genotype(draw, mouse):
    parts, floxed = [], set()
    for gene in some(draw, mouse.genes, 3):
        alleles = "/".join(draw.choices(("+", "fl", "-"), (2, 4, 2), k=2))
        transgene = ""
        if draw.random() < 0.25:
            site = draw.choice(mouse.genes[gene])
            transgene = f", overexpress: {log_uniform(draw, 1, 300 if site == 'liver' else 20):.3g}, in: {site}"
        if "fl" in alleles:
            floxed |= set(mouse.genes[gene])
        parts.append(f"{gene}: {{alleles: {alleles}{transgene}}}")
    if floxed:
        reaching = [name for name, sites in mouse.reached.items() if sites is None or floxed & set(sites)]
        chosen = draw.sample(reaching, min(len(reaching), draw.choice((1, 1, 1, 2))))
        parts.append(f"cre: [{', '.join(chosen)}]")
        if any(mouse.drivers[name] for name in chosen):
            parts.append(f"induce: {week(draw):.3f} wk")
    return ", ".join(parts)


def treatment(draw, drug):
    low, high, unit = DOSES[drug]
    dose, start = f"{log_uniform(draw, low, high):.3g} {unit}".strip(), week(draw)
    kind = draw.random()
    if kind < 0.5:
        when = f"at: {start:.3f} wk"
    elif kind < 0.8:
        when = f"from: {start:.3f} wk, every: {log_uniform(draw, 1, 60):.2f} day, times: {draw.randint(2, 8)}"
    else:
        when = f"at: {start:.3f} wk, over: {log_uniform(draw, 1, 40):.2f} day"
    return f"{{drug: {drug}, dose: {dose}, {when}}}"


def procedure(draw, name):
    start = week(draw)
    end = f", until: {start + log_uniform(draw, 0.2, 15):.3f} wk" if draw.random() < 0.5 else ""
    return f"{{{name}: {start:.3f} wk{end}}}"


def perturbation(draw, name):
    start = week(draw)
    window = draw.choice(("", f", from: {start:.3f} wk", f", from: {start:.3f} wk, until: {start + week(draw, 0.1, 10):.3f} wk"))
    return f"{{parameter: {name}, value: {draw.choice((*PERTURBED[name], draw.uniform(*PERTURBED[name]))):.3g}{window}}}"


def cohort(draw, mouse):
    """The text of a cohort: any genotype, up to three drugs, three procedures and two perturbations, any setting."""
    parts = [f"genotype: {{{genotype(draw, mouse)}}}"]
    parts.append(f"treatments: [{', '.join(treatment(draw, drug) for drug in some(draw, mouse.drugs, 3))}]")
    parts.append(f"procedures: [{', '.join(procedure(draw, name) for name in some(draw, mouse.procedures, 3))}]")
    parts.append(f"perturb: [{', '.join(perturbation(draw, name) for name in some(draw, PERTURBED, 2) if draw.random() < 0.5)}]")
    parts = [part for part in parts if not part.endswith(("{}", "[]"))]
    parts.append("settings: {" + ", ".join(f"{name}: {draw.choice(options)}" for name, options in mouse.settings.items()) + "}")
    return "{" + ", ".join(parts) + "}"


def experiment(cohorts, mouse, number):
    lines = "".join(f"  {name}: {text}\n" for name, text in cohorts.items())
    return (f"experiment: random-{number}\nmodel: mouse-rankl\nanimals: 1\nseed: {SEED}\n"
            f"measure: {{from: 2 wk, to: {LAST_WEEK} wk, every: 2 wk}}\nrecord: [{', '.join(mouse.states)}]\ncohorts:\n{lines}")


def faults_of(lab, db, cohorts):
    """What is wrong with the animals of a database, a line each, with the cohort."""
    lines = [f"{name}: {failure}: {cohorts[name]}" for name, failure in
             lab.ask("SELECT cohort, failure FROM animal JOIN cohort USING (cohort_id) WHERE status <> 'done'", db=db)]
    for name, state, _, low, high, nulls, age in lab.ask(FAULTS, db=db):
        what = f"is no number {nulls} times" if nulls else f"goes down to {low:.3g} (up to {high:.3g})"
        lines.append(f"{name}: {state} {what}, first at {age:g} d: {cohorts[name]}")
    return lines


def the_files_are_read_as_they_are_written(lab):
    """Whatever the random cohorts do not know of, they do not try."""
    del lab
    mouse = Mouse()
    holds({"Vp", "Lsol", "Adep", "Rtot", "Ct"} <= set(mouse.states) and len(mouse.states) >= 30, mouse.states)
    equal(sorted(mouse.drugs), sorted(DOSES), "drugs with a range of doses")
    holds({"ovariectomy", "unloading", "low-calcium-diet"} <= set(mouse.procedures), mouse.procedures)
    equal(sorted(mouse.settings), ["housing", "sex", "site", "strain"])
    holds("midshaft" in mouse.settings["site"] and "C57BL/6" in mouse.settings["strain"], mouse.settings)
    holds({"osteocyte", "mammary-epithelium"} <= set(mouse.genes["Tnfsf11"]) and "liver" in mouse.genes["Tnfrsf11b"], mouse.genes)
    equal(sorted(mouse.genes), ["Nfatc1", "Sost", "Tnfrsf11a", "Tnfrsf11b", "Tnfsf11"])
    holds(mouse.drivers["Mx1-Cre"] and not mouse.drivers["Dmp1-Cre"] and "CMV-Cre" in mouse.drivers, mouse.drivers)


def a_negative_state_and_a_value_that_is_no_number_are_found(lab):
    """The search itself, on a model that has both."""
    lab.write("models/bad.yaml", "model: bad\norganism: mouse\ntime: day\nclock: age\nparameters:\n"
              "  k: {value: 1, unit: 1/day, about: fall, assumed: test}\n"
              "quantities: {broken: {is: 'log(10 - t/day_)', unit: 1, about: test}}\n".replace("t/day_", "t*k") +
              "states:\n  fine: {initial: 1, unit: 1, rate: -k*fine/100, about: test}\n"
              "  falls: {initial: 5.5, unit: 1, rate: -k, about: test}\n"
              "phenotypes: {x: {is: fine + falls, unit: 1, about: test}}\n")
    lab.write("bad.yaml", "experiment: bad\nmodel: bad\nvariability: no\nanimals: 1\nmeasure: {from: 1 day, to: 12 day, every: 1 day}\n"
              "record: [fine, falls, broken]\ncohorts: {it: {}}\n")
    lab.call("run", "bad.yaml", "-q", code=0)
    equal(sorted(faults_of(lab, "results.db", {"it": "{}"})),
          ["it: broken is no number 3 times, first at 10 d: {}", "it: falls goes down to -6.5 (up to 4.5), first at 6 d: {}"])


def no_state_goes_negative_in_mice_in_which_one_did(lab):
    quoted = {f'"{name}"': text for name, text in KNOWN.items()}
    lab.write("known.yaml", experiment(quoted, Mouse(), "known"))
    lab.call("run", "known.yaml", "--models", MODELS, "-q", code=0)
    faults = faults_of(lab, "results.db", KNOWN)
    holds(not faults, "\n".join(faults))


def no_state_goes_negative_in_random_mice(lab):
    draw, mouse, done, faults = random.Random(SEED), Mouse(), 0, []
    while done < COUNT:
        cohorts = {f"c{done + i}": cohort(draw, mouse) for i in range(min(COHORTS_A_RUN, COUNT - done))}
        name = f"random-{done}"
        lab.write(f"{name}.yaml", experiment(cohorts, mouse, done))
        result = lab.call("run", f"{name}.yaml", "--db", f"{name}.db", "--models", MODELS, "-q", timeout=600)
        holds(result.code in (0, 4), result)
        equal(lab.one("SELECT count(*) FROM animal", db=f"{name}.db"), len(cohorts), "animals")
        equal(lab.one("SELECT count(*) FROM series JOIN metric USING (metric_id) WHERE kind = 'recorded'", db=f"{name}.db"),
              len(cohorts)*len(mouse.states), "series of states")
        faults += faults_of(lab, f"{name}.db", cohorts)
        (lab.folder / f"{name}.db").unlink()
        done += len(cohorts)
    tap.comment(f"{done} cohorts of seed {SEED}")
    holds(not faults, f"{len(faults)} faults of {done} cohorts\n" + "\n".join(faults[:50]))


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
