/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "util/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"

#define PARTIAL ".partial-"
#define TRIES	100 /* names, should others be taken or be cleaned away between open and lock */

struct rf_durable {
	int fd, directory;
	char *path;		    /* as the caller gave it */
	const char *name;	    /* its last part */
	char partial[NAME_MAX + 1]; /* while it is being written */
};

static void end(struct rf_durable *durable)
{
	rf_fd_close(&durable->fd);
	rf_fd_close(&durable->directory);
	free(durable->path);
	free(durable);
}

static int open_directory(struct rf_durable *durable)
{
	char *slash = strrchr(durable->path, '/');
	const char *directory = ".";

	durable->name = slash ? slash + 1 : durable->path;
	if (slash == durable->path) {
		directory = "/";
	} else if (slash) {
		*slash = '\0';
		directory = durable->path;
	}
	durable->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (slash)
		*slash = '/';
	return durable->directory < 0 ? -1 : 0;
}

/* Makes the partial file and locks it; 1 if it was lost to a cleaner in between, so try again. */
static int open_partial(struct rf_durable *durable, mode_t mode)
{
	uint32_t number;
	struct stat st;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -1;
	if (snprintf(durable->partial, sizeof(durable->partial), ".%s" PARTIAL "%06x",
		     durable->name, number & 0xffffff) >= (int)sizeof(durable->partial)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	durable->fd = openat(durable->directory, durable->partial,
			     O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (durable->fd < 0)
		return errno == EEXIST ? 1 : -1;
	if (flock(durable->fd, LOCK_EX | LOCK_NB) == 0 && fstat(durable->fd, &st) == 0 &&
	    st.st_nlink == 1)
		return 0;
	unlinkat(durable->directory, durable->partial, 0);
	rf_fd_close(&durable->fd);
	return 1;
}

struct rf_durable *rf_durable_create(const char *path, mode_t mode, struct rf_error *err)
{
	struct rf_durable *durable;
	int tries, rc = 1;

	if (!path || !*path || path[strlen(path) - 1] == '/') {
		rf_error_set(err, EINVAL, "\"%s\" is not the name of a file", path ? path : "");
		return NULL;
	}
	durable = calloc(1, sizeof(*durable));
	if (!durable) {
		rf_error_errno(err, "%s", path);
		return NULL;
	}
	durable->fd = durable->directory = -1;
	durable->path = strdup(path);
	if (!durable->path || open_directory(durable) < 0) {
		rf_error_errno(err, "%s", path);
		goto fail;
	}
	for (tries = 0; rc > 0 && tries < TRIES; tries++)
		rc = open_partial(durable, mode);
	if (rc != 0) {
		rf_error_errno(err, "%s: no file can be made and locked beside it", path);
		goto fail;
	}
	return durable;
fail:
	end(durable);
	return NULL;
}

int rf_durable_fd(const struct rf_durable *durable)
{
	return durable->fd;
}

int rf_durable_publish(struct rf_durable *durable, struct rf_error *err)
{
	int rc = 0;

	if (fsync(durable->fd) < 0) {
		rf_error_errno(err, "%s: can not be made durable", durable->path);
		rf_durable_abandon(durable);
		return -1;
	}
	if (renameat(durable->directory, durable->partial, durable->directory, durable->name) < 0) {
		rf_error_errno(err, "%s", durable->path);
		rf_durable_abandon(durable);
		return -1;
	}
	if (fsync(durable->directory) < 0)
		rc = rf_error_errno(err, "%s: it is written, but may be lost in a power failure",
				    durable->path);
	end(durable);
	return rc;
}

void rf_durable_abandon(struct rf_durable *durable)
{
	if (!durable)
		return;
	unlinkat(durable->directory, durable->partial, 0);
	end(durable);
}

int rf_durable_write(const char *path, mode_t mode, const void *bytes, size_t size,
		     struct rf_error *err)
{
	struct rf_durable *durable = rf_durable_create(path, mode, err);

	if (!durable)
		return -1;
	if (rf_fd_write(durable->fd, bytes, size, path, err) < 0) {
		rf_durable_abandon(durable);
		return -1;
	}
	return rf_durable_publish(durable, err);
}

static bool is_partial(const char *name)
{
	const char *p;

	if (name[0] != '.')
		return false;
	p = strrchr(name, PARTIAL[0]);
	return p && p > name && strncmp(p, PARTIAL, strlen(PARTIAL)) == 0 &&
	       strspn(p + strlen(PARTIAL), "0123456789abcdef") == 6 &&
	       strlen(p) == strlen(PARTIAL) + 6;
}

/* 1 if it was a leftover and is gone, 0 if somebody is writing it or it went away by itself */
static int clean_one(int directory, const char *name)
{
	RF_FD_AUTO int fd = openat(directory, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? 0 : -1;
	if (unlinkat(directory, name, 0) < 0)
		return errno == ENOENT ? 0 : -1;
	return 1;
}

int rf_durable_clean(const char *directory, struct rf_error *err)
{
	struct dirent *entry;
	int n = 0, rc = 0;
	DIR *dir;

	dir = directory ? opendir(directory) : NULL;
	if (!dir)
		return directory ? rf_error_errno(err, "%s", directory)
				 : rf_error_set(err, EINVAL, "no directory to clean");
	while (rc >= 0 && (entry = readdir(dir))) {
		if (!is_partial(entry->d_name))
			continue;
		rc = clean_one(dirfd(dir), entry->d_name);
		if (rc < 0)
			rf_error_errno(err, "%s/%s", directory, entry->d_name);
		else
			n += rc;
	}
	closedir(dir);
	return rc < 0 ? -1 : n;
}
