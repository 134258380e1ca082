/* SPDX-License-Identifier: Apache-2.0
 *
 * yaml: the nodes and where they stand; getters with the exact text of each diagnostic; substitution.
 */
#include <math.h>
#include <string.h>

#include "support/near.h"
#include "support/yaml_text.h"

#include "yaml/yaml.h"

static void nodes_hold_the_file(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    const YamlNode *root = accepted(arena, "a: 1\nb: [x, 'y z', \"\"]\nc: {}\nd:\ne: |\n  k1 *\n  k2\n");
    assert_int_equal(root->kind, YAML_MAP);
    assert_int_equal(root->n, 5);
    assert_string_equal(root->pairs[1].key->text, "b");
    assert_null(root->text);
    const YamlNode *b = yaml_find(root, "b");
    assert_int_equal(b->kind, YAML_LIST);
    assert_int_equal(b->n, 3);
    assert_string_equal(b->items[1]->text, "y z");
    assert_true(b->items[1]->quoted);
    assert_false(b->items[0]->quoted);
    assert_true(b->items[2]->quoted);
    assert_int_equal(yaml_find(root, "c")->n, 0);
    assert_string_equal(yaml_find(root, "d")->text, "");
    assert_string_equal(yaml_find(root, "e")->text, "k1 *\nk2\n");
    assert_true(yaml_find(root, "e")->quoted);
    assert_null(yaml_find(root, "f"));
    assert_null(yaml_find(b, "a"));
    assert_null(yaml_find(NULL, "a"));
}

static void aliases_share_their_node_and_names_can_be_used_again(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    const YamlNode *root = accepted(arena, "a: &x [1]\nb: *x\nc: &x k\nd: *x\n*x : 6\n");
    assert_ptr_equal(yaml_find(root, "b"), yaml_find(root, "a"));
    assert_ptr_equal(yaml_find(root, "d"), yaml_find(root, "c"));
    assert_string_equal(yaml_find(root, "k")->text, "6");
}

static void places_are_lines_and_byte_columns(void **state)
{
    (void)state;
    static const struct {
        const char *row, *text;
        uint32_t line, column, length;
        bool one_line;
    } rows[] = {
        {"plain", "v: foo  # c\n", 1, 4, 3, true},
        {"plain with blanks", "v:   a b\n", 1, 6, 3, true},
        {"single quotes", "v: 'a b'\n", 1, 4, 5, true},
        {"double quotes", "v: \"a b\"\n", 1, 4, 5, true},
        {"escaped quote", "v: 'a''b'\n", 1, 4, 6, false},
        {"escape", "v: \"a\\tb\"\n", 1, 4, 6, false},
        {"multi-byte", "\xC3\xA4: \xC3\xB6\nv: \xE2\x82\xACx y\n", 2, 4, 6, true},
        {"behind multi-byte", "{\xC3\xA4: \xE2\x82\xAC, v: x}\n", 1, 14, 1, true},
        {"folded", "v: >-\n  a\n  b\n", 1, 4, 0, false},
        {"literal", "v: |\n  a\n", 1, 4, 0, false},
        {"plain over two lines", "v: a\n  b\n", 1, 4, 0, false},
        {"quoted over two lines", "v: 'a\n  b'\n", 1, 4, 0, false},
        {"anchor before", "v: &x 'a'\n", 1, 7, 3, true},
        {"anchor on another line", "v: &x\n  a\n", 2, 3, 1, true},
        {"anchor and nothing", "v: &x\n", 1, 6, 0, true},
        {"nothing", "v:\nw: 1\n", 1, 3, 0, true},
        {"empty quotes", "v: ''\n", 1, 4, 2, true},
        {"CRLF", "w: 1\r\nv: x\r\n", 2, 4, 1, true},
        {"byte order mark", "\xEF\xBB\xBFv: x\n", 1, 7, 1, true},
        {"block map", "v:\n  x: 1\n", 2, 3, 0, false},
        {"list in flow", "v: [1]\n", 1, 4, 0, false},
        {"anchored map", "v: &x\n  x: 1\n", 2, 3, 0, false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        const YamlNode *node = yaml_find(accepted(arena, rows[i].text), "v");
        if (node->where.line != rows[i].line || node->where.column != rows[i].column ||
            node->where.length != rows[i].length || node->one_line != rows[i].one_line)
            fail_msg("%s: %u:%u+%u %d", rows[i].row, (unsigned)node->where.line, (unsigned)node->where.column,
                     (unsigned)node->where.length, node->one_line);
    }
}

/* Each asks for `v` in one way; on failure the result must be untouched. */
static bool ask_text(const YamlNode *root, Diags *diags)
{
    const char *text = "untouched";
    bool given = yaml_text(yaml_find(root, "v"), "the unit of 'k'", &text, diags);
    assert_true(given || text_equal(text, "untouched"));
    return given;
}

static bool ask_list(const YamlNode *root, Diags *diags)
{
    return yaml_is(yaml_find(root, "v"), YAML_LIST, "'between'", diags);
}

static bool ask_map(const YamlNode *root, Diags *diags)
{
    return yaml_is(yaml_find(root, "v"), YAML_MAP, "the state 'C'", diags);
}

static bool ask_need(const YamlNode *root, Diags *diags)
{
    return yaml_need(yaml_find(root, "v"), "unit", "the state 'C'", diags) != NULL;
}

static bool ask_number(const YamlNode *root, double low, double high, Diags *diags)
{
    double value = -77.0;
    bool given = yaml_number(yaml_find(root, "v"), "the value of 'k'", low, high, &value, diags);
    assert_near("untouched", given ? -77.0 : value, -77.0, 0.0, 0.0);
    return given;
}

static bool ask_fraction(const YamlNode *root, Diags *diags)
{
    return ask_number(root, 0.0, 1.0, diags);
}

static bool ask_at_least(const YamlNode *root, Diags *diags)
{
    return ask_number(root, 1e-3, HUGE_VAL, diags);
}

static bool ask_at_most(const YamlNode *root, Diags *diags)
{
    return ask_number(root, -HUGE_VAL, 0.1, diags);
}

static bool ask_count(const YamlNode *root, uint64_t high, Diags *diags)
{
    uint64_t value = 77;
    bool given = yaml_count(yaml_find(root, "v"), "'animals'", 1, high, &value, diags);
    assert_true(given || value == 77);
    return given;
}

static bool ask_animals(const YamlNode *root, Diags *diags)
{
    return ask_count(root, 1000, diags);
}

static bool ask_seed(const YamlNode *root, Diags *diags)
{
    return ask_count(root, UINT64_MAX, diags);
}

static bool ask_yes_no(const YamlNode *root, Diags *diags)
{
    bool value = true;
    bool given = yaml_yes_no(yaml_find(root, "v"), "'twins'", &value, diags);
    assert_true(given || value);
    return given;
}

static bool ask_word(const YamlNode *root, Diags *diags)
{
    static const char *const words[] = {"age", "time"};
    size_t index = 77;
    bool given = yaml_word(yaml_find(root, "v"), "'clock'", words, ARRAY_LENGTH(words), &index, diags);
    assert_true(given ? index < 2 : index == 77);
    return given;
}

static bool ask_keys(const YamlNode *root, Diags *diags)
{
    static const char *const allowed[] = {"value", "unit", "about"};
    yaml_only_keys(yaml_find(root, "v"), "the parameter 'k'", allowed, ARRAY_LENGTH(allowed), diags);
    return diags->n == 0;
}

static const struct {
    const char *row, *text;
    bool (*ask)(const YamlNode *root, Diags *diags);
    const char *want; /* "" when the answer is given */
} ASKED[] = {
    {"text", "v: ''\n", ask_text, ""},
    {"list for a text", "v: [1]\n", ask_text,
     "m.yaml:1:4: error: the unit of 'k' must be a single value, but it is a list\n"
     "    1 | v: [1]\n"
     "      |    ^\n"
     "  hint: write one value, in quotes when it starts with '{' or '['  [yaml.wrong-kind]\n"},
    {"map for a text", "v: {dose}\n", ask_text,
     "m.yaml:1:4: error: the unit of 'k' must be a single value, but it is a map\n"
     "    1 | v: {dose}\n"
     "      |    ^\n"
     "  hint: write one value, in quotes when it starts with '{' or '['  [yaml.wrong-kind]\n"},
    {"nothing for a text", "v:\nw: 1\n", ask_text,
     "m.yaml:1:3: error: the unit of 'k' must be a single value, but it is empty\n"
     "    1 | v:\n"
     "      |   ^\n"
     "  hint: write one value, in quotes when it starts with '{' or '['  [yaml.wrong-kind]\n"},
    {"list", "v: []\n", ask_list, ""},
    {"text for a list", "v: abc\n", ask_list,
     "m.yaml:1:4: error: 'between' must be a list, but it is a single value\n"
     "    1 | v: abc\n"
     "      |    ^~~\n"
     "  hint: write it as [a, b], or as lines that start with '- '  [yaml.wrong-kind]\n"},
    {"map", "v: {}\n", ask_map, ""},
    {"list for a map", "v:\n  - a\n", ask_map,
     "m.yaml:2:3: error: the state 'C' must be a map, but it is a list\n"
     "    2 |   - a\n"
     "      |   ^\n"
     "  hint: write it as {key: value}, or as indented lines of 'key: value'  [yaml.wrong-kind]\n"},
    {"nothing for a map", "v:\n", ask_map,
     "m.yaml:1:3: error: the state 'C' must be a map, but it is empty\n"
     "    1 | v:\n"
     "      |   ^\n"
     "  hint: write it as {key: value}, or as indented lines of 'key: value'  [yaml.wrong-kind]\n"},
    {"needed key", "v: {unit: 1}\n", ask_need, ""},
    {"missing key", "v:\n  initial: 1\n  rate: 2\n", ask_need,
     "m.yaml:2:3: error: the state 'C' has no 'unit'\n"
     "    2 |   initial: 1\n"
     "      |   ^\n"
     "  hint: add 'unit:' to it  [yaml.missing-key]\n"},
    {"missing key of no map", "v: 3\n", ask_need,
     "m.yaml:1:4: error: the state 'C' must be a map, but it is a single value\n"
     "    1 | v: 3\n"
     "      |    ^\n"
     "  hint: write it as {key: value}, or as indented lines of 'key: value'  [yaml.wrong-kind]\n"},
    {"number", "v: 0.5\n", ask_fraction, ""},
    {"lowest", "v: 0\n", ask_fraction, ""},
    {"highest", "v: '1'\n", ask_fraction, ""},
    {"word for a number", "v: abc\n", ask_fraction,
     "m.yaml:1:4: error: the value of 'k' must be a number, but it is 'abc'\n"
     "    1 | v: abc\n"
     "      |    ^~~\n"
     "  hint: write it as 12, 0.5 or 2e-3, without a unit  [yaml.not-a-number]\n"},
    {"unit behind a number", "v: 5 mg\n", ask_fraction,
     "m.yaml:1:4: error: the value of 'k' must be a number, but it is '5 mg'\n"
     "    1 | v: 5 mg\n"
     "      |    ^~~~\n"
     "  hint: write it as 12, 0.5 or 2e-3, without a unit  [yaml.not-a-number]\n"},
    {"infinity", "v: .inf\n", ask_at_least,
     "m.yaml:1:4: error: the value of 'k' must be a number, but it is '.inf'\n"
     "    1 | v: .inf\n"
     "      |    ^~~~\n"
     "  hint: write it as 12, 0.5 or 2e-3, without a unit  [yaml.not-a-number]\n"},
    {"overflow", "v: 1e999\n", ask_at_least,
     "m.yaml:1:4: error: the value of 'k' must be a number, but it is '1e999'\n"
     "    1 | v: 1e999\n"
     "      |    ^~~~~\n"
     "  hint: write it as 12, 0.5 or 2e-3, without a unit  [yaml.not-a-number]\n"},
    {"grouped digits", "v: 1_000\n", ask_at_least,
     "m.yaml:1:4: error: the value of 'k' must be a number, but it is '1_000'\n"
     "    1 | v: 1_000\n"
     "      |    ^~~~~\n"
     "  hint: write it as 12, 0.5 or 2e-3, without a unit  [yaml.not-a-number]\n"},
    {"above", "v: 1.5\n", ask_fraction,
     "m.yaml:1:4: error: the value of 'k' must be from 0 to 1, but it is '1.5'\n"
     "    1 | v: 1.5\n"
     "      |    ^~~\n"
     "  [yaml.out-of-range]\n"},
    {"below a lower limit", "v: 0\n", ask_at_least,
     "m.yaml:1:4: error: the value of 'k' must be at least 0.001, but it is '0'\n"
     "    1 | v: 0\n"
     "      |    ^\n"
     "  [yaml.out-of-range]\n"},
    {"above an upper limit", "v: 0.2\n", ask_at_most,
     "m.yaml:1:4: error: the value of 'k' must be at most 0.1, but it is '0.2'\n"
     "    1 | v: 0.2\n"
     "      |    ^~~\n"
     "  [yaml.out-of-range]\n"},
    {"count", "v: 12\n", ask_animals, ""},
    {"seed", "v: 18446744073709551615\n", ask_seed, ""},
    {"fraction for a count", "v: 2.5\n", ask_animals,
     "m.yaml:1:4: error: 'animals' must be a whole number, but it is '2.5'\n"
     "    1 | v: 2.5\n"
     "      |    ^~~\n"
     "  hint: write it with digits only, as 12  [yaml.not-a-number]\n"},
    {"word for a count", "v: 12x\n", ask_animals,
     "m.yaml:1:4: error: 'animals' must be a whole number, but it is '12x'\n"
     "    1 | v: 12x\n"
     "      |    ^~~\n"
     "  hint: write it with digits only, as 12  [yaml.not-a-number]\n"},
    {"negative count", "v: -5\n", ask_animals,
     "m.yaml:1:4: error: 'animals' must be from 1 to 1000, but it is '-5'\n"
     "    1 | v: -5\n"
     "      |    ^~\n"
     "  [yaml.out-of-range]\n"},
    {"count too high", "v: 1001\n", ask_animals,
     "m.yaml:1:4: error: 'animals' must be from 1 to 1000, but it is '1001'\n"
     "    1 | v: 1001\n"
     "      |    ^~~~\n"
     "  [yaml.out-of-range]\n"},
    {"seed too high", "v: 18446744073709551616\n", ask_seed,
     "m.yaml:1:4: error: 'animals' must be from 1 to 18446744073709551615, but it is '18446744073709551616'\n"
     "    1 | v: 18446744073709551616\n"
     "      |    ^~~~~~~~~~~~~~~~~~~~\n"
     "  [yaml.out-of-range]\n"},
    {"seed too low", "v: 0\n", ask_seed,
     "m.yaml:1:4: error: 'animals' must be at least 1, but it is '0'\n"
     "    1 | v: 0\n"
     "      |    ^\n"
     "  [yaml.out-of-range]\n"},
    {"no", "v: no\n", ask_yes_no, ""},
    {"neither yes nor no", "v: maybe\n", ask_yes_no,
     "m.yaml:1:4: error: 'twins' must be yes or no, but it is 'maybe'\n"
     "    1 | v: maybe\n"
     "      |    ^~~~~\n"
     "  hint: write yes or no  [yaml.not-yes-or-no]\n"},
    {"word", "v: time\n", ask_word, ""},
    {"near to a word", "v: tmie\n", ask_word,
     "m.yaml:1:4: error: 'clock' cannot be 'tmie'\n"
     "    1 | v: tmie\n"
     "      |    ^~~~\n"
     "  hint: did you mean 'time'?  [yaml.not-a-word]\n"},
    {"far from every word", "v: calendar\n", ask_word,
     "m.yaml:1:4: error: 'clock' cannot be 'calendar'\n"
     "    1 | v: calendar\n"
     "      |    ^~~~~~~~\n"
     "  hint: possible: age, time  [yaml.not-a-word]\n"},
    {"allowed keys", "v: {unit: 1}\n", ask_keys, ""},
    {"unknown keys", "v: {valu: 1, unit: 1, colour: 2}\n", ask_keys,
     "m.yaml:1:5: error: unknown key 'valu' in the parameter 'k'\n"
     "    1 | v: {valu: 1, unit: 1, colour: 2}\n"
     "      |     ^~~~\n"
     "  hint: did you mean 'value'?  [yaml.unknown-key]\n"
     "m.yaml:1:23: error: unknown key 'colour' in the parameter 'k'\n"
     "    1 | v: {valu: 1, unit: 1, colour: 2}\n"
     "      |                       ^~~~~~\n"
     "  hint: possible: value, unit, about  [yaml.unknown-key]\n"},
    {"keys of no map", "v: 1\n", ask_keys, ""},
};

static void getters_answer_or_say_this(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ASKED); i++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        Diags diags = diags_new(arena);
        bool given = ASKED[i].ask(accepted(arena, ASKED[i].text), &diags);
        assert_int_equal(given, diags.n_errors == 0);
        Text shown = text_new(arena);
        for (size_t k = 0; k < diags.n; k++)
            diag_show(&diags.list[k], &shown);
        if (!text_equal(text_string(&shown), ASKED[i].want))
            fail_msg("%s:\n%swanted:\n%s", ASKED[i].row, text_string(&shown), ASKED[i].want);
    }
}

static void getters_return_what_is_written(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Diags diags = diags_new(arena);
    const YamlNode *root = accepted(arena, "x: '-2.5e-3'\nn: 18446744073709551615\nno: false\nyes: true\nw: b\n");
    static const char *const words[] = {"a", "b"};
    double x = 0.0;
    uint64_t n = 0;
    bool no = true, yes = false;
    size_t index = 0;
    const char *text = NULL;
    assert_true(yaml_number(yaml_find(root, "x"), "'x'", -1.0, -2.5e-3, &x, &diags));
    assert_near("x", x, -2.5e-3, 0.0, 0.0);
    assert_true(yaml_count(yaml_find(root, "n"), "'n'", 0, UINT64_MAX, &n, &diags));
    assert_true(n == UINT64_MAX);
    assert_true(yaml_yes_no(yaml_find(root, "no"), "'no'", &no, &diags) && !no);
    assert_true(yaml_yes_no(yaml_find(root, "yes"), "'yes'", &yes, &diags) && yes);
    assert_true(yaml_word(yaml_find(root, "w"), "'w'", words, 2, &index, &diags) && index == 1);
    assert_true(yaml_text(yaml_need(root, "w", "the file", &diags), "'w'", &text, &diags));
    assert_string_equal(text, "b");
    assert_int_equal(diags.n, 0);
}

static void substitution_replaces_names_once_and_keeps_places(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    const YamlNode *root = accepted(arena, "'x{a}': ['{a}{b}', '{c} {', plain, \"{aa}\"]\nq: {k: '{b}'}\n");
    static const char *const names[] = {"a", "b"}, *const values[] = {"1", "{a}"};
    const YamlNode *copy = yaml_substitute(arena, root, names, values, 2);
    const YamlNode *list = yaml_find(copy, "x1");
    assert_non_null(list);
    assert_string_equal(list->items[0]->text, "1{a}");
    assert_false(list->items[0]->one_line);
    assert_int_equal(list->items[0]->where.column, 10);
    assert_string_equal(list->items[1]->text, "{c} {");
    assert_true(list->items[1]->one_line);
    assert_string_equal(list->items[2]->text, "plain");
    assert_string_equal(list->items[3]->text, "{aa}");
    assert_string_equal(yaml_find(yaml_find(copy, "q"), "k")->text, "{a}");
    assert_string_equal(yaml_find(root, "x{a}")->items[0]->text, "{a}{b}");
}

static void place_in_a_text_is_found_in_the_file_or_in_an_excerpt(void **state)
{
    (void)state;
    static const struct {
        const char *row, *text;
        size_t offset, length;
        const char *want;
    } rows[] = {
        {"plain", "v: a * kk\n", 4, 2, "m.yaml:1:8: error: here\n    1 | v: a * kk\n      |        ^~\n  [test.id]\n"},
        {"quoted", "v: 'a * kk'\n", 4, 2,
         "m.yaml:1:9: error: here\n    1 | v: 'a * kk'\n      |         ^~\n  [test.id]\n"},
        {"folded", "v: >-\n  a *\n  kk\n", 4, 2,
         "m.yaml:1:4: error: here\n    1 | a * kk\n      |     ^~\n  [test.id]\n"},
        {"literal", "w: 1\nv: |\n  a *\n  kk\n", 4, 2,
         "m.yaml:2:4: error: here\n    2 | a * kk \n      |     ^~\n  [test.id]\n"},
        {"escapes", "v: \"a\\x20* kk\"\n", 4, 2,
         "m.yaml:1:4: error: here\n    1 | a * kk\n      |     ^~\n  [test.id]\n"},
        {"end", "v: a *\n", 3, 1, "m.yaml:1:7: error: here\n    1 | v: a *\n      |       ^\n  [test.id]\n"},
        {"beyond the end", "v: a *\n", 99, 9,
         "m.yaml:1:7: error: here\n    1 | v: a *\n      |       ^\n  [test.id]\n"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        Diags diags = diags_new(arena);
        const YamlNode *scalar = yaml_find(accepted(arena, rows[i].text), "v");
        Where where = yaml_where_in(arena, scalar, rows[i].offset, rows[i].length);
        assert_false(diag_error(&diags, "test.id", where, NULL, "here"));
        Text shown = text_new(arena);
        diag_show(&diags.list[0], &shown);
        if (!text_equal(text_string(&shown), rows[i].want))
            fail_msg("%s:\n%swanted:\n%s", rows[i].row, text_string(&shown), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_hold_the_file),
        cmocka_unit_test(aliases_share_their_node_and_names_can_be_used_again),
        cmocka_unit_test(places_are_lines_and_byte_columns),
        cmocka_unit_test(getters_answer_or_say_this),
        cmocka_unit_test(getters_return_what_is_written),
        cmocka_unit_test(substitution_replaces_names_once_and_keeps_places),
        cmocka_unit_test(place_in_a_text_is_found_in_the_file_or_in_an_excerpt),
    };
    return cmocka_run_group_tests_name("yaml nodes", tests, NULL, NULL);
}
