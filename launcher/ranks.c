/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "ranks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utlist.h>

#include "environment.h"
#include "identity.h"
#include "places.h"
#include "procs.h"
#include "spawn.h"
#include "verdict.h"
#include "wire/rankmsg.h"

#define BACKLOG	     4096 /* slots that come at once; the kernel cuts it to its own limit */
#define STOP_POLL_MS 250

/*
 * One connection: a slot, or for the moment before its first message anybody of our uid. Its rank's
 * process and the slot end in any order; the struct lives until both have.
 */
struct rank {
	struct rf_ranks *all;
	struct rank *prev, *next;
	int fd; /* -1: closed */
	struct event *readable;
	bool is_slot;
	int number; /* in MPI_COMM_WORLD, or -1 */
	pid_t slot;
	pid_t pid;	 /* of the program, 0 before its start and after its end */
	int report;	 /* what the child says when it can not execute, or -1 */
	bool stopped;	 /* by us, because the slot was */
	bool killed;	 /* by us, as the coordinator wished */
	bool bereft;	 /* by us, since the slot is lost */
	uint64_t passed; /* signals that the slot has passed on: bit n-1 for n */
	bool over;	 /* verdict is to be told */
	struct rf_rankmsg verdict;
	int generation;
	int retires; /* the generation whose slot has taken its process over; 0: none */
	struct rf_identity *held; /* the slot waits; NULL: it does not, or no more */
};

struct rf_ranks {
	struct event_base *base;
	struct rf_rundir dir;
	struct rf_leftovers *leftovers;
	bool strict, confirmed;
	const struct rf_ranks_ops *ops;
	void *data;
	int listening;
	struct event *incoming, *child, *look;
	struct rank *list;
	struct rank *looked_at; /* the slot that was looked at last */
	int slots;
};

static void free_rank(struct rank *rank)
{
	struct rf_ranks *all = rank->all;

	if (all->looked_at == rank)
		all->looked_at = NULL;
	DL_DELETE(all->list, rank);
	if (rank->report >= 0)
		close(rank->report);
	rf_identity_destroy(rank->held);
	free(rank);
}

static void drop_connection(struct rank *rank)
{
	struct rf_ranks *all = rank->all;
	bool was_slot = rank->is_slot && rank->fd >= 0;

	if (rank->fd >= 0) {
		event_free(rank->readable);
		close(rank->fd);
		rank->fd = -1;
	}
	if (rank->pid) {
		rank->bereft = was_slot && !rank->over;
		kill(-rank->pid, SIGKILL); /* freed when it has been reaped */
	} else {
		free_rank(rank);
	}
	if (was_slot && --all->slots == 0) {
		event_del(all->look);
		all->ops->idle(all->data);
	}
}

/* Gives the slot its verdict, when there is one and it may be given. */
static void conclude(struct rank *rank)
{
	if (!rank->over || !rank->all->confirmed || rank->fd < 0)
		return;
	rf_rankmsg_send(rank->fd, &rank->verdict, NULL, 0);
	drop_connection(rank);
}

static void decide(struct rank *rank, enum rf_rankmsg_kind kind, int value, const char *text)
{
	rf_rankmsg_init(&rank->verdict, kind, rank->number, value, text);
	rank->over = true;
	conclude(rank);
}

/* Why the rank can not be moved: as the slot found, or for want of the shim. NULL if it can. */
static const char *objection(const struct rf_rankmsg *message, char shim[PATH_MAX],
			     struct rf_error *err)
{
	if (*message->text)
		return message->text;
	return rf_place_shim(shim, err) < 0 ? err->text : NULL;
}

static void note_slot(struct rank *rank, const struct rf_identity *identity)
{
	struct ucred peer = {0};
	socklen_t size = sizeof(peer);
	struct rf_proc slot;

	getsockopt(rank->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	rank->slot = peer.pid;
	if (rf_proc_read(rank->slot, &slot) == 0)
		rf_leftovers_note(rank->all->leftovers, identity->envp, slot.parent);
}

/* The process of this slot: `rf_spawn_...' has made the identity what it is to be. */
static int start(struct rank *rank, const struct rf_identity *identity, struct rf_error *err)
{
	const char *ranks = rf_identity_getenv(identity, "OMPI_COMM_WORLD_SIZE");
	pid_t pid = rf_spawn(identity, &rank->report, err);

	if (pid < 0)
		return -1;
	rank->pid = pid;
	rank->all->ops->started(rank->number, ranks ? atoi(ranks) : 0, pid, rank->all->data);
	return 0;
}

static int start_program(struct rank *rank, struct rf_identity *identity,
			 const struct rf_rankmsg *message, struct rf_error *err)
{
	struct rf_ranks *all = rank->all;
	struct rf_error why;
	char shim[PATH_MAX];
	const char *native = objection(message, shim, &why);

	if (native)
		all->ops->native(rank->number, native, all->data);
	if (native && all->strict) /* the coordinator says why */
		return rf_error_set(err, 0, "%s", "");
	if (rf_spawn_program(identity, all->dir.socket, native ? NULL : shim, all->strict, err) < 0)
		return -1;
	return start(rank, identity, err);
}

static int start_image(struct rank *rank, struct rf_identity *identity, const char *snapshot,
		       struct rf_error *err)
{
	struct rf_ranks *all = rank->all;

	if (rf_spawn_image(identity, all->dir.socket, snapshot, rank->number, all->strict, err) < 0)
		return -1;
	return start(rank, identity, err);
}

static void adopt(struct rank *rank, const struct rf_rankmsg *message, const int *fds, int nfds)
{
	const struct timeval every = {0, STOP_POLL_MS * 1000};
	struct rf_ranks *all = rank->all;
	const char *generation, *snapshot;
	struct rf_identity *identity;
	struct rf_error err;
	int rc;

	rank->is_slot = true;
	rank->number = message->rank;
	if (all->slots++ == 0)
		event_add(all->look, &every);
	identity = rf_identity_receive(fds, nfds, &err);
	if (!identity) {
		decide(rank, RF_RANKMSG_FAILED, RF_EXIT_OWN, err.text);
		return;
	}
	note_slot(rank, identity);
	generation = rf_identity_getenv(identity, RF_ENV_GENERATION);
	rank->generation = generation ? atoi(generation) : 1;
	snapshot = rf_identity_getenv(identity, RF_ENV_RESTORE);
	if (rank->generation > 1) {
		if (rf_spawn_loan(identity, all->dir.socket, all->strict, &err) < 0)
			goto failed;
		rank->held = identity;
		all->ops->waiting(rank->number, rank->generation, all->data);
		return;
	}
	rc = snapshot ? start_image(rank, identity, snapshot, &err)
		      : start_program(rank, identity, message, &err);
	if (rc < 0)
		goto failed;
	rf_identity_destroy(identity);
	return;
failed:
	rf_identity_destroy(identity);
	decide(rank, RF_RANKMSG_FAILED, RF_EXIT_OWN, err.text);
}

/* The rank that `pid` belongs to: it may be started by a script, and be in a group of its own. */
static struct rank *rank_of(struct rf_ranks *all, pid_t pid)
{
	pid_t group = getpgid(pid);
	struct rank *rank;

	DL_FOREACH(all->list, rank)
	{
		if (rank->pid && (rank->pid == group || rf_proc_descends(pid, rank->pid)))
			return rank;
	}
	return NULL;
}

/* What comes from any other process of this user is not believed. */
static void join(struct rank *stranger, const struct rf_rankmsg *message)
{
	struct rf_ranks *all = stranger->all;
	struct ucred peer = {0};
	socklen_t size = sizeof(peer);
	struct rank *rank = NULL;
	int fd;

	if (getsockopt(stranger->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
		rank = rank_of(all, peer.pid);
	if (!rank || rank->number < 0) {
		drop_connection(stranger);
		return;
	}
	fd = stranger->fd;
	event_free(stranger->readable);
	stranger->fd = -1;
	free_rank(stranger);
	all->ops->join(fd, peer.pid, rank->number, message->text, all->data);
}

static uint64_t bit(int number)
{
	return UINT64_C(1) << (number - 1);
}

static void on_message(evutil_socket_t fd, short what, void *data)
{
	struct rank *rank = data;
	struct rf_rankmsg message;
	int fds[RF_RANKMSG_FDS], nfds = 0, i;
	int rc = rf_rankmsg_receive(fd, &message, fds, &nfds);

	(void)what;
	if (rc < 0 && errno == EAGAIN)
		return;
	if (rc <= 0) {
		drop_connection(rank);
		return;
	}
	if (message.kind == RF_RANKMSG_SLOT && !rank->is_slot) {
		adopt(rank, &message, fds, nfds);
		return;
	}
	for (i = 0; i < nfds; i++)
		close(fds[i]);
	if (message.kind == RF_RANKMSG_JOIN && !rank->is_slot) {
		join(rank, &message);
	} else if (message.kind == RF_RANKMSG_SIGNAL && rank->pid) {
		if (message.value == SIGCONT)
			rank->stopped = false;
		if (message.value >= 1 && message.value <= 64)
			rank->passed |= bit(message.value);
		kill(-rank->pid, message.value);
	} else if (message.kind == RF_RANKMSG_NATIVE) {
		rank->all->ops->native(message.rank, message.text, rank->all->data);
	}
}

static void on_connection(evutil_socket_t listening, short what, void *data)
{
	struct rf_ranks *all = data;
	struct ucred peer = {0};
	socklen_t size = sizeof(peer);
	struct rank *rank;
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != geteuid()) {
		close(fd);
		return;
	}
	rank = calloc(1, sizeof(*rank));
	if (rank)
		rank->readable = event_new(all->base, fd, EV_READ | EV_PERSIST, on_message, rank);
	if (!rank || !rank->readable) {
		free(rank);
		close(fd);
		return;
	}
	rank->all = all;
	rank->fd = fd;
	rank->number = -1;
	rank->report = -1;
	DL_APPEND(all->list, rank);
	event_add(rank->readable, NULL);
}

/* mpirun ends a job with SIGTERM first, and then kills slots whose ranks ignore that. */
static enum rf_rank_end how(const struct rank *rank, int status)
{
	if (rank->killed)
		return RF_RANK_END_TOLD;
	if (rank->bereft)
		return rank->passed & bit(SIGTERM) ? RF_RANK_END_TOLD : RF_RANK_END_BEREFT;
	if (WIFSIGNALED(status) && rank->passed & bit(WTERMSIG(status)))
		return RF_RANK_END_TOLD;
	return RF_RANK_END_OWN;
}

static void on_end(struct rank *rank, int status)
{
	struct rf_error err;
	bool executed;

	rank->pid = 0;
	rank->all->ops->ended(rank->number, status, how(rank, status), rank->all->data);
	if (rank->fd < 0)
		free_rank(rank);
	else if (!rf_spawn_failure(rank->report, &executed, &err))
		decide(rank, RF_RANKMSG_ENDED, status, NULL);
	else if (executed)
		decide(rank, RF_RANKMSG_NOEXEC, err.code, NULL);
	else
		decide(rank, RF_RANKMSG_FAILED, RF_EXIT_OWN, err.text);
}

/* Orphans of ranks come to us, too; they are only reaped. */
static void on_child(evutil_socket_t number, short what, void *data)
{
	struct rf_ranks *all = data;
	struct rank *rank;
	int status;
	pid_t pid;

	(void)number;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		DL_SEARCH_SCALAR(all->list, rank, pid, pid);
		if (rank)
			on_end(rank, status);
	}
}

/*
 * Open MPI suspends a job with SIGSTOP, which a slot can not forward. Slots of a host are always
 * stopped together, so looking at one of them at a time is enough. SIGCONT they forward.
 */
static void on_look(evutil_socket_t fd, short what, void *data)
{
	struct rf_ranks *all = data;
	struct rank *rank = all->looked_at ? all->looked_at->next : NULL;
	struct rf_proc slot;

	(void)fd;
	(void)what;
	if (!rank)
		rank = all->list;
	all->looked_at = rank;
	if (!rank || !rank->is_slot || rf_proc_read(rank->slot, &slot) < 0 || slot.state != 'T')
		return;
	DL_FOREACH(all->list, rank)
	{
		if (rank->pid && !rank->stopped && rf_proc_read(rank->slot, &slot) == 0 &&
		    slot.state == 'T') {
			rank->stopped = true;
			kill(-rank->pid, SIGSTOP);
		}
	}
}

struct rf_ranks *rf_ranks_create(struct event_base *base, const struct rf_rundir *dir,
				 struct rf_leftovers *leftovers, bool strict,
				 const struct rf_ranks_ops *ops, void *data, struct rf_error *err)
{
	struct rf_ranks *all = calloc(1, sizeof(*all));

	if (!all) {
		rf_error_errno(err, "can not keep ranks");
		return NULL;
	}
	all->base = base;
	all->dir = *dir;
	all->leftovers = leftovers;
	all->strict = strict;
	all->ops = ops;
	all->data = data;
	all->listening = rf_rundir_listen(dir, BACKLOG, err);
	if (all->listening < 0)
		goto failed;
	all->incoming = event_new(base, all->listening, EV_READ | EV_PERSIST, on_connection, all);
	all->child = evsignal_new(base, SIGCHLD, on_child, all);
	all->look = event_new(base, -1, EV_PERSIST, on_look, all);
	if (!all->incoming || !all->child || !all->look || event_add(all->incoming, NULL) < 0 ||
	    event_add(all->child, NULL) < 0) {
		rf_error_set(err, ENOMEM, "can not watch for ranks");
		goto failed;
	}
	return all;
failed:
	rf_ranks_destroy(all, 0);
	return NULL;
}

void rf_ranks_confirm(struct rf_ranks *all)
{
	struct rank *rank, *next;

	all->confirmed = true;
	DL_FOREACH_SAFE(all->list, rank, next)
	{
		conclude(rank);
	}
}

static struct rank *find_held(struct rf_ranks *all, int number, int generation)
{
	struct rank *rank;

	DL_FOREACH(all->list, rank)
	{
		if (rank->held && rank->number == number && rank->generation == generation)
			return rank;
	}
	return NULL;
}

const struct rf_identity *rf_ranks_held(struct rf_ranks *all, int number, int generation)
{
	struct rank *rank = find_held(all, number, generation);

	return rank ? rank->held : NULL;
}

int rf_ranks_standby(struct rf_ranks *all, int number, int generation, int id, const char *seat,
		     struct rf_error *err)
{
	struct rank *rank = find_held(all, number, generation);
	int rc;

	if (!rank)
		return rf_error_set(err, ENOENT, "rank %d has no slot that waits", number);
	rc = rf_spawn_standby(rank->held, number, id, seat, err);
	if (rc == 0)
		rc = start(rank, rank->held, err);
	rf_identity_destroy(rank->held);
	rank->held = NULL;
	return rc;
}

int rf_ranks_adopt(struct rf_ranks *all, int number, int generation, struct rf_error *err)
{
	struct rank *slot = find_held(all, number, generation), *old;

	DL_FOREACH(all->list, old)
	{
		if (old->pid && old->number == number && old != slot)
			break;
	}
	/* the rank has ended meanwhile: as in any job, its mpirun is to know */
	if (slot && !old)
		decide(slot, RF_RANKMSG_ENDED, SIGKILL, NULL);
	if (!slot || !old)
		return rf_error_set(err, ENOENT, "rank %d has no slot that waits, or no process",
				    number);
	slot->pid = old->pid;
	slot->report = old->report;
	slot->stopped = old->stopped;
	slot->passed = old->passed;
	rf_identity_destroy(slot->held);
	slot->held = NULL;
	old->pid = 0;
	old->report = -1;
	old->retires = generation;
	return 0;
}

void rf_ranks_retire(struct rf_ranks *all, int number, int generation)
{
	struct rank *rank, *next;

	DL_FOREACH_SAFE(all->list, rank, next)
	{
		if (rank->retires == generation && rank->number == number)
			decide(rank, RF_RANKMSG_ENDED, 0, NULL);
	}
}

void rf_ranks_dismiss(struct rf_ranks *all, int generation)
{
	struct rank *rank, *next;

	DL_FOREACH_SAFE(all->list, rank, next)
	{
		if (rank->generation != generation)
			continue;
		if (rank->pid) {
			rank->killed = true;
			kill(-rank->pid, SIGKILL);
		} else if (rank->held) {
			decide(rank, RF_RANKMSG_ENDED, 0, NULL);
		}
	}
}

int rf_ranks_slots(const struct rf_ranks *all)
{
	return all->slots;
}

void rf_ranks_signal(struct rf_ranks *all, int number)
{
	struct rank *rank;

	DL_FOREACH(all->list, rank)
	{
		if (rank->pid)
			kill(-rank->pid, number);
	}
}

void rf_ranks_fail(struct rf_ranks *all, const char *why)
{
	const bool told = !*why; /* the keeper itself, to end */
	struct rank *rank, *next;

	all->confirmed = true;
	DL_FOREACH_SAFE(all->list, rank, next)
	{
		if (rank->held && told) {
			decide(rank, RF_RANKMSG_ENDED, 0, NULL);
		} else if (rank->is_slot && rank->fd >= 0) {
			decide(rank, RF_RANKMSG_FAILED, RF_EXIT_OWN, why);
			why = NULL;
		}
	}
}

void rf_ranks_destroy(struct rf_ranks *all, int ms)
{
	struct rank *rank, *next;

	if (!all)
		return;
	if (all->incoming)
		event_free(all->incoming);
	if (all->child)
		event_free(all->child);
	if (all->look)
		event_free(all->look);
	if (all->listening >= 0)
		close(all->listening);
	rf_ranks_signal(all, SIGKILL);
	if (ms > 0)
		rf_descendants_end(ms);
	/* what slots are left get a verdict: mpirun may end a job before the last of them */
	DL_FOREACH(all->list, rank)
	{
		if (!rank->over)
			rf_rankmsg_init(&rank->verdict, RF_RANKMSG_ENDED, rank->number, SIGKILL,
					NULL);
		if (rank->is_slot && rank->fd >= 0)
			rf_rankmsg_send(rank->fd, &rank->verdict, NULL, 0);
	}
	DL_FOREACH_SAFE(all->list, rank, next)
	{
		if (rank->fd >= 0) {
			event_free(rank->readable);
			close(rank->fd);
		}
		free_rank(rank);
	}
	free(all);
}
