/* SPDX-License-Identifier: Apache-2.0
 *
 * What changes states beside their rates: reactions, chains, scheduled and triggered events, steady starts, burn-in.
 * The models in tests/cases/models (ball, troughs, switches, network, calendar, attractors, rests,
 * restless) have solutions in closed form.
 *
 * Tolerance: rtol 1e-11 of the integrator, a hundredfold for what errors add up to over a run, and a tenfold because
 * the time of a triggered event carries the error of the state that triggers it on: 1e-8 of the largest value.
 */
#include <stdlib.h>
#include <string.h>

#include "support/near.h"

#include "run/run.h"
#include "support/lab.h"

#define MODELS "tests/cases/models"

static const double RTOL = 1e-11, NEAR = 1e-8;

static double value_of(const Lab *lab, const Animal *animal, const char *output, double time_d)
{
    return lab_value(lab, animal, output, time_d);
}

/* ---- Triggered events ---- */

/* From rest at height h, in gravity g: it lands at t1 = sqrt(2 h / g) with speed sqrt(2 g h); each flight lasts e times
 * as long as the one before. */
static double height_at(double g, double h, double e, double t, double *ret_bounces)
{
    double landing = sqrt(2.0 * h / g), speed = e * g * landing;
    *ret_bounces = 0.0;
    if (t < landing)
        return h - 0.5 * g * t * t;
    double flight = 2.0 * speed / g;
    *ret_bounces = 1.0;
    while (t >= landing + flight) {
        landing += flight;
        flight *= e;
        speed *= e;
        *ret_bounces += 1.0;
    }
    return speed * (t - landing) - 0.5 * g * (t - landing) * (t - landing);
}

/* Sixteen animals in gravities of their own share the steps, and none bounces at another's time. */
static void a_ball_bounces_in_every_lane_at_its_own_time(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: ball\nanimals: 16\nseed: 3\nrecord: [g, n]\n"
                       "measure: {from: 0 second, to: 4 second, every: 0.05 second}\ncohorts: {it: {}}\n",
                       MODELS, RTOL);
    const Animal *animals = lab_run(&lab, "it");
    for (size_t a = 0; a < 16; a++)
        for (double i = 0.0; i <= 80.0; i++) {
            double bounces, t = i * 0.05, day = t / 86400.0;
            double want = height_at(value_of(&lab, &animals[a], "g", day), 2.0, 0.8, t, &bounces);
            assert_near("height", value_of(&lab, &animals[a], "height", day), want, 0.0, 2.0 * NEAR);
            assert_near("bounces", value_of(&lab, &animals[a], "n", day), bounces, 0.0, 0.0);
        }
    lab_close(&lab);
}

/* Infinitely many bounces before t = 1.186 s, then rest, which is bounces again: a reason, not a hang, and the ball
 * does not fall through the floor. */
static void endless_bounces_fail_with_a_reason(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: ball\nanimals: 1\nvariability: no\nmeasure: [60 second]\n"
                       "cohorts: {it: {perturb: [{parameter: e, value: 0.3}]}}\n",
                       MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "it");
    assert_non_null(animal->failure);
    assert_non_null(strstr(animal->failure, "more than 500000 steps: stopped at t = 1."));
    assert_non_null(strstr(animal->failure, " times, 'bounce' last"));
    lab_close(&lab);
}

/* A falls from 10 mg to 1 mg in ln 10 / k and is 10 mg again. */
static void a_threshold_dose_is_given_at_the_threshold(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: troughs\nanimals: 16\nrecord: [k, nA]\n"
                       "measure: {from: 0 hour, to: 200 hour, every: 1 hour}\ncohorts: {it: {}}\n",
                       MODELS, RTOL);
    const Animal *animals = lab_run(&lab, "it");
    for (size_t a = 0; a < 16; a++)
        for (double t = 0.0; t <= 200.0; t++) {
            double k = value_of(&lab, &animals[a], "k", t / 24.0), period = log(10.0) / k, n = floor(t / period);
            assert_near("doses", value_of(&lab, &animals[a], "nA", t / 24.0), n, 0.0, 0.0);
            assert_near("blood", value_of(&lab, &animals[a], "blood", t / 24.0), 10.0 * exp(-k * (t - n * period)), 0.0,
                        10.0 * NEAR);
        }
    lab_close(&lab);
}

/* One dose under the skin at D = d, C = c: t later. */
static void absorb(double ka, double k, double t, double *d, double *c)
{
    double from_skin = *d * ka / (ka - k) * (exp(-k * t) - exp(-ka * t));
    *c = *c * exp(-k * t) + from_skin;
    *d *= exp(-ka * t);
}

/* C is at the threshold and falls still when the dose is given: it is given once. Doses by bisection in closed form. */
static void a_concentration_that_keeps_falling_triggers_one_dose(void **state)
{
    (void)state;
    const double ka = 0.5, k = 0.1;
    double d = 0.0, c = 5.0, t = 0.0, wanted_n = 0.0;
    Lab lab = lab_open("experiment: e\nmodel: troughs\nanimals: 1\nvariability: no\nrecord: [C, D, nC]\n"
                       "measure: {from: 0 hour, to: 300 hour, every: 1 hour}\ncohorts:\n"
                       "  it: {}\n  not-wanted: {perturb: [{parameter: wanted, value: 0}]}\n",
                       MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "it");
    for (double hour = 1.0; hour <= 300.0; hour++) {
        double d_next = d, c_next = c;
        absorb(ka, k, hour - t, &d_next, &c_next);
        if (c_next < 1.0 && c > 1.0 - 1e-12 && !(wanted_n > 0.0 && hour - t < 5.0)) {
            double low = t, high = hour;
            for (int i = 0; i < 60; i++) {
                double middle = 0.5 * (low + high), dm = d, cm = c;
                absorb(ka, k, middle - t, &dm, &cm);
                *(cm < 1.0 ? &high : &low) = middle;
            }
            absorb(ka, k, high - t, &d, &c);
            d += 20.0;
            t = high;
            wanted_n++;
            d_next = d;
            c_next = c;
            absorb(ka, k, hour - t, &d_next, &c_next);
        }
        assert_near("doses", value_of(&lab, animal, "nC", hour / 24.0), wanted_n, 0.0, 0.0);
        assert_near("C", value_of(&lab, animal, "C", hour / 24.0), c_next, 0.0, 20.0 * NEAR);
    }
    assert_true(wanted_n > 5.0);
    assert_near("not wanted", value_of(&lab, lab_run(&lab, "not-wanted"), "nC", 300.0 / 24.0), 0.0, 0.0, 0.0);
    lab_close(&lab);
}

/* Counts at the end of ten days; "half" is the time at which exp(-t) falls below 1/2. */
static void triggers_fire_where_it_is_hard_to_tell(void **state)
{
    (void)state;
    static const struct {
        const char *output;
        double value, absolute;
    } rows[] = {
        {"at_three", 1, 0},                  /* n >= 3, and n is made 3 by an event */
        {"both", 1, 0},                      /* on the very time of another event */
        {"from_start", 0, 0},                /* true at the start */
        {"inside", 1, 0},                    /* comes and goes within a step of a straight line */
        {"plateau", 0, 0},                   /* reaches its threshold and stays there */
        {"half", 0.69314718055994531, 1e-8}, /* a number that is 0 while the condition is false */
        {"seen", 5, 0},                      /* a dose at 0.8 d comes before the event at 0.7 + 0.1 d */
        {"n", 10, 0},
        {"once", 1, 0},  /* t > 0: beside 0 no two times are the same but for rounding */
        {"never", 0, 0}, /* what follows x stays above 5 when x drops from 10 to 6 after long steps */
    };
    Lab lab = lab_open("experiment: e\nmodel: switches\nanimals: 1\n"
                       "record: [at_three, both, from_start, inside, plateau, half, seen, n, once, never]\n"
                       "measure: [0.8 day, 2 day, 3 day, 10 day]\n"
                       "cohorts: {it: {treatments: [{drug: drug, dose: 5 mg, at: 0.8 day}]}}\n",
                       MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "it");
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_near(rows[i].output, value_of(&lab, animal, rows[i].output, 10.0), rows[i].value, 0.0, rows[i].absolute);
    assert_near("at three days", value_of(&lab, animal, "at_three", 3.0), 1.0, 0.0, 0.0);
    assert_near("not after three days", value_of(&lab, animal, "both", 3.0), 0.0, 0.0, 0.0);
    assert_near("just after both", value_of(&lab, animal, "seen", 0.8), 5.0, 0.0, 0.0);
    lab_close(&lab);
}

static void triggers_without_end_fail_with_a_reason(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: switches\nanimals: 1\nmeasure: [4 day]\ncohorts:\n"
                       "  each-other: {perturb: [{parameter: ping_on, value: 1}]}\n"
                       "  itself: {perturb: [{parameter: cap_on, value: 1}]}\n",
                       MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "each-other");
    assert_non_null(animal->failure);
    assert_non_null(strstr(animal->failure, "events set each other off without end at t = 2 day, '"));
    animal = lab_run(&lab, "itself");
    assert_non_null(animal->failure);
    assert_non_null(strstr(animal->failure, "at t = 2"));
    lab_close(&lab);
}

/* ---- Reactions ---- */

static void reactions_consume_and_make(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: network\nanimals: 1\nmeasure: [0 minute, 1 minute, 30 minute]\n"
                       "record: [A, B, conc, M, D, L, R, LR]\ncohorts: {it: {}}\n",
                       MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "it");
    for (size_t i = 0; i < lab.plan->n_times; i++) {
        double t = lab.plan->times[i], day = t / 1440.0, left = 3.0 * exp(-0.2 * t);
        double m = 4.0 / (1.0 + 2.0 * 0.01 * 4.0 * t); /* m' = -2 kd m^2 */
        assert_near("A", value_of(&lab, animal, "A", day), left, 0.0, 3.0 * NEAR);
        assert_near("B", value_of(&lab, animal, "B", day), 3.0 - left, 0.0, 3.0 * NEAR);
        assert_near("conc", value_of(&lab, animal, "conc", day), (3.0 - left) / 5.0 * 1e3, 0.0, 600.0 * NEAR);
        assert_near("M", value_of(&lab, animal, "M", day), m, 0.0, 4.0 * NEAR);
        assert_near("D", value_of(&lab, animal, "D", day), 0.5 * (4.0 - m), 0.0, 4.0 * NEAR);
    }
    lab_close(&lab);
}

/* ---- Steady starts ---- */

/* L + R <-> LR from 2, 3, 0.5 mol: what is conserved stays as it was, although Newton's matrix is singular there.
 * 0.3 (2.5 - x) (3.5 - x) = 0.1 x. */
static void a_steady_start_conserves_what_reactions_conserve(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: network\nanimals: 1\nmeasure: [0 minute, 30 minute]\n"
                       "record: [L, R, LR]\ncohorts: {it: {}}\n",
                       MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "it");
    double b = 6.0 + 1.0 / 3.0, bound = 0.5 * (b - sqrt(b * b - 4.0 * 2.5 * 3.5));
    static const double minutes[] = {0.0, 30.0};
    for (size_t i = 0; i < ARRAY_LENGTH(minutes); i++) {
        assert_near("LR", value_of(&lab, animal, "LR", minutes[i] / 1440.0), bound, 0.0, NEAR);
        assert_near("L", value_of(&lab, animal, "L", minutes[i] / 1440.0), 2.5 - bound, 0.0, NEAR);
        assert_near("R", value_of(&lab, animal, "R", minutes[i] / 1440.0), 3.5 - bound, 0.0, NEAR);
    }
    assert_non_null(strstr(animal->start_json, "\"method\":\"flow, then pseudo-transient continuation\""));
    assert_non_null(strstr(animal->start_json, "\"time_constant\":null")); /* something is conserved */
    lab_close(&lab);
}

/* The start knows what holds since ever, not what begins at time 0. */
static void a_steady_start_is_found_before_any_treatment(void **state)
{
    (void)state;
    static const struct {
        const char *cohort;
        double start, later;
    } rows[] = {{"wild-type", 0.0, 0.0}, {"ever", 1.0, 1.0}, {"from-0", 0.0, 1.0 - 2.5 * 0.36787944117144233}};
    Lab lab =
        lab_open("experiment: e\nmodel: calendar\nanimals: 1\nmeasure: [0 day, 6 day]\nrecord: [four, one]\n"
                 "cohorts:\n  wild-type: {}\n  ever: {perturb: [{parameter: I, value: 1}]}\n"
                 "  from-0: {perturb: [{parameter: I, value: 1, from: 0 day}, {parameter: delay, value: 24 day}]}\n",
                 MODELS, RTOL);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const Animal *animal = lab_run(&lab, rows[i].cohort);
        double later = i < 2 ? rows[i].later : 1.0 - exp(-1.0) * (1.0 + 1.0 + 0.5 + 1.0 / 6.0); /* Erlang, mean 24 d */
        assert_near(rows[i].cohort, value_of(&lab, animal, "four", 0.0), rows[i].start, 0.0, 1e-12);
        assert_near(rows[i].cohort, value_of(&lab, animal, "four", 6.0), later, 0.0, NEAR);
        assert_near(rows[i].cohort, value_of(&lab, animal, "one", 0.0), 1.0 + rows[i].start, 0.0, 1e-12);
        const char *slowest = strstr(animal->start_json, "\"slowest\":\"one\",\"time_constant\":");
        assert_non_null(slowest); /* the chain of one stage: its delay, 2*6 d or 2*24 d */
        assert_near("slowest", strtod(strrchr(slowest, ':') + 1, NULL), i < 2 ? 12.0 : 48.0, 1e-6, 0.0);
    }
    lab_close(&lab);
}

/* Sixteen animals start on both sides of what repels, and end where each would alone. */
static void a_steady_start_is_where_the_flow_of_each_animal_ends(void **state)
{
    (void)state;
    Lab lab = lab_open(
        "experiment: e\nmodel: attractors\nanimals: 16\nmeasure: [0 day, 1 day]\n"
        "record: [start, k, x, fold, p, q]\ncohorts: {it: {}, spiral: {perturb: [{parameter: w, value: 10}]}}\n",
        MODELS, RTOL);
    const Animal *animals = lab_run(&lab, "it");
    size_t low = 0;
    for (size_t a = 0; a < 16; a++) {
        double start = value_of(&lab, &animals[a], "start", 0.0), k = value_of(&lab, &animals[a], "k", 0.0);
        low += start < 1.0;
        assert_near("x", value_of(&lab, &animals[a], "x", 0.0), start < 1.0 ? 0.0 : 3.0, 0.0, 1e-10);
        assert_near("fold", value_of(&lab, &animals[a], "fold", 1.0), 1.4615560972, 0.0, 1e-9);
        const char *slowest = strstr(animals[a].start_json, "\"time_constant\":");
        assert_non_null(slowest); /* of the pair -0.1 k +- 0.3 i k */
        assert_near("slowest", strtod(strrchr(slowest, ':') + 1, NULL), 10.0 / k, 1e-6, 0.0);
    }
    assert_true(low > 3 && low < 16);
    animals = lab_run(&lab, "spiral"); /* so weakly damped that BDF of high order would keep it going */
    for (size_t a = 0; a < 16; a++)
        assert_near("q", value_of(&lab, &animals[a], "q", 0.0), 1.0, 0.0, 1e-10);
    lab_close(&lab);
}

static void a_steady_start_is_found_where_it_is_hard_to_find(void **state)
{
    (void)state;
    static const struct {
        const char *output;
        double value, absolute;
    } rows[] = {{"x", 3.3, 1e-9}, {"y", 1.1, 1e-9}, {"fast", 2.0, 1e-11}, {"slow", 2.0, 1e-11}, {"km", 1e-5, 1e-14}};
    Lab lab = lab_open("experiment: e\nmodel: rests\nanimals: 16\nmeasure: [0 day]\n"
                       "record: [x, y, fast, slow, km]\ncohorts: {it: {}}\n",
                       MODELS, RTOL);
    const Animal *animals = lab_run(&lab, "it");
    for (size_t a = 0; a < 16; a++)
        for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
            assert_near(rows[i].output, value_of(&lab, &animals[a], rows[i].output, 0.0), rows[i].value, 0.0,
                        rows[i].absolute);
    lab_close(&lab);
    lab = lab_open("experiment: e\nmodel: creeper\nanimals: 16\nmeasure: [0 day]\ncohorts: {it: {}}\n", MODELS, RTOL);
    animals = lab_run(&lab, "it");
    for (size_t a = 0; a < 16; a++)
        assert_near("creeper", value_of(&lab, &animals[a], "X", 0.0), 0.0, 0.0, 1e-8);
    lab_close(&lab);
}

/* At 1 to the bit the flow does not leave; the time constant says that it repels: x' = 2 k (x - 1) there, and faster
 * modes are further from 0. */
static void an_unstable_steady_state_is_left_unless_it_is_the_start(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: repeller\nanimals: 1\nmeasure: [0 day]\ncohorts:\n"
                       "  at-it: {}\n  beside-it: {perturb: [{parameter: start, value: 1.001}]}\n",
                       MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "at-it");
    assert_near("at it", value_of(&lab, animal, "X", 0.0), 1.0, 0.0, 0.0);
    assert_near("slowest", strtod(strrchr(animal->start_json, ':') + 1, NULL), -0.5, 1e-6, 0.0);
    animal = lab_run(&lab, "beside-it");
    assert_near("beside it", value_of(&lab, animal, "X", 0.0), 3.0, 0.0, 1e-10);
    lab_close(&lab);
}

static void a_start_without_a_steady_state_fails_with_a_reason(void **state)
{
    (void)state;
    Lab lab =
        lab_open("experiment: e\nmodel: restless\nanimals: 1\nmeasure: [1 day]\ncohorts: {it: {}}\n", MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "it");
    assert_non_null(animal->failure);
    assert_non_null(strstr(animal->failure, "no steady state was found in "));
    assert_non_null(strstr(animal->failure, " and still changes by 1 per day"));
    lab_close(&lab);
}

/* ---- Scheduled events, burn-in ---- */

static void scheduled_events_happen_at_their_times(void **state)
{
    (void)state;
    static const struct {
        double day, daily, late, once, n_seen;
    } rows[] = {{0.0, 0, 0, 0, 0}, {0.3, 1, 0, 0, 0}, {0.5, 1, 0, 0, 0}, {2.0, 2, 1, 0, 0},
                {3.0, 3, 3, 0, 0}, {3.3, 4, 3, 1, 4}, {4.0, 4, 5, 1, 4}, {9.9, 10, 5, 1, 4}};
    Lab lab = lab_open("experiment: e\nmodel: calendar\nanimals: 1\nrecord: [daily, late, once, n_seen]\n"
                       "measure: [0 day, 0.3 day, 0.5 day, 2 day, 3 day, 3.3 day, 4 day, 9.9 day]\n"
                       "cohorts:\n  it: {}\n  asleep: {perturb: [{parameter: awake, value: 0}]}\n",
                       MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "it");
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *row = arena_print(lab.arena, "day %g", rows[i].day);
        assert_near(row, value_of(&lab, animal, "daily", rows[i].day), rows[i].daily, 0.0, 0.0);
        assert_near(row, value_of(&lab, animal, "late", rows[i].day), rows[i].late, 0.0, 0.0);
        assert_near(row, value_of(&lab, animal, "once", rows[i].day), rows[i].once, 0.0, 0.0);
        assert_near(row, value_of(&lab, animal, "n_seen", rows[i].day), rows[i].n_seen, 0.0, 0.0);
    }
    assert_near("asleep", value_of(&lab, lab_run(&lab, "asleep"), "late", 9.9), 0.0, 0.0, 0.0);
    lab_close(&lab);
}

/* Ten days before the start: the programme goes on, what begins later does not, and t counts from the start. */
static void a_burn_in_lives_before_the_start(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: calendar\nanimals: 1\nburn_in: 10 day\nrecord: [daily, late, once, age]\n"
                       "measure: [0 day, 3.3 day]\ncohorts: {it: {}}\n",
                       MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "it");
    assert_near("daily", value_of(&lab, animal, "daily", 0.0), 10.0, 0.0, 0.0);
    assert_near("daily", value_of(&lab, animal, "daily", 3.3), 14.0, 0.0, 0.0);
    assert_near("late", value_of(&lab, animal, "late", 0.0), 0.0, 0.0, 0.0);
    assert_near("once", value_of(&lab, animal, "once", 3.3), 1.0, 0.0, 0.0);
    assert_near("age", value_of(&lab, animal, "age", 0.0), 10.0, NEAR, 0.0);
    lab_close(&lab);
}

/* A time printed with twelve digits is the time of the event that it was printed from. */
static void a_measured_time_that_differs_by_rounding_is_the_time_of_the_event(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: calendar\nanimals: 1\nrecord: [daily]\n"
                       "measure: [7.29999999999 day, 8.30000000001 day]\ncohorts: {it: {}}\n",
                       MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "it");
    assert_near("before", value_of(&lab, animal, "daily", 7.3), 8.0, 0.0, 0.0);
    assert_near("after", value_of(&lab, animal, "daily", 8.3), 9.0, 0.0, 0.0);
    lab_close(&lab);
}

/* ---- Conditions in rates ---- */

/* As in tests/solve/test_switches.c; y falls by R t, and the branch above its cliff is no number below it: what is held
 * cannot pass it, so the batch is run again as it is. */
static void kinks_are_passed_in_every_lane_at_its_own_time(void **state)
{
    (void)state;
    const double cliffs[] = {-1e9, 0.5};
    for (size_t i = 0; i < ARRAY_LENGTH(cliffs); i++) {
        char number[NUMBER_TEXT];
        SCOPED(arena_close) Arena *arena = arena_open();
        Text text = text_new(arena);
        text_print(&text,
                   "experiment: e\nmodel: kinks\nanimals: 40\nseed: 3\nrecord: [theta]\n"
                   "measure: {from: 0 hour, to: 1.5 hour, every: 0.1 hour}\n"
                   "cohorts: {it: {perturb: [{parameter: cliff, value: %s}]}}\n",
                   number_show(cliffs[i], number));
        Lab lab = lab_open(text_string(&text), MODELS, RTOL);
        const Animal *animals = lab_run(&lab, "it");
        for (size_t a = 0; a < 40; a++)
            for (double k = 0.0; k <= 15.0; k++) {
                double t = 0.1 * k, day = t / 24.0, theta = value_of(&lab, &animals[a], "theta", day);
                double above = 1.0 - theta + 0.5 / 3.0, tau = theta < 1.0 ? log(above / (0.5 / 3.0)) / 3.0 : 0.0;
                double want = t < tau ? theta - 0.5 / 3.0 + above * exp(-3.0 * t) : fmin(theta, 1.0) - 0.5 * (t - tau);
                assert_near("x", value_of(&lab, &animals[a], "falling", day), want, 0.0, NEAR);
                assert_near("y", value_of(&lab, &animals[a], "steady", day), 1.0 - 0.5 * t, 0.0, 1e-7);
            }
        lab_close(&lab);
    }
}

/* s' = sqrt(s - 1) - s down to 1, where u = sqrt(s - 1) is 0 and the branch ends; from there 0.8 - s. It is there at
 * tau = the integral of 2 u / (1 - u + u^2) from 0 to u(0), here by Simpson's rule. A branch that is held into
 * where it is no number makes steps so small that no change of it looks like one. */
static void a_branch_is_left_where_its_condition_ends(void **state)
{
    (void)state;
    for (double start = 1.02; start < 2.0; start += 0.02) {
        enum { N = 2000 };
        double last = sqrt(start - 1.0), width = last / N, tau = 0.0;
        for (int k = 0; k <= N; k++) {
            double u = k * width, weight = k == 0 || k == N ? 1.0 : k % 2 == 1 ? 4.0 : 2.0;
            tau += weight * width / 3.0 * 2.0 * u / (1.0 - u + u * u);
        }
        SCOPED(arena_close) Arena *arena = arena_open();
        Lab lab = lab_open(arena_print(arena,
                                       "experiment: e\nmodel: root\nanimals: 1\nmeasure: [3 hour]\n"
                                       "cohorts: {it: {perturb: [{parameter: start, value: %g}]}}\n",
                                       start),
                           MODELS, RUN_RTOL);
        const Animal *animal = lab_run(&lab, "it");
        assert_near("rooted", value_of(&lab, animal, "rooted", 3.0 / 24.0), 0.8 + 0.2 * exp(tau - 3.0), 0.0, 1e-6);
        lab_close(&lab);
    }
}

/* Rates jump to k = 1 / day at 500 and 700 days, and are constant before and after: steps as long as there are. */
static void jumps_are_found_inside_long_steps(void **state)
{
    (void)state;
    Lab lab = lab_open("experiment: e\nmodel: thresholds\nanimals: 1\nmeasure: [501 day, 701 day, 2000 day]\n"
                       "cohorts: {it: {}}\n",
                       MODELS, RTOL);
    const Animal *animal = lab_run(&lab, "it");
    static const double days[] = {501.0, 701.0, 2000.0};
    for (size_t i = 0; i < ARRAY_LENGTH(days); i++) {
        assert_near("direct", value_of(&lab, animal, "Direct", days[i]), days[i] - 500.0, 0.0, NEAR);
        assert_near("nested", value_of(&lab, animal, "Nested", days[i]), fmax(days[i] - 700.0, 0.0), 0.0, NEAR);
    }
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_branch_is_left_where_its_condition_ends),
        cmocka_unit_test(jumps_are_found_inside_long_steps),
        cmocka_unit_test(kinks_are_passed_in_every_lane_at_its_own_time),
        cmocka_unit_test(a_ball_bounces_in_every_lane_at_its_own_time),
        cmocka_unit_test(endless_bounces_fail_with_a_reason),
        cmocka_unit_test(a_threshold_dose_is_given_at_the_threshold),
        cmocka_unit_test(a_concentration_that_keeps_falling_triggers_one_dose),
        cmocka_unit_test(triggers_fire_where_it_is_hard_to_tell),
        cmocka_unit_test(triggers_without_end_fail_with_a_reason),
        cmocka_unit_test(reactions_consume_and_make),
        cmocka_unit_test(a_steady_start_conserves_what_reactions_conserve),
        cmocka_unit_test(a_steady_start_is_found_before_any_treatment),
        cmocka_unit_test(a_steady_start_is_where_the_flow_of_each_animal_ends),
        cmocka_unit_test(a_steady_start_is_found_where_it_is_hard_to_find),
        cmocka_unit_test(an_unstable_steady_state_is_left_unless_it_is_the_start),
        cmocka_unit_test(a_start_without_a_steady_state_fails_with_a_reason),
        cmocka_unit_test(scheduled_events_happen_at_their_times),
        cmocka_unit_test(a_burn_in_lives_before_the_start),
        cmocka_unit_test(a_measured_time_that_differs_by_rounding_is_the_time_of_the_event),
    };
    return cmocka_run_group_tests_name("simulate/dynamics", tests, NULL, NULL);
}
