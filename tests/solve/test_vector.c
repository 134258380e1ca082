/* SPDX-License-Identifier: Apache-2.0
 *
 * vector: every operation against a plain loop over the doubles, bit by bit: the kernels of every instruction set do
 * the same IEEE operations in the same order. In place (z is x or y) as well, since CVODE does that everywhere.
 */
#include "support/near.h"

#include "solve/vector.h"

#include <string.h>

#include "support/sets.h"

#define NOT_A_NUMBER ((double)NAN)

enum { N_MAX = 43, DOUBLES_MAX = N_MAX * LANES, N_VECTORS = 6 };

static const uint64_t SEED = 20260701;
static const size_t SIZES[] = {1, 2, 3, 43};

typedef struct Fixture {
    Arena *arena;
    SUNContext context;
    CompatMessage message;
    size_t n; /* doubles */
    N_Vector vectors[N_VECTORS];
    double plain[N_VECTORS][DOUBLES_MAX]; /* the same numbers */
} Fixture;

static void fixture_close(Fixture *fixture)
{
    arena_close(&fixture->arena);
    if (fixture->context != NULL)
        SUNContext_Free(&fixture->context);
}

/* Normal draws; no two vectors alike. */
static void fixture_fill(Fixture *fixture)
{
    for (size_t v = 0; v < N_VECTORS; v++)
        for (size_t i = 0; i < fixture->n; i++) {
            fixture->plain[v][i] = rng_normal(rng_key(SEED + v), i);
            vector_values(fixture->vectors[v])[i] = fixture->plain[v][i];
        }
}

static void fixture_open(Fixture *fixture, size_t n)
{
    *fixture = (Fixture){.arena = arena_open(), .n = n * width};
    assert_int_equal(compat_context_open(&fixture->context, &fixture->message), 0);
    fixture->vectors[0] = vector_new(fixture->arena, fixture->context, loops_find(cpu), n, width);
    for (size_t v = 1; v < N_VECTORS; v++)
        fixture->vectors[v] = N_VClone(fixture->vectors[0]);
    fixture_fill(fixture);
}

static void same_bits(const char *name, const Fixture *fixture, size_t vector, const double *wanted)
{
    if (memcmp(vector_values(fixture->vectors[vector]), wanted, fixture->n * sizeof(double)) != 0)
        fail_msg("%s: other bits than a plain loop, %s, %zu doubles, %zu lanes, seed %llu", name, cpu_name(cpu),
                 fixture->n, width, (unsigned long long)SEED);
}

static void a_clone_has_its_own_zeroed_values(void **unused)
{
    (void)unused;
    EACH_SET
    {
        SCOPED(fixture_close) Fixture fixture;
        fixture_open(&fixture, 3);
        N_Vector clone = N_VClone(fixture.vectors[0]);
        for (size_t i = 0; i < fixture.n; i++)
            assert_true(fabs(vector_values(clone)[i]) <= 0.0);
        vector_values(clone)[0] = 5.0;
        same_bits("original", &fixture, 0, fixture.plain[0]);
        assert_int_equal(N_VGetLength(clone), 3 * width);
        assert_int_equal((uintptr_t)vector_values(clone) % 64, 0);
        assert_ptr_equal(N_VGetArrayPointer(clone), vector_values(clone));
        assert_int_equal(N_VGetVectorID(clone), SUNDIALS_NVEC_CUSTOM);
        N_VDestroy(clone);
    }
}

static void linear_sums_equal_a_plain_loop(void **unused)
{
    (void)unused;
    EACH_SET
    {
        const double factors[][2] = {{1, 1}, {1, -1}, {-1, 1}, {1, 0.3}, {0.7, 1}, {1.7, -0.4}, {0, 0}, {-1, -1}};
        for (size_t row = 0; row < ARRAY_LENGTH(factors) * ARRAY_LENGTH(SIZES) * 4; row++) {
            SCOPED(fixture_close) Fixture fixture;
            fixture_open(&fixture, SIZES[row / 4 % ARRAY_LENGTH(SIZES)]);
            double a = factors[row / 16][0], b = factors[row / 16][1], wanted[DOUBLES_MAX];
            size_t x = 0, y = row % 4 == 3 ? 0 : 1, z = row % 4 < 3 ? row % 4 : 2; /* z is x, y, neither; x is y */
            for (size_t i = 0; i < fixture.n; i++)
                wanted[i] = a * fixture.plain[x][i] + b * fixture.plain[y][i];
            N_VLinearSum(a, fixture.vectors[x], b, fixture.vectors[y], fixture.vectors[z]);
            same_bits("linear sum", &fixture, z, wanted);
        }
    }
}

typedef void (*Operation)(N_Vector x, N_Vector y, N_Vector z);
typedef double (*Plain)(double x, double y);

static void do_const(N_Vector x, N_Vector y, N_Vector z)
{
    (void)x, (void)y;
    N_VConst(2.5, z);
}
static void do_scale(N_Vector x, N_Vector y, N_Vector z)
{
    (void)y;
    N_VScale(-0.3, x, z);
}
static void do_copy(N_Vector x, N_Vector y, N_Vector z)
{
    (void)y;
    N_VScale(1.0, x, z);
}
static void do_abs(N_Vector x, N_Vector y, N_Vector z)
{
    (void)y;
    N_VAbs(x, z);
}
static void do_inv(N_Vector x, N_Vector y, N_Vector z)
{
    (void)y;
    N_VInv(x, z);
}
static void do_add(N_Vector x, N_Vector y, N_Vector z)
{
    (void)y;
    N_VAddConst(x, 0.1, z);
}
static double plain_const(double x, double y)
{
    (void)x, (void)y;
    return 2.5;
}
static double plain_prod(double x, double y)
{
    return x * y;
}
static double plain_div(double x, double y)
{
    return x / y;
}
static double plain_scale(double x, double y)
{
    (void)y;
    return -0.3 * x;
}
static double plain_copy(double x, double y)
{
    (void)y;
    return x;
}
static double plain_abs(double x, double y)
{
    (void)y;
    return fabs(x);
}
static double plain_inv(double x, double y)
{
    (void)y;
    return 1.0 / x;
}
static double plain_add(double x, double y)
{
    (void)y;
    return x + 0.1;
}

static void operations_by_value_equal_plain_ones(void **unused)
{
    (void)unused;
    EACH_SET
    {
        const struct {
            const char *name;
            Operation operation;
            Plain plain;
        } rows[] = {
            {"const", do_const, plain_const}, {"prod", N_VProd, plain_prod}, {"div", N_VDiv, plain_div},
            {"scale", do_scale, plain_scale}, {"copy", do_copy, plain_copy}, {"abs", do_abs, plain_abs},
            {"inv", do_inv, plain_inv},       {"add", do_add, plain_add},
        };
        for (size_t row = 0; row < ARRAY_LENGTH(rows); row++)
            for (size_t z = 0; z < 3; z++) {
                SCOPED(fixture_close) Fixture fixture;
                fixture_open(&fixture, 43);
                double wanted[DOUBLES_MAX];
                for (size_t i = 0; i < fixture.n; i++)
                    wanted[i] = rows[row].plain(fixture.plain[0][i], fixture.plain[1][i]);
                rows[row].operation(fixture.vectors[0], fixture.vectors[1], fixture.vectors[z]);
                same_bits(rows[row].name, &fixture, z, wanted);
            }
    }
}

/* ---- norms ---- */

/* The largest over the lanes of sqrt(sum (x w)^2 / n); 0 for values left out by id. */
static double plain_norm(const double *x, const double *w, const double *id, size_t n)
{
    double most = 0.0;
    for (size_t lane = 0; lane < width; lane++) {
        double sum = 0.0;
        for (size_t i = lane; i < n * width; i += width)
            sum += id == NULL || id[i] > 0.0 ? (x[i] * w[i]) * (x[i] * w[i]) : 0.0;
        most = fmax(most, sqrt(sum / (double)n));
    }
    return most;
}

static void the_norm_is_the_largest_of_the_lanes(void **unused)
{
    (void)unused;
    EACH_SET
    {
        for (size_t row = 0; row < ARRAY_LENGTH(SIZES); row++) {
            SCOPED(fixture_close) Fixture fixture;
            fixture_open(&fixture, SIZES[row]);
            const N_Vector *v = fixture.vectors;
            const double *x = fixture.plain[0], *w = fixture.plain[1], *id = fixture.plain[2];
            assert_near("norm", N_VWrmsNorm(v[0], v[1]), plain_norm(x, w, NULL, SIZES[row]), 0.0, 0.0);
            assert_near("mask", N_VWrmsNormMask(v[0], v[1], v[2]), plain_norm(x, w, id, SIZES[row]), 0.0, 0.0);
            N_VConst(1e-3, v[0]);
            N_VConst(1.0, v[1]);
            vector_values(v[0])[5] = 7.0;
            assert_near("one lane", N_VWrmsNorm(v[0], v[1]),
                        plain_norm(vector_values(v[0]), vector_values(v[1]), NULL, SIZES[row]), 0.0, 0.0);
            assert_true(N_VWrmsNorm(v[0], v[1]) >= 7.0 / sqrt((double)SIZES[row]));
        }
    }
}

static void a_lane_that_is_not_a_number_makes_the_norm_so(void **unused)
{
    (void)unused;
    EACH_SET
    {
        SCOPED(fixture_close) Fixture fixture;
        fixture_open(&fixture, 3);
        for (size_t i = 0; i < fixture.n; i++) {
            fixture_fill(&fixture);
            vector_values(fixture.vectors[0])[i] = NOT_A_NUMBER;
            assert_true(isnan(N_VWrmsNorm(fixture.vectors[0], fixture.vectors[1])));
        }
    }
}

static void least_largest_and_product_equal_plain_ones(void **unused)
{
    (void)unused;
    EACH_SET
    {
        SCOPED(fixture_close) Fixture fixture;
        fixture_open(&fixture, 43);
        double least = HUGE_VAL, most = 0.0, product = 0.0;
        for (size_t i = 0; i < fixture.n; i++) {
            least = fmin(least, fixture.plain[0][i]);
            most = fmax(most, fabs(fixture.plain[0][i]));
        }
        for (size_t lane = 0; lane < width; lane++) {
            double sum = 0.0;
            for (size_t i = lane; i < fixture.n; i += width)
                sum += fixture.plain[0][i] * fixture.plain[1][i];
            product += sum;
        }
        assert_near("min", N_VMin(fixture.vectors[0]), least, 0.0, 0.0);
        assert_near("max norm", N_VMaxNorm(fixture.vectors[0]), most, 0.0, 0.0);
        assert_near("dot product", N_VDotProd(fixture.vectors[0], fixture.vectors[1]), product, 0.0, 0.0);
    }
}

/* ---- fused ---- */

static void a_linear_combination_equals_a_plain_one(void **unused)
{
    (void)unused;
    EACH_SET
    {
        double c[N_VECTORS] = {0.5, -2.0, 1.0, 0.0, 3.3, -1.0};
        for (int terms = 1; terms <= N_VECTORS; terms++)
            for (size_t z = 0; z < N_VECTORS; z++) {
                SCOPED(fixture_close) Fixture fixture;
                fixture_open(&fixture, 43);
                double wanted[DOUBLES_MAX];
                for (size_t i = 0; i < fixture.n; i++) {
                    wanted[i] = c[0] * fixture.plain[0][i];
                    for (int term = 1; term < terms; term++)
                        wanted[i] += c[term] * fixture.plain[term][i];
                }
                assert_int_equal(N_VLinearCombination(terms, c, fixture.vectors, fixture.vectors[z]), 0);
                same_bits("combination", &fixture, z, wanted);
            }
    }
}

static void operations_on_several_vectors_equal_plain_ones(void **unused)
{
    (void)unused;
    EACH_SET
    {
        double c[] = {0.5, -2.0, 1.0}, wanted[DOUBLES_MAX];
        SCOPED(fixture_close) Fixture fixture;
        fixture_open(&fixture, 43);
        N_Vector *v = fixture.vectors;
        double(*plain)[DOUBLES_MAX] = fixture.plain;
        assert_int_equal(N_VScaleAddMulti(3, c, v[0], v + 1, v + 1), 0);
        for (size_t k = 0; k < 3; k++) {
            for (size_t i = 0; i < fixture.n; i++)
                wanted[i] = c[k] * plain[0][i] + plain[k + 1][i];
            same_bits("scale, add", &fixture, k + 1, wanted);
        }
        fixture_fill(&fixture);
        assert_int_equal(N_VScaleVectorArray(3, c, v, v), 0);
        for (size_t k = 0; k < 3; k++) {
            for (size_t i = 0; i < fixture.n; i++)
                wanted[i] = c[k] * plain[k][i];
            same_bits("scale", &fixture, k, wanted);
        }
        fixture_fill(&fixture);
        assert_int_equal(N_VLinearSumVectorArray(3, 0.4, v, -1.5, v + 3, v), 0);
        for (size_t k = 0; k < 3; k++) {
            for (size_t i = 0; i < fixture.n; i++)
                wanted[i] = 0.4 * plain[k][i] - 1.5 * plain[k + 3][i];
            same_bits("sum", &fixture, k, wanted);
        }
        assert_int_equal(N_VConstVectorArray(3, 4.0, v), 0);
        for (size_t i = 0; i < fixture.n; i++)
            wanted[i] = 4.0;
        for (size_t k = 0; k < 3; k++)
            same_bits("const", &fixture, k, wanted);
    }
}

/* As CVODE predicts: x[j - 1] += x[j], and again from one further on, more often than are put off at once. */
static void sums_that_are_put_off_are_done_in_their_order(void **unused)
{
    (void)unused;
    EACH_SET
    {
        SCOPED(fixture_close) Fixture fixture;
        fixture_open(&fixture, 43);
        for (int round = 0; round < 3; round++)
            for (size_t k = 1; k < N_VECTORS; k++)
                for (size_t j = N_VECTORS - 1; j >= k; j--) {
                    N_VLinearSum(1.0, fixture.vectors[j - 1], 1.0, fixture.vectors[j], fixture.vectors[j - 1]);
                    for (size_t i = 0; i < fixture.n; i++)
                        fixture.plain[j - 1][i] += fixture.plain[j][i];
                }
        N_VScale(0.5, fixture.vectors[1], fixture.vectors[1]);
        for (size_t i = 0; i < fixture.n; i++)
            fixture.plain[1][i] *= 0.5;
        for (size_t v = 0; v < N_VECTORS; v++)
            same_bits("put off", &fixture, v, fixture.plain[v]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clone_has_its_own_zeroed_values),
        cmocka_unit_test(linear_sums_equal_a_plain_loop),
        cmocka_unit_test(operations_by_value_equal_plain_ones),
        cmocka_unit_test(the_norm_is_the_largest_of_the_lanes),
        cmocka_unit_test(a_lane_that_is_not_a_number_makes_the_norm_so),
        cmocka_unit_test(least_largest_and_product_equal_plain_ones),
        cmocka_unit_test(a_linear_combination_equals_a_plain_one),
        cmocka_unit_test(operations_on_several_vectors_equal_plain_ones),
        cmocka_unit_test(sums_that_are_put_off_are_done_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
