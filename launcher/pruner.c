/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "pruner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "places.h"
#include "say.h"
#include "verdict.h"

struct rf_pruner {
	struct event_base *base;
	int fd; /* its standard output, which ends with it; -1: none runs */
	pid_t child;
	struct event *readable;
};

static void forget(struct rf_pruner *p)
{
	if (p->readable)
		event_free(p->readable);
	p->readable = NULL;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->child = 0;
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct rf_pruner *p = data;
	char names[4096];
	ssize_t n = read(fd, names, sizeof(names));

	(void)what;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		forget(p); /* it has ended or is about to, and the loop reaps it */
}

static _Noreturn void become_store(const char *program, const char *directory, const char *id,
				   unsigned keep, const char *only, int out, pid_t parent)
{
	char number[16];
	sigset_t none;

	snprintf(number, sizeof(number), "%u", keep);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() == parent && dup2(out, STDOUT_FILENO) >= 0)
		execl(program, program, "prune", "--keep", number, "--of", id, "--only", only,
		      directory, NULL);
	_exit(RF_EXIT_OWN);
}

void rf_pruner_prune(struct rf_pruner *p, const char *directory, const char *id, unsigned keep,
		     const struct rf_idset *only)
{
	char program[PATH_MAX], *list;
	pid_t parent = getpid();
	struct rf_error err;
	int ends[2];

	if (p->fd >= 0 || rf_idset_count(only) == 0)
		return;
	list = rf_idset_format(only);
	if (!list || rf_place_helper("rankferry-store", program, &err) < 0 ||
	    pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		rf_say("old snapshots can not be removed: %s", list ? err.text : "no memory");
		free(list);
		return;
	}
	p->child = fork();
	if (p->child == 0)
		become_store(program, directory, id, keep, list, ends[1], parent);
	close(ends[1]);
	free(list);
	p->fd = ends[0];
	if (p->child > 0)
		p->readable = event_new(p->base, p->fd, EV_READ | EV_PERSIST, on_readable, p);
	if (!p->readable || event_add(p->readable, NULL) < 0) {
		rf_say("old snapshots can not be removed: no more processes, or no memory");
		forget(p);
	}
}

struct rf_pruner *rf_pruner_create(struct event_base *base, struct rf_error *err)
{
	struct rf_pruner *p = calloc(1, sizeof(*p));

	if (!p) {
		rf_error_errno(err, "no memory to remove old snapshots");
		return NULL;
	}
	p->base = base;
	p->fd = -1;
	return p;
}

void rf_pruner_destroy(struct rf_pruner *p)
{
	if (!p)
		return;
	if (p->child > 0 && kill(p->child, SIGKILL) == 0)
		waitpid(p->child, NULL, 0);
	forget(p);
	free(p);
}
