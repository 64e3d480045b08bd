/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry-keeper: the parent of a job's ranks on one host. It is two processes: the guard and,
 * its child, the keeper proper (keep.h). Both are child subreapers: when a process of the job dies,
 * its children are handed to the nearest of the two, and so can not be lost. If the keeper is
 * killed, the guard kills all that is left and cleans up; if the guard is killed, the keeper does.
 *
 * Started by the first slot on a host: argv[1] is the run directory, fd 3 is for "ready"; with
 * "task" behind it by srun, in a job step that lives as long as this process, and says it on fd 1.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environment.h"
#include "guard.h"
#include "keep.h"
#include "verdict.h"

#define READY_FD 3

static int fail(const char *text)
{
	if (write(READY_FD, text, strlen(text)) < 0)
		return RF_EXIT_OWN;
	return RF_EXIT_OWN;
}

/* No fd but the standard ones is srun's. */
static int take_ready(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(1, READY_FD) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		return -1;
	if (null != READY_FD && null > 2)
		close(null);
	return fcntl(READY_FD, F_SETFD, FD_CLOEXEC);
}

/* A session of its own: no terminal, and not in a process group that somebody else signals. */
static void leave_parent(bool task)
{
	pid_t child = task ? 0 : fork();

	if (child != 0)
		_exit(child < 0 ? RF_EXIT_OWN : 0);
	setsid();
	umask(077);
	if (chdir("/") < 0)
		_exit(RF_EXIT_OWN);
}

static void reset_signals(void)
{
	sigset_t none;
	int s;

	for (s = 1; s <= 64; s++)
		signal(s, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void raise_fd_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int main(int argc, char **argv)
{
	const char *job = getenv(RF_ENV_JOB);
	struct rf_rundir dir;
	struct rf_keep keep = {.dir = &dir, .ready = READY_FD};
	struct rf_error err;
	int life[2];
	pid_t keeper;
	bool task = argc == 3 && strcmp(argv[2], "task") == 0;

	if (task && take_ready() < 0)
		return RF_EXIT_OWN;
	if (argc != (task ? 3 : 2) || !job)
		return fail("rankferry-keeper is for `rankferry run', not for people");
	if (rf_rundir_name(job, &dir, &err) < 0)
		return fail(err.text);
	if (strcmp(dir.path, argv[1]) != 0)
		return fail("rankferry-slot and rankferry-keeper are not of the same version");
	leave_parent(task);
	reset_signals();
	raise_fd_limit();
	keep.leftovers = rf_leftovers_create(&err);
	/* for this process and the guard: never closed */
	if (!keep.leftovers || rf_rundir_hold(&dir, RF_KEEP_FORMER_MS, &err) < 0)
		return fail(err.text);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || pipe2(life, O_CLOEXEC) < 0)
		return fail("the keeper can not start: no subreaper or no pipe");
	/* of a task: with it Slurm would end the step, and the keeper before its last word */
	keep.guard_pid = task ? 0 : getpid();
	keeper = fork();
	if (keeper < 0)
		return fail("the keeper can not start: no more processes");
	if (keeper > 0) {
		close(READY_FD);
		close(life[0]);
		rf_guard(keeper, &keep);
	}
	close(life[1]);
	keep.guard = life[0];
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return rf_keep(&keep);
}
