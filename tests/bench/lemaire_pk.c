/* SPDX-License-Identifier: Apache-2.0
 *
 * tests/bench/lemaire-pk.yaml by hand: 6 states, times in days.
 */
#include <math.h>

#include "bench/native.h"

/* Tables of names, by hand. */
/* clang-format off */
#define PARAMETERS(X)                                                                                                  \
    X(C_s) X(D_A) X(d_B) X(D_C) X(D_R) X(f_0) X(K) X(k_1) X(k_2) X(k_3) X(k_4) X(k_5) X(k_6) X(k_B) X(K_LP) X(k_O)    \
    X(K_OP) X(k_P) X(S_P) X(R_0) X(B_0) X(C_0) X(DENF) X(DENKA) X(DENVC) X(DENVP) X(DENQ) X(DENCL) X(DENVMAX)         \
    X(DENKM) X(DENMW) X(K_D)
/* clang-format on */

#define STATES(X) X(R) X(B) X(C) X(DENSC) X(DENCENT) X(DENPER)

#define AS_MEMBER(name) double name;
#define AS_INDEX(name) name,
#define AS_TEXT(name) #name,
#define AS_ADDRESS(name) &subject.name,

enum { STATES(AS_INDEX) N_STATES };

enum { N_OUTPUTS = 4 };

typedef struct Subject {
    PARAMETERS(AS_MEMBER)
    double D_B, made, free_RANKL, by_OPG, caught; /* pi_L = made*B/(free_RANKL + by_OPG*R + caught*DENCENT) */
} Subject;

static const char *const parameter_names[] = {PARAMETERS(AS_TEXT)};
static const char *const state_names[] = {STATES(AS_TEXT)};

enum { N_PARAMETERS = sizeof parameter_names / sizeof parameter_names[0] };

static void *prepare(const double *parameters)
{
    static Subject subject;
    double *const members[] = {PARAMETERS(AS_ADDRESS)};
    for (size_t i = 0; i < N_PARAMETERS; i++)
        *members[i] = parameters[i];
    Subject *p = &subject;
    double P_0 = p->S_P / p->k_P, pi_P = P_0 / (P_0 + p->k_6 / p->k_5);
    p->D_B = p->f_0 * p->d_B;
    p->made = p->k_3 / p->k_4 * p->K_LP * pi_P;
    p->free_RANKL = 1.0 + p->k_3 * p->K / p->k_4;
    p->by_OPG = p->k_1 / (p->k_2 * p->k_O) * p->K_OP / pi_P;
    p->caught = 1e6 / p->DENMW / p->DENVC / p->K_D; /* 1e6 pmol/L in g/m3 over g/mol */
    return p;
}

static void rates(const void *subject, double t, const double *y, double *f)
{
    (void)t;
    const Subject *p = subject;
    double pi_C = (y[C] + p->f_0 * p->C_s) / (y[C] + p->C_s);
    double pi_L = p->made * y[B] / (p->free_RANKL + p->by_OPG * y[R] + p->caught * y[DENCENT]);
    double matured = p->D_B * y[R] / pi_C;
    f[R] = p->D_R * pi_C - matured;
    f[B] = matured - p->k_B * y[B];
    f[C] = p->D_C * pi_L - p->D_A * pi_C * y[C];

    double DENCP = y[DENCENT] / p->DENVC, exchange = p->DENQ * (DENCP - y[DENPER] / p->DENVP);
    f[DENSC] = -p->DENKA * y[DENSC];
    f[DENCENT] = p->DENKA * y[DENSC] - exchange - (p->DENCL + p->DENVMAX / (p->DENKM + DENCP)) * DENCP;
    f[DENPER] = exchange;
}

static void jacobian(const void *subject, const double *y, double *ret_jacobian)
{
    const Subject *p = subject;
    double(*d)[N_STATES] = (double(*)[N_STATES])ret_jacobian;
    double below = y[C] + p->C_s, pi_C = (y[C] + p->f_0 * p->C_s) / below;
    double pi_C_C = p->C_s * (1.0 - p->f_0) / (below * below);
    double catchers = p->free_RANKL + p->by_OPG * y[R] + p->caught * y[DENCENT], pi_L = p->made * y[B] / catchers;
    d[R][R] = -p->D_B / pi_C;
    d[R][C] = (p->D_R + p->D_B * y[R] / (pi_C * pi_C)) * pi_C_C;
    d[B][R] = p->D_B / pi_C;
    d[B][B] = -p->k_B;
    d[B][C] = -p->D_B * y[R] / (pi_C * pi_C) * pi_C_C;
    d[C][R] = -p->D_C * pi_L * p->by_OPG / catchers;
    d[C][B] = p->D_C * p->made / catchers;
    d[C][C] = -p->D_A * (pi_C + pi_C_C * y[C]);
    d[C][DENCENT] = -p->D_C * pi_L * p->caught / catchers;

    double around = p->DENKM + y[DENCENT] / p->DENVC;
    d[DENSC][DENSC] = -p->DENKA;
    d[DENCENT][DENSC] = p->DENKA;
    d[DENCENT][DENCENT] = -(p->DENQ + p->DENCL + p->DENVMAX * p->DENKM / (around * around)) / p->DENVC;
    d[DENCENT][DENPER] = p->DENQ / p->DENVP;
    d[DENPER][DENCENT] = p->DENQ / p->DENVC;
    d[DENPER][DENPER] = -p->DENQ / p->DENVP;
}

/* A table, by column, then row. */
/* clang-format off */
static const unsigned char entries[][2] = {
    {R, R}, {B, R}, {C, R}, {B, B}, {C, B}, {R, C}, {B, C}, {C, C}, {DENSC, DENSC}, {DENCENT, DENSC}, {C, DENCENT},
    {DENCENT, DENCENT}, {DENPER, DENCENT}, {DENCENT, DENPER}, {DENPER, DENPER}};
/* clang-format on */

static void initial(const void *subject, double *y)
{
    const Subject *p = subject;
    y[R] = p->R_0;
    y[B] = p->B_0;
    y[C] = p->C_0;
    y[DENSC] = y[DENCENT] = y[DENPER] = 0.0;
}

static double dose(const void *subject, double mg)
{
    const Subject *p = subject;
    return mg * 1e6 * p->DENF; /* ng */
}

static void outputs(const void *subject, const double *y, double *ret)
{
    const Subject *p = subject;
    ret[0] = y[R] / p->R_0;
    ret[1] = y[B] / p->B_0;
    ret[2] = y[C] / p->C_0;
    ret[3] = y[DENCENT] / p->DENVC;
}

const Native native_lemaire_pk = {.model = "lemaire-pk",
                                  .n_states = N_STATES,
                                  .n_outputs = N_OUTPUTS,
                                  .n_parameters = N_PARAMETERS,
                                  .state_names = state_names,
                                  .parameter_names = parameter_names,
                                  .n_entries = sizeof entries / sizeof entries[0],
                                  .entries = entries,
                                  .dosed = DENSC,
                                  .prepare = prepare,
                                  .initial = initial,
                                  .dose = dose,
                                  .rates = rates,
                                  .jacobian = jacobian,
                                  .outputs = outputs};
