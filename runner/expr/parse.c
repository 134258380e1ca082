/* SPDX-License-Identifier: Apache-2.0
 *
 * Text -> tree, by recursive descent. From loosest to tightest:
 *   or   and   not   < <= > >= == != (not chained)   + -   * /   unary -   ^ (to the right; its exponent may be signed)
 */
#include <stdio.h>
#include <string.h>

#include "expr/expr.h"

enum { MAX_TEXT_BYTES = 8000, PARSE_DEPTH_MAX = 100 };

typedef struct Parser {
    Arena *arena;
    const char *text;
    uint32_t at;     /* start of the current token */
    uint32_t length; /* of the current token; 0 at the end */
    uint32_t before; /* end of the token before */
    int depth;
    ExprFault *fault;
    bool failed;
} Parser;

static bool parse_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t name_span(const char *text)
{
    size_t n = 0;
    if (parse_is_letter(text[0]))
        while (parse_is_letter(text[n]) || is_digit(text[n]) || text[n] == '.')
            n++;
    return n;
}

bool expr_is_name(const char *text)
{
    size_t span = name_span(text);
    return span > 0 && text[span] == '\0';
}

static bool find_function(const char *name, ExprOp *ret_op)
{
    for (ExprOp op = 0; op < N_EXPR_OPS; op++)
        if (expr_function(op)->binds == BINDS_FUNCTION && text_equal(expr_function(op)->token, name)) {
            *ret_op = op;
            return true;
        }
    return false;
}

bool expr_is_reserved(const char *name)
{
    ExprOp op;
    return find_function(name, &op) || text_equal(name, "and") || text_equal(name, "or") || text_equal(name, "not");
}

/* Records the first fault only; what follows it is noise. */
static const Expr *fail(Parser *p, const char *id, uint32_t offset, uint32_t length, const char *hint, const char *text)
{
    if (!p->failed)
        *p->fault = (ExprFault){.id = id, .text = text, .hint = hint, .offset = offset, .length = length};
    p->failed = true;
    return NULL;
}

static uint32_t token_length(const char *text)
{
    double number;
    if (text[0] == '\0')
        return 0;
    if (parse_is_letter(text[0]))
        return (uint32_t)name_span(text);
    if (is_digit(text[0]) || text[0] == '.') {
        size_t span = number_read(text, &number);
        return span > 0 ? (uint32_t)span : 1;
    }
    if (strchr("<>=!", text[0]) != NULL && text[1] == '=')
        return 2;
    uint32_t length = 1; /* a UTF-8 sequence is one token, so that a diagnostic underlines all of it */
    while (((unsigned char)text[length] & 0xC0) == 0x80)
        length++;
    return length;
}

static void next(Parser *p)
{
    p->before = p->at + p->length;
    p->at = p->before;
    p->at += (uint32_t)strspn(p->text + p->at, " \t\r\n");
    p->length = token_length(p->text + p->at);
}

static bool token_is(const Parser *p, const char *token)
{
    return strlen(token) == p->length && memcmp(p->text + p->at, token, p->length) == 0;
}

static bool accept(Parser *p, const char *token)
{
    if (!token_is(p, token))
        return false;
    next(p);
    return true;
}

static const char *token_text(const Parser *p)
{
    return p->length > 0 ? arena_print(p->arena, "'%.*s'", (int)p->length, p->text + p->at) : "the end";
}

static const Expr *expected(Parser *p, const char *what)
{
    const char *hint = NULL;
    if (token_is(p, "*") && p->before == p->at)
        hint = "a power is written with '^'";
    else if (token_is(p, "="))
        hint = "equality is written with '=='";
    else if (token_is(p, "&") || token_is(p, "|") || token_is(p, "!"))
        hint = "write 'and', 'or', 'not'";
    return fail(p, "expr.syntax", p->at, p->length, hint,
                arena_print(p->arena, "expected %s, found %s", what, token_text(p)));
}

static const Expr *call(Parser *p, ExprOp op, uint32_t offset, const Expr *a, const Expr *b, const Expr *c)
{
    if (p->failed)
        return NULL;
    Expr *expr = NEW(p->arena, Expr);
    *expr = (Expr){.kind = EXPR_CALL,
                   .op = op,
                   .args = {a, b, c},
                   .n_args = c != NULL   ? 3
                             : b != NULL ? 2
                                         : 1,
                   .offset = offset,
                   .length = p->before - offset};
    return expr;
}

static const Expr *parse_or(Parser *p);

static const Expr *parse_too_deep(Parser *p)
{
    return fail(p, "expr.too-deep", p->at, p->length, "split it into quantities",
                arena_print(p->arena, "the expression is nested deeper than %d levels", PARSE_DEPTH_MAX));
}

static const Expr *wrong_count(Parser *p, const ExprFunction *function, uint32_t offset, size_t n)
{
    static const char *const counts[] = {"two or more", "one", "two", "three"};
    const char *hint = function->n_args > 1 ? arena_print(p->arena, "write %s", function->usage) : NULL;
    return fail(p, "expr.arguments", offset, p->before - offset, hint,
                arena_print(p->arena, "'%s' takes %s argument%s, not %zu", function->token, counts[function->n_args],
                            function->n_args == 1 ? "" : "s", n));
}

/* Behind the opening parenthesis. */
static const Expr *parse_call(Parser *p, ExprOp op, uint32_t offset)
{
    const ExprFunction *function = expr_function(op);
    const Expr *args[3] = {NULL};
    size_t n = 0;
    if (!token_is(p, ")")) {
        do {
            const Expr *arg = parse_or(p);
            if (n >= 2 && function->n_args == 0) { /* min(a, b, c) is min(min(a, b), c) */
                args[0] = call(p, op, offset, args[0], args[1], NULL);
                args[1] = arg;
            } else if (n < 3) {
                args[n] = arg;
            }
            n++;
        } while (!p->failed && accept(p, ","));
    }
    if (!p->failed && !accept(p, ")"))
        return expected(p, "',' or ')'");
    if (p->failed)
        return NULL;
    if (function->n_args == 0 ? n < 2 : n != function->n_args)
        return wrong_count(p, function, offset, n);
    return call(p, op, offset, args[0], args[1], args[2]);
}

static const Expr *unknown_function(Parser *p, const char *name, uint32_t offset, uint32_t length)
{
    const char *names[N_EXPR_OPS];
    size_t n = 0;
    Text all = text_new(p->arena);
    for (ExprOp op = 0; op < N_EXPR_OPS; op++)
        if (expr_function(op)->binds == BINDS_FUNCTION) {
            names[n++] = expr_function(op)->token;
            text_print(&all, " %s", expr_function(op)->token);
        }
    const char *hint = text_equal(name, "ln")    ? "the natural logarithm is 'log'"
                       : text_equal(name, "pow") ? "a power is written with '^'"
                                                 : diag_suggest(p->arena, name, names, n);
    if (hint == NULL)
        hint = arena_print(p->arena, "functions:%s", text_string(&all));
    return fail(p, "expr.unknown-function", offset, length, hint, arena_print(p->arena, "unknown function '%s'", name));
}

static const Expr *parse_name(Parser *p)
{
    uint32_t offset = p->at, length = p->length;
    const char *name = arena_copy_text(p->arena, p->text + offset, length);
    if (text_equal(name, "and") || text_equal(name, "or") || text_equal(name, "not"))
        return expected(p, "a value");
    next(p);
    ExprOp op;
    bool is_function = find_function(name, &op);
    if (token_is(p, "(")) {
        if (!is_function)
            return unknown_function(p, name, offset, length);
        next(p);
        return parse_call(p, op, offset);
    }
    if (is_function)
        return expected(p, arena_print(p->arena, "'(' after '%s'", name));
    Expr *expr = NEW(p->arena, Expr);
    *expr = (Expr){.kind = EXPR_NAME, .name = name, .offset = offset, .length = length};
    return expr;
}

static const Expr *parse_number(Parser *p)
{
    double value;
    if (number_read(p->text + p->at, &value) != p->length)
        return expected(p, "a number");
    Expr *expr = NEW(p->arena, Expr);
    *expr = (Expr){.kind = EXPR_NUMBER, .number = value, .offset = p->at, .length = p->length};
    next(p);
    return expr;
}

static const Expr *parse_value(Parser *p)
{
    const char *start = p->text + p->at;
    if (p->length > 0 && parse_is_letter(*start))
        return parse_name(p);
    if (p->length > 0 && (is_digit(*start) || *start == '.'))
        return parse_number(p);
    if (!accept(p, "("))
        return expected(p, "a value");
    const Expr *inner = parse_or(p);
    if (!p->failed && !accept(p, ")"))
        return expected(p, "')'");
    return inner;
}

static const Expr *parse_negation(Parser *p);

static const Expr *parse_power(Parser *p)
{
    uint32_t offset = p->at;
    const Expr *base = parse_value(p);
    if (p->failed || !accept(p, "^"))
        return base;
    const Expr *exponent = parse_negation(p);
    return call(p, EXPR_POWER, offset, base, exponent, NULL);
}

static const Expr *parse_negation(Parser *p)
{
    uint32_t offset = p->at;
    if (p->depth >= PARSE_DEPTH_MAX)
        return parse_too_deep(p);
    p->depth++;
    const Expr *expr = accept(p, "-") ? parse_negation(p) : accept(p, "+") ? parse_negation(p) : NULL;
    bool negated = expr != NULL && p->text[offset] == '-';
    if (expr == NULL && !p->failed)
        expr = parse_power(p);
    p->depth--;
    return negated ? call(p, EXPR_NEGATE, offset, expr, NULL, NULL) : expr;
}

static const Expr *parse_binary(Parser *p, int binds);

/* What binds tighter than an operator of two arguments. `not` stands between `and` and comparisons, unary minus above
 * products. */
static const Expr *parse_tighter(Parser *p, int binds)
{
    uint32_t offset = p->at;
    if (binds == BINDS_AND && token_is(p, "not")) {
        if (p->depth >= PARSE_DEPTH_MAX)
            return parse_too_deep(p);
        next(p);
        p->depth++;
        const Expr *arg = parse_tighter(p, binds);
        p->depth--;
        return call(p, EXPR_NOT, offset, arg, NULL, NULL);
    }
    if (binds == BINDS_AND)
        return parse_binary(p, BINDS_COMPARISON);
    return binds < BINDS_PRODUCT ? parse_binary(p, binds + 1) : parse_negation(p);
}

static bool accept_operator(Parser *p, int binds, ExprOp *ret_op)
{
    for (ExprOp op = 0; op < N_EXPR_OPS; op++)
        if (expr_function(op)->binds == binds && token_is(p, expr_function(op)->token)) {
            *ret_op = op;
            next(p);
            return true;
        }
    return false;
}

/* Operators of one binding, from left to right: a + b - c, but not a < b < c. */
static const Expr *parse_binary(Parser *p, int binds)
{
    uint32_t offset = p->at;
    const Expr *left = parse_tighter(p, binds);
    ExprOp op;
    bool more = true;
    while (!p->failed && more && accept_operator(p, binds, &op)) {
        const Expr *right = parse_tighter(p, binds);
        left = call(p, op, offset, left, right, NULL);
        more = binds != BINDS_COMPARISON;
    }
    return left;
}

static const Expr *parse_or(Parser *p)
{
    if (p->depth >= PARSE_DEPTH_MAX)
        return parse_too_deep(p);
    p->depth++;
    const Expr *expr = parse_binary(p, BINDS_OR);
    p->depth--;
    return p->failed ? NULL : expr;
}

bool expr_parse(Arena *arena, const char *text, const Expr **ret_expr, ExprFault *ret_fault)
{
    Parser p = {.arena = arena, .text = text, .fault = ret_fault};
    if (strlen(text) > MAX_TEXT_BYTES) {
        fail(&p, "expr.too-long", 0, 1, "split it into quantities",
             arena_print(arena, "the expression is longer than %d bytes", MAX_TEXT_BYTES));
        return false;
    }
    next(&p);
    const Expr *expr = parse_or(&p);
    if (!p.failed && p.length > 0)
        expected(&p, "an operator or the end");
    if (p.failed)
        return false;
    *ret_expr = expr;
    return true;
}
