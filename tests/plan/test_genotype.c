/* SPDX-License-Identifier: Apache-2.0
 *
 * The expression of a gene at a site: the table of DESIGN 3.3.
 */
#include "support/near.h"

#include "plan/genotype.h"

static void levels_follow_from_alleles_recombination_and_transgenes(void **state)
{
    (void)state;
    static const struct {
        const char *row, *alleles;
        double endogenous, recombined, extra, level;
    } rows[] = {
        {"wild type", "+/+", 1, 0, 0, 1},
        {"wild type with a driver", "+/+", 1, 0.8, 0, 1},
        {"heterozygote", "+/-", 1, 0, 0, 0.5},
        {"heterozygote the other way round", "-/+", 1, 0, 0, 0.5},
        {"heterozygote with a driver", "+/-", 1, 0.8, 0, 0.5},
        {"germline knockout", "-/-", 1, 0, 0, 0},
        {"germline knockout with a driver", "-/-", 1, 0.8, 0, 0},
        {"floxed without driver", "fl/fl", 1, 0, 0, 1},
        {"floxed, partly recombined", "fl/fl", 1, 0.75, 0, 0.25},
        {"floxed, wholly recombined", "fl/fl", 1, 1, 0, 0},
        {"floxed over null without driver", "fl/-", 1, 0, 0, 0.5},
        {"floxed over null with driver", "fl/-", 1, 0.75, 0, 0.125},
        {"floxed over wild type with driver", "fl/+", 1, 0.75, 0, 0.625},
        {"del is null", "fl/del", 1, 0.75, 0, 0.125},
        {"KO is null", "KO/KO", 1, 0, 0, 0},
        {"transgene on wild type", "+/+", 1, 0, 9, 10},
        {"transgene on knockout", "-/-", 1, 0, 9, 9},
        {"ectopic site in the wild type", "+/+", 0, 0, 0, 0},
        {"ectopic site with a transgene", "+/+", 0, 0, 9, 9},
        {"a one-fold transgene adds nothing", "+/+", 1, 0, 0, 1},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        Allele alleles[2];
        assert_true(alleles_parse(rows[i].alleles, alleles));
        double level = genotype_level(rows[i].endogenous, alleles, rows[i].recombined, rows[i].extra);
        assert_near(rows[i].row, level, rows[i].level, 0.0, 0.0); /* halves and quarters are exact */
    }
}

static void an_efficiency_of_zero_is_the_wild_type_exactly(void **state)
{
    (void)state;
    Allele alleles[2];
    assert_true(alleles_parse("fl/fl", alleles));
    assert_near("fl/fl, 0", genotype_level(1.0, alleles, 0.0, 0.0), 1.0, 0.0, 0.0);
    assert_near("no driver, then b", genotype_recombined_by_both(0.0, 0.37), 0.37, 0.0, 0.0);
}

static void what_is_left_lies_between_knockout_and_wild_type(void **state)
{
    (void)state;
    Allele alleles[2];
    assert_true(alleles_parse("fl/fl", alleles));
    double before = 1.0;
    for (double f = 0.05; f <= 1.0; f += 0.05) {
        double level = genotype_level(1.0, alleles, f, 0.0);
        assert_true(level < before && level >= 0.0);
        before = level;
    }
}

static void drivers_in_a_row_delete_what_the_first_left(void **state)
{
    (void)state;
    assert_near("half of half", genotype_recombined_by_both(0.5, 0.5), 0.75, 0.0, 0.0);
    assert_near("all", genotype_recombined_by_both(1.0, 0.3), 1.0, 0.0, 0.0);
}

static void other_notations_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "+", "/", "fl/", "/fl", "fl/x", "fl/fl/fl", "fl /fl", "FL/FL", "+/+ "};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        Allele alleles[2] = {ALLELE_NULL, ALLELE_NULL};
        assert_false(alleles_parse(texts[i], alleles));
        assert_int_equal(alleles[0], ALLELE_NULL); /* untouched */
        assert_int_equal(alleles[1], ALLELE_NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_follow_from_alleles_recombination_and_transgenes),
        cmocka_unit_test(an_efficiency_of_zero_is_the_wild_type_exactly),
        cmocka_unit_test(what_is_left_lies_between_knockout_and_wild_type),
        cmocka_unit_test(drivers_in_a_row_delete_what_the_first_left),
        cmocka_unit_test(other_notations_are_refused),
    };
    return cmocka_run_group_tests_name("plan/genotype", tests, NULL, NULL);
}
