/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the file of a model by its name, in the folders that an experiment may mean.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan/plan.h"

/* The path when it is a regular file that we may read. Reading a pipe or a device that an experiment names could block
 * for ever. */
static const char *if_there(const char *path)
{
    struct stat what;
    return access(path, R_OK) == 0 && stat(path, &what) == 0 && S_ISREG(what.st_mode) ? path : NULL;
}

/* The path when it is a file and no experiment: an experiment may have the name of a model. */
static const char *if_model(const char *path)
{
    return if_there(path) != NULL && !yaml_has_key(path, "experiment") ? path : NULL;
}

/* The folder of a file, with its slash; "" for a file in the current one. */
static const char *folder_of(Arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? arena_copy_text(arena, path, (size_t)(slash - path) + 1) : "";
}

static bool ends_in_yaml(const char *name)
{
    size_t length = strlen(name);
    return length > 5 && text_equal(name + length - 5, ".yaml");
}

const char *plan_find_model(Arena *arena, const char *name, const char *near, const PlanOptions *options)
{
    const char *folder = near != NULL ? folder_of(arena, near) : "";
    if (strchr(name, '/') != NULL || ends_in_yaml(name)) {
        const char *beside = name[0] != '/' ? if_there(arena_print(arena, "%s%s", folder, name)) : NULL;
        return beside != NULL ? beside : if_there(name);
    }
    const char *found = NULL;
    if (options->first_folder != NULL)
        found = if_model(arena_print(arena, "%s/%s.yaml", options->first_folder, name));
    if (found == NULL)
        found = if_model(arena_print(arena, "%s%s.yaml", folder, name));
    if (found == NULL && near != NULL)
        found = if_model(arena_print(arena, "%s../models/%s.yaml", folder, name));
    for (size_t i = 0; found == NULL && i < options->n_model_folders; i++)
        found = if_model(arena_print(arena, "%s/%s.yaml", options->model_folders[i], name));
    return found;
}
