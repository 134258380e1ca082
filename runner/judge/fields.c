/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a reference file, section by section: the loader reads by these tables, and the manual is printed from
 * them.
 */
#include <math.h>

#include "judge/reference_priv.h"

/* A text that a row must have, and a number of the band. */
#define ROW_TEXT(key_, about_, member)                                                                                 \
    {                                                                                                                  \
        .key = (key_), .form = "text", .about = (about_), .kind = FIELD_TEXT, .required = true,                        \
        .offset = offsetof(ReferenceRow, member)                                                                       \
    }
#define ROW_NUMBER(key_, about_, member)                                                                               \
    {                                                                                                                  \
        .key = (key_), .form = "number", .about = (about_), .kind = FIELD_NUMBER, .required = true,                    \
        .offset = offsetof(ReferenceRow, member), .low = -INFINITY, .high = INFINITY                                   \
    }

static const Field reference_rows[] = {
    FIELD_NEEDED("reference", "text", "its name"),
    FIELD_STRING("experiment", "whose newest run is judged; without it, the newest run of all", Reference, experiment),
    FIELD_STRING("model", "whose run is judged, of an experiment over several models", Reference, model),
    FIELD_ABOUT(Reference),
    FIELD_NEEDED("rows", "list", "what was measured"),
};

static const Field row_rows[] = {
    FIELD_NEEDED("id", "text", "its name, unique in the file"),
    ROW_TEXT("cohort", "the cohort that is judged", test.cohort),
    FIELD_KEY("versus", "cohort, or {cohort, age, site}", "the sample that it is compared with"),
    ROW_TEXT("metric", "a phenotype, a recorded symbol or a trait", metric),
    FIELD_NEEDED("at", "{age, site}", "when and where it is measured"),
    FIELD_KEY("since", "age", "where a change starts (ratio of changes)"),
    FIELD_NEEDED("statistic", "word", "what is estimated"),
    FIELD_KEY("expect", "{target, low, high} or {sign}", "what the estimate should be"),
    FIELD_NEEDED("evidence", "measured, digitised or qualitative", "how good the finding is"),
    ROW_TEXT("cite", "where it was published", cite),
    FIELD_ABOUT(ReferenceRow),
    FIELD_STRING("known", "why the row is known to differ", ReferenceRow, known),
};

static const Field at_rows[] = {
    FIELD_NEEDED("age", "age", "when"),
    FIELD_STRING("site", "which bone; needed when the run has several", ReferenceSample, site),
};

static const Field versus_rows[] = {
    FIELD_STRING("cohort", "another cohort", ReferenceSample, cohort),
    FIELD_KEY("age", "age", "another age"),
    FIELD_STRING("site", "another bone", ReferenceSample, site),
};

static const Field band_rows[] = {
    ROW_NUMBER("target", "what was measured", target),
    ROW_NUMBER("low", "the lowest estimate that agrees", low),
    ROW_NUMBER("high", "the highest estimate that agrees", high),
};

static const Field sign_rows[] = {FIELD_NEEDED("sign", "positive, negative or zero", "the sign of the difference")};

const FieldTable fields_of_reference = FIELD_TABLE("reference", "", reference_rows);
const FieldTable fields_of_row = FIELD_TABLE("reference", "rows", row_rows);
const FieldTable fields_of_at = FIELD_TABLE("reference", "at", at_rows);
const FieldTable fields_of_versus = FIELD_TABLE("reference", "versus", versus_rows);
const FieldTable fields_of_band = FIELD_TABLE("reference", "expect, a band", band_rows);
const FieldTable fields_of_sign = FIELD_TABLE("reference", "expect, a sign", sign_rows);

const FieldTable *const reference_fields[] = {&fields_of_reference, &fields_of_row,  &fields_of_at,
                                              &fields_of_versus,    &fields_of_band, &fields_of_sign};
const size_t n_reference_fields = ARRAY_LENGTH(reference_fields);
