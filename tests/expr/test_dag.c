/* SPDX-License-Identifier: Apache-2.0
 *
 * Dag, derivatives, tapes and lane kernels, on random expressions. Every random test prints its seed when it fails.
 */
#include <string.h>

#include "support/arena.h"
#include "support/near.h"

#include "expr/expr.h"

enum { N_STATES = 4, N_PARAMETERS = 3 };

typedef struct Draws {
    RngKey key;
    uint64_t draw;
} Draws;

static size_t below(Draws *draws, size_t bound)
{
    return rng_below(draws->key, draws->draw++, bound);
}

static double uniform(Draws *draws, double low, double high)
{
    return low + (high - low) * rng_uniform(draws->key, draws->draw++);
}

static Node leaf(Dag *dag, Draws *draws)
{
    switch (below(draws, 8)) {
    case 0: return dag_const(dag, uniform(draws, -2.0, 2.0));
    case 1: return dag_const(dag, (double)below(draws, 3));
    case 2: return dag_time(dag);
    case 3: return dag_parameter(dag, (uint32_t)below(draws, N_PARAMETERS));
    default: return dag_state(dag, (uint32_t)below(draws, N_STATES));
    }
}

/* Any operation; `smooth` leaves out those without a derivative everywhere. */
static Node random_node(Dag *dag, Draws *draws, int depth, bool smooth)
{
    static const Op smooth_ops[] = {OP_ADD,  OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE, OP_NEGATE,
                                    OP_TANH, OP_EXP,      OP_SIN,      OP_COS,    OP_ERF};
    if (depth == 0 || below(draws, 6) == 0)
        return leaf(dag, draws);
    Node a = random_node(dag, draws, depth - 1, smooth), b = random_node(dag, draws, depth - 1, smooth);
    Node c = random_node(dag, draws, depth - 1, smooth);
    if (!smooth) {
        size_t op = OP_ADD + below(draws, OP_SELECT - OP_ADD + 2);
        return op > OP_SELECT ? dag_power(dag, a, b) : dag_apply(dag, (Op)op, a, b, c);
    }
    size_t which = below(draws, ARRAY_LENGTH(smooth_ops) + 3);
    Node positive = dag_apply(dag, OP_ADD, dag_const(dag, 0.5), dag_apply(dag, OP_MULTIPLY, a, a, 0), 0);
    if (which == ARRAY_LENGTH(smooth_ops))
        return dag_power(dag, positive, dag_const(dag, uniform(draws, -2.0, 3.0)));
    if (which == ARRAY_LENGTH(smooth_ops) + 1)
        return dag_apply(dag, below(draws, 2) ? OP_LOG : OP_SQRT, positive, 0, 0);
    if (which == ARRAY_LENGTH(smooth_ops) + 2)
        return dag_power(dag, positive, b);
    if (smooth_ops[which] == OP_EXP) /* exponents that stay small */
        return dag_apply(dag, OP_EXP, dag_apply(dag, OP_TANH, a, 0, 0), 0, 0);
    if (smooth_ops[which] == OP_DIVIDE)
        return dag_apply(dag, OP_DIVIDE, b, positive, 0);
    return dag_apply(dag, smooth_ops[which], a, b, 0);
}

static double value_of(const Dag *dag, Node node, const double *states, const double *parameters)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    double value;
    const DagInputs at = {.time = 0.7, .states = states, .parameters = parameters};
    dag_eval(scratch, dag, &node, 1, &at, &value);
    return value;
}

static void equal_expressions_are_one_node(void **state)
{
    (void)state;
    Dag *dag = dag_new(arena);
    Node x = dag_state(dag, 0), y = dag_state(dag, 1), zero = dag_const(dag, 0.0), one = dag_const(dag, 1.0);
    assert_int_equal(dag_apply(dag, OP_ADD, x, y, 0), dag_apply(dag, OP_ADD, y, x, 0));
    assert_int_not_equal(dag_apply(dag, OP_SUBTRACT, x, y, 0), dag_apply(dag, OP_SUBTRACT, y, x, 0));
    const struct {
        const char *row;
        Node got, want;
    } rows[] = {
        {"x + 0", dag_apply(dag, OP_ADD, x, zero, 0), x},
        {"0 + x", dag_apply(dag, OP_ADD, zero, x, 0), x},
        {"x - 0", dag_apply(dag, OP_SUBTRACT, x, zero, 0), x},
        {"x - x", dag_apply(dag, OP_SUBTRACT, x, x, 0), zero},
        {"0 - x", dag_apply(dag, OP_SUBTRACT, zero, x, 0), dag_apply(dag, OP_NEGATE, x, 0, 0)},
        {"x * 1", dag_apply(dag, OP_MULTIPLY, x, one, 0), x},
        {"x * 0", dag_apply(dag, OP_MULTIPLY, x, zero, 0), zero},
        {"0 / x", dag_apply(dag, OP_DIVIDE, zero, x, 0), zero},
        {"x / 1", dag_apply(dag, OP_DIVIDE, x, one, 0), x},
        {"--x", dag_apply(dag, OP_NEGATE, dag_apply(dag, OP_NEGATE, x, 0, 0), 0, 0), x},
        {"if(1, x, y)", dag_apply(dag, OP_SELECT, one, x, y), x},
        {"if(0, x, y)", dag_apply(dag, OP_SELECT, zero, x, y), y},
        {"max(x, x)", dag_apply(dag, OP_MAX, x, x, 0), x},
        {"x ^ 1", dag_power(dag, x, one), x},
        {"x ^ 0", dag_power(dag, x, zero), one},
        {"x ^ 2", dag_power(dag, x, dag_const(dag, 2.0)), dag_apply(dag, OP_MULTIPLY, x, x, 0)},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (rows[i].got != rows[i].want)
            fail_msg("'%s' is %%%u, not %%%u", rows[i].row, (unsigned)rows[i].got, (unsigned)rows[i].want);
}

static void constants_are_folded_with_the_evaluators_own_functions(void **state)
{
    (void)state;
    Dag *dag = dag_new(arena);
    Node folded = dag_apply(dag, OP_EXP, dag_const(dag, 0.3), 0, 0);
    double want = op_apply(OP_EXP, 0.3, 0.0, 0.0);
    assert_int_equal(dag_node(dag, folded)->op, OP_CONST);
    assert_memory_equal(&dag_node(dag, folded)->value, &want, sizeof want);
}

static void powers_of_one_base_share_its_logarithm(void **state)
{
    (void)state;
    Dag *dag = dag_new(arena);
    Node x = dag_state(dag, 0);
    dag_power(dag, x, dag_const(dag, 0.7));
    size_t before = dag_size(dag);
    dag_power(dag, x, dag_const(dag, 1.7));
    assert_int_equal(dag_size(dag), before + 3); /* the exponent, a product and an exponential */
}

static void powers_have_the_right_values(void **state)
{
    (void)state;
    static const double bases[] = {0.0, 1e-30, 0.3, 1.0, 7.5}, powers[] = {-3.0, -0.5, 0.5, 0.6037, 2.0, 13.0, 17.5};
    Dag *dag = dag_new(arena);
    for (size_t b = 0; b < ARRAY_LENGTH(bases); b++)
        for (size_t p = 0; p < ARRAY_LENGTH(powers); p++) {
            if (bases[b] <= 0.0 && powers[p] < 0.0)
                continue; /* a pole */
            Node node = dag_power(dag, dag_state(dag, 0), dag_const(dag, powers[p]));
            /* exp(p log x) loses |p log x| ulp: 17.5 * 69 * 2e-16 */
            assert_near("power", value_of(dag, node, &bases[b], NULL), pow(bases[b], powers[p]), 1e-12, 0.0);
        }
}

/* Central differences of step h err by h^2 f'''/6 + eps |f| / h: 1e-5 absolute on functions of size 10 is generous. */
/* max(x, 0) of what is none would be 0, and nobody would see it. Numbers are as ever, zeros with their signs. */
static void min_and_max_of_what_is_not_a_number_are_none(void **state)
{
    (void)state;
    assert_true(isnan(op_apply(OP_MAX, NAN, 0.0, 0.0)) && isnan(op_apply(OP_MAX, 0.0, NAN, 0.0)));
    assert_true(isnan(op_apply(OP_MIN, NAN, 0.0, 0.0)) && isnan(op_apply(OP_MIN, 0.0, NAN, 0.0)));
    assert_true(signbit(op_apply(OP_MAX, 0.0, -0.0, 0.0)) && signbit(op_apply(OP_MIN, 0.0, -0.0, 0.0)));
    assert_false(signbit(op_apply(OP_MAX, -0.0, 0.0, 0.0)) || signbit(op_apply(OP_MIN, -0.0, 0.0, 0.0)));
    assert_true(isinf(op_apply(OP_MAX, 1.0, INFINITY, 0.0)) && isinf(op_apply(OP_MIN, 1.0, -INFINITY, 0.0)));
}

static void derivatives_equal_differences_on_random_dags(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        Draws draws = {.key = rng_key(seed)};
        Dag *dag = dag_new(arena);
        Node node = random_node(dag, &draws, 5, true);
        double states[N_STATES], parameters[N_PARAMETERS];
        for (size_t i = 0; i < N_STATES; i++)
            states[i] = uniform(&draws, -1.0, 1.0);
        for (size_t i = 0; i < N_PARAMETERS; i++)
            parameters[i] = uniform(&draws, 0.5, 1.5);
        for (uint32_t s = 0; s < N_STATES; s++) {
            Node slope;
            dag_derivatives(dag, &node, 1, s, &slope);
            double got = value_of(dag, slope, states, parameters), h = 1e-5, old = states[s];
            states[s] = old + h;
            double above = value_of(dag, node, states, parameters);
            states[s] = old - h;
            double below_value = value_of(dag, node, states, parameters);
            states[s] = old;
            double want = (above - below_value) / (2.0 * h), size = fmax(fabs(want), fabs(above));
            if (!(size < 1e3))
                continue;
            if (fabs(got - want) > 1e-5 * (1.0 + size))
                fail_msg("seed %llu, state %u: %.12g, difference %.12g", (unsigned long long)seed, (unsigned)s, got,
                         want);
            compared++;
        }
    }
    assert_true(compared > 1000);
}

static void a_derivative_at_zero_of_a_root_is_finite(void **state)
{
    (void)state;
    Dag *dag = dag_new(arena);
    Node x = dag_state(dag, 0), slopes[2],
         roots[2] = {dag_power(dag, x, dag_const(dag, 0.7)), dag_apply(dag, OP_SQRT, x, 0, 0)};
    double zero[N_STATES] = {0.0};
    dag_derivatives(dag, roots, 2, 0, slopes);
    assert_near("x^0.7", value_of(dag, slopes[0], zero, NULL), 0.0, 0.0, 0.0);
    assert_near("sqrt(x)", value_of(dag, slopes[1], zero, NULL), 0.0, 0.0, 0.0);
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b)); /* a NaN's sign and payload mean nothing */
}

/* Values that a kernel might treat otherwise than the plain twin. */
static double awkward(Draws *draws)
{
    static const double values[] = {0.0,    -0.0,     1.0,       -1.0, 5e-324, 1e308,
                                    -1e308, INFINITY, -INFINITY, NAN,  710.0,  -745.2};
    size_t which = below(draws, 3 * ARRAY_LENGTH(values));
    return which < ARRAY_LENGTH(values) ? values[which] : uniform(draws, -3.0, 3.0);
}

/* A lane of `wide`, the plain twin and the nodes themselves. */
static void check_lane(const Program *program, const Dag *dag, const Node *roots, size_t n, double *plain,
                       const double *wide, size_t width)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    double *truth = NEW_ARRAY(scratch, double, n);
    tape_eval(&program->prologue, plain);
    tape_eval(&program->tapes[0], plain);
    const DagInputs inputs = {plain[program->time], plain[program->dose], plain + program->states,
                              plain + program->parameters};
    dag_eval(scratch, dag, roots, n, &inputs, truth);
    for (size_t r = 0; r < n; r++) {
        uint32_t at = program->tapes[0].results[r];
        if (!same_bits(plain[at], truth[r]) || !same_bits(wide[at * width], truth[r]))
            fail_msg("root %zu, %zu lanes: nodes %a, plain tape %a, kernel %a", r, width, truth[r], plain[at],
                     wide[at * width]);
    }
}

static void check_program(const Program *program, const Dag *dag, const Node *roots, size_t n, Draws *draws)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    double *wide = NEW_LANES(scratch, program->n_registers * LANES), *inputs = NEW_LANES(scratch, 16 * LANES);
    double *plain = NEW_ARRAY(scratch, double, program->n_registers);
    size_t n_inputs = 2 + N_STATES + N_PARAMETERS; /* time and dose, states, parameters stand in a row */
    for (size_t i = 0; i < n_inputs * LANES; i++)
        inputs[i] = awkward(draws);
    for (CpuSet cpu = 0; cpu < N_CPU_SETS; cpu++)
        for (size_t width = MIN_LANES; cpu_usable(cpu) && width <= LANES; width *= 2) {
            program_set_constants_lanes(program, width, wide);
            memcpy(wide + program->time * width, inputs, n_inputs * width * sizeof(double));
            tape_kernel(cpu)(program->prologue.code, program->prologue.n, width, wide);
            tape_kernel(cpu)(program->tapes[0].code, program->tapes[0].n, width, wide);
            for (size_t lane = 0; lane < width; lane++) {
                program_set_constants(program, plain);
                for (size_t i = 0; i < n_inputs; i++)
                    plain[program->time + i] = inputs[i * width + lane];
                check_lane(program, dag, roots, n, plain, wide + lane, width);
            }
        }
}

static void every_kernel_equals_the_plain_twin_bit_for_bit(void **state)
{
    (void)state;
    enum { N_ROOTS = 6 };
    for (uint64_t seed = 1; seed <= 300; seed++) {
        Draws draws = {.key = rng_key(1000 + seed)};
        Dag *dag = dag_new(arena);
        Node roots[N_ROOTS];
        for (size_t i = 0; i < N_ROOTS; i++)
            roots[i] = random_node(dag, &draws, 6, false);
        const TapeRoots tape = {roots, N_ROOTS};
        const Program *program = program_build(arena, dag, N_STATES, N_PARAMETERS, &tape, 1);
        for (int i = 0; i < 3; i++)
            check_program(program, dag, roots, N_ROOTS, &draws);
    }
}

/* The plain way and the fast one, on graphs where both make nodes. */
static void derivatives_of_all_states_are_the_derivatives(void **state)
{
    (void)state;
    enum { N_ROOTS = 5 };
    for (uint64_t seed = 1; seed <= 300; seed++) {
        Draws draws = {.key = rng_key(9000 + seed)};
        Dag *dag = dag_new(arena);
        Node roots[N_ROOTS], all[N_STATES * N_ROOTS], one[N_ROOTS];
        for (size_t i = 0; i < N_ROOTS; i++)
            roots[i] = random_node(dag, &draws, 5, seed % 2 == 0);
        dag_jacobian(dag, roots, N_ROOTS, N_STATES, all);
        size_t size = dag_size(dag), work = dag_jacobian_work(dag, roots, N_ROOTS, N_STATES, SIZE_MAX);
        assert_true(work <= N_STATES * size);
        assert_true(dag_jacobian_work(dag, roots, N_ROOTS, N_STATES, 0) <= work);
        for (uint32_t s = 0; s < N_STATES; s++) {
            dag_derivatives(dag, roots, N_ROOTS, s, one);
            for (size_t i = 0; i < N_ROOTS; i++)
                assert_int_equal(one[i], all[s * N_ROOTS + i]);
        }
    }
}

/* Conditions upon conditions, of numbers. */
static Node conditional_node(Dag *dag, Draws *draws, int depth)
{
    static const Op ops[] = {OP_MIN,  OP_MAX,        OP_ABS,    OP_FLOOR, OP_ROUND,
                             OP_LESS, OP_LESS_EQUAL, OP_SELECT, OP_ADD,   OP_MULTIPLY};
    if (depth == 0)
        return random_node(dag, draws, 2, true);
    Node a = conditional_node(dag, draws, depth - 1), b = conditional_node(dag, draws, depth - 1);
    Node c = conditional_node(dag, draws, depth - 1);
    return dag_apply(dag, ops[below(draws, ARRAY_LENGTH(ops))], a, b, c);
}

/* Held by the signs of their root functions, held expressions are the expressions. A condition may stand in the branch
 * of another: as many rounds as there are conditions settle them. */
static void held_conditions_decide_as_the_conditions_do(void **state)
{
    (void)state;
    enum { N_ROOTS = 4, MAX_CONDITIONS = 64 };
    size_t n_seen = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        Draws draws = {.key = rng_key(7000 + seed)};
        Dag *dag = dag_new(arena);
        Node roots[N_ROOTS], held[N_ROOTS];
        for (size_t i = 0; i < N_ROOTS; i++)
            roots[i] = conditional_node(dag, &draws, 3);
        const DagConditions conditions = dag_hold(arena, dag, roots, N_ROOTS, N_PARAMETERS, held);
        size_t n = conditions.n;
        assert_true(n <= MAX_CONDITIONS);
        double states[N_STATES], parameters[N_PARAMETERS + MAX_CONDITIONS] = {0.0}, root_values[MAX_CONDITIONS];
        const DagInputs at = {.time = 0.7, .states = states, .parameters = parameters};
        for (size_t i = 0; i < N_STATES; i++)
            states[i] = uniform(&draws, -3.0, 3.0);
        for (size_t i = 0; i < N_PARAMETERS; i++)
            parameters[i] = uniform(&draws, -3.0, 3.0);
        for (size_t round = 0; round <= n; round++) {
            dag_eval(arena, dag, conditions.root_functions, n, &at, root_values);
            for (size_t i = 0; i < n; i++)
                parameters[N_PARAMETERS + i] = root_values[i] > 0.0 ? 1.0 : 0.0;
        }
        for (size_t i = 0; i < N_ROOTS; i++) {
            double want = value_of(dag, roots[i], states, parameters);
            if (isfinite(want))
                assert_near("held", value_of(dag, held[i], states, parameters), want, 0.0, 0.0);
        }
        n_seen += n;
    }
    assert_true(n_seen > 300);
}

static void what_depends_on_no_state_is_not_held(void **state)
{
    (void)state;
    Dag *dag = dag_new(arena);
    Node p = dag_parameter(dag, 0), x = dag_state(dag, 0), held;
    Node root = dag_apply(dag, OP_MULTIPLY, dag_apply(dag, OP_MAX, p, dag_const(dag, 1.0), 0), x, 0);
    DagConditions conditions = dag_hold(arena, dag, &root, 1, 1, &held);
    assert_int_equal(conditions.n, 0);
    assert_int_equal(held, root);
    root = dag_apply(dag, OP_MAX, x, p, 0);
    conditions = dag_hold(arena, dag, &root, 1, 1, &held);
    assert_int_equal(conditions.n, 1);
    assert_int_equal(conditions.root_functions[0], dag_apply(dag, OP_SUBTRACT, x, p, 0));
    assert_int_equal(held, dag_apply(dag, OP_SELECT, dag_parameter(dag, 1), x, p));
}

/* (x + p) * x is one instruction; what is read twice stays one of its own. */
static void an_operation_that_one_other_reads_makes_a_pair_with_it(void **state)
{
    (void)state;
    Dag *dag = dag_new(arena);
    Node p = dag_parameter(dag, 0), x = dag_state(dag, 0);
    Node sum = dag_apply(dag, OP_ADD, x, p, 0), product = dag_apply(dag, OP_MULTIPLY, sum, x, 0);
    const Node both[] = {product, dag_apply(dag, OP_DIVIDE, p, sum, 0)};
    const TapeRoots one = {&product, 1}, two = {both, 2};
    const Program *program = program_build(arena, dag, 1, 1, &one, 1);
    assert_int_equal(program->tapes[0].n, 1);
    assert_int_equal(program->tapes[0].code[0].op, OP_ADD_MULTIPLY);
    assert_int_equal(program_build(arena, dag, 1, 1, &two, 1)->tapes[0].n, 3);
}

static void what_depends_on_parameters_alone_is_hoisted(void **state)
{
    (void)state;
    Dag *dag = dag_new(arena);
    Node p = dag_parameter(dag, 0), x = dag_state(dag, 0);
    Node hoisted = dag_apply(dag, OP_EXP, dag_apply(dag, OP_MULTIPLY, p, dag_const(dag, 3.0), 0), 0, 0);
    Node root = dag_apply(dag, OP_MULTIPLY, hoisted, x, 0);
    const TapeRoots tape = {&root, 1};
    const Program *program = program_build(arena, dag, 1, 1, &tape, 1);
    assert_int_equal(program->prologue.n, 2);
    assert_int_equal(program->tapes[0].n, 1);
}

static void temporaries_are_reused(void **state)
{
    (void)state;
    Dag *dag = dag_new(arena);
    Node sum = dag_state(dag, 0);
    for (int i = 1; i <= 100; i++)
        sum = dag_apply(dag, OP_TANH, dag_apply(dag, OP_ADD, sum, dag_const(dag, (double)i), 0), 0, 0);
    const TapeRoots tape = {&sum, 1};
    const Program *program = program_build(arena, dag, 1, 0, &tape, 1);
    assert_int_equal(program->tapes[0].n, 200);
    assert_true(program->n_registers <= program->parameters + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_expressions_are_one_node),
        cmocka_unit_test(constants_are_folded_with_the_evaluators_own_functions),
        cmocka_unit_test(powers_of_one_base_share_its_logarithm),
        cmocka_unit_test(powers_have_the_right_values),
        cmocka_unit_test(derivatives_equal_differences_on_random_dags),
        cmocka_unit_test(derivatives_of_all_states_are_the_derivatives),
        cmocka_unit_test(a_derivative_at_zero_of_a_root_is_finite),
        cmocka_unit_test(min_and_max_of_what_is_not_a_number_are_none),
        cmocka_unit_test(every_kernel_equals_the_plain_twin_bit_for_bit),
        cmocka_unit_test(held_conditions_decide_as_the_conditions_do),
        cmocka_unit_test(what_depends_on_no_state_is_not_held),
        cmocka_unit_test(an_operation_that_one_other_reads_makes_a_pair_with_it),
        cmocka_unit_test(what_depends_on_parameters_alone_is_hoisted),
        cmocka_unit_test(temporaries_are_reused),
    };
    return cmocka_run_group_tests_name("expr/dag", tests, open_arena, close_arena);
}
