/* SPDX-License-Identifier: BSD-3-Clause */
#include "guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "depot.h"
#include "environment.h"
#include "procs.h"
#include "receiver.h"
#include "verdict.h"

_Noreturn void rf_guard(pid_t keeper, const struct rf_keep *keep)
{
	int s, status;
	pid_t pid;

	for (s = 1; s <= 64; s++)
		if (s != SIGCHLD)
			signal(s, SIG_IGN); /* the keeper gets them too, and decides */
	while ((pid = waitpid(-1, &status, 0)) != keeper)
		if (pid < 0 && errno != EINTR)
			break;
	if (pid == keeper && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	rf_descendants_end(RF_KEEP_END_MS);
	rf_leftovers_remove(keep->leftovers, RF_KEEP_DAEMON_MS);
	rf_receiver_remove(keep->dir);
	if (getenv(RF_ENV_SHELF))
		rf_depot_remove(getenv(RF_ENV_SHELF));
	rf_rundir_remove(keep->dir);
	_exit(RF_EXIT_OWN);
}

void rf_guard_end(const struct rf_keep *keep)
{
	struct pollfd life = {.fd = keep->guard, .events = POLLIN};

	if (getppid() == keep->guard_pid && kill(keep->guard_pid, SIGKILL) == 0)
		poll(&life, 1, RF_KEEP_LINGER_MS);
}
