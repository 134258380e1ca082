/* SPDX-License-Identifier: Apache-2.0
 *
 * What is done to a cohort: doses, procedures, perturbations.
 */
#include <math.h>
#include <stdlib.h>

#include "plan/plan_priv.h"

typedef VEC(Dose) Doses;
typedef VEC(ProcedureUse) Uses;
typedef VEC(Perturbation) Perturbations;

double plan_duration(PlanLoader *loader, const YamlNode *node, const char *what)
{
    return model_duration_read(loader->units, loader->plan->model->time, node, what, "plan.time", loader->diags);
}

double plan_time(PlanLoader *loader, const YamlNode *node, const char *what)
{
    double time = plan_duration(loader, node, what);
    if (time >= 0.0 || isnan(time))
        return time;
    bool age = loader->plan->model->clock_is_age;
    diag_error(loader->diags, "plan.before-start", node->where,
               age ? "ages count from birth" : "times count from the start of the simulation", "%s '%s' is before %s",
               what, node->text, age ? "birth" : "the start");
    return NAN;
}

static double positive_duration(PlanLoader *loader, const YamlNode *node, const char *what)
{
    double duration = plan_duration(loader, node, what);
    if (duration > 0.0 || isnan(duration))
        return duration;
    diag_error(loader->diags, "plan.time", node->where, NULL, "%s '%s' is not positive", what, node->text);
    return NAN;
}

static bool read_amount(PlanLoader *loader, const YamlNode *node, const Drug *drug, Unit unit, const char *unit_text,
                        double *ret_amount)
{
    Quantity quantity;
    const char *text, *reason, *what = arena_print(loader->arena, "the dose of '%s'", drug->name);
    const char *hint = arena_print(loader->arena, "write a number and a unit, such as '5 %s'", unit_text);
    if (!yaml_text(node, what, &text, loader->diags))
        return false;
    if (!quantity_parse(loader->units, text, &quantity, &reason))
        return diag_error(loader->diags, "plan.dose", node->where, hint, "%s '%s' %s", what, text, reason);
    bool needs_unit = !text_equal(unit_text, "1") && text_equal(quantity.unit_text, "1");
    if (needs_unit || !unit_converts(quantity.unit, unit))
        return diag_error(loader->diags, "plan.dose", node->where, hint, "%s '%s' does not convert to '%s'", what, text,
                          unit_text);
    if (quantity.value < 0.0)
        return diag_error(loader->diags, "plan.dose", node->where, NULL, "%s '%s' is negative", what, text);
    double amount = quantity.value * unit_factor(quantity.unit, unit);
    if (!isfinite(amount))
        return diag_error(loader->diags, "plan.dose", node->where, NULL, "%s '%s' is too large", what, text);
    *ret_amount = amount;
    return true;
}

static bool doses_fit(PlanLoader *loader, const YamlNode *node, size_t n)
{
    if (loader->n_all_doses + n <= MAX_DOSES)
        return true;
    return diag_error(loader->diags, "plan.too-many", node->where, plan_total_hint(loader),
                      "the experiment has more than %d doses", MAX_DOSES);
}

/* from, every, times | until: one dose, then one every so often. */
static void repeat_dose(PlanLoader *loader, const YamlNode *node, Dose first, Doses *doses)
{
    const YamlNode *every = yaml_need(node, "every", "a treatment with 'from'", loader->diags);
    const YamlNode *times = yaml_find(node, "times"), *until = yaml_find(node, "until");
    if (every == NULL)
        return;
    if ((times == NULL) == (until == NULL)) {
        diag_error(loader->diags, "plan.treatment", node->where, NULL,
                   "a repeated treatment needs either 'times' or 'until'");
        return;
    }
    double interval = positive_duration(loader, every, "'every'"), last = INFINITY;
    uint64_t most = MAX_DOSES;
    if (times != NULL && (!yaml_count(times, "'times'", 1, MAX_DOSES, &most, loader->diags) ||
                          !doses_fit(loader, node, doses->n + most)))
        return;
    if (until != NULL)
        last = plan_time(loader, until, "'until'");
    if (isnan(interval) || isnan(last))
        return;
    if (until != NULL && (last - first.time) / interval >= MAX_DOSES) {
        diag_error(loader->diags, "plan.too-many", until->where, NULL, "the experiment has more than %d doses",
                   MAX_DOSES);
        return;
    }
    for (uint64_t i = 0; i < most && doses_fit(loader, node, doses->n + 1); i++) {
        Dose dose = first;
        dose.time = first.time + (double)i * interval;
        if (dose.time > last && !number_same(dose.time, last)) /* 3 * 0.1 day is until 0.3 day */
            break;
        *vec_push(loader->arena, doses) = dose;
    }
}

/* rate, from, until: one long infusion. */
static void infuse(PlanLoader *loader, const YamlNode *node, const Drug *drug, Dose first, Doses *doses)
{
    const YamlNode *until = yaml_need(node, "until", "a treatment with 'rate'", loader->diags);
    Unit per_time = unit_over(drug->unit, loader->plan->model->time);
    const char *unit_text = arena_print(loader->arena, "%s/%s", drug->unit_text, loader->plan->model->time_text);
    double rate = 0.0, last = until != NULL ? plan_time(loader, until, "'until'") : (double)NAN;
    if (!read_amount(loader, yaml_find(node, "rate"), drug, per_time, unit_text, &rate) || until == NULL ||
        isnan(last) || isnan(first.time))
        return;
    if (last <= first.time) {
        diag_error(loader->diags, "plan.time", until->where, NULL, "'until' is not after 'from'");
        return;
    }
    first.duration = last - first.time;
    first.dose = rate * first.duration;
    *vec_push(loader->arena, doses) = first;
}

static const Drug *read_drug(PlanLoader *loader, const YamlNode *node)
{
    const Model *model = loader->plan->model;
    const YamlNode *drug = yaml_need(node, "drug", "a treatment", loader->diags);
    const char *name;
    if (drug == NULL || !yaml_text(drug, "'drug'", &name, loader->diags))
        return NULL;
    const Drug *found = model_find_drug(model, name);
    if (found == NULL)
        diag_error(loader->diags, "plan.unknown-drug", drug->where,
                   model_suggest_named(loader->diags, name, model->drugs, model->n_drugs, sizeof(Drug)),
                   "'%s' is not a drug of the model '%s'", name, model->name);
    return found;
}

/* The three forms of a treatment; a key of another form would silently do nothing. */
static bool keys_fit(PlanLoader *loader, const YamlNode *node)
{
    static const char *const once[] = {"drug", "dose", "at", "over"};
    static const char *const repeated[] = {"drug", "dose", "over", "from", "every", "times", "until"};
    static const char *const steady[] = {"drug", "rate", "from", "until"};
    bool is_steady = yaml_find(node, "rate") != NULL, is_once = !is_steady && yaml_find(node, "at") != NULL;
    const char *const *keys = is_steady ? steady : is_once ? once : repeated;
    size_t n = is_steady ? ARRAY_LENGTH(steady) : is_once ? ARRAY_LENGTH(once) : ARRAY_LENGTH(repeated);
    for (size_t i = 0; i < node->n; i++) {
        bool fits = false;
        for (size_t k = 0; k < n; k++)
            fits = fits || text_equal(node->pairs[i].key->text, keys[k]);
        if (!fits)
            return diag_error(
                loader->diags, "plan.treatment", node->pairs[i].key->where,
                "once: dose, at; repeatedly: dose, from, every, times or until; steadily: rate, from, until",
                "'%s' does not go with '%s' in a treatment", node->pairs[i].key->text,
                is_steady ? "rate"
                : is_once ? "at"
                          : "from");
    }
    return true;
}

static void read_treatment(PlanLoader *loader, const YamlNode *node, Doses *doses)
{
    if (!yaml_is(node, YAML_MAP, "a treatment", loader->diags))
        return;
    fields_check(&fields_of_treatment, node, "a treatment", loader->diags);
    const Drug *drug = read_drug(loader, node);
    const YamlNode *at = yaml_find(node, "at"), *from = yaml_find(node, "from"), *over = yaml_find(node, "over");
    if (drug == NULL)
        return;
    if ((at == NULL) == (from == NULL)) {
        diag_error(loader->diags, "plan.treatment", node->where,
                   "'at: 8 wk' once; 'from: 8 wk, every: 2 wk, times: 4' repeatedly",
                   "a treatment needs either 'at' or 'from'");
        return;
    }
    if (!keys_fit(loader, node))
        return;
    Dose first = {.drug = (uint32_t)(drug - loader->plan->model->drugs),
                  .time = plan_time(loader, at != NULL ? at : from, at != NULL ? "'at'" : "'from'")};
    if (yaml_find(node, "rate") != NULL) {
        infuse(loader, node, drug, first, doses);
        return;
    }
    const YamlNode *dose = yaml_need(node, "dose", "a treatment", loader->diags);
    if (over != NULL)
        first.duration = positive_duration(loader, over, "'over'");
    if (dose == NULL || !read_amount(loader, dose, drug, drug->unit, drug->unit_text, &first.dose) ||
        isnan(first.time) || isnan(first.duration))
        return;
    if (from != NULL)
        repeat_dose(loader, node, first, doses);
    else
        *vec_push(loader->arena, doses) = first;
}

/* By time; doses at one time stay in the order of the file. */
static int by_time(const void *a, const void *b)
{
    const Dose *x = a, *y = b;
    return x->time < y->time ? -1 : x->time > y->time ? 1 : x->order < y->order ? -1 : x->order > y->order;
}

void load_treatments(PlanLoader *loader, const YamlNode *node, Cohort *cohort)
{
    if (node == NULL || !yaml_is(node, YAML_LIST, "'treatments'", loader->diags))
        return;
    Doses doses = {0};
    size_t errors = loader->diags->n_errors;
    for (size_t i = 0; i < node->n && (loader->diags->n_errors == errors || !diags_full(loader->diags)); i++)
        read_treatment(loader, node->items[i], &doses);
    for (size_t i = 0; i < doses.n; i++)
        doses.items[i].order = i;
    if (doses.n > 1)
        qsort(doses.items, doses.n, sizeof *doses.items, by_time);
    cohort->doses = doses.items;
    cohort->n_doses = doses.n;
    if (doses_fit(loader, node, doses.n))
        loader->n_all_doses += doses.n;
}

static void read_procedure(PlanLoader *loader, const YamlNode *node, Uses *uses)
{
    const Model *model = loader->plan->model;
    ProcedureUse use = {.until = INFINITY};
    if (!yaml_is(node, YAML_MAP, "a procedure", loader->diags))
        return;
    for (size_t i = 0; i < node->n; i++) {
        const YamlPair *pair = &node->pairs[i];
        if (text_equal(pair->key->text, "until")) {
            use.until = plan_time(loader, pair->value, "'until'");
            continue;
        }
        const Procedure *found = model_find_procedure(model, pair->key->text);
        if (found == NULL || use.procedure != NULL) {
            diag_error(loader->diags, "plan.unknown-procedure", pair->key->where,
                       found != NULL ? "write one list item for each procedure"
                                     : model_suggest_named(loader->diags, pair->key->text, model->procedures,
                                                           model->n_procedures, sizeof(Procedure)),
                       found != NULL ? "'%s' is a second procedure in one list item"
                                     : "'%s' is not a procedure of the model '%s'",
                       pair->key->text, model->name);
            return;
        }
        use.procedure = found;
        use.from = plan_time(loader, pair->value, arena_print(loader->arena, "the time of '%s'", found->name));
    }
    if (use.procedure == NULL)
        diag_error(loader->diags, "plan.unknown-procedure", node->where, "write '{ovariectomy: 12 wk}'",
                   "a procedure without a name");
    else if (use.until <= use.from)
        diag_error(loader->diags, "plan.time", node->where, NULL, "'until' is not after the time of '%s'",
                   use.procedure->name);
    else
        *vec_push(loader->arena, uses) = use;
}

static int by_from(const void *a, const void *b)
{
    const ProcedureUse *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from ? 1 : x->order < y->order ? -1 : x->order > y->order;
}

void load_treatment_procedures(PlanLoader *loader, const YamlNode *node, Cohort *cohort)
{
    if (node == NULL || !yaml_is(node, YAML_LIST, "'procedures'", loader->diags))
        return;
    Uses uses = {0};
    for (size_t i = 0; i < node->n; i++)
        read_procedure(loader, node->items[i], &uses);
    for (size_t i = 0; i < uses.n; i++)
        uses.items[i].order = i;
    if (uses.n > 1)
        qsort(uses.items, uses.n, sizeof *uses.items, by_from);
    cohort->procedures = uses.items;
    cohort->n_procedures = uses.n;
}

void load_treatment_perturbations(PlanLoader *loader, const YamlNode *node, Cohort *cohort)
{
    if (node == NULL || !yaml_is(node, YAML_LIST, "'perturb'", loader->diags))
        return;
    Perturbations list = {0};
    for (size_t i = 0; i < node->n; i++) {
        const YamlNode *item = node->items[i];
        if (!yaml_is(item, YAML_MAP, "a perturbation", loader->diags))
            continue;
        fields_check(&fields_of_perturbation, item, "a perturbation", loader->diags);
        const YamlNode *parameter = yaml_need(item, "parameter", "a perturbation", loader->diags);
        const YamlNode *value = yaml_need(item, "value", "a perturbation", loader->diags);
        const YamlNode *from = yaml_find(item, "from"), *until = yaml_find(item, "until");
        Perturbation p = {.from = -INFINITY, .until = INFINITY};
        if (from != NULL)
            p.from = plan_time(loader, from, "'from'");
        if (until != NULL)
            p.until = plan_time(loader, until, "'until'");
        if (parameter == NULL || value == NULL ||
            !change_read(&(ReadContext){loader->arena, loader->units, loader->diags}, loader->plan->model, parameter,
                         value, &p.change))
            continue;
        if (p.until <= p.from)
            diag_error(loader->diags, "plan.time", item->where, NULL, "'until' is not after 'from'");
        else
            *vec_push(loader->arena, &list) = p;
    }
    cohort->perturbations = list.items;
    cohort->n_perturbations = list.n;
}
