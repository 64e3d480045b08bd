/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "image/reopen.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* What open(2) must not do again, and what F_GETFL of a temporary file may show */
#define FDS_MAX	   65535 /* that may remain */
#define FLAGS_ONCE (O_CREAT | O_EXCL | O_TRUNC | O_TMPFILE | (int)RF_FILE_SAVED)

static const struct rf_file *file_at(const struct rf_reopen *r, uint64_t i)
{
	return (const struct rf_file *)r->image->tables.table[RF_TABLE_FILES].data + i;
}

static uint64_t file_count(const struct rf_reopen *r)
{
	return r->image->tables.table[RF_TABLE_FILES].count;
}

static int writable(const struct rf_file *f)
{
	return (f->flags & O_ACCMODE) != O_RDONLY;
}

/* Moves an fd out of the way of the image's numbers. */
static int lift(const struct rf_reopen *r, int fd)
{
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, r->base);
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return high;
}

/* A second open file description of what `fd` refers to. */
static int open_again(const struct rf_reopen *r, int fd, uint32_t flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return lift(r, open(path, (int)(flags & ~(uint32_t)FLAGS_ONCE) | O_CLOEXEC));
}

/* The row of an earlier file with the same inode that is held already, or -1. */
static int64_t held_before(const struct rf_reopen *r, uint64_t i)
{
	const struct rf_file *f = file_at(r, i);

	for (uint64_t k = 0; k < i; k++)
		if (file_at(r, k)->inode == f->inode && file_at(r, k)->device == f->device &&
		    file_at(r, k)->kind == f->kind && r->held[k] >= 0)
			return (int64_t)k;
	return -1;
}

static int prepare_regular(struct rf_reopen *r, uint64_t i, const char *path, struct rf_error *err)
{
	const struct rf_file *f = file_at(r, i);
	int saved = (f->flags & RF_FILE_SAVED) != 0;
	struct stat st;

	r->held[i] = lift(r, open(path, (int)(f->flags & ~(uint32_t)FLAGS_ONCE) | O_CLOEXEC));
	if (r->held[i] < 0 && errno == ENOENT && saved)
		return rf_put_back_check(path, err); /* made when all else is known to be there */
	if (r->held[i] < 0)
		return rf_error_errno(err, "fd %d of the image: cannot open %s", f->fd, path);
	if (fstat(r->held[i], &st) || !S_ISREG(st.st_mode))
		return rf_error_set(err, EINVAL, "fd %d of the image: %s is not a regular file",
				    f->fd, path);
	if (saved)
		return 0;
	if (!writable(f) && (uint64_t)st.st_size != f->size)
		return rf_error_set(err, ESTALE,
				    "fd %d of the image: %s has %lld bytes, it had %llu when the "
				    "image was taken",
				    f->fd, path, (long long)st.st_size,
				    (unsigned long long)f->size);
	if (writable(f) && (uint64_t)st.st_size < f->size)
		return rf_error_set(
			err, ESTALE,
			"fd %d of the image: %s has lost data: %lld bytes, there were %llu "
			"when the image was taken",
			f->fd, path, (long long)st.st_size, (unsigned long long)f->size);
	return 0;
}

static int write_all(int fd, const char *data, uint64_t n)
{
	while (n) {
		ssize_t put = write(fd, data, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -1;
		data += put;
		n -= (uint64_t)put;
	}
	return 0;
}

static const char *content(const struct rf_reopen *r, const struct rf_file *f)
{
	return (const char *)r->image->tables.table[RF_TABLE_CONTENTS].data + f->content;
}

/* A nameless file beside where the deleted one was, or in the directory for temporary files. */
static int temporary(const char *path)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = strdup(path), *slash = dir ? strrchr(dir, '/') : NULL;
	int fd = -1;

	if (slash) {
		slash[slash == dir] = 0;
		fd = open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	}
	if (fd < 0)
		fd = open(tmp ? tmp : "/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	free(dir);
	return fd;
}

static int prepare_deleted(struct rf_reopen *r, uint64_t i, const char *path, struct rf_error *err)
{
	const struct rf_file *f = file_at(r, i);
	int64_t other = held_before(r, i);
	int fd;

	if (other >= 0) {
		r->held[i] = open_again(r, r->held[other], f->flags);
	} else {
		fd = temporary(path);
		if (fd < 0 || write_all(fd, content(r, f), f->content_bytes)) {
			rf_error_errno(err, "fd %d of the image: cannot make a file for %s", f->fd,
				       path);
			if (fd >= 0)
				close(fd);
			return -1;
		}
		r->held[i] = open_again(r, fd, f->flags);
		close(fd);
	}
	if (r->held[i] < 0)
		return rf_error_errno(err, "fd %d of the image: cannot open %s again", f->fd, path);
	return 0;
}

static int same_pipe(const struct rf_reopen *r, uint64_t i, uint64_t k)
{
	return file_at(r, k)->kind == RF_FILE_PIPE && file_at(r, k)->same_as < 0 &&
	       file_at(r, k)->inode == file_at(r, i)->inode;
}

/* Makes a pipe with its content at its first row, and an fd for each row that refers to it. */
static int prepare_pipe(struct rf_reopen *r, uint64_t i, struct rf_error *err)
{
	const struct rf_file *f = file_at(r, i);
	int end[2] = {-1, -1}, failed = 0;

	if (r->held[i] >= 0)
		return 0;
	if (pipe2(end, O_CLOEXEC))
		return rf_error_errno(err, "fd %d of the image: cannot make a pipe", f->fd);
	end[0] = lift(r, end[0]);
	end[1] = lift(r, end[1]);
	if (fcntl(end[1], F_GETPIPE_SZ) < (int)f->pipe_size)
		failed = fcntl(end[1], F_SETPIPE_SZ, (int)f->pipe_size) < 0;
	for (uint64_t k = i; k < file_count(r) && !failed; k++) {
		const struct rf_file *g = file_at(r, k);

		if (!same_pipe(r, i, k))
			continue;
		r->held[k] = open_again(r, end[0], g->flags);
		failed = r->held[k] < 0;
	}
	for (uint64_t k = i; k < file_count(r) && !failed; k++) {
		const struct rf_file *g = file_at(r, k);

		if (!same_pipe(r, i, k) || !g->content_bytes)
			continue;
		failed = write_all(end[1], content(r, g), g->content_bytes);
		break; /* each reader's row has the same content */
	}
	if (failed)
		rf_error_errno(err, "fd %d of the image: cannot make a pipe of %u bytes", f->fd,
			       f->pipe_size);
	close(end[0]);
	close(end[1]);
	return failed ? -1 : 0;
}

static int prepare_one(struct rf_reopen *r, uint64_t i, struct rf_error *err)
{
	const struct rf_file *f = file_at(r, i);
	const char *path = rf_loaded_name(r->image, f->name);

	if (f->same_as >= 0)
		return 0;
	switch (f->kind) {
	case RF_FILE_REGULAR:
		return prepare_regular(r, i, path, err);
	case RF_FILE_DELETED:
		return prepare_deleted(r, i, path, err);
	case RF_FILE_PIPE:
		return prepare_pipe(r, i, err);
	case RF_FILE_STDIO:
		r->held[i] = fcntl(f->stdio, F_DUPFD_CLOEXEC, r->base);
		if (r->held[i] < 0) /* started without it */
			r->held[i] = lift(r, open("/dev/null", O_RDWR | O_CLOEXEC));
		break;
	case RF_FILE_TERMINAL:
		r->held[i] = lift(r, open("/dev/tty", (int)f->flags | O_NOCTTY | O_CLOEXEC));
		if (r->held[i] < 0)
			r->held[i] = fcntl(writable(f) ? 2 : 0, F_DUPFD_CLOEXEC, r->base);
		break;
	default: /* a directory or a device */
		r->held[i] = lift(r, open(path, (int)f->flags | O_CLOEXEC));
	}
	if (r->held[i] < 0)
		return rf_error_errno(err, "fd %d of the image: cannot open %s", f->fd, path);
	return 0;
}

static int remains(const struct rf_reopen *r, int fd)
{
	return r->remain && fd > 2 && r->remain->has_fd(r->remain->arg, fd);
}

int rf_reopen_prepare(struct rf_reopen *r, const struct rf_loaded *image,
		      const struct rf_shared_files *shared, const struct rf_remain *remain,
		      struct rf_error *err)
{
	struct rlimit limit;
	uint64_t n;

	r->image = image;
	r->shared = shared;
	r->remain = remain;
	n = file_count(r);
	for (uint64_t i = 0; i < n; i++)
		if (remains(r, file_at(r, i)->fd))
			return rf_error_set(err, EBUSY, "file descriptor %d is taken here",
					    file_at(r, i)->fd);
	r->base = n ? file_at(r, n - 1)->fd + 1 : 3;
	if (r->base < 10)
		r->base = 10;
	r->held = malloc((n + 1) * sizeof(*r->held));
	if (!r->held)
		return rf_error_set(err, ENOMEM, "no memory for the table of files");
	for (uint64_t i = 0; i < n; i++)
		r->held[i] = -1;
	if (!getrlimit(RLIMIT_NOFILE, &limit)) { /* the image's own limit comes at the end */
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	for (uint64_t i = 0; i < n; i++)
		if (prepare_one(r, i, err))
			return -1;
	return 0;
}

/* A file is as long as the longest that anybody has captured it, and only longer ones are cut. */
static int cut_grown(const struct rf_reopen *r, const struct rf_file *f, const char *path,
		     uint64_t now, struct rf_error *err)
{
	uint64_t size = f->size, others = 0;

	if (r->shared)
		others = r->shared->size(r->shared->arg, path);
	if (others > size)
		size = others;
	return now > size ? rf_cut(f->fd, path, size, (f->flags & O_APPEND) != 0, err) : 0;
}

/* A saved file contains again what it did; one that was missing is opened now. */
static int put_back(struct rf_reopen *r, uint64_t i, const char *path, struct rf_error *err)
{
	const struct rf_file *f = file_at(r, i);

	if (!(f->flags & RF_FILE_SAVED) || f->same_as >= 0)
		return 0;
	if (rf_put_back(path, content(r, f), f->content_bytes, err))
		return -1;
	if (r->held[i] < 0)
		r->held[i] =
			lift(r, open(path, (int)(f->flags & ~(uint32_t)FLAGS_ONCE) | O_CLOEXEC));
	return r->held[i] < 0
		       ? rf_error_errno(err, "fd %d of the image: cannot open %s", f->fd, path)
		       : 0;
}

static int install_one(struct rf_reopen *r, uint64_t i, struct rf_error *err)
{
	const struct rf_file *f = file_at(r, i);
	const char *path = rf_loaded_name(r->image, f->name);
	struct stat st;
	int from;

	if (put_back(r, i, path, err))
		return -1;
	from = f->same_as >= 0 ? f->same_as : r->held[i];
	if (dup3(from, f->fd, f->descriptor & FD_CLOEXEC ? O_CLOEXEC : 0) < 0)
		return rf_error_errno(err, "cannot give %s the number %d", path, f->fd);
	if (f->same_as >= 0)
		return 0;
	if (f->kind == RF_FILE_REGULAR && writable(f) && !fstat(f->fd, &st) &&
	    (uint64_t)st.st_size > f->size && cut_grown(r, f, path, (uint64_t)st.st_size, err))
		return -1;
	if (f->kind <= RF_FILE_DEVICE && lseek(f->fd, (off_t)f->offset, SEEK_SET) < 0 &&
	    f->kind != RF_FILE_DEVICE)
		return rf_error_errno(err, "cannot go to offset %lld of %s", (long long)f->offset,
				      path);
	return 0;
}

static int install_lock(const struct rf_lock *l, struct rf_error *err)
{
	struct flock lock = {.l_type = l->write ? F_WRLCK : F_RDLCK,
			     .l_whence = SEEK_SET,
			     .l_start = (off_t)l->start,
			     .l_len = (off_t)l->length};
	int failed;

	if (l->kind == RF_LOCK_FLOCK)
		failed = flock(l->fd, (l->write ? LOCK_EX : LOCK_SH) | LOCK_NB);
	else
		failed = fcntl(l->fd, l->kind == RF_LOCK_OFD ? F_OFD_SETLK : F_SETLK, &lock);
	if (failed)
		return rf_error_errno(err, "cannot lock the file of fd %d again", l->fd);
	return 0;
}

/* All from base on, in ranges between those that stay open. */
static void close_from(const struct rf_reopen *r, int keep)
{
	int most = r->remain ? FDS_MAX : keep;
	unsigned from = (unsigned)r->base;

	for (int fd = r->base; fd <= most; fd++) {
		if (fd != keep && !remains(r, fd))
			continue;
		if ((unsigned)fd > from)
			close_range(from, (unsigned)fd - 1, 0);
		from = (unsigned)fd + 1;
	}
	close_range(from, UINT_MAX, 0);
}

int rf_reopen_install(struct rf_reopen *r, int keep, struct rf_error *err)
{
	const struct rf_lock *lock = r->image->tables.table[RF_TABLE_LOCKS].data;
	uint64_t n = file_count(r), at = 0;

	for (uint64_t i = 0; i < n; i++)
		if (install_one(r, i, err))
			return -1;
	/* all held fds, and whatever else this process has, lie from base on or in gaps */
	for (int fd = 0; fd < r->base; fd++) {
		while (at < n && file_at(r, at)->fd < fd)
			at++;
		if (fd != keep && !remains(r, fd) && (at == n || file_at(r, at)->fd != fd))
			close(fd);
	}
	close_from(r, keep);
	for (uint64_t i = 0; i < r->image->tables.table[RF_TABLE_LOCKS].count; i++)
		if (install_lock(&lock[i], err))
			return -1;
	free(r->held);
	r->held = NULL;
	return 0;
}
