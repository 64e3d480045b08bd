/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "image/reopen.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX	  ".before-restart"
#define KEPT_MOST 1000 /* copies of one file, numbered from the second on */
#define PATHS	  (4096 + 32)
#define PIECE	  65536
#define ASIDE	  ".rankferry.XXXXXX"
#define LOCK_MS	  60000 /* another rank copies the file and writes it anew */

static int write_all(int fd, const char *bytes, uint64_t n, off_t at)
{
	while (n) {
		ssize_t put = pwrite(fd, bytes, n, at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -1;
		bytes += put;
		at += put;
		n -= (uint64_t)put;
	}
	return 0;
}

enum found { UNREADABLE, BEGINS, SHORT, DIFFERENT };

/* Does the file begin with these bytes? SHORT: as far as it goes. */
static enum found compare(int fd, const char *bytes, uint64_t n)
{
	char piece[PIECE];
	uint64_t at = 0;

	while (at < n) {
		uint64_t left = n - at;
		ssize_t got = pread(fd, piece, left < PIECE ? left : PIECE, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? UNREADABLE : SHORT;
		if (memcmp(piece, bytes + at, (size_t)got) != 0)
			return DIFFERENT;
		at += (uint64_t)got;
	}
	return BEGINS;
}

/* A new file beside `path`, whose name goes to `aside`; -1. */
static int make_aside(const char *path, char aside[PATHS])
{
	snprintf(aside, PATHS, "%s" ASIDE, path);
	return mkostemp(aside, O_CLOEXEC);
}

/*
 * The first free name of .before-restart, .before-restart.2 and so on. None is ever replaced: after
 * a restart that was cut off the file is a mixture, and only the copy has what was there before.
 */
static int link_kept(const char *aside, const char *path, char kept[PATHS])
{
	for (int n = 1; n <= KEPT_MOST; n++) {
		snprintf(kept, PATHS, n > 1 ? "%s" SUFFIX ".%d" : "%s" SUFFIX, path, n);
		if (link(aside, kept) == 0)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* Everything that the file contains, as the new file `kept`, whole or not at all. */
static int keep(int fd, const char *path, const struct stat *st, char kept[PATHS],
		struct rf_error *err)
{
	char aside[PATHS], piece[PIECE];
	int to = make_aside(path, aside), failed = 0;
	off_t at = 0;

	if (to < 0)
		return rf_error_errno(err, "cannot make %s" SUFFIX ", for what %s contains now",
				      path, path);
	while (!failed && at < st->st_size) {
		off_t left = st->st_size - at; /* room has been taken behind it */
		ssize_t got = pread(fd, piece, left < PIECE ? (size_t)left : PIECE, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			break;
		failed = got < 0 || write_all(to, piece, (uint64_t)got, at);
		at += failed ? 0 : got;
	}
	failed = failed || fchmod(to, st->st_mode & 07777) || fsync(to);
	if (failed)
		rf_error_errno(err, "cannot copy %s to %s" SUFFIX, path, path);
	else if ((failed = link_kept(aside, path, kept)))
		rf_error_errno(err, "cannot keep what %s contains now as %s", path, kept);
	unlink(aside);
	close(to);
	return failed ? -1 : 0;
}

/* Taken first: a full disk is found while the file is as it was. */
static int take_room(int fd, const char *path, uint64_t n, const struct stat *st,
		     struct rf_error *err)
{
	int failed = 0;

	if (n > (uint64_t)st->st_size)
		failed = posix_fallocate(fd, st->st_size, (off_t)n - st->st_size);
	if (!failed || failed == EOPNOTSUPP || failed == EINVAL)
		return 0;
	if (ftruncate(fd, st->st_size))
		failed = errno;
	return rf_error_set(err, failed, "no room to put back %s, which had %llu bytes: %s", path,
			    (unsigned long long)n, strerror(failed));
}

/*
 * Another rank may be doing the same: the file of whoever is first stays. Who might read it is not
 * known any more, so only its owner may.
 */
static int make(const char *path, const char *bytes, uint64_t n, struct rf_error *err)
{
	char aside[PATHS];
	int fd = make_aside(path, aside), failed;

	if (fd < 0)
		return rf_error_errno(err, "cannot make %s, which the snapshot has", path);
	failed = write_all(fd, bytes, n, 0) || fchmod(fd, 0600) || fsync(fd) ||
		 (link(aside, path) && errno != EEXIST);
	if (failed)
		rf_error_errno(err, "cannot make %s, which the snapshot has", path);
	unlink(aside);
	close(fd);
	return failed ? -1 : 0;
}

static int change(int fd, const char *path, const char *bytes, uint64_t n, struct rf_error *err)
{
	enum found found;
	char kept[PATHS];
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return rf_error_set(err, EINVAL, "%s is not a regular file", path);
	found = compare(fd, bytes, n);
	if (found == UNREADABLE)
		return rf_error_errno(err, "cannot read %s", path);
	if (found == BEGINS)
		return 0;
	if (take_room(fd, path, n, &st, err))
		return -1;
	if (found == DIFFERENT && keep(fd, path, &st, kept, err)) {
		if (ftruncate(fd, st.st_size))
			rf_error_prefix(err, "%s is longer than it was", path);
		return -1;
	}
	if (write_all(fd, bytes, n, 0) || ftruncate(fd, (off_t)n) || fsync(fd)) {
		rf_error_errno(err, "cannot put back %s", path);
		if (found == DIFFERENT)
			rf_error_prefix(err, "what was in it is kept in %s", kept);
		return -1;
	}
	if (found == DIFFERENT)
		dprintf(STDERR_FILENO,
			"rankferry: %s contains again what it did when the snapshot was taken; "
			"what was there is kept in %s\n",
			path, kept);
	return 0;
}

/*
 * Another rank that is at it is waited for, since what it has done so far is a mixture. After that
 * it goes without the lock: all write the same bytes.
 */
int rf_put_back(const char *path, const char *bytes, uint64_t n, struct rf_error *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), locked, ret;

	if (fd < 0 && errno == ENOENT) {
		if (make(path, bytes, n, err))
			return -1;
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (fd < 0)
		return rf_error_errno(err, "cannot put back %s", path);
	locked = rf_file_lock(fd, LOCK_MS);
	ret = change(fd, path, bytes, n, err);
	if (locked)
		rf_file_unlock(fd);
	close(fd);
	return ret;
}

int rf_put_back_check(const char *path, struct rf_error *err)
{
	char copy[PATHS];

	snprintf(copy, sizeof(copy), "%s", path);
	if (access(dirname(copy), W_OK | X_OK) == 0)
		return 0;
	return rf_error_errno(err, "cannot make %s, which the snapshot has", path);
}
