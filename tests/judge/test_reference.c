/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that a reference file is loaded as it is written, and that each fault in it is diagnosed.
 */
#include <string.h>

#include "judge/reference.h"
#include "support/near.h"

static Arena *arena;
static Units *units;

static int open_all(void **state)
{
    (void)state;
    Err err = {0};
    arena = arena_open();
    units = units_open(&err);
    return units == NULL;
}

static int close_all(void **state)
{
    (void)state;
    units_close(&units);
    arena_close(&arena);
    return 0;
}

static bool build(const char *text, const Reference **ret_reference, Diags *diags)
{
    const YamlNode *root;
    return yaml_parse(arena, "r.yaml", text, strlen(text), &root, diags) &&
           reference_build(arena, root, units, ret_reference, diags);
}

/* The whole of what `check` would show; the result must be untouched when it is an error. */
static const char *shown(const char *text)
{
    const Reference *before = NEW(arena, Reference), *reference = before;
    Diags diags = diags_new(arena);
    bool built = build(text, &reference, &diags);
    assert_int_equal(built, diags.n_errors == 0);
    assert_int_equal(built, reference != before);
    Text all = text_new(arena);
    for (size_t i = 0; i < diags.n; i++)
        diag_show(&diags.list[i], &all);
    return text_string(&all);
}

#define HEAD "reference: osteopetrosis\nrows:\n"
#define ROW HEAD "  - id: A\n    cohort: KO\n    metric: BV/TV\n    evidence: measured\n    cite: Xiong 2015\n"
#define AT "    at: {age: 24 wk}\n"
#define VERSUS "    versus: WT\n"
#define BAND "    expect: {target: 2, low: 1, high: 3}\n"
#define STATISTIC(name) "    statistic: " name "\n"

typedef struct Case {
    const char *text, *want;
} Case;

static void check_cases(const Case *cases, size_t n_cases)
{
    for (size_t i = 0; i < n_cases; i++)
        assert_string_equal(shown(cases[i].text), cases[i].want);
}

static void a_reference_holds_what_its_file_says(void **state)
{
    (void)state;
    const Reference *reference = NULL;
    Diags diags = diags_new(arena);
    assert_true(build("reference: osteopetrosis\n"
                      "experiment: osteocyte-rankl-knockout\n"
                      "about: mice without osteocyte RANKL\n"
                      "rows:\n"
                      "  - id: OCY-04\n"
                      "    cohort: ocy-RANKL-cKO\n"
                      "    versus: littermate\n"
                      "    metric: Oc.S/BS\n"
                      "    at: {age: 24 wk, site: distal-femur}\n"
                      "    statistic: ratio of means\n"
                      "    expect: {target: 0.28, low: 0.10, high: 0.32}\n"
                      "    evidence: digitised\n"
                      "    cite: doi:10.1371/journal.pone.0138189\n"
                      "    about: cancellous osteoclasts\n"
                      "    known: too fast\n",
                      &reference, &diags));
    assert_int_equal(diags.n, 0);
    assert_string_equal(reference->name, "osteopetrosis");
    assert_string_equal(reference->experiment, "osteocyte-rankl-knockout");
    assert_string_equal(reference->about, "mice without osteocyte RANKL");
    assert_int_equal(reference->n_rows, 1);

    const ReferenceRow *row = &reference->rows[0];
    assert_string_equal(row->id, "OCY-04");
    assert_string_equal(row->metric, "Oc.S/BS");
    assert_string_equal(row->test.cohort, "ocy-RANKL-cKO");
    assert_string_equal(row->test.site, "distal-femur");
    assert_near("24 wk", row->test.age_d, 168.0, 0.0, 0.0);
    assert_true(row->compares);
    assert_string_equal(row->control.cohort, "littermate");
    assert_string_equal(row->control.site, "distal-femur");
    assert_near("24 wk", row->control.age_d, 168.0, 0.0, 0.0);
    assert_near("target", row->target, 0.28, 0.0, 0.0);
    assert_near("low", row->low, 0.10, 0.0, 0.0);
    assert_near("high", row->high, 0.32, 0.0, 0.0);
    assert_int_equal(row->evidence, EVIDENCE_DIGITISED);
    assert_string_equal(row->cite, "doi:10.1371/journal.pone.0138189");
    assert_string_equal(row->about, "cancellous osteoclasts");
    assert_string_equal(row->known, "too fast");
    assert_int_equal(row->where.line, 5);
}

static void versus_fills_in_what_it_leaves_out(void **state)
{
    (void)state;
    const Reference *reference = NULL;
    Diags diags = diags_new(arena);
    assert_true(build(HEAD "  - {id: A, cohort: KO, versus: {age: 8 wk}, metric: BV/TV, at: {age: 24 wk},\n"
                           "     statistic: sign, expect: {sign: negative}, evidence: measured, cite: x}\n"
                           "  - {id: B, cohort: KO, versus: {cohort: WT, site: L3}, metric: BV/TV, at: {age: 24 wk},\n"
                           "     since: 36 h, statistic: ratio of changes, expect: {target: 2, low: 1, high: 3},\n"
                           "     evidence: measured, cite: x}\n"
                           "  - {id: C, cohort: KO, metric: tooth-eruption, at: {age: 24 wk}, statistic: absent,\n"
                           "     evidence: qualitative, cite: x}\n",
                      &reference, &diags));
    const ReferenceRow *rows = reference->rows;
    assert_null(reference->experiment);
    assert_null(reference->about);
    assert_int_equal(rows[0].sign, SIGN_NEGATIVE);
    assert_string_equal(rows[0].control.cohort, "KO");
    assert_near("8 wk", rows[0].control.age_d, 56.0, 0.0, 0.0);
    assert_null(rows[0].control.site);
    assert_true(isnan(rows[0].low));
    assert_true(rows[1].changes);
    assert_near("36 h", rows[1].since_d, 1.5, 1e-15, 0.0);
    assert_string_equal(rows[1].control.cohort, "WT");
    assert_string_equal(rows[1].control.site, "L3");
    assert_near("24 wk", rows[1].control.age_d, 168.0, 0.0, 0.0);
    assert_int_equal(rows[2].statistic, STATISTIC_ABSENT);
    assert_false(rows[2].compares);
    assert_null(rows[2].about);
    assert_null(rows[2].known);
}

static void a_faulty_file_as_a_whole_is_diagnosed(void **state)
{
    (void)state;
    static const Case cases[] = {
        {"[]\n", "r.yaml:1:1: error: a reference file must be a map, but it is a list\n"
                 "    1 | []\n"
                 "      | ^\n"
                 "  hint: write it as {key: value}, or as indented lines of 'key: value'  [yaml.wrong-kind]\n"},
        {"reference: x\nrows: []\n", "r.yaml:2:7: error: reference 'x' has no rows\n"
                                     "    2 | rows: []\n"
                                     "      |       ^\n"
                                     "  [reference.no-rows]\n"},
        {"reference: x\nrow: []\n", "r.yaml:2:1: error: unknown key 'row' in a reference file\n"
                                    "    2 | row: []\n"
                                    "      | ^~~\n"
                                    "  hint: did you mean 'rows'?  [yaml.unknown-key]\n"
                                    "r.yaml:1:1: error: reference 'x' has no 'rows'\n"
                                    "    1 | reference: x\n"
                                    "      | ^\n"
                                    "  hint: add 'rows:' to it  [yaml.missing-key]\n"},
        {"rows: 3\n", "r.yaml:1:1: error: this is not a reference file: it has no 'reference'\n"
                      "    1 | rows: 3\n"
                      "      | ^\n"
                      "  hint: a reference file begins with 'reference: <name>'  [reference.not-a-reference]\n"},
        {"reference: x\nrows: 3\n",
         "r.yaml:2:7: error: 'rows' of reference 'x' must be a list, but it is a single value\n"
         "    2 | rows: 3\n"
         "      |       ^\n"
         "  hint: write it as [a, b], or as lines that start with '- '  [yaml.wrong-kind]\n"},
        {"reference: x\nrows: [3]\n",
         "r.yaml:2:8: error: row 1 must be a map, but it is a single value\n"
         "    2 | rows: [3]\n"
         "      |        ^\n"
         "  hint: write it as {key: value}, or as indented lines of 'key: value'  [yaml.wrong-kind]\n"},
        {ROW AT STATISTIC("present") "  - {id: A, cohort: KO, metric: CTX, at: {age: 8 wk}, statistic: present,\n"
                                     "     evidence: measured, cite: x}\n",
         "r.yaml:10:10: error: two rows have the id 'A'\n"
         "   10 |   - {id: A, cohort: KO, metric: CTX, at: {age: 8 wk}, statistic: present,\n"
         "      |          ^\n"
         "  hint: the other one is on line 3  [reference.duplicate-row]\n"},
    };
    check_cases(cases, ARRAY_LENGTH(cases));
}

static void faulty_keys_and_words_of_a_row_are_diagnosed(void **state)
{
    (void)state;
    static const Case cases[] = {
        {HEAD "  - {cohort: KO, metric: CTX, at: {age: 8 wk}, statistic: present, evidence: measured, cite: x}\n",
         "r.yaml:3:5: error: row 1 has no 'id'\n"
         "    3 |   - {cohort: KO, metric: CTX, at: {age: 8 wk}, statistic: present, evidence: measured, cite: x}\n"
         "      |     ^\n"
         "  hint: add 'id:' to it  [yaml.missing-key]\n"},
        {HEAD "  - {id: A, statistic: present, at: {site: L3}, cit: x, evidence: measured}\n",
         "r.yaml:3:49: error: unknown key 'cit' in row 'A'\n"
         "    3 |   - {id: A, statistic: present, at: {site: L3}, cit: x, evidence: measured}\n"
         "      |                                                 ^~~\n"
         "  hint: did you mean 'cite'?  [yaml.unknown-key]\n"
         "r.yaml:3:5: error: row 'A' has no 'cohort'\n"
         "    3 |   - {id: A, statistic: present, at: {site: L3}, cit: x, evidence: measured}\n"
         "      |     ^\n"
         "  hint: add 'cohort:' to it  [yaml.missing-key]\n"
         "r.yaml:3:5: error: row 'A' has no 'metric'\n"
         "    3 |   - {id: A, statistic: present, at: {site: L3}, cit: x, evidence: measured}\n"
         "      |     ^\n"
         "  hint: add 'metric:' to it  [yaml.missing-key]\n"
         "r.yaml:3:5: error: row 'A' has no 'cite'\n"
         "    3 |   - {id: A, statistic: present, at: {site: L3}, cit: x, evidence: measured}\n"
         "      |     ^\n"
         "  hint: add 'cite:' to it  [yaml.missing-key]\n"
         "r.yaml:3:37: error: 'at' of row 'A' has no 'age'\n"
         "    3 |   - {id: A, statistic: present, at: {site: L3}, cit: x, evidence: measured}\n"
         "      |                                     ^\n"
         "  hint: add 'age:' to it  [yaml.missing-key]\n"},
        {ROW AT STATISTIC("ratio of mean"), "r.yaml:9:16: error: 'statistic' of row 'A' cannot be 'ratio of mean'\n"
                                            "    9 |     statistic: ratio of mean\n"
                                            "      |                ^~~~~~~~~~~~~\n"
                                            "  hint: did you mean 'ratio of means'?  [yaml.not-a-word]\n"},
        {ROW AT STATISTIC("present") "    versos: WT\n", "r.yaml:10:5: error: unknown key 'versos' in row 'A'\n"
                                                         "   10 |     versos: WT\n"
                                                         "      |     ^~~~~~\n"
                                                         "  hint: did you mean 'versus'?  [yaml.unknown-key]\n"},
        {HEAD "  - {id: A, cohort: KO, metric: CTX, at: {age: 8 wk}, statistic: present, evidence: seen, cite: x}\n",
         "r.yaml:3:85: error: 'evidence' of row 'A' cannot be 'seen'\n"
         "    3 |   - {id: A, cohort: KO, metric: CTX, at: {age: 8 wk}, statistic: present, evidence: seen, cite: x}\n"
         "      |                                                                                     ^~~~\n"
         "  hint: possible: measured, digitised, qualitative  [yaml.not-a-word]\n"},
        {ROW STATISTIC("present") "    at: 24 wk\n",
         "r.yaml:9:9: error: 'at' of row 'A' must be a map, but it is a single value\n"
         "    9 |     at: 24 wk\n"
         "      |         ^~~~~\n"
         "  hint: write it as {key: value}, or as indented lines of 'key: value'  [yaml.wrong-kind]\n"},
        {ROW STATISTIC("present") "    at: {age: 24 wk, sit: L3}\n",
         "r.yaml:9:22: error: unknown key 'sit' in 'at' of row 'A'\n"
         "    9 |     at: {age: 24 wk, sit: L3}\n"
         "      |                      ^~~\n"
         "  hint: did you mean 'site'?  [yaml.unknown-key]\n"},
    };
    check_cases(cases, ARRAY_LENGTH(cases));
}

static void faulty_ages_are_diagnosed(void **state)
{
    (void)state;
    static const Case cases[] = {
        {ROW STATISTIC("present") "    at: {age: 24 kg}\n",
         "r.yaml:9:15: error: 'age' of row 'A': '24 kg' is not a time\n"
         "    9 |     at: {age: 24 kg}\n"
         "      |               ^~~~~\n"
         "  hint: write a number and a unit of time, such as '24 wk' or '10 day'  [reference.not-a-time]\n"},
        {ROW STATISTIC("present") "    at: {age: 24}\n",
         "r.yaml:9:15: error: 'age' of row 'A': '24' is not a time\n"
         "    9 |     at: {age: 24}\n"
         "      |               ^~\n"
         "  hint: write a number and a unit of time, such as '24 wk' or '10 day'  [reference.not-a-time]\n"},
        {ROW STATISTIC("present") "    at: {age: 24 weks}\n",
         "r.yaml:9:15: error: 'age' of row 'A': '24 weks' is not a unit that UDUNITS-2 knows\n"
         "    9 |     at: {age: 24 weks}\n"
         "      |               ^~~~~~~\n"
         "  hint: did you mean 'weeks'?  [reference.not-a-quantity]\n"},
        {ROW STATISTIC("present") "    at: {age: adult}\n",
         "r.yaml:9:15: error: 'age' of row 'A': 'adult' does not start with a number\n"
         "    9 |     at: {age: adult}\n"
         "      |               ^~~~~\n"
         "  hint: write a number and a unit of time, such as '24 wk' or '10 day'  [reference.not-a-quantity]\n"},
        {ROW STATISTIC("present") "    at: {age: -1 day}\n",
         "r.yaml:9:15: error: 'age' of row 'A': '-1 day' is not a time from 0 on\n"
         "    9 |     at: {age: -1 day}\n"
         "      |               ^~~~~~\n"
         "  [reference.negative-age]\n"},
        {ROW AT STATISTIC("difference") BAND "    versus: {age: 8 mm}\n",
         "r.yaml:11:19: error: 'age' of row 'A': '8 mm' is not a time\n"
         "   11 |     versus: {age: 8 mm}\n"
         "      |                   ^~~~\n"
         "  hint: write a number and a unit of time, such as '24 wk' or '10 day'  [reference.not-a-time]\n"},
        {ROW AT STATISTIC("ratio of changes") VERSUS BAND "    since: 12\n",
         "r.yaml:12:12: error: 'since' of row 'A': '12' is not a time\n"
         "   12 |     since: 12\n"
         "      |            ^~\n"
         "  hint: write a number and a unit of time, such as '24 wk' or '10 day'  [reference.not-a-time]\n"},
    };
    check_cases(cases, ARRAY_LENGTH(cases));
}

static void a_statistic_without_what_it_needs_is_diagnosed(void **state)
{
    (void)state;
    static const Case cases[] = {
        {ROW AT STATISTIC("ratio of means") BAND,
         "r.yaml:3:5: error: row 'A' has no 'versus': a ratio of means compares two samples\n"
         "    3 |   - id: A\n"
         "      |     ^\n"
         "  hint: add 'versus: <cohort>', or 'versus: {age: ...}' for the same "
         "cohort at another age  [reference.needs-versus]\n"},
        {ROW AT STATISTIC("mean") BAND VERSUS,
         "r.yaml:11:13: warning: row 'A': the statistic 'mean' compares with nothing\n"
         "   11 |     versus: WT\n"
         "      |             ^~\n"
         "  hint: remove 'versus'  [reference.unused-versus]\n"},
        {ROW AT STATISTIC("difference") BAND "    versus: KO\n",
         "r.yaml:11:13: error: row 'A' is compared with itself\n"
         "   11 |     versus: KO\n"
         "      |             ^~\n"
         "  hint: name another cohort, age or site in 'versus'  [reference.versus-itself]\n"},
        {ROW AT STATISTIC("difference") BAND "    versus: {cohrt: WT}\n",
         "r.yaml:11:14: error: unknown key 'cohrt' in 'versus' of row 'A'\n"
         "   11 |     versus: {cohrt: WT}\n"
         "      |              ^~~~~\n"
         "  hint: did you mean 'cohort'?  [yaml.unknown-key]\n"},
        {ROW AT STATISTIC("ratio of changes") BAND VERSUS,
         "r.yaml:3:5: error: row 'A' has no 'since': a ratio of changes needs one\n"
         "    3 |   - id: A\n"
         "      |     ^\n"
         "  hint: add 'since: <age>', where the changes start  [reference.needs-since]\n"},
        {ROW AT STATISTIC("ratio of means") BAND VERSUS "    since: 12 wk\n",
         "r.yaml:12:12: error: row 'A': 'since' belongs to a ratio of changes, not to 'ratio of means'\n"
         "   12 |     since: 12 wk\n"
         "      |            ^~~~~\n"
         "  hint: remove 'since', or make the statistic 'ratio of changes'  [reference.unused-since]\n"},
    };
    check_cases(cases, ARRAY_LENGTH(cases));
}

static void faulty_expectations_are_diagnosed(void **state)
{
    (void)state;
    static const Case cases[] = {
        {ROW AT STATISTIC("mean"), "r.yaml:3:5: error: row 'A' has no 'expect': what should its mean be\n"
                                   "    3 |   - id: A\n"
                                   "      |     ^\n"
                                   "  hint: add 'expect: {target, low, high}'  [reference.needs-expect]\n"},
        {ROW AT STATISTIC("sign") VERSUS,
         "r.yaml:3:5: error: row 'A' has no 'expect': what should its sign be\n"
         "    3 |   - id: A\n"
         "      |     ^\n"
         "  hint: add 'expect: {sign: positive}', negative or zero  [reference.needs-expect]\n"},
        {ROW AT STATISTIC("absent") BAND,
         "r.yaml:10:13: error: row 'A': the statistic 'absent' says itself what is expected\n"
         "   10 |     expect: {target: 2, low: 1, high: 3}\n"
         "      |             ^\n"
         "  hint: remove 'expect'  [reference.unused-expect]\n"},
        {ROW AT STATISTIC("mean") "    expect: 3\n",
         "r.yaml:10:13: error: 'expect' of row 'A' must be a map, but it is a single value\n"
         "   10 |     expect: 3\n"
         "      |             ^\n"
         "  hint: write it as {key: value}, or as indented lines of 'key: value'  [yaml.wrong-kind]\n"},
        {ROW AT STATISTIC("mean") "    expect: {target: 2, low: 1}\n",
         "r.yaml:10:13: error: 'expect' of row 'A' has no 'high'\n"
         "   10 |     expect: {target: 2, low: 1}\n"
         "      |             ^\n"
         "  hint: add 'high:' to it  [yaml.missing-key]\n"},
        {ROW AT STATISTIC("mean") "    expect: {target: 2 kg, low: 1, high: 3}\n",
         "r.yaml:10:22: error: 'target' of 'expect' of row 'A' must be a number, but it is '2 kg'\n"
         "   10 |     expect: {target: 2 kg, low: 1, high: 3}\n"
         "      |                      ^~~~\n"
         "  hint: write it as 12, 0.5 or 2e-3, without a unit  [yaml.not-a-number]\n"},
        {ROW AT STATISTIC("mean") "    expect: {target: 2, low: 3, high: 1}\n",
         "r.yaml:10:30: error: the band of row 'A' is empty: low 3 is above high 1\n"
         "   10 |     expect: {target: 2, low: 3, high: 1}\n"
         "      |                              ^\n"
         "  hint: swap 'low' and 'high'  [reference.empty-band]\n"},
        {ROW AT STATISTIC("mean") "    expect: {target: 4, low: 1, high: 3}\n",
         "r.yaml:10:22: warning: the target 4 of row 'A' lies outside its band, 1 to 3\n"
         "   10 |     expect: {target: 4, low: 1, high: 3}\n"
         "      |                      ^\n"
         "  [reference.target-outside-band]\n"},
        {ROW AT STATISTIC("sign") VERSUS "    expect: {sign: up}\n",
         "r.yaml:11:20: error: 'sign' of row 'A' cannot be 'up'\n"
         "   11 |     expect: {sign: up}\n"
         "      |                    ^~\n"
         "  hint: possible: positive, negative, zero  [yaml.not-a-word]\n"},
        {ROW AT STATISTIC("sign") VERSUS "    expect: {target: 2}\n",
         "r.yaml:11:14: error: unknown key 'target' in 'expect' of row 'A'\n"
         "   11 |     expect: {target: 2}\n"
         "      |              ^~~~~~\n"
         "  hint: possible: sign  [yaml.unknown-key]\n"
         "r.yaml:11:13: error: 'expect' of row 'A' has no 'sign'\n"
         "   11 |     expect: {target: 2}\n"
         "      |             ^\n"
         "  hint: add 'sign:' to it  [yaml.missing-key]\n"},
    };
    check_cases(cases, ARRAY_LENGTH(cases));
}

static void faults_of_several_rows_are_shown_together(void **state)
{
    (void)state;
    const Reference *reference = NULL;
    Diags diags = diags_new(arena);
    assert_false(build(ROW AT STATISTIC("meen") BAND
                       "  - {id: B, cohort: KO, metric: CTX, at: {age: 8 wk}, statistic: present,\n"
                       "     evidence: seen, cite: x}\n"
                       "  - {id: C, cohort: KO, metric: CTX, at: {age: 8 wk}, statistic: present,\n"
                       "     evidence: measured}\n",
                       &reference, &diags));
    assert_int_equal(diags.n_errors, 3);
    assert_null(reference);
}

static void a_file_that_is_not_there_is_diagnosed(void **state)
{
    (void)state;
    const Reference *reference = NULL;
    Diags diags = diags_new(arena);
    assert_false(reference_load(arena, "/nowhere/r.yaml", units, &reference, &diags));
    assert_int_equal(diags.n_errors, 1);
    assert_string_equal(diags.list[0].id, "yaml.cannot-read");
    assert_null(reference);
}

static void every_enum_has_its_name_in_files(void **state)
{
    (void)state;
    assert_string_equal(statistic_name(STATISTIC_RATIO_OF_CHANGES), "ratio of changes");
    assert_string_equal(statistic_short_name(STATISTIC_RATIO_OF_MEANS), "ratio");
    assert_string_equal(evidence_name(EVIDENCE_QUALITATIVE), "qualitative");
    assert_string_equal(sign_name(SIGN_ZERO), "zero");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reference_holds_what_its_file_says),
        cmocka_unit_test(versus_fills_in_what_it_leaves_out),
        cmocka_unit_test(a_faulty_file_as_a_whole_is_diagnosed),
        cmocka_unit_test(faulty_keys_and_words_of_a_row_are_diagnosed),
        cmocka_unit_test(faulty_ages_are_diagnosed),
        cmocka_unit_test(a_statistic_without_what_it_needs_is_diagnosed),
        cmocka_unit_test(faulty_expectations_are_diagnosed),
        cmocka_unit_test(faults_of_several_rows_are_shown_together),
        cmocka_unit_test(a_file_that_is_not_there_is_diagnosed),
        cmocka_unit_test(every_enum_has_its_name_in_files),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
