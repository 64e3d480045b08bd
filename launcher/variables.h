/* SPDX-License-Identifier: BSD-3-Clause */
/* What the environment of a job's first mpirun says to its slots and keepers (environment.h). */
#ifndef RF_LAUNCHER_VARIABLES_H
#define RF_LAUNCHER_VARIABLES_H

#include <stdbool.h>

#include "util/error.h"
#include "wire/secret.h"

struct rf_variables {
	const char *id;
	const char *addresses; /* of the coordinator */
	const struct rf_secret *secret;
	const char *restore; /* the snapshot that the ranks go on from, or NULL */
	unsigned ranks;	     /* in that */
	int detect_ms;	     /* detect.h; 0: the job does not go on without a host */
	const char *shelf;   /* the job's directory on each host, or NULL */
	bool far;	     /* its files there are not to be used */
	bool lazy;	     /* they read their memory from it when it is touched */
	bool strict;
};

/* Sets them in this process; what does not apply is removed. */
int rf_variables_set(const struct rf_variables *job, struct rf_error *err);

#endif
