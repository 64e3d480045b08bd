/* SPDX-License-Identifier: BSD-3-Clause */
#include "snapshot/store.h"

#include <errno.h>
#include <stdlib.h>

/* Marks a snapshot and whatever it needs. A manifest lists the files' bases without a chain, but
 * following them costs nothing and holds for any version. */
static int mark(const char *jobdir, const unsigned *numbers, int n, int at, char *needed,
		struct rf_error *err)
{
	char *path;
	json_t *manifest, *base;
	int failed = 0;
	size_t i;

	if (needed[at])
		return 0;
	needed[at] = 1;
	path = rf_store_path(jobdir, numbers[at]);
	manifest = path ? rf_manifest_read(path, err) : NULL;
	free(path);
	if (!manifest)
		return -1;
	json_array_foreach(json_object_get(manifest, "bases"), i, base)
	{
		const char *name = json_string_value(base);
		unsigned number = name ? rf_store_number(name) : 0;

		for (int k = 0; k < n && !failed; k++)
			if (numbers[k] == number)
				failed = mark(jobdir, numbers, n, k, needed, err);
	}
	json_decref(manifest);
	return failed;
}

int rf_store_prunable(const char *jobdir, unsigned keep, unsigned **numbers, struct rf_error *err)
{
	int n = rf_store_list(jobdir, numbers, err), failed = n < 0, left = 0;
	char *needed = n > 0 ? calloc((size_t)n, 1) : NULL;

	if (!keep && !failed)
		failed = rf_error_set(err, EINVAL, "at least one snapshot must be kept");
	if (n > 0 && !needed && !failed)
		failed = rf_error_set(err, ENOMEM, "no memory to prune %s", jobdir);
	for (int i = n - 1; i >= 0 && i >= n - (int)keep && !failed; i--)
		if ((failed = mark(jobdir, *numbers, n, i, needed, err)))
			rf_error_prefix(err,
					"nothing is removed, since it is not known what is needed");
	for (int i = 0; i < n && !failed; i++)
		if (!needed[i])
			(*numbers)[left++] = (*numbers)[i];
	free(needed);
	if (!failed)
		return left;
	if (n >= 0)
		free(*numbers);
	*numbers = NULL;
	return -1;
}

int rf_store_prune(const char *jobdir, unsigned keep, struct rf_error *err)
{
	unsigned *numbers;
	int n = rf_store_prunable(jobdir, keep, &numbers, err), removed = 0, failed = n < 0;

	for (; removed < n && !failed; removed += !failed) {
		char *path = rf_store_path(jobdir, numbers[removed]);

		failed = path ? rf_store_remove(path, err)
			      : rf_error_set(err, ENOMEM, "no memory to prune %s", jobdir);
		free(path);
	}
	free(numbers);
	return failed ? -1 : removed;
}
