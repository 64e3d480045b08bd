/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The run directory of a job on one host: BASE/rankferry-UID/JOB.HOST, where BASE is
 * $XDG_RUNTIME_DIR if that is a private directory of ours and short enough, else /tmp. Both levels
 * are ours alone (mode 0700, no symbolic link, our uid): checked each time, since anybody can write
 * to /tmp. The keeper makes it, listens on JOB.HOST/keeper, and removes it when the job has ended.
 */
#ifndef RF_LAUNCHER_RUNDIR_H
#define RF_LAUNCHER_RUNDIR_H

#include <sys/un.h>

#include "util/error.h"

#define RF_JOB_ID 16 /* bytes of a job's id, including the final zero */

struct rf_rundir {
	char top[sizeof(((struct sockaddr_un *)0)->sun_path)];	  /* .../rankferry-UID */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];	  /* .../rankferry-UID/JOB.HOST */
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* .../JOB.HOST/keeper */
};

/* Only the names; touches nothing. -1 if `job` can not be part of a name, or all is too long. */
int rf_rundir_name(const char *job, struct rf_rundir *dir, struct rf_error *err);

/*
 * The upper directory at `index`, from 0: where one may be, in the order in which they are tried,
 * since a job may have been started with another environment than the one that looks for it.
 * Touches nothing. -1: there are no more.
 */
int rf_rundir_top(unsigned index, char top[sizeof(((struct rf_rundir *)0)->top)]);

/* Removes an upper directory if it is empty and nobody holds its lock. */
void rf_rundir_remove_top(const char *top);

/*
 * Removes what coordinators that were killed have left in an upper directory: hostfiles,
 * JOB.hosts.N, that nobody has locked. Who makes one holds the lock of the directory until it is
 * locked, too.
 */
void rf_rundir_sweep(const char *top);

/*
 * Makes the upper directory if needed and locks it against others of this user who start a keeper.
 * Returns an fd whose closing ends the lock. Waits at most `ms`.
 */
int rf_rundir_lock(const struct rf_rundir *dir, int ms, struct rf_error *err);

/*
 * Makes the run directory, if needed, and holds it until the returned fd, and what processes
 * inherited of it, is closed. A keeper holds it all its life: all that a keeper has on a host has
 * the job's name only, so one that starts must not meet what one that ends is removing. Waits at
 * most `ms` for that one.
 */
int rf_rundir_hold(const struct rf_rundir *dir, int ms, struct rf_error *err);

/* Listens on the keeper's socket in it, close-on-exec and non-blocking. Returns the fd, or -1. */
int rf_rundir_listen(const struct rf_rundir *dir, int backlog, struct rf_error *err);

/*
 * Removes what this library and the keeper put there, and the upper directory if it is empty and
 * nobody holds its lock.
 */
void rf_rundir_remove(const struct rf_rundir *dir);

#endif
