/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "image/files.h"
#include "image/proc.h"
#include "image/sys.h"
#include "image/track.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* fds 0 to 2 as the process was started with them */
static struct {
	int known;
	dev_t device, special;
	ino_t inode;
} initial[3];

void rf_descriptors_init(void)
{
	struct stat st;

	for (int fd = 0; fd < 3; fd++) {
		initial[fd].known = !rf_sys_failed(rf_sys(fstat, fd, &st));
		if (!initial[fd].known)
			continue;
		initial[fd].device = st.st_dev;
		initial[fd].special = st.st_rdev;
		initial[fd].inode = st.st_ino;
	}
}

/* Which of the initial fds is this the same object as? Its own number first; -1: none. */
static int stdio_of(int fd, const struct stat *st)
{
	for (int i = -1; i < 3; i++) {
		int k = i < 0 ? fd : i;

		if (k < 3 && initial[k].known && initial[k].device == st->st_dev &&
		    initial[k].inode == st->st_ino && initial[k].special == st->st_rdev)
			return k;
	}
	return -1;
}

static int is_plain_device(dev_t device);

struct exchange {
	const int *files;
	int failed; /* an errno */
};

static int exchange(void *arg, int fd)
{
	struct exchange *e = arg;
	struct stat st;
	long flags, ret;
	int k;

	if (fd == e->files[0] || fd == e->files[1] || fd == e->files[2] ||
	    rf_sys_failed(rf_sys(fstat, fd, &st)))
		return 0;
	k = stdio_of(fd, &st);
	if (k < 0 || (fd > 2 && S_ISCHR(st.st_mode) && is_plain_device(st.st_rdev)))
		return 0;
	flags = rf_sys(fcntl, fd, F_GETFD, 0);
	ret = rf_sys(dup3, e->files[k], fd, flags & FD_CLOEXEC ? O_CLOEXEC : 0);
	if (rf_sys_failed(ret))
		e->failed = (int)-ret;
	return 0;
}

int rf_descriptors_exchange(const int files[3], struct rf_error *err)
{
	struct exchange e = {files, 0};
	int ret = rf_proc_numbers("/proc/self/fd", exchange, &e);

	if (ret < 0)
		e.failed = -ret;
	if (e.failed)
		return rf_error_set(err, e.failed, "cannot exchange the standard files");
	rf_descriptors_init();
	return 0;
}

struct reading {
	struct rf_descriptors *d;
	rf_obstacle_fn obstacle;
	void *arg;
	struct rf_error *err;
};

static int is_own(const struct rf_descriptors *d, int fd)
{
	for (int i = 0; i < d->own_count; i++)
		if (d->own[i] == fd)
			return 1;
	if ((d->child >= 0 && fd == d->child) || rf_track_is_own(fd))
		return 1;
	return d->hooks && d->hooks->skip_fd && d->hooks->skip_fd(d->hooks->arg, fd);
}

/* The character devices of Documentation/admin-guide/devices.txt that hold no state */
static int is_plain_device(dev_t device)
{
	unsigned number = minor(device);

	return major(device) == 1 && (number == 3 || number == 5 || (number >= 7 && number <= 9));
}

static int is_terminal(dev_t device)
{
	unsigned number = major(device);

	return (number >= 136 && number <= 143) || number == 4 || number == 5 || number == 3;
}

/* Would opening the path give this very file? */
static const char *regular(struct rf_file *f, const struct stat *st, const char *path)
{
	static const char deleted[] = " (deleted)";
	size_t n = strlen(path), tail = sizeof(deleted) - 1;
	struct stat now;

	if (!strncmp(path, "/memfd:", 7))
		return "a memfd, which may be shared with other processes";
	f->kind = RF_FILE_REGULAR;
	if (!rf_sys_failed(rf_sys(stat, path, &now)) && now.st_dev == st->st_dev &&
	    now.st_ino == st->st_ino)
		return NULL;
	if (st->st_nlink)
		return "a file that was renamed or replaced since it was opened";
	f->kind = RF_FILE_DELETED;
	return n > tail && !strcmp(path + n - tail, deleted) ? NULL : "a file without a name";
}

/* What mpirun has put into the pipe of a rank's input is nowhere else. */
static int has_unread(const struct rf_file *f, const struct stat *st)
{
	int bytes = 0;

	return f->stdio == 0 && S_ISFIFO(st->st_mode) &&
	       !rf_sys_failed(rf_sys(ioctl, f->fd, FIONREAD, &bytes)) && bytes > 0;
}

/* Sets kind and stdio; returns why the file cannot be kept, or NULL. */
static const char *classify(struct rf_file *f, const struct stat *st, const char *path)
{
	f->stdio = stdio_of(f->fd, st);
	/* /dev/null is stdin of most ranks, but a program may open it for itself too */
	if (f->stdio >= 0 && f->fd > 2 && S_ISCHR(st->st_mode) && is_plain_device(st->st_rdev))
		f->stdio = -1;
	if (f->stdio >= 0) {
		f->kind = RF_FILE_STDIO;
		return has_unread(f, st) ? "standard input that was not read yet, and would be lost"
					 : NULL;
	}
	switch (st->st_mode & S_IFMT) {
	case S_IFREG:
		return regular(f, st, path);
	case S_IFDIR:
		f->kind = RF_FILE_DIRECTORY;
		return NULL;
	case S_IFCHR:
		if (is_plain_device(st->st_rdev)) {
			f->kind = RF_FILE_DEVICE;
			return NULL;
		}
		if (is_terminal(st->st_rdev)) {
			f->kind = RF_FILE_TERMINAL;
			return NULL;
		}
		return "a device";
	case S_IFIFO:
		if (strncmp(path, "pipe:", 5))
			return "a named pipe";
		f->kind = RF_FILE_PIPE;
		return NULL;
	case S_IFSOCK:
		return "a socket";
	case S_IFBLK:
		return "a block device";
	default:
		return "a kernel object that cannot be kept";
	}
}

/* The lowest earlier fd with the same open file description, or -1. */
static int same_as(const struct rf_descriptors *d, const struct rf_file *f, const struct stat *st)
{
	const struct rf_file *other = (const struct rf_file *)d->files->data;
	long pid = rf_sys(getpid);

	for (uint64_t i = 0; i < d->files->count; i++) {
		if (&other[i] == f || other[i].inode != st->st_ino ||
		    other[i].device != st->st_dev || other[i].same_as >= 0)
			continue;
		if (rf_sys(kcmp, pid, pid, KCMP_FILE, f->fd, other[i].fd) == 0)
			return other[i].fd;
	}
	return -1;
}

/* "lock:\t1: POSIX  ADVISORY  WRITE 77 fe:00:133 0 EOF" of /proc/PID/fdinfo/FD (proc(5)) */
static int read_locks(struct rf_descriptors *d, int fd)
{
	static const struct {
		const char *name;
		uint32_t kind;
	} kinds[] = {{"POSIX", RF_LOCK_POSIX}, {"OFDLCK", RF_LOCK_OFD}, {"FLOCK", RF_LOCK_FLOCK}};
	const char *p = d->text->data;
	char path[64];

	if (rf_proc_read(rf_proc_path(path, "/proc/self/fdinfo/", fd, ""), d->text->data,
			 d->text->committed) < 0)
		return 0;
	while ((p = rf_proc_value(p, "lock:"))) {
		uint32_t kind = UINT32_MAX;
		struct rf_lock *lock;

		p = rf_proc_word(p);
		for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (!strncmp(p, kinds[i].name, strlen(kinds[i].name)))
				kind = kinds[i].kind;
		if (kind == UINT32_MAX)
			continue;
		if (!(lock = rf_array_add(d->locks, 1)))
			return -1;
		lock->fd = fd;
		lock->kind = kind;
		p = rf_proc_word(rf_proc_word(p));
		lock->write = !strncmp(p, "WRITE", 5);
		p = rf_proc_word(rf_proc_word(rf_proc_word(p)));
		lock->start = (uint64_t)rf_proc_decimal(&p);
		p = rf_proc_blanks(p);
		if (*p != 'E')
			lock->length = (uint64_t)rf_proc_decimal(&p) - lock->start + 1;
	}
	return 0;
}

static void report(const struct reading *r, int fd, const char *path, const char *why)
{
	if (r->obstacle)
		r->obstacle(r->arg, fd, path, why);
}

static int each_fd(void *arg, int fd)
{
	struct reading *r = arg;
	struct rf_descriptors *d = r->d;
	char link[64], path[4096];
	struct rf_file *f;
	const char *why;
	struct stat st;
	long n;

	if (is_own(d, fd) || rf_sys_failed(rf_sys(fstat, fd, &st)))
		return 0;
	n = rf_sys(readlink, rf_proc_path(link, "/proc/self/fd/", fd, ""), path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = 0;
	if (!(f = rf_array_add(d->files, 1)))
		return rf_error_set(r->err, ENOMEM, "no memory for the table of files");
	f->fd = fd;
	f->flags = (uint32_t)rf_sys(fcntl, fd, F_GETFL);
	f->size = (uint64_t)st.st_size;
	why = classify(f, &st, path);
	if (!why && rf_descriptors_saves(d, f) && f->size > d->hooks->save_files)
		why = "too large to be saved with the snapshot";
	if (!why && !rf_descriptors_readable(d, f))
		why = "a file that may be written and not read, so what it contains cannot be "
		      "saved";
	if (why) {
		d->files->count--;
		report(r, fd, path, why);
		return 0;
	}
	f->descriptor = (uint32_t)rf_sys(fcntl, fd, F_GETFD);
	f->device = st.st_dev;
	f->inode = st.st_ino;
	f->same_as = same_as(d, f, &st);
	f->name = rf_array_name(d->names, path);
	if (f->kind == RF_FILE_PIPE)
		f->pipe_size = (uint32_t)rf_sys(fcntl, fd, F_GETPIPE_SZ);
	else if (f->kind != RF_FILE_STDIO && f->kind != RF_FILE_TERMINAL)
		f->offset = rf_sys(lseek, fd, 0, SEEK_CUR);
	if (f->name == UINT32_MAX ||
	    ((f->kind == RF_FILE_REGULAR || f->kind == RF_FILE_DELETED) && read_locks(d, fd)))
		return rf_error_set(r->err, ENOMEM, "no memory for the table of files");
	return 0;
}

static int has_end(const struct rf_descriptors *d, const struct rf_file *pipe, int mode)
{
	const struct rf_file *f = (const struct rf_file *)d->files->data;

	for (uint64_t i = 0; i < d->files->count; i++)
		if (f[i].kind == RF_FILE_PIPE && f[i].inode == pipe->inode &&
		    ((f[i].flags & O_ACCMODE) == (uint32_t)mode ||
		     (f[i].flags & O_ACCMODE) == O_RDWR))
			return 1;
	return 0;
}

int rf_descriptors_read(struct rf_descriptors *d, rf_obstacle_fn obstacle, void *arg,
			struct rf_error *err)
{
	struct reading r = {d, obstacle, arg, err};
	int failed = rf_proc_numbers("/proc/self/fd", each_fd, &r);

	if (failed == -1)
		return -1;
	if (failed)
		return rf_error_set(err, -failed, "cannot read /proc/self/fd");
	for (uint64_t i = 0; i < d->files->count; i++) {
		const struct rf_file *f = (const struct rf_file *)d->files->data + i;
		const char *path = d->names->data + f->name;

		if (f->kind != RF_FILE_PIPE)
			continue;
		if (!has_end(d, f, O_RDONLY) || !has_end(d, f, O_WRONLY))
			report(&r, f->fd, path, "a pipe to another process");
		else if (f->flags & O_DIRECT)
			report(&r, f->fd, path, "a pipe in packet mode");
	}
	return 0;
}
