/* SPDX-License-Identifier: Apache-2.0
 *
 * fault: why one lane of a batch failed, and the text for it. The integrator retries with smaller steps, so a run keeps
 * a fault until time advances, and reports it only when the integrator gives up.
 */
#ifndef MB_SOLVE_FAULT_H
#define MB_SOLVE_FAULT_H

#include "solve/loops.h"
#include "solve/solve.h"

typedef enum FaultKind {
    FAULT_NONE,
    FAULT_INITIAL,  /* a state at the start */
    FAULT_EVENT,    /* a state after an event */
    FAULT_RATE,     /* a rate */
    FAULT_JACOBIAN, /* a derivative of a rate */
    FAULT_PIVOT,    /* no pivot in I - gamma J */
    FAULT_LOW,      /* a state below its lowest allowed value */
} FaultKind;

typedef struct Fault {
    FaultKind kind;
    double t;
    double value; /* not finite, or too low; nothing for FAULT_PIVOT */
    size_t state; /* whose rate */
    size_t by;    /* FAULT_JACOBIAN: the state by which the rate is differentiated */
    size_t lane;
    double *y; /* [n_states] of the lane; memory of the owner of the fault */
} Fault;

/* True when all n values of all lanes are finite; else *ret_value and *ret_lane tell the first that is not. */
MUST_CHECK bool fault_all_finite(const Loops *loops, size_t width, const double *values, size_t n, size_t *ret_value,
                                 size_t *ret_lane);

/* The same for rates or states (`values`) at y. `what` holds the kind and the time of the fault; the function fills in
 * the rest. */
MUST_CHECK bool fault_check(const Loops *loops, const Ode *ode, const double *values, Fault what, const double *y,
                            Fault *ret_fault);

/* Keeps what is said of it and the states of its lane; its room stays. */
void fault_record(Fault *fault, const Ode *ode, Fault what, const double *y);

/* "not a number in the rate of 'C' at t = 12.5 day, animal 3 of the batch"; a batch of one does not name its animal. */
bool fault_set_err(const Fault *fault, const Ode *ode, size_t n_lanes, Err *reterr);

enum { FAULT_ANIMAL = 48, FAULT_TIME = 64 };

/* ", animal 3 of the batch", or "" for a batch of one. Lanes count from 0, animals from 1; spare lanes repeat the last
 * animal. Returns `buffer`. */
const char *fault_show_animal(size_t lane, size_t n_lanes, char buffer[FAULT_ANIMAL]);

/* "t = 12.5 day". Returns `buffer`. */
const char *fault_show_time(const Ode *ode, double t, char buffer[FAULT_TIME]);

#endif
