/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry-plugin-host: the process that a plugin runs in (plugin.h has the other end). It is two:
 *a guard, and its child, which loads the plugin and calls it. The guard is a child subreaper. When
 *the child ends it says how; when the coordinator closes, or is gone, it ends the child and all
 *that the plugin has started.
 *
 *	rankferry-plugin-host serve FD PATH	requests from a socket, one at a time
 *	rankferry-plugin-host describe PATH	what it is, as JSON on stdout
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin_load.h"
#include "plugin_serve.h"
#include "procs.h"
#include "util/clock.h"
#include "verdict.h"

#define CLOSE_MS   500 /* for the plugin's close(), when the coordinator has closed */
#define END_MS	   1000
#define DESCRIBE_S 5

/* Nothing of the coordinator's: no terminal, no output to the job's, no signal that is blocked. */
static void detach(void)
{
	const struct rlimit none = {0, 0};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), s;
	sigset_t empty;

	for (s = 0; s <= 2; s++)
		dup2(null, s);
	if (null > 2)
		close(null);
	for (s = 1; s <= 64; s++)
		signal(s, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	setrlimit(RLIMIT_CORE, &none);
}

static void tell_end(int socket, int status)
{
	json_t *line = json_pack("{s:i}", "ended", status);

	fcntl(socket, F_SETFL, O_NONBLOCK); /* whoever does not read does not care */
	if (json_dumpfd(line, socket, JSON_COMPACT) == 0 && write(socket, "\n", 1) < 0)
		errno = 0;
	json_decref(line);
}

/* Until the child has ended, or, after the coordinator has closed, CLOSE_MS are over. */
static void guard(pid_t child, int socket)
{
	struct pollfd polls[2] = {{.events = POLLIN}, {.fd = socket, .events = POLLRDHUP}};
	long long until = 0;
	sigset_t mask;
	int status;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	polls[0].fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	for (;;) {
		struct signalfd_siginfo info;
		pid_t pid;

		while (read(polls[0].fd, &info, sizeof(info)) > 0)
			;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid != child)
				continue;
			rf_descendants_end(END_MS);
			tell_end(socket, status);
			return;
		}
		if (until && rf_clock_ms() >= until)
			break;
		if (poll(polls, 2, until ? rf_clock_left(until) : -1) < 0 && errno != EINTR)
			break;
		if (polls[1].revents && !until) {
			until = rf_clock_ms() + CLOSE_MS;
			polls[1].fd = -1;
		}
	}
	rf_descendants_end(END_MS);
}

static int serve(int socket, const char *path)
{
	pid_t self = getpid(), child;
	int s;

	setsid();
	detach();
	fcntl(socket, F_SETFD, FD_CLOEXEC);
	/* what the user has open is for mpirun, and may be a pipe whose end somebody waits for */
	close_range(3, (unsigned)socket - 1, 0);
	close_range((unsigned)socket + 1, ~0U, 0);
	for (s = 1; s <= 64; s++)
		if (s != SIGCHLD && s != SIGKILL && s != SIGSTOP)
			signal(s, SIG_IGN); /* it ends with the coordinator */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	child = fork();
	if (child < 0)
		return RF_EXIT_OWN;
	if (child == 0) {
		detach();
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			return RF_EXIT_OWN;
		return rf_plugin_serve(socket, path);
	}
	guard(child, socket);
	return 0;
}

static int describe(const char *path)
{
	struct rankferry_plugin plugin;
	struct rf_error err;
	json_t *text;
	int null, out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), rc;

	alarm(DESCRIBE_S);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (out < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		return RF_EXIT_OWN;
	if (rf_plugin_load(path, &plugin, &err) < 0)
		text = json_pack("{s:s}", "problem", err.text);
	else
		text = rf_plugin_describe(&plugin);
	rc = text ? json_dumpfd(text, out, JSON_COMPACT) : -1;
	json_decref(text);
	return rc ? RF_EXIT_OWN : 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "serve") == 0)
		return serve(atoi(argv[2]), argv[3]);
	if (argc == 3 && strcmp(argv[1], "describe") == 0)
		return describe(argv[2]);
	fprintf(stderr, "rankferry: rankferry-plugin-host is executed by rankferry\n");
	return RF_EXIT_OWN;
}
