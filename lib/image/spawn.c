/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "image/spawn.h"
#include "image/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>

struct spawn {
	const char *program;
	char *const *argv, *const *envp;
	int fd;
	volatile long failed; /* shared with the child: it has no memory of its own */
};

/* In a function of its own, so that its frame is not the one that the parent goes on with. */
static __attribute__((noinline, noreturn)) void child(struct spawn *s)
{
	long fd = rf_sys(fcntl, s->fd, F_DUPFD, 10), null;

	null = rf_sys(openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
	for (int i = 0; i < 3; i++)
		if (null != i)
			rf_sys(dup3, null, i, 0);
	rf_sys(dup3, fd, RF_SPAWN_FD, 0);
	rf_sys(close_range, RF_SPAWN_FD + 1, UINT_MAX, 0);
	s->failed = rf_sys(execve, s->program, s->argv, s->envp);
	for (;;)
		rf_sys(exit_group, 127);
}

long rf_spawn(const char *program, char *const argv[], char *const envp[], int fd)
{
	struct spawn s = {program, argv, envp, fd, 0};
	long pid = rf_sys(clone, CLONE_VM | CLONE_VFORK, 0, 0, 0, 0);

	if (pid == 0)
		child(&s);
	if (pid > 0 && s.failed) {
		rf_sys(wait4, pid, 0, 0x40000000 /* __WALL */, 0);
		return s.failed;
	}
	return pid;
}
