/* SPDX-License-Identifier: Apache-2.0
 *
 * The view `phenotype`: one row an animal, site and age; one column a metric. SQL cannot have columns that depend on
 * rows, so this one statement is put together here, with every name quoted by SQLite itself (%w, %Q).
 */
#include "store/store_priv.h"

static bool add_columns(Store *store, sqlite3_str *sql, Err *reterr)
{
    SCOPED(statement_close) sqlite3_stmt *names = NULL;
    bool row = true;
    if (!store_prepare(store, &names, reterr, "SELECT metric FROM metric GROUP BY metric ORDER BY min(metric_id)", ""))
        return false;
    while (row) {
        if (!store_step(store, names, &row, reterr))
            return false;
        const char *name = row ? (const char *)sqlite3_column_text(names, 0) : NULL;
        if (row)
            sqlite3_str_appendf(sql, ",\n max(value) FILTER (WHERE metric = %Q) AS \"%w\"", name, name);
    }
    return true;
}

bool store_make_phenotype_view(Store *store, Err *reterr)
{
    sqlite3_str *sql = sqlite3_str_new(store->db);
    sqlite3_str_appendall(sql, "DROP VIEW IF EXISTS phenotype;\n"
                               "CREATE VIEW phenotype AS\n"
                               "SELECT run.run_id, run.experiment, cohort.cohort, animal.number AS animal,\n"
                               " cohort.genotype AS genotype, measurement.site, measurement.age_d,\n"
                               " measurement.age_d / 7.0 AS age_wk");
    bool made = add_columns(store, sql, reterr);
    sqlite3_str_appendall(sql, "\nFROM measurement JOIN metric USING (metric_id) JOIN animal USING (animal_id)\n"
                               " JOIN cohort USING (cohort_id) JOIN run ON run.run_id = cohort.run_id\n"
                               "GROUP BY measurement.animal_id, measurement.site, measurement.age_d");
    char *text = sqlite3_str_finish(sql);
    if (made && text == NULL)
        made = err_set(reterr, ERR_STORE, "cannot make the view of '%s': out of memory", store->path);
    made = made && store_execute(store, "make the view of", text, reterr);
    sqlite3_free(text);
    return made;
}
