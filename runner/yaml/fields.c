/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a section of a file by its table of keys, and prints the table for people.
 */
#include "yaml/fields.h"

enum { MAX_FIELDS = 32 };

void fields_check(const FieldTable *table, const YamlNode *map, const char *what, Diags *diags)
{
    const char *keys[MAX_FIELDS];
    ASSERT(table->n <= MAX_FIELDS);
    for (size_t i = 0; i < table->n; i++)
        keys[i] = table->fields[i].key;
    yaml_only_keys(map, what, keys, table->n, diags);
}

static void field_read(const Field *field, const YamlNode *node, const char *what, void *target, Diags *diags)
{
    const char *label = arena_print(diags->arena, "'%s' of %s", field->key, what);
    void *member = (char *)target + field->offset;
    switch (field->kind) {
    case FIELD_TEXT: (void)!yaml_text(node, label, member, diags); break;
    case FIELD_NUMBER: (void)!yaml_number(node, label, field->low, field->high, member, diags); break;
    case FIELD_COUNT: (void)!yaml_count(node, label, (uint64_t)field->low, (uint64_t)field->high, member, diags); break;
    case FIELD_YES_NO: (void)!yaml_yes_no(node, label, member, diags); break;
    case FIELD_OTHER: break;
    }
}

void fields_read(const FieldTable *table, const YamlNode *map, const char *what, void *target, Diags *diags)
{
    fields_check(table, map, what, diags);
    for (size_t i = 0; i < table->n; i++) {
        const Field *field = &table->fields[i];
        bool needed = field->required && field->kind != FIELD_OTHER;
        const YamlNode *node = needed ? yaml_need(map, field->key, what, diags) : yaml_find(map, field->key);
        if (node != NULL)
            field_read(field, node, what, target, diags);
    }
}

void fields_show(const FieldTable *const *tables, size_t n, Text *text)
{
    for (size_t i = 0; i < n; i++) {
        const FieldTable *table = tables[i];
        text_print(text, "%s**%s**\n\n| key | value | required | meaning |\n| --- | --- | --- | --- |\n",
                   i > 0 ? "\n" : "", *table->section != '\0' ? table->section : "top of the file");
        for (size_t f = 0; f < table->n; f++) {
            const Field *field = &table->fields[f];
            text_print(text, "| `%s` | %s | %s | %s |\n", field->key, field->form, field->required ? "yes" : "",
                       field->about);
        }
    }
}
