/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One mpirun as a child (by way of its minder, minder.c) of `rankferry run`: started with the
 * user's line as it is, in the process group and with the files and terminal of this process, so
 * that Ctrl-C, Ctrl-Z, a hang-up and reading from the terminal are between the kernel and mpirun,
 * as ever.
 *
 * A signal that this process gets and mpirun has not got is passed on, once.
 */
#ifndef RF_LAUNCHER_MPIRUN_H
#define RF_LAUNCHER_MPIRUN_H

#include <event2/event.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/error.h"

#define RF_TWIN_WAIT_MS 50 /* for the minder to report a signal that was for both */

struct rf_mpirun;

/* Called from the loop. */
struct rf_mpirun_ops {
	void (*started)(pid_t pid, void *data);
	/* It could not be executed: the last call. */
	void (*not_run)(int number, void *data);
	/* It has, or is about to get, this signal. */
	void (*signalled)(int number, void *data);
	/* With a wait status: the last call. */
	void (*ended)(int status, void *data);
	/* What starts and watches it was killed, and it is about to end. */
	void (*orphaned)(void *data);
};

/*
 * Blocks all signals in this process and takes them over; to be called once, before any thread is
 * made. mpirun gets the mask that was in force before. -1 on failure.
 */
int rf_mpirun_take_signals(struct rf_error *err);

/*
 * Starts argv[0] (looked for in $PATH) with this process's environment, and with the fd `input` as
 * its standard input (not consumed; -1: this process's own). There may be several at a time;
 * signals are for the first, until another one is put to the front.
 */
struct rf_mpirun *rf_mpirun_start(struct event_base *base, char **argv, int input,
				  const struct rf_mpirun_ops *ops, void *data,
				  struct rf_error *err);

/*
 * While there is no mpirun: waits until the clock (clock.h) says `until`, or `fd` (-1: none) can be
 * read, or a signal comes that would have ended mpirun, which is returned; else 0. SIGTSTP stops
 * this process.
 */
int rf_mpirun_pause(int fd, int64_t until);

void rf_mpirun_to_front(struct rf_mpirun *mpirun);

/* Sends it a signal. */
void rf_mpirun_signal(struct rf_mpirun *mpirun, int number);

/* Kills it and what it has started, but for keepers; `ended` follows. From now on it prints
 * nothing. */
void rf_mpirun_kill(struct rf_mpirun *mpirun);

/* Waits until the minder has gone, which ends first what a killed mpirun left. Frees. NULL is
 * allowed.
 */
void rf_mpirun_destroy(struct rf_mpirun *mpirun);

#endif
