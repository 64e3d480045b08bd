/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "rundir.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "procs.h"
#include "util/private.h"
#include "util/clock.h"

static bool usable_base(const char *base)
{
	struct stat st;

	return base && *base == '/' && lstat(base, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

static bool name_below(const char *base, const char *job, const char *host, struct rf_rundir *dir)
{
	int n = snprintf(dir->top, sizeof(dir->top), "%s/rankferry-%u", base, geteuid());

	if (n < 0 || (size_t)n >= sizeof(dir->top))
		return false;
	n = snprintf(dir->path, sizeof(dir->path), "%s/%s.%s", dir->top, job, host);
	if (n < 0 || (size_t)n >= sizeof(dir->path))
		return false;
	n = snprintf(dir->socket, sizeof(dir->socket), "%s/keeper", dir->path);
	return n > 0 && (size_t)n < sizeof(dir->socket);
}

int rf_rundir_name(const char *job, struct rf_rundir *dir, struct rf_error *err)
{
	const char *base = getenv("XDG_RUNTIME_DIR"), *c;
	char host[HOST_NAME_MAX + 1];

	for (c = job; *c; c++)
		if (!isalnum((unsigned char)*c))
			break;
	if (*c || c == job || c - job >= RF_JOB_ID)
		return rf_error_set(err, EINVAL, "'%s' is not the id of a job", job);
	if (gethostname(host, sizeof(host)) < 0)
		return rf_error_errno(err, "can not read the host's name");
	host[sizeof(host) - 1] = '\0';
	if (usable_base(base) && name_below(base, job, host, dir))
		return 0;
	if (!name_below("/tmp", job, host, dir))
		return rf_error_set(err, ENAMETOOLONG, "the name of host %s is too long", host);
	return 0;
}

int rf_rundir_top(unsigned index, char top[sizeof(((struct rf_rundir *)0)->top)])
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char standard[64];
	const char *bases[] = {runtime, standard, "/tmp"};
	unsigned i;

	snprintf(standard, sizeof(standard), "/run/user/%u", geteuid());
	if (runtime && strcmp(runtime, standard) == 0)
		bases[1] = NULL;
	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		bool last = i == sizeof(bases) / sizeof(bases[0]) - 1;
		int n;

		if (!last && !usable_base(bases[i]))
			continue;
		n = snprintf(top, sizeof(((struct rf_rundir *)0)->top), "%s/rankferry-%u", bases[i],
			     geteuid());
		if (n < 0 || (size_t)n >= sizeof(((struct rf_rundir *)0)->top))
			continue;
		if (index-- == 0)
			return 0;
	}
	return -1;
}

/*
 * An fd of the directory, locked, or -1; `holder` is who has it when it is not free in time. A
 * keeper that ends removes the directory: then the lock is on nothing, and the next attempt is on a
 * new one.
 */
static int lock_directory(const char *path, int ms, const char *holder, struct rf_error *err)
{
	const struct timespec step = {0, 2000000};
	long long until = rf_clock_ms() + ms;

	for (;;) {
		struct stat st;
		int fd = rf_private_open(path, err);

		if (fd < 0 && (!err || err->code != ENOENT))
			return -1;
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 &&
		    st.st_nlink > 0)
			return fd;
		if (fd >= 0)
			close(fd);
		if (rf_clock_ms() >= until)
			return rf_error_set(err, ETIMEDOUT, "no lock on %s within %d s: %s", path,
					    ms / 1000, holder);
		nanosleep(&step, NULL);
	}
}

int rf_rundir_lock(const struct rf_rundir *dir, int ms, struct rf_error *err)
{
	return lock_directory(dir->top, ms,
			      "another rank on this host hangs while it starts a keeper", err);
}

int rf_rundir_hold(const struct rf_rundir *dir, int ms, struct rf_error *err)
{
	return lock_directory(dir->path, ms,
			      "a keeper of this job that was told to end has not ended", err);
}

int rf_rundir_listen(const struct rf_rundir *dir, int backlog, struct rf_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, dir->socket);
	unlink(dir->socket); /* of a keeper that was killed with its guard */
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    listen(fd, backlog) == 0)
		return fd;
	rf_error_errno(err, "can not listen at %s", dir->socket);
	if (fd >= 0)
		close(fd);
	return -1;
}

/*
 * Who holds the lock is about to make a directory below, so the upper directory may only go by the
 * hand of a holder: then the path is still that of the directory that is locked.
 */
void rf_rundir_remove_top(const char *top)
{
	struct stat st;
	int fd = open(top, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0)
		rmdir(top);
	close(fd);
}

static void sweep_file(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(at, name, 0);
	if (fd >= 0)
		close(fd);
}

void rf_rundir_sweep(const char *top)
{
	int fd = open(top, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 ? fdopendir(fd) : NULL;
	struct dirent *file;

	while (directory && (file = readdir(directory)))
		if (strstr(file->d_name, ".hosts."))
			sweep_file(fd, file->d_name);
	if (directory)
		rmdir(top);
	if (directory)
		closedir(directory);
	else if (fd >= 0)
		close(fd);
}

void rf_rundir_remove(const struct rf_rundir *dir)
{
	unlink(dir->socket);
	rmdir(dir->path);
	rf_rundir_remove_top(dir->top);
}
