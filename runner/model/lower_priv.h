/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside lowering: lower.c turns a tree into nodes, lower_model.c the whole model.
 */
#ifndef MB_MODEL_LOWER_PRIV_H
#define MB_MODEL_LOWER_PRIV_H

#include "model/model_priv.h"

typedef struct Typed {
    Node node;
    Unit unit;
    bool is_zero; /* a literal 0 */
    bool failed;  /* a diagnostic was given: stay quiet */
} Typed;

typedef enum Progress { PROGRESS_NEW, PROGRESS_OPEN, PROGRESS_DONE, PROGRESS_FAILED } Progress;

typedef struct Lowering {
    ModelLoader *loader;
    Dag *dag;
    Progress *quantities;
    const YamlNode *text; /* of the formula at hand, and its name in diagnostics */
    const char *what;
    bool allows_dose;
    int depth;
    Unit dose_unit;
} Lowering;

/* The value of a tree, and its unit. */
Typed lower(Lowering *l, const Expr *expr);

/* Lowers a quantity once; false when it fails, `from` is where it is used. */
bool lower_quantity(Lowering *l, uint32_t index, const Expr *from);

/* A formula whose value must have a given unit; its node is that value. `number_has_unit`: a bare number is meant in
 * the unit, as in `initial: 0.25`. */
bool lower_formula(Lowering *l, Formula *formula, Unit unit, const char *declared, const char *what,
                   bool number_has_unit);

/* Both in the unit of the first; a literal 0 adapts. A diagnostic that the last two arguments of `expr` do not fit. */
bool lower_unify(Lowering *l, const Expr *expr, Typed *a, Typed *b, const char *verb);

/* The value in another unit of its dimension. */
Typed lower_converted(const Lowering *l, Typed value, Unit to);

/* A parameter that a procedure changes gradually: target + (from - target) * exp(-k * (t - start)). */
Node lower_parameter(const Lowering *l, uint32_t index);

static inline Node apply(const Lowering *l, Op op, Node a, Node b)
{
    return dag_apply(l->dag, op, a, b, 0);
}

const char *lower_unit_text(const Lowering *l, Unit unit);

#endif
