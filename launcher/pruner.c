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
#include <unistd.h>

#include "places.h"
#include "procs.h"
#include "say.h"
#include "verdict.h"

struct rf_pruner {
	struct event_base *base;
	int fd; /* its standard output, which ends with it; -1: none runs */
	pid_t child;
	struct event *readable, *deadline;
	struct rf_proc hung; /* one that was killed and has not ended; pid 0: there is none */
	bool said;
};

static void forget(struct rf_pruner *p)
{
	if (p->readable)
		event_free(p->readable);
	p->readable = NULL;
	evtimer_del(p->deadline);
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

/* Ends the child; if the store holds it, it is remembered. */
static void stop(struct rf_pruner *p)
{
	if (p->child > 0 && kill(p->child, SIGKILL) == 0 &&
	    !rf_proc_reap(p->child, RF_PROC_REAP_MS, NULL) && rf_proc_read(p->child, &p->hung) < 0)
		p->hung.pid = 0;
	forget(p);
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct rf_pruner *p = data;

	(void)fd;
	(void)what;
	if (!p->said)
		rf_say("old snapshots could not be removed within %d minutes, and may be there; "
		       "the "
		       "job goes on",
		       RF_PRUNER_MS / 60000);
	p->said = true;
	stop(p);
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
	const struct timeval wait = {RF_PRUNER_MS / 1000, 0};
	char program[PATH_MAX], *list;
	pid_t parent = getpid();
	struct rf_error err;
	int ends[2];

	if (p->fd >= 0 || rf_idset_count(only) == 0 || (p->hung.pid && rf_proc_runs(&p->hung)))
		return;
	p->hung.pid = 0;
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
	if (!p->readable || event_add(p->readable, NULL) < 0 ||
	    evtimer_add(p->deadline, &wait) < 0) {
		rf_say("old snapshots can not be removed: no more processes, or no memory");
		stop(p);
	}
}

struct rf_pruner *rf_pruner_create(struct event_base *base, struct rf_error *err)
{
	struct rf_pruner *p = calloc(1, sizeof(*p));

	if (p)
		p->deadline = evtimer_new(base, on_deadline, p);
	if (!p || !p->deadline) {
		rf_error_set(err, ENOMEM, "no memory to remove old snapshots");
		free(p);
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
	stop(p);
	event_free(p->deadline);
	free(p);
}
