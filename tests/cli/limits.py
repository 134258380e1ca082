#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that a stranger might send: each is refused, or read, within MAX_SECONDS of processor time and MAX_MIB of memory. What each took is
printed. Limits that a small file can pass have their exact words in tests/cases.

    limits.py MARBLEBONE [TEST ...]
"""
import os
import sys
import time

import tap
from lab import Lab
from tap import comment, equal, holds

SLOW = int(os.environ.get("MARBLEBONE_SLOW", "1"))   # sanitizers
MAX_SECONDS, MAX_MIB = 20 * SLOW, 1024 * (3 if SLOW > 1 else 1)
MIB = 1 << 20
HEAD = "model: m\ntime: day\nparameters: {k: {value: 1, unit: 1/day, source: s}}\n"
STATE = "states:\n  x: {initial: 1, unit: 1, rate: k}\n"
EXPERIMENT = "experiment: e\nmodel: tiny\nmeasure: [4 wk]\n"


def take(lab, text, code, said="", command=("check",)):
    """Exit code and words; processor time and memory of the one command."""
    name = lab.write("hostile.yaml", text)
    with open(lab.folder / "err", "wb") as err, open(lab.folder / "out", "wb") as out:
        process = lab.start(*command, name, "--models", "models", stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    words = (lab.folder / "err").read_text(errors="replace")
    seconds, mib = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    comment(f"{len(text) / MIB:.1f} MiB of file: {seconds:.2f} s, {mib:.0f} MiB, exit {process.returncode}")
    equal(process.returncode, code, words[:1500])
    holds(said in words, f"'{said}' is not in: {words[:1500]}")
    holds(seconds <= MAX_SECONDS, f"took {seconds:.1f} s")
    holds(mib <= MAX_MIB, f"took {mib:.0f} MiB")
    return seconds, mib


def filled(start, piece, end="", size=16 * MIB):
    return start + piece * ((size - len(start) - len(end)) // len(piece)) + end


# ---- YAML ----

def a_file_of_more_than_16_mib_is_refused(lab):
    take(lab, "#" * (16 * MIB + 1), 3, "larger than 16 MiB")


def a_file_of_16_mib_of_anything_is_refused(lab):
    for start, piece, end in (("", "[", ""), ("", "{", ""), ("", "- ", ""), ("a: ", "[],", ""), ("", "? ", ""), ("a: '", "x\n ", "'"), ("", "&a ", ""),
                              ("a: [", "*a,", "]"), ("", "\n", ""), ("", "a: b\n", ""), ("a: \"", "\\x41", "\""), ("", "!", ""), ("", "%", "")):
        take(lab, filled(start, piece, end), 3)


def ninety_thousand_unknown_keys_are_refused(lab):
    take(lab, "experiment: e\n" + "".join(f"experimen{i}: 1\n" for i in range(90000)), 3)


# ---- Units and expressions ----

def forty_thousand_long_units_are_refused(lab):
    unit = "(" * 30 + "m" + ".kg" * 50 + ")" * 30
    take(lab, HEAD + STATE + "quantities:\n" + "".join(f"  q{i}: {{is: 1, unit: {unit[:199 - len(str(i))]} }}\n" for i in range(10000)), 3)


def thousands_of_unknown_names_in_long_expressions_are_refused(lab):
    names = [f"{'n' * 50}{i:04}" for i in range(9000)]
    text = "+".join(names[:140])
    take(lab, HEAD + STATE + "quantities:\n" + "".join(f"  {n}x: {{unit: 1, is: >\n    {text}\n    }}\n".replace(">\n    ", '"').replace("\n    }", '"}')
                                                       for n in names[:130]), 3, "model.unknown-symbol")


def a_model_with_as_many_values_as_a_file_can_have_is_read(lab):
    n = 9900   # with 10,000 of each the values of the file are too many
    take(lab, HEAD.replace("}}\n", "}," + ",".join(f"p{i}: {{value: 1, unit: 1/day, source: s}}" for i in range(n)) + "}\n") +
         "states:\n  x: {initial: 1, unit: 1}\nquantities:\n" + "".join(f"  q{i}: {{is: p{i}*x, unit: 1/day}}\n" for i in range(n)) +
         "reactions:\n" + "".join(f"  r{i}: {{makes: x, rate: q{i}}}\n" for i in range(n // 2)), 0)


def one_more_parameter_quantity_or_reaction_is_refused(lab):
    for section in ("parameters", "quantities", "reactions"):
        take(lab, f"model: m\ntime: day\n{STATE}{section}: {{{','.join(f'n{i}: 0' for i in range(10001))}}}\n", 3,
             f"the model has 10001 {section}, more than 10000")


def a_megabyte_of_expressions_is_read(lab):
    sums = "*".join(["(x^15+hill(x,2,3))"] * 400)
    take(lab, HEAD + STATE + "quantities:\n" + "".join(f"  q{i}: {{is: \"{sums}+{i}\", unit: 1}}\n" for i in range(130)), 0)


def quantities_that_double_each_other_are_read(lab):
    take(lab, HEAD + "states:\n  x: {initial: 1, unit: 1, rate: k*q999}\nquantities:\n  q0: {is: exp(x), unit: 1}\n" +
         "".join(f"  q{i}: {{is: q{i - 1}*q{i - 1} + sqrt(q{i - 1}), unit: 1}}\n" for i in range(1, 1000)), 0)


def ten_thousand_conditions_are_the_most(lab):
    def model(n):
        return HEAD + "states:\n  x: {initial: 1, unit: 1}\nquantities:\n" + "".join(
            f"  q{i}: {{unit: 1, is: '{'+'.join(f'max(x,{i * 500 + k}.5)' for k in range(500))}'}}\n" for i in range(n)) + \
            f"reactions: {{r: {{makes: x, rate: k*({'+'.join(f'q{i}' for i in range(n))})}}}}\n"
    take(lab, model(20), 0)
    take(lab, model(21), 3, "10500 conditions, more than 10000")
    take(lab, model(20), 0, command=("show",))


def two_thousand_states_are_read_shown_and_compiled(lab):
    states = "states:\n" + "".join(f"  x{i}: {{initial: 1, unit: 1, rate: k*(x{(i + 1) % 2000} - x{i})}}\n" for i in range(2000))
    take(lab, HEAD + states, 0)
    take(lab, HEAD + states, 0, command=("show", "--stage", "jacobian"))


def half_a_million_derivatives_are_compiled(lab):
    sums = "+".join(f"x{i}" for i in range(300))
    states = "states:\n" + "".join(f"  x{i}: {{initial: 1, unit: 1, rate: k*exp(s/{i + 2})}}\n" for i in range(300))
    take(lab, HEAD + f"quantities: {{s: {{is: {sums}, unit: 1}}}}\n" + states, 0, command=("show", "--stage", "tape"))


# ---- Experiments ----

def states_that_all_depend_on_each_other_are_too_many(lab):
    """Compiled and shown, but a step of the integrator would take gigabytes: refused before it has them."""
    for n, code in ((300, 0), (400, 3)):
        total = " + ".join(f"x{i}" for i in range(n))
        states = "\n".join(f"  x{i}: {{initial: 1, unit: 1, rate: k*(total - {n + 1}*x{i})}}" for i in range(n))
        lab.write("models/dense.yaml", "model: dense\ntime: day\nparameters: {k: {value: 1e-3, unit: 1/day, source: made up}}\n"
                  f"quantities: {{total: {{is: {total}, unit: 1}}}}\nstates:\n{states}\nphenotypes: {{X: {{is: x0, unit: 1}}}}\n")
        take(lab, "experiment: e\nmodel: dense\nmeasure: [1 day]\nanimals: 1\ncohorts: {wt: {}}\n", code, "" if code == 0 else
             f"too many of the model's {n} states depend on each other: a step of the integrator takes more than 16777216 operations",
             ["run", "-q", "--db", f"{n}.db"])


def sweeps_of_a_million_values_are_read(lab):
    many = ", ".join(map(str, range(99)))
    body = ", ".join(["{parameter: k_in, value: x2, from: 1 wk}"] * 12)
    text = EXPERIMENT + f"cohorts: {{wt: {{}}}}\nsweep: {{'a{{i}}-{{k}}': {{over: {{i: [{many}], k: [{many}]}}, perturb: [{body}]}}}}\n"
    take(lab, text, 0)
    take(lab, text, 0, command=("run", "--dry-run"))


def a_million_doses_are_read(lab):
    text = EXPERIMENT + "cohorts:\n  wt: {}\n  t: {treatments: [{drug: OYC1, dose: 1 mg, from: 1 day, every: 1e-5 day, times: 1000000}]}\n"
    take(lab, text, 0)
    take(lab, text, 0, command=("run", "--dry-run"))


def many_cohorts_of_a_million_doses_are_refused(lab):
    one = "{treatments: [{drug: OYC1, dose: 1 mg, from: 1 day, every: 1 day, times: 1000000}]}"
    take(lab, EXPERIMENT + "cohorts:\n" + "".join(f"  c{i}: {one}\n" for i in range(5000)), 3, "more than 1000000 doses")


def doses_that_are_refused_are_not_written_down(lab):
    one = "{drug: OYC1, dose: 1 mg, from: 1 wk, every: 1 day, times: 600000}"
    for body in (f"{one}, {one}", f"{one}, {{drutimes: 600000}}"):
        _, mib = take(lab, EXPERIMENT + f"cohorts: {{wt: {{}}, t: {{treatments: [{body}]}}}}\n", 3)
        holds(mib <= 150 * (3 if SLOW > 1 else 1), f"took {mib:.0f} MiB")   # 600,000 doses in a growing array; 230 with their descriptions


def doses_of_cohorts_that_no_model_expresses_are_limited_in_total(lab):
    one = "{genotype: {Nope: -/-}, treatments: [{drug: OYC1, dose: 1 mg, from: 1 wk, every: 1 day, times: 500000}]}"
    take(lab, EXPERIMENT.replace("model: tiny", "models: [tiny]") + "cohorts:\n  wt: {}\n" + "".join(f"  c{i}: {one}\n" for i in range(10)), 3,
         "more than 1000000 doses")


def cohorts_animals_doses_and_sweeps_are_limited_over_all_models(lab):
    tiny = (lab.folder / "models/tiny.yaml").read_text()
    for i in range(100):
        lab.write(f"models/tiny{i}.yaml", tiny.replace("model: tiny", f"model: tiny{i}", 1))
    head = EXPERIMENT.replace("model: tiny", f"models: [{', '.join(f'tiny{i}' for i in range(100))}]")
    doses = "{treatments: [{drug: OYC1, dose: 1 mg, from: 1 wk, every: 1 day, times: 20000}]}"
    values = ", ".join(map(str, range(99)))
    body = ", ".join(["{parameter: k_in, value: x2, from: 1 wk}"] * 12)
    hint = "the cohorts of every model count"
    take(lab, head.replace("[tiny0", "[tiny, tiny0") + "cohorts: {wt: {}}\n", 3, "'models' names no model, or more than 100")
    take(lab, head + "cohorts: {" + ", ".join(f"c{i}: {{}}" for i in range(100)) + "}\n", 0)
    for cohorts, said in (("cohorts: {" + ", ".join(f"c{i}: {{}}" for i in range(101)) + "}\n", "more than 10000 cohorts"),
                          ("cohorts: {wt: {animals: 200000}}\n", "more than 10000000 animals"),
                          (f"cohorts: {{wt: {{}}, t: {doses}}}\n", "more than 1000000 doses")):
        take(lab, head + cohorts, 3, said)
        take(lab, head + cohorts, 3, hint)
    take(lab, head + f"cohorts: {{wt: {{}}}}\nsweep: {{'a{{i}}': {{over: {{i: [{values}]}}, perturb: [{body}, {body}]}}}}\n", 3,
         "the sweeps are more than 1000000 values")


def a_list_of_more_than_100000_times_is_refused(lab):
    take(lab, f"experiment: e\nmodel: tiny\nmeasure: [{', '.join(f'{i} day' for i in range(100001))}]\ncohorts: {{wt: {{}}}}\n", 3,
         "'measure' has 100001 times, more than 100000")


def ten_thousand_cohorts_with_every_site_are_read(lab):
    text = EXPERIMENT + "settings: {site: [femur, L3]}\ncohorts:\n" + "".join(f"  c{i}: {{}}\n" for i in range(10000))
    take(lab, text, 0)
    take(lab, text + "  one-more: {}\n", 3, "more than 10000 cohorts")


def nine_hundred_outputs_are_the_most(lab):
    lab.write("models/m.yaml", HEAD + "states:\n" + "".join(f"  x{i}: {{initial: 1, unit: 1, rate: k}}\n" for i in range(901)))
    for n, code, said in ((900, 0, ""), (901, 3, "the experiment has 901 outputs, more than 900")):
        take(lab, EXPERIMENT.replace("tiny", "m") + f"record: [{', '.join(f'x{i}' for i in range(n))}]\ncohorts: {{wt: {{}}}}\n", code, said)


def ninety_thousand_recorded_names_are_refused(lab):
    take(lab, EXPERIMENT + "record: [" + ", ".join(f"bon{i}" for i in range(90000)) + "]\ncohorts: {wt: {}}\n", 3)


def a_hundred_models_with_thousands_of_keys_of_their_own_are_refused(lab):
    own = ", ".join(f"k{i}: 1" for i in range(900))
    take(lab, "experiment: e\n" + "".join(f"m{i}: 1\n" for i in range(5000)) + "models:\n" + "".join(f"  m{i}: {{{own}}}\n" for i in range(100)), 3)


def a_model_that_is_no_file_is_not_waited_for(lab):
    os.mkfifo(lab.folder / "models" / "pipe.yaml")
    start = time.monotonic()
    for name in ("pipe", "models/pipe.yaml", "/dev/zero", "/dev/tty", "models"):
        take(lab, EXPERIMENT.replace("tiny", name) + "cohorts: {wt: {}}\n", 3)
    holds(time.monotonic() - start < 20 * SLOW, "somebody was waited for")


if __name__ == "__main__":
    sys.exit(tap.main(Lab))
