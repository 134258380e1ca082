/* SPDX-License-Identifier: Apache-2.0
 *
 * Small equations with known answers, for tests of solve.
 */
#ifndef MB_TESTS_SUPPORT_ODES_H
#define MB_TESTS_SUPPORT_ODES_H

#include "solve/solve.h"

/* C' = input - k C, one k for each lane. Outputs C and what is told of the events. */
typedef struct Decay {
    double k[LANES], start[LANES];
    double input;
    double bolus;       /* what an event adds to C */
    double event_input; /* what even events set the input to; odd ones set it to 0 */
    double bad_after;   /* the rate of bad_lane is `bad` after this time */
    double bad;
    size_t bad_lane;
    size_t n_events; /* told so far */
    double event_times[8];
    size_t event_numbers[8];
} Decay;

/* x' = v, v' = -w^2 x: x = cos(w t), v = -w sin(w t) from (1, 0). */
typedef struct Oscillator {
    double w[LANES];
} Oscillator;

Ode decay_ode(Decay *decay);
Decay decay_new(double k);
Ode oscillator_ode(Oscillator *oscillator);

/* Robertson 1966 (Hairer & Wanner II, IV.1, eq. 1.4): A' = -0.04 A + 1e4 B C, B' = 0.04 A - 1e4 B C - 3e7 B^2,
 * C' = 3e7 B^2 from (1, 0, 0). The first rate constant is 0.04 times a factor of the lane. */
typedef struct Robertson {
    double factor[LANES];
} Robertson;

Ode robertson_ode(Robertson *robertson);

#endif
