/* SPDX-License-Identifier: Apache-2.0
 *
 * fields: the keys that a section of a file may have, in one table. The table decides which keys are known and which
 * are required, reads the plain ones into a struct, and prints the key reference of the manuals.
 */
#ifndef MB_YAML_FIELDS_H
#define MB_YAML_FIELDS_H

#include "yaml/yaml.h"

typedef enum FieldKind {
    FIELD_TEXT,   /* const char *: NULL when the key is absent */
    FIELD_NUMBER, /* double, from low to high; the caller's default when it is absent */
    FIELD_COUNT,  /* uint64_t, from low to high */
    FIELD_YES_NO, /* bool */
    FIELD_OTHER   /* the loader reads it: it needs units, formulas, other sections, or may be written in several ways */
} FieldKind;

typedef struct Field {
    const char *key;
    FieldKind kind;
    const char *form;  /* how its value is written, for people: "expression", "[low, high]" */
    const char *about; /* what it means, for people */
    bool required;
    size_t offset; /* of the member; nothing for FIELD_OTHER */
    double low, high;
} Field;

/* One section of one kind of file. */
typedef struct FieldTable {
    const char *file;    /* "model" */
    const char *section; /* "parameters"; "" for the top of the file */
    const Field *fields;
    size_t n;
} FieldTable;

/* Rows: a key that the loader reads by itself; one that must be there; a text. */
#define FIELD_KEY(key_, form_, about_)                                                                                 \
    {                                                                                                                  \
        .key = (key_), .form = (form_), .about = (about_), .kind = FIELD_OTHER                                         \
    }
#define FIELD_NEEDED(key_, form_, about_)                                                                              \
    {                                                                                                                  \
        .key = (key_), .form = (form_), .about = (about_), .kind = FIELD_OTHER, .required = true                       \
    }
#define FIELD_STRING(key_, about_, Type, member)                                                                       \
    {                                                                                                                  \
        .key = (key_), .form = "text", .about = (about_), .kind = FIELD_TEXT, .offset = offsetof(Type, member)         \
    }

/* A table of the array `rows`. */
#define FIELD_TABLE(file, section, rows)                                                                               \
    {                                                                                                                  \
        (file), (section), (rows), ARRAY_LENGTH(rows)                                                                  \
    }

/* Rows of a struct with the members about, source and assumed. */
#define FIELD_ABOUT(Type)                                                                                              \
    {                                                                                                                  \
        .key = "about", .kind = FIELD_TEXT, .form = "text", .about = "what it is", .offset = offsetof(Type, about)     \
    }
#define FIELD_ORIGIN(Type)                                                                                             \
    {.key = "source",                                                                                                  \
     .kind = FIELD_TEXT,                                                                                               \
     .form = "text",                                                                                                   \
     .about = "where it was published",                                                                                \
     .offset = offsetof(Type, source)},                                                                                \
    {                                                                                                                  \
        .key = "assumed", .kind = FIELD_TEXT, .form = "text", .about = "why it was chosen, when it was not published", \
        .offset = offsetof(Type, assumed)                                                                              \
    }

/* Adds a diagnostic for each key of `map` that the table does not have ("unknown key 'x' in WHAT"), then reads what is
 * not FIELD_OTHER into `target`, a struct that the offsets fit. What is absent or wrong leaves its member alone. A
 * required key that is absent is a diagnostic; of FIELD_OTHER it is the loader's, where it reads the key
 * (yaml_need). */
void fields_read(const FieldTable *table, const YamlNode *map, const char *what, void *target, Diags *diags);

/* The keys alone: for a section whose values the loader reads by itself. */
void fields_check(const FieldTable *table, const YamlNode *map, const char *what, Diags *diags);

/* Appends the key reference of these tables as Markdown: a heading and a table for each section. */
void fields_show(const FieldTable *const *tables, size_t n, Text *text);

#endif
