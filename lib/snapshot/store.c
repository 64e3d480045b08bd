/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/store.h"
#include "snapshot/h5image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARTIAL	 ".partial"
#define ATTEMPTS 100

static char *join(const char *a, const char *b)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", a, b) < 0 ? NULL : path;
}

char *rf_store_path(const char *jobdir, unsigned number)
{
	char *path = NULL;

	return asprintf(&path, "%s/%06u", jobdir, number) < 0 ? NULL : path;
}

static int sync_directory(const char *path, struct rf_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = fd < 0 || fsync(fd);

	if (failed)
		rf_error_errno(err, "cannot make %s durable", path);
	if (fd >= 0)
		close(fd);
	return failed ? -1 : 0;
}

/* The number of "000012" and, with `partial`, of "000012.partial"; 0: something else */
static unsigned number_of(const char *name, int partial)
{
	size_t digits = strspn(name, "0123456789");
	const char *rest = name + digits;

	if (digits < 6 || digits > 9 || (*rest && !(partial && !strcmp(rest, PARTIAL))))
		return 0;
	return (unsigned)strtoul(name, NULL, 10);
}

static int ascending(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

static int scan(const char *jobdir, int partial, unsigned **numbers, struct rf_error *err)
{
	DIR *dir = opendir(jobdir);
	struct dirent *entry;
	unsigned *list = NULL, n = 0;

	*numbers = NULL;
	if (!dir)
		return rf_error_errno(err, "cannot read %s", jobdir);
	while ((entry = readdir(dir))) {
		unsigned number = number_of(entry->d_name, partial), *more;

		if (!number)
			continue;
		more = realloc(list, (n + 1) * sizeof(*more));
		if (!more) {
			free(list);
			closedir(dir);
			return rf_error_set(err, ENOMEM, "no memory to read %s", jobdir);
		}
		list = more;
		list[n++] = number;
	}
	closedir(dir);
	if (n)
		qsort(list, n, sizeof(*list), ascending);
	*numbers = list;
	return (int)n;
}

int rf_store_list(const char *jobdir, unsigned **numbers, struct rf_error *err)
{
	return scan(jobdir, 0, numbers, err);
}

char *rf_store_begin(const char *store, const char *job, struct rf_error *err)
{
	char *jobdir = NULL, *partial = NULL;
	unsigned *numbers;

	if (!*job || *job == '.' || strchr(job, '/')) {
		rf_error_set(err, EINVAL, "\"%s\" cannot be the name of a job's snapshots", job);
		return NULL;
	}
	if (!(jobdir = join(store, job))) {
		rf_error_set(err, ENOMEM, "no memory for a path");
		return NULL;
	}
	if ((mkdir(store, 0700) && errno != EEXIST) || (mkdir(jobdir, 0700) && errno != EEXIST)) {
		rf_error_errno(err, "cannot make %s", jobdir);
		goto out;
	}
	for (int i = 0; i < ATTEMPTS; i++) { /* another process may take the number first */
		int n = scan(jobdir, 1, &numbers, err);
		unsigned next = n > 0 ? numbers[n - 1] + 1 : 1;

		free(numbers);
		if (n < 0 || asprintf(&partial, "%s/%06u" PARTIAL, jobdir, next) < 0) {
			partial = NULL;
			break;
		}
		if (mkdir(partial, 0700) == 0)
			goto out;
		if (errno != EEXIST) {
			rf_error_errno(err, "cannot make %s", partial);
			free(partial);
			partial = NULL;
			break;
		}
		free(partial);
		partial = NULL;
		rf_error_set(err, EEXIST, "other processes take all numbers in %s", jobdir);
	}
out:
	free(jobdir);
	return partial;
}

char *rf_store_publish(const char *partial, unsigned ranks, json_t *extra, struct rf_error *err)
{
	size_t n = strlen(partial), tail = strlen(PARTIAL);
	char *final = n > tail && !strcmp(partial + n - tail, PARTIAL) ? strndup(partial, n - tail)
								       : NULL;
	char *slash, *jobdir = final ? strdup(final) : NULL;
	json_t *manifest = NULL;
	int failed = -1;

	if (!jobdir || !(slash = strrchr(jobdir, '/'))) {
		rf_error_set(err, EINVAL, "%s is not the directory of a new snapshot", partial);
		goto out;
	}
	*slash = 0;
	if (!ranks) {
		rf_error_set(err, EINVAL, "a snapshot without ranks");
		goto out;
	}
	manifest = rf_manifest_make(partial, ranks, extra, err);
	if (!manifest || rf_manifest_write(partial, manifest, err) || sync_directory(partial, err))
		goto out;
	if (access(final, F_OK) == 0) {
		rf_error_set(err, EEXIST, "%s exists already", final);
		goto out;
	}
	if (rename(partial, final)) {
		rf_error_errno(err, "cannot publish %s", final);
		goto out;
	}
	failed = sync_directory(jobdir, err);
out:
	json_decref(manifest);
	free(jobdir);
	if (failed) {
		free(final);
		return NULL;
	}
	return final;
}

/* Removes a directory of files; it has no directories in it. */
static int remove_directory(const char *path, struct rf_error *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int failed = 0;

	if (!dir)
		return rf_error_errno(err, "cannot remove %s", path);
	while (!failed && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			failed = unlinkat(dirfd(dir), entry->d_name, 0);
	if (failed)
		rf_error_errno(err, "cannot remove a file in %s", path);
	closedir(dir);
	if (!failed && rmdir(path))
		failed = rf_error_errno(err, "cannot remove %s", path);
	return failed ? -1 : 0;
}

int rf_store_abandon(const char *partial, struct rf_error *err)
{
	size_t n = strlen(partial), tail = strlen(PARTIAL);

	if (n <= tail || strcmp(partial + n - tail, PARTIAL))
		return rf_error_set(err, EINVAL, "%s is not the directory of a new snapshot",
				    partial);
	return remove_directory(partial, err);
}

/* ---- verify ---- */

static int verify_rank(const char *path, json_t *row, struct rf_error *err)
{
	struct rf_loaded image;
	struct rf_seal seal;
	char digest[33];
	int failed;

	if (rf_h5image_seal(path, &seal, err))
		return -1;
	snprintf(digest, sizeof(digest), "%016" PRIx64 "%016" PRIx64, seal.digest.high,
		 seal.digest.low);
	if (strcmp(digest, json_string_value(json_object_get(row, "digest"))) ||
	    (json_int_t)seal.bytes != json_integer_value(json_object_get(row, "bytes")))
		return rf_error_set(err, ESTALE, "%s is not the file that the manifest lists",
				    path);
	failed = rf_h5image_load(&image, path, err) || rf_loaded_validate(&image, err) ||
		 rf_loaded_verify(&image, err);
	rf_loaded_free(&image);
	return failed ? -1 : 0;
}

int rf_store_verify(const char *snapshot, struct rf_error *err)
{
	json_t *manifest = rf_manifest_read(snapshot, err), *row;
	int failed = 0;
	size_t i;

	if (!manifest)
		return -1;
	json_array_foreach(json_object_get(manifest, "ranks"), i, row)
	{
		char *path = join(snapshot, json_string_value(json_object_get(row, "file")));

		failed = path ? verify_rank(path, row, err)
			      : rf_error_set(err, ENOMEM, "no memory to verify %s", snapshot);
		free(path);
		if (failed)
			break;
	}
	json_decref(manifest);
	return failed;
}

/* ---- prune ---- */

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
		unsigned number = name ? number_of(name, 0) : 0;

		for (int k = 0; k < n && !failed; k++)
			if (numbers[k] == number)
				failed = mark(jobdir, numbers, n, k, needed, err);
	}
	json_decref(manifest);
	return failed;
}

static int remove_snapshot(const char *jobdir, unsigned number, struct rf_error *err)
{
	char *path = rf_store_path(jobdir, number), *away = NULL;
	int failed = -1;

	/* renamed first: a snapshot that is half removed must not look like one */
	if (!path || asprintf(&away, "%s" PARTIAL, path) < 0)
		rf_error_set(err, ENOMEM, "no memory to remove a snapshot");
	else if (rename(path, away))
		rf_error_errno(err, "cannot remove %s", path);
	else
		failed = remove_directory(away, err);
	free(path);
	free(away);
	return failed;
}

int rf_store_prune(const char *jobdir, unsigned keep, struct rf_error *err)
{
	unsigned *numbers;
	int n = rf_store_list(jobdir, &numbers, err), removed = 0, failed = n < 0;
	char *needed = n > 0 ? calloc((size_t)n, 1) : NULL;

	if (!keep)
		failed = rf_error_set(err, EINVAL, "at least one snapshot must be kept");
	if (n > 0 && !needed && !failed)
		failed = rf_error_set(err, ENOMEM, "no memory to prune %s", jobdir);
	for (int i = n - 1; i >= 0 && i >= n - (int)keep && !failed; i--)
		failed = mark(jobdir, numbers, n, i, needed, err);
	for (int i = 0; i < n && !failed; i++)
		if (!needed[i]) {
			failed = remove_snapshot(jobdir, numbers[i], err);
			removed += !failed;
		}
	free(needed);
	free(numbers);
	return failed ? -1 : removed;
}
