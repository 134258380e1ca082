/* SPDX-License-Identifier: Apache-2.0
 *
 * Describes why an integration failed: the flag of CVODE, and the state and animal where it went wrong.
 */
#include <math.h>
#include <stdio.h>

#include "solve/fault.h"

bool fault_all_finite(const Loops *loops, size_t width, const double *values, size_t n, size_t *ret_value,
                      size_t *ret_lane)
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

void fault_record(Fault *fault, const Ode *ode, Fault what, const double *y)
{
    what.y = fault->y;
    *fault = what;
    for (size_t state = 0; state < ode->n_states; state++)
        fault->y[state] = y[state * ode->width + fault->lane];
}

bool fault_check(const Loops *loops, const Ode *ode, const double *values, Fault what, const double *y,
                 Fault *ret_fault)
{
    if (fault_all_finite(loops, ode->width, values, ode->n_states, &what.state, &what.lane))
        return true;
    what.value = values[what.state * ode->width + what.lane];
    fault_record(ret_fault, ode, what, y);
    return false;
}

const char *fault_show_animal(size_t lane, size_t n_lanes, char buffer[FAULT_ANIMAL])
{
    buffer[0] = '\0';
    if (n_lanes > 1)
        snprintf(buffer, FAULT_ANIMAL, ", animal %zu of the batch", (lane < n_lanes ? lane : n_lanes - 1) + 1);
    return buffer;
}

const char *fault_show_time(const Ode *ode, double t, char buffer[FAULT_TIME])
{
    bool has_unit = ode->time_unit != NULL;
    snprintf(buffer, FAULT_TIME, "t = %g%s%s", t, has_unit ? " " : "", has_unit ? ode->time_unit : "");
    return buffer;
}

bool fault_set_err(const Fault *fault, const Ode *ode, size_t n_lanes, Err *reterr)
{
    char of_animal[FAULT_ANIMAL], of_time[FAULT_TIME];
    const char *animal = fault_show_animal(fault->lane, n_lanes, of_animal),
               *at = fault_show_time(ode, fault->t, of_time);
    const char *what = isnan(fault->value) ? "not a number" : "infinity";
    const char *name = ode->state_names[fault->state];
    switch (fault->kind) {
    case FAULT_INITIAL: return err_set(reterr, ERR_SOLVE, "%s in the initial value of '%s'%s", what, name, animal);
    case FAULT_EVENT: return err_set(reterr, ERR_SOLVE, "%s in '%s' after the event at %s%s", what, name, at, animal);
    case FAULT_RATE: return err_set(reterr, ERR_SOLVE, "%s in the rate of '%s' at %s%s", what, name, at, animal);
    case FAULT_JACOBIAN:
        return err_set(reterr, ERR_SOLVE, "%s in the derivative of the rate of '%s' by '%s' at %s%s", what, name,
                       ode->state_names[fault->by], at, animal);
    case FAULT_PIVOT:
        return err_set(reterr, ERR_SOLVE, "the linear system has no pivot for '%s' at %s%s", name, at, animal);
    case FAULT_LOW:
        return err_set(reterr, ERR_SOLVE, "'%s' is %g at %s, and cannot be below %g%s", name, fault->value, at,
                       ode->lower_bounds[fault->state], animal);
    case FAULT_NONE: break;
    }
    ASSERT(fault->kind != FAULT_NONE);
    return false;
}
