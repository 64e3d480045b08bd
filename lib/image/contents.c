/* SPDX-License-Identifier: BSD-3-Clause */
/* What is kept of open files besides their names. */
#define _GNU_SOURCE
#include "image/files.h"
#include "image/proc.h"
#include "image/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

/* Reads n bytes of an fd's file from `at` (pread) or of a pipe (at < 0). Bytes got. */
static int64_t slurp(int fd, char *to, uint64_t n, int64_t at)
{
	uint64_t have = 0;

	while (have < n) {
		long got = at < 0 ? rf_sys(read, fd, to + have, n - have)
				  : rf_sys(pread64, fd, to + have, n - have, at + (int64_t)have);

		if (got == -EINTR)
			continue;
		if (got < 0)
			return got;
		if (got == 0)
			break;
		have += (uint64_t)got;
	}
	return (int64_t)have;
}

struct aside {
	int fd;
	char *to;
	uint64_t bytes;
	volatile int64_t got; /* shared with the child: it has no memory of its own */
};

/* In a function of its own, so that its frame is not the one that the parent goes on with. */
static __attribute__((noinline, noreturn)) void child(struct aside *a)
{
	char path[64];
	long fd = rf_sys(openat, AT_FDCWD, rf_proc_path(path, "/proc/self/fd/", a->fd, ""),
			 O_RDONLY | O_CLOEXEC, 0);

	a->got = rf_sys_failed(fd) ? fd : slurp((int)fd, a->to, a->bytes, 0);
	for (;;)
		rf_sys(exit_group, 0);
}

/*
 * Through a second open file description, which a deleted file has, too, behind /proc. A process
 * that closes any descriptor of a file loses its locks of that file: it is a child's.
 */
static int64_t slurp_aside(int fd, char *to, uint64_t n)
{
	struct aside a = {fd, to, n, -EIO};
	long pid = rf_sys(clone, CLONE_VM | CLONE_VFORK, 0, 0, 0, 0);

	if (pid == 0)
		child(&a);
	if (rf_sys_failed(pid))
		return pid;
	rf_sys(wait4, pid, 0, 0x40000000 /* __WALL */, 0);
	return a.got;
}

/* Can it not be read as it is open? By O_DIRECT only where all is aligned. */
static int is_reopened(const struct rf_file *f)
{
	return (f->flags & O_ACCMODE) == O_WRONLY || f->flags & O_DIRECT;
}

/* Of a deleted file, or of one that is saved with the snapshot. */
static int file_content(struct rf_descriptors *d, struct rf_file *f)
{
	int64_t got;
	char *to;

	f->content = d->contents->count;
	to = rf_array_add(d->contents, f->size);
	if (!to)
		return -ENOMEM;
	got = is_reopened(f) ? slurp_aside(f->fd, to, f->size) : slurp(f->fd, to, f->size, 0);
	if (got < 0)
		return (int)got;
	f->content_bytes = (uint64_t)got;
	return 0;
}

/* tee(2) copies what is in a pipe and leaves it there. */
static int pipe_content(struct rf_descriptors *d, struct rf_file *f)
{
	int copy[2];
	char *to;
	long n;

	if (rf_sys_failed(n = rf_sys(pipe2, copy, O_CLOEXEC | O_NONBLOCK)))
		return (int)n;
	rf_sys(fcntl, copy[1], F_SETPIPE_SZ, f->pipe_size);
	f->content = d->contents->count;
	n = rf_sys(tee, f->fd, copy[1], f->pipe_size, 2 /* SPLICE_F_NONBLOCK */);
	if (n == -EAGAIN)
		n = 0;
	if (n > 0) {
		to = rf_array_add(d->contents, (uint64_t)n);
		n = to ? slurp(copy[0], to, (uint64_t)n, -1) : -ENOMEM;
	}
	rf_sys(close, copy[0]);
	rf_sys(close, copy[1]);
	if (n < 0)
		return (int)n;
	f->content_bytes = (uint64_t)n;
	return 0;
}

int rf_descriptors_saves(const struct rf_descriptors *d, const struct rf_file *f)
{
	return d->hooks && d->hooks->save_files && f->kind == RF_FILE_REGULAR &&
	       (f->flags & O_ACCMODE) != O_RDONLY;
}

int rf_descriptors_readable(const struct rf_descriptors *d, const struct rf_file *f)
{
	char path[64];

	if (!is_reopened(f) || (f->kind != RF_FILE_DELETED && !rf_descriptors_saves(d, f)))
		return 1;
	return !rf_sys_failed(
		rf_sys(faccessat, AT_FDCWD, rf_proc_path(path, "/proc/self/fd/", f->fd, ""), R_OK));
}

/* The row of another fd that has the same file and its content. */
static const struct rf_file *saved_by_other(const struct rf_descriptors *d, const struct rf_file *f)
{
	const struct rf_file *other = (const struct rf_file *)d->files->data;

	for (uint64_t i = 0; i < d->files->count; i++, other++)
		if (other != f && other->flags & RF_FILE_SAVED && other->inode == f->inode &&
		    other->device == f->device)
			return other;
	return NULL;
}

/* Those that are written, and then others that the process has open to read the same file. */
static int regular_content(struct rf_descriptors *d, struct rf_file *f, int written)
{
	const struct rf_file *other;
	int failed = 0;

	if (f->kind != RF_FILE_REGULAR || f->same_as >= 0 || rf_descriptors_saves(d, f) != written)
		return 0;
	other = saved_by_other(d, f);
	if (other) {
		f->content = other->content;
		f->content_bytes = other->content_bytes;
	} else if (written) {
		failed = file_content(d, f);
	} else {
		return 0;
	}
	if (!failed)
		f->flags |= RF_FILE_SAVED;
	return failed;
}

int rf_descriptors_contents(struct rf_descriptors *d, struct rf_error *err)
{
	struct rf_file *first = (struct rf_file *)d->files->data, *f = first;
	uint64_t n = d->files->count;
	int failed = 0;

	for (uint64_t i = 0; i < 2 * n && !failed; i++) {
		f = first + i % n;
		failed = regular_content(d, f, i < n);
		if (failed || i < n || f->same_as >= 0)
			continue;
		if (f->kind == RF_FILE_DELETED)
			failed = file_content(d, f);
		else if (f->kind == RF_FILE_PIPE && (f->flags & O_ACCMODE) != O_WRONLY)
			failed = pipe_content(d, f);
	}
	if (failed)
		rf_error_set(err, -failed, "cannot read the content of fd %d (%s): error %d", f->fd,
			     d->names->data + f->name, -failed);
	return failed ? -1 : 0;
}
