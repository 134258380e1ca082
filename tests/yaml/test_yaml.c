/* SPDX-License-Identifier: Apache-2.0
 *
 * yaml: what cannot be read, with the exact text of each diagnostic, and the limits. What was read: test_yaml_nodes.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "support/near.h"
#include "support/yaml_text.h"

#include "yaml/yaml.h"

static const struct {
    const char *row, *text, *want;
} REFUSED[] = {
    {"empty file", "",
     "m.yaml: error: the file is empty or holds only comments\n"
     "  [yaml.empty]\n"},
    {"blanks and comments", "\n  # nothing\n\n",
     "m.yaml: error: the file is empty or holds only comments\n"
     "  [yaml.empty]\n"},
    {"document marker only", "---\n",
     "m.yaml: error: the file is empty or holds only comments\n"
     "  [yaml.empty]\n"},
    {"control character", "a: 1\nb: \x07x\n",
     "m.yaml:2:4: error: '0x07' is a control character\n"
     "    2 | b: ?x\n"
     "      |    ^\n"
     "  hint: remove it, or check that this is a text file  [yaml.encoding]\n"},
    {"escape sequence for a terminal", "a: \x1B[31m\n",
     "m.yaml:1:4: error: '0x1b' is a control character\n"
     "    1 | a: ?[31m\n"
     "      |    ^\n"
     "  hint: remove it, or check that this is a text file  [yaml.encoding]\n"},
    {"delete", "a: \x7F\n",
     "m.yaml:1:4: error: '0x7f' is a control character\n"
     "    1 | a: ?\n"
     "      |    ^\n"
     "  hint: remove it, or check that this is a text file  [yaml.encoding]\n"},
    {"latin-1", "a: f\xFCr\n",
     "m.yaml:1:5: error: the byte '0xfc' is not valid UTF-8 here\n"
     "    1 | a: f?r\n"
     "      |     ^\n"
     "  hint: save the file as UTF-8  [yaml.encoding]\n"},
    {"UTF-16",
     "\xFF\xFE"
     "a",
     "m.yaml:1:1: error: the byte '0xff' is not valid UTF-8 here\n"
     "    1 | ??a\n"
     "      | ^\n"
     "  hint: this looks like UTF-16: save the file as UTF-8  [yaml.encoding]\n"},
    {"overlong UTF-8", "a: \xC0\x80\n",
     "m.yaml:1:4: error: the byte '0xc0' is not valid UTF-8 here\n"
     "    1 | a: ??\n"
     "      |    ^\n"
     "  hint: save the file as UTF-8  [yaml.encoding]\n"},
    {"surrogate", "a: \xED\xA0\x80\n",
     "m.yaml:1:4: error: the byte '0xed' is not valid UTF-8 here\n"
     "    1 | a: ???\n"
     "      |    ^\n"
     "  hint: save the file as UTF-8  [yaml.encoding]\n"},
    {"not a character", "a: \xC3\xA4\xEF\xBF\xBF\n",
     "m.yaml:1:6: error: the byte '0xef' is not valid UTF-8 here\n"
     "    1 | a: \xC3\xA4\xEF\xBF\xBF\n"
     "      |     ^\n"
     "  hint: save the file as UTF-8  [yaml.encoding]\n"},
    {"cut UTF-8", "a: \xE2\x82",
     "m.yaml:1:4: error: the byte '0xe2' is not valid UTF-8 here\n"
     "    1 | a: ??\n"
     "      |    ^\n"
     "  hint: save the file as UTF-8  [yaml.encoding]\n"},
    {"C1 control", "a: \xC2\x9B\n",
     "m.yaml:1:4: error: 'U+009B' is a control character\n"
     "    1 | a: ?\n"
     "      |    ^\n"
     "  hint: remove it, or save the file as UTF-8  [yaml.encoding]\n"},
    {"NUL by escape", "a: \"x\\0y\"\n",
     "m.yaml:1:4: error: 'U+0000', of an escape or a line break, is a control character\n"
     "    1 | a: \"x\\0y\"\n"
     "      |    ^\n"
     "  hint: remove it  [yaml.encoding]\n"},
    {"tab before a key", "a:\n\tb: 1\n",
     "m.yaml:2:1: error: a tab is used for indentation\n"
     "    2 |  b: 1\n"
     "      | ^\n"
     "  hint: indent with spaces  [yaml.tab]\n"},
    {"tab before a following key", "a: 1\n\tb: 2\n",
     "m.yaml:2:1: error: a tab is used for indentation\n"
     "    2 |  b: 2\n"
     "      | ^\n"
     "  hint: indent with spaces  [yaml.tab]\n"},
    {"tab in a block", "a: |\n\tx\n",
     "m.yaml:2:1: error: a tab is used for indentation\n"
     "    2 |  x\n"
     "      | ^\n"
     "  hint: indent with spaces  [yaml.tab]\n"},
    {"tab behind a dash", "- \t- x\n",
     "m.yaml:1:3: error: a tab is used for indentation\n"
     "    1 | -  - x\n"
     "      |   ^\n"
     "  hint: indent with spaces  [yaml.tab]\n"},
    {"unclosed list", "a: [1, 2\nb: 3\n",
     "m.yaml:2:2: error: did not find expected ',' or ']' while parsing a flow sequence that began on line 1\n"
     "    2 | b: 3\n"
     "      |  ^\n"
     "  hint: close the list with ']'  [yaml.syntax]\n"},
    {"unclosed list at the end", "a: [1, 2\n",
     "m.yaml:1:4: error: did not find expected ',' or ']' while parsing a flow sequence\n"
     "    1 | a: [1, 2\n"
     "      |    ^\n"
     "  hint: close the list with ']'  [yaml.syntax]\n"},
    {"unclosed map", "a: {x: 1\nb: 3\n",
     "m.yaml:2:2: error: did not find expected ',' or '}' while parsing a flow mapping that began on line 1\n"
     "    2 | b: 3\n"
     "      |  ^\n"
     "  hint: close the map with '}'  [yaml.syntax]\n"},
    {"unclosed quote", "a: 'x\nb: 1\n",
     "m.yaml:1:4: error: found unexpected end of stream while scanning a quoted scalar\n"
     "    1 | a: 'x\n"
     "      |    ^\n"
     "  hint: close the quote  [yaml.syntax]\n"},
    {"colon in plain text", "a: b: c\n",
     "m.yaml:1:5: error: mapping values are not allowed in this context\n"
     "    1 | a: b: c\n"
     "      |     ^\n"
     "  hint: put a text that holds ': ' in quotes, or check the indentation  [yaml.syntax]\n"},
    {"wrong indentation", "a:\n  b: 1\n c: 2\n",
     "m.yaml:3:2: error: did not find expected key while parsing a block mapping that began on line 1\n"
     "    3 |  c: 2\n"
     "      |  ^\n"
     "  hint: check the indentation, and that what follows a closing quote is a comment  [yaml.syntax]\n"},
    {"reserved character", "a: @x\n",
     "m.yaml:1:4: error: found character that cannot start any token while scanning for the next token\n"
     "    1 | a: @x\n"
     "      |    ^\n"
     "  hint: put a text that starts with this character in quotes  [yaml.syntax]\n"},
    {"percent sign first", "unit: %/day\n",
     "m.yaml:1:7: error: found character that cannot start any token while scanning for the next token\n"
     "    1 | unit: %/day\n"
     "      |       ^\n"
     "  hint: put a text that starts with this character in quotes  [yaml.syntax]\n"},
    {"unknown escape", "a: \"x\\q\"\n",
     "m.yaml:1:6: error: found unknown escape character while parsing a quoted scalar\n"
     "    1 | a: \"x\\q\"\n"
     "      |      ^\n"
     "  hint: use single quotes, or write '\\\\' for a backslash  [yaml.syntax]\n"},
    {"key without a colon", "a: 1\nb\nc: 2\n",
     "m.yaml:2:1: error: could not find expected ':' while scanning a simple key\n"
     "    2 | b\n"
     "      | ^\n"
     "  hint: write 'key: value'  [yaml.syntax]\n"},
    {"text behind a quote", "a: \"b\" c\n",
     "m.yaml:1:8: error: did not find expected key while parsing a block mapping\n"
     "    1 | a: \"b\" c\n"
     "      |        ^\n"
     "  hint: check the indentation, and that what follows a closing quote is a comment  [yaml.syntax]\n"},
    {"closing bracket only", "]",
     "m.yaml:1:1: error: did not find expected node content while parsing a block node\n"
     "    1 | ]\n"
     "      | ^\n"
     "  [yaml.syntax]\n"},
    {"columns count bytes", "\xC3\xA4: b: c\n",
     "m.yaml:1:6: error: mapping values are not allowed in this context\n"
     "    1 | \xC3\xA4: b: c\n"
     "      |     ^\n"
     "  hint: put a text that holds ': ' in quotes, or check the indentation  [yaml.syntax]\n"},
    {"byte order mark", "\xEF\xBB\xBFx: b: c\n",
     "m.yaml:1:8: error: mapping values are not allowed in this context\n"
     "    1 | \xEF\xBB\xBFx: b: c\n"
     "      |      ^\n"
     "  hint: put a text that holds ': ' in quotes, or check the indentation  [yaml.syntax]\n"},
    {"tag", "a: !!str 5\n",
     "m.yaml:1:4: error: tags such as '!!str' are not supported\n"
     "    1 | a: !!str 5\n"
     "      |    ^\n"
     "  hint: remove it  [yaml.syntax]\n"},
    {"tag on a list", "a: !x [1]\n",
     "m.yaml:1:4: error: tags such as '!!str' are not supported\n"
     "    1 | a: !x [1]\n"
     "      |    ^\n"
     "  hint: remove it  [yaml.syntax]\n"},
    {"merge key", "a: &a {x: 1}\nb: {<<: *a}\n",
     "m.yaml:2:5: error: merge keys ('<<') are not supported\n"
     "    2 | b: {<<: *a}\n"
     "      |     ^~\n"
     "  hint: repeat the keys  [yaml.syntax]\n"},
    {"unknown directive version", "%YAML 2.0\n---\na\n",
     "m.yaml:1:1: error: found incompatible YAML document\n"
     "    1 | %YAML 2.0\n"
     "      | ^\n"
     "  [yaml.syntax]\n"},
    {"duplicate key", "a: 1\nb: 2\na: 3\n",
     "m.yaml:3:1: error: duplicate key 'a'\n"
     "    3 | a: 3\n"
     "      | ^\n"
     "  hint: the first is on line 1  [yaml.duplicate-key]\n"},
    {"duplicate key in quotes", "a:\n  b: 1\n  'b': 2\n",
     "m.yaml:3:3: error: duplicate key 'b'\n"
     "    3 |   'b': 2\n"
     "      |   ^~~\n"
     "  hint: the first is on line 2  [yaml.duplicate-key]\n"},
    {"list as a key", "? [a]\n: 1\n",
     "m.yaml:1:3: error: a key must be a single value, but it is a list\n"
     "    1 | ? [a]\n"
     "      |   ^\n"
     "  hint: write the key as plain text, or put it in quotes  [yaml.wrong-kind]\n"},
    {"map as a key", "{{a: 1}: 2}\n",
     "m.yaml:1:2: error: a key must be a single value, but it is a map\n"
     "    1 | {{a: 1}: 2}\n"
     "      |  ^\n"
     "  hint: write the key as plain text, or put it in quotes  [yaml.wrong-kind]\n"},
    {"alias of a list as a key", "a: &x [1]\n*x : 2\n",
     "m.yaml:2:1: error: a key must be a single value, but it is a list\n"
     "    2 | *x : 2\n"
     "      | ^~\n"
     "  hint: write the key as plain text, or put it in quotes  [yaml.wrong-kind]\n"},
    {"unknown anchor", "a: *x\n",
     "m.yaml:1:4: error: unknown anchor 'x'\n"
     "    1 | a: *x\n"
     "      |    ^~\n"
     "  hint: mark the value that is meant with '&x', before here  [yaml.unknown-anchor]\n"},
    {"anchor that follows", "a: *x\nb: &x 1\n",
     "m.yaml:1:4: error: unknown anchor 'x'\n"
     "    1 | a: *x\n"
     "      |    ^~\n"
     "  hint: mark the value that is meant with '&x', before here  [yaml.unknown-anchor]\n"},
    {"recursive alias", "a: &x [1, *x]\n",
     "m.yaml:1:11: error: the alias 'x' stands inside the value it means\n"
     "    1 | a: &x [1, *x]\n"
     "      |           ^~\n"
     "  hint: copy what is needed instead  [yaml.recursive-alias]\n"},
    {"two documents", "a: 1\n---\nb: 2\n",
     "m.yaml:2:1: error: a second document starts here\n"
     "    2 | ---\n"
     "      | ^\n"
     "  hint: keep one document in a file  [yaml.documents]\n"},
};

static const YamlNode UNTOUCHED = {.kind = YAML_SCALAR};

/* The text of all diagnostics. The file must be refused and the result left alone. */
static const char *refusal(Arena *arena, const char *text, size_t length)
{
    Diags diags = diags_new(arena);
    const YamlNode *root = &UNTOUCHED;
    assert_false(yaml_parse(arena, "m.yaml", text, length, &root, &diags));
    assert_ptr_equal(root, &UNTOUCHED);
    assert_true(diags.n_errors > 0);
    Text shown = text_new(arena);
    for (size_t i = 0; i < diags.n; i++)
        diag_show(&diags.list[i], &shown);
    return text_string(&shown);
}

static void broken_files_are_refused_with_these_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(REFUSED); i++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        const char *got = refusal(arena, REFUSED[i].text, strlen(REFUSED[i].text));
        if (!text_equal(got, REFUSED[i].want))
            fail_msg("%s:\n%swanted:\n%s", REFUSED[i].row, got, REFUSED[i].want);
    }
}

static void nul_byte_is_refused_at_its_place(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    assert_string_equal(refusal(arena, "a: 1\nb: \0x\n", 11),
                        "m.yaml:2:4: error: '0x00' is a control character\n"
                        "    2 | b: ?x\n"
                        "      |    ^\n"
                        "  hint: remove it, or check that this is a text file  [yaml.encoding]\n");
}

static void every_cut_of_a_file_is_read_or_refused(void **state)
{
    (void)state;
    static const char file[] = "# c\na: &x {b: [1, 'two'], \"c\\n\": \xC3\xA4}\n"
                               "d: |-\n  text\n  more\n? e\n: *x\n...\n";
    for (size_t n = 0; n < sizeof file; n++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        Diags diags = diags_new(arena);
        const YamlNode *root = &UNTOUCHED;
        bool read = yaml_parse(arena, "m.yaml", file, n, &root, &diags);
        assert_int_equal(read, root != &UNTOUCHED);
        assert_int_equal(read, diags.n_errors == 0);
    }
}

static void load_shows(Arena *arena, const char *path, const char *want)
{
    Diags diags = diags_new(arena);
    const YamlNode *root = &UNTOUCHED;
    assert_false(yaml_load(arena, path, &root, &diags));
    assert_ptr_equal(root, &UNTOUCHED);
    Text shown = text_new(arena);
    diag_show(&diags.list[0], &shown);
    assert_string_equal(text_string(&shown), want);
}

static void unreadable_files_are_refused_with_the_systems_reason(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    load_shows(arena, "no/such.yaml",
               "no/such.yaml: error: cannot read 'no/such.yaml': No such file or directory\n"
               "  hint: check the path  [yaml.cannot-read]\n");
    load_shows(arena, ".", ".: error: cannot read '.': Is a directory\n  [yaml.cannot-read]\n");
    load_shows(arena, "/dev/null", "/dev/null: error: the file is empty or holds only comments\n  [yaml.empty]\n");
    load_shows(arena, "/dev/zero",
               "/dev/zero: error: '/dev/zero' is larger than 16 MiB\n  hint: split the file  [yaml.too-large]\n");
}

static void file_is_loaded_as_it_stands(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    char path[] = "/tmp/marblebone-yaml-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, "a: [1, 2]\n", 10), 10);
    close(descriptor);
    Diags diags = diags_new(arena);
    const YamlNode *root = NULL;
    bool loaded = yaml_load(arena, path, &root, &diags);
    unlink(path);
    assert_true(loaded);
    assert_string_equal(root->where.source->path, path);
    assert_string_equal(root->where.source->text, "a: [1, 2]\n");
    assert_string_equal(yaml_find(root, "a")->items[1]->text, "2");
}

static void too_large_text_is_refused(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    size_t length = ((size_t)16 << 20) + 1;
    char *text = arena_alloc(arena, length, 1);
    memset(text, '#', length);
    assert_string_equal(refusal(arena, text, length),
                        "m.yaml: error: 'm.yaml' is larger than 16 MiB\n  hint: split the file  [yaml.too-large]\n");
    assert_string_equal(refusal(arena, text, length - 1),
                        "m.yaml: error: the file is empty or holds only comments\n  [yaml.empty]\n");
}

/* `n` lists in each other, one a line. */
static const char *nested(Arena *arena, size_t n)
{
    Text text = text_new(arena);
    for (size_t i = 0; i < n; i++)
        text_print(&text, "[\n");
    for (size_t i = 0; i < n; i++)
        text_print(&text, "]");
    return text_string(&text);
}

static void nesting_is_limited_also_through_aliases(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    assert_int_equal(accepted(arena, nested(arena, 64))->kind, YAML_LIST);
    const char *deep = nested(arena, 65);
    assert_string_equal(refusal(arena, deep, strlen(deep)),
                        "m.yaml:65:1: error: lists and maps are nested more than 64 levels deep\n"
                        "   65 | [\n"
                        "      | ^\n"
                        "  hint: flatten it  [yaml.too-deep]\n");
    /* The list, 61 levels, three levels down: 1 + 2 + 61 = 64. */
    const char *fits = arena_print(arena, "a: &x %s\nb: [[*x]]\n", nested(arena, 61));
    assert_int_equal(accepted(arena, fits)->n, 2);
    const char *alias = arena_print(arena, "a: &x %s\nb: [[[*x]]]\n", nested(arena, 61));
    assert_string_equal(refusal(arena, alias, strlen(alias)),
                        "m.yaml:63:7: error: lists and maps are nested more than 64 levels deep\n"
                        "   63 | b: [[[*x]]]\n"
                        "      |       ^\n"
                        "  hint: flatten it  [yaml.too-deep]\n");
}

static void alias_bomb_is_refused_at_once(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Text text = text_new(arena);
    text_print(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 40; i++) {
        text_print(&text, "a%d: &a%d [*a%d", i, i, i - 1);
        for (int k = 0; k < 9; k++)
            text_print(&text, ", *a%d", i - 1);
        text_print(&text, "]\n");
    }
    clock_t start = clock();
    const char *got = refusal(arena, text_string(&text), text.length);
    assert_true(clock() - start < CLOCKS_PER_SEC / 5);
    assert_string_equal(got, "m.yaml:6:10: error: more than 200000 values, counted with aliases expanded\n"
                             "    6 | a5: &a5 [*a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4]\n"
                             "      |          ^\n"
                             "  hint: split the file, or use fewer aliases  [yaml.too-many-nodes]\n");
}

static void number_of_values_is_limited(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Text text = text_new(arena);
    for (int i = 0; i < 199999; i++)
        text_add(&text, "- 1\n", 4);
    assert_int_equal(accepted(arena, text_string(&text))->n, 199999);
    text_print(&text, "- 1\n");
    assert_string_equal(refusal(arena, text_string(&text), text.length),
                        "m.yaml:200000:3: error: more than 200000 values, counted with aliases expanded\n"
                        "200000 | - 1\n"
                        "      |   ^\n"
                        "  hint: split the file, or use fewer aliases  [yaml.too-many-nodes]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_files_are_refused_with_these_words),
        cmocka_unit_test(nul_byte_is_refused_at_its_place),
        cmocka_unit_test(every_cut_of_a_file_is_read_or_refused),
        cmocka_unit_test(unreadable_files_are_refused_with_the_systems_reason),
        cmocka_unit_test(file_is_loaded_as_it_stands),
        cmocka_unit_test(too_large_text_is_refused),
        cmocka_unit_test(nesting_is_limited_also_through_aliases),
        cmocka_unit_test(alias_bomb_is_refused_at_once),
        cmocka_unit_test(number_of_values_is_limited),
    };
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
