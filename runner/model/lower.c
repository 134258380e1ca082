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

static Where lower_where(const Lowering *l, const Expr *expr)
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

/* What the rule of an operator makes of its arguments: their nodes, converted, and the unit of the result. */
typedef struct Lowered {
    Node args[3];
    Unit unit;
    bool is_zero, failed;
} Lowered;

static const Lowered LOWERED_FAILED = {.failed = true, .unit = {.scale = 1.0}};

static Lowered lower_pure_args(Lowering *l, const Expr *expr, const char *role)
{
    Lowered made = {.unit = unit_one()};
    for (size_t i = 0; i < expr->n_args; i++) {
        Typed arg = lower_pure(l, expr->args[i], role);
        made.failed = made.failed || arg.failed;
        made.args[i] = arg.node;
    }
    return made;
}

static Lowered lower_terms(Lowering *l, const Expr *expr, const char *verb, bool gives_number)
{
    Typed a = lower(l, expr->args[0]), b = lower(l, expr->args[1]);
    if (!lower_unify(l, expr, &a, &b, verb))
        return LOWERED_FAILED;
    return (Lowered){.args = {a.node, b.node}, .unit = gives_number ? unit_one() : a.unit};
}

static Lowered lower_factors(Lowering *l, const Expr *expr, bool divides)
{
    Typed a = lower(l, expr->args[0]), b = lower(l, expr->args[1]);
    if (a.failed || b.failed)
        return LOWERED_FAILED;
    return (Lowered){.args = {a.node, b.node},
                     .unit = divides ? unit_over(a.unit, b.unit) : unit_times(a.unit, b.unit)};
}

static Lowered lower_power(Lowering *l, const Expr *expr)
{
    Typed base = lower(l, expr->args[0]);
    Typed exponent = lower_pure(l, expr->args[1], "an exponent");
    if (base.failed || exponent.failed)
        return LOWERED_FAILED;
    const DagNode *power = dag_node(l->dag, exponent.node);
    if (unit_is_number(base.unit))
        base = lower_converted(l, base, unit_one());
    else if (power->op == OP_CONST)
        base.unit = unit_raised(base.unit, power->value);
    else {
        diag_error(l->loader->diags, "model.unit-mismatch", lower_where(l, expr),
                   "divide the base by a quantity of its unit, or write the exponent as a number",
                   "'%s' (%s) is raised to a power that is not a plain number, in %s", shown(l, expr->args[0]),
                   lower_unit_text(l, base.unit), l->what);
        return LOWERED_FAILED;
    }
    return (Lowered){.args = {base.node, exponent.node}, .unit = base.unit};
}

static Lowered lower_choice(Lowering *l, const Expr *expr, const char *verb)
{
    Typed condition = lower_pure(l, expr->args[0], "a condition");
    Typed yes = lower(l, expr->args[1]), no = lower(l, expr->args[2]);
    if (condition.failed || !lower_unify(l, expr, &yes, &no, verb))
        return LOWERED_FAILED;
    return (
        Lowered){.args = {condition.node, yes.node, no.node}, .unit = yes.unit, .is_zero = yes.is_zero && no.is_zero};
}

static Lowered lower_hill(Lowering *l, const Expr *expr, const char *verb)
{
    const Expr pair = {.kind = EXPR_CALL,
                       .op = expr->op,
                       .n_args = 2,
                       .args = {expr->args[0], expr->args[1]},
                       .offset = expr->offset,
                       .length = expr->length};
    Typed x = lower(l, expr->args[0]), k = lower(l, expr->args[1]);
    Typed n = lower_pure(l, expr->args[2], "the exponent of 'hill'");
    if (n.failed || !lower_unify(l, &pair, &x, &k, verb))
        return LOWERED_FAILED;
    return (Lowered){.args = {x.node, k.node, n.node}, .unit = unit_one()};
}

static Lowered lower_one(Lowering *l, const Expr *expr, bool is_root)
{
    Typed a = lower(l, expr->args[0]);
    return (Lowered){.args = {a.node},
                     .unit = is_root ? unit_raised(a.unit, 0.5) : a.unit,
                     .is_zero = a.is_zero && !is_root,
                     .failed = a.failed};
}

static Lowered lower_args(Lowering *l, const Expr *expr, const ExprFunction *function)
{
    switch (function->units) {
    case UNITS_PURE:
        return lower_pure_args(l, expr, arena_print(l->loader->arena, "the argument of '%s'", function->token));
    case UNITS_CONDITIONS: return lower_pure_args(l, expr, "a condition");
    case UNITS_SAME: return lower_terms(l, expr, function->verb, false);
    case UNITS_COMPARED: return lower_terms(l, expr, function->verb, true);
    case UNITS_KEPT: return lower_one(l, expr, false);
    case UNITS_ROOT: return lower_one(l, expr, true);
    case UNITS_PRODUCT: return lower_factors(l, expr, false);
    case UNITS_QUOTIENT: return lower_factors(l, expr, true);
    case UNITS_POWER: return lower_power(l, expr);
    case UNITS_CHOICE: return lower_choice(l, expr, function->verb);
    case UNITS_HILL: return lower_hill(l, expr, function->verb);
    }
    return LOWERED_FAILED;
}

static Typed lower_call(Lowering *l, const Expr *expr)
{
    Lowered made = lower_args(l, expr, expr_function(expr->op));
    if (made.failed)
        return FAILED;
    return (Typed){.node = expr_build(l->dag, expr->op, made.args), .unit = made.unit, .is_zero = made.is_zero};
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
