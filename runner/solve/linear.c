/* SPDX-License-Identifier: Apache-2.0
 *
 * Gives CVODE our linear solver: one sparse LU decomposition for each lane.
 */
#include "solve/sundials_compat.h"

#include "solve/linear.h"
#include "solve/vector.h"

/* ---- what CVODE calls ---- */

static SUNMatrix_ID matrix_id(SUNMatrix matrix)
{
    (void)matrix;
    return SUNMATRIX_CUSTOM;
}

static SUNLinearSolver_Type solver_type(SUNLinearSolver solver)
{
    (void)solver;
    return SUNLINEARSOLVER_DIRECT;
}

static SUNLinearSolver_ID solver_id(SUNLinearSolver solver)
{
    (void)solver;
    return SUNLINEARSOLVER_CUSTOM;
}

/* A positive code is recoverable: CVODE tries a smaller step. */
static int solver_setup(SUNLinearSolver solver, SUNMatrix matrix)
{
    (void)matrix;
    Linear *linear = solver->content;
    size_t state, lane;
    if (lu_factor(linear->lu, linear->loops, linear->ode->width, linear->system, &state, &lane))
        return SUNLS_SUCCESS;
    fault_record(linear->fault, linear->ode, (Fault){.kind = FAULT_PIVOT, .t = linear->t, .state = state, .lane = lane},
                 linear->y);
    return SUNLS_LUFACT_FAIL;
}

static int solver_solve(SUNLinearSolver solver, SUNMatrix matrix, N_Vector x, N_Vector b, sunrealtype tolerance)
{
    (void)matrix, (void)tolerance;
    const Linear *linear = solver->content;
    memcpy(vector_values(x), vector_values(b), linear->ode->n_states * linear->ode->width * sizeof(double));
    lu_solve(linear->lu, linear->loops, linear->ode->width, linear->system, vector_values(x));
    return SUNLS_SUCCESS;
}

/* ---- building ---- */

static bool jacobian_check(Linear *linear)
{
    const Ode *ode = linear->ode;
    size_t entry, lane;
    if (fault_all_finite(linear->loops, ode->width, linear->jacobian, ode->n_entries, &entry, &lane))
        return true;
    const Fault what = {
        .kind = FAULT_JACOBIAN,
        .t = linear->t,
        .value = linear->jacobian[entry * ode->width + lane],
        .state = ode->rows[entry],
        .by = ode->columns[entry],
        .lane = lane,
    };
    fault_record(linear->fault, ode, what, linear->y);
    return false;
}

bool linear_build(Linear *linear, double t, const double *y, const bool *moving, bool reuse, double gamma)
{
    size_t width = linear->ode->width;
    linear->t = t;
    linear->y = y;
    if (!reuse)
        linear->ode->jacobian(linear->ode->self, t, y, linear->jacobian);
    /* What fill-in is taken from stands elsewhere for every width. */
    memset(linear->jacobian + linear->ode->n_entries * width, 0, width * sizeof(double));
    if (linear->keep != NULL)
        linear->loops->keep(linear->ode->n_entries, width, linear->keep, linear->jacobian);
    if (!reuse && !jacobian_check(linear))
        return false;
    for (size_t entry = 0; moving != NULL && entry < linear->ode->n_entries; entry++)
        if (!moving[linear->ode->rows[entry]])
            memset(linear->jacobian + entry * width, 0, width * sizeof(double));
    linear->loops->fill(linear->lu->n_slots, width, linear->slots, gamma, linear->jacobian, linear->system);
    return true;
}

bool linear_factor(Linear *linear, double t, const double *y, const bool *moving, double gamma)
{
    return linear_build(linear, t, y, moving, false, gamma) &&
           solver_setup(linear->solver, linear->matrix) == SUNLS_SUCCESS;
}

/* ---- setting up ---- */

static const LinearSlot *slots_list(Arena *arena, const Ode *ode, const Lu *lu)
{
    LinearSlot *slots = NEW_ARRAY(arena, LinearSlot, lu->n_slots);
    for (size_t slot = 0; slot < lu->n_slots; slot++)
        slots[slot].entry = ode->n_entries;
    for (size_t entry = 0; entry < ode->n_entries; entry++) {
        size_t *from = &slots[lu->entry_slots[entry]].entry;
        ASSERT(*from == ode->n_entries); /* entries do not repeat */
        *from = entry;
    }
    for (size_t state = 0; state < ode->n_states; state++)
        slots[lu->diagonal_slots[state]].identity = 1.0;
    return slots;
}

Linear *linear_new(Arena *arena, SUNContext context, const Loops *loops, const Ode *ode, Fault *fault)
{
    Lu *lu = lu_new(arena, ode->n_states, ode->n_entries, ode->rows, ode->columns);
    if (lu == NULL)
        return NULL;
    Linear *linear = NEW(arena, Linear);
    *linear = (Linear){
        .ode = ode,
        .loops = loops,
        .lu = lu,
        .slots = slots_list(arena, ode, lu),
        .jacobian = NEW_LANES(arena, (ode->n_entries + 1) * LANES),
        .system = NEW_LANES(arena, lu->n_slots * LANES),
        .fault = fault,
        .matrix = NEW(arena, struct _generic_SUNMatrix),
        .solver = NEW(arena, struct _generic_SUNLinearSolver),
    };
    struct _generic_SUNMatrix_Ops *matrix_ops = NEW(arena, struct _generic_SUNMatrix_Ops);
    struct _generic_SUNLinearSolver_Ops *solver_ops = NEW(arena, struct _generic_SUNLinearSolver_Ops);
    matrix_ops->getid = matrix_id;
    solver_ops->gettype = solver_type;
    solver_ops->getid = solver_id;
    solver_ops->setup = solver_setup;
    solver_ops->solve = solver_solve;
    *linear->matrix = (struct _generic_SUNMatrix){.content = linear, .ops = matrix_ops, .sunctx = context};
    *linear->solver = (struct _generic_SUNLinearSolver){.content = linear, .ops = solver_ops, .sunctx = context};
    return linear;
}
