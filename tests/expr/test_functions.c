/* SPDX-License-Identifier: Apache-2.0
 *
 * Every function of the language, row by row: its value, its derivative, its jumps, and that the manual lists it.
 *
 * Values are those of the C library; SLEEF promises 1.0 ULP, the C library less than that or about it: 4e-16 relative
 * is two units in the last place. Derivatives are compared with central differences of step 1e-5, whose own error is
 * about 1e-10 of the third derivative; 1e-7 is far above both.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/arena.h"
#include "support/near.h"

#include "expr/expr.h"

/* The value of an expression of x and y. */
typedef struct Parsed {
    Dag *dag;
    Node node;
} Parsed;

static Node build(Dag *dag, const Expr *expr)
{
    Node args[3] = {0};
    if (expr->kind == EXPR_NUMBER)
        return dag_const(dag, expr->number);
    if (expr->kind == EXPR_NAME)
        return dag_state(dag, text_equal(expr->name, "x") ? 0 : 1);
    for (size_t i = 0; i < expr->n_args; i++)
        args[i] = build(dag, expr->args[i]);
    return expr_build(dag, expr->op, args);
}

static Parsed parse(const char *text)
{
    const Expr *expr;
    ExprFault fault = {0};
    if (!expr_parse(arena, text, &expr, &fault))
        fail_msg("%s: %s", text, fault.text);
    Parsed parsed = {.dag = dag_new(arena)};
    parsed.node = build(parsed.dag, expr);
    return parsed;
}

static double value_of(const Dag *dag, Node node, double x, double y, const double *parameters)
{
    const double states[] = {x, y};
    const DagInputs at = {.states = states, .parameters = parameters};
    double value;
    SCOPED(arena_close) Arena *scratch = arena_open();
    dag_eval(scratch, dag, &node, 1, &at, &value);
    return value;
}

/* `at`: where the value is taken; `smooth`: the derivative is a difference there. */
static const struct {
    const char *text;
    double x, y, want;
    bool smooth;
} rows[] = {
    {"floor(x)", 2.7, 0, 2, true},
    {"floor(x)", -2.2, 0, -3, true},
    {"floor(x)", -2, 0, -2, false},
    {"ceil(x)", 2.2, 0, 3, true},
    {"ceil(x)", -2.7, 0, -2, true},
    {"ceil(x)", 3, 0, 3, false},
    {"round(x)", 2.4, 0, 2, true},
    {"round(x)", 2.5, 0, 3, false},
    {"round(x)", -2.5, 0, -3, false},
    {"round(x)", -2.6, 0, -3, true},
    {"round(x)", 0.49999999999999994, 0, 0, false},
    {"mod(x, y)", 7.5, 2, 1.5, true},
    {"mod(x, y)", -7.5, 2, 0.5, true},
    {"mod(x, y)", 7.5, -2, -0.5, true},
    {"mod(x, y)", 6, 2, 0, false},
    {"sin(x)", 0.7, 0, 0.64421768723769105367, true},
    {"sin(x)", 100, 0, -0.50636564110975879366, true},
    {"cos(x)", 0.7, 0, 0.76484218728448842626, true},
    {"cos(x)", -3, 0, -0.98999249660044545727, true},
    {"atan2(x, y)", 1, 2, 0.46364760900080611621, true},
    {"atan2(x, y)", -1, -2, -2.6779450445889871222, true},
    {"atan2(x, y)", 0, -1, 3.1415926535897932385, false},
    {"erf(x)", 0.5, 0, 0.52049987781304653768, true},
    {"erf(x)", -2, 0, -0.99532226501895273416, true},
    {"lgamma(x)", 5, 0, 3.1780538303479456197, true},
    {"lgamma(x)", 0.3, 0, 1.0957979948180755117, true},
    {"lgamma(x)", -1.5, 0, 0.86004701537648101451, true},
    {"exp(x)", 1, 0, 2.7182818284590452354, true},
    {"log(x)", 10, 0, 2.3025850929940456840, true},
    {"log10(x)", 2, 0, 0.30102999566398119521, true},
    {"tanh(x)", 0.5, 0, 0.46211715726000975850, true},
    {"sqrt(x)", 2, 0, 1.4142135623730950488, true},
    {"abs(x)", -2, 0, 2, true},
    {"min(x, y)", 1, 2, 1, true},
    {"max(x, y, 3)", 1, 2, 3, true},
    {"hill(x, y, 2)", 1, 2, 0.2, true},
    {"if(x > y, x, y)", 1, 2, 2, true},
};

static void every_function_has_its_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        Parsed p = parse(rows[i].text);
        assert_near(rows[i].text, value_of(p.dag, p.node, rows[i].x, rows[i].y, NULL), rows[i].want, 4e-16, 0.0);
    }
}

/* Constants are folded with the same functions: no instruction is left, and the bits are the same. */
static void every_function_of_constants_is_folded(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        Parsed p = parse(rows[i].text);
        const Expr *expr;
        ExprFault fault;
        assert_true(expr_parse(arena, rows[i].text, &expr, &fault));
        Node args[3] = {0};
        const double values[] = {rows[i].x, rows[i].y};
        for (size_t k = 0; k < expr->n_args; k++)
            args[k] = expr->args[k]->kind == EXPR_NAME
                          ? dag_const(p.dag, values[text_equal(expr->args[k]->name, "x") ? 0 : 1])
                          : 0;
        if (expr->args[0]->kind != EXPR_NAME || expr->n_args > 2)
            continue; /* nested */
        const DagNode *folded = dag_node(p.dag, expr_build(p.dag, expr->op, args));
        double want = value_of(p.dag, p.node, rows[i].x, rows[i].y, NULL);
        assert_int_equal(folded->op, OP_CONST);
        if (!text_equal(rows[i].text, "max(x, y, 3)"))
            assert_memory_equal(&folded->value, &want, sizeof want);
    }
}

static void every_derivative_is_the_difference(void **state)
{
    (void)state;
    static const double H = 1e-5;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        Parsed p = parse(rows[i].text);
        double x = rows[i].x, y = rows[i].y;
        for (uint32_t by = 0; by < 2 && rows[i].smooth; by++) {
            Node slope;
            double hx = by == 0 ? H : 0.0, hy = by == 1 ? H : 0.0;
            dag_derivatives(p.dag, &p.node, 1, by, &slope);
            double up = value_of(p.dag, p.node, x + hx, y + hy, NULL);
            double down = value_of(p.dag, p.node, x - hx, y - hy, NULL);
            assert_near(rows[i].text, value_of(p.dag, slope, x, y, NULL), (up - down) / (2.0 * H), 1e-7, 1e-7);
        }
    }
}

/* The digamma function by its own known values: psi(1) = -gamma, psi(1/2) = -gamma - 2 log 2, psi(-1/2) = psi(1/2) + 2,
 * to 1e-12 (the asymptotic series is cut below 1e-13). */
static void the_derivative_of_lgamma_is_digamma(void **state)
{
    (void)state;
    static const double GAMMA = 0.57721566490153286061, LOG_2 = 0.69314718055994530942;
    const double known[][2] = {{1.0, -GAMMA},
                               {2.0, 1.0 - GAMMA},
                               {0.5, -GAMMA - 2.0 * LOG_2},
                               {-0.5, 2.0 - GAMMA - 2.0 * LOG_2},
                               {100.0, 4.6001618527380874002}};
    Parsed p = parse("lgamma(x)");
    Node slope;
    dag_derivatives(p.dag, &p.node, 1, 0, &slope);
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++)
        assert_near("digamma", value_of(p.dag, slope, known[i][0], 0.0, NULL), known[i][1], 1e-12, 0.0);
}

/* Held at the level that x has, a jump is no jump: half a unit beyond the interval the level is the same. */
static void what_jumps_is_held_beyond_its_interval(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double x, beyond, held;
    } jumps[] = {
        {"floor(x)", 2.0, 3.4, 2.0},    {"floor(x)", 2.9, 1.6, 2.0},     {"floor(x)", -3.0, -1.6, -3.0},
        {"floor(x)", 0.0, -0.4, 0.0},   {"floor(x)", -1.0, 0.4, -1.0},   {"ceil(x)", 2.1, 1.7, 3.0},
        {"round(x)", 2.0, 2.9, 2.0},    {"round(x)", -2.2, -2.9, -2.0},  {"round(x)", 0.1, 0.9, 0.0},
        {"mod(x, 2)", 5.5, 6.25, 2.25}, {"mod(x, 2)", 4.0, 3.75, -0.25},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(jumps); i++) {
        Parsed p = parse(jumps[i].text);
        Node held;
        double parameters[8] = {0.0}, root_values[8];
        const double x[] = {jumps[i].x, 0.0};
        const DagInputs at = {.states = x, .parameters = parameters};
        DagConditions conditions = dag_hold(arena, p.dag, &p.node, 1, 0, &held);
        assert_in_range(conditions.n, 1, 8);
        for (size_t round = 0; round <= conditions.n; round++) { /* one may stand in the branch of another */
            dag_eval(arena, p.dag, conditions.root_functions, conditions.n, &at, root_values);
            for (size_t k = 0; k < conditions.n; k++)
                parameters[k] = root_values[k] > 0.0 ? 1.0 : 0.0;
        }
        assert_near(jumps[i].text, value_of(p.dag, held, jumps[i].x, 0.0, parameters),
                    value_of(p.dag, p.node, jumps[i].x, 0.0, parameters), 0.0, 0.0);
        assert_near(jumps[i].text, value_of(p.dag, held, jumps[i].beyond, 0.0, parameters), jumps[i].held, 0.0, 0.0);
        assert_int_equal(dag_conditions(p.dag, &p.node, 1) > 0, true);
    }
}

/* "`floor(x)`" with its meaning stands in models/README.md for every function of the table. */
static void the_manual_lists_every_function(void **state)
{
    (void)state;
    FILE *file = fopen(SOURCE_DIR "/models/README.md", "rb");
    assert_non_null(file);
    char *manual = arena_alloc(arena, 1 << 20, 1);
    size_t n = fread(manual, 1, (1 << 20) - 1, file);
    assert_int_equal(fclose(file), 0);
    assert_true(n > 0);
    for (ExprOp op = 0; op < N_EXPR_OPS; op++) {
        const ExprFunction *function = expr_function(op);
        if (function->binds != BINDS_FUNCTION)
            continue;
        const char *row = arena_print(arena, "| `%s` | %s |", function->usage, function->meaning);
        if (strstr(manual, row) == NULL)
            fail_msg("models/README.md has no row '%s'", row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_has_its_value),
        cmocka_unit_test(every_function_of_constants_is_folded),
        cmocka_unit_test(every_derivative_is_the_difference),
        cmocka_unit_test(the_derivative_of_lgamma_is_digamma),
        cmocka_unit_test(what_jumps_is_held_beyond_its_interval),
        cmocka_unit_test(the_manual_lists_every_function),
    };
    return cmocka_run_group_tests_name("expr/functions", tests, open_arena, close_arena);
}
