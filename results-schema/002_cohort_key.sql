-- Schema 2: what a cohort's numbers follow from, so that another run with the same cohort takes them over; and which run was asked
-- for last, since a run that is found again is not the one with the largest id.
-- Cohorts of schema 1 keep the key '', which is nobody's.

ALTER TABLE cohort ADD COLUMN key TEXT NOT NULL DEFAULT '';
CREATE INDEX cohort_key ON cohort (key);
ALTER TABLE run ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
UPDATE run SET asked = run_id;
