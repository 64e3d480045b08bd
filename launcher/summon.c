/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "summon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobstep.h"
#include "keep.h"
#include "places.h"
#include "procs.h"
#include "rundir.h"
#include "verdict.h"
#include "wire/rankmsg.h"
#include "util/clock.h"

#define READY_FD     3 /* where the keeper reports */
#define MPOL_DEFAULT 0 /* linux/mempolicy.h */

/*
 * The keeper belongs to all ranks of the host: it must not run on the CPUs of the rank that
 * happened to come first, nor hold its files open (mpirun waits until nobody does). `daemon` is
 * Open MPI's.
 */
static _Noreturn void become_keeper(const char *program, const struct rf_rundir *dir, int ready,
				    pid_t daemon)
{
	const char *const argv[] = {"rankferry-keeper", dir->path, NULL};
	unsigned char cpus[1024];
	long n = syscall(SYS_sched_getaffinity, daemon, sizeof(cpus), cpus);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (n > 0)
		syscall(SYS_sched_setaffinity, 0, n, cpus);
	syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0);
	ready = fcntl(ready, F_DUPFD_CLOEXEC, READY_FD + 1);
	if (ready >= 0 && null >= 0 && dup2(null, 0) >= 0 && dup2(null, 1) >= 0 &&
	    dup2(null, 2) >= 0 && dup2(ready, READY_FD) >= 0)
		execv(program, (char *const *)argv);
	_exit(RF_EXIT_OWN);
}

/*
 * It outlives the mpirun whose slot it comes with, so it must not be in the job step of that
 * mpirun's daemons. srun stays as long as the keeper, if it is left alive; without it the step goes
 * on, too.
 */
static _Noreturn void become_step(char *program, const struct rf_rundir *dir, int ready)
{
	char *const argv[] = {program, (char *)dir->path, "task", NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	ready = fcntl(ready, F_DUPFD_CLOEXEC, READY_FD);
	if (ready >= 0 && null >= 0 && dup2(null, 0) >= 0 && dup2(ready, 1) >= 0 &&
	    dup2(ready, 2) >= 0)
		rf_jobstep_become(argv);
	dprintf(ready, "can not start srun: %s", strerror(errno));
	_exit(RF_EXIT_OWN);
}

/* The keeper says "ready", or what is wrong, and closes; srun in between does not close. */
static int await_ready(int fd, int ms, struct rf_error *err)
{
	long long until = rf_clock_ms() + ms;
	char text[RF_ERROR_TEXT] = "";
	const size_t n_ready = strlen(RF_KEEP_READY);
	size_t used = 0;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		long long left = until - rf_clock_ms();
		ssize_t n;

		if (left <= 0)
			return rf_error_set(err, ETIMEDOUT, "the keeper was not ready within %d s",
					    ms / 1000);
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, text + used, sizeof(text) - 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0)
			used += (size_t)n;
		text[used] = '\0';
		if (used >= n_ready && strcmp(text + used - n_ready, RF_KEEP_READY) == 0)
			return 0;
		if (n > 0)
			continue;
		text[strcspn(text, "\n")] = '\0';
		return rf_error_set(err, 0, "%s", used ? text : "the keeper ended at its start");
	}
}

/* `step`: as a job step of its own. */
static int start_keeper(const struct rf_rundir *dir, bool step, int ms, struct rf_error *err)
{
	char program[PATH_MAX];
	pid_t child, daemon = getppid();
	int ready[2], rc;

	if (rf_place_helper("rankferry-keeper", program, err) < 0)
		return -1;
	if (pipe2(ready, O_CLOEXEC) < 0)
		return rf_error_errno(err, "can not make a pipe");
	child = fork();
	if (child == 0 && step)
		become_step(program, dir, ready[1]);
	if (child == 0)
		become_keeper(program, dir, ready[1], daemon);
	close(ready[1]);
	if (child < 0) {
		close(ready[0]);
		return rf_error_errno(err, "can not start the keeper");
	}
	rc = await_ready(ready[0], ms, err);
	close(ready[0]);
	if (rc < 0) /* if it has made itself a daemon it ends by itself: nobody comes */
		kill(child, SIGKILL);
	if (rc == 0 && step)
		return 0;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return rc;
}

int rf_summon(const char *job, struct rf_error *err)
{
	struct rf_rundir dir;
	int lock, fd, ms;
	bool step;

	if (rf_rundir_name(job, &dir, err) < 0)
		return -1;
	fd = rf_rankmsg_connect(dir.socket);
	if (fd >= 0)
		return fd;
	step = rf_jobstep_is();
	ms = step ? RF_SUMMON_STEP_MS : RF_SUMMON_MS;
	lock = rf_rundir_lock(&dir, ms, err);
	if (lock < 0)
		return -1;
	/* another slot may have started it while this one waited for the lock */
	fd = rf_rankmsg_connect(dir.socket);
	if (fd < 0 && start_keeper(&dir, step, ms, err) == 0) {
		fd = rf_rankmsg_connect(dir.socket);
		if (fd < 0)
			rf_error_errno(err, "can not reach the keeper at %s", dir.socket);
	}
	close(lock);
	return fd;
}
