/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keeper's poke: signal 33 with a value of ours (wire/step.h). It may interrupt anything, and
 * must not be noticed: every other use of the signal goes to the handler that was there before
 * (glibc's for setuid() in all threads), errno is kept, and a system call that has failed with
 * EINTR although it is none of those that the kernel makes again is made again here.
 */
#ifndef RF_MPI_POKE_H
#define RF_MPI_POKE_H

#include <sys/types.h>

#include "util/error.h"

/*
 * Lets `poked` be called for every poke of this process, on the thread that got it, with all
 * signals blocked. May be called again. 0, or -1 and `err`.
 */
int rf_poke_install(void (*poked)(void), struct rf_error *err);
int rf_poke_installed(void);

/* Pokes a thread of this process. Async-signal-safe. */
void rf_poke_forward(pid_t tid);

#endif
