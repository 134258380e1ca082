/* SPDX-License-Identifier: Apache-2.0
 *
 * Describes a run for the store: texts, versions, cohorts with their keys, metrics.
 */
#include <sys/utsname.h>

#include "build_info.h"
#include "run/provenance.h"
#include "simulate/simulate.h"
#include "simulate/versions.h"

static void add_version(StoreSetting *versions, size_t *n, const char *name, const char *value)
{
    versions[(*n)++] = (StoreSetting){name, value};
}

static void describe_versions(Arena *arena, CpuSet cpu, StoreRun *run)
{
    enum { MORE = 4 };
    Version deciding[VERSIONS_MAX];
    size_t n_deciding = versions_list(arena, deciding), n = 0;
    StoreSetting *versions = NEW_ARRAY(arena, StoreSetting, VERSIONS_MAX + MORE);
    for (size_t i = 0; i < n_deciding; i++)
        add_version(versions, &n, deciding[i].name, deciding[i].value);
    add_version(versions, &n, "marblebone", BUILD_VERSION);
    add_version(versions, &n, "source", BUILD_COMMIT);
    add_version(versions, &n, "database", store_version());
    add_version(versions, &n, "lane-kernel", cpu_name(cpu));
    run->versions = versions;
    run->n_versions = n;
}

const char *provenance_host(Arena *arena)
{
    struct utsname host;
    return uname(&host) == 0
               ? arena_print(arena, "%s %s %s %s", host.nodename, host.sysname, host.release, host.machine)
               : "unknown";
}

static const char *hash_of(Arena *arena, const Text *text)
{
    char *hash = arena_alloc(arena, HASH_TEXT, 1);
    hash_text(text->bytes, text->length, hash);
    return hash;
}

/* `shared`: hash of everything that decides the numbers of all cohorts. */
static void describe_cohorts(Arena *arena, const Plan *plan, const char *shared, StoreRun *run)
{
    StoreCohort *cohorts = NEW_ARRAY(arena, StoreCohort, plan->n_cohorts);
    for (size_t i = 0; i < plan->n_cohorts; i++) {
        const Cohort *cohort = &plan->cohorts[i];
        SCOPED(arena_close) Arena *scratch = arena_open();
        Text key = text_new(scratch);
        text_print(&key, "%s\n", shared);
        plan_cohort_key(plan, cohort, &key);
        cohorts[i] = (StoreCohort){.name = cohort->name,
                                   .key = hash_of(arena, &key),
                                   .control = plan->cohorts[cohort->control].name,
                                   .genotype = cohort->genotype_text,
                                   .genotype_json = cohort->genotype_json,
                                   .treatment = cohort->treatment_text,
                                   .treatment_json = cohort->treatment_json,
                                   .settings_json = cohort->settings_json,
                                   .n_animals = cohort->n_animals};
    }
    run->cohorts = cohorts;
    run->n_cohorts = plan->n_cohorts;
}

static void describe_unexpressed(Arena *arena, const Plan *plan, StoreRun *run)
{
    StoreUnexpressed *unexpressed = NEW_ARRAY(arena, StoreUnexpressed, plan->n_unexpressed);
    for (size_t i = 0; i < plan->n_unexpressed; i++)
        unexpressed[i] = (StoreUnexpressed){plan->unexpressed[i].cohort, plan->unexpressed[i].reason};
    run->unexpressed = unexpressed;
    run->n_unexpressed = plan->n_unexpressed;
}

static void describe_metrics(Arena *arena, const Plan *plan, const System *system, StoreRun *run)
{
    static const char *const kinds[] = {
        [OUTPUT_PHENOTYPE] = "phenotype", [OUTPUT_RECORDED] = "recorded", [OUTPUT_TRAIT] = "trait"};
    StoreMetric *metrics = NEW_ARRAY(arena, StoreMetric, system->n_outputs);
    for (size_t i = 0; i < system->n_outputs; i++) {
        const Output *output = &system->outputs[i];
        metrics[i] = (StoreMetric){.name = output->name,
                                   .unit = output->unit_text,
                                   .about = output->about != NULL ? output->about : "",
                                   .kind = kinds[output->kind],
                                   .at_d = simulate_age_d(plan, output->at)};
    }
    run->metrics = metrics;
    run->n_metrics = system->n_outputs;
}

/* The key of a run covers its cohorts and what the database stores about them, but not the text of the experiment's
 * file: comments and layout of the file do not matter. */
static const char *run_key(Arena *arena, const StoreRun *run, const char *shared)
{
    Text key = text_new(arena);
    text_print(&key, "%s\n", shared);
    text_add_json(&key, run->experiment.name);
    text_add_json(&key, run->model.name);
    text_add_json(&key, run->question);
    for (size_t i = 0; i < run->n_cohorts; i++) {
        text_print(&key, "\ncohort %s ", run->cohorts[i].key);
        text_add_json(&key, run->cohorts[i].control);
    }
    for (size_t i = 0; i < run->n_unexpressed; i++) {
        text_print(&key, "\nunexpressed ");
        text_add_json(&key, run->unexpressed[i].cohort);
        text_add_json(&key, run->unexpressed[i].reason);
    }
    return hash_of(arena, &key);
}

StoreRun provenance_describe(Arena *arena, const Plan *plan, const System *system, double rtol, CpuSet cpu,
                             const char *command)
{
    char number[NUMBER_TEXT];
    const Drivers *drivers = plan->drivers;
    StoreRun run = {.command = command,
                    .seed = plan->seed,
                    .rtol = rtol,
                    .question = plan->question,
                    .host = provenance_host(arena)};
    run.experiment = (StoreFile){plan->name, plan->path, plan->text};
    run.model = (StoreFile){plan->model->name, plan->model->path, plan->model->text};
    if (drivers != NULL)
        run.drivers = (StoreFile){"drivers", drivers->path, drivers->text};
    describe_versions(arena, cpu, &run);
    Text key = text_new(arena);
    text_print(&key, "%s", versions_text(arena));
    text_print(&key, "rtol=%s\n", number_show(rtol, number));
    plan_key(plan, &key);
    const char *shared = hash_of(arena, &key);
    describe_cohorts(arena, plan, shared, &run);
    describe_unexpressed(arena, plan, &run);
    describe_metrics(arena, plan, system, &run);
    run.key = run_key(arena, &run, shared);
    return run;
}
