/* SPDX-License-Identifier: Apache-2.0
 *
 * expr: the expression language, from text to numbers, one file a stage:
 *
 *   parse.c  text -> Expr, a tree with places            show.c     prints every stage
 *   functions.h, functions.c: the table of operators and functions, and how they become nodes; op.h: of operations
 *   dag.c    Dag: hash-consed, folded, simplified        ops.c      what each operation means, on one number
 *   diff.c   symbolic derivatives on the Dag             eval.c     runs a tape for one animal: the plain twin
 *   hold.c   conditions as parameters that the solver sets
 *   tape.c   Dag -> Program: straight-line register code lanes.c    runs it for a batch (kernel.inc per processor)
 *
 * The only room that knows SLEEF. Its deterministic functions without fused multiply-add give the same bits in every
 * vector width and as plain C, so the lane kernels, the plain twin and constant folding agree exactly.
 *
 * Language: numbers, names, and the operators and functions of the table in functions.h. It has no loops and calls
 * nothing. Conditions are numbers: 0 is false, all else is true; comparisons give 0 or 1.
 *
 * Thread rule: Expr, Dag and Program are built by one thread and const afterwards; each thread has its own registers.
 */
#ifndef MB_EXPR_EXPR_H
#define MB_EXPR_EXPR_H

#include "base/base.h"
#include "expr/functions.h"
#include "expr/op.h"

/* ---- Trees ---- */

typedef enum ExprKind { EXPR_NUMBER, EXPR_NAME, EXPR_CALL } ExprKind;

typedef struct Expr Expr;
struct Expr {
    ExprKind kind;
    ExprOp op;        /* call */
    double number;    /* number */
    const char *name; /* name */
    size_t n_args;    /* call: 1 to 3; min and max of more are nested */
    const Expr *args[3];
    uint32_t offset, length; /* bytes of the text that it spans */
};

/* What is wrong with a text, and where in it. */
typedef struct ExprFault {
    const char *id;   /* expr.syntax, expr.unknown-function, expr.arguments, expr.too-long, expr.too-deep */
    const char *text; /* on the arena, as the rest */
    const char *hint; /* or NULL */
    uint32_t offset, length;
} ExprFault;

/* Limits: 8,000 bytes, 100 levels. On failure only *ret_fault is written. */
MUST_CHECK bool expr_parse(Arena *arena, const char *text, const Expr **ret_expr, ExprFault *ret_fault);

/* A name as the language reads it: a letter or _, then letters, digits, _ and dots. */
bool expr_is_name(const char *text);

/* "and", "if", "exp" ...: cannot name anything in a model. */
bool expr_is_reserved(const char *name);

/* The tree as text of the language, with the fewest parentheses: parses back to the same tree. */
void expr_show(const Expr *expr, Text *text);

/* A row of the table of operators and functions (functions.h). */
typedef struct ExprFunction {
    const char *token; /* "+" or "exp" */
    int binds;
    size_t n_args; /* 0: two or more */
    UnitRule units;
    const char *verb;    /* what is done to two terms: "add"; "" where there are none */
    const char *usage;   /* "hill(x, k, n)" */
    const char *meaning; /* of a function; "" for an operator */
} ExprFunction;

const ExprFunction *expr_function(ExprOp op);

/* ---- Operations of the Dag and the tape ---- */

/* Op, the enum, and OPS and PAIRS, its list with names and numbers of arguments: expr/op.h. */

/* The pair of two of OP_ADD .. OP_DIVIDE; the result of the first is the left operand of the second, or the right. */
Op op_pair(Op first, Op second, bool left);

const char *op_name(Op op);
size_t op_n_args(Op op);

/* op(a, b) is op(b, a). */
bool op_commutes(Op op);

/* The meaning of an operation or a pair on numbers; inputs (OP_CONST .. OP_DOSE) are not operations. */
double op_apply(Op op, double a, double b, double c);

/* ---- Dag ---- */

typedef uint32_t Node; /* index; a node's arguments have smaller indices */

typedef enum Depends { ON_PARAMETER = 1, ON_TIME = 2, ON_STATE = 4, ON_DOSE = 8 } Depends;

typedef struct DagNode {
    Op op;
    uint32_t depends; /* Depends of everything below */
    Node args[3];
    uint32_t input; /* OP_STATE, OP_PARAMETER: which */
    double value;   /* OP_CONST */
} DagNode;

typedef struct Dag Dag;

Dag *dag_new(Arena *arena);

/* A Dag of its own that grows on this arena; the nodes of `dag` have the same indices in it. */
Dag *dag_copy(Arena *arena, const Dag *dag);
size_t dag_size(const Dag *dag);
const DagNode *dag_node(const Dag *dag, Node node);

Node dag_const(Dag *dag, double value);
Node dag_time(Dag *dag);
Node dag_dose(Dag *dag);
Node dag_state(Dag *dag, uint32_t state);
Node dag_parameter(Dag *dag, uint32_t parameter);

/* An operation, folded and simplified: constants are computed, x+0, x*1, x*0, x-x, --x and the like disappear. Unused
 * arguments: 0. x*0 = 0 and x-x = 0 hold for finite x only; a rate that is not finite fails elsewhere. */
Node dag_apply(Dag *dag, Op op, Node a, Node b, Node c);

/* base^exponent: products for whole exponents up to 16, sqrt for 1/2, else exp(exponent * log(base)), so that powers
 * of one base share its logarithm. 0 to a positive power is 0. */
Node dag_power(Dag *dag, Node base, Node exponent);

/* What an operator or a function makes of its arguments (those that it does not have: 0). Units are the caller's. */
Node expr_build(Dag *dag, ExprOp op, const Node args[3]);

/* d roots[i] / d state. Derivatives of x^c and sqrt(x) are taken as 0 where x <= 0: there the true one is infinite or
 * does not exist, and a Newton matrix must stay finite. Derivatives of comparisons are 0, of min, max, if and abs
 * those of the branch taken. */
void dag_derivatives(Dag *dag, const Node *roots, size_t n_roots, uint32_t state, Node *ret_derivatives);

/* The same for states 0 .. n_states - 1: ret_derivatives is [n_states][n_roots]. Its time goes with how many nodes
 * depend on each state, not with how many there are. */
void dag_jacobian(Dag *dag, const Node *roots, size_t n_roots, uint32_t n_states, Node *ret_derivatives);

/* How many nodes depend on a state, summed over the states: what dag_jacobian differentiates. Counting stops above
 * `most`. */
size_t dag_jacobian_work(const Dag *dag, const Node *roots, size_t n_roots, uint32_t n_states, size_t most);

/* Conditions that are held: of each a root function, a node whose sign decides it. */
typedef struct DagConditions {
    const Node *root_functions; /* on the arena */
    size_t n;
} DagConditions;

/* The roots with their conditions held. Where min, max, abs, <, <= (and > and >=, which are those), floor or round
 * depend on states or time, what they decide becomes a parameter, from first_parameter on. The solver sets it:
 * condition i to 1 while its root function is above 0, else to 0. What is held is as smooth as its branches are.
 * Equality is not held. */
DagConditions dag_hold(Arena *arena, Dag *dag, const Node *roots, size_t n_roots, uint32_t first_parameter,
                       Node *ret_roots);

/* How many of the nodes that dag_hold would hold there are, at most: a switch may hold several. */
size_t dag_conditions(const Dag *dag, const Node *roots, size_t n_roots);

/* Marks what `roots` reach, themselves included. reached is [dag_size(dag)]; marks that are there already stay. */
void dag_reach(const Dag *dag, const Node *roots, size_t n_roots, bool *reached);

/* One line a node: "%12 = multiply %3 %7", those that `roots` reach. name_of gives names of inputs. */
typedef const char *(*InputName)(const void *context, Op op, uint32_t input);
void dag_show(const Dag *dag, const Node *roots, size_t n_roots, InputName name_of, const void *context, Text *text);

/* What the inputs of a Dag are. */
typedef struct DagInputs {
    double time, dose;
    const double *states, *parameters; /* as many as the nodes name */
} DagInputs;

/* The value of `roots` by plain recursion over the nodes: the slow truth for tests. */
void dag_eval(Arena *scratch, const Dag *dag, const Node *roots, size_t n_roots, const DagInputs *at,
              double *ret_values);

/* ---- Program: register code ---- */

/* An Instruction, an Op with its registers: expr/op.h. */
typedef struct Tape {
    const Instruction *code;
    size_t n;
    const uint32_t *results; /* [n_results] registers that hold the roots after the tape ran */
    size_t n_results;
} Tape;

/* Several tapes over one register file. What depends on parameters alone is computed once, by `prologue`, after
 * parameters changed; the tapes then read it. Registers: constants, time, dose, states, parameters, prologue's
 * results, temporaries. */
typedef struct Program {
    size_t n_registers;
    const double *constants; /* registers 0 .. n_constants - 1 */
    size_t n_constants;
    uint32_t time, dose;         /* registers */
    uint32_t states, parameters; /* first of n_states, n_parameters registers */
    size_t n_states, n_parameters;
    Tape prologue;
    const Tape *tapes;
    size_t n_tapes;
} Program;

typedef struct TapeRoots {
    const Node *roots;
    size_t n;
} TapeRoots;

const Program *program_build(Arena *arena, const Dag *dag, size_t n_states, size_t n_parameters, const TapeRoots *tapes,
                             size_t n_tapes);

void program_show(const Program *program, const char *const *tape_names, Text *text);

/* One animal: registers is [n_registers]. Constants must be set before the first run. */
void program_set_constants(const Program *program, double *registers);
void tape_eval(const Tape *tape, double *registers);

/* A batch: registers is [n_registers][width], aligned to 64 bytes, width as in base/lanes.h. The same bits as tape_eval
 * in every lane. */
void program_set_constants_lanes(const Program *program, size_t width, double *registers);

typedef void (*TapeKernel)(const Instruction *code, size_t n, size_t width, double *registers);

/* The kernel of an instruction set that is usable (base/cpu.h). */
TapeKernel tape_kernel(CpuSet set);

/* "SLEEF 3.5.1", for provenance. */
const char *expr_version(void);

#endif
