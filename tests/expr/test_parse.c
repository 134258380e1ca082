/* SPDX-License-Identifier: Apache-2.0
 *
 * Parser and printer of the expression language. Exact texts: users read them.
 */
#include "support/arena.h"
#include "support/near.h"

#include "expr/expr.h"

static const char *printed(const char *source)
{
    const Expr *expr;
    ExprFault fault = {0};
    if (!expr_parse(arena, source, &expr, &fault))
        return fault.text;
    Text text = text_new(arena);
    expr_show(expr, &text);
    return text_string(&text);
}

static void what_is_printed_is_the_shortest_form(void **state)
{
    (void)state;
    static const struct {
        const char *source, *shown;
    } rows[] = {
        {"1", "1"},
        {" a + b*c ", "a + b*c"},
        {"(a + b)*c", "(a + b)*c"},
        {"((a))*((b*c))", "a*(b*c)"},
        {"a - (b - c)", "a - (b - c)"},
        {"a - b - c", "a - b - c"},
        {"a/b/c", "a/b/c"},
        {"a/(b*c)", "a/(b*c)"},
        {"-x^2", "-x^2"},
        {"(-x)^2", "(-x)^2"},
        {"2^-1", "2^-1"},
        {"2^3^4", "2^3^4"},
        {"(2^3)^4", "(2^3)^4"},
        {"--x", "--x"},
        {"+x", "x"},
        {"a < b and not c >= d or e == f", "a < b and not c >= d or e == f"},
        {"not (a and b)", "not (a and b)"},
        {"if(a > 1, b, c)", "if(a > 1, b, c)"},
        {"min(a, b, c)", "min(min(a, b), c)"},
        {"hill(x, k, 2)", "hill(x, k, 2)"},
        {"exp(-t/tau)", "exp(-t/tau)"},
        {"D_R.x*1e-3", "D_R.x*0.001"},
        {"(a < b) == c", "(a < b) == c"},
        {"a*-b", "a*-b"},
        {"-a*b", "-a*b"},
        {"-(a*b)", "-(a*b)"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_string_equal(printed(rows[i].source), rows[i].shown);
}

static void faults_say_what_was_expected_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *source, *id, *text, *hint;
        uint32_t offset, length;
    } rows[] = {
        {"", "expr.syntax", "expected a value, found the end", NULL, 0, 0},
        {"a +", "expr.syntax", "expected a value, found the end", NULL, 3, 0},
        {"a b", "expr.syntax", "expected an operator or the end, found 'b'", NULL, 2, 1},
        {"a ** b", "expr.syntax", "expected a value, found '*'", "a power is written with '^'", 3, 1},
        {"a = b", "expr.syntax", "expected an operator or the end, found '='", "equality is written with '=='", 2, 1},
        {"a & b", "expr.syntax", "expected an operator or the end, found '&'", "write 'and', 'or', 'not'", 2, 1},
        {"(a", "expr.syntax", "expected ')', found the end", NULL, 2, 0},
        {"a)", "expr.syntax", "expected an operator or the end, found ')'", NULL, 1, 1},
        {"a < b < c", "expr.syntax", "expected an operator or the end, found '<'", NULL, 6, 1},
        {"exp a", "expr.syntax", "expected '(' after 'exp', found 'a'", NULL, 4, 1},
        {"ln(a)", "expr.unknown-function", "unknown function 'ln'", "the natural logarithm is 'log'", 0, 2},
        {"pow(a, 2)", "expr.unknown-function", "unknown function 'pow'", "a power is written with '^'", 0, 3},
        {"sqr(a)", "expr.unknown-function", "unknown function 'sqr'", "did you mean 'sqrt'?", 0, 3},
        {"system(a)", "expr.unknown-function", "unknown function 'system'",
         "functions: abs atan2 ceil cos erf exp floor hill if lgamma log log10 max min mod round sin sqrt tanh", 0, 6},
        {"exp(a, b)", "expr.arguments", "'exp' takes one argument, not 2", NULL, 0, 9},
        {"exp()", "expr.arguments", "'exp' takes one argument, not 0", NULL, 0, 5},
        {"max(a)", "expr.arguments", "'max' takes two or more arguments, not 1", NULL, 0, 6},
        {"hill(x, k)", "expr.arguments", "'hill' takes three arguments, not 2", "write hill(x, k, n)", 0, 10},
        {"mod(a)", "expr.arguments", "'mod' takes two arguments, not 1", "write mod(a, b)", 0, 6},
        {"if(a, b)", "expr.arguments", "'if' takes three arguments, not 2", "write if(condition, then, else)", 0, 8},
        {"a + 1.5.2", "expr.syntax", "expected an operator or the end, found '.2'", NULL, 7, 2},
        {"a $ b", "expr.syntax", "expected an operator or the end, found '$'", NULL, 2, 1},
        {"\xC2\xB5 + 1", "expr.syntax", "expected a value, found '\xC2\xB5'", NULL, 0, 2},
        {"1e999", "expr.syntax", "expected a number, found '1'", NULL, 0, 1},
        {"and", "expr.syntax", "expected a value, found 'and'", NULL, 0, 3},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const Expr untouched = {0}, *expr = &untouched;
        ExprFault fault = {0};
        assert_false(expr_parse(arena, rows[i].source, &expr, &fault));
        assert_ptr_equal(expr, &untouched);
        assert_string_equal(fault.id, rows[i].id);
        assert_string_equal(fault.text, rows[i].text);
        assert_int_equal(fault.hint == NULL, rows[i].hint == NULL);
        if (fault.hint != NULL)
            assert_string_equal(fault.hint, rows[i].hint);
        assert_int_equal(fault.offset, rows[i].offset);
        assert_int_equal(fault.length, rows[i].length);
    }
}

static void depth_and_length_are_limited(void **state)
{
    (void)state;
    static const char *const openers[] = {"(", "-", "not ", "exp(", "2^"};
    for (size_t i = 0; i < ARRAY_LENGTH(openers); i++) {
        Text text = text_new(arena);
        for (int k = 0; k < 1000; k++)
            text_print(&text, "%s", openers[i]);
        text_print(&text, "x");
        assert_string_equal(printed(text_string(&text)), "the expression is nested deeper than 100 levels");
    }
    Text text = text_new(arena);
    for (int k = 0; k < 4001; k++)
        text_print(&text, "x+");
    assert_string_equal(printed(text_string(&text)), "the expression is longer than 8000 bytes");
}

/* A random tree as text; every operator may come up. */
static void random_source(Text *text, RngKey key, uint64_t *draw, int depth)
{
    static const char *const binary[] = {" + ", " - ", "*", "/", "^", " < ", " and ", " or ", " == "};
    static const char *const unary[] = {"-",   "not ",  "exp", "log", "sqrt", "tanh",   "abs",
                                        "sin", "floor", "cos", "erf", "ceil", "lgamma", "round"};
    size_t kind = rng_below(key, (*draw)++, depth > 0 ? 4 : 2);
    if (kind == 0) {
        text_print(text, "%zu.5", rng_below(key, (*draw)++, 9));
    } else if (kind == 1) {
        text_print(text, "%c", (char)('a' + (int)rng_below(key, (*draw)++, 5)));
    } else if (kind == 2) {
        text_print(text, "%s(", unary[rng_below(key, (*draw)++, ARRAY_LENGTH(unary))]);
        random_source(text, key, draw, depth - 1);
        text_print(text, ")");
    } else {
        text_print(text, "((");
        random_source(text, key, draw, depth - 1);
        text_print(text, ")%s(", binary[rng_below(key, (*draw)++, ARRAY_LENGTH(binary))]);
        random_source(text, key, draw, depth - 1);
        text_print(text, "))");
    }
}

static bool same_tree(const Expr *a, const Expr *b)
{
    if (a->kind != b->kind || (a->kind == EXPR_CALL && (a->op != b->op || a->n_args != b->n_args)))
        return false;
    if (a->kind == EXPR_NUMBER)
        return !(a->number < b->number || a->number > b->number);
    if (a->kind == EXPR_NAME)
        return text_equal(a->name, b->name);
    for (size_t i = 0; i < a->n_args; i++)
        if (!same_tree(a->args[i], b->args[i]))
            return false;
    return true;
}

static void printing_and_parsing_are_inverse(void **state)
{
    (void)state;
    RngKey key = rng_key(20111);
    uint64_t draw = 0;
    for (int i = 0; i < 2000; i++) {
        Text source = text_new(arena), shown = text_new(arena);
        const Expr *tree, *again;
        ExprFault fault;
        random_source(&source, key, &draw, 6);
        assert_true(expr_parse(arena, text_string(&source), &tree, &fault));
        expr_show(tree, &shown);
        if (!expr_parse(arena, text_string(&shown), &again, &fault) || !same_tree(tree, again))
            fail_msg("seed 20111, case %d: '%s' came back as '%s'", i, source.bytes, shown.bytes);
    }
}

static void reserved_words_are_known(void **state)
{
    (void)state;
    assert_true(expr_is_reserved("if") && expr_is_reserved("and") && expr_is_reserved("hill"));
    assert_false(expr_is_reserved("k_P"));
    assert_true(expr_is_name("k_P.2") && expr_is_name("_x"));
    assert_false(expr_is_name("BV/TV") || expr_is_name("2x") || expr_is_name("") || expr_is_name(".x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printed_is_the_shortest_form),
        cmocka_unit_test(faults_say_what_was_expected_and_where),
        cmocka_unit_test(depth_and_length_are_limited),
        cmocka_unit_test(printing_and_parsing_are_inverse),
        cmocka_unit_test(reserved_words_are_known),
    };
    return cmocka_run_group_tests_name("expr/parse", tests, open_arena, close_arena);
}
