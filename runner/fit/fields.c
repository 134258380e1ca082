/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a fit file: the loader reads by these tables, and the manual is printed from them.
 */
#include "fit/fit_priv.h"

static const Field fit_rows[] = {
    FIELD_STRING("fit", "its name", Fit, name),
    FIELD_ABOUT(Fit),
    FIELD_NEEDED("model", "name or path", "the model that is fitted"),
    FIELD_KEY("seed", "count", "a number from which the random starts follow"),
    FIELD_KEY("starts", "count", "how many starts; the first is the model's own values"),
    FIELD_NEEDED("references", "list of paths", "the rows that it is fitted to"),
    FIELD_KEY("leave_out", "map of row to reason", "rows that are judged and not fitted"),
    FIELD_NEEDED("parameters", "map", "the parameters that are free"),
};

static const Field free_rows[] = {
    FIELD_NEEDED("low", "number", "the lower bound"),
    FIELD_NEEDED("high", "number", "the upper bound"),
    FIELD_NEEDED("prior", "number", "the value without data"),
    FIELD_NEEDED("spread", "number", "one standard deviation of the prior"),
    FIELD_KEY("scale", "log or linear", "how the parameter is measured; log by default"),
    FIELD_KEY("about", "text", "what it is"),
};

const FieldTable fields_of_fit = FIELD_TABLE("fit", "", fit_rows);
const FieldTable fields_of_free = FIELD_TABLE("fit", "parameters", free_rows);

const FieldTable *const fit_fields[] = {&fields_of_fit, &fields_of_free};
const size_t n_fit_fields = ARRAY_LENGTH(fit_fields);
