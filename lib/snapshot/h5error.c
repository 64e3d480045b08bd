/* SPDX-License-Identifier: BSD-3-Clause */
#include "snapshot/h5error.h"

#include <errno.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the last call that failed. HDF5's own stack is emptied by the next call, such as one that
 * closes something. */
static struct {
	int code;
	char text[256];
} last;

static herr_t innermost(unsigned n, const H5E_error2_t *entry, void *arg)
{
	const char *number;

	(void)arg;
	if (n || !entry->desc)
		return 0;
	snprintf(last.text, sizeof(last.text), "%s", entry->desc);
	last.text[strcspn(last.text, "\n")] = 0;
	/* "file write failed: time = ..., errno = 28, error message = ..." */
	number = strstr(entry->desc, "errno = ");
	last.code = number ? atoi(number + strlen("errno = ")) : 0;
	return 0;
}

static herr_t remember(hid_t stack, void *arg)
{
	last.text[0] = 0;
	H5Ewalk2(stack, H5E_WALK_UPWARD, innermost, arg);
	return 0;
}

void rf_h5_quiet(void)
{
	H5dont_atexit(); /* it prints when a file could not be closed since the disk is full */
	H5Eset_auto2(H5E_DEFAULT, remember, NULL);
}

int rf_h5_error(struct rf_error *err, const char *what, const char *path)
{
	if (last.code)
		return rf_error_set(err, last.code, "%s %s: %s", what, path, strerror(last.code));
	return rf_error_set(err, EIO, "%s %s: %s", what, path,
			    last.text[0] ? last.text : "HDF5 gives no reason");
}
