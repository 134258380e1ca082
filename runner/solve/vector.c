/* SPDX-License-Identifier: Apache-2.0 */
#include "solve/sundials_compat.h"

#include <math.h>

#include "solve/quad.h"
#include "solve/vector.h"

/* CVODE fuses at most L_MAX = 13 vectors (Adams of order 12; BDF: 6). */
enum { FUSED_MAX = 16 };

KERNEL_PART Quad *quads_to(N_Vector vector)
{
    return quads_at(vector_values(vector), 0);
}

KERNEL_PART const Quad *quads_in(N_Vector vector)
{
    return quads_of(vector_values(vector), 0);
}

KERNEL_PART size_t quads_count(N_Vector vector)
{
    return vector_size(vector) * QUADS;
}

/* Exact on purpose: a coefficient that is exactly 1 needs no multiplication, and the digits are the same either way. */
static inline bool is_exactly(double a, double b)
{
    return a <= b && a >= b;
}

KERNEL void lanes_keep(double *values, size_t n, const int64_t keep[LANES])
{
    QuadMask masks[QUADS];
    memcpy(masks, keep, sizeof masks);
    for (size_t value = 0; value < n; value++) {
        Quad *x = quads_at(values, value);
        UNROLL_QUADS
        for (size_t q = 0; q < QUADS; q++)
            x[q] = (Quad)((QuadMask)x[q] & masks[q]);
    }
}

/* ---- life ---- */

static N_Vector vector_clone(N_Vector model)
{
    const VectorContent *content = model->content;
    N_Vector clone = NEW(content->arena, struct _generic_N_Vector);
    VectorContent *own = NEW(content->arena, VectorContent);
    *own = *content;
    own->values = NEW_LANES(content->arena, content->n * LANES);
    *clone = (struct _generic_N_Vector){.content = own, .ops = model->ops, .sunctx = model->sunctx};
    return clone;
}

static void vector_destroy(N_Vector vector)
{
    (void)vector; /* the arena's */
}

static N_Vector_ID vector_id(N_Vector vector)
{
    (void)vector;
    return SUNDIALS_NVEC_CUSTOM;
}

static sunindextype vector_length(N_Vector vector)
{
    return (sunindextype)(vector_size(vector) * LANES);
}

/* ---- value by value; z may be x or y ---- */

KERNEL static void vector_linear_sum(sunrealtype a, N_Vector x_in, sunrealtype b, N_Vector y_in, N_Vector z_to)
{
    const Quad *x = quads_in(x_in), *y = quads_in(y_in);
    Quad *z = quads_to(z_to);
    size_t count = quads_count(z_to);
    if (is_exactly(a, 1.0) && is_exactly(b, 1.0))
        for (size_t i = 0; i < count; i++)
            z[i] = x[i] + y[i];
    else if (is_exactly(a, 1.0) && is_exactly(b, -1.0))
        for (size_t i = 0; i < count; i++)
            z[i] = x[i] - y[i];
    else if (is_exactly(a, 1.0))
        for (size_t i = 0; i < count; i++)
            z[i] = x[i] + b * y[i];
    else if (is_exactly(b, 1.0))
        for (size_t i = 0; i < count; i++)
            z[i] = a * x[i] + y[i];
    else
        for (size_t i = 0; i < count; i++)
            z[i] = a * x[i] + b * y[i];
}

KERNEL static void vector_const(sunrealtype c, N_Vector z_to)
{
    Quad *z = quads_to(z_to);
    for (size_t i = 0; i < quads_count(z_to); i++)
        z[i] = (Quad){c, c, c, c};
}

KERNEL static void vector_prod(N_Vector x, N_Vector y, N_Vector z)
{
    for (size_t i = 0; i < quads_count(z); i++)
        quads_to(z)[i] = quads_in(x)[i] * quads_in(y)[i];
}

KERNEL static void vector_div(N_Vector x, N_Vector y, N_Vector z)
{
    for (size_t i = 0; i < quads_count(z); i++)
        quads_to(z)[i] = quads_in(x)[i] / quads_in(y)[i];
}

KERNEL static void vector_scale(sunrealtype c, N_Vector x_in, N_Vector z_to)
{
    const Quad *x = quads_in(x_in);
    Quad *z = quads_to(z_to);
    size_t count = quads_count(z_to);
    if (is_exactly(c, 1.0)) {
        memmove(z, x, count * sizeof *z);
        return;
    }
    for (size_t i = 0; i < count; i++)
        z[i] = c * x[i];
}

KERNEL static void vector_abs(N_Vector x, N_Vector z)
{
    const QuadMask all_but_sign = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
    for (size_t i = 0; i < quads_count(z); i++)
        quads_to(z)[i] = (Quad)((QuadMask)quads_in(x)[i] & all_but_sign);
}

KERNEL static void vector_inv(N_Vector x, N_Vector z)
{
    for (size_t i = 0; i < quads_count(z); i++)
        quads_to(z)[i] = 1.0 / quads_in(x)[i];
}

KERNEL static void vector_add_const(N_Vector x, sunrealtype b, N_Vector z)
{
    for (size_t i = 0; i < quads_count(z); i++)
        quads_to(z)[i] = quads_in(x)[i] + b;
}

/* ---- down to one number ---- */

/* sqrt(most / n), most = the largest sum of a lane; a lane that is not a number wins, so that no test passes on it. */
static double norm_of_lanes(const double sums[LANES], size_t n)
{
    double most = 0.0;
    for (size_t lane = 0; lane < LANES; lane++) {
        if (isnan(sums[lane]))
            return sums[lane];
        most = sums[lane] > most ? sums[lane] : most;
    }
    return n > 0 ? sqrt(most / (double)n) : 0.0;
}

KERNEL static sunrealtype vector_wrms_norm(N_Vector x_in, N_Vector w_in)
{
    const Quad *x = quads_in(x_in), *w = quads_in(w_in);
    size_t n = vector_size(x_in);
    Quad sums[QUADS] = {0};
    for (size_t value = 0; value < n; value++, x += QUADS, w += QUADS) {
        UNROLL_QUADS
        for (size_t q = 0; q < QUADS; q++) {
            Quad scaled = x[q] * w[q];
            sums[q] += scaled * scaled;
        }
    }
    double lanes[LANES];
    memcpy(lanes, sums, sizeof lanes);
    return norm_of_lanes(lanes, n);
}

/* Only where id > 0; still divided by all n, as N_VWrmsNormMask is defined. */
static sunrealtype vector_wrms_norm_mask(N_Vector x, N_Vector w, N_Vector id)
{
    double lanes[LANES] = {0};
    for (size_t i = 0; i < vector_size(x) * LANES; i++) {
        double scaled = vector_values(x)[i] * vector_values(w)[i];
        lanes[i % LANES] += vector_values(id)[i] > 0.0 ? scaled * scaled : 0.0;
    }
    return norm_of_lanes(lanes, vector_size(x));
}

static sunrealtype vector_max_norm(N_Vector x)
{
    double most = 0.0;
    for (size_t i = 0; i < vector_size(x) * LANES; i++)
        most = fabs(vector_values(x)[i]) > most ? fabs(vector_values(x)[i]) : most;
    return most;
}

static sunrealtype vector_min(N_Vector x)
{
    double least = HUGE_VAL;
    for (size_t i = 0; i < vector_size(x) * LANES; i++)
        least = vector_values(x)[i] < least ? vector_values(x)[i] : least;
    return least;
}

/* Lane by lane over the states, then over the lanes. */
static sunrealtype vector_dot_prod(N_Vector x, N_Vector y)
{
    double lanes[LANES] = {0}, sum = 0.0;
    for (size_t i = 0; i < vector_size(x) * LANES; i++)
        lanes[i % LANES] += vector_values(x)[i] * vector_values(y)[i];
    for (size_t lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

/* ---- several vectors in one pass; each z may be any of the inputs ---- */

/* z = sum over i of c[i] x[i] */
KERNEL static int vector_linear_combination(int n_terms, sunrealtype *c, N_Vector *x_in, N_Vector z_to)
{
    const Quad *x[FUSED_MAX];
    Quad *z = quads_to(z_to);
    size_t terms = (size_t)n_terms, count = quads_count(z_to);
    ASSERT(n_terms >= 1 && terms <= FUSED_MAX);
    for (size_t term = 0; term < terms; term++)
        x[term] = quads_in(x_in[term]);
    for (size_t i = 0; i < count; i++) {
        Quad sum = c[0] * x[0][i];
        for (size_t term = 1; term < terms; term++)
            sum += c[term] * x[term][i];
        z[i] = sum;
    }
    return 0;
}

/* z[i] = a[i] x + y[i] */
KERNEL static int vector_scale_add_multi(int n_vectors, sunrealtype *a, N_Vector x_in, N_Vector *y_in, N_Vector *z_to)
{
    const Quad *x = quads_in(x_in);
    size_t count = quads_count(x_in);
    for (int v = 0; v < n_vectors; v++) {
        const Quad *y = quads_in(y_in[v]);
        Quad *z = quads_to(z_to[v]);
        double factor = a[v];
        for (size_t i = 0; i < count; i++)
            z[i] = factor * x[i] + y[i];
    }
    return 0;
}

static int vector_linear_sum_array(int n_vectors, sunrealtype a, N_Vector *x, sunrealtype b, N_Vector *y, N_Vector *z)
{
    for (int v = 0; v < n_vectors; v++)
        vector_linear_sum(a, x[v], b, y[v], z[v]);
    return 0;
}

static int vector_scale_array(int n_vectors, sunrealtype *c, N_Vector *x, N_Vector *z)
{
    for (int v = 0; v < n_vectors; v++)
        vector_scale(c[v], x[v], z[v]);
    return 0;
}

static int vector_const_array(int n_vectors, sunrealtype c, N_Vector *z)
{
    for (int v = 0; v < n_vectors; v++)
        vector_const(c, z[v]);
    return 0;
}

/* ---- the table ---- */

N_Vector vector_new(Arena *arena, SUNContext context, size_t n)
{
    struct _generic_N_Vector_Ops *ops = NEW(arena, struct _generic_N_Vector_Ops);
    *ops = (struct _generic_N_Vector_Ops){
        .nvgetvectorid = vector_id,
        .nvclone = vector_clone,
        .nvdestroy = vector_destroy,
        .nvgetarraypointer = vector_values,
        .nvgetlength = vector_length,
        .nvlinearsum = vector_linear_sum,
        .nvconst = vector_const,
        .nvprod = vector_prod,
        .nvdiv = vector_div,
        .nvscale = vector_scale,
        .nvabs = vector_abs,
        .nvinv = vector_inv,
        .nvaddconst = vector_add_const,
        .nvdotprod = vector_dot_prod,
        .nvmaxnorm = vector_max_norm,
        .nvwrmsnorm = vector_wrms_norm,
        .nvwrmsnormmask = vector_wrms_norm_mask,
        .nvmin = vector_min,
        .nvlinearcombination = vector_linear_combination,
        .nvscaleaddmulti = vector_scale_add_multi,
        .nvlinearsumvectorarray = vector_linear_sum_array,
        .nvscalevectorarray = vector_scale_array,
        .nvconstvectorarray = vector_const_array,
    };
    VectorContent content = {.arena = arena, .n = n};
    struct _generic_N_Vector model = {.content = &content, .ops = ops, .sunctx = context};
    return vector_clone(&model);
}
