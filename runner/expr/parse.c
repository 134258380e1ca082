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

typedef struct Function {
    const char *name;
    ExprOp op;
    size_t n_args; /* 0: two or more */
} Function;

static const Function functions[] = {
    {"abs", EXPR_ABS, 1},   {"exp", EXPR_EXP, 1},     {"hill", EXPR_HILL, 3}, {"if", EXPR_IF, 3},
    {"log", EXPR_LOG, 1},   {"log10", EXPR_LOG10, 1}, {"max", EXPR_MAX, 0},   {"min", EXPR_MIN, 0},
    {"sqrt", EXPR_SQRT, 1}, {"tanh", EXPR_TANH, 1},
};

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

static const Function *function_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(functions); i++)
        if (text_equal(functions[i].name, name))
            return &functions[i];
    return NULL;
}

bool expr_is_reserved(const char *name)
{
    return function_find(name) != NULL || text_equal(name, "and") || text_equal(name, "or") || text_equal(name, "not");
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

static const Expr *wrong_count(Parser *p, const Function *function, uint32_t offset, size_t n)
{
    static const char *const signature[] = {[EXPR_HILL] = "hill(x, k, n)", [EXPR_IF] = "if(condition, then, else)"};
    const char *hint = function->n_args == 3 ? arena_print(p->arena, "write %s", signature[function->op]) : NULL;
    const char *wanted = function->n_args == 0 ? "two or more" : function->n_args == 1 ? "one" : "three";
    return fail(p, "expr.arguments", offset, p->before - offset, hint,
                arena_print(p->arena, "'%s' takes %s argument%s, not %zu", function->name, wanted,
                            function->n_args == 1 ? "" : "s", n));
}

/* Behind the opening parenthesis. */
static const Expr *parse_call(Parser *p, const Function *function, uint32_t offset)
{
    const Expr *args[3] = {NULL};
    size_t n = 0;
    if (!token_is(p, ")")) {
        do {
            const Expr *arg = parse_or(p);
            if (n >= 2 && function->n_args == 0) { /* min(a, b, c) is min(min(a, b), c) */
                args[0] = call(p, function->op, offset, args[0], args[1], NULL);
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
    return call(p, function->op, offset, args[0], args[1], args[2]);
}

static const Expr *unknown_function(Parser *p, const char *name, uint32_t offset, uint32_t length)
{
    const char *names[ARRAY_LENGTH(functions)];
    for (size_t i = 0; i < ARRAY_LENGTH(functions); i++)
        names[i] = functions[i].name;
    const char *hint = text_equal(name, "ln")    ? "the natural logarithm is 'log'"
                       : text_equal(name, "pow") ? "a power is written with '^'"
                                                 : diag_suggest(p->arena, name, names, ARRAY_LENGTH(names));
    if (hint == NULL)
        hint = "functions: abs exp hill if log log10 max min sqrt tanh";
    return fail(p, "expr.unknown-function", offset, length, hint, arena_print(p->arena, "unknown function '%s'", name));
}

static const Expr *parse_name(Parser *p)
{
    uint32_t offset = p->at, length = p->length;
    const char *name = arena_copy_text(p->arena, p->text + offset, length);
    if (text_equal(name, "and") || text_equal(name, "or") || text_equal(name, "not"))
        return expected(p, "a value");
    next(p);
    const Function *function = function_find(name);
    if (token_is(p, "(")) {
        if (function == NULL)
            return unknown_function(p, name, offset, length);
        next(p);
        return parse_call(p, function, offset);
    }
    if (function != NULL)
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

typedef struct Level {
    const char *tokens[6];
    ExprOp ops[6];
    size_t n;
    bool chains; /* a + b + c, but not a < b < c */
} Level;

/* Loosest first; `not` stands between 1 and 2, unary minus below the last. */
static const Level levels[] = {
    {{"or"}, {EXPR_OR}, 1, true},
    {{"and"}, {EXPR_AND}, 1, true},
    {{"<", "<=", ">", ">=", "==", "!="},
     {EXPR_LESS, EXPR_LESS_EQUAL, EXPR_GREATER, EXPR_GREATER_EQUAL, EXPR_EQUAL, EXPR_NOT_EQUAL},
     6,
     false},
    {{"+", "-"}, {EXPR_ADD, EXPR_SUBTRACT}, 2, true},
    {{"*", "/"}, {EXPR_MULTIPLY, EXPR_DIVIDE}, 2, true},
};
enum { LEVEL_NOT = 2 };

static const Expr *parse_level(Parser *p, size_t index);

static const Expr *parse_below(Parser *p, size_t level)
{
    uint32_t offset = p->at;
    if (level + 1 == LEVEL_NOT && token_is(p, "not")) {
        if (p->depth >= PARSE_DEPTH_MAX)
            return parse_too_deep(p);
        next(p);
        p->depth++;
        const Expr *arg = parse_below(p, level);
        p->depth--;
        return call(p, EXPR_NOT, offset, arg, NULL, NULL);
    }
    return level + 1 < ARRAY_LENGTH(levels) ? parse_level(p, level + 1) : parse_negation(p);
}

static bool accept_op(Parser *p, const Level *level, ExprOp *ret_op)
{
    for (size_t i = 0; i < level->n; i++)
        if (token_is(p, level->tokens[i])) {
            *ret_op = level->ops[i];
            next(p);
            return true;
        }
    return false;
}

static const Expr *parse_level(Parser *p, size_t index)
{
    const Level *level = &levels[index];
    uint32_t offset = p->at;
    const Expr *left = parse_below(p, index);
    ExprOp op;
    bool more = true;
    while (!p->failed && more && accept_op(p, level, &op)) {
        const Expr *right = parse_below(p, index);
        left = call(p, op, offset, left, right, NULL);
        more = level->chains;
    }
    return left;
}

static const Expr *parse_or(Parser *p)
{
    if (p->depth >= PARSE_DEPTH_MAX)
        return parse_too_deep(p);
    p->depth++;
    const Expr *expr = parse_level(p, 0);
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
