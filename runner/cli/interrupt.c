/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "cli/cli.h"

static Stop interrupted;

/* The first Ctrl-C asks the command to finish what it has begun; the second ends the program at once (what is committed
 * stays). */
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

/* A rank that computes ends when rank 0 says so: launchers send Ctrl-C to all, and what is at hand is still wanted. */
void interrupt_ignore(void)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
}
