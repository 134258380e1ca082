/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes a cohort apart into parts with their details. Each function below lists the details of one kind of part; a line
 * says how the detail is called in the key, in JSON, and what stands before it in words.
 */
#include <math.h>

#include "plan/parts.h"

/* ---- Details ---- */

static Detail *part_add_detail(Part *part, const char *key, const char *json, const char *words)
{
    ASSERT(part->n < MAX_DETAILS);
    Detail *detail = &part->details[part->n++];
    *detail = (Detail){.key = key, .json = json, .words = words};
    return detail;
}

static Detail *part_add_number(Part *part, const char *key, const char *json, const char *words, double number)
{
    Detail *detail = part_add_detail(part, key, json, words);
    detail->kind = DETAIL_NUMBER;
    detail->number = number;
    return detail;
}

static Detail *part_add_text(Part *part, const char *key, const char *json, const char *words, const char *text)
{
    Detail *detail = part_add_detail(part, key, json, words);
    detail->kind = DETAIL_TEXT;
    detail->text = text;
    return detail;
}

/* The caller fills in the names. */
static Detail *part_add_names(Part *part, const char *key, const char *json, const char *words)
{
    Detail *detail = part_add_detail(part, key, json, words);
    detail->kind = DETAIL_NAMES;
    return detail;
}

/* ---- Parts ---- */

/* Random draws depend on the name; on the number of animals it depends which of them share the last batch. */
static void cohort_part(const Cohort *cohort, Part *part)
{
    part_add_text(part, "cohort", NULL, NULL, cohort->name);
    part_add_number(part, "animals", NULL, NULL, (double)cohort->n_animals);
}

/* The option of a setting; of the setting `site` the skeletal sites. */
static void setting_part(Arena *arena, const Setting *setting, const Option *option, const Cohort *cohort, Part *part)
{
    part_add_text(part, "setting", JSON_NAME, NULL, setting->name);
    if (option != NULL) {
        part_add_text(part, "option", "option", NULL, option->name);
        return;
    }
    const char **names = NEW_ARRAY(arena, const char *, cohort->n_sites);
    for (size_t i = 0; i < cohort->n_sites; i++)
        names[i] = plan_site_name(cohort->sites[i]);
    Detail *sites = part_add_names(part, "skeletal-sites", "sites", NULL);
    sites->names = names;
    sites->n_names = cohort->n_sites;
}

/* The names of the cell types of a gene that are marked. */
static void name_gene_cells(Arena *arena, const Gene *gene, const bool *marked, Detail *detail)
{
    const char **names = NEW_ARRAY(arena, const char *, gene->n_cells);
    for (size_t i = 0; i < gene->n_cells; i++)
        if (marked != NULL && marked[i])
            names[detail->n_names++] = gene->cells[i].name;
    detail->names = names;
}

static void gene_part(Arena *arena, const GeneGenotype *genotype, Part *part)
{
    const Gene *gene = genotype->gene;
    bool expressed = genotype->expressed_at != NULL, less = genotype->deleted_at != NULL;
    const char *alleles =
        arena_print(arena, "%s/%s", allele_show(genotype->alleles[0]), allele_show(genotype->alleles[1]));
    part_add_text(part, "gene", JSON_NAME, "", gene->name);
    part_add_text(part, "alleles", "alleles", " ", alleles);
    part_add_number(part, "fold", expressed ? "overexpress" : NULL, expressed ? " Tg(x" : NULL, genotype->fold);
    Detail *where = part_add_names(part, "expressed-in", expressed ? "in" : NULL, expressed ? " in " : NULL);
    where->close = ")";
    name_gene_cells(arena, gene, genotype->expressed_at, where);
    part_add_number(part, "deleted", less ? "delete" : NULL, less ? " less " : NULL, genotype->deleted);
    where = part_add_names(part, "deleted-in", less ? "in" : NULL, less ? " in " : NULL);
    name_gene_cells(arena, gene, genotype->deleted_at, where);
}

static void driver_part(const Driver *driver, Part *part)
{
    part_add_text(part, "driver", "driver", "", driver->name);
    part_add_number(part, "germline", NULL, NULL, driver->germline ? 1.0 : 0.0);
    part_add_number(part, "inducible", NULL, NULL, driver->inducer != NULL ? 1.0 : 0.0);
    Detail *spares = part_add_names(part, "spares", NULL, NULL);
    spares->names = driver->spares;
    spares->n_names = driver->n_spares;
}

/* `index` counts the cell types of all drivers, one driver after the other. */
static void driver_cells_part(const Genotype *genotype, size_t index, Part *part)
{
    size_t d = 0;
    for (; index >= genotype->drivers[d]->n_cells; d++)
        index -= genotype->drivers[d]->n_cells;
    const DriverCells *cells = &genotype->drivers[d]->cells[index];
    part_add_text(part, "active", NULL, NULL, genotype->drivers[d]->name);
    part_add_text(part, "in", NULL, NULL, cells->name);
    part_add_number(part, "efficiency", NULL, NULL, cells->efficiency);
    part_add_number(part, "variability", NULL, NULL, cells->variability.kind);
    part_add_number(part, "spread", NULL, NULL, cells->variability.spread);
}

static void override_part(const EfficiencyOverride *override, Part *part)
{
    part_add_number(part, "override", "efficiency", "efficiency ", override->efficiency);
    part_add_text(part, "in", JSON_NAME, override->cells != NULL ? " in " : NULL, override->cells);
}

static void dose_part(const Model *model, const Dose *dose, Part *part)
{
    const Drug *drug = &model->drugs[dose->drug];
    part_add_text(part, "drug", "drug", "", drug->name);
    part_add_number(part, "dose", "dose", " ", dose->dose);
    part_add_text(part, "unit", "unit", " ", drug->unit_text);
    part_add_number(part, "time", "time", " at ", dose->time)->unit = model->time_text;
    part_add_number(part, "duration", "duration", dose->duration > 0.0 ? " over " : NULL, dose->duration)->unit =
        model->time_text;
}

static void procedure_part(const Model *model, const ProcedureUse *use, Part *part)
{
    bool ends = isfinite(use->until);
    part_add_text(part, "procedure", "procedure", "", use->procedure->name);
    part_add_number(part, "from", "from", " at ", use->from)->unit = model->time_text;
    part_add_number(part, "until", ends ? "until" : NULL, ends ? " until " : NULL, use->until)->unit = model->time_text;
}

static void perturbation_part(const Model *model, const Perturbation *perturbation, Part *part)
{
    const Parameter *parameter = &model->parameters[perturbation->change.parameter];
    bool scales = perturbation->change.scales, begins = isfinite(perturbation->from);
    bool ends = isfinite(perturbation->until), has_unit = !scales && !text_equal(parameter->unit_text, "1");
    const char *change = scales ? "factor" : "value";
    part_add_text(part, "parameter", "parameter", "", parameter->name);
    Detail *value = part_add_number(part, change, change, scales ? " x " : " = ", perturbation->change.value);
    value->unit = has_unit ? parameter->unit_text : NULL;
    Detail *from = part_add_number(part, "from", begins ? "from" : NULL, begins ? " from " : NULL, perturbation->from);
    from->unit = ends ? NULL : model->time_text; /* "from 1 to 2 day": the unit once, at the end */
    part_add_number(part, "until", ends ? "until" : NULL, ends ? " to " : NULL, perturbation->until)->unit =
        model->time_text;
}

/* ---- All of them ---- */

size_t part_count(const Model *model, const Cohort *cohort, PartKind kind)
{
    const Genotype *genotype = &cohort->genotype;
    size_t n_cells = 0;
    switch (kind) {
    case PART_COHORT: return 1;
    case PART_SETTING: return model->n_settings;
    case PART_GENE: return genotype->n_genes;
    case PART_DRIVER: return genotype->n_drivers;
    case PART_DRIVER_CELLS:
        for (size_t i = 0; i < genotype->n_drivers; i++)
            n_cells += genotype->drivers[i]->n_cells;
        return n_cells;
    case PART_OVERRIDE: return genotype->n_overrides;
    case PART_INDUCTION: return isnan(genotype->induce) ? 0u : 1u;
    case PART_DOSE: return cohort->n_doses;
    case PART_PROCEDURE: return cohort->n_procedures;
    case PART_PERTURBATION: return cohort->n_perturbations;
    }
    return 0;
}

Part part_get(Arena *arena, const Model *model, const Cohort *cohort, PartKind kind, size_t index)
{
    const Genotype *genotype = &cohort->genotype;
    Part part = {.n = 0};
    switch (kind) {
    case PART_COHORT: cohort_part(cohort, &part); break;
    case PART_SETTING: setting_part(arena, &model->settings[index], cohort->options[index], cohort, &part); break;
    case PART_GENE: gene_part(arena, &genotype->genes[index], &part); break;
    case PART_DRIVER: driver_part(genotype->drivers[index], &part); break;
    case PART_DRIVER_CELLS: driver_cells_part(genotype, index, &part); break;
    case PART_OVERRIDE: override_part(&genotype->overrides[index], &part); break;
    case PART_INDUCTION:
        part_add_number(&part, "induce", "induce", "induced at ", genotype->induce)->unit = model->time_text;
        break;
    case PART_DOSE: dose_part(model, &cohort->doses[index], &part); break;
    case PART_PROCEDURE: procedure_part(model, &cohort->procedures[index], &part); break;
    case PART_PERTURBATION: perturbation_part(model, &cohort->perturbations[index], &part); break;
    }
    return part;
}
