/* SPDX-License-Identifier: BSD-3-Clause */
#include "snapshot/h5error.h"

#include <errno.h>
#include <hdf5.h>
#include <stdio.h>

void rf_h5_quiet(void)
{
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static herr_t innermost(unsigned n, const H5E_error2_t *entry, void *arg)
{
	char *text = arg;

	if (n == 0 && entry->desc)
		snprintf(text, 256, "%s", entry->desc);
	return 0;
}

int rf_h5_error(struct rf_error *err, const char *what, const char *path)
{
	char text[256] = "HDF5 gives no reason";

	H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, text);
	return rf_error_set(err, EIO, "%s %s: %s", what, path, text);
}
