/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One job from its first mpirun to its end: `rankferry run` and `rankferry restart` differ only in
 * what they ask for here.
 */
#ifndef RF_LAUNCHER_JOB_H
#define RF_LAUNCHER_JOB_H

#include <stdbool.h>

struct rf_events;
#include "recover.h"

struct rf_policies;
struct rf_policies_options;

struct rf_job_options {
	const char *name;  /* NULL: as its id */
	const char *store; /* absolute path of the directory for snapshots, or NULL */
	bool strict;	   /* only programs whose ranks can be moved are started */
	int verbose;
	char **line;	     /* mpirun and its arguments, NULL at the end */
	const char *restore; /* absolute path of the snapshot to go on from, or NULL */
	bool lazy;	     /* ranks read their memory from it when it is touched */
	unsigned ranks;	     /* in that snapshot */
	struct rf_recover_options recover;
	struct rf_policies *policies; /* what it does by itself; never NULL */
};

/* Reads the job's policy, with what the command line says, and sets what follows from it. -1: it is
 * wrong, which has been said. */
int rf_job_obey(struct rf_job_options *options, const struct rf_policies_options *said);

/* Is it a name for a job: letters, digits, ".", "_", "-"? */
bool rf_job_good_name(const char *name);

#define RF_JOB_NAME 64 /* bytes of a name */

/* A path that stays valid when the working directory changes; the caller frees it. NULL and errno.
 */
char *rf_job_absolute(const char *path);

/* Begins the events (events.h) of a job with this id. NULL: they can not be kept; it has been said.
 */
struct rf_events *rf_job_events(const struct rf_job_options *options, const char *id);

/* Runs the job. Returns a status as of waitpid(), for rf_end_as(). Once per process. */
int rf_job_run(const struct rf_job_options *options);

#endif
