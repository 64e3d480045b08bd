/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "aside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "util/clock.h"

struct task {
	void (*work)(const void *asked, void *answer);
	void (*unheard)(const void *asked, void *answer);
	const void *asked;
	char *answer;
	size_t size;
};

/* Whoever waits for the end of this process's connections must not wait for a child that hangs. */
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

static _Noreturn void answer_to(int fd, const struct task *task, pid_t parent)
{
	const char *at = task->answer;
	size_t left = task->size;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = leave_files(fd);
	if (fd < 0 || getppid() != parent)
		_exit(1);
	task->work(task->asked, task->answer);
	while (left) {
		ssize_t n = write(fd, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		at += n;
		left -= (size_t)n;
	}
	if (left && task->unheard)
		task->unheard(task->asked, task->answer);
	_exit(left > 0);
}

/* 1: whole; 0: not in time; -1: it has ended without one. */
static int take(int fd, int ms, const struct task *task)
{
	int64_t until = rf_clock_ms() + ms;
	size_t have = 0;

	while (have < task->size) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = until - rf_clock_ms();
		ssize_t n;

		if (left <= 0)
			return 0;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, task->answer + have, task->size - have);
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			return -1;
		have += n > 0 ? (size_t)n : 0;
	}
	return 1;
}

static int silent(const struct rf_aside *aside, const char *name, struct rf_error *err)
{
	return rf_error_set(err, ETIMEDOUT, "%s has not answered for %d s", name, aside->ms / 1000);
}

int rf_aside(struct rf_aside *aside, const char *name,
	     void (*work)(const void *asked, void *answer),
	     void (*unheard)(const void *asked, void *answer), const void *asked, void *answer,
	     size_t size, struct rf_error *err)
{
	const struct task task = {work, unheard, asked, answer, size};
	pid_t parent = getpid(), child;
	int ends[2], rc;

	if (aside->hung.pid && rf_proc_runs(&aside->hung))
		return silent(aside, name, err);
	aside->hung.pid = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return rf_error_errno(err, "no process for it");
	child = fork();
	if (child == 0)
		answer_to(ends[1], &task, parent);
	close(ends[1]);
	if (child < 0) {
		rf_error_errno(err, "no process for it");
		close(ends[0]);
		return -1;
	}
	rc = take(ends[0], aside->ms, &task);
	close(ends[0]);
	if (rc == 0) {
		if (rf_proc_read(child, &aside->hung) < 0)
			aside->hung.pid = 0;
		return silent(aside, name, err);
	}
	rf_proc_reap(child, RF_PROC_REAP_MS, NULL);
	if (rc < 0)
		return rf_error_set(err, EPIPE, "who did it was killed");
	return 0;
}
