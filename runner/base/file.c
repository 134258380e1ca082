/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads and writes files as a whole.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

bool file_read(const char *path, size_t max, Text *text)
{
    enum { CHUNK = 1 << 16 };
    char chunk[CHUNK];
    size_t n, length = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    while (length <= max && (n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        text_add(text, chunk, n);
        length += n;
    }
    int why = ferror(file) ? errno : 0;
    (void)fclose(file);
    errno = why;
    return why == 0;
}

static bool cannot_write(const char *path, Err *reterr)
{
    return err_set(reterr, ERR_STORE, "cannot write '%s': %s", path, strerror(errno));
}

bool file_write(const char *path, Text *text, Err *reterr)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return cannot_write(path, reterr);
    const char *bytes = text_string(text);
    bool written = fwrite(bytes, 1, text->length, file) == text->length && fflush(file) == 0 &&
                   (fsync(fileno(file)) == 0 || errno == EINVAL); /* EINVAL: a pipe or a device has no disk to sync */
    if (!written)
        (void)cannot_write(path, reterr);
    return fclose(file) == 0 ? written : written && cannot_write(path, reterr);
}

bool file_replace(const char *path, Text *text, Err *reterr)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    const char *beside = arena_print(scratch, "%s.new", path);
    struct stat before;
    if (stat(path, &before) != 0)
        return cannot_write(path, reterr);
    if (file_write(beside, text, reterr) &&
        ((chmod(beside, before.st_mode & 07777) == 0 && rename(beside, path) == 0) || cannot_write(path, reterr)))
        return true;
    (void)remove(beside);
    return false;
}
