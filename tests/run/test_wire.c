/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of a batch as bytes and back.
 */
#include <math.h>
#include <string.h>

#include "run/wire.h"
#include "support/near.h"

enum { N_METRICS = 3, N_ANIMALS = 3 };

static const double times[] = {0.0, 0.1, 1e300}, values[] = {-0.0, 1.0 / 3.0, INFINITY}, truths[] = {-1.0, NAN, 5e-324},
                    others[] = {5.0};

/* A measured animal, one with series, one that failed; NaN, infinities, empty and missing texts. */
static const Animal *some_animals(void)
{
    static Reading readings[2];
    static Series series[3];
    static Animal animals[N_ANIMALS];
    readings[0] = (Reading){.site = "", .age_d = 28.0, .measured = true, .values = values, .truths = truths};
    readings[1] = (Reading){.site = "L3", .age_d = 5e-324, .values = times, .truths = values};
    series[0] = (Series){.metric = 0, .site = "L3", .n = 3, .times_d = times, .values = values};
    series[1] = (Series){.metric = 1, .site = "L3", .n = 3, .times_d = times, .values = times};
    series[2] = (Series){.metric = 1, .site = "L4", .n = 1, .times_d = others, .values = others};
    animals[0] = (Animal){.cohort = 7,
                          .number = 16,
                          .parameters_json = "{\"k\":1}",
                          .start_json = "{}",
                          .steps = 12,
                          .rate_evaluations = 13,
                          .jacobian_evaluations = 14,
                          .newton_iterations = UINT64_MAX,
                          .readings = readings,
                          .n_readings = 2};
    animals[1] = (Animal){.cohort = 7, .number = 17, .parameters_json = "", .series = series, .n_series = 3};
    animals[2] = (Animal){.cohort = 7, .number = 18, .parameters_json = "{}", .failure = "too \"stiff\""};
    return animals;
}

static Text packed(Arena *arena)
{
    Text bytes = text_new(arena);
    wire_pack(some_animals(), N_ANIMALS, N_METRICS, &bytes);
    return bytes;
}

static bool unpack(Arena *arena, const Text *bytes, size_t length, size_t n, size_t n_metrics, const Animal **ret)
{
    unsigned char *copy = arena_alloc(arena, length, 1); /* exactly as long: a sanitizer sees what is read beyond it */
    memcpy(copy, bytes->bytes, length);
    return wire_unpack(arena, (WireBytes){copy, length}, n, n_metrics, ret);
}

/* Packing what was unpacked gives the same bytes: nothing is lost, to the last bit. */
static void records_come_back_as_they_were(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Text bytes = packed(arena), again = text_new(arena);
    const Animal *animals, *sent = some_animals();
    assert_true(unpack(arena, &bytes, bytes.length, N_ANIMALS, N_METRICS, &animals));
    wire_pack(animals, N_ANIMALS, N_METRICS, &again);
    assert_int_equal(again.length, bytes.length);
    assert_memory_equal(again.bytes, bytes.bytes, bytes.length);
    assert_int_equal(animals[0].number, 16);
    assert_string_equal(animals[0].parameters_json, sent[0].parameters_json);
    assert_null(animals[0].failure);
    assert_null(animals[1].start_json);
    assert_string_equal(animals[2].failure, "too \"stiff\"");
    assert_string_equal(animals[0].readings[1].site, "L3");
    assert_true(animals[0].readings[0].measured && !animals[0].readings[1].measured);
    assert_memory_equal(animals[0].readings[0].truths, truths, sizeof truths);
    assert_memory_equal(animals[1].series[1].times_d, times, sizeof times);
    assert_memory_equal(animals[1].series[0].values, values, sizeof values);
}

/* A value of its own for each column of animal_columns; then what may be NULL is. */
static void every_column_comes_back(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Animal sent[2] = {{.number = 1}, {.number = 2}};
    const Animal *came;
    Text bytes = text_new(arena);
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++)
        for (size_t a = 0; a < 2; a++) {
            const AnimalColumn *column = &animal_columns[i];
            if (column->kind == ANIMAL_COUNT)
                animal_set_count(&sent[a], column, 1000 * a + column->offset);
            else if (a == 0 || column->null_when == NULL)
                animal_set_text(&sent[a], column, arena_print(arena, "%s of %zu", column->name, a));
        }
    wire_pack(sent, 2, N_METRICS, &bytes);
    assert_true(unpack(arena, &bytes, bytes.length, 2, N_METRICS, &came));
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++)
        for (size_t a = 0; a < 2; a++) {
            const AnimalColumn *column = &animal_columns[i];
            if (column->kind == ANIMAL_COUNT)
                assert_int_equal(animal_count(&came[a], column), 1000 * a + column->offset);
            else if (a == 0 || column->null_when == NULL)
                assert_string_equal(animal_text(&came[a], column), animal_text(&sent[a], column));
            else
                assert_null(animal_text(&came[a], column));
        }
}

/* Bytes of a text that may not be NULL and is. */
static void a_column_that_may_not_be_null_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ANIMAL_COLUMNS; i++) {
        SCOPED(arena_close) Arena *arena = arena_open();
        Animal sent = {.parameters_json = NULL};
        const Animal *came;
        Text bytes = text_new(arena);
        for (size_t c = 0; c < N_ANIMAL_COLUMNS; c++)
            if (c != i && animal_columns[c].kind != ANIMAL_COUNT)
                animal_set_text(&sent, &animal_columns[c], "{}");
        wire_pack(&sent, 1, N_METRICS, &bytes);
        bool may_be_null = animal_columns[i].kind == ANIMAL_COUNT || animal_columns[i].null_when != NULL;
        assert_int_equal(unpack(arena, &bytes, bytes.length, 1, N_METRICS, &came), may_be_null);
    }
}

static void bytes_that_are_cut_or_too_many_are_refused(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Text bytes = packed(arena);
    const Animal *animals = NULL;
    for (size_t length = 0; length < bytes.length; length++)
        assert_false(unpack(arena, &bytes, length, N_ANIMALS, N_METRICS, &animals));
    assert_false(unpack(arena, &bytes, bytes.length, N_ANIMALS - 1, N_METRICS, &animals));
    assert_false(unpack(arena, &bytes, bytes.length, N_ANIMALS + 1, N_METRICS, &animals));
    text_add(&bytes, "x", 1);
    assert_false(unpack(arena, &bytes, bytes.length, N_ANIMALS, N_METRICS, &animals));
    assert_null(animals);
}

static void a_metric_that_the_run_does_not_have_is_refused(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    Text bytes = packed(arena);
    const Animal *animals;
    assert_false(unpack(arena, &bytes, bytes.length, N_ANIMALS, N_METRICS - 1, &animals));
}

/* A changed byte may be another digit; whatever it is, what comes out can be packed, so every text ends and every
 * length is true. */
static void any_changed_byte_is_refused_or_harmless(void **state)
{
    (void)state;
    static const unsigned char changes[] = {0x01, 0x80, 0xFF};
    SCOPED(arena_close) Arena *arena = arena_open();
    Text bytes = packed(arena);
    size_t n_refused = 0;
    for (size_t i = 0; i < bytes.length; i++)
        for (size_t c = 0; c < ARRAY_LENGTH(changes); c++) {
            SCOPED(arena_close) Arena *scratch = arena_open();
            Text again = text_new(scratch);
            const Animal *animals;
            bytes.bytes[i] = (char)((unsigned char)bytes.bytes[i] ^ changes[c]);
            if (unpack(scratch, &bytes, bytes.length, N_ANIMALS, N_METRICS, &animals))
                wire_pack(animals, N_ANIMALS, N_METRICS, &again);
            else
                n_refused++;
            bytes.bytes[i] = (char)((unsigned char)bytes.bytes[i] ^ changes[c]);
        }
    assert_true(n_refused > bytes.length); /* lengths and metrics are many of the bytes */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back_as_they_were),
        cmocka_unit_test(every_column_comes_back),
        cmocka_unit_test(a_column_that_may_not_be_null_is_refused),
        cmocka_unit_test(bytes_that_are_cut_or_too_many_are_refused),
        cmocka_unit_test(a_metric_that_the_run_does_not_have_is_refused),
        cmocka_unit_test(any_changed_byte_is_refused_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
