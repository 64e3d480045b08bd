/* SPDX-License-Identifier: BSD-3-Clause */
#include "variables.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "environment.h"
#include "places.h"

/* For the keepers of a job that goes on from a snapshot. */
static int set_restore(const struct rf_variables *job)
{
	char ranks[16];

	if (!job->restore)
		return unsetenv(RF_ENV_RESTORE) | unsetenv(RF_ENV_RANKS) | unsetenv(RF_ENV_LAZY);
	snprintf(ranks, sizeof(ranks), "%u", job->ranks);
	return setenv(RF_ENV_RESTORE, job->restore, 1) | setenv(RF_ENV_RANKS, ranks, 1) |
	       (job->lazy ? setenv(RF_ENV_LAZY, "1", 1) : unsetenv(RF_ENV_LAZY));
}

/* For the keepers of a job that goes on without a host which does not answer. */
static int set_detect(int detect_ms)
{
	char ms[16];

	if (detect_ms == 0)
		return unsetenv(RF_ENV_DETECT);
	snprintf(ms, sizeof(ms), "%d", detect_ms);
	return setenv(RF_ENV_DETECT, ms, 1);
}

int rf_variables_set(const struct rf_variables *job, struct rf_error *err)
{
	const char *sys = getenv(RF_ENV_USER_SYS);
	char slot[PATH_MAX], text[RF_SECRET_TEXT];
	int rc = set_restore(job) | set_detect(job->detect_ms);

	if (rf_place_helper("rankferry-slot", slot, err) < 0)
		return -1;
	if (strchr(slot, ' '))
		return rf_error_set(err, EINVAL,
				    "Open MPI can not start %s: install Rankferry where no "
				    "directory has a space in its name",
				    slot);
	rf_secret_format(job->secret, text);
	rc |= setenv(RF_ENV_AGENT, slot, 1);
	rc |= setenv(RF_ENV_JOB, job->id, 1);
	rc |= setenv(RF_ENV_COORD, job->addresses, 1);
	rc |= setenv(RF_ENV_SECRET, text, 1);
	rc |= job->shelf ? setenv(RF_ENV_SHELF, job->shelf, 1) : unsetenv(RF_ENV_SHELF);
	rc |= job->far ? setenv(RF_ENV_FAR, "1", 1) : unsetenv(RF_ENV_FAR);
	rc |= sys ? setenv(RF_ENV_SYS, sys, 1) : unsetenv(RF_ENV_SYS);
	rc |= job->strict ? setenv(RF_ENV_STRICT, "1", 1) : unsetenv(RF_ENV_STRICT);
	return rc ? rf_error_errno(err, "can not set the environment") : 0;
}
