/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpirun.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utlist.h>

#include "leftovers.h"
#include "minder.h"
#include "places.h"
#include "procs.h"
#include "say.h"
#include "verdict.h"
#include "util/clock.h"

#define HIGH_FD	       200  /* out of the way of fds that the user means for mpirun */
#define LEAVE_MS       6000 /* for the minder to go: longer than it takes in the worst case */
#define TWIN_RECENT_MS 200  /* a report of the minder is about a signal that came after it */
#define LEFT_MAX       1024 /* processes of an mpirun without minder: one for each host */
#define ORPHAN_MS      2500 /* for an mpirun without minder, which has got SIGTERM by that */

struct rf_mpirun {
	struct event_base *base;
	const struct rf_mpirun_ops *ops;
	void *data;
	struct rf_mpirun *prev, *next;
	int socket;
	struct event *readable, *undecided, *orphan;
	pid_t minder;		       /* 0 when it has been reaped */
	pid_t pid;		       /* mpirun's, 0 before and after */
	struct rf_proc left[LEFT_MAX]; /* what it had started when its minder was lost */
	int nleft;
	long long seen_ms[65]; /* when the minder reported the signal, 0: never or matched */
	uint64_t waiting;      /* signals that this process got, but the minder perhaps not */
	bool concluded;	       /* ended or not_run was called */
};

/* Signals and children are a process's, not one mpirun's. */
static struct {
	int fd;
	sigset_t mask;	  /* before */
	uint64_t ignored; /* before */
	struct event *signalled;
	struct rf_mpirun *list;
	struct rf_mpirun *front; /* signals are for this one */
} process = {.fd = -1};

int rf_mpirun_take_signals(struct rf_error *err)
{
	sigset_t all;
	int s;

	for (s = 1; s <= 64; s++) {
		struct sigaction action;

		if (sigaction(s, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			process.ignored |= 1ULL << (s - 1);
	}
	sigfillset(&all);
	for (s = 0; s < 5; s++) /* faults of this process itself */
		sigdelset(&all, (const int[]){SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS}[s]);
	sigprocmask(SIG_BLOCK, &all, &process.mask);
	signal(SIGCHLD, SIG_DFL); /* ignored, it would take the children's statuses away */
	process.fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	return process.fd < 0 ? rf_error_errno(err, "can not receive signals") : 0;
}

static void tell(const struct rf_mpirun *m, enum rf_minder_kind kind, int value)
{
	struct rf_minder_message message = {.kind = kind, .value = value};
	int s;

	if (kind == RF_MINDER_BEGIN) {
		message.ignored = process.ignored;
		for (s = 1; s <= 64; s++)
			if (sigismember(&process.mask, s) == 1)
				message.blocked |= 1ULL << (s - 1);
	}
	send(m->socket, &message, sizeof(message), MSG_NOSIGNAL);
}

void rf_mpirun_signal(struct rf_mpirun *m, int number)
{
	if (m->minder)
		tell(m, RF_MINDER_SIGNAL, number);
	else if (m->pid)
		kill(m->pid, number);
}

/* What an mpirun without minder has started: the minder would have ended it. */
static void end_left(struct rf_mpirun *m)
{
	int i;

	for (i = 0; i < m->nleft; i++)
		if (rf_proc_runs(&m->left[i]))
			kill(m->left[i].pid, SIGKILL);
	m->nleft = 0;
}

/* The minder may take its time. It reaps mpirun, so as long as this is its child the id is
 * mpirun's. */
static void kill_at_once(const struct rf_mpirun *m)
{
	struct rf_proc mpirun;

	if (m->pid && rf_proc_read(m->pid, &mpirun) == 0 && mpirun.parent == m->minder)
		kill(m->pid, SIGKILL);
}

void rf_mpirun_kill(struct rf_mpirun *m)
{
	if (m->minder) {
		kill_at_once(m);
		tell(m, RF_MINDER_KILL, 0);
	} else if (m->pid) {
		kill(m->pid, SIGKILL);
	}
	end_left(m);
}

static void on_seen(struct rf_mpirun *m, int s)
{
	if (s < 1 || s > 64 || m != process.front)
		return;
	if (m->waiting & (1ULL << (s - 1)))
		m->waiting &= ~(1ULL << (s - 1));
	else
		m->seen_ms[s] = rf_clock_ms();
	m->ops->signalled(s, m->data);
}

static void on_message(evutil_socket_t fd, short what, void *data)
{
	struct rf_minder_message message;
	struct rf_mpirun *m = data;
	ssize_t n = recv(fd, &message, sizeof(message), MSG_DONTWAIT);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != sizeof(message)) {
		event_del(m->readable); /* SIGCHLD follows */
		return;
	}
	switch (message.kind) {
	case RF_MINDER_STARTED:
		m->pid = message.value;
		m->ops->started(m->pid, m->data);
		break;
	case RF_MINDER_NOT_RUN:
		m->concluded = true;
		m->ops->not_run(message.value, m->data);
		break;
	case RF_MINDER_SEEN:
		on_seen(m, message.value);
		break;
	case RF_MINDER_STOPPED:
		/* whoever waits for mpirun waits for us; SIGCONT comes for the group, or is passed
		 * on */
		if (m == process.front)
			raise(SIGSTOP);
		break;
	case RF_MINDER_ENDED:
		m->pid = 0;
		m->concluded = true;
		m->ops->ended(message.value, m->data);
		break;
	}
}

static void on_minder_gone(struct rf_mpirun *m)
{
	const struct timeval wait = {ORPHAN_MS / 1000, ORPHAN_MS % 1000 * 1000};

	if (event_pending(m->readable, EV_READ, NULL)) {
		on_message(m->socket, EV_READ, m); /* at most its last word is unread, */
		on_message(m->socket, EV_READ, m); /* and the one before */
	}
	if (m->concluded)
		return;
	if (!m->pid) {
		m->concluded = true;
		m->ops->not_run(ECHILD, m->data);
		return;
	}
	/* mpirun has got SIGTERM by this, and is now our own child: this process is a subreaper */
	/* an ssh to a host that is gone may stay for ever */
	m->nleft = rf_descendants_of(m->pid, m->left, LEFT_MAX);
	m->ops->orphaned(m->data);
	event_add(m->orphan, &wait);
}

static void on_reaped(struct rf_mpirun *m, pid_t pid, int status)
{
	if (pid == m->minder) {
		m->minder = 0;
		on_minder_gone(m);
	} else {
		m->pid = 0;
		end_left(m);
		rf_leftovers_of_mpirun(pid);
		m->concluded = true;
		m->ops->ended(status, m->data);
	}
}

static void reap(void)
{
	struct rf_mpirun *m;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		DL_FOREACH(process.list, m)
		{
			if (pid == m->minder || pid == m->pid)
				break;
		}
		if (m)
			on_reaped(m, pid, status);
	}
}

static void on_orphan(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	rf_mpirun_kill(data);
}

/* The time for a report of the minder is over: what it has not reported, mpirun has not got. */
static void on_undecided(evutil_socket_t fd, short what, void *data)
{
	struct rf_mpirun *m = data;
	uint64_t waiting = m->waiting;
	int s;

	(void)fd;
	(void)what;
	m->waiting = 0;
	for (s = 1; s <= 64; s++)
		if (waiting & (1ULL << (s - 1))) {
			rf_mpirun_signal(m, s);
			m->ops->signalled(s, m->data);
		}
}

static void on_signal(evutil_socket_t fd, short what, void *data)
{
	const struct timeval wait = {0, RF_TWIN_WAIT_MS * 1000};
	struct signalfd_siginfo info;

	(void)what;
	(void)data;
	while (read(fd, &info, sizeof(info)) == sizeof(info)) {
		struct rf_mpirun *m = process.front;
		unsigned s = info.ssi_signo;

		if (s == SIGCHLD) {
			reap();
		} else if (!m || info.ssi_pid == (uint32_t)getpid() || s > 64) {
			continue; /* SIGPIPE of our own output */
		} else if (m->seen_ms[s] && rf_clock_ms() - m->seen_ms[s] < TWIN_RECENT_MS) {
			m->seen_ms[s] = 0;
		} else {
			m->waiting |= 1ULL << (s - 1);
			if (!evtimer_pending(m->undecided, NULL))
				event_add(m->undecided, &wait);
		}
	}
}

int rf_mpirun_pause(int fd, int64_t until)
{
	for (;;) {
		struct pollfd polls[2] = {{.fd = process.fd, .events = POLLIN},
					  {.fd = fd, .events = POLLIN}};
		struct signalfd_siginfo info;
		int n = poll(polls, 2, rf_clock_left(until));

		if (n == 0 || (n > 0 && polls[1].revents))
			return 0;
		while (read(process.fd, &info, sizeof(info)) == sizeof(info)) {
			if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM ||
			    info.ssi_signo == SIGHUP)
				return (int)info.ssi_signo;
			if (info.ssi_signo == SIGTSTP)
				raise(SIGSTOP);
		}
	}
}

void rf_mpirun_to_front(struct rf_mpirun *m)
{
	process.front = m;
}

static int watch_signals(struct event_base *base)
{
	if (process.signalled)
		return 0;
	process.signalled = event_new(base, process.fd, EV_READ | EV_PERSIST, on_signal, NULL);
	return process.signalled ? event_add(process.signalled, NULL) : -1;
}

static _Noreturn void become_minder(const char *program, char **argv, int fd, int input)
{
	char number[16];

	if (input >= 0 && dup2(input, 0) < 0)
		_exit(RF_EXIT_OWN);
	fd = fcntl(fd, F_DUPFD, HIGH_FD);
	if (fd < 0)
		_exit(RF_EXIT_OWN);
	snprintf(number, sizeof(number), "%d", fd);
	setenv(RF_ENV_MINDER, number, 1);
	execv(program, argv);
	_exit(RF_EXIT_OWN);
}

struct rf_mpirun *rf_mpirun_start(struct event_base *base, char **argv, int input,
				  const struct rf_mpirun_ops *ops, void *data, struct rf_error *err)
{
	struct rf_mpirun *m = calloc(1, sizeof(*m));
	char program[PATH_MAX];
	int pair[2] = {-1, -1};

	if (!m) {
		rf_error_errno(err, "can not start mpirun");
		return NULL;
	}
	m->base = base;
	m->ops = ops;
	m->data = data;
	m->socket = -1;
	if (rf_place_helper("rankferry-minder", program, err) < 0)
		goto failed;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		rf_error_errno(err, "can not start mpirun");
		goto failed;
	}
	m->socket = pair[0];
	m->readable = event_new(base, m->socket, EV_READ | EV_PERSIST, on_message, m);
	m->undecided = evtimer_new(base, on_undecided, m);
	m->orphan = evtimer_new(base, on_orphan, m);
	if (!m->readable || !m->undecided || !m->orphan || event_add(m->readable, NULL) < 0 ||
	    watch_signals(base) < 0) {
		rf_error_set(err, ENOMEM, "can not watch for mpirun");
		goto failed;
	}
	m->minder = fork();
	if (m->minder == 0)
		become_minder(program, argv, pair[1], input);
	if (m->minder < 0) {
		m->minder = 0;
		rf_error_errno(err, "can not start mpirun");
		goto failed;
	}
	close(pair[1]);
	DL_APPEND(process.list, m);
	if (!process.front)
		process.front = m;
	tell(m, RF_MINDER_BEGIN, 0);
	return m;
failed:
	if (pair[1] >= 0)
		close(pair[1]);
	rf_mpirun_destroy(m);
	return NULL;
}

void rf_mpirun_destroy(struct rf_mpirun *m)
{
	struct event *events[3];
	struct rf_proc minder, mpirun;
	size_t i;

	if (!m)
		return;
	if (m->socket >= 0)
		close(m->socket); /* tells the minder to go */
	if (m->minder && rf_proc_read(m->minder, &minder) == 0 && rf_proc_wait(&minder, LEAVE_MS))
		kill(m->minder, SIGKILL);
	if (m->minder)
		waitpid(m->minder, NULL, 0);
	/* without its minder it is our own child */
	if (m->pid && !m->concluded && rf_proc_read(m->pid, &mpirun) == 0 &&
	    mpirun.parent == getpid()) {
		rf_mpirun_kill(m);
		waitpid(m->pid, NULL, 0);
		rf_leftovers_of_mpirun(m->pid);
	}
	if (m->prev)
		DL_DELETE(process.list, m);
	if (process.front == m)
		process.front = NULL;
	if (!process.list && process.signalled) {
		event_free(process.signalled);
		process.signalled = NULL;
	}
	events[0] = m->readable;
	events[1] = m->undecided;
	events[2] = m->orphan;
	for (i = 0; i < 3; i++)
		if (events[i])
			event_free(events[i]);
	free(m);
}
