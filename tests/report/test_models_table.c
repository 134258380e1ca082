/* SPDX-License-Identifier: Apache-2.0
 *
 * One design over two models, byte for byte, from the small store of fake_store.h.
 */
#include <string.h>

#include "support/fake_store.h"

#include "report/report.h"
#include "support/arena.h"
#include "support/near.h"

/* Run 2 has the control alone. */
static void the_models_table_has_a_row_for_each_phenotype_and_a_column_for_each_cohort(void **state)
{
    (void)state;
    static const int64_t runs[] = {1, 2};
    Store store = full_store();
    Text text = text_new(arena);
    Err err = {0};
    assert_true(models_table_show(arena, &store, runs, 2, &text, &err));
    assert_string_equal(
        text_string(&text),
        "ratio to control, in each model at its last age; cannot: the model cannot express it\n"
        "\n"
        "model  phenotype  at                  control  ocy-RANKL-cKO  global-KO  doomed  waiting  OPG-KO  OPG-Tg\n"
        "a      BV/TV      distal-femur 24 wk  11 %     ×3             ×5.55      -       -        cannot  cannot\n"
        "a      BV/TV      L3 8 wk             18 %     ×1.5           -          -       -        cannot  cannot\n"
        "a      Oc.S/BS    distal-femur 24 wk  0.11     ×0.273         ×0         -       -        cannot  cannot\n"
        "b      (all)                                   cannot         cannot     cannot  cannot   cannot  cannot\n"
        "\n"
        "a cannot express OPG-KO, OPG-Tg: 'Tnfrsf11b' is not a gene of the model 'a'\n"
        "b cannot express OPG-KO, OPG-Tg: 'Tnfrsf11b' is not a gene of the model 'a'\n");
    store.fails = true;
    assert_false(models_table_show(arena, &store, runs, 2, &text, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_models_table_has_a_row_for_each_phenotype_and_a_column_for_each_cohort),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
