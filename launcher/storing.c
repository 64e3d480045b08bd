/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "storing.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "facts.h"
#include "procs.h"
#include "snapshot/store.h"
#include "util/clock.h"

struct asked {
	const char *store; /* or a snapshot */
	const char *job;
};

/* What comes through the pipe; at most PIPE_BUF would be atomic, so it is read in pieces. */
struct answer {
	int rc;
	struct rf_error err;
	char text[PATH_MAX];
};

typedef void (*work_fn)(const struct asked *asked, struct answer *answer);

/* The child that did not answer the last time; pid 0: there is none. */
static struct rf_proc hung;

static void begin(const struct asked *asked, struct answer *answer)
{
	char *path = rf_store_begin(asked->store, asked->job, &answer->err);

	answer->rc = path ? 0 : -1;
	snprintf(answer->text, sizeof(answer->text), "%s", path ? path : "");
}

static void abandon(const struct asked *asked, struct answer *answer)
{
	answer->rc = rf_store_abandon(asked->store, &answer->err);
}

static void readable(const struct asked *asked, struct answer *answer)
{
	answer->rc = access(asked->store, R_OK);
}

static void bytes(const struct asked *asked, struct answer *answer)
{
	snprintf(answer->text, sizeof(answer->text), "%" PRId64, rf_facts_bytes(asked->store));
}

/* Whoever waits for the end of the coordinator's connections must not wait for a child that hangs.
 */
static int leave_files(int fd)
{
	int i, null = open("/dev/null", O_RDWR);

	for (i = 0; null >= 0 && i < 3; i++)
		dup2(null, i);
	if (dup2(fd, 3) < 0)
		return -1;
	close_range(4, ~0U, 0);
	return 3;
}

/* Nobody takes the answer any more: what was begun is nobody's. */
static _Noreturn void unheard(work_fn work, const struct answer *answer)
{
	if (work == begin && answer->rc == 0)
		rf_store_abandon(answer->text, NULL);
	_exit(1);
}

static _Noreturn void answer_to(int fd, work_fn work, const struct asked *asked, pid_t parent)
{
	static struct answer answer;
	const char *at = (const char *)&answer;
	size_t left = sizeof(answer);
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = leave_files(fd);
	if (fd < 0 || getppid() != parent)
		_exit(1);
	work(asked, &answer);
	while (left) {
		ssize_t n = write(fd, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			unheard(work, &answer);
		at += n;
		left -= (size_t)n;
	}
	_exit(0);
}

/* 1: whole; 0: not in time; -1: it has ended without one. */
static int take(int fd, struct answer *answer)
{
	int64_t until = rf_clock_ms() + RF_STORING_MS;
	size_t have = 0;

	while (have < sizeof(*answer)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = until - rf_clock_ms();
		ssize_t n;

		if (left <= 0)
			return 0;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, (char *)answer + have, sizeof(*answer) - have);
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			return -1;
		have += n > 0 ? (size_t)n : 0;
	}
	return 1;
}

static int silent(const char *where, struct rf_error *err)
{
	return rf_error_set(err, ETIMEDOUT, "%s: its file system has not answered for %d s", where,
			    RF_STORING_MS / 1000);
}

static int ask(work_fn work, const struct asked *asked, struct answer *answer, struct rf_error *err)
{
	pid_t parent = getpid(), child;
	int ends[2], rc;

	if (hung.pid && rf_proc_runs(&hung))
		return silent(asked->store, err);
	hung.pid = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return rf_error_errno(err, "can not use %s", asked->store);
	child = fork();
	if (child == 0)
		answer_to(ends[1], work, asked, parent);
	close(ends[1]);
	if (child < 0) {
		rf_error_errno(err, "can not use %s", asked->store);
		close(ends[0]);
		return -1;
	}
	rc = take(ends[0], answer);
	close(ends[0]);
	if (rc == 0) {
		if (rf_proc_read(child, &hung) < 0)
			hung.pid = 0;
		return silent(asked->store, err);
	}
	rf_proc_reap(child, RF_PROC_REAP_MS, NULL);
	if (rc < 0)
		return rf_error_set(err, EPIPE, "can not use %s: who did it was killed",
				    asked->store);
	if (answer->rc < 0 && err)
		*err = answer->err;
	return answer->rc;
}

char *rf_storing_begin(const char *store, const char *job, struct rf_error *err)
{
	const struct asked asked = {store, job};
	static struct answer answer;
	char *path;

	if (ask(begin, &asked, &answer, err) < 0)
		return NULL;
	path = strdup(answer.text);
	if (!path)
		rf_error_errno(err, "no memory for a snapshot");
	return path;
}

int rf_storing_abandon(const char *partial, struct rf_error *err)
{
	const struct asked asked = {partial, NULL};
	static struct answer answer;

	return ask(abandon, &asked, &answer, err);
}

bool rf_storing_readable(const char *path)
{
	const struct asked asked = {path, NULL};
	static struct answer answer;

	return ask(readable, &asked, &answer, NULL) == 0;
}

int64_t rf_storing_bytes(const char *snapshot)
{
	const struct asked asked = {snapshot, NULL};
	static struct answer answer;

	return ask(bytes, &asked, &answer, NULL) == 0 ? strtoll(answer.text, NULL, 10) : 0;
}
