/* SPDX-License-Identifier: Apache-2.0
 *
 * Printers of the stages, for people and for tests.
 */
#include "expr/expr.h"

static int binds(const Expr *expr)
{
    return expr->kind == EXPR_CALL ? expr_function(expr->op)->binds : BINDS_VALUE;
}

static void show_within(const Expr *expr, int least, Text *text)
{
    if (binds(expr) >= least) {
        expr_show(expr, text);
        return;
    }
    text_print(text, "(");
    expr_show(expr, text);
    text_print(text, ")");
}

static void show_function(const Expr *expr, Text *text)
{
    text_print(text, "%s(", expr_function(expr->op)->token);
    for (size_t i = 0; i < expr->n_args; i++) {
        if (i > 0)
            text_print(text, ", ");
        expr_show(expr->args[i], text);
    }
    text_print(text, ")");
}

static void show_binary(const Expr *expr, Text *text)
{
    int own = expr_function(expr->op)->binds;
    bool power = expr->op == EXPR_POWER;
    bool chains = own != BINDS_COMPARISON && !power;
    show_within(expr->args[0], chains ? own : own + 1, text);
    text_print(text, own <= 5 ? " %s " : "%s", expr_function(expr->op)->token);
    show_within(expr->args[1], power ? BINDS_NEGATION : own + 1, text);
}

void expr_show(const Expr *expr, Text *text)
{
    char number[NUMBER_TEXT];
    if (expr->kind == EXPR_NUMBER)
        text_print(text, "%s", number_show(expr->number, number));
    else if (expr->kind == EXPR_NAME)
        text_print(text, "%s", expr->name);
    else if (binds(expr) == BINDS_FUNCTION)
        show_function(expr, text);
    else if (expr->n_args == 2)
        show_binary(expr, text);
    else {
        text_print(text, expr->op == EXPR_NOT ? "not " : "-");
        show_within(expr->args[0], expr_function(expr->op)->binds, text);
    }
}

static void show_node(const Dag *dag, Node index, InputName name_of, const void *context, Text *text)
{
    char number[NUMBER_TEXT];
    const DagNode *node = dag_node(dag, index);
    text_print(text, "%%%u = %s", (unsigned)index, op_name(node->op));
    if (node->op == OP_CONST)
        text_print(text, " %s", number_show(node->value, number));
    else if (node->op == OP_STATE || node->op == OP_PARAMETER)
        text_print(text, " %s", name_of(context, node->op, node->input));
    for (size_t k = 0; k < op_n_args(node->op); k++)
        text_print(text, " %%%u", (unsigned)node->args[k]);
    text_print(text, "\n");
}

void dag_show(const Dag *dag, const Node *roots, size_t n_roots, InputName name_of, const void *context, Text *text)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    bool *reached = NEW_ARRAY(scratch, bool, dag_size(dag));
    dag_reach(dag, roots, n_roots, reached);
    for (size_t i = 0; i < dag_size(dag); i++)
        if (reached[i])
            show_node(dag, (Node)i, name_of, context, text);
}

static void show_tape(const Tape *tape, Text *text)
{
    for (size_t i = 0; i < tape->n; i++) {
        const Instruction *in = &tape->code[i];
        const uint32_t args[3] = {in->a, in->b, in->c};
        text_print(text, "  r%u = %s", (unsigned)in->target, op_name(in->op));
        for (size_t k = 0; k < op_n_args(in->op); k++)
            /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): an instruction has as many as its op takes */
            text_print(text, " r%u", (unsigned)args[k]);
        text_print(text, "\n");
    }
    if (tape->n_results > 0)
        text_print(text, "  results:");
    for (size_t i = 0; i < tape->n_results; i++)
        text_print(text, " r%u", (unsigned)tape->results[i]);
    text_print(text, tape->n_results > 0 ? "\n" : "");
}

void program_show(const Program *program, const char *const *tape_names, Text *text)
{
    char number[NUMBER_TEXT];
    text_print(text, "%zu registers\nconstants\n", program->n_registers);
    for (size_t i = 0; i < program->n_constants; i++)
        text_print(text, "  r%zu = %s\n", i, number_show(program->constants[i], number));
    text_print(text, "inputs\n  time r%u, dose r%u, states r%u to r%zu, parameters r%u to r%zu\n",
               (unsigned)program->time, (unsigned)program->dose, (unsigned)program->states,
               program->states + program->n_states - 1, (unsigned)program->parameters,
               program->parameters + program->n_parameters - 1);
    text_print(text, "prologue (%zu instructions)\n", program->prologue.n);
    show_tape(&program->prologue, text);
    for (size_t i = 0; i < program->n_tapes; i++) {
        text_print(text, "%s (%zu instructions)\n", tape_names[i], program->tapes[i].n);
        show_tape(&program->tapes[i], text);
    }
}
