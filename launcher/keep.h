/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keeper's work: its ranks (ranks.h) and its connection to the coordinator, from the first slot
 * to the end of the job. It ends everything of the job on this host
 *
 * - when the coordinator says so;
 * - when the coordinator, or the guard, is lost: at the latest RF_KEEP_GRACE_MS later, so that
 *   mpirun, which ends then too, can end the ranks in its own way; when it is sent SIGTERM, SIGINT
 *   or SIGHUP, likewise;
 * - at once, when the job would go on elsewhere and this host is cut off (detect.h).
 */
#ifndef RF_LAUNCHER_KEEP_H
#define RF_LAUNCHER_KEEP_H

#include "leftovers.h"
#include "rundir.h"
#include "util/error.h"

#define RF_KEEP_CONNECT_MS 10000 /* to reach the coordinator */
#define RF_KEEP_SILENCE_MS 30000 /* a coordinator whose host does not answer is lost after this */
#define RF_KEEP_GRACE_MS   1500	 /* mpirun sends SIGTERM after 1 s, and would kill after 2 s */
#define RF_KEEP_END_MS	   2000	 /* for killed processes to be gone */
#define RF_KEEP_DAEMON_MS  1500	 /* for Open MPI's daemon, before it is killed */
#define RF_KEEP_LINGER_MS  2000	 /* to tell the coordinator */
#define RF_KEEP_FORMER_MS  8000	 /* for a keeper that the job had here before to be gone */

/* What it writes when it can be reached: a line, since srun passes on lines (summon.h). */
#define RF_KEEP_READY "ready\n"

struct rf_keep {
	const struct rf_rundir *dir;
	struct rf_leftovers *leftovers;
	int guard;	 /* an fd that is at its end when the guard is gone */
	pid_t guard_pid; /* 0: it must live as long as the keeper */
	int ready;	 /* where to write RF_KEEP_READY, or what is wrong; closed */
};

/* Returns the exit code when nothing of the job is left on this host. */
int rf_keep(const struct rf_keep *keep);

#endif
