/* SPDX-License-Identifier: Apache-2.0
 *
 * The views' numbers beside numbers worked out by hand, and results-schema/README.md beside the database it describes.
 * Tolerance 1e-13, relative: sums of at most five short numbers and a few roots lose a few units in the last place.
 */
#include "store/shelf.h"

enum { MAX_VALUES = 5 };
#define NONE ((double)NAN)

/* -- a run whose statistics can be worked out by hand ---------------------------------------------------------- */

typedef struct Group {
    const char *name, *control;
    size_t n;
    double values[MAX_VALUES];
} Group;

static const Group GROUPS[] = {
    {"control", "control", 5, {3, 10, 1, 4, 2}},
    {"four", "control", 4, {16, 2, 8, 4}},
    {"one", "control", 1, {7}},
    {"gap", "control", 3, {5, NONE, 6}},
    {"flat", "flat", 2, {0, 0}},
    {"level", "flat", 3, {-2, -2, -2}},
    {"below", "flat", 2, {-1, -3}},
};
enum { N_GROUPS = ARRAY_LENGTH(GROUPS) };
static const StoreMetric METRIC = {"M", "mg", "", "phenotype", (double)NAN};

static void write_groups(const char *path)
{
    StoreCohort cohorts[N_GROUPS];
    for (size_t i = 0; i < N_GROUPS; i++)
        cohorts[i] = (StoreCohort){GROUPS[i].name, "", GROUPS[i].control, "", "{}", "", "{}", "{}", GROUPS[i].n};
    StoreRun run = mouse_run();
    run.metrics = &METRIC;
    run.n_metrics = 1;
    run.cohorts = cohorts;
    run.n_cohorts = N_GROUPS;
    Store *store = opened(path, false);
    int64_t id = begun(store, run);
    for (size_t i = 0; i < N_GROUPS; i++)
        for (size_t k = 0; k < GROUPS[i].n; k++) {
            Reading reading = one_value(1, 0, "", 84.0, GROUPS[i].values[k], 0.0);
            Animal animal = {i, k, NULL, "{}", .readings = &reading, .n_readings = 1};
            Err err = {0};
            must(store_append(store, id, &animal, 1, &err), &err);
        }
    finish(store, id);
    store_close(&store);
}

/* NULL is NaN. */
static double number_of(const char *path, const char *sql)
{
    double value;
    const char *text = query(path, sql);
    size_t used = number_read(text, &value);
    if (strcmp(text, "NULL\n") == 0)
        return NONE;
    if (used == 0 || text[used] != '\n' || text[used + 1] != '\0')
        fail_msg("'%s' gives '%s'", sql, text);
    return value;
}

typedef struct Cell {
    const char *cohort, *column;
    double want; /* NaN: NULL */
} Cell;

static void assert_cells(const char *path, const char *view, const Cell *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *name = arena_print(arena, "%s of %s", cells[i].column, cells[i].cohort);
        double got = number_of(path, arena_print(arena, "SELECT %s FROM %s WHERE cohort = '%s'", cells[i].column, view,
                                                 cells[i].cohort));
        if (isnan(got) && isnan(cells[i].want))
            continue;
        assert_near(name, got, cells[i].want, 1e-13, 0.0);
    }
}

static void cohort_summary_has_the_numbers_worked_out_by_hand(void **state)
{
    (void)state;
    const Cell cells[] = {
        /* 1 2 3 4 10: deviations -3 -2 -1 0 6, squares 50 */
        {"control", "n", 5},
        {"control", "mean", 4},
        {"control", "sd", sqrt(50.0 / 4)},
        {"control", "sem", sqrt(50.0 / 4 / 5)},
        {"control", "cv", sqrt(50.0 / 4) / 4},
        {"control", "q1", 2},
        {"control", "median", 3},
        {"control", "q3", 4},
        /* 2 4 8 16: deviations -5.5 -3.5 0.5 8.5, squares 115; places 1.75, 2.5 and 3.25 */
        {"four", "n", 4},
        {"four", "mean", 7.5},
        {"four", "sd", sqrt(115.0 / 3)},
        {"four", "sem", sqrt(115.0 / 3 / 4)},
        {"four", "cv", sqrt(115.0 / 3) / 7.5},
        {"four", "q1", 3.5},
        {"four", "median", 6},
        {"four", "q3", 10},
        {"one", "n", 1},
        {"one", "mean", 7},
        {"one", "sd", NONE},
        {"one", "sem", NONE},
        {"one", "cv", NONE},
        {"one", "q1", 7},
        {"one", "median", 7},
        {"one", "q3", 7},
        /* 5, not a number, 6 */
        {"gap", "n", 2},
        {"gap", "mean", 5.5},
        {"gap", "sd", sqrt(0.5)},
        {"gap", "q1", 5.25},
        {"gap", "median", 5.5},
        {"flat", "sd", 0},
        {"flat", "cv", NONE},
        {"level", "cv", 0},
        {"below", "mean", -2},
        {"below", "cv", sqrt(2.0) / 2},
        {"four", "age_d", 84},
        {"four", "age_wk", 12},
    };
    const char *path = in_folder("r.db");
    write_groups(path);
    assert_cells(path, "cohort_summary", cells, ARRAY_LENGTH(cells));
    assert_string_equal(query(path, "SELECT metric, unit, site, experiment FROM cohort_summary WHERE cohort = 'one'"),
                        "M|mg||ocy\n");
    assert_int_equal(number_of(path, "SELECT count(*) FROM cohort_summary"), N_GROUPS);
}

static void versus_control_has_the_numbers_worked_out_by_hand(void **state)
{
    (void)state;
    const double small_sample = 1.0 - 3.0 / (4 * (4 + 5) - 9), pooled = sqrt((115.0 + 50.0) / (4 + 5 - 2));
    const Cell cells[] = {
        {"four", "mean", 7.5},
        {"four", "mean_control", 4},
        {"four", "n", 4},
        {"four", "n_control", 5},
        {"four", "ratio", 7.5 / 4},
        {"four", "difference", 3.5},
        {"four", "hedges_g", small_sample * 3.5 / pooled},
        {"one", "ratio", 7.0 / 4},
        {"one", "difference", 3},
        {"one", "hedges_g", NONE},
        /* n = 2: 1 - 3/(4 * 7 - 9); squares 0.5 and 50 over 2 + 5 - 2 */
        {"gap", "n", 2},
        {"gap", "hedges_g", (1.0 - 3.0 / 19) * 1.5 / sqrt(50.5 / 5)},
        {"level", "ratio", NONE},
        {"level", "difference", -2},
        {"level", "hedges_g", NONE},
        /* squares 2 and 0 over 2 + 2 - 2 */
        {"below", "hedges_g", (1.0 - 3.0 / 7) * -2.0 / sqrt(2.0 / 2)},
    };
    const char *path = in_folder("r.db");
    write_groups(path);
    assert_cells(path, "versus_control", cells, ARRAY_LENGTH(cells));
    assert_string_equal(query(path, "SELECT cohort, control FROM versus_control ORDER BY 1"),
                        "below|flat\nfour|control\ngap|control\nlevel|flat\none|control\n");
}

static void recording_unfolds_the_series_into_numbers(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    write_mouse(path, IN_ORDER, N_ANIMALS);
    assert_string_equal(query(path,
                              "SELECT cohort, animal, metric, unit, site, age_d, age_wk * 7, value, typeof(age_d), "
                              "typeof(value) FROM recording WHERE animal = 1 ORDER BY age_d"),
                        "littermate|1|C|pmol/L|femur|0|0|1.3333333333333333|real|real\n"
                        "littermate|1|C|pmol/L|femur|0.5|0.5|NULL|real|null\n"
                        "littermate|1|C|pmol/L|femur|1|1|1.3333333333333333|real|real\n");
    assert_int_equal(number_of(path, "SELECT count(*) FROM recording"), 12);
    raw_execute(path, "UPDATE series SET values_json = '[3,1,1]' WHERE animal_id = 1");
    assert_near("whole numbers divide", number_of(path, "SELECT value / 2 FROM recording LIMIT 1"), 1.5, 0.0, 0.0);
}

static void failed_animals_are_named_and_counted_and_not_measured(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    write_mouse(path, IN_ORDER, N_ANIMALS);
    assert_string_equal(
        query(path, "SELECT * FROM failure"),
        "1|ocy|ocy-RANKL-cKO|1|too much work at t = 3 day|{\"r0\":0.0057,\"Dmp1-Cre osteocyte\":0.5}\n");
    assert_string_equal(query(path, "SELECT DISTINCT n FROM cohort_summary WHERE cohort = 'ocy-RANKL-cKO'"), "1\n");
    assert_string_equal(query(path, "SELECT DISTINCT animal FROM phenotype WHERE cohort = 'ocy-RANKL-cKO'"), "0\n");
}

static void phenotype_has_a_row_for_each_animal_site_and_age(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    write_mouse(path, IN_ORDER, N_ANIMALS);
    assert_string_equal(query(path, "SELECT * FROM phenotype WHERE animal = 2 ORDER BY site, age_d"),
                        "1|ocy|littermate|2|Tnfsf11 fl/fl|femur|56|8|25.25|29.25|NULL|NULL\n"
                        "1|ocy|littermate|2|Tnfsf11 fl/fl|femur|84|12|27.25|31.25|NULL|NULL\n"
                        "1|ocy|littermate|2|Tnfsf11 fl/fl|vertebra|21|3|NULL|NULL|0|NULL\n"
                        "1|ocy|littermate|2|Tnfsf11 fl/fl|vertebra|56|8|24.25|28.25|NULL|NULL\n"
                        "1|ocy|littermate|2|Tnfsf11 fl/fl|vertebra|84|12|26.25|30.25|NULL|NULL\n");
    assert_int_equal(number_of(path, "SELECT count(*) FROM phenotype"), 4 * 5);
    Store *store = opened(path, false);
    (void)begun(store, other_run());
    store_close(&store);
    assert_string_equal(query(path, "SELECT name FROM pragma_table_info('phenotype') WHERE cid > 7"),
                        "BV/TV\nN.Oc/B.Pm\nteeth\nC\nCTX\n");
    assert_int_equal(number_of(path, "SELECT count(*) FROM phenotype WHERE \"BV/TV\" IS NOT NULL"), 4 * 4);
}

/* Also where the value is no number: that it was read is a fact. */
static void measurement_has_a_row_for_each_metric_that_is_read(void **state)
{
    (void)state;
    static const StoreMetric metrics[] = {
        {"A", "1", "", "phenotype", (double)NAN}, {"early", "1", "", "trait", 21.0}, {"late", "1", "", "trait", 56.0}};
    static const double first[] = {(double)NAN, 1, (double)NAN}, second[] = {2, (double)NAN, 0},
                        third[] = {(double)NAN, (double)NAN, (double)NAN};
    const Reading readings[] = {
        {"", 21.0, false, first, first}, {"", 56.0, true, second, second}, {"", 84.0, true, third, third}};
    const char *path = in_folder("r.db");
    StoreRun run = mouse_run();
    run.metrics = metrics;
    run.n_metrics = ARRAY_LENGTH(metrics);
    Animal animal = {.parameters_json = "{}", .readings = readings, .n_readings = ARRAY_LENGTH(readings)};
    Err err = {0};
    Store *store = opened(path, false);
    (void)begun(store, other_run()); /* so that columns are not those of the first run */
    must(store_append(store, begun(store, run), &animal, 1, &err), &err);
    store_close(&store);
    assert_string_equal(query(path, "SELECT metric, age_d, value, truth FROM measurement JOIN metric USING (metric_id) "
                                    "ORDER BY metric, age_d"),
                        "A|56|2|2\nA|84|NULL|NULL\nearly|21|1|1\nlate|56|0|0\n");
    assert_string_equal(query(path, "SELECT age_d, A, early, late, CTX FROM phenotype ORDER BY age_d"),
                        "21|NULL|1|NULL|NULL\n56|2|NULL|0|NULL\n84|NULL|NULL|NULL|NULL\n");
}

static void more_metrics_than_a_table_has_columns_are_refused(void **state)
{
    (void)state;
    enum { N = 950 };
    static const StoreMetric one_more = {"one more", "1", "", "phenotype", (double)NAN};
    const char *path = in_folder("r.db");
    StoreMetric *metrics = NEW_ARRAY(arena, StoreMetric, N);
    for (size_t i = 0; i < N; i++)
        metrics[i] = (StoreMetric){arena_print(arena, "M%zu", i), "1", "", "phenotype", (double)NAN};
    StoreRun run = mouse_run(), more = other_run();
    run.metrics = metrics;
    run.n_metrics = N;
    more.metrics = &one_more;
    more.n_metrics = 1;
    Store *store = opened(path, false);
    int64_t id = begun(store, run), none = -1;
    Err err = {0};
    assert_refused(store_begin(store, &more, &none, &err), err,
                   "'%s' has 950 metrics and no room for 'one more'; name another file with --db", path);
    Reading reading = one_value(N, N - 1, "", 84.0, 1.5, 1.0);
    Animal animal = {.parameters_json = "{}", .readings = &reading, .n_readings = 1};
    must(store_append(store, id, &animal, 1, &err), &err);
    store_close(&store);
    assert_string_equal(query(path, "SELECT value, truth FROM measurement WHERE metric_id = 950"), "1.5|1\n");
    assert_string_equal(query(path, "SELECT M949 FROM phenotype"), "1.5\n");
}

/* Names come from files that people exchange. */
static void hostile_names_come_back_unharmed(void **state)
{
    (void)state;
    static const char *const names[] = {"'; DROP TABLE run; --",
                                        "\"; DROP TABLE run; --",
                                        "it's",
                                        "a \"quoted\" name",
                                        "%Q %w %s ?1",
                                        "[x]`y`",
                                        "M\xc3\xb6hre \xe9\xaa\xa8 \xf0\x9f\xa6\xb4",
                                        "a|b,c\\d",
                                        " "};
    enum { N = ARRAY_LENGTH(names) };
    const char *path = in_folder("r.db");
    StoreCohort cohorts[N];
    StoreMetric metrics[N];
    double readings[N];
    for (size_t i = 0; i < N; i++) {
        cohorts[i] = (StoreCohort){names[i], names[i], names[i], names[i], "{}", names[i], "{}", "{}", 1};
        metrics[i] = (StoreMetric){names[i], names[i], names[i], "phenotype", (double)NAN};
        readings[i] = (double)i;
    }
    StoreRun run = mouse_run();
    run.experiment.name = run.question = run.command = names[0];
    run.cohorts = cohorts;
    run.metrics = metrics;
    run.n_cohorts = run.n_metrics = N;
    const Reading reading = {names[0], 56.0, true, readings, readings};
    Animal animal = {.parameters_json = "{}", .readings = &reading, .n_readings = 1};
    const double *values;
    size_t n;
    Err err = {0};
    Store *store = opened(path, false);
    int64_t id = begun(store, run);
    must(store_append(store, id, &animal, 1, &err), &err);
    must(store_find_run(store, names[0], NULL, &id, &err), &err);
    for (size_t i = 0; i < N; i++) {
        must(store_values(arena, store, &(StoreSelection){id, names[0], names[i], names[0], 56.0}, &values, &n, &err),
             &err);
        assert_int_equal(n, 1);
        assert_near(names[i], values[0], (double)i, 0.0, 0.0);
        const char *sql = sqlite3_snprintf(400, arena_alloc(arena, 400, 1), "SELECT \"%w\" FROM phenotype", names[i]);
        assert_near(names[i], number_of(path, sql), (double)i, 0.0, 0.0);
    }
    store_close(&store);
    const char *same =
        "SELECT count(*) FROM cohort JOIN metric USING (position) WHERE cohort = metric AND genotype = unit";
    assert_int_equal(number_of(path, same), N);
    assert_sound(path);
}

static void a_metric_may_have_the_name_of_a_column(void **state)
{
    (void)state;
    static const StoreMetric metrics[] = {{"site", "1", "", "phenotype", (double)NAN},
                                          {"x", "1", "", "phenotype", (double)NAN},
                                          {"X", "1", "", "phenotype", (double)NAN}};
    const char *path = in_folder("r.db");
    StoreRun run = mouse_run();
    run.metrics = metrics;
    run.n_metrics = ARRAY_LENGTH(metrics);
    Store *store = opened(path, false);
    (void)begun(store, run);
    store_close(&store);
    assert_string_equal(query(path, "SELECT name FROM pragma_table_info('phenotype') WHERE cid > 7"),
                        "site:1\nx\nX:1\n");
}

/* -- files beside the database --------------------------------------------------------------------------------- */

static void views_can_be_made_anew_after_a_migration(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    write_mouse(path, IN_ORDER, N_ANIMALS);
    const char *before = dump(path);
    raw_execute(path, read_source("results-schema/views.sql"));
    assert_string_equal(dump(path), before);
}

/* "table.column" for each row "| `column` |" below a heading "### `table`", in order. */
static const char *columns_in_readme(void)
{
    Text text = text_new(arena);
    const char *table = "";
    for (const char *line = read_source("results-schema/README.md"); line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        bool heading = strncmp(line, "### `", 5) == 0, row = strncmp(line, "| `", 3) == 0;
        const char *name = line + (heading ? 5 : 3);
        if (strncmp(line, "## ", 3) == 0)
            table = "";
        if (heading)
            table = arena_copy_text(arena, name, strcspn(name, "`"));
        if (row)
            text_print(&text, "%s.%.*s\n", table, (int)strcspn(name, "`"), name);
    }
    return text_string(&text);
}

static void the_dictionary_names_every_column_and_no_other(void **state)
{
    (void)state;
    const char *path = in_folder("r.db");
    Store *store = opened(path, false);
    store_close(&store);
    const char *named = columns_in_readme();
    raw_execute(path, "CREATE TABLE named (line TEXT)");
    for (const char *line = named; *line != '\0'; line += strcspn(line, "\n") + 1)
        raw_execute(path, arena_print(arena, "INSERT INTO named VALUES ('%.*s')", (int)strcspn(line, "\n"), line));
    static const char real[] =
        "SELECT o.name || '.' || c.name AS line FROM sqlite_schema AS o JOIN pragma_table_xinfo(o.name) "
        "AS c WHERE o.type IN ('table', 'view') AND o.name <> 'named'";
    assert_true(number_of(path, arena_print(arena, "SELECT count(*) FROM (%s)", real)) > 100);
    assert_string_equal(query(path, arena_print(arena, "%s EXCEPT SELECT line FROM named", real)), "");
    assert_string_equal(query(path, arena_print(arena, "SELECT line FROM named EXCEPT %s", real)), "");
    assert_string_equal(query(path, "SELECT line FROM named GROUP BY line HAVING count(*) > 1"), "");
}

/* On a database that has something for each of them to find. */
static void every_query_of_the_readme_finds_rows(void **state)
{
    (void)state;
    static const char asked[] = "SELECT cohort, age_wk, n, mean, sd FROM cohort_summary WHERE metric='BV/TV'\n";
    const char *path = in_folder("r.db"), *readme = read_source("results-schema/README.md"), *end;
    size_t n = 0;
    write_mouse(path, IN_ORDER, N_ANIMALS);
    raw_execute(path, "UPDATE run SET experiment = 'osteocyte-rankl-knockout'");
    assert_non_null(strstr(readme, asked));
    for (const char *block = readme; (block = strstr(block, "```sql\n")) != NULL; block = end) {
        block += strlen("```sql\n");
        end = strstr(block, "\n```");
        assert_non_null(end);
        const char *sql = arena_copy_text(arena, block, (size_t)(end - block));
        if (query(path, sql)[0] == '\0')
            fail_msg("no rows: %s", sql);
        n++;
    }
    assert_true(n >= 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(cohort_summary_has_the_numbers_worked_out_by_hand),
        IN_FOLDER(versus_control_has_the_numbers_worked_out_by_hand),
        IN_FOLDER(recording_unfolds_the_series_into_numbers),
        IN_FOLDER(failed_animals_are_named_and_counted_and_not_measured),
        IN_FOLDER(phenotype_has_a_row_for_each_animal_site_and_age),
        IN_FOLDER(measurement_has_a_row_for_each_metric_that_is_read),
        IN_FOLDER(more_metrics_than_a_table_has_columns_are_refused),
        IN_FOLDER(hostile_names_come_back_unharmed),
        IN_FOLDER(a_metric_may_have_the_name_of_a_column),
        IN_FOLDER(views_can_be_made_anew_after_a_migration),
        IN_FOLDER(the_dictionary_names_every_column_and_no_other),
        IN_FOLDER(every_query_of_the_readme_finds_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
