/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "helper.h"

#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "places.h"

int rf_helper_start(char *const argv[], char *const environment[], int fd, int as,
		    struct rf_error *err)
{
	char program[PATH_MAX];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int code, pidfd;
	pid_t pid;

	if (rf_place_helper(argv[0], program, err) < 0)
		return -1;
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	if (fd >= 0)
		posix_spawn_file_actions_adddup2(&actions, fd, as);
	code = posix_spawn(&pid, program, &actions, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (code)
		return rf_error_set(err, code, "can not start %s: %s", argv[0], strerror(code));
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		kill(pid, SIGKILL); /* one that can not be ended later */
	return pidfd < 0 ? rf_error_errno(err, "no process file descriptor") : pidfd;
}

void rf_helper_kill(int pidfd)
{
	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}
