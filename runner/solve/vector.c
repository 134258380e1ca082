/* SPDX-License-Identifier: Apache-2.0
 *
 * Implements a SUNDIALS vector that holds the states of all lanes.
 */
#include "solve/sundials_compat.h"

#include <math.h>
#include <string.h>

#include "solve/vector.h"

static const Loops *loops_for(N_Vector vector)
{
    return ((const VectorContent *)vector->content)->loops;
}

void vector_flush(const VectorContent *content)
{
    Pending *pending = content->pending;
    content->loops->add_all(content->n * content->width, pending->n, pending->x, pending->y);
    pending->n = 0;
}

/* Sums of vectors with so many doubles are delayed; six smaller vectors fit into the first-level cache (32 KiB). */
enum { LARGE = 512 };

static bool put_off(sunrealtype a, N_Vector x, sunrealtype b, N_Vector y, N_Vector z)
{
    const VectorContent *content = z->content;
    Pending *pending = content->pending;
    bool fits = vector_count(z) >= LARGE && pending->n < PENDING_MAX;
    if (!fits || x != z || x == y || !is_exactly(a, 1.0) || !is_exactly(b, 1.0))
        return false;
    pending->x[pending->n] = content->values;
    pending->y[pending->n++] = ((const VectorContent *)y->content)->values;
    return true;
}

/* ---- life ---- */

static N_Vector vector_clone(N_Vector model)
{
    const VectorContent *content = model->content;
    N_Vector clone = NEW(content->arena, struct _generic_N_Vector);
    VectorContent *own = NEW(content->arena, VectorContent);
    *own = *content;
    own->values = NEW_LANES(content->arena, content->n * content->width);
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
    return (sunindextype)vector_count(vector);
}

/* ---- value by value; z may be x or y ---- */

static void vector_linear_sum(sunrealtype a, N_Vector x, sunrealtype b, N_Vector y, N_Vector z)
{
    if (!put_off(a, x, b, y, z))
        loops_for(z)->linear_sum(vector_count(z), a, vector_values(x), b, vector_values(y), vector_values(z));
}

static void vector_const(sunrealtype c, N_Vector z)
{
    loops_for(z)->constant(vector_count(z), c, vector_values(z));
}

static void vector_scale(sunrealtype c, N_Vector x, N_Vector z)
{
    if (is_exactly(c, 1.0))
        memmove(vector_values(z), vector_values(x), vector_count(z) * sizeof(double));
    else
        loops_for(z)->scale(vector_count(z), c, vector_values(x), vector_values(z));
}

/* At restarts only. */

static void vector_prod(N_Vector x, N_Vector y, N_Vector z)
{
    for (size_t i = 0; i < vector_count(z); i++)
        vector_values(z)[i] = vector_values(x)[i] * vector_values(y)[i];
}

static void vector_div(N_Vector x, N_Vector y, N_Vector z)
{
    for (size_t i = 0; i < vector_count(z); i++)
        vector_values(z)[i] = vector_values(x)[i] / vector_values(y)[i];
}

static void vector_abs(N_Vector x, N_Vector z)
{
    for (size_t i = 0; i < vector_count(z); i++)
        vector_values(z)[i] = fabs(vector_values(x)[i]);
}

static void vector_inv(N_Vector x, N_Vector z)
{
    for (size_t i = 0; i < vector_count(z); i++)
        vector_values(z)[i] = 1.0 / vector_values(x)[i];
}

static void vector_add_const(N_Vector x, sunrealtype b, N_Vector z)
{
    for (size_t i = 0; i < vector_count(z); i++)
        vector_values(z)[i] = vector_values(x)[i] + b;
}

/* ---- down to one number ---- */

/* sqrt(most / n), most = the largest sum of a lane; a lane that is not a number wins, so that no test passes on it. */
static double norm_of_lanes(const double *sums, size_t width, size_t n)
{
    double most = 0.0;
    for (size_t lane = 0; lane < width; lane++) {
        if (isnan(sums[lane]))
            return sums[lane];
        most = sums[lane] > most ? sums[lane] : most;
    }
    return n > 0 ? sqrt(most / (double)n) : 0.0;
}

static sunrealtype vector_wrms_norm(N_Vector x, N_Vector w)
{
    const VectorContent *content = x->content;
    double sums[LANES];
    content->loops->square_sums(content->n, content->width, vector_values(x), vector_values(w), sums);
    return norm_of_lanes(sums, content->width, content->n);
}

/* Only where id > 0; still divided by all n, as N_VWrmsNormMask is defined. */
static sunrealtype vector_wrms_norm_mask(N_Vector x, N_Vector w, N_Vector id)
{
    const VectorContent *content = x->content;
    double sums[LANES] = {0};
    for (size_t i = 0; i < vector_count(x); i++) {
        double scaled = vector_values(x)[i] * vector_values(w)[i];
        sums[i % content->width] += vector_values(id)[i] > 0.0 ? scaled * scaled : 0.0;
    }
    return norm_of_lanes(sums, content->width, content->n);
}

static sunrealtype vector_max_norm(N_Vector x)
{
    double most = 0.0;
    for (size_t i = 0; i < vector_count(x); i++)
        most = fabs(vector_values(x)[i]) > most ? fabs(vector_values(x)[i]) : most;
    return most;
}

static sunrealtype vector_min(N_Vector x)
{
    double least = HUGE_VAL;
    for (size_t i = 0; i < vector_count(x); i++)
        least = vector_values(x)[i] < least ? vector_values(x)[i] : least;
    return least;
}

/* Lane by lane over the states, then over the lanes. */
static sunrealtype vector_dot_prod(N_Vector x, N_Vector y)
{
    const VectorContent *content = x->content;
    double lanes[LANES] = {0}, sum = 0.0;
    for (size_t i = 0; i < vector_count(x); i++)
        lanes[i % content->width] += vector_values(x)[i] * vector_values(y)[i];
    for (size_t lane = 0; lane < content->width; lane++)
        sum += lanes[lane];
    return sum;
}

/* ---- several vectors in one pass; each z may be any of the inputs ---- */

/* z = sum over i of c[i] x[i]. Without those whose c is 0: all but one at the end of a step (CVodeGetDky). */
static int vector_linear_combination(int n_terms, sunrealtype *c, N_Vector *x, N_Vector z)
{
    const double *values[TERMS_MAX];
    double factors[TERMS_MAX] = {0.0};
    size_t n = 0;
    ASSERT(n_terms >= 1 && n_terms <= TERMS_MAX);
    values[0] = vector_values(x[0]);
    for (int term = 0; term < n_terms; term++) {
        if (is_exactly(c[term], 0.0))
            continue;
        factors[n] = c[term];
        values[n++] = vector_values(x[term]);
    }
    if (n <= 1)
        loops_for(z)->scale(vector_count(z), factors[0], values[0], vector_values(z));
    else
        loops_for(z)->combine(vector_count(z), n, factors, values, vector_values(z));
    return 0;
}

/* z[i] = a[i] x + y[i] */
static int vector_scale_add_multi(int n_vectors, sunrealtype *a, N_Vector x, N_Vector *y, N_Vector *z)
{
    for (int v = 0; v < n_vectors; v++)
        vector_linear_sum(a[v], x, 1.0, y[v], z[v]);
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

N_Vector vector_new(Arena *arena, SUNContext context, const Loops *loops, size_t n, size_t width)
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
    VectorContent content = {.arena = arena, .pending = NEW(arena, Pending), .loops = loops, .n = n, .width = width};
    struct _generic_N_Vector model = {.content = &content, .ops = ops, .sunctx = context};
    return vector_clone(&model);
}
