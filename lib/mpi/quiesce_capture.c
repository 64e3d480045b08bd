/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/quiesce_capture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mpi/capture.h"
#include "mpi/link.h"

/* The value of `key` ("dir="), or NULL; the empty one too. */
static const char *value_of(const char *texts, size_t size, const char *key)
{
	size_t length = strlen(key), at = 0;

	while (at < size) {
		const char *text = texts + at;

		if (!strncmp(text, key, length))
			return text[length] ? text + length : NULL;
		at += strlen(text) + 1;
	}
	return NULL;
}

int rf_quiesce_capture(const char *texts, size_t size, int rank, int *fd, struct rf_error *err)
{
	/* not on the stack, which is part of the image and may be small */
	static struct rf_capture_options options;
	static struct rf_capture_result result;
	static char base[4096];
	const char *older = value_of(texts, size, "base="); /* a snapshot */
	int rc;

	*fd = -1;
	if (older &&
	    snprintf(base, sizeof(base), "%s/rank-%06d.h5", older, rank) >= (int)sizeof(base))
		return rf_error_set(err, ENAMETOOLONG, "the path of the last snapshot is too long");
	options = (struct rf_capture_options){
		.directory = value_of(texts, size, "dir="),
		.rank = rank,
		.base = older ? base : NULL,
		.compress = value_of(texts, size, "compress="),
		.sync = value_of(texts, size, "sync=") != NULL,
		.no_fsync = value_of(texts, size, "nofsync=") != NULL,
		.own_fd = rf_link_fd(),
	};
	if (!options.directory)
		return rf_error_set(err, EPROTO, "an order to capture names no directory");
	rc = rf_capture(&options, &result, err);
	if (!rc)
		*fd = result.fd;
	return rc;
}
