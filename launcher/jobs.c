/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "jobs.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/private.h"

#define SUFFIX	".run"
#define BACKLOG 64

static int set_socket(struct rf_job_entry *entry)
{
	int n = snprintf(entry->socket, sizeof(entry->socket), "%s/%s.%s" SUFFIX, entry->top,
			 entry->name, entry->id);

	return n > 0 && (size_t)n < sizeof(entry->socket) ? 0 : -1;
}

/*
 * The socket takes its name when somebody listens at it: one at which nobody does is taken for left
 * over. The directory is closed to all others; the mode is for who looks at the socket alone.
 */
static int listen_at(const struct rf_job_entry *entry)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), saved;

	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s.new", entry->top,
		     entry->id) >= (int)sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
	} else if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		if (chmod(address.sun_path, 0600) == 0 && listen(fd, BACKLOG) == 0 &&
		    rename(address.sun_path, entry->socket) == 0)
			return fd;
		saved = errno;
		unlink(address.sun_path);
		errno = saved;
	}
	saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

int rf_jobs_enter(const char *name, const char *id, struct rf_job_entry *entry,
		  struct rf_error *err)
{
	struct rf_error why = {ENAMETOOLONG, "its name is too long"};
	unsigned i;

	snprintf(entry->name, sizeof(entry->name), "%s", name);
	snprintf(entry->id, sizeof(entry->id), "%s", id);
	for (i = 0; rf_rundir_top(i, entry->top) == 0; i++) {
		struct rf_rundir lock;
		int guard, fd;

		if (set_socket(entry) < 0)
			continue;
		strcpy(lock.top, entry->top);
		guard = rf_rundir_lock(&lock, 2000, &why);
		if (guard < 0)
			continue;
		fd = listen_at(entry);
		rf_error_errno(&why, "can not listen at %s", entry->socket);
		close(guard);
		if (fd >= 0)
			return fd;
	}
	entry->socket[0] = '\0';
	return rf_error_set(err, why.code, "the job can not take commands: %s", why.text);
}

void rf_jobs_remove(const struct rf_job_entry *entry)
{
	if (!entry->socket[0])
		return;
	unlink(entry->socket);
	rf_rundir_remove_top(entry->top);
}

/* "NAME.ID.run"; a name may have dots, an id has none. */
static bool parse(const char *file, struct rf_job_entry *entry)
{
	size_t n = strlen(file), tail = strlen(SUFFIX);
	const char *dot;

	if (n <= tail || strcmp(file + n - tail, SUFFIX) != 0)
		return false;
	n -= tail;
	dot = memrchr(file, '.', n);
	if (!dot || (size_t)(dot - file) >= sizeof(entry->name) ||
	    n - (size_t)(dot + 1 - file) >= sizeof(entry->id))
		return false;
	snprintf(entry->name, sizeof(entry->name), "%.*s", (int)(dot - file), file);
	snprintf(entry->id, sizeof(entry->id), "%.*s", (int)(file + n - dot - 1), dot + 1);
	return set_socket(entry) == 0;
}

/* -1: nobody is there, or it is not ours. */
static int connect_to(const struct rf_job_entry *entry)
{
	const struct timeval wait = {.tv_sec = 5};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, entry->socket);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
		    peer.uid == geteuid())
			return fd;
	} else if (errno == ECONNREFUSED) {
		rf_jobs_remove(entry);
	}
	close(fd);
	return -1;
}

int rf_jobs_each(void (*each)(const struct rf_job_entry *entry, int fd, void *data), void *data)
{
	struct rf_job_entry entry;
	int count = 0;
	unsigned i;

	for (i = 0; rf_rundir_top(i, entry.top) == 0; i++) {
		struct dirent *file;
		struct stat st;
		DIR *directory;
		int fd;

		/* to look must not make the directory */
		if (lstat(entry.top, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
			continue;
		directory = opendir(entry.top);
		while (directory && (file = readdir(directory))) {
			if (!parse(file->d_name, &entry) || (fd = connect_to(&entry)) < 0)
				continue;
			each(&entry, fd, data);
			count++;
		}
		if (directory)
			closedir(directory);
		rf_rundir_sweep(entry.top);
	}
	return count;
}

struct search {
	const char *job;
	struct rf_job_entry entry;
	int fd, found;
	char list[RF_ERROR_TEXT - 150];
};

static void consider(const struct rf_job_entry *entry, int fd, void *data)
{
	struct search *s = data;
	size_t n = strlen(s->list);

	if (s->job && strcmp(s->job, entry->name) != 0 && strcmp(s->job, entry->id) != 0) {
		close(fd);
		return;
	}
	if (strcmp(entry->name, entry->id) == 0)
		snprintf(s->list + n, sizeof(s->list) - n, "%s%s", n ? ", " : "", entry->id);
	else
		snprintf(s->list + n, sizeof(s->list) - n, "%s%s (%s)", n ? ", " : "", entry->id,
			 entry->name);
	if (s->found++) {
		close(fd);
		return;
	}
	s->entry = *entry;
	s->fd = fd;
}

int rf_jobs_connect(const char *job, struct rf_job_entry *entry, struct rf_error *err)
{
	struct search s = {.job = job, .fd = -1};

	rf_jobs_each(consider, &s);
	if (s.found == 1) {
		*entry = s.entry;
		return s.fd;
	}
	if (s.fd >= 0)
		close(s.fd);
	if (s.found)
		return rf_error_set(err, EINVAL, "%d jobs%s%s run here; name one: %s", s.found,
				    job ? " named " : "", job ? job : "", s.list);
	if (job)
		return rf_error_set(err, ENOENT,
				    "no job '%s' runs here; commands are given on the host, and by "
				    "the user, of its `rankferry run'",
				    job);
	return rf_error_set(err, ENOENT,
			    "no job runs here; commands are given on the host, and by the user, of "
			    "its `rankferry run'");
}
