/* SPDX-License-Identifier: Apache-2.0
 *
 * Turns SIGINT and SIGTERM into a request to stop.
 */
#include <signal.h>

#include "cli/cli.h"

static Stop interrupted;

/* The first Ctrl-C asks the command to end soon; the second ends the program at once. The database keeps everything
 * that was committed. */
static void on_interrupt(int signal_number)
{
    atomic_store_explicit(&interrupted, signal_number, memory_order_relaxed);
    signal(signal_number, SIG_DFL);
}

const Stop *interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &interrupted;
}

int interrupt_signal(void)
{
    return atomic_load_explicit(&interrupted, memory_order_relaxed);
}

/* For ranks other than 0. Launchers send Ctrl-C to all ranks, but only rank 0 decides when the others end: it may still
 * want the batches that they compute. */
void interrupt_ignore(void)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
}
