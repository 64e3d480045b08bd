/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The running jobs of this user on this host: for each, a Unix socket NAME.ID.run in the upper run
 * directory (rundir.h), at which its coordinator takes commands (control.h). The socket is the
 * entry: one that nobody listens at is left over from a killed coordinator, and is removed by
 * whoever comes upon it.
 */
#ifndef RF_LAUNCHER_JOBS_H
#define RF_LAUNCHER_JOBS_H

#include <sys/un.h>

#include "job.h"
#include "rundir.h"
#include "util/error.h"

struct rf_job_entry {
	char name[RF_JOB_NAME + 1];
	char id[RF_JOB_ID];
	char top[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* Enters a job. Returns a listening socket, close-on-exec and non-blocking, or -1. */
int rf_jobs_enter(const char *name, const char *id, struct rf_job_entry *entry,
		  struct rf_error *err);

void rf_jobs_remove(const struct rf_job_entry *entry);

/*
 * Connects to the job with this name or id; NULL: to the only one there is. Returns a blocking
 * socket whose peer is of this user, or -1: err names the jobs to choose from.
 */
int rf_jobs_connect(const char *job, struct rf_job_entry *entry, struct rf_error *err);

/* Calls `each` with every job that runs, and a socket as above, which it closes. Returns how many.
 */
int rf_jobs_each(void (*each)(const struct rf_job_entry *entry, int fd, void *data), void *data);

#endif
