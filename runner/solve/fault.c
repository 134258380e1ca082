/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "solve/fault.h"
#include "solve/quad.h"

/* x * 0 is 0 for finite x and not a number for the rest. */
KERNEL static bool all_finite(const double *values, size_t n)
{
    Quad sums[QUADS] = {0};
    for (size_t value = 0; value < n; value++) {
        const Quad *x = quads_of(values, value);
        UNROLL_QUADS
        for (size_t q = 0; q < QUADS; q++)
            sums[q] += x[q] * 0.0;
    }
    Quad sum = {0};
    for (size_t q = 0; q < QUADS; q++)
        sum += sums[q];
    return !isnan(sum[0] + sum[1] + sum[2] + sum[3]);
}

bool fault_free(const double *values, size_t n, size_t *ret_value, size_t *ret_lane)
{
    if (all_finite(values, n))
        return true;
    size_t first = 0;
    while (isfinite(values[first]))
        first++;
    *ret_value = first / LANES;
    *ret_lane = first % LANES;
    return false;
}

bool fault_check(const double *values, size_t n, FaultKind kind, double t, Fault *ret_fault)
{
    size_t state, lane;
    if (fault_free(values, n, &state, &lane))
        return true;
    *ret_fault = (Fault){.kind = kind, .t = t, .value = values[state * LANES + lane], .state = state, .lane = lane};
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
