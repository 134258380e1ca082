/* SPDX-License-Identifier: Apache-2.0
 *
 * yardstick: integrators that a modeller would put a native model into. One subject after another: opened once, then
 * run for each, so that nothing is set up twice.
 *
 *   stock.c    CVODE with its own serial vector: dense matrix, or sparse with KLU
 *   lsodes.c   LSODES, as the R package deSolve brings it
 */
#ifndef MB_TESTS_BENCH_YARDSTICK_H
#define MB_TESTS_BENCH_YARDSTICK_H

#include "base/base.h"
#include "bench/native.h"

/* What every subject goes through: one dose at t = 0, then its outputs at `times`. */
typedef struct Course {
    double mg;
    size_t n_times;
    const double *times; /* ascending; the first may be 0, and is after the dose then */
    double rtol;
    const double *atol; /* [n_states] */
} Course;

/* What came out. The caller gives the memory. */
typedef struct Trace {
    double *states;  /* [n_times][n_states]; NULL: not wanted */
    double *outputs; /* [n_times][n_outputs] */
    uint64_t steps;
} Trace;

/* ---- CVODE: BDF, Newton ---- */

typedef enum StockKind { STOCK_DENSE_DIFFERENCES, STOCK_DENSE_ANALYTIC, STOCK_KLU_ANALYTIC } StockKind;

typedef struct Stock Stock;

/* On the arena. NULL: SUNDIALS cannot be set up. `native` and `course` are borrowed. */
Stock *stock_open(Arena *arena, const Native *native, const Course *course, StockKind kind);
void stock_close(Stock **stock);
MUST_CHECK bool stock_run(Stock *stock, const double *parameters, Trace *trace);

/* ---- LSODES: BDF, sparse, Jacobian and its pattern by differences (MF = 222) ---- */

typedef struct Lsodes Lsodes;

/* On the arena. NULL and *ret_why: not available. */
Lsodes *lsodes_open(Arena *arena, const Native *native, const Course *course, const char **ret_why);
MUST_CHECK bool lsodes_run(Lsodes *lsodes, const double *parameters, Trace *trace);

#endif
