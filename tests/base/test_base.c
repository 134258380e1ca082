/* SPDX-License-Identifier: Apache-2.0
 *
 * base: arenas, arrays, maps, words, numbers, diagnostics, errors, random draws, hashes.
 */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "support/near.h"

#include "base/base.h"

static void arena_gives_zeroed_and_aligned_memory(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    for (int round = 0; round < 2; round++) {
        for (size_t align = 1; align <= 64; align *= 2) {
            unsigned char *bytes = arena_alloc(arena, 1000 * align + 1, align);
            assert_int_equal((uintptr_t)bytes % align, 0);
            for (size_t i = 0; i <= 1000 * align; i++)
                assert_int_equal(bytes[i], 0);
            memset(bytes, 0xFF, 1000 * align + 1);
        }
        arena_reset(arena);
    }
}

static void arena_takes_requests_larger_than_a_block(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    char *small = arena_copy_text(arena, "before", 6);
    char *large = arena_alloc(arena, (size_t)20 << 20, 64);
    large[((size_t)20 << 20) - 1] = 'x';
    char *after = arena_print(arena, "%s-%d", "after", 7);
    assert_non_null(arena_alloc(arena, 0, 8));
    assert_string_equal(small, "before");
    assert_string_equal(after, "after-7");
}

static void closing_an_arena_twice_does_nothing(void **state)
{
    (void)state;
    Arena *arena = arena_open();
    arena_close(&arena);
    assert_null(arena);
    arena_close(&arena);
}

static void vec_keeps_items_while_it_grows(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    VEC(size_t) squares = {0};
    for (size_t i = 0; i < 1000; i++) {
        size_t *item = vec_push(arena, &squares);
        assert_int_equal(*item, 0);
        *item = i * i;
    }
    assert_int_equal(squares.n, 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(squares.items[i], i * i);
}

static void map_finds_what_was_added_and_refuses_a_second_value(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    static const int values[500] = {0};
    Map map = {0};
    assert_null(map_find(&map, "key0"));
    for (size_t i = 0; i < 500; i++)
        assert_true(map_add(arena, &map, arena_print(arena, "key%zu", i), &values[i]));
    assert_false(map_add(arena, &map, "key7", &values[9]));
    assert_int_equal(map.n, 500);
    for (size_t i = 0; i < 500; i++)
        assert_ptr_equal(map_find(&map, arena_print(arena, "key%zu", i)), &values[i]);
    assert_null(map_find(&map, "key500"));
    assert_null(map_find(&map, ""));
}

/* The low 12 bits of the hash of map.c, before another seed. */
static bool shares_its_slot(const char *key)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *c = key; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    return ((hash ^ hash >> 32) & 0xFFF) == 0;
}

static void map_with_keys_that_were_chosen_to_share_a_slot_finds_them(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    enum { N = 1500 };
    Map map = {0};
    const char *keys[N];
    for (size_t i = 0, n = 0; n < N; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%zx", i);
        if (!shares_its_slot(key))
            continue;
        keys[n] = arena_copy_text(arena, key, strlen(key));
        assert_true(map_add(arena, &map, keys[n], keys[n]));
        n++;
    }
    assert_true(map.seed > 0);
    assert_int_equal(map.n, N);
    for (size_t i = 0; i < N; i++)
        assert_ptr_equal(map_find(&map, keys[i]), keys[i]);
}

static void harmful_characters_are_known(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    static const struct {
        const char *bytes;
        size_t length;
        bool harmless;
    } rows[] = {{"a", 1, true},
                {"\xC3\xB6", 2, true},
                {"\xE9\xAA\xA8", 3, true},
                {"\xF0\x9F\xA6\xB4", 4, true},
                {"\n", 1, false},
                {"\x1b", 1, false},
                {"\x7f", 1, false},
                {"\xC2\x9B", 2, false},         /* CSI */
                {"\xD8\x9C", 2, false},         /* Arabic letter mark */
                {"\xE2\x80\xAE", 3, false},     /* right-to-left override */
                {"\xE2\x80\xA8", 3, false},     /* line separator */
                {"\xF3\xA0\x81\x81", 4, false}, /* tag */
                {"\xFF", 1, false},
                {"\xC0\xAF", 1, false},     /* overlong */
                {"\xED\xA0\x80", 1, false}, /* surrogate */
                {"\xE9\xAA", 1, false}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        bool harmless;
        size_t length = text_character(rows[i].bytes, strlen(rows[i].bytes), &harmless);
        if (length != rows[i].length || harmless != rows[i].harmless)
            fail_msg("row %zu: %zu bytes, %s", i, length, harmless ? "harmless" : "harmful");
    }
    Text text = text_new(arena);
    text_add_clean(&text, "a\x1b\xE2\x80\xAE\xFF\n", 7);
    assert_string_equal(text_string(&text), "a???\n");
    assert_string_equal(text_one_line(arena, "a\n\tb"), "a  b");
}

static void text_distance_counts_edits(void **state)
{
    (void)state;
    char longer[65];
    memset(longer, 'a', 64);
    longer[64] = '\0';
    const struct {
        const char *a, *b;
        size_t distance;
    } rows[] = {
        {"", "", 0},           {"", "abc", 3},      {"k_cat", "k_cat", 0},    {"k_catt", "k_cat", 1},
        {"k_cta", "k_cat", 1}, {"time", "tmie", 1}, {"kitten", "sitting", 3}, {"a", "b", 1},
        {"ca", "abc", 3},      {longer, "", 64},    {longer, longer, 64},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_int_equal(text_edit_distance(rows[i].a, rows[i].b), rows[i].distance);
        assert_int_equal(text_edit_distance(rows[i].b, rows[i].a), rows[i].distance);
    }
}

static void suggestion_is_near_or_absent(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    static const char *const names[] = {"initial", "unit", "rate", "about"};
    assert_string_equal(diag_suggest(arena, "uint", names, 4), "did you mean 'unit'?");
    assert_string_equal(diag_suggest(arena, "intial", names, 4), "did you mean 'initial'?");
    assert_null(diag_suggest(arena, "colour", names, 4));
    assert_null(diag_suggest(arena, "unit", names, 0));
}

static void growing_text_keeps_everything(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Text text = text_new(arena);
    assert_string_equal(text_string(&text), "");
    for (int i = 0; i < 300; i++)
        text_print(&text, "%d,", i % 10);
    assert_int_equal(text.length, 600);
    assert_int_equal(strncmp(text_string(&text), "0,1,2,3,4,5,6,7,8,9,0,", 22), 0);
    Text json = text_new(arena);
    text_add_json(&json, "a\"b\\c\n\x01 \xC3\xA9");
    assert_string_equal(text_string(&json), "\"a\\\"b\\\\c\\u000a\\u0001 \xC3\xA9\"");
}

static void number_read_stops_at_the_end_of_the_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t used;
        double value;
    } rows[] = {
        {"12 wk", 2, 12.0}, {"5mg", 1, 5.0},   {"5e", 1, 5.0},    {"5e+", 1, 5.0},    {"5e-3x", 4, 5e-3},
        {"5eV", 1, 5.0},    {".5", 2, 0.5},    {"5.", 2, 5.0},    {"-.5e1", 5, -5.0}, {"+3", 2, 3.0},
        {"0x10", 1, 0.0},   {"1_000", 1, 1.0}, {"1.2.3", 3, 1.2}, {"007", 3, 7.0},    {"1e-400", 6, 0.0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        double value = -77.0;
        assert_int_equal(number_read(rows[i].text, &value), rows[i].used);
        assert_near(rows[i].text, value, rows[i].value, 0.0, 0.0);
    }
}

static void text_that_is_not_a_number_leaves_the_result_untouched(void **state)
{
    (void)state;
    static const char *const rows[] = {"",       " ",    "abc",   "inf",   "-inf",  "nan", "1e999",
                                       "-1e999", "0x10", "1_000", "1,000", ".",     "-",   "+",
                                       "e5",     "1e",   "1 2",   "1e5.0", "--1",   "- 1", "INFINITY",
                                       "1\t",    "1f",   "5 mg",  "NaN",   "0x1p3", "1d5", "\xEF\xBC\x91"};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        double value = -77.0;
        if (number_parse(rows[i], &value))
            fail_msg("'%s' was taken for a number", rows[i]);
        assert_near(rows[i], value, -77.0, 0.0, 0.0);
    }
    char digits[300];
    memset(digits, '1', sizeof digits - 1);
    digits[sizeof digits - 1] = '\0';
    double value = -77.0;
    assert_false(number_parse(digits, &value));
    assert_near("300 digits", value, -77.0, 0.0, 0.0);
}

static void shown_numbers_read_back_exactly(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *shown;
    } rows[] = {
        {0.1, "0.1"},
        {1e22, "1e+22"},
        {-2.5e-7, "-2.5e-07"},
        {1.0 / 3.0, "0.3333333333333333"},
        {0.0, "0"},
        {-0.0, "-0"},
        {0.1 + 0.2, "0.30000000000000004"},
        {100.0, "100"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {DBL_TRUE_MIN, "4.94065645841247e-324"},
    };
    char shown[NUMBER_TEXT];
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_string_equal(number_show(rows[i].value, shown), rows[i].shown);
    for (uint64_t i = 0; i < 20000; i++) {
        double value = ldexp(rng_uniform(rng_key(1), i) - 0.5, (int)rng_below(rng_key(2), i, 2000) - 1000), back = 0.0;
        assert_true(number_parse(number_show(value, shown), &back));
        assert_memory_equal(&back, &value, sizeof value);
    }
}

static void error_says_what_and_where_and_never_overflows(void **state)
{
    (void)state;
    Err err = {0};
    assert_false(err_set(&err, ERR_STORE, "cannot open '%s'", "a.db"));
    assert_false(err_note(&err, "run %d", 3));
    assert_string_equal(err.text, "cannot open 'a.db': run 3");
    assert_int_equal(err_exit_code(err.kind), 5);
    assert_string_equal(err_name(err.kind), "store");
    for (int i = 0; i < 200; i++)
        err_note(&err, "%s", "more");
    assert_true(strlen(err.text) < sizeof err.text);
}

static const char *shown(Arena *arena, const char *file, Where where, const char *hint, const char *message)
{
    Source *source = NEW(arena, Source);
    *source = (Source){.path = "m.yaml", .text = file, .length = strlen(file)};
    where.source = source;
    Diags diags = diags_new(arena);
    assert_false(diag_error(&diags, "test.id", where, hint, "%s", message));
    Text text = text_new(arena);
    diag_show(&diags.list[0], &text);
    return text_string(&text);
}

/* over budget: one row a diagnostic, each with its whole text */
static void diagnostic_shows_the_line_and_underlines_the_place(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    static const struct {
        const char *row, *file;
        Where where;
        const char *hint, *want;
    } rows[] = {
        {"plain",
         "a: 1\nrate: V*k_catt*R\n",
         {.line = 2, .column = 9, .length = 6},
         "did you mean 'k_cat'?",
         "m.yaml:2:9: error: fault\n    2 | rate: V*k_catt*R\n      |         ^~~~~~\n"
         "  hint: did you mean 'k_cat'?  [test.id]\n"},
        {"length 0 is one",
         "a: 1\n",
         {.line = 1, .column = 1},
         NULL,
         "m.yaml:1:1: error: fault\n    1 | a: 1\n      | ^\n  [test.id]\n"},
        {"whole file", "a: 1\n", {.line = 0}, NULL, "m.yaml: error: fault\n  [test.id]\n"},
        {"end of the file",
         "a",
         {.line = 1, .column = 2, .length = 9},
         NULL,
         "m.yaml:1:2: error: fault\n    1 | a\n      |  ^\n  [test.id]\n"},
        {"line that is not there", "a", {.line = 7, .column = 2}, NULL, "m.yaml:7:2: error: fault\n  [test.id]\n"},
        {"column beyond the line",
         "ab\ncd",
         {.line = 1, .column = 50, .length = 3},
         NULL,
         "m.yaml:1:50: error: fault\n    1 | ab\n      |   ^\n  [test.id]\n"},
        {"CRLF",
         "a: 1\r\nb: 2\r\n",
         {.line = 2, .column = 4, .length = 1},
         NULL,
         "m.yaml:2:4: error: fault\n    2 | b: 2\n      |    ^\n  [test.id]\n"},
        {"UTF-8 takes one column",
         "\xC3\xA9\xE2\x82\xAC: \xC3\xA4\xC3\xB6\n",
         {.line = 1, .column = 8, .length = 4},
         NULL,
         "m.yaml:1:8: error: fault\n    1 | \xC3\xA9\xE2\x82\xAC: \xC3\xA4\xC3\xB6\n      |     ^~\n  [test.id]\n"},
        {"tab is one blank",
         "a:\tx\n",
         {.line = 1, .column = 4, .length = 1},
         NULL,
         "m.yaml:1:4: error: fault\n    1 | a: x\n      |    ^\n  [test.id]\n"},
        {"control characters",
         "a\x1B[31m \x7F\x01z\n",
         {.line = 1, .column = 10, .length = 1},
         NULL,
         "m.yaml:1:10: error: fault\n    1 | a?[31m ??z\n      |          ^\n  [test.id]\n"},
        {"C1 control and invalid UTF-8",
         "\xC2\x9B\x80\xED\xA0\x80\xC0\xAFz\n",
         {.line = 1, .column = 9, .length = 1},
         NULL,
         "m.yaml:1:9: error: fault\n    1 | ???????z\n      |        ^\n  [test.id]\n"},
        {"excerpt",
         "a: >\n  V*\n  k\n",
         {.line = 1, .column = 4, .length = 1, .excerpt = "V* k", .excerpt_column = 4},
         NULL,
         "m.yaml:1:4: error: fault\n    1 | V* k\n      |    ^\n  [test.id]\n"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *got = shown(arena, rows[i].file, rows[i].where, rows[i].hint, "fault");
        if (!text_equal(got, rows[i].want))
            fail_msg("%s:\n%swanted:\n%s", rows[i].row, got, rows[i].want);
    }
}

static void long_line_is_cut_around_the_place(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    char line[1001], want[400];
    for (size_t i = 0; i < 1000; i++)
        line[i] = (char)('0' + i % 10);
    line[1000] = '\0';
    snprintf(want, sizeof want, "m.yaml:1:501: error: fault\n    1 | %.160s\n      | %40s^~\n  [test.id]\n", line + 460,
             "");
    assert_string_equal(shown(arena, line, (Where){.line = 1, .column = 501, .length = 2}, NULL, "fault"), want);

    /* Cut inside two-byte characters: none is split, and the caret stays under its character. */
    for (size_t i = 0; i < 1000; i += 2)
        memcpy(line + i, "\xC3\xA4", 2);
    memcpy(line + 500, "xy", 2);
    const char *got = shown(arena, line, (Where){.line = 1, .column = 502, .length = 1}, NULL, "fault");
    assert_null(strchr(got, '?'));
    assert_non_null(strstr(got, "\n      |                     ^\n"));
}

static void diagnostics_beyond_the_limit_are_counted(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Source source = {.path = "x\ny.yaml", .text = "", .length = 0};
    Diags diags = diags_new(arena);
    diag_warn(&diags, "test.warn", (Where){.source = &source}, "a hint\x1B", "'%s' is\nodd", "x");
    for (int i = 0; i < 25; i++)
        diag_error(&diags, "test.id", (Where){.source = &source}, NULL, "fault %d", i);
    assert_int_equal(diags.n, DIAGS_MAX);
    assert_int_equal(diags.n_errors, 25);
    assert_int_equal(diags.n_warnings, 1);
    assert_int_equal(diags.n_dropped, 6);
    Text text = text_new(arena);
    diag_show(&diags.list[0], &text);
    assert_string_equal(text_string(&text), "x?y.yaml: warning: 'x' is?odd\n  hint: a hint?  [test.warn]\n");
}

static void philox_gives_the_published_blocks(void **state)
{
    (void)state;
    /* Random123, tests/kat_vectors, rng_philox 10. */
    static const struct {
        uint32_t counter[4], key[2], block[4];
    } rows[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}},
        {{0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu},
         {0xffffffffu, 0xffffffffu},
         {0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}},
        {{0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u},
         {0xa4093822u, 0x299f31d0u},
         {0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        uint32_t block[4];
        rng_philox(rows[i].counter, rows[i].key, block);
        assert_memory_equal(block, rows[i].block, sizeof block);
    }
}

/* Tolerances are five standard errors of each estimate; the draws are fixed, so this never fails by chance. */
static void draws_have_the_moments_of_their_distribution(void **state)
{
    (void)state;
    enum { DRAWS = 200000 };
    RngKey key = rng_key_named(rng_key(20240501), "moments");
    double uniform[2] = {0}, normal[4] = {0};
    size_t counts[7] = {0};
    for (uint64_t i = 0; i < DRAWS; i++) {
        double u = rng_uniform(key, i), z = rng_normal(key, i);
        assert_true(u > 0.0 && u < 1.0 && isfinite(z));
        uniform[0] += u / DRAWS;
        uniform[1] += u * u / DRAWS;
        for (int power = 1; power <= 4; power++)
            normal[power - 1] += pow(z, power) / DRAWS;
        counts[rng_below(key, i, 7)]++;
    }
    double error = 5.0 / sqrt(DRAWS);
    assert_near("mean of a uniform", uniform[0], 0.5, 0.0, error * sqrt(1.0 / 12.0));
    assert_near("second moment of a uniform", uniform[1], 1.0 / 3.0, 0.0, error * sqrt(4.0 / 45.0));
    assert_near("mean of a normal", normal[0], 0.0, 0.0, error);
    assert_near("variance of a normal", normal[1], 1.0, 0.0, error * sqrt(2.0));
    assert_near("third moment of a normal", normal[2], 0.0, 0.0, error * sqrt(15.0));
    assert_near("fourth moment of a normal", normal[3], 3.0, 0.0, error * sqrt(96.0));
    for (size_t i = 0; i < 7; i++)
        assert_near("one of seven", (double)counts[i] / DRAWS, 1.0 / 7.0, 0.0, error * sqrt(6.0) / 7.0);
}

static void draws_depend_on_key_name_and_index_only(void **state)
{
    (void)state;
    RngKey key = rng_key(1);
    assert_int_equal(rng_key_named(key, "a").value, rng_key_named(key, "a").value);
    assert_int_not_equal(rng_key_named(key, "a").value, rng_key_named(key, "b").value);
    assert_int_not_equal(rng_key_named(key, "a").value, rng_key_named(rng_key(2), "a").value);
    double later = rng_normal(key, 1000000000000u), first = rng_normal(key, 0);
    assert_near("same again", rng_normal(key, 1000000000000u), later, 0.0, 0.0);
    assert_true(fabs(later - first) > 0.0);
    assert_int_equal(rng_below(key, 5, 1), 0);
}

static void hashes_are_the_published_ones(void **state)
{
    (void)state;
    char hex[HASH_TEXT]; /* FIPS 180-2, appendix B.1 */
    hash_text("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(hash_64("a", 1, "bc", 2) == 0xba7816bf8f01cfeau);
    hash_text("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_and_aligned_memory),
        cmocka_unit_test(arena_takes_requests_larger_than_a_block),
        cmocka_unit_test(closing_an_arena_twice_does_nothing),
        cmocka_unit_test(vec_keeps_items_while_it_grows),
        cmocka_unit_test(map_finds_what_was_added_and_refuses_a_second_value),
        cmocka_unit_test(map_with_keys_that_were_chosen_to_share_a_slot_finds_them),
        cmocka_unit_test(harmful_characters_are_known),
        cmocka_unit_test(text_distance_counts_edits),
        cmocka_unit_test(suggestion_is_near_or_absent),
        cmocka_unit_test(growing_text_keeps_everything),
        cmocka_unit_test(number_read_stops_at_the_end_of_the_number),
        cmocka_unit_test(text_that_is_not_a_number_leaves_the_result_untouched),
        cmocka_unit_test(shown_numbers_read_back_exactly),
        cmocka_unit_test(error_says_what_and_where_and_never_overflows),
        cmocka_unit_test(diagnostic_shows_the_line_and_underlines_the_place),
        cmocka_unit_test(long_line_is_cut_around_the_place),
        cmocka_unit_test(diagnostics_beyond_the_limit_are_counted),
        cmocka_unit_test(philox_gives_the_published_blocks),
        cmocka_unit_test(draws_have_the_moments_of_their_distribution),
        cmocka_unit_test(draws_depend_on_key_name_and_index_only),
        cmocka_unit_test(hashes_are_the_published_ones),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
