/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a file of Cre lines.
 */
#include "plan/plan_priv.h"

enum { MAX_DRIVERS = 1000, MAX_DRIVER_SITES = 200 /* of one */ };

static void load_driver_cells(Arena *arena, const YamlPair *pair, DriverCells *site, Diags *diags)
{
    static const char *const evidence[] = {"measured", "reported", "assumed"};
    const char *what = arena_print(arena, "the site '%s'", pair->key->text);
    size_t which = 0;
    *site = (DriverCells){.name = pair->key->text};
    if (!yaml_is(pair->value, YAML_MAP, what, diags))
        return;
    fields_read(&fields_of_driver_site, pair->value, what, site, diags);
    const YamlNode *node = yaml_need(pair->value, "evidence", what, diags);
    if (node != NULL && yaml_word(node, "'evidence'", evidence, ARRAY_LENGTH(evidence), &which, diags))
        site->evidence = evidence[which];
    node = yaml_find(pair->value, "variability");
    unsigned all = 1u << VARIABILITY_LOGNORMAL | 1u << VARIABILITY_NORMAL | 1u << VARIABILITY_UNIFORM |
                   1u << VARIABILITY_BETA;
    if (node != NULL && !variability_read(node, arena_print(arena, "the variability of %s", what), site->efficiency,
                                          all, &site->variability, diags))
        site->variability = (Variability){VARIABILITY_NONE, 0.0};
}

static void load_spared(Arena *arena, const YamlNode *node, Driver *driver, Diags *diags)
{
    if (node == NULL || !yaml_is(node, YAML_LIST, "'spares'", diags))
        return;
    const char **spares = NEW_ARRAY(arena, const char *, node->n);
    for (size_t i = 0; i < node->n; i++)
        if (!yaml_text(node->items[i], "a skeletal site", &spares[i], diags))
            spares[i] = "";
    driver->spares = spares;
    driver->n_spares = node->n;
}

static void load_driver(Arena *arena, const YamlPair *pair, Driver *driver, Diags *diags)
{
    const char *what = arena_print(arena, "the driver '%s'", pair->key->text);
    *driver = (Driver){.name = pair->key->text};
    if (!yaml_is(pair->value, YAML_MAP, what, diags))
        return;
    fields_read(&fields_of_driver, pair->value, what, driver, diags);
    load_spared(arena, yaml_find(pair->value, "spares"), driver, diags);
    const YamlNode *node = yaml_find(pair->value, "sites");
    if (node == NULL && !driver->germline)
        (void)yaml_need(pair->value, "sites", what, diags);
    if (node == NULL || !yaml_is(node, YAML_MAP, "'sites'", diags))
        return;
    if (node->n > MAX_DRIVER_SITES) {
        diag_error(diags, "plan.too-many", node->where, NULL, "%s has %zu sites, more than %d", what, node->n,
                   MAX_DRIVER_SITES);
        return;
    }
    DriverCells *sites = NEW_ARRAY(arena, DriverCells, node->n);
    for (size_t i = 0; i < node->n; i++)
        load_driver_cells(arena, &node->pairs[i], &sites[i], diags);
    driver->cells = sites;
    driver->n_cells = node->n;
}

bool drivers_build(Arena *arena, const YamlNode *root, const Drivers **ret_drivers, Diags *diags)
{
    size_t errors = diags->n_errors;
    if (!yaml_is(root, YAML_MAP, "a drivers file", diags))
        return false;
    fields_check(&fields_of_drivers, root, "a drivers file", diags);
    const YamlNode *node = yaml_need(root, "drivers", "a drivers file", diags);
    if (node == NULL || !yaml_is(node, YAML_MAP, "'drivers'", diags))
        return false;
    if (node->n > MAX_DRIVERS)
        return diag_error(diags, "plan.too-many", node->where, NULL, "the file has %zu drivers, more than %d", node->n,
                          MAX_DRIVERS);
    Drivers *drivers = NEW(arena, Drivers);
    Driver *list = NEW_ARRAY(arena, Driver, node->n);
    for (size_t i = 0; i < node->n; i++)
        load_driver(arena, &node->pairs[i], &list[i], diags);
    *drivers =
        (Drivers){.path = root->where.source->path, .text = root->where.source->text, .drivers = list, .n = node->n};
    if (diags->n_errors != errors)
        return false;
    *ret_drivers = drivers;
    return true;
}

bool drivers_load(Arena *arena, const char *path, const Drivers **ret_drivers, Diags *diags)
{
    const YamlNode *root;
    return yaml_load(arena, path, &root, diags) && drivers_build(arena, root, ret_drivers, diags);
}
