/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "verification.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mpirun.h"
#include "places.h"
#include "procs.h"
#include "util/clock.h"
#include "verdict.h"

#define PREFIX "rankferry: "

static _Noreturn void become_store(const char *program, const char *snapshot, int out, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() == parent && dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0)
		execl(program, program, "verify", "--quick", snapshot, NULL);
	_exit(RF_EXIT_OWN);
}

/* All that it says, until it ends; a line for people. -1: not in time, or `*number` has come. */
static int listen_to(int fd, char *said, size_t size, int *number)
{
	int64_t until = rf_clock_ms() + RF_VERIFICATION_MS;
	size_t used = 0;

	for (;;) {
		ssize_t n = read(fd, said + used, size - 1 - used);

		if (n > 0) {
			used += (size_t)n;
			if (used == size - 1)
				used--; /* the end of what is too long */
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			said[used] = '\0';
			said[strcspn(said, "\n")] = '\0';
			return 0;
		} else if (rf_clock_ms() >= until) {
			return -1;
		} else {
			*number = rf_mpirun_pause(fd, until);
			if (*number)
				return -1;
		}
	}
}

int rf_verification(const char *snapshot, int *number, struct rf_error *err)
{
	char program[PATH_MAX], said[RF_ERROR_TEXT] = "", *text = said;
	pid_t child, parent = getpid();
	int ends[2], status, rc;
	bool reaped;

	*number = 0;
	if (rf_place_helper("rankferry-store", program, err) < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return rf_error_errno(err, "can not verify %s", snapshot);
	child = fork();
	if (child == 0)
		become_store(program, snapshot, ends[1], parent);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return rf_error_errno(err, "can not verify %s", snapshot);
	}
	rc = listen_to(ends[0], said, sizeof(said), number);
	close(ends[0]);
	if (rc < 0)
		kill(child, SIGKILL);
	/* it has closed its output, so it ends now; or it was killed, and may hang in the store */
	reaped = rf_proc_reap(child, rc < 0 ? RF_PROC_REAP_MS : RF_VERIFICATION_END_MS, &status);
	if (rc < 0)
		return rf_error_set(err, ETIMEDOUT, "%s could not be verified within %d minutes",
				    snapshot, RF_VERIFICATION_MS / 60000);
	if (reaped && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (strncmp(text, PREFIX, strlen(PREFIX)) == 0)
		text += strlen(PREFIX);
	text[strcspn(text, ";")] = '\0'; /* behind it, advice for people */
	return rf_error_set(err, EIO, "%s can not be used: %s", snapshot,
			    *text ? text : "rankferry-store, which verifies, has failed");
}
