/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What Open MPI leaves behind on a host when its processes are killed: session directories and
 * files in /dev/shm. A keeper notes the names while the job runs, in memory that it shares with its
 * guard, so that either of them can remove them when the other is gone.
 *
 * The names are those of Open MPI 4.1: PREFIX.HOST[.UID].JOBID.* in /dev/shm (vader_segment,
 * osc_sm, osc_rdma; the jobid in hexadecimal), and TMP/ompi.HOST.UID/{pid.PID,jf.FAMILY}
 * (session_dir.c).
 */
#ifndef RF_LAUNCHER_LEFTOVERS_H
#define RF_LAUNCHER_LEFTOVERS_H

#include <limits.h>
#include <sys/types.h>

#include "procs.h"
#include "util/error.h"

#define RF_LEFTOVERS 64 /* MPI jobs of one Rankferry job whose leftovers can be noted on a host */

struct rf_leftover {
	unsigned jobid;		  /* PMIX_NAMESPACE */
	struct rf_proc daemon;	  /* orted, or mpirun itself */
	char host[HOST_NAME_MAX]; /* as Open MPI spells it */
	char session[PATH_MAX];	  /* the job family's session directory, "" if unknown */
};

struct rf_leftovers;

/* In memory shared with processes forked from now on. Freed by their end. */
struct rf_leftovers *rf_leftovers_create(struct rf_error *err);

/*
 * Notes the MPI job of a slot by the environment that Open MPI gave it; `daemon` is the slot's
 * parent. A job that is noted already is not noted again; of more than RF_LEFTOVERS the oldest is
 * forgotten.
 */
void rf_leftovers_note(struct rf_leftovers *leftovers, char *const environment[], pid_t daemon);

/*
 * Waits up to `ms` for the daemons to end, kills those that have not, and removes the files. Only
 * to be called when no rank of the job runs on this host any more.
 */
void rf_leftovers_remove(struct rf_leftovers *leftovers, int ms);

/* Removes the session directory of an mpirun with this pid that was killed on this host. */
void rf_leftovers_of_mpirun(pid_t mpirun);

#endif
