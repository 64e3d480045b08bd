/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "image/reopen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX	      ".after-snapshot"
#define LOCK_MS	      2000
#define LOCK_PAUSE_MS 10

/* Copies what is behind `size` to the end of the file PATH.after-snapshot. */
static int keep_tail(const char *path, uint64_t size, uint64_t end, struct rf_error *err)
{
	char beside[4096 + sizeof(SUFFIX)], buffer[65536];
	int from, to, failed = 0;

	snprintf(beside, sizeof(beside), "%s" SUFFIX, path);
	from = open(path, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return rf_error_errno(err, "cannot read %s", path);
	to = open(beside, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (to < 0) {
		rf_error_errno(err, "cannot make %s, for what is behind %llu bytes of %s", beside,
			       (unsigned long long)size, path);
		close(from);
		return -1;
	}
	while (size < end && !failed) {
		uint64_t left = end - size;
		ssize_t n = pread(from, buffer, left < sizeof(buffer) ? left : sizeof(buffer),
				  (off_t)size);

		if (n < 0 && errno == EINTR)
			continue;
		failed = n <= 0 || write(to, buffer, (size_t)n) != n;
		size += failed ? 0 : (uint64_t)n;
	}
	failed |= fsync(to);
	if (failed)
		rf_error_errno(err, "cannot copy the end of %s to %s", path, beside);
	close(from);
	close(to);
	return failed ? -1 : 0;
}

int rf_file_lock(int fd, int wait_ms)
{
	const struct timespec pause = {0, LOCK_PAUSE_MS * 1000000};

	for (;; wait_ms -= LOCK_PAUSE_MS) {
		struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

		if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
			return 1;
		if (wait_ms <= 0 || (errno != EAGAIN && errno != EACCES))
			return 0;
		if (fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_RDLCK)
			return 0;
		nanosleep(&pause, NULL);
	}
}

void rf_file_unlock(int fd)
{
	struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

	fcntl(fd, F_OFD_SETLK, &lock);
}

/*
 * Several ranks may find the same file too long: the lock makes one of them cut it. Without it all
 * of them may; then its end is kept more than once.
 */
int rf_cut(int fd, const char *path, uint64_t size, int appended, struct rf_error *err)
{
	int locked = rf_file_lock(fd, LOCK_MS), ret = 0;
	struct stat st;

	if (fstat(fd, &st))
		ret = rf_error_errno(err, "cannot look at %s", path);
	if (!ret && (uint64_t)st.st_size > size) {
		if (appended)
			ret = keep_tail(path, size, (uint64_t)st.st_size, err);
		if (!ret && ftruncate(fd, (off_t)size))
			ret = rf_error_errno(err, "cannot cut %s to %llu bytes", path,
					     (unsigned long long)size);
		if (!ret && appended)
			dprintf(STDERR_FILENO,
				"rankferry: %s is cut to the %llu bytes that it had when the "
				"snapshot was taken; the %llu after them are kept in %s" SUFFIX
				"\n",
				path, (unsigned long long)size,
				(unsigned long long)st.st_size - (unsigned long long)size, path);
	}
	if (locked)
		rf_file_unlock(fd);
	return ret;
}
