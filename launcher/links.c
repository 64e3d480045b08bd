/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "links.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utlist.h>

#include "timer.h"
#include "wire/body.h"
#include "wire/step.h"

struct link {
	struct rf_links *all;
	struct link *prev, *next;
	int fd, pidfd;
	int rank;
	pid_t pid;
	struct event *readable, *poke;
	uint32_t id, step, seq; /* of the last order */
	uint32_t owes;		/* the same step, or 0 when it is answered */
	int poke_ms;
};

/* The file of a rank that has gone on: how it ends comes through a pipe. */
struct file {
	struct rf_links *all;
	struct file *prev, *next;
	int fd, rank;
	uint32_t id;
	struct event *readable;
};

struct rf_links {
	struct event_base *base;
	const struct rf_links_ops *ops;
	void *data;
	struct link *list;
	struct file *files;
};

/*
 * What a rank does on its own once it is told so, without looking at its link meanwhile, is not
 * interrupted: a signal in the middle of a capture helps nobody.
 */
static bool needs_pokes(uint32_t step)
{
	return step != RF_STEP_CAPTURE && step != RF_STEP_SWITCH && step != RF_STEP_PLACE;
}

static void free_link(struct link *link)
{
	DL_DELETE(link->all->list, link);
	event_free(link->readable);
	event_free(link->poke);
	close(link->fd);
	close(link->pidfd);
	free(link);
}

static void lose(struct link *link)
{
	struct rf_links *all = link->all;
	int rank = link->rank;

	free_link(link);
	all->ops->left(rank, all->data);
}

static void poke_later(struct link *link)
{
	rf_later(link->poke, link->poke_ms);
	link->poke_ms += link->poke_ms / 4 + 1;
	if (link->poke_ms > RF_LINKS_POKE_MAX_MS)
		link->poke_ms = RF_LINKS_POKE_MAX_MS;
}

/*
 * The signal would end a process that does not expect it. One that has executed another program has
 * no link any more: execve() closes it. By the pidfd it can not hit a process that came later.
 */
static void poke(struct link *link)
{
	siginfo_t info = {.si_signo = RF_POKE_SIGNAL, .si_code = SI_QUEUE};
	char byte;

	if (recv(link->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC) == 0)
		return; /* the loop reads the same next */
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_ptr = (void *)(uintptr_t)RF_POKE_VALUE;
	syscall(SYS_pidfd_send_signal, link->pidfd, RF_POKE_SIGNAL, &info, 0);
	poke_later(link);
}

static void on_poke(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	poke(data);
}

static void free_file(struct file *file)
{
	DL_DELETE(file->all->files, file);
	event_free(file->readable);
	close(file->fd);
	free(file);
}

static void report_written(struct rf_links *all, int rank, uint32_t id, const struct rf_error *why)
{
	struct rf_rankmsg report;

	rf_rankmsg_init(&report, RF_RANKMSG_REPORT, rank, RF_WHERE_COMPUTING, why->text);
	report.id = id;
	report.step = RF_STEP_WRITTEN;
	report.error = why->code;
	all->ops->report(&report, NULL, 0, all->data);
}

static void on_outcome(evutil_socket_t fd, short what, void *data)
{
	struct file *file = data;
	struct rf_error why;
	ssize_t n = read(fd, &why, sizeof(why));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != sizeof(why))
		rf_error_set(&why, EPIPE, "the process that wrote its image was killed");
	why.text[sizeof(why.text) - 1] = '\0';
	report_written(file->all, file->rank, file->id, &why);
	free_file(file);
}

/* Takes over `fd`, or the file is complete if it is -1. */
static void await_file(struct link *link, const struct rf_rankmsg *report, int fd)
{
	uint32_t id = report->id;
	struct rf_error why = {0};
	struct file *file;

	if (fd < 0) {
		rf_error_set(&why, 0, "%s", report->text);
		report_written(link->all, link->rank, id, &why);
		return;
	}
	file = calloc(1, sizeof(*file));
	if (file)
		file->readable =
			event_new(link->all->base, fd, EV_READ | EV_PERSIST, on_outcome, file);
	if (!file || !file->readable || evutil_make_socket_nonblocking(fd) < 0 ||
	    event_add(file->readable, NULL) < 0) {
		rf_error_set(&why, ENOMEM, "the keeper can not wait for its image");
		report_written(link->all, link->rank, id, &why);
		if (file && file->readable)
			event_free(file->readable);
		free(file);
		close(fd);
		return;
	}
	file->all = link->all;
	file->fd = fd;
	file->rank = link->rank;
	file->id = id;
	DL_APPEND(link->all->files, file);
}

/*
 * What TARGETS asks for may change by itself while a call waits: it ends, and the program may not
 * make another one for long. Anywhere else the rank tells of a change by itself.
 */
static void settle(struct link *link, const struct rf_rankmsg *report)
{
	uint32_t answers = report->step == RF_STEP_READY ? RF_STEP_SWITCH : report->step;
	bool waits = report->value == RF_WHERE_BLOCKED || report->value == RF_WHERE_COLLECTIVE;

	if (report->seq != link->seq || answers != link->step)
		return;
	if (answers != RF_STEP_TARGETS || !waits) {
		link->owes = 0;
		event_del(link->poke);
	} else if (!link->owes) {
		link->owes = link->step;
		link->poke_ms = RF_LINKS_POKE_MIN_MS;
		poke(link);
	}
}

/* Consumes `fd`, which may be -1. */
static void on_report(struct link *link, struct rf_rankmsg *report, int fd)
{
	bool captured = (report->step == RF_STEP_CAPTURE || report->step == RF_STEP_PRECOPY) &&
			report->error == 0;
	struct rf_links *all = link->all;
	const void *body = NULL;
	size_t size = 0;

	settle(link, report);
	report->rank = link->rank;
	if (fd >= 0 && !captured) {
		body = rf_body_map(fd, &size);
		if (!body) {
			report->error = errno;
			strcpy(report->text, "its report has a body that can not be read");
		}
		close(fd);
	}
	all->ops->report(report, body, size, all->data);
	rf_body_unmap(body, size);
	if (captured)
		await_file(link, report, fd);
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct link *link = data;
	struct rf_rankmsg message;
	int fds[RF_RANKMSG_FDS], nfds = 0;
	int rc = rf_rankmsg_receive(fd, &message, fds, &nfds);

	(void)what;
	if (rc < 0 && errno == EAGAIN)
		return;
	if (rc <= 0) {
		lose(link);
		return;
	}
	while (nfds > 1)
		close(fds[--nfds]);
	if (message.kind == RF_RANKMSG_REPORT)
		on_report(link, &message, nfds ? fds[0] : -1);
	else if (nfds)
		close(fds[0]);
}

struct rf_links *rf_links_create(struct event_base *base, const struct rf_links_ops *ops,
				 void *data, struct rf_error *err)
{
	struct rf_links *links = calloc(1, sizeof(*links));

	if (!links) {
		rf_error_errno(err, "can not keep links to ranks");
		return NULL;
	}
	links->base = base;
	links->ops = ops;
	links->data = data;
	return links;
}

static struct link *find(struct rf_links *links, int rank)
{
	struct link *link;

	DL_SEARCH_SCALAR(links->list, link, rank, rank);
	return link;
}

void rf_links_join(struct rf_links *links, int fd, pid_t pid, int rank, const char *reason)
{
	struct link *link = find(links, rank);

	if (link)
		lose(link);
	link = calloc(1, sizeof(*link));
	if (!link)
		goto failed;
	link->all = links;
	link->fd = fd;
	link->rank = rank;
	link->pid = pid;
	link->pidfd = (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec */
	link->readable = event_new(links->base, fd, EV_READ | EV_PERSIST, on_readable, link);
	link->poke = evtimer_new(links->base, on_poke, link);
	if (link->pidfd < 0 || !link->readable || !link->poke ||
	    event_add(link->readable, NULL) < 0)
		goto failed;
	DL_APPEND(links->list, link);
	links->ops->joined(rank, pid, reason, links->data);
	return;
failed:
	/* the rank finds its link closed; for the coordinator it has never joined */
	if (link) {
		if (link->readable)
			event_free(link->readable);
		if (link->poke)
			event_free(link->poke);
		if (link->pidfd >= 0)
			close(link->pidfd);
	}
	free(link);
	close(fd);
}

static void order(struct link *link, uint32_t id, uint32_t step, const int *fds, int nfds)
{
	struct rf_rankmsg message;

	rf_rankmsg_init(&message, RF_RANKMSG_ORDER, link->rank, 0, NULL);
	message.id = id;
	message.step = step;
	message.seq = ++link->seq;
	if (rf_rankmsg_send(link->fd, &message, fds, nfds) < 0) {
		lose(link); /* it is gone, or has not read a hundred orders */
		return;
	}
	link->id = id;
	link->step = link->owes = step;
	link->poke_ms = RF_LINKS_POKE_MIN_MS;
	event_del(link->poke);
	if (needs_pokes(step))
		poke(link);
}

void rf_links_order(struct rf_links *links, int rank, uint32_t id, uint32_t step, int body)
{
	struct link *link, *next;

	DL_FOREACH_SAFE(links->list, link, next)
	{
		if (rank < 0 || link->rank == rank)
			order(link, id, step, &body, body >= 0);
	}
}

void rf_links_carry(struct rf_links *links, int rank, uint32_t id, uint32_t step, int body,
		    int socket)
{
	const int fds[2] = {body, socket};
	struct link *link = find(links, rank);

	if (link)
		order(link, id, step, fds, 2);
}

void rf_links_each(const struct rf_links *links, void (*each)(int rank, pid_t pid, void *data),
		   void *data)
{
	const struct link *link;

	DL_FOREACH(links->list, link)
	{
		each(link->rank, link->pid, data);
	}
}

pid_t rf_links_pid(struct rf_links *links, int rank)
{
	const struct link *link = find(links, rank);

	return link ? link->pid : 0;
}

int rf_links_lend(struct rf_links *links, int rank, uint32_t id, uint32_t step, int body,
		  const int files[3], struct rf_error *err)
{
	const int fds[4] = {body, files[0], files[1], files[2]};
	struct link *link = find(links, rank);

	if (!link)
		return rf_error_set(err, ENOENT, "rank %d has not joined, or left", rank);
	order(link, id, step, fds, 4);
	return 0;
}

void rf_links_destroy(struct rf_links *links)
{
	struct link *link, *next;
	struct file *file, *after;

	if (!links)
		return;
	DL_FOREACH_SAFE(links->files, file, after)
	{
		free_file(file);
	}
	DL_FOREACH_SAFE(links->list, link, next)
	{
		free_link(link);
	}
	free(links);
}
