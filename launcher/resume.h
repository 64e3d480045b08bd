/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a job that is started again by the same line goes on: `rankferry run --resume`.
 */
#ifndef RF_LAUNCHER_RESUME_H
#define RF_LAUNCHER_RESUME_H

#include <jansson.h>

#include "util/error.h"

struct rf_resume {
	char *path;	  /* of the snapshot, absolute; NULL: there is none, the job begins */
	json_t *manifest; /* its */
};

/*
 * The newest snapshot below STORE/JOB, of which manifest and seals are good, that was taken since
 * the job was begun last, by that or by whoever has gone on from there; a damaged one is said, and
 * the one before it is tried. None, if that has ended with 0, or no snapshot was taken since. -1:
 * none of them is whole, or the job was begun by another line than `line`, or in another directory.
 */
int rf_resume_find(const char *store, const char *job, char *const line[], struct rf_resume *resume,
		   struct rf_error *err);
void rf_resume_clear(struct rf_resume *resume);

/* Are the files of its ranks those that the manifest lists, and complete? Pages are not read. */
int rf_resume_check(const char *snapshot, const json_t *manifest, struct rf_error *err);

#endif
