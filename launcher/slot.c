/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry-slot: what Open MPI starts for a rank, by orte_fork_agent, instead of the program. It
 * hands its identity to the host's keeper, which starts the program with it; then it forwards the
 * signals it gets, and ends as the rank ends. The rank lives no longer than the slot: if this
 * process dies its connection closes, and the keeper kills the rank. If Open MPI's daemon dies, so
 * does the slot.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environment.h"
#include "identity.h"
#include "program.h"
#include "summon.h"
#include "verdict.h"
#include "wire/rankmsg.h"

extern char **environ;

static int rank_number(void)
{
	const char *text = getenv("PMIX_RANK");

	return text && isdigit((unsigned char)*text) ? atoi(text) : -1;
}

static void say(const char *text)
{
	char host[HOST_NAME_MAX + 1] = "this host";

	gethostname(host, sizeof(host) - 1);
	if (rank_number() >= 0)
		dprintf(2, "rankferry: rank %d on %s: %s\n", rank_number(), host, text);
	else
		dprintf(2, "rankferry: %s: %s\n", host, text);
}

/* The message and the exit code of Open MPI's daemon: help-orte-odls-default.txt, "execve error".
 */
static _Noreturn void exec_failed(const char *program, int number)
{
	static const char line[] =
		"--------------------------------------------------------------------------";
	char host[HOST_NAME_MAX + 1] = "", here[PATH_MAX] = "", bad[PATH_MAX + 64];
	const char *why = strerror(number);
	struct stat st;

	gethostname(host, sizeof(host) - 1);
	if (!getcwd(here, sizeof(here)))
		*here = '\0';
	if (number == ENOENT && stat(program, &st) == 0) {
		snprintf(bad, sizeof(bad), "%s has a bad interpreter on the first line.", program);
		why = bad;
	}
	dprintf(2,
		"%s\n"
		"Open MPI tried to fork a new process via the \"execve\" system call but\n"
		"failed.  Open MPI checks many things before attempting to launch a\n"
		"child process, but nothing is perfect. This error may be indicative\n"
		"of another problem on the target host, or even something as silly as\n"
		"having specified a directory for your application. Your job will now\n"
		"abort.\n\n"
		"  Local host:        %s\n"
		"  Working dir:       %s\n"
		"  Application name:  %s\n"
		"  Error:             %s\n"
		"%s\n",
		line, host, here, program, why, line);
	_exit(RF_EXIT_EXEC_FAILS);
}

static int block_signals(struct rf_error *err)
{
	sigset_t all;
	int fd;

	sigfillset(&all);
	/* blocked, these would turn a fault of this program into a hang */
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGSYS);
	sigprocmask(SIG_BLOCK, &all, NULL);
	fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		rf_error_errno(err, "can not receive signals");
	return fd;
}

/* PDEATHSIG goes with the parent's thread; the daemon's live as long as it does. */
static int die_with_daemon(pid_t daemon)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return getppid() == daemon ? 0 : -1;
}

/* --index-argv-by-rank has put "-RANK" behind our argv[0]; it belongs behind the program's. */
static void index_argv(const char *own, char **argv)
{
	static const char name[] = "rankferry-slot-";
	const char *base = strrchr(own, '/');
	char *text;

	base = base ? base + 1 : own;
	if (strncmp(base, name, strlen(name)) == 0 &&
	    asprintf(&text, "%s-%s", argv[0], base + strlen(name)) > 0)
		argv[0] = text;
}

/* Neither file may be held open by anything but the rank: mpirun waits for their end. */
static void let_go(const struct rf_birth *birth)
{
	int i, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (i = 0; i < birth->nfds; i++)
		if (birth->fds[i] > 2)
			close(birth->fds[i]);
	if (null >= 0) {
		dup2(null, 0);
		dup2(null, 1);
		close(null);
	}
}

/* Everything up to the moment when the keeper has the rank. */
static int hand_over(const struct rf_birth *birth, const char *job, const char *program,
		     char **argv, struct rf_error *err)
{
	struct rf_rankmsg message;
	char reason[RF_RANKMSG_TEXT];
	int fds[RF_RANKMSG_FDS];
	int fd, i, nfds;

	for (i = 0; i < birth->nfds; i++)
		if (birth->fds[i] > 2)
			fcntl(birth->fds[i], F_SETFD, FD_CLOEXEC);
	rf_program_preloads(program, reason, sizeof(reason));
	if (rf_identity_capture(birth, program, argv, environ, fds, &nfds, err) < 0)
		return -1;
	fd = rf_summon(job, err);
	if (fd >= 0) {
		rf_rankmsg_init(&message, RF_RANKMSG_SLOT, rank_number(), 0, reason);
		if (rf_rankmsg_send(fd, &message, fds, nfds) < 0) {
			rf_error_errno(err, "can not hand the rank to the keeper");
			close(fd);
			fd = -1;
		}
	}
	close(fds[0]);
	close(fds[1]);
	return fd;
}

/* A snapshot can only go on with as many ranks as it was taken of. One of them says it. */
static int check_ranks(struct rf_error *err)
{
	const char *wanted = getenv(RF_ENV_RANKS), *got = getenv("OMPI_COMM_WORLD_SIZE");

	if (!wanted || (got && strcmp(wanted, got) == 0))
		return 0;
	if (rank_number() > 0)
		_exit(RF_EXIT_OWN);
	return rf_error_set(err, EINVAL, "the snapshot has %s ranks, and mpirun starts %s", wanted,
			    got ? got : "none");
}

static void forward(int keeper, int signals)
{
	struct signalfd_siginfo info;
	struct rf_rankmsg message;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue; /* the process that became the keeper */
		rf_rankmsg_init(&message, RF_RANKMSG_SIGNAL, rank_number(), (int)info.ssi_signo,
				NULL);
		rf_rankmsg_send(keeper, &message, NULL, 0);
	}
}

static _Noreturn void conclude(const struct rf_rankmsg *message, const char *program)
{
	switch (message->kind) {
	case RF_RANKMSG_ENDED:
		rf_end_as(message->value);
	case RF_RANKMSG_NOEXEC:
		exec_failed(program, message->value);
	default:
		if (*message->text)
			say(message->text);
		_exit(message->value);
	}
}

static _Noreturn void serve(int keeper, int signals, const char *program)
{
	struct pollfd polls[2] = {{.fd = keeper, .events = POLLIN},
				  {.fd = signals, .events = POLLIN}};
	struct rf_rankmsg message;

	/* as long as the rank runs; the keeper watches it, and its own end closes the connection */
	for (;;) {
		if (poll(polls, 2, -1) < 0)
			continue;
		if (polls[1].revents)
			forward(keeper, signals);
		if (!polls[0].revents)
			continue;
		if (rf_rankmsg_receive(keeper, &message, NULL, NULL) == 1)
			conclude(&message, program);
		say("the keeper of this host is lost, and the rank with it");
		_exit(RF_EXIT_OWN);
	}
}

int main(int argc, char **argv)
{
	const char *job = getenv(RF_ENV_JOB);
	char program[PATH_MAX];
	struct rf_birth birth;
	struct rf_error err;
	pid_t daemon = getppid();
	int signals, keeper;

	if (rf_birth_note(&birth, &err) < 0)
		goto failed;
	if (argc < 2) {
		rf_error_set(&err, 0, "rankferry-slot is for `rankferry run', not for people");
		goto failed;
	}
	if (rf_program_find(argv[1], program) < 0) {
		rf_error_set(&err, ENOENT, "%s was not found", argv[1]);
		goto failed;
	}
	index_argv(argv[0], argv + 1);
	if (!job) { /* not of a job that `rankferry run` started: nothing to do with us */
		execve(program, argv + 1, environ);
		exec_failed(program, errno);
	}
	signals = block_signals(&err);
	if (signals < 0)
		goto failed;
	if (die_with_daemon(daemon) < 0)
		_exit(RF_EXIT_OWN);
	if (check_ranks(&err) < 0)
		goto failed;
	keeper = hand_over(&birth, job, program, argv + 1, &err);
	if (keeper < 0)
		goto failed;
	let_go(&birth);
	serve(keeper, signals, program);
failed:
	say(err.text);
	return RF_EXIT_OWN;
}
