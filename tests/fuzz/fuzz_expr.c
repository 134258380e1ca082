/* SPDX-License-Identifier: Apache-2.0
 *
 * An expression through every stage: tree, text again, Dag, derivatives, held conditions, tape. What is shown parses to
 * the same tree; the nodes, the plain tape and the kernels give the same bits; a derivative is finite where the Newton
 * matrix needs it or follows from something that is not.
 */
#include <math.h>
#include <string.h>

#include "expr/expr.h"
#include "fuzz/fuzz.h"

enum { N_STATES = 3, N_PARAMETERS = 3, MAX_ROOTS = 1 + N_STATES };

static Node lower(Dag *dag, const Expr *expr);

/* t and dose are themselves; of the other names the last letter decides which state or parameter they are. */
static Node lower_name(Dag *dag, const char *name)
{
    uint32_t last = (uint32_t)(unsigned char)name[strlen(name) - 1];
    if (text_equal(name, "t"))
        return dag_time(dag);
    if (text_equal(name, "dose"))
        return dag_dose(dag);
    return last % 2 == 0 ? dag_state(dag, last / 2 % N_STATES) : dag_parameter(dag, last / 2 % N_PARAMETERS);
}

static Node lower_call(Dag *dag, const Expr *expr)
{
    Node args[3] = {0};
    for (size_t i = 0; i < expr->n_args; i++)
        args[i] = lower(dag, expr->args[i]);
    return expr_build(dag, expr->op, args);
}

static Node lower(Dag *dag, const Expr *expr)
{
    return expr->kind == EXPR_NUMBER ? dag_const(dag, expr->number)
           : expr->kind == EXPR_NAME ? lower_name(dag, expr->name)
                                     : lower_call(dag, expr);
}

static bool same_tree(const Expr *a, const Expr *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == EXPR_NAME)
        return text_equal(a->name, b->name);
    if (a->kind == EXPR_NUMBER)
        return memcmp(&a->number, &b->number, sizeof a->number) == 0;
    bool same = a->op == b->op && a->n_args == b->n_args;
    for (size_t i = 0; same && i < a->n_args; i++)
        same = same_tree(a->args[i], b->args[i]);
    return same;
}

static void check_text(Arena *arena, const Expr *tree)
{
    Text text = text_new(arena);
    const Expr *again;
    ExprFault fault = {0};
    expr_show(tree, &text);
    fuzz_shown(&text);
    if (expr_parse(arena, text_string(&text), &again, &fault))
        ASSERT(same_tree(tree, again));
    else /* numbers are written with up to 17 digits, and what binds less with brackets */
        ASSERT(text_equal(fault.id, "expr.too-long") || text_equal(fault.id, "expr.too-deep"));
}

/* NaN is one value. */
static bool same_value(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

static void check_values(Arena *arena, const Dag *dag, const Node *roots, size_t n, size_t n_parameters,
                         const double *inputs)
{
    const TapeRoots tape = {roots, n};
    const Program *program = program_build(arena, dag, N_STATES, n_parameters, &tape, 1);
    size_t n_inputs = 2 + N_STATES + n_parameters;
    double *plain = NEW_ARRAY(arena, double, program->n_registers), *truth = NEW_ARRAY(arena, double, n);
    double *wide = NEW_LANES(arena, program->n_registers * MIN_LANES);
    program_set_constants(program, plain);
    memcpy(plain + program->time, inputs, n_inputs * sizeof(double));
    tape_eval(&program->prologue, plain);
    tape_eval(&program->tapes[0], plain);
    program_set_constants_lanes(program, MIN_LANES, wide);
    for (size_t i = 0; i < n_inputs * MIN_LANES; i++)
        wide[program->time * MIN_LANES + i] = inputs[i / MIN_LANES];
    tape_kernel(cpu_best())(program->prologue.code, program->prologue.n, MIN_LANES, wide);
    tape_kernel(cpu_best())(program->tapes[0].code, program->tapes[0].n, MIN_LANES, wide);
    const DagInputs values = {inputs[0], inputs[1], inputs + 2, inputs + 2 + N_STATES};
    dag_eval(arena, dag, roots, n, &values, truth);
    for (size_t r = 0; r < n; r++) {
        uint32_t at = program->tapes[0].results[r];
        ASSERT(same_value(plain[at], truth[r]));
        for (size_t lane = 0; lane < MIN_LANES; lane++)
            ASSERT(same_value(wide[at * MIN_LANES + lane], truth[r]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    const char *text = arena_copy_text(arena, (const char *)data, size);
    const Expr *tree = NULL;
    ExprFault fault = {0};
    (void)expr_is_name(text);
    if (!expr_parse(arena, text, &tree, &fault)) {
        ASSERT(fault.id != NULL && fault.text != NULL && fault.offset + fault.length <= strlen(text) + 1);
        return 0;
    }
    check_text(arena, tree);
    Dag *dag = dag_new(arena);
    Node roots[MAX_ROOTS] = {lower(dag, tree)}, held;
    for (uint32_t i = 0; i < N_STATES; i++)
        dag_derivatives(dag, roots, 1, i, &roots[1 + i]);
    const DagConditions conditions = dag_hold(arena, dag, roots, 1, N_PARAMETERS, &held);
    size_t n_root_functions = conditions.n;
    double *inputs = NEW_ARRAY(arena, double, 2 + N_STATES + N_PARAMETERS + n_root_functions);
    static const double rows[][2 + N_STATES + N_PARAMETERS] = {{0.7, 2.0, 0.5, 3.0, -1.25, 1.0, 0.1, 7.0},
                                                               {0.0, 0.0, 0.0, -1.0, 1e200, INFINITY, 0.5, NAN}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        memcpy(inputs, rows[i], sizeof rows[i]);
        check_values(arena, dag, roots, MAX_ROOTS, N_PARAMETERS, inputs);
        check_values(arena, dag, conditions.root_functions, n_root_functions, N_PARAMETERS + n_root_functions, inputs);
        check_values(arena, dag, &held, 1, N_PARAMETERS + n_root_functions, inputs);
    }
    return 0;
}
