/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps finished evaluations in memory and in a text file. The file has a head with the key of everything that decides
 * an evaluation, then a line for each evaluation: `<hash of the vector> ok <residuals> <derivatives>` or
 * `<hash> failed <why>`. A line counts only with its newline; text after the last newline is cut off before a line is
 * appended.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fit/fit_priv.h"
#include "simulate/versions.h"

enum { VECTOR_KEY = 33 };

struct Journal {
    Arena *arena;
    const Fit *fit;
    const char *path; /* NULL: in memory only */
    FILE *file;
    Map found;
};

static const char *vector_key(Arena *arena, const Fit *fit, const double *values)
{
    char hash[HASH_TEXT];
    hash_text(values, fit->n_parameters * sizeof *values, hash);
    return arena_copy_text(arena, hash, VECTOR_KEY - 1);
}

/* The head of a journal of this fit. */
static const char *journal_head(Arena *arena, const Fit *fit, const FitOptions *options)
{
    char hash[HASH_TEXT], number[NUMBER_TEXT];
    const char *all =
        arena_print(arena, "%s\nrtol=%s\n%s", versions_text(arena), number_show(options->rtol, number), fit->texts);
    hash_text(all, strlen(all), hash);
    return arena_print(arena, "marblebone fit journal 1 %s\n", hash);
}

/* ---- reading ---- */

static bool read_numbers(const char **at, double *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t used = **at == ' ' ? number_read(*at + 1, &numbers[i]) : 0;
        if (used == 0)
            return false;
        *at += 1 + used;
    }
    return true;
}

/* Reads one line without its newline. Returns false when it is not a line of a journal. */
static bool take_line(Journal *journal, const char *line)
{
    static const char OK[] = " ok", FAILED[] = " failed ";
    const Fit *fit = journal->fit;
    if (strlen(line) < VECTOR_KEY - 1)
        return false;
    const char *key = arena_copy_text(journal->arena, line, VECTOR_KEY - 1), *at = line + VECTOR_KEY - 1;
    Evaluation *evaluation = NEW(journal->arena, Evaluation);
    if (strncmp(at, FAILED, strlen(FAILED)) == 0) {
        evaluation->failure = at + strlen(FAILED);
    } else if (strncmp(at, OK, strlen(OK)) == 0) {
        at += strlen(OK);
        evaluation->residuals = NEW_ARRAY(journal->arena, double, fit->n_fitted);
        evaluation->jacobian = NEW_ARRAY(journal->arena, double, fit->n_fitted * fit->n_parameters);
        if (!read_numbers(&at, evaluation->residuals, fit->n_fitted) ||
            !read_numbers(&at, evaluation->jacobian, fit->n_fitted * fit->n_parameters) || *at != '\0')
            return false;
    } else {
        return false;
    }
    (void)!map_add(journal->arena, &journal->found, key,
                   evaluation); /* a vector that occurs twice has the same results */
    return true;
}

/* The number of valid bytes at the start of the file; 0 when it is empty or the journal of another fit. */
static size_t take_file(Journal *journal, const char *head)
{
    Text whole = text_new(journal->arena);
    size_t good = strlen(head);
    bool is_read = file_read(journal->path, SIZE_MAX, &whole);
    const char *text = text_string(&whole);
    size_t length = whole.length;
    if (!is_read || length < good || memcmp(text, head, good) != 0)
        return 0;
    for (const char *end; (end = memchr(text + good, '\n', length - good)) != NULL;) {
        size_t line = (size_t)(end - text) - good;
        if (!take_line(journal, arena_copy_text(journal->arena, text + good, line)))
            break;
        good += line + 1;
    }
    return good;
}

/* ---- opening, adding ---- */

static bool journal_cannot_write(const Journal *journal, Err *reterr)
{
    return err_set(reterr, ERR_STORE, "cannot write the journal '%s': %s", journal->path, strerror(errno));
}

bool journal_open(Arena *arena, const Fit *fit, const FitOptions *options, Journal **ret_journal, Err *reterr)
{
    Journal *journal = NEW(arena, Journal);
    *journal = (Journal){.arena = arena, .fit = fit, .path = options->journal};
    if (journal->path != NULL) {
        const char *head = journal_head(arena, fit, options);
        size_t good = options->fresh ? 0 : take_file(journal, head);
        if (good > 0 && truncate(journal->path, (off_t)good) != 0)
            return journal_cannot_write(journal, reterr);
        journal->file = fopen(journal->path, good > 0 ? "ab" : "wb");
        if (journal->file == NULL)
            return journal_cannot_write(journal, reterr);
        if (good == 0 && (fputs(head, journal->file) == EOF || fflush(journal->file) != 0)) {
            (void)journal_cannot_write(journal, reterr);
            journal_close(&journal);
            return false;
        }
    }
    *ret_journal = journal;
    return true;
}

void journal_close(Journal **journal)
{
    if (*journal != NULL && (*journal)->file != NULL)
        (void)fclose((*journal)->file); /* each line was flushed */
    *journal = NULL;
}

const Evaluation *journal_find(const Journal *journal, const double *values)
{
    SCOPED(arena_close) Arena *scratch = arena_open();
    return map_find(&journal->found, vector_key(scratch, journal->fit, values));
}

static void show_numbers(Text *text, const double *numbers, size_t n)
{
    char number[NUMBER_TEXT];
    for (size_t i = 0; i < n; i++)
        text_print(text, " %s", number_show(numbers[i], number));
}

/* Appends the reason on one line: blanks replace line breaks. */
static void show_failure(Text *text, const char *failure)
{
    for (; *failure != '\0'; failure++)
        text_add(text, *failure == '\n' ? " " : failure, 1);
}

bool journal_add(Journal *journal, const double *values, const Evaluation *evaluation, Err *reterr)
{
    const Fit *fit = journal->fit;
    const char *key = vector_key(journal->arena, fit, values);
    if (!map_add(journal->arena, &journal->found, key, evaluation) || journal->path == NULL)
        return true;
    SCOPED(arena_close) Arena *scratch = arena_open();
    Text line = text_new(scratch);
    text_print(&line, "%s %s", key, evaluation->failure != NULL ? "failed " : "ok");
    if (evaluation->failure != NULL) {
        show_failure(&line, evaluation->failure);
    } else {
        show_numbers(&line, evaluation->residuals, fit->n_fitted);
        show_numbers(&line, evaluation->jacobian, fit->n_fitted * fit->n_parameters);
    }
    text_print(&line, "\n");
    if (fwrite(text_string(&line), 1, line.length, journal->file) != line.length || fflush(journal->file) != 0)
        return journal_cannot_write(journal, reterr);
    return true;
}
