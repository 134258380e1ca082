-- What people query. Two more views, `measurement` and `phenotype`, name the columns of each metric and are made by the writer
-- (runner/store/views.c).
-- Made anew after every migration.

DROP VIEW IF EXISTS across_models;
DROP VIEW IF EXISTS steady_start;
DROP VIEW IF EXISTS failure;
DROP VIEW IF EXISTS versus_control;
DROP VIEW IF EXISTS cohort_summary;
DROP VIEW IF EXISTS recording;

-- The casts: JSON writes 3.0 as 3, and SQL divides whole numbers as such.
CREATE VIEW recording AS
SELECT run.run_id, run.experiment, cohort.cohort, animal.number AS animal, metric.metric, metric.unit, series.site,
       CAST(age.value AS REAL) AS age_d, age.value / 7.0 AS age_wk, CAST(reading.value AS REAL) AS value
FROM series
JOIN metric USING (metric_id)
JOIN animal USING (animal_id)
JOIN cohort USING (cohort_id)
JOIN run ON run.run_id = cohort.run_id
JOIN json_each(series.ages_json) AS age
JOIN json_each(series.values_json) AS reading ON reading.key = age.key;

-- From the table `summary` where the cohort is in it, else from the values.
CREATE VIEW cohort_summary AS
WITH ranked AS (
    SELECT cohort.cohort_id, measurement.metric_id, measurement.site, measurement.age_d, measurement.value,
           row_number() OVER point AS place,
           count(*) OVER (PARTITION BY cohort.cohort_id, measurement.metric_id, measurement.site, measurement.age_d) AS n,
           avg(measurement.value) OVER (PARTITION BY cohort.cohort_id, measurement.metric_id, measurement.site,
                                        measurement.age_d) AS mean
    FROM cohort
    CROSS JOIN animal USING (cohort_id)
    CROSS JOIN measurement USING (animal_id)
    WHERE measurement.value IS NOT NULL AND cohort.cohort_id NOT IN (SELECT cohort_id FROM summary)
    WINDOW point AS (PARTITION BY cohort.cohort_id, measurement.metric_id, measurement.site, measurement.age_d
                     ORDER BY measurement.value)
), moment AS (
    SELECT cohort_id, metric_id, site, age_d, n, mean,
           CASE WHEN n > 1 THEN sqrt(sum((value - mean) * (value - mean)) / (n - 1)) END AS sd,
           -- quantiles by linear interpolation between order statistics: place 1 + p (n - 1), type 7 of Hyndman and Fan 1996
           sum(value * max(0.0, 1.0 - abs(place - (1 + 0.25 * (n - 1))))) AS q1,
           sum(value * max(0.0, 1.0 - abs(place - (1 + 0.50 * (n - 1))))) AS median,
           sum(value * max(0.0, 1.0 - abs(place - (1 + 0.75 * (n - 1))))) AS q3
    FROM ranked
    GROUP BY cohort_id, metric_id, site, age_d
    UNION ALL
    SELECT cohort_id, metric_id, site, age_d, n, mean, sd, q1, median, q3 FROM summary
)
SELECT run.run_id, run.experiment, cohort.cohort, metric.metric, metric.unit, moment.site, moment.age_d,
       moment.age_d / 7.0 AS age_wk, moment.n, moment.mean, moment.sd, moment.sd / sqrt(moment.n) AS sem,
       moment.sd / nullif(abs(moment.mean), 0.0) AS cv, moment.q1, moment.median, moment.q3,
       cohort.cohort_id, cohort.control_id, metric.metric_id
FROM moment
JOIN cohort USING (cohort_id)
JOIN metric USING (metric_id)
JOIN run ON run.run_id = cohort.run_id;

CREATE VIEW versus_control AS
WITH pair AS (
    SELECT own.*, control.cohort AS control, control.n AS n_control, control.mean AS mean_control, control.sd AS sd_control
    FROM cohort_summary AS own
    JOIN cohort_summary AS control
      ON control.cohort_id = own.control_id AND control.metric_id = own.metric_id AND control.site = own.site
     AND control.age_d = own.age_d
    WHERE own.control_id <> own.cohort_id
)
SELECT run_id, experiment, cohort, control, metric, unit, site, age_d, age_wk, n, n_control, mean, mean_control,
       mean / nullif(mean_control, 0.0) AS ratio, mean - mean_control AS difference,
       -- Hedges' g: difference over the pooled standard deviation, times the small-sample factor 1 - 3/(4 (n + m) - 9)
       (1.0 - 3.0 / (4.0 * (n + n_control) - 9.0)) * (mean - mean_control)
       / nullif(sqrt(((n - 1) * sd * sd + (n_control - 1) * sd_control * sd_control) / (n + n_control - 2)), 0.0)
       AS hedges_g
FROM pair;

CREATE VIEW failure AS
SELECT run.run_id, run.experiment, cohort.cohort, animal.number AS animal, animal.failure, animal.parameters_json
FROM animal
JOIN cohort USING (cohort_id)
JOIN run ON run.run_id = cohort.run_id
WHERE animal.status = 'failed';

-- One design asked of several models: a row for each cohort, phenotype, site and age of each model, and one for each cohort that a model
-- cannot express.
CREATE VIEW across_models AS
WITH summary AS MATERIALIZED (SELECT * FROM cohort_summary)
SELECT run.run_id, run.experiment, run.model, own.cohort, own.metric, own.unit, own.site, own.age_d, own.age_wk, own.n, own.mean,
       control.mean AS mean_control, own.mean / nullif(control.mean, 0.0) AS ratio, own.mean - control.mean AS difference,
       NULL AS cannot_express
FROM summary AS own
JOIN run USING (run_id)
JOIN metric ON metric.metric_id = own.metric_id AND metric.kind <> 'recorded'
LEFT JOIN summary AS control
  ON control.cohort_id = own.control_id AND control.metric_id = own.metric_id AND control.site = own.site AND control.age_d = own.age_d
UNION ALL
SELECT run.run_id, run.experiment, run.model, unexpressed.cohort, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL,
       unexpressed.reason
FROM unexpressed
JOIN run USING (run_id);

-- How the steady state was found that an animal starts at.
CREATE VIEW steady_start AS
SELECT run.run_id, run.experiment, cohort.cohort, animal.number AS animal, start.key AS site, start.value ->> 'method' AS method,
       start.value ->> 'steps' AS steps, start.value ->> 'residual' AS residual, start.value ->> 'slowest' AS slowest,
       start.value ->> 'time_constant' AS time_constant
FROM animal
JOIN cohort USING (cohort_id)
JOIN run ON run.run_id = cohort.run_id
JOIN json_each(animal.start_json) AS start;
