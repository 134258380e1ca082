/* SPDX-License-Identifier: Apache-2.0
 *
 * native: models written by hand in C, the yardstick for the engine. What a modeller would write who knows C and
 * SUNDIALS: parameters in a struct, what depends on parameters alone computed once for a subject, local doubles for
 * quantities, an analytic Jacobian.
 *
 * Parameters have the names and the units of the model file, and their values come from there; states and outputs have
 * its order. tests/bench/test_native.c holds rates, Jacobian and outputs to those of the engine.
 */
#ifndef MB_TESTS_BENCH_NATIVE_H
#define MB_TESTS_BENCH_NATIVE_H

#include <stddef.h>

enum { NATIVE_MAX_STATES = 64, NATIVE_MAX_OUTPUTS = 32, NATIVE_MAX_PARAMETERS = 192 };

typedef struct Native {
    const char *model; /* name of the model file */
    size_t n_states, n_outputs, n_parameters;
    const char *const *state_names;             /* [n_states], in the order of the model file */
    const char *const *parameter_names;         /* [n_parameters], those that it reads */
    size_t n_entries;                           /* of the Jacobian that may be other than 0: */
    const unsigned char (*entries)[2];          /* [n_entries] row and column, by column, then row */
    size_t dosed;                               /* the state that a dose goes into */
    void *(*prepare)(const double *parameters); /* [n_parameters]; what a subject needs, one at a time (static) */
    void (*initial)(const void *subject, double *ret_y);
    double (*dose)(const void *subject, double mg); /* what that state gains */
    void (*rates)(const void *subject, double t, const double *y, double *ret_rates);
    /* [n_states][n_states], row by row; only the entries of the pattern are written */
    void (*jacobian)(const void *subject, const double *y, double *ret_jacobian);
    void (*outputs)(const void *subject, const double *y, double *ret_outputs); /* the phenotypes of the model file */
} Native;

extern const Native native_openbonemin, native_lemaire_pk;

/* x^n/(k^n + x^n) from k^n. */
static inline double native_hill(double power_x, double power_k)
{
    return power_x / (power_k + power_x);
}

#endif
