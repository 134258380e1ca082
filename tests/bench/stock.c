/* SPDX-License-Identifier: Apache-2.0 */
#include "solve/sundials_compat.h"

#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunmatrix/sunmatrix_sparse.h>

#include "bench/yardstick.h"

enum { MAX_STEPS = 500000 };

struct Stock {
    const Native *native;
    const Course *course;
    SUNContext context;
    CompatMessage message;
    N_Vector y, atol;
    SUNMatrix matrix;
    SUNLinearSolver linear;
    void *cvode;
    const void *subject;
    double *jacobian; /* [n_states][n_states], row by row */
    /* the pattern of the sparse one, with a full diagonal, by column */
    sunindextype *starts, *rows, n_nonzeros;
};

static int rates(sunrealtype t, N_Vector y, N_Vector ret_rates, void *self)
{
    const Stock *stock = self;
    stock->native->rates(stock->subject, t, N_VGetArrayPointer(y), N_VGetArrayPointer(ret_rates));
    return 0;
}

static int dense_jacobian(sunrealtype t, N_Vector y, N_Vector fy, SUNMatrix matrix, void *self, N_Vector a, N_Vector b,
                          N_Vector c)
{
    (void)t, (void)fy, (void)a, (void)b, (void)c;
    const Stock *stock = self;
    size_t n = stock->native->n_states;
    stock->native->jacobian(stock->subject, N_VGetArrayPointer(y), stock->jacobian);
    for (size_t column = 0; column < n; column++)
        for (size_t row = 0; row < n; row++)
            SM_ELEMENT_D(matrix, row, column) = stock->jacobian[row * n + column];
    return 0;
}

static int sparse_jacobian(sunrealtype t, N_Vector y, N_Vector fy, SUNMatrix matrix, void *self, N_Vector a, N_Vector b,
                           N_Vector c)
{
    (void)t, (void)fy, (void)a, (void)b, (void)c;
    const Stock *stock = self;
    sunindextype n = (sunindextype)stock->native->n_states;
    stock->native->jacobian(stock->subject, N_VGetArrayPointer(y), stock->jacobian);
    memcpy(SM_INDEXPTRS_S(matrix), stock->starts, (size_t)(n + 1) * sizeof *stock->starts);
    memcpy(SM_INDEXVALS_S(matrix), stock->rows, (size_t)stock->n_nonzeros * sizeof *stock->rows);
    for (sunindextype column = 0; column < n; column++)
        for (sunindextype k = stock->starts[column]; k < stock->starts[column + 1]; k++)
            SM_DATA_S(matrix)[k] = stock->jacobian[stock->rows[k] * n + column];
    return 0;
}

static void find_pattern(Stock *stock, Arena *arena)
{
    const Native *native = stock->native;
    size_t n = native->n_states;
    bool *there = NEW_ARRAY(arena, bool, n *n);
    for (size_t i = 0; i < n; i++)
        there[i * n + i] = true;
    for (size_t k = 0; k < native->n_entries; k++)
        there[native->entries[k][1] * n + native->entries[k][0]] = true;
    stock->starts = NEW_ARRAY(arena, sunindextype, n + 1);
    stock->rows = NEW_ARRAY(arena, sunindextype, native->n_entries + n);
    for (size_t column = 0; column < n; column++) {
        for (size_t row = 0; row < n; row++)
            if (there[column * n + row])
                stock->rows[stock->n_nonzeros++] = (sunindextype)row;
        stock->starts[column + 1] = stock->n_nonzeros;
    }
}

static bool set_up(Stock *stock, Arena *arena, StockKind kind)
{
    sunindextype n = (sunindextype)stock->native->n_states;
    if (compat_context_open(&stock->context, &stock->message) != 0)
        return false;
    stock->y = N_VNew_Serial(n, stock->context);
    stock->atol = N_VNew_Serial(n, stock->context);
    stock->cvode = CVodeCreate(CV_BDF, stock->context);
    if (kind == STOCK_KLU_ANALYTIC) {
        find_pattern(stock, arena);
        stock->matrix = SUNSparseMatrix(n, n, stock->n_nonzeros, CSC_MAT, stock->context);
        stock->linear = SUNLinSol_KLU(stock->y, stock->matrix, stock->context);
    } else {
        stock->matrix = SUNDenseMatrix(n, n, stock->context);
        stock->linear = SUNLinSol_Dense(stock->y, stock->matrix, stock->context);
    }
    memcpy(N_VGetArrayPointer(stock->atol), stock->course->atol, (size_t)n * sizeof(double));
    CVLsJacFn jacobian = kind == STOCK_KLU_ANALYTIC     ? sparse_jacobian
                         : kind == STOCK_DENSE_ANALYTIC ? dense_jacobian
                                                        : NULL;
    return compat_catch_messages(stock->cvode, &stock->message) == 0 &&
           CVodeInit(stock->cvode, rates, 0.0, stock->y) == 0 &&
           CVodeSVtolerances(stock->cvode, stock->course->rtol, stock->atol) == 0 &&
           CVodeSetLinearSolver(stock->cvode, stock->linear, stock->matrix) == 0 &&
           CVodeSetJacFn(stock->cvode, jacobian) == 0 && CVodeSetUserData(stock->cvode, stock) == 0 &&
           CVodeSetMaxNumSteps(stock->cvode, MAX_STEPS) == 0;
}

Stock *stock_open(Arena *arena, const Native *native, const Course *course, StockKind kind)
{
    Stock *stock = NEW(arena, Stock);
    *stock = (Stock){.native = native, .course = course};
    stock->jacobian = NEW_ARRAY(arena, double, native->n_states * native->n_states);
    if (!set_up(stock, arena, kind))
        stock_close(&stock);
    return stock;
}

void stock_close(Stock **stock)
{
    if (*stock != NULL) {
        CVodeFree(&(*stock)->cvode);
        SUNLinSolFree((*stock)->linear);
        SUNMatDestroy((*stock)->matrix);
        N_VDestroy((*stock)->y);
        N_VDestroy((*stock)->atol);
        SUNContext_Free(&(*stock)->context);
    }
    *stock = NULL;
}

bool stock_run(Stock *stock, const double *parameters, Trace *trace)
{
    const Native *native = stock->native;
    const Course *course = stock->course;
    double *y = N_VGetArrayPointer(stock->y), t;
    stock->subject = native->prepare(parameters);
    native->initial(stock->subject, y);
    y[native->dosed] += native->dose(stock->subject, course->mg);
    if (CVodeReInit(stock->cvode, 0.0, stock->y) != 0)
        return false;
    for (size_t i = 0; i < course->n_times; i++) {
        if (course->times[i] > 0.0 && CVode(stock->cvode, course->times[i], stock->y, &t, CV_NORMAL) != 0)
            return false;
        if (trace->states != NULL)
            memcpy(trace->states + i * native->n_states, y, native->n_states * sizeof(double));
        native->outputs(stock->subject, y, trace->outputs + i * native->n_outputs);
    }
    long steps = 0;
    if (CVodeGetNumSteps(stock->cvode, &steps) != 0)
        return false;
    trace->steps = (uint64_t)steps;
    return true;
}
