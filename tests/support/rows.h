/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of a reference for the small store of fake_store.h, and the verdicts on them. Include support/arena.h first.
 */
#ifndef MB_TESTS_SUPPORT_ROWS_H
#define MB_TESTS_SUPPORT_ROWS_H

#include "compare/compare.h"

static inline ReferenceRow ratio_row(const char *id, const char *cohort, const char *metric, const char *site,
                                     double age_d)
{
    return (ReferenceRow){.id = id,
                          .metric = metric,
                          .statistic = STATISTIC_RATIO_OF_MEANS,
                          .test = {cohort, site, age_d},
                          .compares = true,
                          .control = {"littermate", site, age_d},
                          .target = 3,
                          .low = 2.5,
                          .high = 3.5,
                          .cite = "x"};
}

static inline const Verdict *read_rows(Store *store, const ReferenceRow *rows, size_t n_rows)
{
    const Verdict *verdicts = NULL;
    Err err = {0};
    Reference *reference = NEW(arena, Reference);
    StoredRun run;
    *reference = (Reference){.name = "osteopetrosis", .rows = rows, .n_rows = n_rows};
    assert_true(stored_run_read(arena, store, 1, &run, &err));
    assert_true(verdicts_read(&run, reference, 1.0, &verdicts, &err));
    return verdicts;
}

#endif
