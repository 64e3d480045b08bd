/* SPDX-License-Identifier: BSD-3-Clause */
#include "snapshot/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* Leaves the numbers of those that this job has taken. One that goes meanwhile is no loss, nor is
 * one that can not be read, if it is older than those that are kept. */
static int select_own(const char *jobdir, const char *id, unsigned keep, unsigned *numbers, int n,
		      struct rf_error *err)
{
	unsigned own = 0;

	for (int i = n - 1; i >= 0; i--) {
		char *path = rf_store_path(jobdir, numbers[i]);
		json_t *manifest = path ? rf_manifest_read(path, err) : NULL;
		const char *of = json_string_value(json_object_get(manifest, "id"));

		if (!path)
			return rf_error_set(err, ENOMEM, "no memory to prune %s", jobdir);
		free(path);
		if (!manifest && own < keep && err->code != ENOENT)
			return rf_error_prefix(err, "nothing is removed, since it is not known "
						    "what is needed");
		if (of && strcmp(of, id) == 0)
			numbers[n - (int)++own] = numbers[i]; /* ascending, at the end */
		json_decref(manifest);
	}
	memmove(numbers, numbers + n - own, own * sizeof(*numbers));
	return (int)own;
}

int rf_store_prunable(const char *jobdir, unsigned keep, const char *id, unsigned **numbers,
		      struct rf_error *err)
{
	int n = rf_store_list(jobdir, numbers, err), failed = n < 0, left = 0;
	char *needed = n > 0 ? calloc((size_t)n, 1) : NULL;
	struct rf_error why;

	if (!keep && !failed)
		failed = rf_error_set(err, EINVAL, "at least one snapshot must be kept");
	if (n > 0 && !needed && !failed)
		failed = rf_error_set(err, ENOMEM, "no memory to prune %s", jobdir);
	if (id && !failed && n > 0) {
		int own = select_own(jobdir, id, keep, *numbers, n, &why);

		failed = own < 0;
		n = failed ? n : own;
		if (failed && err)
			*err = why;
	}
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

int rf_store_prune(const char *jobdir, unsigned keep, const char *id, struct rf_error *err)
{
	unsigned *numbers;
	int n = rf_store_prunable(jobdir, keep, id, &numbers, err), removed = 0, failed = n < 0;

	for (; removed < n && !failed; removed += !failed) {
		char *path = rf_store_path(jobdir, numbers[removed]);

		failed = path ? rf_store_remove(path, err)
			      : rf_error_set(err, ENOMEM, "no memory to prune %s", jobdir);
		free(path);
	}
	free(numbers);
	return failed ? -1 : removed;
}
