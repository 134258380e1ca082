/* SPDX-License-Identifier: Apache-2.0
 *
 * Turns the outputs of a batch into the record of each animal: readings with noise, series, traits, drawn parameters.
 */
#include <math.h>

#include "simulate/simulate_priv.h"

typedef VEC(Reading) Readings;
typedef VEC(Series) SeriesList;

typedef struct Record {
    Arena *arena;
    const Worker *worker;
    const Option *site;
    const SiteResult *result;
    size_t lane_animal; /* within the batch */
    size_t number;      /* within the cohort */
    Readings readings;
    SeriesList series;
} Record;

/* Infinity becomes NaN, too: one infinite value would make the mean of its cohort infinite. */
static double number_or_none(double value)
{
    return isfinite(value) ? value : (double)NAN;
}

static double output_at(const Record *record, size_t output, size_t time)
{
    size_t n = record->worker->system->n_outputs, a = record->lane_animal;
    const double *outputs = record->result->outputs[a];
    return number_or_none(outputs[(time * n + output) * record->result->width[a] + record->result->lane[a]]);
}

/* True when a trait is decided at this time. */
static bool decides(const Worker *worker, size_t index)
{
    for (size_t output = 0; output < worker->system->n_outputs; output++)
        if (!isnan(worker->system->outputs[output].at) && worker->schedule.decided[output] == index)
            return true;
    return false;
}

static void read_output(const Record *record, size_t output, size_t index, double *ret_value, double *ret_truth)
{
    const Output *what = &record->worker->system->outputs[output];
    double truth = output_at(record, output, index), value = truth;
    if (what->kind == OUTPUT_TRAIT)
        value = truth = isnan(truth) ? truth : truth < 0.0 || truth > 0.0 ? 1.0 : 0.0;
    else if (what->noise.kind != VARIABILITY_NONE && record->result->noise != NULL)
        value = plan_reading(record->result->noise[index * record->worker->system->n_outputs + output], record->number,
                             what->noise, truth);
    *ret_value = number_or_none(value);
    *ret_truth = truth;
}

/* `index`: of a time in worker->schedule. */
static void add_reading(Record *record, size_t index, bool measured)
{
    const Worker *worker = record->worker;
    size_t n = worker->system->n_outputs;
    double *values = NEW_ARRAY(record->arena, double, n), *truths = NEW_ARRAY(record->arena, double, n);
    for (size_t output = 0; output < n; output++) {
        bool once = !isnan(worker->system->outputs[output].at);
        values[output] = truths[output] = (double)NAN;
        if (once ? worker->schedule.decided[output] == index : measured)
            read_output(record, output, index, &values[output], &truths[output]);
    }
    *vec_push(record->arena, &record->readings) =
        (Reading){.site = plan_site_name(record->site),
                  .age_d = simulate_age_d(worker->plan, worker->schedule.times[index]),
                  .measured = measured,
                  .values = values,
                  .truths = truths};
}

static void add_series(Record *record, size_t output)
{
    const Plan *plan = record->worker->plan;
    double *values = NEW_ARRAY(record->arena, double, plan->n_times);
    for (size_t i = 0; i < plan->n_times; i++)
        values[i] = output_at(record, output, record->worker->schedule.measured[i]);
    *vec_push(record->arena, &record->series) = (Series){.metric = output,
                                                         .site = plan_site_name(record->site),
                                                         .n = plan->n_times,
                                                         .times_d = record->worker->schedule.ages_d,
                                                         .values = values};
}

/* Adds the readings of one site. A plan that records densely gets series instead of measured readings. */
static void add_site(Record *record)
{
    const Worker *worker = record->worker;
    size_t next = worker->plan->dense ? worker->plan->n_times : 0; /* index of the next measured time */
    for (size_t index = 0; index < worker->schedule.n_times; index++) {
        bool measured = next < worker->plan->n_times && worker->schedule.measured[next] == index;
        if (measured || decides(worker, index))
            add_reading(record, index, measured);
        next += measured;
    }
    for (size_t output = 0; worker->plan->dense && output < worker->system->n_outputs; output++)
        if (isnan(worker->system->outputs[output].at))
            add_series(record, output);
}

const char *readings_draw(Arena *arena, const Plan *plan, const Cohort *cohort, const AnimalDraw *draw)
{
    char number[NUMBER_TEXT];
    Text text = text_new(arena);
    text_print(&text, "{");
    for (size_t i = 0; plan->variability && i < plan->model->n_parameters; i++) {
        const Parameter *parameter = &plan->model->parameters[i];
        if (parameter->variability.kind != VARIABILITY_NONE)
            text_print(&text, "%s\"%s\":%s", text.length > 1 ? "," : "", parameter->name,
                       isfinite(draw->parameters[i]) ? number_show(draw->parameters[i], number) : "null");
    }
    for (size_t d = 0; d < cohort->genotype.n_drivers; d++)
        for (size_t s = 0; s < cohort->genotype.drivers[d]->n_cells; s++) {
            const char *driver = cohort->genotype.drivers[d]->name, *site = cohort->genotype.drivers[d]->cells[s].name;
            text_print(&text, "%s", text.length > 1 ? "," : "");
            text_add_json(&text, arena_print(arena, "%s %s", driver, site));
            text_print(&text, ":%s", number_show(draw->recombined[d][s], number));
        }
    text_print(&text, "}");
    return text_string(&text);
}

/* {"L3": {"method": ..., "steps": 12, "residual": 1e-17, "slowest": "B", "time_constant": 5.3}}; residual per model
 * time, time_constant in model time, null when something is conserved. */
static const char *steady_in_json(Arena *arena, const Worker *worker, SiteResult *const *results, size_t animal)
{
    char residual[NUMBER_TEXT], constant[NUMBER_TEXT];
    Text text = text_new(arena);
    for (size_t s = 0; s < worker->batch.cohort->n_sites; s++) {
        const SteadyReport *steady = results[s]->steady[animal];
        size_t lane = results[s]->lane[animal];
        if (steady == NULL)
            return NULL;
        text_print(&text, "%s", s > 0 ? "," : "{");
        text_add_json(&text, plan_site_name(worker->batch.cohort->sites[s]));
        text_print(&text, ":{\"method\":\"flow, then pseudo-transient continuation\",\"steps\":%u", steady->steps);
        text_print(&text, ",\"residual\":%s", number_show(steady->residual[lane], residual));
        text_print(&text, ",\"slowest\":");
        if (isnan(steady->time_constant[lane]))
            text_print(&text, "null");
        else
            text_add_json(&text, worker->system->state_names[steady->slowest[lane]]);
        bool finite = isfinite(steady->time_constant[lane]);
        text_print(&text, ",\"time_constant\":%s}",
                   finite ? number_show(steady->time_constant[lane], constant) : "null");
    }
    text_print(&text, "}");
    return text_string(&text);
}

void readings_fill(Arena *arena, Worker *worker, SiteResult *const *results, size_t animal, Animal *ret_record)
{
    Record record = {.arena = arena, .worker = worker, .lane_animal = animal, .number = ret_record->number};
    for (size_t s = 0; s < worker->batch.cohort->n_sites; s++) {
        const SolveStats *stats = &results[s]->stats[animal];
        ret_record->steps += stats->steps;
        ret_record->rate_evaluations += stats->rate_evaluations;
        ret_record->jacobian_evaluations += stats->jacobian_evaluations;
        ret_record->newton_iterations += stats->newton_iterations;
        record.site = worker->batch.cohort->sites[s];
        record.result = results[s];
        if (results[s]->failed[animal] && ret_record->failure == NULL)
            ret_record->failure = results[s]->errors[animal].text;
        if (ret_record->failure == NULL)
            add_site(&record);
    }
    if (ret_record->failure != NULL)
        return;
    ret_record->start_json = steady_in_json(arena, worker, results, animal);
    ret_record->readings = record.readings.items;
    ret_record->n_readings = record.readings.n;
    ret_record->series = record.series.items;
    ret_record->n_series = record.series.n;
}
