/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs that square numbers: every job is dealt, computed once and finished in order, whatever the number of threads.
 */
#include <string.h>

#include "support/arena.h"
#include "threads/threads.h"

enum { N_PLACES = 5, N_MAX = 300 };

typedef struct Squares {
    size_t n, n_dealt;        /* jobs to deal */
    size_t numbers[N_PLACES]; /* at each place */
    size_t results[N_PLACES];
    size_t finished[N_MAX]; /* in the order of finishing */
    size_t n_finished;
    atomic_size_t n_open, n_opened;
    size_t fails_at; /* this job's compute fails; N_MAX: none */
    bool cannot_open, cannot_write;
    Stop stop;
    size_t stops_at; /* the request to stop comes when this one is finished */
} Squares;

static bool square_deal(void *context, size_t place, bool *ret_left, Err *reterr)
{
    Squares *squares = context;
    (void)reterr;
    *ret_left = squares->n_dealt < squares->n;
    if (*ret_left)
        squares->numbers[place] = squares->n_dealt++;
    return true;
}

static void *square_open(void *context, Err *reterr)
{
    Squares *squares = context;
    if (squares->cannot_open) {
        (void)err_set(reterr, ERR_SOLVE, "no desk");
        return NULL;
    }
    atomic_fetch_add(&squares->n_opened, 1);
    atomic_fetch_add(&squares->n_open, 1);
    return squares;
}

static void square_close(void *context, void *worker)
{
    Squares *squares = context;
    if (worker != NULL)
        atomic_fetch_sub(&squares->n_open, 1);
}

static bool square_compute(void *context, void *worker, size_t place, Err *reterr)
{
    Squares *squares = context;
    assert_ptr_equal(worker, squares);
    squares->results[place] = squares->numbers[place] * squares->numbers[place];
    return squares->numbers[place] != squares->fails_at || err_set(reterr, ERR_SOLVE, "job %zu", squares->fails_at);
}

static bool square_finish(void *context, size_t place, Err *reterr)
{
    Squares *squares = context;
    if (squares->cannot_write)
        return err_set(reterr, ERR_STORE, "no paper");
    if (squares->n_finished == squares->stops_at)
        squares->stop = 1;
    squares->finished[squares->n_finished++] = squares->results[place];
    return true;
}

static Squares squares_of(size_t n)
{
    return (Squares){.n = n, .fails_at = N_MAX, .stops_at = N_MAX};
}

static bool run_squares(Squares *squares, size_t n_threads, Err *reterr)
{
    const ThreadJobs jobs = {.context = squares,
                             .enqueue = square_deal,
                             .open = square_open,
                             .close = square_close,
                             .compute = square_compute,
                             .finish = square_finish,
                             .stop = &squares->stop};
    bool done = threads_run(&jobs, n_threads, N_PLACES, reterr);
    assert_int_equal(squares->n_open, 0); /* every thread gave back what it opened */
    return done;
}

static const size_t thread_counts[] = {1, 2, 3, 7};

static void every_job_is_finished_once_in_the_order_of_dealing(void **state)
{
    (void)state;
    for (size_t t = 0; t < ARRAY_LENGTH(thread_counts); t++)
        for (size_t n = 0; n <= N_MAX; n = 2 * n + 1) {
            Squares squares = squares_of(n);
            Err err = {0};
            assert_true(run_squares(&squares, thread_counts[t], &err));
            assert_int_equal(squares.n_finished, n);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(squares.finished[i], i * i);
            assert_true(squares.n_opened <= thread_counts[t]);
        }
}

static void a_request_to_stop_begins_no_job_and_finishes_those_at_hand(void **state)
{
    (void)state;
    for (size_t t = 0; t < ARRAY_LENGTH(thread_counts); t++) {
        Squares squares = squares_of(N_MAX);
        Err err = {0};
        squares.stops_at = 20;
        assert_true(run_squares(&squares, thread_counts[t], &err));
        assert_in_range(squares.n_finished, 21, 21 + N_PLACES);
        for (size_t i = 0; i < squares.n_finished; i++)
            assert_int_equal(squares.finished[i], i * i);
    }
}

static void the_first_error_ends_everything(void **state)
{
    (void)state;
    for (size_t t = 0; t < ARRAY_LENGTH(thread_counts); t++) {
        Squares computing = squares_of(N_MAX), opening = squares_of(N_MAX), writing = squares_of(N_MAX);
        Err err = {0};
        computing.fails_at = 30;
        assert_false(run_squares(&computing, thread_counts[t], &err));
        assert_string_equal(err.text, "job 30");
        opening.cannot_open = true;
        assert_false(run_squares(&opening, thread_counts[t], &err));
        assert_string_equal(err.text, "no desk");
        assert_int_equal(opening.n_dealt, 0);
        writing.cannot_write = true;
        assert_false(run_squares(&writing, thread_counts[t], &err));
        assert_string_equal(err.text, "no paper");
        assert_int_equal(writing.n_finished, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_is_finished_once_in_the_order_of_dealing),
        cmocka_unit_test(a_request_to_stop_begins_no_job_and_finishes_those_at_hand),
        cmocka_unit_test(the_first_error_ends_everything),
    };
    return cmocka_run_group_tests_name("threads/threads", tests, open_arena, close_arena);
}
