/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "generation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <unistd.h>

#include "allocation.h"
#include "environment.h"
#include "line.h"
#include "rundir.h"

#define PIECE	65536
#define LOCK_MS 5000 /* for others that make something in the run directory */
#define AGAIN_MS                                                                                   \
	1000 /* a terminal that may not be read now, since the job is in the background            \
	      */

struct rf_generation {
	struct rf_mpirun *mpirun;
	char **line;
	char hosts[512];		   /* path of the file with the ranks' hosts */
	int lock;			   /* on that file: it is in use; or -1 */
	int input;			   /* where its standard input is written to, or -1 */
	struct event *readable, *writable; /* of this process's, and of `input` */
	char piece[PIECE];
	size_t from, to;
	bool waits; /* standard input can be waited for */
};

int rf_generation_check(char *const line[], unsigned ranks, struct rf_error *err)
{
	struct rf_line *parsed = rf_line_parse(line, err);
	char **again = parsed ? rf_line_again(parsed, ranks, err) : NULL;

	rf_line_destroy(parsed);
	rf_line_free(again);
	return again ? 0 : -1;
}

static int write_hosts(struct rf_generation *g, const char *id, int number, char *const host[],
		       unsigned ranks, struct rf_error *err)
{
	struct rf_rundir dir;
	FILE *file = NULL;
	unsigned i;
	int fd, lock;

	if (rf_rundir_name(id, &dir, err) < 0)
		return -1;
	/* the directory goes with the last that is in it, unless somebody holds its lock */
	lock = rf_rundir_lock(&dir, LOCK_MS, err);
	if (lock < 0)
		return -1;
	snprintf(g->hosts, sizeof(g->hosts), "%s/%s.hosts.%d", dir.top, id, number);
	fd = open(g->hosts, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0) {
		g->lock = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (g->lock >= 0)
			flock(g->lock, LOCK_EX | LOCK_NB);
		file = fdopen(fd, "w");
	}
	close(lock);
	if (!file) {
		rf_error_errno(err, "can not write %s", g->hosts);
		if (fd >= 0)
			close(fd);
		*g->hosts = '\0';
		return -1;
	}
	for (i = 0; i < ranks; i++)
		fprintf(file, "%s\n", host[i]);
	if (fclose(file) != 0)
		return rf_error_errno(err, "can not write %s", g->hosts);
	return 0;
}

static int set_environment(const struct rf_generation *g, int number, char *const host[],
			   unsigned ranks, struct rf_error *err)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", number);
	if (number == 1 ? unsetenv(RF_ENV_GENERATION) < 0
			: setenv(RF_ENV_GENERATION, text, 1) < 0 || unsetenv(RF_ENV_RESTORE) < 0 ||
				  unsetenv(RF_ENV_RANKS) < 0)
		return rf_error_errno(err, "can not set the environment");
	if (rf_allocation_narrow(host, ranks, err) < 0)
		return -1;
	return rf_line_set_places(g->hosts, err);
}

static void stop_feeding(struct rf_generation *g)
{
	if (g->readable)
		event_free(g->readable);
	if (g->writable)
		event_free(g->writable);
	if (g->input >= 0)
		close(g->input);
	g->readable = g->writable = NULL;
	g->input = -1;
}

/* Files and some devices are always readable, and can not be waited for (epoll_ctl(2)). */
static bool can_wait(int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(EPOLL_CLOEXEC), rc;

	if (epoll < 0)
		return false;
	rc = epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	close(epoll);
	return rc == 0;
}

static void wait_readable(struct rf_generation *g)
{
	if (g->waits)
		event_add(g->readable, NULL);
	else
		event_active(g->readable, EV_READ, 0);
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	const struct timeval again = {AGAIN_MS / 1000, 0};
	struct rf_generation *g = data;
	ssize_t n;

	(void)what;
	event_del(g->readable);
	n = read(fd, g->piece, sizeof(g->piece));
	if (n > 0) {
		g->from = 0;
		g->to = (size_t)n;
		event_add(g->writable, NULL);
	} else if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EIO)) {
		evtimer_add(g->readable, &again);
	} else {
		stop_feeding(g);
	}
}

static void on_writable(evutil_socket_t fd, short what, void *data)
{
	struct rf_generation *g = data;
	ssize_t n = write(fd, g->piece + g->from, g->to - g->from);

	(void)what;
	if (n > 0)
		g->from += (size_t)n;
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		stop_feeding(g);
	else if (g->from < g->to)
		event_add(g->writable, NULL);
	else
		wait_readable(g);
}

static int make_input(struct rf_generation *g, struct event_base *base, int *theirs,
		      struct rf_error *err)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return rf_error_errno(err, "can not make a pipe");
	*theirs = pair[0];
	g->input = pair[1];
	fcntl(g->input, F_SETFL, O_NONBLOCK);
	g->readable = event_new(base, STDIN_FILENO, EV_READ, on_readable, g);
	g->writable = event_new(base, g->input, EV_WRITE, on_writable, g);
	if (!g->readable || !g->writable)
		return rf_error_set(err, ENOMEM, "no memory for another mpirun");
	return 0;
}

struct rf_generation *rf_generation_launch(struct event_base *base, const char *id, int number,
					   char *const line[], char *const host[], unsigned ranks,
					   const struct rf_mpirun_ops *ops, void *data,
					   struct rf_error *err)
{
	struct rf_generation *g = calloc(1, sizeof(*g));
	struct rf_line *parsed;
	int input = -1;

	if (!g) {
		rf_error_errno(err, "can not start another mpirun");
		return NULL;
	}
	g->input = g->lock = -1;
	parsed = rf_line_parse(line, err);
	g->line = parsed ? rf_line_again(parsed, ranks, err) : NULL;
	rf_line_destroy(parsed);
	if (g->line && write_hosts(g, id, number, host, ranks, err) == 0 &&
	    set_environment(g, number, host, ranks, err) == 0 &&
	    make_input(g, base, &input, err) == 0)
		g->mpirun = rf_mpirun_start(base, g->line, input, ops, data, err);
	if (input >= 0)
		close(input);
	if (g->mpirun)
		return g;
	rf_generation_destroy(g);
	return NULL;
}

struct rf_mpirun *rf_generation_mpirun(const struct rf_generation *g)
{
	return g->mpirun;
}

void rf_generation_feed(struct rf_generation *g)
{
	if (!g->readable)
		return;
	g->waits = can_wait(STDIN_FILENO);
	wait_readable(g);
}

void rf_generation_destroy(struct rf_generation *g)
{
	if (!g)
		return;
	rf_mpirun_destroy(g->mpirun);
	stop_feeding(g);
	if (*g->hosts) {
		unlink(g->hosts);
		*strrchr(g->hosts, '/') = '\0';
		rf_rundir_remove_top(g->hosts);
	}
	if (g->lock >= 0)
		close(g->lock);
	rf_line_free(g->line);
	free(g);
}
