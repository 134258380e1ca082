/* SPDX-License-Identifier: Apache-2.0
 *
 * Trees -> nodes, with the unit of everything checked on the way. A value's node holds it in the unit beside it;
 * where two terms of one dimension have different scales (mm + um) the second is converted to the first's. A literal
 * 0 takes any unit.
 *
 *   1. the walk over a tree     2. rules of the operators     3. names     4. a formula
 */
#include <math.h>

#include "model/lower_priv.h"

/* Of operators and quantities inside one another: far below what the stack holds (each takes about 1 KiB). */
enum { LOWER_DEPTH_MAX = 2000 };

static const Typed FAILED = {.failed = true, .unit = {.scale = 1.0}};

/* ---- 1. The walk ---- */

Where lower_where(const Lowering *l, const Expr *expr)
{
    return yaml_where_in(l->loader->arena, l->text, expr->offset, expr->length);
}

static const char *shown(const Lowering *l, const Expr *expr)
{
    Text text = text_new(l->loader->arena);
    expr_show(expr, &text);
    return text_string(&text);
}

const char *lower_unit_text(const Lowering *l, Unit unit)
{
    return unit_is_number(unit) ? "a pure number"
                                : arena_print(l->loader->arena, "in '%s'", unit_show(l->loader->arena, unit));
}

static Node scaled(const Lowering *l, Node node, double factor)
{
    return apply(l, OP_MULTIPLY, node, dag_const(l->dag, factor));
}

Typed lower_converted(const Lowering *l, Typed value, Unit to)
{
    if (!value.is_zero)
        value.node = scaled(l, value.node, unit_factor(value.unit, to));
    value.unit = to;
    return value;
}

static Typed lower_pure(Lowering *l, const Expr *expr, const char *role)
{
    Typed value = lower(l, expr);
    if (value.failed || value.is_zero || unit_is_number(value.unit))
        return value.failed ? value : lower_converted(l, value, unit_one());
    diag_error(l->loader->diags, "model.unit-mismatch", lower_where(l, expr),
               "divide it by a quantity of the same unit", "%s must be a pure number, but '%s' is %s, in %s", role,
               shown(l, expr), lower_unit_text(l, value.unit), l->what);
    return FAILED;
}

bool lower_unify(Lowering *l, const Expr *expr, Typed *a, Typed *b, const char *verb)
{
    if (a->failed || b->failed)
        return false;
    if (a->is_zero && !b->is_zero)
        a->unit = b->unit;
    if (b->is_zero)
        b->unit = a->unit;
    if (!unit_converts(a->unit, b->unit))
        return diag_error(l->loader->diags, "model.unit-mismatch", lower_where(l, expr), NULL,
                          "cannot %s '%s' (%s) and '%s' (%s) in %s", verb, shown(l, expr->args[expr->n_args - 2]),
                          lower_unit_text(l, a->unit), shown(l, expr->args[expr->n_args - 1]),
                          lower_unit_text(l, b->unit), l->what);
    *b = lower_converted(l, *b, a->unit);
    return true;
}

/* ---- 2. The operators ---- */

static Typed lower_terms(Lowering *l, const Expr *expr, Op op, const char *verb, bool gives_number)
{
    Typed a = lower(l, expr->args[0]), b = lower(l, expr->args[1]);
    if (!lower_unify(l, expr, &a, &b, verb))
        return FAILED;
    return (Typed){.node = apply(l, op, a.node, b.node), .unit = gives_number ? unit_one() : a.unit};
}

/* a > b is b < a */
static Typed lower_greater(Lowering *l, const Expr *expr, Op op)
{
    Typed a = lower(l, expr->args[0]), b = lower(l, expr->args[1]);
    if (!lower_unify(l, expr, &a, &b, "compare"))
        return FAILED;
    return (Typed){.node = apply(l, op, b.node, a.node), .unit = unit_one()};
}

static Typed lower_factors(Lowering *l, const Expr *expr)
{
    Typed a = lower(l, expr->args[0]), b = lower(l, expr->args[1]);
    if (a.failed || b.failed)
        return FAILED;
    bool divides = expr->op == EXPR_DIVIDE;
    return (Typed){.node = apply(l, divides ? OP_DIVIDE : OP_MULTIPLY, a.node, b.node),
                   .unit = divides ? unit_over(a.unit, b.unit) : unit_times(a.unit, b.unit)};
}

static Typed lower_power(Lowering *l, const Expr *expr)
{
    Typed base = lower(l, expr->args[0]);
    Typed exponent = lower_pure(l, expr->args[1], "an exponent");
    if (base.failed || exponent.failed)
        return FAILED;
    const DagNode *power = dag_node(l->dag, exponent.node);
    if (unit_is_number(base.unit))
        base = lower_converted(l, base, unit_one());
    else if (power->op == OP_CONST)
        return (Typed){.node = dag_power(l->dag, base.node, exponent.node),
                       .unit = unit_raised(base.unit, power->value)};
    else {
        diag_error(l->loader->diags, "model.unit-mismatch", lower_where(l, expr),
                   "divide the base by a quantity of its unit, or write the exponent as a number",
                   "'%s' (%s) is raised to a power that is not a plain number, in %s", shown(l, expr->args[0]),
                   lower_unit_text(l, base.unit), l->what);
        return FAILED;
    }
    return (Typed){.node = dag_power(l->dag, base.node, exponent.node), .unit = base.unit};
}

static Typed lower_logic(Lowering *l, const Expr *expr, Op op)
{
    Typed a = lower_pure(l, expr->args[0], "a condition");
    Typed b = expr->n_args > 1 ? lower_pure(l, expr->args[1], "a condition") : (Typed){0};
    if (a.failed || b.failed)
        return FAILED;
    return (Typed){.node = apply(l, op, a.node, b.node), .unit = unit_one()};
}

static Typed lower_if(Lowering *l, const Expr *expr)
{
    Typed condition = lower_pure(l, expr->args[0], "a condition");
    Typed yes = lower(l, expr->args[1]), no = lower(l, expr->args[2]);
    if (condition.failed || !lower_unify(l, expr, &yes, &no, "choose between"))
        return FAILED;
    return (Typed){.node = dag_apply(l->dag, OP_SELECT, condition.node, yes.node, no.node),
                   .unit = yes.unit,
                   .is_zero = yes.is_zero && no.is_zero};
}

static Typed lower_function(Lowering *l, const Expr *expr, Op op)
{
    Typed a =
        lower_pure(l, expr->args[0], arena_print(l->loader->arena, "the argument of '%s'", expr_op_name(expr->op)));
    return a.failed ? a : (Typed){.node = apply(l, op, a.node, 0), .unit = unit_one()};
}

/* hill(x, k, n) = x^n / (k^n + x^n) */
static Typed lower_hill(Lowering *l, const Expr *expr)
{
    const Expr pair = {.kind = EXPR_CALL,
                       .op = EXPR_HILL,
                       .n_args = 2,
                       .args = {expr->args[0], expr->args[1]},
                       .offset = expr->offset,
                       .length = expr->length};
    Typed x = lower(l, expr->args[0]), k = lower(l, expr->args[1]);
    Typed n = lower_pure(l, expr->args[2], "the exponent of 'hill'");
    if (n.failed || !lower_unify(l, &pair, &x, &k, "compare"))
        return FAILED;
    Node top = dag_power(l->dag, x.node, n.node), half = dag_power(l->dag, k.node, n.node);
    return (Typed){.node = apply(l, OP_DIVIDE, top, apply(l, OP_ADD, half, top)), .unit = unit_one()};
}

static Typed lower_unary(Lowering *l, const Expr *expr)
{
    Typed a = lower(l, expr->args[0]);
    if (a.failed)
        return a;
    if (expr->op == EXPR_SQRT)
        return (Typed){.node = apply(l, OP_SQRT, a.node, 0), .unit = unit_raised(a.unit, 0.5)};
    a.node = apply(l, expr->op == EXPR_ABS ? OP_ABS : OP_NEGATE, a.node, 0);
    return a;
}

static Typed lower_call(Lowering *l, const Expr *expr)
{
    switch (expr->op) {
    case EXPR_OR: return lower_logic(l, expr, OP_OR);
    case EXPR_AND: return lower_logic(l, expr, OP_AND);
    case EXPR_NOT: return lower_logic(l, expr, OP_NOT);
    case EXPR_LESS: return lower_terms(l, expr, OP_LESS, "compare", true);
    case EXPR_LESS_EQUAL: return lower_terms(l, expr, OP_LESS_EQUAL, "compare", true);
    case EXPR_GREATER: return lower_greater(l, expr, OP_LESS);
    case EXPR_GREATER_EQUAL: return lower_greater(l, expr, OP_LESS_EQUAL);
    case EXPR_EQUAL: return lower_terms(l, expr, OP_EQUAL, "compare", true);
    case EXPR_NOT_EQUAL: {
        Typed same = lower_terms(l, expr, OP_EQUAL, "compare", true);
        return same.failed ? same : (Typed){.node = apply(l, OP_NOT, same.node, 0), .unit = same.unit};
    }
    case EXPR_ADD: return lower_terms(l, expr, OP_ADD, "add", false);
    case EXPR_SUBTRACT: return lower_terms(l, expr, OP_SUBTRACT, "subtract", false);
    case EXPR_MIN: return lower_terms(l, expr, OP_MIN, "compare", false);
    case EXPR_MAX: return lower_terms(l, expr, OP_MAX, "compare", false);
    case EXPR_MULTIPLY:
    case EXPR_DIVIDE: return lower_factors(l, expr);
    case EXPR_POWER: return lower_power(l, expr);
    case EXPR_IF: return lower_if(l, expr);
    case EXPR_EXP: return lower_function(l, expr, OP_EXP);
    case EXPR_LOG: return lower_function(l, expr, OP_LOG);
    case EXPR_LOG10: return lower_function(l, expr, OP_LOG10);
    case EXPR_TANH: return lower_function(l, expr, OP_TANH);
    case EXPR_HILL: return lower_hill(l, expr);
    default: return lower_unary(l, expr);
    }
}

/* ---- 3. Names ---- */

Node lower_parameter(const Lowering *l, uint32_t index)
{
    const Model *model = l->loader->model;
    Node target = dag_parameter(l->dag, index);
    if (model->ramp_slots[index] == UINT32_MAX)
        return target;
    Node from = dag_parameter(l->dag, model->ramp_slots[index] + RAMP_FROM);
    Node k = dag_parameter(l->dag, model->ramp_slots[index] + RAMP_K);
    Node start = dag_parameter(l->dag, model->ramp_slots[index] + RAMP_START);
    Node passed = apply(l, OP_MULTIPLY, k, apply(l, OP_SUBTRACT, start, dag_time(l->dag)));
    Node left = apply(l, OP_MULTIPLY, apply(l, OP_SUBTRACT, from, target), apply(l, OP_EXP, passed, 0));
    return apply(l, OP_ADD, target, left);
}

static Typed unknown_symbol(Lowering *l, const Expr *expr)
{
    const char *hint = text_equal(expr->name, "dose")
                           ? "'dose' is known in the amount of a drug only"
                           : model_suggest_symbol(l->loader->diags, l->loader->model, expr->name);
    diag_error(l->loader->diags, "model.unknown-symbol", lower_where(l, expr), hint, "unknown symbol '%s' in %s",
               expr->name, l->what);
    return FAILED;
}

static Typed lower_name(Lowering *l, const Expr *expr)
{
    const Model *model = l->loader->model;
    if (text_equal(expr->name, "t"))
        return (Typed){.node = dag_time(l->dag), .unit = model->time};
    if (text_equal(expr->name, "dose") && l->allows_dose)
        return (Typed){.node = dag_dose(l->dag), .unit = l->dose_unit};
    const Symbol *symbol = map_find(&model->symbols, expr->name);
    if (symbol == NULL)
        return unknown_symbol(l, expr);
    if (symbol->kind == SYMBOL_PARAMETER)
        return (Typed){.node = lower_parameter(l, symbol->index), .unit = model->parameters[symbol->index].unit};
    if (symbol->kind == SYMBOL_STATE)
        return (Typed){.node = dag_state(l->dag, symbol->index), .unit = model->states[symbol->index].unit};
    if (!lower_quantity(l, symbol->index, expr))
        return FAILED;
    return (Typed){.node = model->quantities[symbol->index].is.node, .unit = model->quantities[symbol->index].unit};
}

static Typed lower_number(Lowering *l, const Expr *expr)
{
    bool is_zero = expr->number >= 0.0 && expr->number <= 0.0;
    return (Typed){.node = dag_const(l->dag, expr->number), .unit = unit_one(), .is_zero = is_zero};
}

static Typed lower_too_deep(Lowering *l, const Expr *expr)
{
    diag_error(l->loader->diags, "model.too-deep", lower_where(l, expr), "define what it is made of first",
               "%s is nested deeper than %d levels, counted through quantities", l->what, LOWER_DEPTH_MAX);
    return FAILED;
}

/* Stops after DIAGS_COUNTED errors: what is said of thousands of faults in long expressions would be gigabytes. */
Typed lower(Lowering *l, const Expr *expr)
{
    if (diags_full(l->loader->diags))
        return FAILED;
    if (l->depth >= LOWER_DEPTH_MAX)
        return lower_too_deep(l, expr);
    l->depth++;
    Typed value = expr->kind == EXPR_NAME   ? lower_name(l, expr)
                  : expr->kind == EXPR_CALL ? lower_call(l, expr)
                                            : lower_number(l, expr);
    l->depth--;
    return value;
}

/* ---- 4. A formula ---- */

static bool is_bare_number(const Expr *tree)
{
    return tree->kind == EXPR_NUMBER ||
           (tree->kind == EXPR_CALL && tree->op == EXPR_NEGATE && tree->args[0]->kind == EXPR_NUMBER);
}

bool lower_formula(Lowering *l, Formula *formula, Unit unit, const char *declared, const char *what,
                   bool number_has_unit)
{
    const YamlNode *outer_text = l->text;
    const char *outer_what = l->what;
    l->text = formula->text;
    l->what = what;
    Typed value = lower(l, formula->tree);
    if (number_has_unit && is_bare_number(formula->tree))
        value.unit = unit;
    bool fits = !value.failed && (value.is_zero || unit_converts(value.unit, unit));
    if (fits)
        formula->node = lower_converted(l, value, unit).node;
    else if (!value.failed)
        diag_error(l->loader->diags, "model.unit-mismatch", lower_where(l, formula->tree), NULL,
                   "%s is %s, but '%s' was declared", what, lower_unit_text(l, value.unit), declared);
    l->text = outer_text;
    l->what = outer_what;
    return fits;
}

static const char *cycle_text(const Lowering *l)
{
    Text text = text_new(l->loader->arena);
    for (size_t i = 0; i < l->loader->model->n_quantities; i++)
        if (l->quantities[i] == PROGRESS_OPEN)
            text_print(&text, "%s'%s'", text.length > 0 ? ", " : "", l->loader->quantities[i].name);
    return text_string(&text);
}

bool lower_quantity(Lowering *l, uint32_t index, const Expr *from)
{
    ModelQuantity *quantity = &l->loader->quantities[index];
    if (l->quantities[index] == PROGRESS_OPEN) {
        l->quantities[index] = PROGRESS_FAILED;
        return diag_error(l->loader->diags, "model.cycle", lower_where(l, from),
                          "break the circle: make one of them a state", "'%s' is defined by itself, through %s",
                          quantity->name, text_equal(cycle_text(l), "") ? "itself" : cycle_text(l));
    }
    if (l->quantities[index] != PROGRESS_NEW)
        return l->quantities[index] == PROGRESS_DONE;
    l->quantities[index] = PROGRESS_OPEN;
    bool done = lower_formula(l, &quantity->is, quantity->unit, quantity->unit_text,
                              arena_print(l->loader->arena, "the quantity '%s'", quantity->name), false);
    if (l->quantities[index] == PROGRESS_FAILED)
        done = false;
    l->quantities[index] = done ? PROGRESS_DONE : PROGRESS_FAILED;
    return done;
}
