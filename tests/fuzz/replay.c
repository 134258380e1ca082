/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a target on each file of a folder, in the order of their names, and prints TAP: an input that once broke the
 * program is a test in every build. An input that breaks it again ends the program; its name stands in the line above.
 *
 *   fuzz_yaml_replay build/tests/fuzz/yaml.inputs
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The copy is as long as the input, so that ASan sees a target that looks behind its end. */
static bool replay(Arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    Text text = text_new(arena);
    char chunk[1 << 16];
    size_t n;
    while (file != NULL && (n = fread(chunk, 1, sizeof chunk, file)) > 0)
        text_add(&text, chunk, n);
    if (file == NULL || fclose(file) != 0)
        return false;
    uint8_t *input = malloc(text.length > 0 ? text.length : 1);
    ASSERT(input != NULL);
    if (text.length > 0)
        memcpy(input, text.bytes, text.length);
    (void)LLVMFuzzerTestOneInput(input, text.length);
    free(input);
    return true;
}

int main(int argc, char **argv)
{
    SCOPED(arena_close) Arena *arena = arena_open();
    VEC(const char *) names = {0};
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (folder == NULL) {
        fputs("usage: replay FOLDER\n", stderr);
        return 2;
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (entry->d_name[0] != '.')
            *vec_push(arena, &names) = arena_copy_text(arena, entry->d_name, strlen(entry->d_name));
    closedir(folder);
    qsort(names.items, names.n, sizeof *names.items, by_name);
    printf("1..%zu\n", names.n);
    size_t n_bad = names.n == 0;
    for (size_t i = 0; i < names.n; i++) {
        SCOPED(arena_close) Arena *own = arena_open();
        printf("# %s\n", names.items[i]);
        fflush(stdout);
        bool ran = replay(own, arena_print(own, "%s/%s", argv[1], names.items[i]));
        printf("%sok %zu - %s\n", ran ? "" : "not ", i + 1, names.items[i]);
        n_bad += !ran;
    }
    return n_bad > 0;
}
