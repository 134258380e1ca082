/* SPDX-License-Identifier: Apache-2.0
 *
 * A cohort in words and as JSON, for the database and for people. Numbers are the resolved ones, in the model's units.
 */
#include <math.h>

#include "plan/plan_priv.h"

const char *plan_site_name(const Option *site)
{
    return site != NULL ? site->name : "";
}

static void print_number(Text *text, double value)
{
    char number[NUMBER_TEXT];
    text_print(text, "%s", number_show(value, number));
}

static void name_sites(const GeneGenotype *gene, const bool *at_site, bool as_json, Text *text)
{
    bool first = true;
    for (size_t s = 0; s < gene->gene->n_sites; s++) {
        if (!at_site[s])
            continue;
        text_print(text, "%s", first ? "" : as_json ? "," : ", ");
        if (as_json)
            text_add_json(text, gene->gene->sites[s].name);
        else
            text_print(text, "%s", gene->gene->sites[s].name);
        first = false;
    }
}

static const char *genotype_in_words(PlanLoader *loader, const Genotype *genotype)
{
    Text text = text_new(loader->arena);
    for (size_t i = 0; i < genotype->n_genes; i++) {
        const GeneGenotype *gene = &genotype->genes[i];
        text_print(&text, "%s%s %s/%s", i > 0 ? "; " : "", gene->gene->name, allele_show(gene->alleles[0]),
                   allele_show(gene->alleles[1]));
        if (gene->at_site != NULL) {
            text_print(&text, " Tg(x%g in ", gene->fold);
            name_sites(gene, gene->at_site, false, &text);
            text_print(&text, ")");
        }
        if (gene->deleted_at != NULL) {
            text_print(&text, " less %g in ", gene->deleted);
            name_sites(gene, gene->deleted_at, false, &text);
        }
    }
    for (size_t i = 0; i < genotype->n_drivers; i++)
        text_print(&text, "%s%s", text.length > 0 ? "; " : "", genotype->drivers[i]->name);
    for (size_t i = 0; i < genotype->n_overrides; i++)
        text_print(&text, "; efficiency %g%s%s", genotype->overrides[i].efficiency,
                   genotype->overrides[i].site != NULL ? " in " : "",
                   genotype->overrides[i].site != NULL ? genotype->overrides[i].site : "");
    if (!isnan(genotype->induce))
        text_print(&text, "; induced at %g %s", genotype->induce, loader->plan->model->time_text);
    return text.length > 0 ? text_string(&text) : "wild type";
}

static const char *genotype_in_json(PlanLoader *loader, const Genotype *genotype)
{
    Text text = text_new(loader->arena);
    text_print(&text, "{\"genes\":{");
    for (size_t i = 0; i < genotype->n_genes; i++) {
        const GeneGenotype *gene = &genotype->genes[i];
        text_print(&text, "%s", i > 0 ? "," : "");
        text_add_json(&text, gene->gene->name);
        text_print(&text, ":{\"alleles\":\"%s/%s\"", allele_show(gene->alleles[0]), allele_show(gene->alleles[1]));
        if (gene->at_site != NULL) {
            text_print(&text, ",\"overexpress\":");
            print_number(&text, gene->fold);
            text_print(&text, ",\"in\":[");
            name_sites(gene, gene->at_site, true, &text);
            text_print(&text, "]");
        }
        if (gene->deleted_at != NULL) {
            text_print(&text, ",\"delete\":");
            print_number(&text, gene->deleted);
            text_print(&text, ",\"in\":[");
            name_sites(gene, gene->deleted_at, true, &text);
            text_print(&text, "]");
        }
        text_print(&text, "}");
    }
    text_print(&text, "},\"cre\":[");
    for (size_t i = 0; i < genotype->n_drivers; i++) {
        text_print(&text, "%s", i > 0 ? "," : "");
        text_add_json(&text, genotype->drivers[i]->name);
    }
    text_print(&text, "],\"efficiency\":{");
    for (size_t i = 0; i < genotype->n_overrides; i++) {
        text_print(&text, "%s", i > 0 ? "," : "");
        text_add_json(&text, genotype->overrides[i].site != NULL ? genotype->overrides[i].site : "*");
        text_print(&text, ":");
        print_number(&text, genotype->overrides[i].efficiency);
    }
    text_print(&text, "}");
    if (!isnan(genotype->induce)) {
        text_print(&text, ",\"induce\":");
        print_number(&text, genotype->induce);
    }
    text_print(&text, "}");
    return text_string(&text);
}

static void dose_in_words(const Model *model, const Dose *dose, Text *text)
{
    const Drug *drug = &model->drugs[dose->drug];
    text_print(text, "%s%s %g %s at %g %s", text->length > 0 ? "; " : "", drug->name, dose->dose, drug->unit_text,
               dose->time, model->time_text);
    if (dose->duration > 0.0)
        text_print(text, " over %g %s", dose->duration, model->time_text);
}

static const char *treatment_in_words(PlanLoader *loader, const Cohort *cohort)
{
    enum { SHOWN = 6 };
    const Model *model = loader->plan->model;
    Text text = text_new(loader->arena);
    for (size_t i = 0; i < cohort->n_procedures; i++) {
        const ProcedureUse *use = &cohort->procedures[i];
        text_print(&text, "%s%s at %g %s", i > 0 ? "; " : "", use->procedure->name, use->from, model->time_text);
        if (isfinite(use->until))
            text_print(&text, " until %g %s", use->until, model->time_text);
    }
    for (size_t i = 0; i < cohort->n_doses && i < SHOWN; i++)
        dose_in_words(model, &cohort->doses[i], &text);
    if (cohort->n_doses > SHOWN)
        text_print(&text, "; and %zu more doses", cohort->n_doses - SHOWN);
    for (size_t i = 0; i < cohort->n_perturbations; i++) {
        const Perturbation *p = &cohort->perturbations[i];
        const Parameter *parameter = &model->parameters[p->change.parameter];
        bool has_unit = !p->change.scales && !text_equal(parameter->unit_text, "1");
        text_print(&text, "%s%s %s %g%s%s", text.length > 0 ? "; " : "", parameter->name, p->change.scales ? "x" : "=",
                   p->change.value, has_unit ? " " : "", has_unit ? parameter->unit_text : "");
        if (isfinite(p->from))
            text_print(&text, " from %g", p->from);
        if (isfinite(p->until))
            text_print(&text, " to %g", p->until);
        if (isfinite(p->from) || isfinite(p->until))
            text_print(&text, " %s", model->time_text);
    }
    return text.length > 0 ? text_string(&text) : "none";
}

static void json_field(Text *text, const char *name, double value)
{
    text_print(text, ",\"%s\":", name);
    print_number(text, value);
}

static const char *treatment_in_json(PlanLoader *loader, const Cohort *cohort)
{
    const Model *model = loader->plan->model;
    Text text = text_new(loader->arena);
    text_print(&text, "{\"doses\":[");
    for (size_t i = 0; i < cohort->n_doses; i++) {
        const Dose *dose = &cohort->doses[i];
        text_print(&text, "%s{\"drug\":", i > 0 ? "," : "");
        text_add_json(&text, model->drugs[dose->drug].name);
        json_field(&text, "dose", dose->dose);
        text_print(&text, ",\"unit\":");
        text_add_json(&text, model->drugs[dose->drug].unit_text);
        json_field(&text, "time", dose->time);
        json_field(&text, "duration", dose->duration);
        text_print(&text, "}");
    }
    text_print(&text, "],\"procedures\":[");
    for (size_t i = 0; i < cohort->n_procedures; i++) {
        const ProcedureUse *use = &cohort->procedures[i];
        text_print(&text, "%s{\"procedure\":", i > 0 ? "," : "");
        text_add_json(&text, use->procedure->name);
        json_field(&text, "from", use->from);
        if (isfinite(use->until))
            json_field(&text, "until", use->until);
        text_print(&text, "}");
    }
    text_print(&text, "],\"perturb\":[");
    for (size_t i = 0; i < cohort->n_perturbations; i++) {
        const Perturbation *p = &cohort->perturbations[i];
        text_print(&text, "%s{\"parameter\":", i > 0 ? "," : "");
        text_add_json(&text, model->parameters[p->change.parameter].name);
        json_field(&text, p->change.scales ? "factor" : "value", p->change.value);
        if (isfinite(p->from))
            json_field(&text, "from", p->from);
        if (isfinite(p->until))
            json_field(&text, "until", p->until);
        text_print(&text, "}");
    }
    text_print(&text, "]}");
    return text_string(&text);
}

static const char *settings_in_json(PlanLoader *loader, const Cohort *cohort)
{
    const Model *model = loader->plan->model;
    Text text = text_new(loader->arena);
    text_print(&text, "{");
    for (size_t i = 0; i < model->n_settings; i++) {
        text_print(&text, "%s", i > 0 ? "," : "");
        text_add_json(&text, model->settings[i].name);
        text_print(&text, ":");
        if (cohort->options[i] != NULL) {
            text_add_json(&text, cohort->options[i]->name);
            continue;
        }
        text_print(&text, "[");
        for (size_t s = 0; s < cohort->n_sites; s++) {
            text_print(&text, "%s", s > 0 ? "," : "");
            text_add_json(&text, plan_site_name(cohort->sites[s]));
        }
        text_print(&text, "]");
    }
    text_print(&text, "}");
    return text_string(&text);
}

void describe_cohort(PlanLoader *loader, Cohort *cohort)
{
    cohort->genotype_text = genotype_in_words(loader, &cohort->genotype);
    cohort->genotype_json = genotype_in_json(loader, &cohort->genotype);
    cohort->treatment_text = treatment_in_words(loader, cohort);
    cohort->treatment_json = treatment_in_json(loader, cohort);
    cohort->settings_json = settings_in_json(loader, cohort);
}
