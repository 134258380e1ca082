/* SPDX-License-Identifier: Apache-2.0
 *
 * Implements the small equations of odes.h for one batch of lanes.
 */
#include "support/odes.h"

#define EACH_LANE                                                                                                      \
    size_t lane = 0;                                                                                                   \
    lane < LANES;                                                                                                      \
    lane++

/* ---- decay ---- */

static void decay_initial(void *self, double t, double *ret_y)
{
    const Decay *decay = self;
    (void)t;
    for (EACH_LANE)
        ret_y[lane] = decay->start[lane];
}

static void decay_rates(void *self, double t, const double *y, double *ret_rates)
{
    const Decay *decay = self;
    for (EACH_LANE)
        ret_rates[lane] = decay->input - decay->k[lane] * y[lane];
    if (t > decay->bad_after)
        ret_rates[decay->bad_lane] = decay->bad;
}

static void decay_jacobian(void *self, double t, const double *y, double *ret_entries)
{
    const Decay *decay = self;
    (void)t, (void)y;
    for (EACH_LANE)
        ret_entries[lane] = -decay->k[lane];
}

static void decay_outputs(void *self, double t, const double *y, double *ret_outputs)
{
    const Decay *decay = self;
    (void)t;
    for (EACH_LANE) {
        ret_outputs[lane] = y[lane];
        ret_outputs[LANES + lane] = (double)decay->n_events;
    }
}

static void decay_event(void *self, size_t event, double t, double *y)
{
    Decay *decay = self;
    for (EACH_LANE)
        y[lane] += decay->bolus;
    decay->input = event % 2 == 0 ? decay->event_input : 0.0;
    if (decay->n_events < ARRAY_LENGTH(decay->event_times)) {
        decay->event_times[decay->n_events] = t;
        decay->event_numbers[decay->n_events] = event;
    }
    decay->n_events++;
}

Decay decay_new(double k)
{
    Decay decay = {.bad_after = 1e300};
    for (EACH_LANE) {
        decay.k[lane] = k;
        decay.start[lane] = 1.0;
    }
    return decay;
}

Ode decay_ode(Decay *decay)
{
    static const char *const names[] = {"C"};
    static const uint32_t zero[] = {0};
    return (Ode){.width = LANES,
                 .n_states = 1,
                 .n_outputs = 2,
                 .state_names = names,
                 .n_entries = 1,
                 .rows = zero,
                 .columns = zero,
                 .self = decay,
                 .initial = decay_initial,
                 .rates = decay_rates,
                 .jacobian = decay_jacobian,
                 .outputs = decay_outputs,
                 .event = decay_event};
}

/* ---- oscillator ---- */

static void oscillator_initial(void *self, double t, double *ret_y)
{
    (void)self, (void)t;
    for (EACH_LANE) {
        ret_y[lane] = 1.0;
        ret_y[LANES + lane] = 0.0;
    }
}

static void oscillator_rates(void *self, double t, const double *y, double *ret_rates)
{
    const Oscillator *oscillator = self;
    (void)t;
    for (EACH_LANE) {
        ret_rates[lane] = y[LANES + lane];
        ret_rates[LANES + lane] = -oscillator->w[lane] * oscillator->w[lane] * y[lane];
    }
}

static void oscillator_jacobian(void *self, double t, const double *y, double *ret_entries)
{
    const Oscillator *oscillator = self;
    (void)t, (void)y;
    for (EACH_LANE) {
        ret_entries[lane] = 1.0;
        ret_entries[LANES + lane] = -oscillator->w[lane] * oscillator->w[lane];
    }
}

static void oscillator_outputs(void *self, double t, const double *y, double *ret_outputs)
{
    (void)self, (void)t;
    for (size_t i = 0; i < 2 * LANES; i++)
        ret_outputs[i] = y[i];
}

static void no_event(void *self, size_t event, double t, double *y)
{
    (void)self, (void)event, (void)t, (void)y;
}

Ode oscillator_ode(Oscillator *oscillator)
{
    static const char *const names[] = {"x", "v"};
    static const uint32_t rows[] = {0, 1}, columns[] = {1, 0};
    return (Ode){.width = LANES,
                 .n_states = 2,
                 .n_outputs = 2,
                 .state_names = names,
                 .n_entries = 2,
                 .rows = rows,
                 .columns = columns,
                 .self = oscillator,
                 .initial = oscillator_initial,
                 .rates = oscillator_rates,
                 .jacobian = oscillator_jacobian,
                 .outputs = oscillator_outputs,
                 .event = no_event};
}

/* ---- Robertson ---- */

static void robertson_initial(void *self, double t, double *ret_y)
{
    (void)self, (void)t;
    for (EACH_LANE) {
        ret_y[lane] = 1.0;
        ret_y[LANES + lane] = 0.0;
        ret_y[2 * LANES + lane] = 0.0;
    }
}

static void robertson_rates(void *self, double t, const double *y, double *ret_rates)
{
    const Robertson *robertson = self;
    (void)t;
    for (EACH_LANE) {
        double a = y[lane], b = y[LANES + lane], c = y[2 * LANES + lane];
        double slow = 0.04 * robertson->factor[lane] * a, back = 1e4 * b * c, fast = 3e7 * b * b;
        ret_rates[lane] = back - slow;
        ret_rates[LANES + lane] = slow - back - fast;
        ret_rates[2 * LANES + lane] = fast;
    }
}

static void robertson_jacobian(void *self, double t, const double *y, double *ret_entries)
{
    const Robertson *robertson = self;
    (void)t;
    for (EACH_LANE) {
        double k = 0.04 * robertson->factor[lane], b = y[LANES + lane], c = y[2 * LANES + lane];
        ret_entries[lane] = -k;
        ret_entries[LANES + lane] = 1e4 * c;
        ret_entries[2 * LANES + lane] = 1e4 * b;
        ret_entries[3 * LANES + lane] = k;
        ret_entries[4 * LANES + lane] = -1e4 * c - 6e7 * b;
        ret_entries[5 * LANES + lane] = -1e4 * b;
        ret_entries[6 * LANES + lane] = 6e7 * b;
    }
}

static void robertson_outputs(void *self, double t, const double *y, double *ret_outputs)
{
    (void)self, (void)t;
    for (size_t i = 0; i < 3 * LANES; i++)
        ret_outputs[i] = y[i];
}

Ode robertson_ode(Robertson *robertson)
{
    static const char *const names[] = {"A", "B", "C"};
    static const uint32_t rows[] = {0, 0, 0, 1, 1, 1, 2}, columns[] = {0, 1, 2, 0, 1, 2, 1};
    return (Ode){.width = LANES,
                 .n_states = 3,
                 .n_outputs = 3,
                 .state_names = names,
                 .n_entries = 7,
                 .rows = rows,
                 .columns = columns,
                 .self = robertson,
                 .initial = robertson_initial,
                 .rates = robertson_rates,
                 .jacobian = robertson_jacobian,
                 .outputs = robertson_outputs,
                 .event = no_event};
}
