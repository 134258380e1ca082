/* SPDX-License-Identifier: Apache-2.0
 *
 * Packs the records of a batch into bytes, and unpacks them with every length and index checked.
 */
#include <string.h>

#include "run/wire.h"

/* ---- Packing ---- */

static void put_count(Text *bytes, uint64_t count)
{
    text_add(bytes, (const char *)&count, sizeof count);
}

static void put_numbers(Text *bytes, const double *numbers, size_t n)
{
    if (n > 0)
        text_add(bytes, (const char *)numbers, n * sizeof *numbers);
}

/* Packs the length of the text with its final 0, then its bytes. Length 0 stands for NULL. */
static void put_text(Text *bytes, const char *text)
{
    size_t length = text != NULL ? strlen(text) + 1 : 0;
    put_count(bytes, length);
    if (length > 0)
        text_add(bytes, text, length);
}

static void put_reading(Text *bytes, const Reading *reading, size_t n_metrics)
{
    put_text(bytes, reading->site);
    put_numbers(bytes, &reading->age_d, 1);
    put_count(bytes, reading->measured);
    put_numbers(bytes, reading->values, n_metrics);
    put_numbers(bytes, reading->truths, n_metrics);
}

/* Packs a series. If it shares its times with the series before, the times are not sent again. */
static void put_series(Text *bytes, const Series *series, const Series *before)
{
    bool same_times = before != NULL && before->times_d == series->times_d && before->n == series->n;
    put_count(bytes, series->metric);
    put_text(bytes, series->site);
    put_count(bytes, series->n);
    put_count(bytes, same_times);
    if (!same_times)
        put_numbers(bytes, series->times_d, series->n);
    put_numbers(bytes, series->values, series->n);
}

static void put_animal(Text *bytes, const Animal *animal, size_t n_metrics)
{
    put_count(bytes, animal->cohort);
    put_count(bytes, animal->number);
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++) {
        const AnimalColumn *column = &animal_columns[i];
        if (column->kind == ANIMAL_COUNT)
            put_count(bytes, animal_count(animal, column));
        else
            put_text(bytes, animal_text(animal, column));
    }
    put_count(bytes, animal->n_readings);
    for (size_t i = 0; i < animal->n_readings; i++)
        put_reading(bytes, &animal->readings[i], n_metrics);
    put_count(bytes, animal->n_series);
    for (size_t i = 0; i < animal->n_series; i++)
        put_series(bytes, &animal->series[i], i > 0 ? &animal->series[i - 1] : NULL);
}

void wire_pack(const Animal *animals, size_t n, size_t n_metrics, Text *bytes)
{
    for (size_t i = 0; i < n; i++)
        put_animal(bytes, &animals[i], n_metrics);
}

/* ---- Unpacking ---- */

/* The bytes that are left to read. Each call that reads is a statement of its own, because C does not define the order
 * of calls within one expression. Once a value is not valid, `sound` is false, and all later calls read 0 or NULL. */
typedef struct Reader {
    Arena *arena;
    const unsigned char *at;
    size_t left;
    size_t n_metrics;
    bool sound;
} Reader;

static const unsigned char *take(Reader *reader, size_t n)
{
    const unsigned char *at = reader->at;
    if (n > reader->left)
        reader->sound = false;
    if (!reader->sound)
        return NULL;
    reader->at += n;
    reader->left -= n;
    return at;
}

static uint64_t take_count(Reader *reader)
{
    uint64_t count = 0;
    const unsigned char *at = take(reader, sizeof count);
    if (at != NULL)
        memcpy(&count, at, sizeof count);
    return count;
}

/* Reads the number of items that follow, and checks it before the caller allocates memory for them: each item takes at
 * least `least_bytes` of the bytes that are left. */
static size_t take_length(Reader *reader, size_t least_bytes)
{
    uint64_t n = take_count(reader);
    if (n > reader->left / least_bytes)
        reader->sound = false;
    return reader->sound ? (size_t)n : 0;
}

static const char *take_text(Reader *reader)
{
    size_t length = take_length(reader, 1);
    const unsigned char *at = take(reader, length);
    if (at == NULL || length == 0)
        return NULL;
    if (memchr(at, '\0', length) != at + length - 1)
        reader->sound = false;
    return (const char *)at;
}

/* Reads a text that must not be NULL. */
static const char *take_name(Reader *reader)
{
    const char *text = take_text(reader);
    if (text == NULL)
        reader->sound = false;
    return text;
}

static const double *take_numbers(Reader *reader, size_t n)
{
    double *numbers = NEW_ARRAY(reader->arena, double, n);
    const unsigned char *at = take(reader, n * sizeof *numbers);
    if (at != NULL && n > 0)
        memcpy(numbers, at, n * sizeof *numbers);
    return numbers;
}

static size_t take_metric(Reader *reader)
{
    uint64_t metric = take_count(reader);
    if (metric >= reader->n_metrics)
        reader->sound = false;
    return (size_t)metric;
}

static Reading take_reading(Reader *reader)
{
    Reading reading = {0};
    reading.site = take_name(reader);
    reading.age_d = *take_numbers(reader, 1);
    reading.measured = take_count(reader) != 0;
    reading.values = take_numbers(reader, reader->n_metrics);
    reading.truths = take_numbers(reader, reader->n_metrics);
    return reading;
}

static Series take_series(Reader *reader, const Series *before)
{
    Series series = {0};
    series.metric = take_metric(reader);
    series.site = take_name(reader);
    series.n = take_length(reader, sizeof(double));
    bool same_times = take_count(reader) != 0;
    if (same_times && (before == NULL || before->n != series.n))
        reader->sound = false;
    if (!reader->sound)
        return (Series){0};
    series.times_d = same_times ? before->times_d : take_numbers(reader, series.n);
    series.values = take_numbers(reader, series.n);
    return series;
}

static Animal take_animal(Reader *reader)
{
    Animal animal = {0};
    animal.cohort = (size_t)take_count(reader);
    animal.number = (size_t)take_count(reader);
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++) {
        const AnimalColumn *column = &animal_columns[i];
        if (column->kind == ANIMAL_COUNT)
            animal_set_count(&animal, column, take_count(reader));
        else
            animal_set_text(&animal, column, column->null_when != NULL ? take_text(reader) : take_name(reader));
    }
    animal.n_readings = take_length(reader, (3 + 2 * reader->n_metrics) * sizeof(uint64_t));
    Reading *readings = NEW_ARRAY(reader->arena, Reading, animal.n_readings);
    for (size_t i = 0; reader->sound && i < animal.n_readings; i++)
        readings[i] = take_reading(reader);
    animal.n_series = take_length(reader, 4 * sizeof(uint64_t));
    Series *series = NEW_ARRAY(reader->arena, Series, animal.n_series);
    for (size_t i = 0; reader->sound && i < animal.n_series; i++)
        series[i] = take_series(reader, i > 0 ? &series[i - 1] : NULL);
    animal.readings = readings;
    animal.series = series;
    return animal;
}

bool wire_unpack(Arena *arena, WireBytes bytes, size_t n, size_t n_metrics, const Animal **ret_animals)
{
    Reader reader = {.arena = arena, .at = bytes.bytes, .left = bytes.n, .n_metrics = n_metrics, .sound = true};
    Animal *animals = NEW_ARRAY(arena, Animal, n);
    for (size_t i = 0; i < n; i++)
        animals[i] = take_animal(&reader);
    if (!reader.sound || reader.left > 0)
        return false;
    *ret_animals = animals;
    return true;
}
