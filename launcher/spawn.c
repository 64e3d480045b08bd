/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "depot.h"
#include "environment.h"
#include "places.h"
#include "revive.h"
#include "verdict.h"

struct report {
	bool executed;
	struct rf_error err;
};

static void remove_ours(struct rf_identity *identity)
{
	static const char *const ours[] = {
		RF_ENV_AGENT,	RF_ENV_JOB,   RF_ENV_COORD,	 RF_ENV_SECRET, RF_ENV_STRICT,
		RF_ENV_RESTORE, RF_ENV_RANKS, RF_ENV_GENERATION, RF_ENV_DETECT, RF_ENV_LAZY,
		RF_ENV_SYS,	RF_ENV_SHELF, RF_ENV_FAR,
	};
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		rf_identity_setenv(identity, ours[i], NULL, NULL);
}

static int add_keeper(struct rf_identity *identity, const char *keeper, bool strict,
		      struct rf_error *err)
{
	if (rf_identity_setenv(identity, RF_ENV_KEEPER, keeper, err) < 0)
		return -1;
	return rf_identity_setenv(identity, RF_ENV_RANK_STRICT, strict ? "1" : NULL, err);
}

int rf_spawn_program(struct rf_identity *identity, const char *keeper, const char *shim,
		     bool strict, struct rf_error *err)
{
	const char *others = rf_identity_getenv(identity, "LD_PRELOAD");
	char *list = NULL;
	int rc;

	remove_ours(identity);
	if (!shim)
		return 0;
	if (asprintf(&list, "%s%s%s", others ? others : "", others && *others ? ":" : "", shim) < 0)
		return rf_error_errno(err, "can not start the rank");
	rc = rf_identity_setenv(identity, "LD_PRELOAD", list, err);
	free(list);
	return rc < 0 ? -1 : add_keeper(identity, keeper, strict, err);
}

int rf_spawn_image(struct rf_identity *identity, const char *keeper, const char *snapshot, int rank,
		   bool strict, struct rf_error *err)
{
	/* `snapshot` may be what the environment says, and stays: it is in the identity's own bytes
	 */
	bool lazy = rf_identity_getenv(identity, RF_ENV_LAZY) != NULL;
	const char *shelf = rf_identity_getenv(identity, RF_ENV_SHELF);
	char nearest[PATH_MAX];

	if (!rf_identity_getenv(identity, RF_ENV_FAR))
		snapshot = rf_depot_find(shelf, snapshot, rank, nearest);
	remove_ours(identity);
	if (rf_revive(identity, snapshot, rank, lazy, err) < 0)
		return -1;
	return add_keeper(identity, keeper, strict, err);
}

int rf_spawn_loan(struct rf_identity *identity, const char *keeper, bool strict,
		  struct rf_error *err)
{
	remove_ours(identity);
	return add_keeper(identity, keeper, strict, err);
}

int rf_spawn_standby(struct rf_identity *identity, int rank, int id, const char *seat,
		     struct rf_error *err)
{
	char helper[PATH_MAX], engine[PATH_MAX], what[512];
	char *argv[] = {helper, "--standby", what, engine, NULL};

	if (rf_place_helper("rankferry-restore", helper, err) < 0 ||
	    rf_place_engine(engine, err) < 0)
		return -1;
	if (snprintf(what, sizeof(what), "%d,%d,%s", id, rank, seat) >= (int)sizeof(what))
		return rf_error_set(err, EPROTO, "rank %d has asked for too much", rank);
	if (rf_identity_setenv(identity, "LD_PRELOAD", NULL, err) ||
	    rf_identity_setenv(identity, "LD_AUDIT", NULL, err))
		return -1;
	return rf_identity_replace(identity, argv, err);
}

static _Noreturn void be_rank(const struct rf_identity *identity, int report, pid_t keeper)
{
	struct report failure = {0};

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper)
		_exit(RF_EXIT_OWN);
	report = rf_identity_become(identity, report, &failure.executed, &failure.err);
	if (write(report, &failure, sizeof(failure)) < 0)
		_exit(RF_EXIT_OWN);
	_exit(RF_EXIT_OWN);
}

pid_t rf_spawn(const struct rf_identity *identity, int *report, struct rf_error *err)
{
	pid_t keeper = getpid(), pid;
	sigset_t all, before;
	int pair[2];

	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) < 0)
		return rf_error_errno(err, "can not make a pipe");
	/* the event loop's signal handlers must not run in the child */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		be_rank(identity, pair[1], keeper);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return rf_error_errno(err, "can not start the rank");
	}
	*report = pair[0];
	setpgid(pid, pid); /* so that it is done before any signal, whoever runs first */
	return pid;
}

bool rf_spawn_failure(int report, bool *executed, struct rf_error *err)
{
	struct report failure;

	if (read(report, &failure, sizeof(failure)) != sizeof(failure))
		return false;
	*executed = failure.executed;
	*err = failure.err;
	return true;
}
