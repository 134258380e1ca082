/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws what differs by chance between animals: parameters, the efficiency of drivers, the noise of readings. The key
 * of each draw is made of the seed, the name of the cohort ("twins" for all cohorts when they share animals) and what
 * is drawn; the animal's number is the counter.
 */
#include <math.h>
#include <string.h>

#include "plan/plan_priv.h"

static RngKey cohort_key(const Plan *plan, const Cohort *cohort)
{
    return rng_key_named(rng_key(plan->seed), plan->twins ? "twins" : cohort->name);
}

static double normal_below(double z)
{
    return 0.5 * erfc(-z * 0.70710678118654752440); /* 1/sqrt(2) */
}

/* The value with this standard normal behind it. */
static double vary(Variability variability, double value, double z)
{
    switch (variability.kind) {
    case VARIABILITY_LOGNORMAL: return value * exp(variability.spread * z);
    case VARIABILITY_NORMAL: return value * (1.0 + variability.spread * z);
    case VARIABILITY_UNIFORM: return value * (1.0 + variability.spread * (2.0 * normal_below(z) - 1.0));
    case VARIABILITY_BETA: {
        double weight = value * (1.0 - value) / (variability.spread * variability.spread) - 1.0;
        return variability.spread > 0.0 ? beta_quantile(normal_below(z), value * weight, (1.0 - value) * weight)
                                        : value;
    }
    case VARIABILITY_NONE: break;
    }
    return value;
}

static double parameter_normal(const Plan *plan, RngKey key, size_t parameter, size_t animal)
{
    const char *name = plan->model->parameters[parameter].name;
    return rng_normal(rng_key_named(rng_key_named(key, "parameter"), name), animal);
}

/* Replaces the independent normals of correlated parameters by the factor times them: Gaussian copula. */
static double correlated_normal(const Plan *plan, RngKey key, size_t row, size_t animal)
{
    double z = 0.0;
    for (size_t column = 0; column <= row; column++)
        z += plan->correlation_factor[row * plan->n_correlated + column] *
             parameter_normal(plan, key, plan->correlated[column], animal);
    return z;
}

static double draw_parameter(const Plan *plan, RngKey key, size_t parameter, size_t animal)
{
    const Parameter *p = &plan->model->parameters[parameter];
    for (size_t row = 0; row < plan->n_correlated; row++)
        if (plan->correlated[row] == parameter)
            return vary(p->variability, p->value, correlated_normal(plan, key, row, animal));
    return vary(p->variability, p->value, parameter_normal(plan, key, parameter, animal));
}

/* Does the cohort itself give the efficiency in these cells? The last matching override decides. */
static bool overridden(const Genotype *genotype, const char *site, double *ret_efficiency)
{
    bool found = false;
    for (size_t i = 0; i < genotype->n_overrides; i++)
        if (genotype->overrides[i].cells == NULL || text_equal(genotype->overrides[i].cells, site)) {
            *ret_efficiency = genotype->overrides[i].efficiency;
            found = true;
        }
    return found;
}

static double draw_recombined(const Plan *plan, const Cohort *cohort, RngKey key, const Driver *driver,
                              const DriverCells *site, size_t animal)
{
    double efficiency = site->efficiency;
    if (overridden(&cohort->genotype, site->name, &efficiency))
        return efficiency;
    if (!plan->variability || site->variability.kind == VARIABILITY_NONE)
        return efficiency;
    RngKey own = rng_key_named(rng_key_named(rng_key_named(key, "recombination"), driver->name), site->name);
    double drawn = vary(site->variability, efficiency, rng_normal(own, animal));
    return fmin(fmax(drawn, 0.0), 1.0);
}

AnimalDraw *plan_draw(Arena *arena, const Plan *plan, const Cohort *cohort, size_t animal)
{
    const Model *model = plan->model;
    const Genotype *genotype = &cohort->genotype;
    RngKey key = cohort_key(plan, cohort);
    AnimalDraw *draw = NEW(arena, AnimalDraw);
    draw->parameters = NEW_ARRAY(arena, double, model->n_parameters);
    for (size_t i = 0; i < model->n_parameters; i++) {
        bool varies = plan->variability && model->parameters[i].variability.kind != VARIABILITY_NONE;
        draw->parameters[i] = varies ? draw_parameter(plan, key, i, animal) : model->parameters[i].value;
    }
    draw->recombined = NEW_ARRAY(arena, double *, genotype->n_drivers);
    for (size_t d = 0; d < genotype->n_drivers; d++) {
        const Driver *driver = genotype->drivers[d];
        draw->recombined[d] = NEW_ARRAY(arena, double, driver->n_cells);
        for (size_t s = 0; s < driver->n_cells; s++)
            draw->recombined[d][s] = draw_recombined(plan, cohort, key, driver, &driver->cells[s], animal);
    }
    return draw;
}

RngKey plan_noise_key(const Plan *plan, const Cohort *cohort, const char *metric, const char *site, double time)
{
    char when[NUMBER_TEXT];
    RngKey key = rng_key_named(rng_key_named(cohort_key(plan, cohort), "noise"), metric);
    return rng_key_named(rng_key_named(key, site), number_show(time, when));
}

double plan_reading(RngKey key, size_t animal, Variability noise, double truth)
{
    return vary(noise, truth, rng_normal(key, animal));
}

/* Cholesky's factor of the correlation matrix, in place; false when it is not positive definite. */
static bool cholesky_factor(double *matrix, size_t n)
{
    for (size_t row = 0; row < n; row++)
        for (size_t column = 0; column <= row; column++) {
            double sum = matrix[row * n + column];
            for (size_t k = 0; k < column; k++)
                sum -= matrix[row * n + k] * matrix[column * n + k];
            if (row == column && sum <= 0.0)
                return false;
            matrix[row * n + column] = row == column ? sqrt(sum) : sum / matrix[column * n + column];
        }
    return true;
}

typedef VEC(uint32_t) DrawIndices;

static size_t index_of(PlanLoader *loader, DrawIndices *list, uint32_t parameter)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i] == parameter)
            return i;
    *vec_push(loader->arena, list) = parameter;
    return list->n - 1;
}

bool draw_prepare_correlations(PlanLoader *loader)
{
    const Model *model = loader->plan->model;
    DrawIndices list = {0};
    for (size_t i = 0; i < model->n_correlations; i++) {
        (void)index_of(loader, &list, model->correlations[i].a);
        (void)index_of(loader, &list, model->correlations[i].b);
    }
    size_t n = list.n;
    double *matrix = NEW_ARRAY(loader->arena, double, n *n);
    for (size_t i = 0; i < n; i++)
        matrix[i * n + i] = 1.0;
    for (size_t i = 0; i < model->n_correlations; i++) {
        size_t a = index_of(loader, &list, model->correlations[i].a);
        size_t b = index_of(loader, &list, model->correlations[i].b);
        matrix[a * n + b] = matrix[b * n + a] = model->correlations[i].rho;
    }
    if (!cholesky_factor(matrix, n))
        return diag_error(
            loader->diags, "plan.correlations", loader->root->where, "make the correlations weaker",
            "the correlations of the model '%s' contradict each other: their matrix is not positive definite",
            model->name);
    loader->plan->correlated = list.items;
    loader->plan->n_correlated = n;
    loader->plan->correlation_factor = matrix;
    return true;
}
