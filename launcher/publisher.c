/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "publisher.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "places.h"
#include "procs.h"
#include "verdict.h"

#define PREFIX "rankferry: "

/* What it says: a path on stdout, or a line on stderr. Both pipes are one. */
struct rf_publisher {
	int fd;
	pid_t child;
	size_t used;
	char said[PATH_MAX + RF_ERROR_TEXT];
	struct event *readable, *deadline;
	rf_published done;
	void *data;
};

static void conclude(struct rf_publisher *p)
{
	rf_published done = p->done;
	void *data = p->data;
	char said[sizeof(p->said)];
	struct rf_error why = {0};
	size_t n = p->used;

	memcpy(said, p->said, n);
	while (n > 0 && said[n - 1] == '\n')
		n--;
	said[n] = '\0';
	rf_publisher_destroy(p);
	if (*said == '/') {
		done(said, &why, data);
		return;
	}
	if (strncmp(said, PREFIX, strlen(PREFIX)) == 0)
		rf_error_set(&why, EIO, "%s", said + strlen(PREFIX));
	else
		rf_error_set(&why, EPIPE,
			     "rankferry-store, which publishes, was killed or took too long");
	done(NULL, &why, data);
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct rf_publisher *p = data;
	size_t room = sizeof(p->said) - 1 - p->used;
	ssize_t n = read(fd, p->said + p->used, room);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		p->used += (size_t)n;
		if (p->used < sizeof(p->said) - 1)
			return;
	} else {
		p->child = 0; /* it has ended or is about to, and the loop reaps it */
	}
	conclude(p);
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct rf_publisher *p = data;

	(void)fd;
	(void)what;
	p->used = 0;
	conclude(p);
}

static _Noreturn void become_store(const char *program, const char *partial, unsigned ranks, int in,
				   int out, pid_t parent)
{
	char number[16];
	sigset_t none;

	snprintf(number, sizeof(number), "%u", ranks);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() == parent && dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
	    dup2(out, STDERR_FILENO) >= 0)
		execl(program, program, "publish", "--ranks", number, partial, NULL);
	_exit(RF_EXIT_OWN);
}

/* A file with the JSON of `extra`, at its start. */
static int open_extra(const json_t *extra)
{
	int fd = memfd_create("rankferry-extra", MFD_CLOEXEC);

	if (fd >= 0 && json_dumpfd(extra, fd, JSON_COMPACT) == 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

struct rf_publisher *rf_publisher_begin(struct event_base *base, const char *partial,
					unsigned ranks, const json_t *extra, rf_published done,
					void *data, struct rf_error *err)
{
	const struct timeval wait = {RF_PUBLISHER_MS / 1000, 0};
	struct rf_publisher *p = calloc(1, sizeof(*p));
	int ends[2] = {-1, -1}, in = open_extra(extra);
	char program[PATH_MAX];
	pid_t parent = getpid();

	if (!p || in < 0 || pipe2(ends, O_CLOEXEC) < 0) {
		rf_error_errno(err, "can not publish %s", partial);
		goto failed;
	}
	if (rf_place_helper("rankferry-store", program, err) < 0)
		goto failed;
	p->fd = ends[0];
	p->done = done;
	p->data = data;
	fcntl(p->fd, F_SETFL, O_NONBLOCK);
	p->readable = event_new(base, p->fd, EV_READ | EV_PERSIST, on_readable, p);
	p->deadline = evtimer_new(base, on_deadline, p);
	if (!p->readable || !p->deadline || event_add(p->readable, NULL) < 0 ||
	    event_add(p->deadline, &wait) < 0) {
		rf_error_set(err, ENOMEM, "can not publish %s: no memory", partial);
		goto failed;
	}
	p->child = fork();
	if (p->child == 0)
		become_store(program, partial, ranks, in, ends[1], parent);
	if (p->child < 0) {
		p->child = 0;
		rf_error_errno(err, "can not publish %s", partial);
		goto failed;
	}
	close(ends[1]);
	close(in);
	return p;
failed:
	if (in >= 0)
		close(in);
	if (ends[1] >= 0)
		close(ends[1]);
	if (p && !p->done && ends[0] >= 0)
		close(ends[0]);
	if (p && p->done)
		rf_publisher_destroy(p);
	else
		free(p);
	return NULL;
}

void rf_publisher_destroy(struct rf_publisher *p)
{
	if (!p)
		return;
	if (p->child > 0) {
		kill(p->child, SIGKILL);
		rf_proc_reap(p->child, RF_PROC_REAP_MS, NULL);
	}
	if (p->readable)
		event_free(p->readable);
	if (p->deadline)
		event_free(p->deadline);
	close(p->fd);
	free(p);
}
