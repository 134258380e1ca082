/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes the quantile of the beta distribution. We know no packaged C library with it whose licence fits ours (GSL
 * and Rmath are GPL). Method: the continued fraction of DLMF 8.17.22 for the regularised incomplete beta function,
 * inverted by bisection.
 */
#include <math.h>

#include "plan/plan_priv.h"

/* The continued fraction by Lentz' algorithm (Thompson and Barnett 1986, doi:10.1016/0021-9991(86)90046-X). */
static double beta_fraction(double x, double a, double b)
{
    enum { MAX_TERMS = 1000 };
    const double tiny = 1e-300, enough = 1e-15;
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m <= MAX_TERMS; m++) {
        double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        double before = value;
        for (int half = 0; half < 2; half++) {
            double term = half == 0 ? even : odd;
            d = 1.0 + term * d;
            c = 1.0 + term / c;
            d = 1.0 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            value *= c * d;
        }
        if (fabs(value - before) <= enough * fabs(value))
            break;
    }
    return value;
}

static double incomplete_beta(double x, double a, double b)
{
    if (x <= 0.0 || x >= 1.0)
        return x <= 0.0 ? 0.0 : 1.0;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1.0) / (a + b + 2.0)) /* where the fraction converges fast; else by symmetry */
        return front * beta_fraction(x, a, b) / a;
    return 1.0 - front * beta_fraction(1.0 - x, b, a) / b;
}

double beta_quantile(double p, double a, double b)
{
    double low = 0.0, high = 1.0;
    for (int i = 0; i < 60; i++) { /* 2^-60 */
        double middle = low + (high - low) / 2.0;
        if (incomplete_beta(middle, a, b) < p)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2.0;
}
