/* SPDX-License-Identifier: Apache-2.0
 *
 * No verdict on a cohort that lacks too many of its animals, from the small store of fake_store.h.
 */
#include <string.h>

#include "support/fake_store.h"
#include "compare/compare.h"
#include "support/arena.h"
#include "support/near.h"

/* One of four failed, two are not stored yet: as long as the share that may be missing is as large, there is a verdict.
 * One of a cohort with none missing is judged by any share. */
static void a_cohort_that_lacks_too_many_animals_gets_no_verdict(void **state)
{
    (void)state;
    Store store = full_store();
    const char *site = "distal-femur", *ko = "ocy-RANKL-cKO", *half = "global-KO", *all = "littermate";
    const struct {
        const char *test, *control;
        double missing;
        const char *reason; /* NULL: judged */
    } cases[] = {
        {ko, all, 0.25, NULL},
        {ko, all, 0.24, "1 of 4 animals of 'ocy-RANKL-cKO' failed: no verdict when more than 24 % are missing"},
        {ko, all, 0.05, "1 of 4 animals of 'ocy-RANKL-cKO' failed: no verdict when more than 5 % are missing"},
        {all, ko, 0.05, "1 of 4 animals of 'ocy-RANKL-cKO' failed: no verdict when more than 5 % are missing"},
        {half, all, 0.5, NULL},
        {half, all, 0.4, "2 of 4 animals of 'global-KO' are stored yet: no verdict when more than 40 % are missing"},
        {all, all, 0.0, NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        ReferenceRow row = {.id = "A",
                            .metric = "BV/TV",
                            .statistic = STATISTIC_RATIO_OF_MEANS,
                            .test = {cases[i].test, site, 168},
                            .compares = true,
                            .control = {cases[i].control, site, 168},
                            .target = 3,
                            .low = 2.5,
                            .high = 3.5,
                            .cite = "x"};
        Reference reference = {.name = "osteopetrosis", .rows = &row, .n_rows = 1};
        const Verdict *verdicts = NULL;
        Err err = {0};
        assert_true(verdicts_read(arena, &store, 1, &reference, cases[i].missing, &verdicts, &err));
        assert_int_equal(verdicts[0].outcome == OUTCOME_MISSING, cases[i].reason != NULL);
        if (cases[i].reason != NULL)
            assert_string_equal(verdicts[0].reason, cases[i].reason);
        assert_int_equal(verdicts_pass(verdicts_count(verdicts, 1), false), verdicts[0].outcome == OUTCOME_AGREES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cohort_that_lacks_too_many_animals_gets_no_verdict),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
