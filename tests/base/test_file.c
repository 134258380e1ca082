/* SPDX-License-Identifier: Apache-2.0
 *
 * Files as a whole: what is written is read again, and a file that is replaced is never half there.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/near.h"

#include "base/base.h"

static void a_file_is_written_read_and_replaced_as_a_whole(void **state)
{
    (void)state;
    SCOPED(arena_close) Arena *arena = arena_open();
    char folder[] = "/tmp/marblebone-file-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *path = arena_print(arena, "%s/a", folder), *beside = arena_print(arena, "%s.new", path);
    Text first = text_new(arena), second = text_new(arena), read = text_new(arena), cut = text_new(arena);
    Err err = {0};
    for (int i = 0; i < 20000; i++)
        text_print(&first, "line %d\n", i);
    text_add(&second, "two\0bytes", 9);
    assert_false(file_replace(path, &first, &err)); /* it is not there yet */
    assert_string_equal(err.text, arena_print(arena, "cannot write '%s': No such file or directory", path));
    assert_false(file_write("/dev/full", &first, &err));
    assert_string_equal(err.text, "cannot write '/dev/full': No space left on device");
    assert_false(file_write("/dev/full", &second, &err)); /* it fits into the buffer, and fails when that is flushed */
    assert_true(file_write("/dev/null", &second, &err));  /* what has no disk needs no sync */
    assert_false(file_write(arena_print(arena, "%s/b/c", folder), &first, &err));
    assert_false(file_replace(folder, &first, &err)); /* a file cannot take the place of a folder */
    assert_string_equal(err.text, arena_print(arena, "cannot write '%s': Is a directory", folder));
    assert_true(file_write(path, &first, &err) && file_read(path, SIZE_MAX, &read));
    assert_int_equal(read.length, first.length);
    assert_memory_equal(read.bytes, first.bytes, first.length);
    assert_true(file_read(path, 1000, &cut));
    assert_in_range(cut.length, 1001, first.length - 1);
    assert_int_equal(chmod(path, 0640), 0);
    assert_true(file_replace(path, &second, &err));
    Text again = text_new(arena);
    struct stat now;
    assert_true(file_read(path, SIZE_MAX, &again));
    assert_int_equal(again.length, 9);
    assert_memory_equal(again.bytes, "two\0bytes", 9);
    assert_int_equal(stat(path, &now), 0);
    assert_int_equal(now.st_mode & 0777, 0640);        /* it keeps its permissions */
    assert_int_not_equal(stat(beside, &now), 0);       /* and nothing is left beside it */
    assert_false(file_read(folder, SIZE_MAX, &again)); /* a directory opens, and then cannot be read */
    assert_int_equal(errno, EISDIR);
    assert_int_equal(mkdir(beside, 0700), 0); /* it cannot be written beside: the file stays */
    assert_false(file_replace(path, &first, &err));
    assert_string_equal(err.text, arena_print(arena, "cannot write '%s': Is a directory", beside));
    assert_int_equal(stat(path, &now), 0);
    assert_int_equal(now.st_size, 9);
    assert_int_equal(remove(path), 0);
    assert_false(file_read(path, SIZE_MAX, &again));
    assert_int_equal(errno, ENOENT);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_written_read_and_replaced_as_a_whole),
    };
    return cmocka_run_group_tests_name("base/file", tests, NULL, NULL);
}
