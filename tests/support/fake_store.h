/* SPDX-License-Identifier: Apache-2.0
 *
 * Replaces the readers of store.h by tables in memory: run 1, and run 2, which has only the control. A test can make
 * store_values fail. Each cohort has four animals; one failed, some are not stored yet. Test files that must not link
 * the real store include it.
 */
#ifndef MB_TESTS_SUPPORT_FAKE_STORE_H
#define MB_TESTS_SUPPORT_FAKE_STORE_H

#include <math.h>

#include "store/store.h"

typedef struct FakeValues {
    const char *cohort, *metric, *site;
    double age_d;
    size_t n;
    double values[4];
} FakeValues;

struct Store {
    const StoreCohortInfo *cohorts;
    size_t n_cohorts;
    const StoreMetricInfo *metrics;
    size_t n_metrics;
    const StorePoint *points;
    size_t n_points;
    const FakeValues *values;
    size_t n_values;
    bool fails;
};

bool store_cohorts(Arena *arena, Store *store, int64_t run, const StoreCohortInfo **ret_cohorts, size_t *ret_n,
                   Err *reterr)
{
    (void)arena, (void)reterr;
    *ret_cohorts = store->cohorts;
    *ret_n = run == 1 ? store->n_cohorts : run == 2 ? 1 : 0;
    return true;
}

static const StoreUnexpressed UNEXPRESSED[] = {{"OPG-KO", "'Tnfrsf11b' is not a gene of the model 'a'"},
                                               {"OPG-Tg", "'Tnfrsf11b' is not a gene of the model 'a'"}};

bool store_unexpressed(Arena *arena, Store *store, int64_t run, const StoreUnexpressed **ret_unexpressed, size_t *ret_n,
                       Err *reterr)
{
    (void)store, (void)arena, (void)reterr, (void)run;
    *ret_unexpressed = UNEXPRESSED;
    *ret_n = ARRAY_LENGTH(UNEXPRESSED);
    return true;
}

bool store_run_model(Arena *arena, Store *store, int64_t run, const char **ret_model, Err *reterr)
{
    (void)store, (void)arena, (void)reterr;
    *ret_model = run == 1 ? "a" : "b";
    return true;
}

bool store_metrics(Arena *arena, Store *store, int64_t run, const StoreMetricInfo **ret_metrics, size_t *ret_n,
                   Err *reterr)
{
    (void)arena, (void)run, (void)reterr;
    *ret_metrics = store->metrics;
    *ret_n = store->n_metrics;
    return true;
}

bool store_points(Arena *arena, Store *store, int64_t run, const StorePoint **ret_points, size_t *ret_n, Err *reterr)
{
    (void)arena, (void)run, (void)reterr;
    *ret_points = store->points;
    *ret_n = store->n_points;
    return true;
}

bool store_values(Arena *arena, Store *store, const StoreSelection *selection, const double **ret_values, size_t *ret_n,
                  Err *reterr)
{
    (void)arena;
    if (store->fails)
        return err_set(reterr, ERR_STORE, "disk on fire");
    *ret_n = 0;
    for (size_t i = 0; i < store->n_values; i++) {
        const FakeValues *row = &store->values[i];
        bool here = text_equal(row->cohort, selection->cohort) && text_equal(row->metric, selection->metric) &&
                    (selection->site == NULL || text_equal(row->site, selection->site)) &&
                    fabs(row->age_d - selection->age_d) < 1e-6;
        if (here) {
            *ret_values = row->values;
            *ret_n = row->n;
        }
    }
    return true;
}

/* There are no summaries, so stored_run_sample reads the values. */
bool store_summary(Store *store, const StoreSelection *selection, StoreSummary *ret_summary, Err *reterr)
{
    (void)store, (void)selection, (void)reterr;
    *ret_summary = (StoreSummary){0};
    return true;
}

static const StoreCohortInfo COHORTS[] = {
    {"littermate", "littermate", "Tnfsf11 fl/fl", "", 4, 4, 0},
    {"ocy-RANKL-cKO", "littermate", "Tnfsf11 fl/-; Dmp1-Cre", "", 4, 4, 1},
    {"global-KO", "littermate", "Tnfsf11 -/-", "", 4, 2, 0},
    {"doomed", "littermate", "", "", 4, 4, 4},
    {"waiting", "littermate", "", "", 4, 0, 0},
};
static const StoreMetricInfo METRICS[] = {
    {"BV/TV", "%", "", "phenotype"},
    {"Oc.S/BS", "1", "", "phenotype"},
    {"tooth-eruption", "1", "", "trait"},
    {"Cp", "pmol/L", "", "recorded"},
};
static const StorePoint POINTS[] = {{"distal-femur", 56, true}, {"distal-femur", 168, true}, {"L3", 56, true}};
static const FakeValues VALUES[] = {
    {"littermate", "BV/TV", "distal-femur", 56, 4, {20, 21, 22, 21}},
    {"ocy-RANKL-cKO", "BV/TV", "distal-femur", 56, 3, {24, 25, 26}},
    {"littermate", "BV/TV", "distal-femur", 168, 4, {10, 11, 12, 11}},
    {"ocy-RANKL-cKO", "BV/TV", "distal-femur", 168, 3, {30, 33, 36}},
    {"global-KO", "BV/TV", "distal-femur", 168, 2, {60, 62}},
    {"littermate", "Oc.S/BS", "distal-femur", 168, 4, {0.1, 0.12, 0.11, 0.11}},
    {"ocy-RANKL-cKO", "Oc.S/BS", "distal-femur", 168, 3, {0.02, 0.03, 0.04}},
    {"global-KO", "Oc.S/BS", "distal-femur", 168, 2, {0, 0}},
    {"littermate", "tooth-eruption", "distal-femur", 168, 4, {1, 1, 1, 1}},
    {"ocy-RANKL-cKO", "tooth-eruption", "distal-femur", 168, 3, {1, 1, 0}},
    {"global-KO", "tooth-eruption", "distal-femur", 168, 2, {0, 0}},
    {"littermate", "BV/TV", "L3", 56, 1, {18}},
    {"ocy-RANKL-cKO", "BV/TV", "L3", 56, 1, {27}},
};

static inline Store full_store(void)
{
    return (Store){.cohorts = COHORTS,
                   .n_cohorts = ARRAY_LENGTH(COHORTS),
                   .metrics = METRICS,
                   .n_metrics = ARRAY_LENGTH(METRICS),
                   .points = POINTS,
                   .n_points = ARRAY_LENGTH(POINTS),
                   .values = VALUES,
                   .n_values = ARRAY_LENGTH(VALUES)};
}

#endif
