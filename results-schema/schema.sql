-- The results database of marblebone. results-schema/README.md says what every column means.
--
-- A section "-- Schema N: what is new" holds the SQL that turns a database of schema N - 1 into one of schema N. A new file goes through
-- all sections, an old file through those that it lacks. A section that was released is never edited: write a new one at the end.


-- Schema 1: the tables.
-- Ids are given by the writer, not counted by SQLite: they follow from the order of the design, so that an interrupted and
-- resumed run ends with the same bytes as one that went through.

CREATE TABLE file (
    file_id INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL CHECK (kind IN ('experiment', 'model', 'drivers')),
    sha256  TEXT NOT NULL,
    name    TEXT NOT NULL,
    text    TEXT NOT NULL,
    UNIQUE (kind, sha256)
) STRICT;

CREATE TABLE run (
    run_id        INTEGER PRIMARY KEY,
    key           TEXT NOT NULL UNIQUE,
    experiment    TEXT NOT NULL,
    question      TEXT NOT NULL,
    model         TEXT NOT NULL,
    experiment_file_id INTEGER NOT NULL REFERENCES file,
    model_file_id      INTEGER NOT NULL REFERENCES file,
    drivers_file_id    INTEGER REFERENCES file,
    seed          INTEGER NOT NULL,
    rtol          REAL NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('running', 'partial', 'complete')),
    command       TEXT NOT NULL,
    experiment_path TEXT NOT NULL,
    model_path      TEXT NOT NULL,
    drivers_path    TEXT,
    host          TEXT NOT NULL,
    started_at    TEXT NOT NULL,
    finished_at   TEXT
) STRICT;

CREATE TABLE run_version (
    run_id INTEGER NOT NULL REFERENCES run,
    name   TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE cohort (
    cohort_id      INTEGER PRIMARY KEY,
    run_id         INTEGER NOT NULL REFERENCES run,
    position       INTEGER NOT NULL,
    cohort         TEXT NOT NULL,
    control_id     INTEGER NOT NULL REFERENCES cohort DEFERRABLE INITIALLY DEFERRED,
    n_animals      INTEGER NOT NULL,
    first_animal_id INTEGER NOT NULL,
    genotype       TEXT NOT NULL,
    genotype_json  TEXT NOT NULL CHECK (json_valid(genotype_json)),
    treatment      TEXT NOT NULL,
    treatment_json TEXT NOT NULL CHECK (json_valid(treatment_json)),
    settings_json  TEXT NOT NULL CHECK (json_valid(settings_json)),
    changes        INTEGER NOT NULL DEFAULT 0,
    UNIQUE (run_id, cohort)
) STRICT;

CREATE TABLE unexpressed (
    run_id   INTEGER NOT NULL REFERENCES run,
    position INTEGER NOT NULL,
    cohort   TEXT NOT NULL,
    reason   TEXT NOT NULL,
    PRIMARY KEY (run_id, cohort)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric (
    metric_id INTEGER PRIMARY KEY,
    run_id    INTEGER NOT NULL REFERENCES run,
    position  INTEGER NOT NULL,
    metric    TEXT NOT NULL,
    unit      TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('phenotype', 'recorded', 'trait')),
    about     TEXT NOT NULL,
    at_d      REAL,
    column_number INTEGER NOT NULL,
    UNIQUE (run_id, metric)
) STRICT;

CREATE TABLE animal (
    animal_id  INTEGER PRIMARY KEY,
    cohort_id  INTEGER NOT NULL REFERENCES cohort,
    number     INTEGER NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('done', 'failed')),
    failure    TEXT CHECK ((failure IS NULL) = (status = 'done')),
    parameters_json TEXT NOT NULL CHECK (json_valid(parameters_json)),
    steps      INTEGER NOT NULL,
    rate_evaluations     INTEGER NOT NULL,
    jacobian_evaluations INTEGER NOT NULL,
    newton_iterations    INTEGER NOT NULL,
    start_json TEXT CHECK (start_json IS NULL OR json_valid(start_json)),
    UNIQUE (cohort_id, number)
) STRICT;

-- The writer adds columns, value_N and truth_N REAL for each metric.column_number N (runner/store/views.c).
CREATE TABLE reading (
    reading_id INTEGER PRIMARY KEY,
    animal_id  INTEGER NOT NULL AS (reading_id >> 20) REFERENCES animal,
    site       TEXT NOT NULL,
    age_d      REAL NOT NULL,
    measured   INTEGER NOT NULL
) STRICT;

CREATE TABLE series (
    metric_id INTEGER NOT NULL REFERENCES metric,
    animal_id INTEGER NOT NULL REFERENCES animal,
    site      TEXT NOT NULL,
    ages_json   TEXT NOT NULL CHECK (json_valid(ages_json)),
    values_json TEXT NOT NULL CHECK (json_valid(values_json)),
    PRIMARY KEY (metric_id, animal_id, site)
) STRICT, WITHOUT ROWID;

CREATE TABLE summary (
    cohort_id INTEGER NOT NULL REFERENCES cohort,
    metric_id INTEGER NOT NULL REFERENCES metric,
    site      TEXT NOT NULL,
    age_d     REAL NOT NULL,
    n         INTEGER NOT NULL,
    mean      REAL,
    sd        REAL,
    q1        REAL,
    median    REAL,
    q3        REAL,
    PRIMARY KEY (cohort_id, metric_id, site, age_d)
) STRICT, WITHOUT ROWID;


-- Schema 2: cohort.key says what the numbers of a cohort follow from, so that another run with the same cohort takes its animals over.
-- run.asked says which run was begun last: a run that is begun again is not the one with the largest id.
-- Cohorts of schema 1 get the key '', which no new cohort has.

ALTER TABLE cohort ADD COLUMN key TEXT NOT NULL DEFAULT '';
CREATE INDEX cohort_key ON cohort (key);
ALTER TABLE run ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
UPDATE run SET asked = run_id;
