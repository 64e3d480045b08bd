/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry-minder: mpirun's parent, and a child of `rankferry run`. It has two tasks.
 *
 * It sees to it that nothing of mpirun is left when `rankferry run` is killed: it is a child
 * subreaper, so whatever mpirun started (ssh, a site's wrapper script around the real mpirun) can
 * not escape it.
 *
 * It is mpirun's twin for signals. It stays in the same process group, and its name and its
 * arguments are mpirun's: so whoever signals a process group, a session, all processes of a batch
 * job, or processes by their name, signals both or none, and the minder's report tells `rankferry
 * run` whether mpirun has got a signal already. mpirun takes a second SIGINT or SIGTERM for "by
 * force".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "jobs.h"
#include "leftovers.h"
#include "minder.h"
#include "procs.h"
#include "verdict.h"
#include "util/clock.h"

#define TERM_MS	 2800 /* for mpirun to end by itself: it gives its ranks 2 s */
#define OTHER_MS 2000 /* for keepers, which end by themselves */
#define REAP_MS	 50   /* after an orderly end, for keepers that have said goodbye */

struct minder {
	int socket;
	int signals;
	pid_t mpirun;  /* 0 when it has ended */
	bool violent;  /* mpirun was killed: look after what it started */
	bool failed;   /* it has ended with another code than 0 */
	bool orphaned; /* `rankferry run` is gone */
};

static void tell(const struct minder *m, enum rf_minder_kind kind, int value)
{
	const struct rf_minder_message message = {.kind = kind, .value = value};

	if (!m->orphaned)
		send(m->socket, &message, sizeof(message), MSG_NOSIGNAL);
}

static _Noreturn void be_mpirun(char **argv, const struct rf_minder_message *begin, pid_t minder,
				int report)
{
	sigset_t mask;
	int s, failure;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != minder)
		_exit(RF_EXIT_OWN);
	sigemptyset(&mask);
	for (s = 1; s <= 64; s++) {
		if (begin->blocked & (1ULL << (s - 1)))
			sigaddset(&mask, s);
		if (begin->ignored & (1ULL << (s - 1)))
			signal(s, SIG_IGN);
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
	execvp(argv[0], argv);
	failure = errno;
	if (write(report, &failure, sizeof(failure)) < 0)
		_exit(RF_EXIT_OWN);
	_exit(RF_EXIT_NOT_RUN);
}

/* Returns once mpirun executes, or has failed to. */
static int start(struct minder *m, char **argv, const struct rf_minder_message *begin)
{
	pid_t minder = getpid();
	int report[2], failure;
	ssize_t n;

	if (pipe2(report, O_CLOEXEC) < 0)
		return errno;
	m->mpirun = fork();
	if (m->mpirun == 0)
		be_mpirun(argv, begin, minder, report[1]);
	failure = errno;
	close(report[1]);
	if (m->mpirun < 0) {
		m->mpirun = 0;
		close(report[0]);
		return failure;
	}
	do
		n = read(report[0], &failure, sizeof(failure));
	while (n < 0 && errno == EINTR);
	close(report[0]);
	if (n != sizeof(failure))
		return 0;
	waitpid(m->mpirun, NULL, 0);
	m->mpirun = 0;
	return failure;
}

static void reap(struct minder *m)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (!WIFSTOPPED(status))
			rf_leftovers_of_mpirun(pid); /* a real mpirun below a wrapper script, too */
		if (pid != m->mpirun)
			continue;
		if (WIFSTOPPED(status)) {
			tell(m, RF_MINDER_STOPPED, WSTOPSIG(status));
			continue;
		}
		m->mpirun = 0;
		m->violent = m->violent || WIFSIGNALED(status);
		m->failed = status != 0;
		tell(m, RF_MINDER_ENDED, status);
	}
}

static void on_signals(struct minder *m)
{
	struct signalfd_siginfo info;

	while (read(m->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(m);
		else
			tell(m, RF_MINDER_SEEN, (int)info.ssi_signo);
	}
}

/* Everything but keepers and ranks, which are in sessions of their own and end by themselves. */
static void kill_relatives(void)
{
	rf_descendants_signal(SIGKILL, true);
}

static void on_message(struct minder *m)
{
	struct rf_minder_message message;
	ssize_t n = recv(m->socket, &message, sizeof(message), 0);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n != sizeof(message)) {
		m->orphaned = true;
	} else if (message.kind == RF_MINDER_SIGNAL && m->mpirun) {
		kill(m->mpirun, message.value);
	} else if (message.kind == RF_MINDER_KILL) {
		m->violent = true;
		kill_relatives();
	}
}

/* Polls until `rankferry run` is gone (unless it already is) or `ms` are over or mpirun has ended.
 */
static void serve(struct minder *m, int ms)
{
	long long until = rf_clock_ms() + ms;

	for (;;) {
		struct pollfd polls[2] = {{.fd = m->signals, .events = POLLIN},
					  {.fd = m->orphaned ? -1 : m->socket, .events = POLLIN}};
		long long left = ms < 0 ? -1 : until - rf_clock_ms();

		if (ms >= 0 && (left <= 0 || !m->mpirun))
			return;
		if (poll(polls, 2, (int)left) < 0)
			continue;
		if (polls[0].revents)
			on_signals(m);
		if (polls[1].revents)
			on_message(m);
		if (ms < 0 && m->orphaned)
			return;
	}
}

/* Reaps, keepers' guards too, until there is no child any more, at most `ms`. Returns whether one
 * is left. */
static bool await_children(int ms)
{
	const struct timespec step = {0, 1000000};
	long long until = rf_clock_ms() + ms;

	while (rf_clock_ms() < until) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0)
			return false;
		if (pid > 0)
			rf_leftovers_of_mpirun(pid);
		else
			nanosleep(&step, NULL);
	}
	return true;
}

static void hang_up(const struct rf_job_entry *entry, int fd, void *data)
{
	(void)entry;
	(void)data;
	close(fd);
}

/*
 * What there is now is nobody's. After a good end it may be meant to stay, like the shared
 * connection that an ssh leaves in the background; else it is brought to an end: when a host was
 * lost, an ssh to it may stay for ever.
 */
static void clean_up(struct minder *m)
{
	if (m->mpirun) {
		m->violent = true;
		kill(m->mpirun, SIGCONT);
		kill(m->mpirun, SIGTERM);
		serve(m, TERM_MS);
	}
	/* looking at all jobs removes the entry of one that was killed */
	rf_jobs_each(hang_up, NULL);
	if (!m->violent && (!await_children(REAP_MS) || !m->failed))
		return;
	kill_relatives();
	await_children(m->violent ? OTHER_MS : REAP_MS);
}

int main(int argc, char **argv)
{
	const char *number = getenv(RF_ENV_MINDER);
	struct rf_minder_message begin;
	struct minder m = {0};
	const char *name;
	sigset_t all;
	int failure;

	if (argc < 1 || !number)
		return RF_EXIT_OWN;
	m.socket = atoi(number);
	unsetenv(RF_ENV_MINDER);
	fcntl(m.socket, F_SETFD, FD_CLOEXEC);
	name = strrchr(argv[0], '/');
	prctl(PR_SET_NAME, name ? name + 1 : argv[0]);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (recv(m.socket, &begin, sizeof(begin), 0) != sizeof(begin) ||
	    begin.kind != RF_MINDER_BEGIN)
		return RF_EXIT_OWN;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGCHLD, SIG_DFL); /* ignored, it would take the children's statuses away */
	m.signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	failure = m.signals < 0 ? errno : start(&m, argv, &begin);
	if (failure) {
		tell(&m, RF_MINDER_NOT_RUN, failure);
		return RF_EXIT_OWN;
	}
	tell(&m, RF_MINDER_STARTED, m.mpirun);
	serve(&m, -1);
	clean_up(&m);
	return 0;
}
