/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole files: reading one, and writing one so that it is there as a whole or not at all. What streams (a dump, the
 * journal of a fit) opens its file itself.
 */
#ifndef MB_BASE_FILE_H
#define MB_BASE_FILE_H

#include "base/err.h"
#include "base/text.h"

/* Appends the bytes of a file to `text`; of one that is longer than `max`, somewhat more than `max` bytes. Returns
 * false when it cannot be read; errno says why. (A directory opens, and then cannot be read.) */
MUST_CHECK bool file_read(const char *path, size_t max, Text *text);

/* Writes a file and makes sure that the disk has it. Errors: ERR_STORE "cannot write 'PATH': ...". */
MUST_CHECK bool file_write(const char *path, Text *text, Err *reterr);

/* The same for a file that exists, as a whole or not at all: the new one is written beside it ("PATH.new"), gets its
 * permissions, and takes its place. */
MUST_CHECK bool file_replace(const char *path, Text *text, Err *reterr);

#endif
