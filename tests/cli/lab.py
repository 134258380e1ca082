# SPDX-License-Identifier: Apache-2.0
"""A folder with the tiny models in models/, the program, and ways to look into a database."""
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

from tap import equal, holds

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CASES = SOURCE / "tests" / "cases"
# The only columns that may differ between two runs of the same command.
CLOCKS = frozenset({("run", "started_at"), ("run", "finished_at")})
COMMAND = frozenset({("run", "command")})

TINY = """\
experiment: tiny-knockout
model: tiny
animals: 20
seed: 1
measure: [1 day, 5 day]
cohorts:
  wild-type: {}
  knockout: {genotype: {Tnfsf11: -/-}}
  conditional: {genotype: {Tnfsf11: fl/fl, cre: Dmp1-Cre}}
"""

# Some of its animals cannot be integrated.
FRAGILE = "experiment: fragile-run\nmodel: fragile\nanimals: 40\nseed: 3\nmeasure: [1 day, 40 day, 80 day]\ncohorts: {a: {}, b: {}}\n"


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}"


class Lab:
    program = str(pathlib.Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else "marblebone"

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(CASES / "models", folder / "models")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return name

    @staticmethod
    def environment(**more):
        """Nothing of the tester's own settings but where tools are and what sanitizers want."""
        kept = {k: v for k, v in os.environ.items() if k == "PATH" or k.endswith("SAN_OPTIONS")}
        return {**kept, "LC_ALL": "C", **more}

    def start(self, *args, cwd=None, env=None, **more):
        return subprocess.Popen([self.program, *map(str, args)], cwd=cwd or self.folder, env=self.environment(**(env or {})),
                                stdin=subprocess.DEVNULL, **more)

    def call(self, *args, code=None, timeout=120, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more):
        """Runs the program to its end. `code`: the exit code that it must have."""
        process = self.start(*args, stdout=stdout, stderr=stderr, **more)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise AssertionError(f"{' '.join(map(str, args))}: not done after {timeout} s") from None
        result = Result(process.returncode, (out or b"").decode(), (err or b"").decode())
        if code is not None:
            equal(result.code, code, f"exit code of {' '.join(map(str, args))}\n{result!r}\n")
        return result

    def connect(self, db="results.db"):
        """As a user's sqlite3 opens it: a run killed while it made the database leaves a journal, which only a writer may roll back."""
        return sqlite3.connect(f"file:{self.folder / db}?mode=rw", uri=True)

    def ask(self, sql, *values, db="results.db"):
        connection = self.connect(db)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def one(self, sql, *values, db="results.db"):
        rows = self.ask(sql, *values, db=db)
        equal(len(rows), 1, f"rows of {sql}")
        return rows[0][0]

    def tables(self, db="results.db"):
        return [name for name, in self.ask("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", db=db)]

    def dump(self, db="results.db", but=frozenset()):
        """The schema and every row of every table, in an order of its own, but for the clocks and the columns of `but`."""
        connection = self.connect(db)
        try:
            lines = [repr(row) for row in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema "
                                                             "WHERE type <> 'index' ORDER BY type, name")]
            for table in self.tables(db):
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")
                           if (table, row[1]) not in CLOCKS | but]
                holds(columns, f"{table} has no columns")
                listed = ", ".join(f'"{column}"' for column in columns)
                lines += [f"{table} {row!r}" for row in
                          connection.execute(f"SELECT {listed} FROM {table} ORDER BY {listed}")]
            return lines
        finally:
            connection.close()

    def values(self, db="results.db", run=1):
        """{cohort: every value of its animals by animal, metric, site and age, to the last bit, and how each animal ended}."""
        found = {}
        for source in ("SELECT cohort.cohort, animal.number, metric.metric, site, age_d, value, truth FROM measurement "
                       "JOIN metric USING (metric_id) JOIN animal USING (animal_id) JOIN cohort USING (cohort_id) "
                       "WHERE cohort.run_id = ?1",
                       "SELECT cohort.cohort, animal.number, metric.metric, site, ages_json, values_json FROM series "
                       "JOIN metric USING (metric_id) JOIN animal USING (animal_id) JOIN cohort USING (cohort_id) "
                       "WHERE cohort.run_id = ?1",
                       "SELECT cohort, number, status, failure, parameters_json, steps FROM animal "
                       "JOIN cohort USING (cohort_id) WHERE cohort.run_id = ?1"):
            for cohort, *rest in self.ask(source, run, db=db):
                found.setdefault(cohort, []).append(tuple(map(repr, rest)))
        return {cohort: sorted(rows) for cohort, rows in found.items()}

    def check_integrity(self, db="results.db"):
        equal(self.ask("PRAGMA integrity_check", db=db), [("ok",)], "integrity")
        equal(self.ask("PRAGMA foreign_key_check", db=db), [], "foreign keys")
