/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/h5image.h"
#include "snapshot/store.h"
#include "snapshot/viewer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int check_image(const char *path, int quick, struct rf_error *err)
{
	struct rf_loaded image;
	int failed = rf_h5image_load(&image, path, err) || rf_loaded_validate(&image, err) ||
		     (!quick && rf_loaded_verify(&image, err));

	rf_loaded_free(&image);
	return failed ? -1 : 0;
}

int rf_store_check(const char *snapshot, int quick, struct rf_error *err)
{
	json_t *manifest, *row;
	struct stat st;
	int failed = 0;
	size_t i;

	if (stat(snapshot, &st))
		return rf_error_errno(err, "cannot open %s", snapshot);
	if (S_ISREG(st.st_mode))
		return check_image(snapshot, quick, err);
	if (!(manifest = rf_manifest_read(snapshot, err)))
		return -1;
	json_array_foreach(json_object_get(manifest, "ranks"), i, row)
	{
		char *path = NULL;

		if (asprintf(&path, "%s/%s", snapshot,
			     json_string_value(json_object_get(row, "file"))) < 0)
			failed = rf_error_set(err, ENOMEM, "no memory to verify %s", snapshot);
		else
			failed = rf_manifest_check_file(row, path, err) < 0
					 ? -1
					 : check_image(path, quick, err);
		free(path);
		if (failed)
			break;
	}
	if (!failed && !quick)
		failed = rf_viewer_check(snapshot, json_object_get(manifest, "viewer"), err);
	json_decref(manifest);
	return failed;
}

int rf_store_verify(const char *snapshot, struct rf_error *err)
{
	return rf_store_check(snapshot, 0, err);
}
