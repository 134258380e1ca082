/* SPDX-License-Identifier: Apache-2.0
 *
 * Describes the uncertainty of the parameters from the Jacobian. All calculations are in z, where the prior is a unit
 * sphere: J'J = V L V' gives the covariance V (L + 1)^-1 V' without an inversion, and L tells how much information the
 * data add to the prior in each direction.
 */
#include <math.h>
#include <string.h>

#include "fit/fit_priv.h"

/* ---- eigenvalues ---- */

/* Turns rows and columns p and q so that matrix[p][q] becomes 0. Golub & Van Loan, Matrix Computations, 8.5. */
static void rotate(double *matrix, double *vectors, size_t n, size_t p, size_t q)
{
    double theta = (matrix[q * n + q] - matrix[p * n + p]) / (2.0 * matrix[p * n + q]);
    double t = (theta >= 0.0 ? 1.0 : -1.0) / (fabs(theta) + sqrt(theta * theta + 1.0));
    double c = 1.0 / sqrt(t * t + 1.0), s = t * c;
    for (size_t k = 0; k < n; k++) {
        double kp = matrix[k * n + p], kq = matrix[k * n + q];
        matrix[k * n + p] = c * kp - s * kq;
        matrix[k * n + q] = s * kp + c * kq;
    }
    for (size_t k = 0; k < n; k++) {
        double pk = matrix[p * n + k], qk = matrix[q * n + k];
        matrix[p * n + k] = c * pk - s * qk;
        matrix[q * n + k] = s * pk + c * qk;
        double vp = vectors[p * n + k], vq = vectors[q * n + k];
        vectors[p * n + k] = c * vp - s * vq;
        vectors[q * n + k] = s * vp + c * vq;
    }
}

/* Moves the smallest eigenvalue from `first` on to `first`, and chooses the sign of its vector so that the largest part
 * is above 0. */
static void sort_pair(size_t first, size_t n, double *values, double *vectors)
{
    size_t least = first, largest = 0;
    for (size_t i = first + 1; i < n; i++)
        least = values[i] < values[least] ? i : least;
    double value = values[least];
    values[least] = values[first];
    values[first] = value;
    for (size_t k = 0; k < n; k++) {
        double part = vectors[least * n + k];
        vectors[least * n + k] = vectors[first * n + k];
        vectors[first * n + k] = part;
    }
    for (size_t k = 1; k < n; k++)
        if (fabs(vectors[first * n + k]) > fabs(vectors[first * n + largest]) * (1.0 + 1e-9))
            largest = k;
    if (vectors[first * n + largest] < 0.0)
        for (size_t k = 0; k < n; k++)
            vectors[first * n + k] = -vectors[first * n + k];
}

void statistics_eigen(Arena *arena, const double *matrix, size_t n, double *ret_values, double *ret_vectors)
{
    enum { MAX_SWEEPS = 60 };
    double *work = NEW_ARRAY(arena, double, n *n);
    memcpy(work, matrix, n * n * sizeof *work);
    for (size_t i = 0; i < n * n; i++)
        ret_vectors[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
    bool turned = true;
    for (size_t sweep = 0; turned && sweep < MAX_SWEEPS; sweep++) {
        turned = false;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                double size = sqrt(fabs(work[p * n + p]) * fabs(work[q * n + q]));
                if (!(fabs(work[p * n + q]) > 1e-15 * size) || !(fabs(work[p * n + q]) > 1e-300))
                    continue;
                rotate(work, ret_vectors, n, p, q);
                turned = true;
            }
    }
    for (size_t i = 0; i < n; i++)
        ret_values[i] = work[i * n + i];
    for (size_t i = 0; i < n; i++)
        sort_pair(i, n, ret_values, ret_vectors);
}

/* ---- uncertainty ---- */

static double *normal_matrix(Arena *arena, const double *jacobian, size_t m, size_t n)
{
    double *matrix = NEW_ARRAY(arena, double, n *n);
    for (size_t row = 0; row < m; row++)
        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; b < n; b++)
                matrix[a * n + b] += jacobian[row * n + a] * jacobian[row * n + b];
    return matrix;
}

static double *covariance_of(Arena *arena, const double *eigenvalues, const double *directions, size_t n)
{
    double *covariance = NEW_ARRAY(arena, double, n *n);
    for (size_t k = 0; k < n; k++) {
        double variance = 1.0 / (1.0 + (eigenvalues[k] > 0.0 ? eigenvalues[k] : 0.0)); /* below 0 is rounding */
        for (size_t a = 0; a < n; a++)
            for (size_t b = 0; b < n; b++)
                covariance[a * n + b] += directions[k * n + a] * directions[k * n + b] * variance;
    }
    return covariance;
}

void statistics_uncertainty(Arena *arena, const Fit *fit, const double *values, const double *jacobian,
                            FitResult *result)
{
    static const double NORMAL_975 = 1.959963984540054, NEAR_BOUND = 0.01;
    size_t n = fit->n_parameters;
    double *eigenvalues = NEW_ARRAY(arena, double, n), *directions = NEW_ARRAY(arena, double, n *n);
    double *sd = NEW_ARRAY(arena, double, n), *low = NEW_ARRAY(arena, double, n), *high = NEW_ARRAY(arena, double, n);
    double *learned = NEW_ARRAY(arena, double, n), *correlation = NEW_ARRAY(arena, double, n *n);
    bool *at_bound = NEW_ARRAY(arena, bool, n);
    statistics_eigen(arena, normal_matrix(arena, jacobian, fit->n_fitted, n), n, eigenvalues, directions);
    const double *covariance = covariance_of(arena, eigenvalues, directions, n);
    for (size_t i = 0; i < n; i++) {
        const FitParameter *p = &fit->parameters[i];
        double z = fit_z_of_value(p, values[i]), z_low = fit_z_of_value(p, p->low), z_high = fit_z_of_value(p, p->high);
        double place = (z - z_low) / (z_high - z_low);
        sd[i] = sqrt(covariance[i * n + i]);
        low[i] = fmax(fit_value_of_z(p, z - NORMAL_975 * sd[i]), p->low);
        high[i] = fmin(fit_value_of_z(p, z + NORMAL_975 * sd[i]), p->high);
        learned[i] = covariance[i * n + i] < 1.0 ? 1.0 - covariance[i * n + i] : 0.0; /* above 1 is rounding */
        at_bound[i] = place < NEAR_BOUND || place > 1.0 - NEAR_BOUND;
        result->n_determined += learned[i];
    }
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            correlation[a * n + b] = covariance[a * n + b] / (sd[a] * sd[b]);
    result->sd = sd;
    result->low = low;
    result->high = high;
    result->learned = learned;
    result->at_bound = at_bound;
    result->correlation = correlation;
    result->eigenvalues = eigenvalues;
    result->directions = directions;
}
