/* SPDX-License-Identifier: Apache-2.0
 *
 * A cohort's genotype: genes with alleles and transgenes, drivers, efficiency, induction.
 */
#include <math.h>
#include <string.h>

#include "plan/plan_priv.h"

typedef VEC(GeneGenotype) Genes;
typedef VEC(const Driver *) DriverList;
typedef VEC(EfficiencyOverride) Overrides;

static void read_alleles(PlanLoader *loader, const YamlNode *node, const Gene *gene, GeneGenotype *genotype)
{
    const char *text;
    if (!yaml_text(node, arena_print(loader->arena, "the alleles of '%s'", gene->name), &text, loader->diags))
        return;
    if (!alleles_parse(text, genotype->alleles))
        diag_error(loader->diags, "plan.alleles", node->where,
                   "write two of +, fl and -, as in '+/+', 'fl/fl', 'fl/-' or '-/-'",
                   "'%s' is not a pair of alleles of '%s'", text, gene->name);
}

/* A site, or 'all': wherever the wild type expresses the gene. */
static void mark_site(PlanLoader *loader, const YamlNode *node, const Gene *gene, bool *expressed_at)
{
    const char *name;
    if (!yaml_text(node, arena_print(loader->arena, "a site of '%s'", gene->name), &name, loader->diags))
        return;
    const GeneCells *site = gene_find_cells(gene, name);
    if (site != NULL)
        expressed_at[site - gene->cells] = true;
    else if (text_equal(name, "all"))
        for (size_t s = 0; s < gene->n_cells; s++)
            expressed_at[s] = expressed_at[s] || gene->cells[s].endogenous > 0.0;
    else
        diag_error(loader->diags, "plan.unknown-site", node->where,
                   model_suggest_named(loader->diags, name, gene->cells, gene->n_cells, sizeof(GeneCells)),
                   "'%s' is not a site of '%s' in the model '%s'", name, gene->name, loader->plan->model->name);
}

static const bool *read_cells_of(PlanLoader *loader, const YamlNode *in, const Gene *gene, const char *what)
{
    bool *expressed_at = NEW_ARRAY(loader->arena, bool, gene->n_cells);
    if (in->kind == YAML_LIST && in->n == 0)
        diag_error(loader->diags, "plan.unknown-site", in->where, NULL, "%s is at no site", what);
    for (size_t i = 0; in->kind == YAML_LIST && i < in->n; i++)
        mark_site(loader, in->items[i], gene, expressed_at);
    if (in->kind != YAML_LIST)
        mark_site(loader, in, gene, expressed_at);
    return expressed_at;
}

/* {overexpress: 10, in: liver} is a transgene; {delete: 0.9, in: osteocyte} is what an ideal driver would leave. */
static void read_change_of_gene(PlanLoader *loader, const YamlNode *node, const Gene *gene, GeneGenotype *genotype)
{
    const YamlNode *fold = yaml_find(node, "overexpress"), *lost = yaml_find(node, "delete");
    const YamlNode *in = yaml_find(node, "in");
    if (fold == NULL && lost == NULL && in == NULL)
        return;
    const char *what =
        arena_print(loader->arena, lost != NULL ? "the deletion of '%s'" : "the transgene of '%s'", gene->name);
    if (fold != NULL && lost != NULL)
        diag_error(loader->diags, "plan.genotype", lost->where, "make two cohorts of it",
                   "'overexpress' and 'delete' of '%s' would share their sites", gene->name);
    if (lost == NULL)
        fold = yaml_need(node, "overexpress", what, loader->diags);
    in = yaml_need(node, "in", what, loader->diags);
    if (fold != NULL && !yaml_number(fold, arena_print(loader->arena, "'overexpress' of '%s'", gene->name), 1.0, 1e6,
                                     &genotype->fold, loader->diags))
        genotype->fold = 1.0;
    if (lost != NULL && !yaml_number(lost, arena_print(loader->arena, "'delete' of '%s'", gene->name), 0.0, 1.0,
                                     &genotype->deleted, loader->diags))
        genotype->deleted = 0.0;
    if (in != NULL)
        *(lost != NULL ? &genotype->deleted_at : &genotype->expressed_at) = read_cells_of(loader, in, gene, what);
}

static void read_gene(PlanLoader *loader, const YamlPair *pair, Genes *genes)
{
    const Model *model = loader->plan->model;
    const Gene *gene = model_find_gene(model, pair->key->text);
    if (gene == NULL) {
        const char *hint =
            model_suggest_named(loader->diags, pair->key->text, model->genes, model->n_genes, sizeof(Gene));
        if (hint == NULL && model->n_genes == 0)
            hint = "the model declares no genes";
        diag_error(loader->diags, "plan.unknown-gene", pair->key->where, hint, "'%s' is not a gene of the model '%s'",
                   pair->key->text, model->name);
        return;
    }
    GeneGenotype genotype = {.gene = gene, .fold = 1.0};
    if (pair->value->kind == YAML_MAP) {
        fields_check(&fields_of_genotype_gene, pair->value, "a genotype", loader->diags);
        const YamlNode *alleles = yaml_find(pair->value, "alleles");
        if (alleles != NULL)
            read_alleles(loader, alleles, gene, &genotype);
        read_change_of_gene(loader, pair->value, gene, &genotype);
    } else {
        read_alleles(loader, pair->value, gene, &genotype);
    }
    *vec_push(loader->arena, genes) = genotype;
}

static bool need_drivers(PlanLoader *loader, const YamlNode *node)
{
    if (loader->plan->drivers != NULL)
        return true;
    if (loader->drivers_path == NULL)
        return diag_error(loader->diags, "plan.no-drivers", node->where,
                          "add 'drivers: <path>' to the experiment, or put drivers.yaml beside the model",
                          "there is no drivers file to look up a driver in");
    return drivers_load(loader->arena, loader->drivers_path, &loader->plan->drivers, loader->diags);
}

static void read_driver(PlanLoader *loader, const YamlNode *node, DriverList *list)
{
    const char *name;
    if (!yaml_text(node, "'cre'", &name, loader->diags) || !need_drivers(loader, node))
        return;
    const Drivers *drivers = loader->plan->drivers;
    for (size_t i = 0; i < list->n; i++)
        if (text_equal(list->items[i]->name, name)) {
            diag_error(loader->diags, "plan.duplicate-driver", node->where, NULL, "the driver '%s' is named twice",
                       name);
            return;
        }
    for (size_t i = 0; i < drivers->n; i++)
        if (text_equal(drivers->drivers[i].name, name)) {
            *vec_push(loader->arena, list) = &drivers->drivers[i];
            return;
        }
    diag_error(loader->diags, "plan.unknown-driver", node->where,
               model_suggest_named(loader->diags, name, drivers->drivers, drivers->n, sizeof(Driver)),
               "'%s' is not a driver in '%s'", name, drivers->path);
}

static bool has_cells(const DriverList *drivers, const char *name)
{
    for (size_t d = 0; d < drivers->n; d++)
        for (size_t s = 0; s < drivers->items[d]->n_cells; s++)
            if (text_equal(drivers->items[d]->cells[s].name, name))
                return true;
    return false;
}

static const char *suggest_cells(PlanLoader *loader, const DriverList *drivers, const char *name)
{
    const char *hint = NULL;
    for (size_t d = 0; hint == NULL && d < drivers->n; d++)
        hint = model_suggest_named(loader->diags, name, drivers->items[d]->cells, drivers->items[d]->n_cells,
                                   sizeof(DriverCells));
    return hint;
}

static void read_efficiency(PlanLoader *loader, const YamlNode *node, const DriverList *drivers, Overrides *overrides)
{
    EfficiencyOverride all = {0};
    if (node->kind != YAML_MAP) {
        if (yaml_number(node, "'efficiency'", 0.0, 1.0, &all.efficiency, loader->diags))
            *vec_push(loader->arena, overrides) = all;
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        EfficiencyOverride one = {.cells = node->pairs[i].key->text};
        if (!has_cells(drivers, one.cells))
            diag_error(loader->diags, "plan.unknown-site", node->pairs[i].key->where,
                       suggest_cells(loader, drivers, one.cells), "no driver of this genotype acts at the site '%s'",
                       one.cells);
        else if (yaml_number(node->pairs[i].value, arena_print(loader->arena, "the efficiency at '%s'", one.cells), 0.0,
                             1.0, &one.efficiency, loader->diags))
            *vec_push(loader->arena, overrides) = one;
    }
}

static bool has_floxed(const Genotype *genotype)
{
    for (size_t i = 0; i < genotype->n_genes; i++)
        if (genotype->genes[i].alleles[0] == ALLELE_FLOXED || genotype->genes[i].alleles[1] == ALLELE_FLOXED)
            return true;
    return false;
}

/* Does a driver act at a site of a floxed gene? */
static bool reaches(const Driver *driver, const Genotype *genotype)
{
    for (size_t g = 0; g < genotype->n_genes; g++) {
        const GeneGenotype *gene = &genotype->genes[g];
        bool floxed = gene->alleles[0] == ALLELE_FLOXED || gene->alleles[1] == ALLELE_FLOXED;
        for (size_t s = 0; floxed && s < driver->n_cells; s++)
            if (gene_find_cells(gene->gene, driver->cells[s].name) != NULL)
                return true;
        if (floxed && driver->germline)
            return true;
    }
    return false;
}

static void check_reach(PlanLoader *loader, const YamlNode *cre, const Genotype *genotype)
{
    for (size_t i = 0; i < genotype->n_drivers; i++) {
        const YamlNode *named = cre->kind == YAML_LIST && cre->n == genotype->n_drivers ? cre->items[i] : cre;
        if (has_floxed(genotype) && !reaches(genotype->drivers[i], genotype))
            diag_error(loader->diags, "plan.unreached", named->where,
                       "'marblebone show MODEL' lists the sites of its genes",
                       "'%s' deletes nothing: the model '%s' has none of its cells as a site of a floxed gene",
                       genotype->drivers[i]->name, loader->plan->model->name);
    }
}

static void check_drivers(PlanLoader *loader, const YamlNode *node, const YamlNode *cre, const Genotype *genotype)
{
    const YamlNode *induce = yaml_find(node, "induce");
    const Driver *inducible = NULL;
    for (size_t i = 0; i < genotype->n_drivers; i++)
        if (genotype->drivers[i]->inducer != NULL)
            inducible = genotype->drivers[i];
    if (inducible != NULL && induce == NULL)
        diag_error(loader->diags, "plan.not-induced", cre->where, "add 'induce: 12 wk'",
                   "'%s' deletes only after %s, but the genotype does not say when that is given", inducible->name,
                   inducible->inducer);
    for (size_t i = 0; i < genotype->n_drivers && genotype->n_overrides > 0; i++)
        if (genotype->drivers[i]->germline)
            diag_error(loader->diags, "plan.germline", cre->where, "leave out 'efficiency', or name the sites' driver",
                       "'%s' recombines every cell of every site: it has no other efficiency",
                       genotype->drivers[i]->name);
    if (inducible == NULL && induce != NULL)
        diag_error(loader->diags, "plan.not-inducible", induce->where, NULL,
                   "'induce' has no effect: no driver of this genotype is inducible");
    if (cre != NULL && genotype->n_drivers > 0 && !has_floxed(genotype))
        diag_warn(loader->diags, "plan.nothing-floxed", cre->where, "write 'fl/fl' for the gene that it is to delete",
                  "a driver without a floxed allele deletes nothing");
    if (cre != NULL)
        check_reach(loader, cre, genotype);
}

static bool is_driver_key(const char *key)
{
    for (size_t i = 0; i < fields_of_genotype_driver.n; i++)
        if (text_equal(key, fields_of_genotype_driver.fields[i].key))
            return true;
    return false;
}

void load_genotype(PlanLoader *loader, const YamlNode *node, Cohort *cohort)
{
    Genotype *genotype = &cohort->genotype;
    genotype->induce = NAN;
    if (node == NULL || !yaml_is(node, YAML_MAP, "'genotype'", loader->diags))
        return;
    Genes genes = {0};
    DriverList drivers = {0};
    Overrides overrides = {0};
    for (size_t i = 0; i < node->n; i++)
        if (!is_driver_key(node->pairs[i].key->text))
            read_gene(loader, &node->pairs[i], &genes);
    const YamlNode *cre = yaml_find(node, "cre"), *efficiency = yaml_find(node, "efficiency");
    const YamlNode *induce = yaml_find(node, "induce");
    if (cre != NULL && cre->kind == YAML_LIST)
        for (size_t i = 0; i < cre->n; i++)
            read_driver(loader, cre->items[i], &drivers);
    else if (cre != NULL)
        read_driver(loader, cre, &drivers);
    if (efficiency != NULL && cre == NULL)
        diag_error(loader->diags, "plan.no-driver", efficiency->where, "add 'cre: <driver>'",
                   "'efficiency' has no effect without a driver");
    else if (efficiency != NULL)
        read_efficiency(loader, efficiency, &drivers, &overrides);
    if (induce != NULL)
        genotype->induce = plan_time(loader, induce, "'induce'");
    genotype->genes = genes.items;
    genotype->n_genes = genes.n;
    genotype->drivers = drivers.items;
    genotype->n_drivers = drivers.n;
    genotype->overrides = overrides.items;
    genotype->n_overrides = overrides.n;
    check_drivers(loader, node, cre, genotype);
}
