/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/store.h"
#include "snapshot/store_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

char *rf_store_partial_path(const char *jobdir, unsigned number)
{
	char *path = NULL;

	return asprintf(&path, "%s/%06u" RF_STORE_PARTIAL, jobdir, number) < 0 ? NULL : path;
}

int rf_store_sync(const char *path, struct rf_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = fd < 0 || fsync(fd);

	if (failed)
		rf_error_errno(err, "cannot make %s durable", path);
	if (fd >= 0)
		close(fd);
	return failed ? -1 : 0;
}

enum { WHOLE = 1, PARTS = 2, REMOVED = 4 };

/* The number of "000012" or "000012.partial", whatever is asked for; 0: something else */
static unsigned number_of(const char *name, int which)
{
	size_t digits = strspn(name, "0123456789");
	const char *rest = name + digits;
	int is = !*rest				       ? WHOLE
		 : strcmp(rest, RF_STORE_PARTIAL) == 0 ? PARTS
		 : strcmp(rest, RF_STORE_REMOVED) == 0 ? REMOVED
						       : 0;

	if (digits < 6 || digits > 9 || !(is & which))
		return 0;
	return (unsigned)strtoul(name, NULL, 10);
}

unsigned rf_store_number(const char *name)
{
	return number_of(name, WHOLE);
}

static int ascending(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

static int scan(const char *jobdir, int which, unsigned **numbers, struct rf_error *err)
{
	DIR *dir = opendir(jobdir);
	struct dirent *entry;
	unsigned *list = NULL, n = 0;

	*numbers = NULL;
	if (!dir)
		return rf_error_errno(err, "cannot read %s", jobdir);
	while ((entry = readdir(dir))) {
		unsigned number = number_of(entry->d_name, which), *more;

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
	return scan(jobdir, WHOLE, numbers, err);
}

int rf_store_partials(const char *jobdir, unsigned **numbers, struct rf_error *err)
{
	return scan(jobdir, PARTS, numbers, err);
}

/* Makes it, durably, if it is not there. */
static int make_directory(const char *path, struct rf_error *err)
{
	const char *slash = strrchr(path, '/');
	char *above;
	int failed;

	if (mkdir(path, 0700))
		return errno == EEXIST ? 0 : rf_error_errno(err, "cannot make %s", path);
	above = slash == path ? strdup("/")
		: slash	      ? strndup(path, (size_t)(slash - path))
			      : strdup(".");
	failed = above ? rf_store_sync(above, err)
		       : rf_error_set(err, ENOMEM, "no memory to make %s", path);
	free(above);
	return failed;
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
	if (make_directory(store, err) || make_directory(jobdir, err))
		goto out;
	for (int i = 0; i < ATTEMPTS; i++) { /* another process may take the number first */
		int n = scan(jobdir, WHOLE | PARTS | REMOVED, &numbers, err);
		unsigned next = n > 0 ? numbers[n - 1] + 1 : 1;

		free(numbers);
		if (n < 0 || asprintf(&partial, "%s/%06u" RF_STORE_PARTIAL, jobdir, next) < 0) {
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

int rf_store_rename(const char *from, const char *to)
{
	struct stat st;

	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (lstat(to, &st) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

/* Removes a directory of files; it has no directories in it. Another process may do the same. */
static int remove_directory(const char *path, struct rf_error *err)
{
	int failed = 0, fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		rf_error_errno(err, "cannot remove %s", path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (!failed && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			failed = unlinkat(dirfd(dir), entry->d_name, 0) && errno != ENOENT;
	if (failed)
		rf_error_errno(err, "cannot remove a file in %s", path);
	closedir(dir);
	if (!failed && rmdir(path) && errno != ENOENT)
		failed = rf_error_errno(err, "cannot remove %s", path);
	return failed ? -1 : 0;
}

int rf_store_abandon(const char *partial, struct rf_error *err)
{
	size_t n = strlen(partial), tail = strlen(RF_STORE_PARTIAL);

	if (n <= tail || strcmp(partial + n - tail, RF_STORE_PARTIAL))
		return rf_error_set(err, EINVAL, "%s is not the directory of a new snapshot",
				    partial);
	return remove_directory(partial, err);
}

int rf_store_remove(const char *snapshot, struct rf_error *err)
{
	size_t n = strlen(snapshot), tail = strlen(RF_STORE_PARTIAL);
	char *away;
	int failed = -1;

	if (n > tail && !strcmp(snapshot + n - tail, RF_STORE_PARTIAL))
		return remove_directory(snapshot, err);
	/* renamed first: a snapshot that is half removed must not look like one */
	if (asprintf(&away, "%s" RF_STORE_REMOVED, snapshot) < 0)
		return rf_error_set(err, ENOMEM, "no memory to remove %s", snapshot);
	if (rf_store_rename(snapshot, away))
		rf_error_errno(err, "cannot remove %s", snapshot);
	else
		failed = remove_directory(away, err);
	free(away);
	return failed;
}

int rf_store_sweep(const char *jobdir, struct rf_error *err)
{
	unsigned *numbers;
	int n = scan(jobdir, REMOVED, &numbers, err), failed = n < 0;

	for (int i = 0; i < n && !failed; i++) {
		char *path = NULL;

		if (asprintf(&path, "%s/%06u" RF_STORE_REMOVED, jobdir, numbers[i]) < 0)
			failed = rf_error_set(err, ENOMEM, "no memory to clean up %s", jobdir);
		else if (access(path, F_OK) == 0)
			failed = remove_directory(path, err);
		free(path);
	}
	free(numbers);
	return failed ? -1 : 0;
}

static int discard_at(int at, const char *name, int depth)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), failed = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir && fd >= 0)
		close(fd);
	if (!dir)
		return errno == ENOENT ? 0 : -1;
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (unlinkat(fd, entry->d_name, 0) == 0 || errno == ENOENT)
			continue;
		if (depth == 0 || discard_at(fd, entry->d_name, depth - 1))
			failed = -1;
	}
	closedir(dir);
	if (!failed && unlinkat(at, name, AT_REMOVEDIR) && errno != ENOENT)
		failed = -1;
	return failed;
}

int rf_store_discard(const char *directory, struct rf_error *err)
{
	if (discard_at(AT_FDCWD, directory, 1) == 0)
		return 0;
	return rf_error_errno(err, "cannot remove %s", directory);
}
