/* SPDX-License-Identifier: Apache-2.0
 *
 * The loops of loops.h, once for every instruction set: a file that includes this defines LOOPS (the table's name),
 * NAME, and WIDTH, the doubles in a vector of the processor.
 */
#include <math.h>
#include <string.h>

#include "solve/loops.h"

typedef double Part __attribute__((vector_size(WIDTH * sizeof(double)), may_alias));
typedef int64_t Mask __attribute__((vector_size(WIDTH * sizeof(int64_t)), may_alias));

_Static_assert(LEAST_LANES % WIDTH == 0, "a value is a whole number of vectors");

#define UNROLL _Pragma("GCC unroll 8")
#define INLINE static inline __attribute__((always_inline))

/* A loop over lanes is compiled for each width that batches have, its inner loop unrolled. */
#define BY_WIDTH(call)                                                                                                 \
    switch (width / WIDTH) {                                                                                           \
    case 8 / WIDTH: call(8 / WIDTH); break;                                                                            \
    case 16 / WIDTH: call(16 / WIDTH); break;                                                                          \
    case 32 / WIDTH: call(32 / WIDTH); break;                                                                          \
    default: ASSERT(width == 64); call(64 / WIDTH);                                                                    \
    }

INLINE Part *parts(double *values)
{
    return (Part *)values;
}

INLINE const Part *parts_of(const double *values)
{
    return (const Part *)values;
}

INLINE Part size_of(Part x)
{
    const Mask sign = (Mask)(-(Part){0});
    return (Part)((Mask)x & ~sign);
}

/* ---- double by double ---- */

/* Exact on purpose: a coefficient that is exactly 1 needs no multiplication, and the digits are the same either way. */
static inline bool is_exactly(double a, double b)
{
    return a <= b && a >= b;
}

static void linear_sum(size_t count, double a, const double *x_in, double b, const double *y_in, double *z_to)
{
    const Part *x = parts_of(x_in), *y = parts_of(y_in);
    Part *z = parts(z_to);
    size_t n = count / WIDTH;
    if (is_exactly(a, 1.0) && is_exactly(b, 1.0))
        UNROLL for (size_t i = 0; i < n; i++) z[i] = x[i] + y[i];
    else if (is_exactly(a, 1.0) && is_exactly(b, -1.0))
        UNROLL for (size_t i = 0; i < n; i++) z[i] = x[i] - y[i];
    else if (is_exactly(a, 1.0))
        UNROLL for (size_t i = 0; i < n; i++) z[i] = x[i] + b * y[i];
    else if (is_exactly(b, 1.0))
        UNROLL for (size_t i = 0; i < n; i++) z[i] = a * x[i] + y[i];
    else
        UNROLL for (size_t i = 0; i < n; i++) z[i] = a * x[i] + b * y[i];
}

static void constant(size_t count, double c, double *z)
{
    const Part all = (Part){0} + c;
    UNROLL for (size_t i = 0; i < count / WIDTH; i++) parts(z)[i] = all;
}

static void scale(size_t count, double c, const double *x, double *z)
{
    UNROLL for (size_t i = 0; i < count / WIDTH; i++) parts(z)[i] = c * parts_of(x)[i];
}

INLINE void combine_terms(size_t count, size_t terms, const double *c, const double *const *x, double *z)
{
    for (size_t i = 0; i < count / WIDTH; i++) {
        Part sum = c[0] * parts_of(x[0])[i];
        UNROLL for (size_t term = 1; term < terms; term++) sum += c[term] * parts_of(x[term])[i];
        parts(z)[i] = sum;
    }
}

static void combine(size_t count, size_t terms, const double *c, const double *const *x, double *z)
{
    ASSERT(terms >= 1 && terms <= TERMS_MAX);
    switch (terms) { /* BDF of order 1 to 5 */
    case 2: combine_terms(count, 2, c, x, z); break;
    case 3: combine_terms(count, 3, c, x, z); break;
    case 4: combine_terms(count, 4, c, x, z); break;
    case 5: combine_terms(count, 5, c, x, z); break;
    case 6: combine_terms(count, 6, c, x, z); break;
    default: combine_terms(count, terms, c, x, z);
    }
}

/* x * 0 is 0 for finite x and not a number for the rest. */
static bool all_finite(size_t count, const double *x)
{
    Part sum = {0};
    UNROLL for (size_t i = 0; i < count / WIDTH; i++) sum += parts_of(x)[i] * 0.0;
    double total = 0.0;
    for (size_t i = 0; i < WIDTH; i++)
        total += sum[i];
    return !isnan(total);
}

/* ---- lane by lane ---- */

/* The states in their order: the same digits on every machine. */
INLINE void square_sums_of(size_t n, size_t n_parts, const Part *x, const Part *w, Part *sums)
{
    UNROLL for (size_t p = 0; p < n_parts; p++) sums[p] = (Part){0};
    for (size_t value = 0; value < n; value++, x += n_parts, w += n_parts)
        UNROLL for (size_t p = 0; p < n_parts; p++)
        {
            Part scaled = x[p] * w[p];
            sums[p] += scaled * scaled;
        }
}

static void square_sums(size_t n, size_t width, const double *x, const double *w, double sums[LANES])
{
    Part own[LANES / WIDTH];
#define CALL(n_parts) square_sums_of(n, n_parts, parts_of(x), parts_of(w), own)
    BY_WIDTH(CALL)
#undef CALL
    memcpy(sums, own, width * sizeof(double));
}

static void weigh(size_t n, size_t width, double rtol, const double *atol, const double *y, double *weights)
{
    size_t n_parts = width / WIDTH;
    for (size_t value = 0; value < n; value++)
        for (size_t p = value * n_parts; p < (value + 1) * n_parts; p++)
            parts(weights)[p] = 1.0 / (rtol * size_of(parts_of(y)[p]) + atol[value]);
}

static void taylor(size_t n, size_t width, size_t terms, const double *const *derivatives, const double dt[LANES],
                   double *y)
{
    size_t n_parts = width / WIDTH;
    Part shares[TERMS_MAX][LANES / WIDTH]; /* dt / k */
    ASSERT(terms >= 1 && terms <= TERMS_MAX);
    for (size_t k = 1; k < terms; k++)
        for (size_t lane = 0; lane < width; lane++)
            shares[k][lane / WIDTH][lane % WIDTH] = dt[lane] / (double)k;
    for (size_t value = 0; value < n; value++)
        for (size_t p = 0; p < n_parts; p++) {
            size_t at = value * n_parts + p;
            Part sum = parts_of(derivatives[terms - 1])[at];
            for (size_t k = terms - 1; k > 0; k--)
                sum = parts_of(derivatives[k - 1])[at] + shares[k][p] * sum;
            parts(y)[at] = sum;
        }
}

static void keep_lanes(size_t n, size_t width, const int64_t keep[LANES], double *x)
{
    size_t n_parts = width / WIDTH;
    Mask masks[LANES / WIDTH];
    memcpy(masks, keep, width * sizeof(int64_t));
    for (size_t value = 0; value < n; value++)
        for (size_t p = 0; p < n_parts; p++)
            parts(x)[value * n_parts + p] = (Part)((Mask)parts_of(x)[value * n_parts + p] & masks[p]);
}

/* ---- the linear system ---- */

static void fill(size_t n_slots, size_t width, const LinearSlot *slots, double gamma, const double *jacobian,
                 double *values)
{
    size_t n_parts = width / WIDTH;
    for (size_t slot = 0; slot < n_slots; slot++) {
        const Part *entry = parts_of(jacobian + slots[slot].entry * width);
        Part *value = parts(values + slot * width);
        for (size_t p = 0; p < n_parts; p++)
            value[p] = slots[slot].identity - gamma * entry[p];
    }
}

/* x -= a b for one value. */
INLINE void subtract_product(size_t n_parts, Part *x, const Part *a, const Part *b)
{
    UNROLL for (size_t p = 0; p < n_parts; p++) x[p] -= a[p] * b[p];
}

INLINE void value_copy(size_t n_parts, Part *to, const Part *from)
{
    UNROLL for (size_t p = 0; p < n_parts; p++) to[p] = from[p];
}

/* diagonal becomes 1 / diagonal. margin, the element before elimination, becomes how far the pivot is above the least
 * allowed one: not a number when the pivot is not finite. */
INLINE void pivot_invert(size_t n_parts, Part *diagonal, Part *margin)
{
    UNROLL for (size_t p = 0; p < n_parts; p++)
    {
        Part pivot = diagonal[p];
        margin[p] = (size_of(pivot) - PIVOT_LEAST * (1.0 + size_of(margin[p]))) + 0.0 * pivot;
        diagonal[p] = 1.0 / pivot;
    }
}

/* For each pivot k: l(i) = a(i, k) / a(k, k) for the rows i below it, then a(i, j) -= l(i) a(k, j). */
INLINE void eliminate_parts(size_t n_parts, const Lu *lu, Part *values, Part *margins)
{
    const uint32_t *target = lu->targets;
    for (size_t k = 0; k < lu->n; k++) {
        const LuPivot *pivot = &lu->pivots[k];
        Part *diagonal = values + pivot->slot * n_parts, *upper = diagonal + n_parts;
        Part *lower = upper + pivot->n_upper * n_parts;
        pivot_invert(n_parts, diagonal, margins + k * n_parts);
        for (size_t i = 0; i < pivot->n_lower; i++, lower += n_parts) {
            Part factor[LANES / WIDTH];
            UNROLL for (size_t p = 0; p < n_parts; p++) lower[p] = factor[p] = lower[p] * diagonal[p];
            for (size_t j = 0; j < pivot->n_upper; j++)
                subtract_product(n_parts, values + *target++ * n_parts, factor, upper + j * n_parts);
        }
    }
}

static void eliminate(const Lu *lu, size_t width, double *values, double *margins){
#define CALL(n_parts) eliminate_parts(n_parts, lu, parts(values), parts(margins))
    BY_WIDTH(CALL)
#undef CALL
}

/* L z = b downwards, then U x = z upwards, in place: pivots keep the places of their states. */
INLINE void solve_parts(size_t n_parts, const Lu *lu, const Part *factors, Part *x)
{
    Part known[LANES / WIDTH];
    for (size_t k = 0; k < lu->n; k++) {
        const LuPivot *pivot = &lu->pivots[k];
        const Part *factor = factors + (pivot->slot + 1 + pivot->n_upper) * n_parts;
        value_copy(n_parts, known, x + pivot->state * n_parts);
        for (size_t i = 0; i < pivot->n_lower; i++)
            subtract_product(n_parts, x + pivot->lower[i] * n_parts, factor + i * n_parts, known);
    }
    for (size_t k = lu->n; k-- > 0;) {
        const LuPivot *pivot = &lu->pivots[k];
        const Part *inverse = factors + pivot->slot * n_parts, *upper = inverse + n_parts;
        Part *own = x + pivot->state * n_parts;
        value_copy(n_parts, known, own);
        for (size_t j = 0; j < pivot->n_upper; j++)
            subtract_product(n_parts, known, upper + j * n_parts, x + pivot->upper[j] * n_parts);
        UNROLL for (size_t p = 0; p < n_parts; p++) own[p] = known[p] * inverse[p];
    }
}

static void solve(const Lu *lu, size_t width, const double *factors, double *x)
{
#define CALL(n_parts) solve_parts(n_parts, lu, parts_of(factors), parts(x))
    BY_WIDTH(CALL)
#undef CALL
}

const Loops LOOPS = {
    .name = NAME,
    .linear_sum = linear_sum,
    .constant = constant,
    .scale = scale,
    .combine = combine,
    .square_sums = square_sums,
    .weigh = weigh,
    .taylor = taylor,
    .all_finite = all_finite,
    .keep = keep_lanes,
    .fill = fill,
    .eliminate = eliminate,
    .solve = solve,
};
