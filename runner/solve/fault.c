/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "solve/fault.h"

bool fault_free(const Loops *loops, size_t width, const double *values, size_t n, size_t *ret_value, size_t *ret_lane)
{
    if (loops->all_finite(n * width, values))
        return true;
    size_t first = 0;
    while (isfinite(values[first]))
        first++;
    *ret_value = first / width;
    *ret_lane = first % width;
    return false;
}

bool fault_check(const Loops *loops, const Ode *ode, const double *y, FaultKind kind, double t, Fault *ret_fault)
{
    size_t state, lane;
    if (fault_free(loops, ode->width, y, ode->n_states, &state, &lane))
        return true;
    *ret_fault = (Fault){.kind = kind, .t = t, .value = y[state * ode->width + lane], .state = state, .lane = lane};
    return false;
}

const char *fault_animal(size_t lane, size_t n_lanes, char buffer[FAULT_ANIMAL])
{
    buffer[0] = '\0';
    if (n_lanes > 1)
        snprintf(buffer, FAULT_ANIMAL, ", animal %zu of the batch", (lane < n_lanes ? lane : n_lanes - 1) + 1);
    return buffer;
}

bool fault_set_err(const Fault *fault, const Ode *ode, size_t n_lanes, Err *reterr)
{
    char buffer[FAULT_ANIMAL];
    const char *animal = fault_animal(fault->lane, n_lanes, buffer);
    const char *what = isnan(fault->value) ? "not a number" : "infinity";
    const char *name = ode->state_names[fault->state];
    switch (fault->kind) {
    case FAULT_INITIAL: return err_set(reterr, ERR_SOLVE, "%s in the initial value of '%s'%s", what, name, animal);
    case FAULT_EVENT:
        return err_set(reterr, ERR_SOLVE, "%s in '%s' after the event at t = %g%s", what, name, fault->t, animal);
    case FAULT_RATE:
        return err_set(reterr, ERR_SOLVE, "%s in the rate of '%s' at t = %g%s", what, name, fault->t, animal);
    case FAULT_JACOBIAN:
        return err_set(reterr, ERR_SOLVE, "%s in the derivative of the rate of '%s' by '%s' at t = %g%s", what, name,
                       ode->state_names[fault->by], fault->t, animal);
    case FAULT_PIVOT:
        return err_set(reterr, ERR_SOLVE, "the linear system has no pivot for '%s' at t = %g%s", name, fault->t,
                       animal);
    case FAULT_NONE: break;
    }
    ASSERT(fault->kind != FAULT_NONE);
    return false;
}
