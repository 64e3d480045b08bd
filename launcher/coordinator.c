/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "coordinator.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <utlist.h>

#include "config.h"
#include "coordinator_parts.h"
#include "routes.h"
#include "events.h"
#include "say.h"
#include "wire/base64.h"
#include "wire/message.h"

const char *rf_coordinator_name(const struct rf_coordinator_keeper *keeper)
{
	return keeper->host ? keeper->host : rf_channel_peer(keeper->channel);
}

void rf_coordinator_tell_end(const struct rf_coordinator_keeper *keeper)
{
	json_t *message = rf_message_create(NULL, "end", "{s:b}", "keep",
					    keeper->all->goes_on && !keeper->released);

	if (message)
		rf_channel_send(keeper->channel, message, NULL);
	json_decref(message);
}

static int on_keeper(struct rf_coordinator_keeper *keeper, const json_t *message,
		     struct rf_error *err)
{
	const char *host, *version;
	int pid, cpus = 0;

	if (rf_message_unpack(message, err, "{s:s, s:i, s:s, s?i}", "host", &host, "pid", &pid,
			      "version", &version, "cpus", &cpus) < 0)
		return -1;
	keeper->cpus = (unsigned)cpus;
	free(keeper->host);
	keeper->host = strdup(host);
	if (strcmp(version, PACKAGE_VERSION) != 0)
		return rf_error_set(err, 0,
				    "it has Rankferry %s and this host has %s; install one "
				    "version on all hosts",
				    version, PACKAGE_VERSION);
	if (keeper->all->options.verbose > 0)
		rf_say("keeper on %s, pid %d", host, pid);
	if (keeper->all->watch_ms > 0)
		rf_coordinator_tell_watch(keeper);
	if (keeper->all->ops->keeper)
		keeper->all->ops->keeper(host, keeper->cpus, keeper->all->data);
	return 0;
}

static int on_started(struct rf_coordinator_keeper *keeper, const json_t *message,
		      struct rf_error *err)
{
	struct rf_rank *entry;
	int rank, ranks, pid;

	if (rf_message_unpack(message, err, "{s:i, s:i, s:i}", "rank", &rank, "ranks", &ranks,
			      "pid", &pid) < 0)
		return -1;
	keeper->all->had_ranks = true;
	/* those that have not been heard of yet have an entry, too: nothing is done without them */
	if (ranks > 0 && !rf_roster_get(&keeper->all->roster, ranks - 1))
		return rf_error_set(err, EPROTO, "it has one of %d ranks", ranks);
	entry = rf_roster_get(&keeper->all->roster, rank);
	if (!entry)
		return rf_error_set(err, EPROTO, "it has a rank %d", rank);
	/* it is being restored there, and joins; or was to be, and that was given up meanwhile */
	if (entry->keeper != keeper && (entry->next == keeper || entry->keeper))
		return 0;
	entry->state = RF_RANK_STARTED;
	entry->keeper = keeper;
	entry->pid = pid;
	rf_roster_set_host(entry, rf_coordinator_name(keeper));
	if (keeper->all->options.verbose > 1)
		rf_say("rank %d on %s, pid %d", rank, rf_coordinator_name(keeper), pid);
	return 0;
}

/* The entry of a rank of which this keeper has a process, or has had one. */
static struct rf_rank *own_rank(struct rf_coordinator_keeper *keeper, int rank,
				struct rf_error *err)
{
	struct rf_roster *roster = &keeper->all->roster;
	struct rf_rank *entry = NULL;

	if (rank >= 0 && (unsigned)rank < roster->count)
		entry = &roster->rank[rank];
	if (entry && (entry->keeper == keeper || entry->next == keeper || entry->former == keeper))
		return entry;
	rf_error_set(err, EPROTO, "it speaks of rank %d, which it has not started", rank);
	return NULL;
}

static void lose_rank(struct rf_coordinator *all, unsigned rank, const char *how)
{
	if (all->ops->rank_lost)
		all->ops->rank_lost(rank, how, all->data);
}

static int on_joined(struct rf_coordinator_keeper *keeper, const json_t *message,
		     struct rf_error *err)
{
	struct rf_rank *entry;
	const char *reason;
	int rank, pid;

	if (rf_message_unpack(message, err, "{s:i, s:i, s:s}", "rank", &rank, "pid", &pid, "reason",
			      &reason) < 0)
		return -1;
	entry = own_rank(keeper, rank, err);
	if (!entry)
		return -1;
	if (entry->keeper != keeper) {
		entry->next_pid = pid;
		return 0;
	}
	entry->state = RF_RANK_JOINED;
	entry->pid = pid;
	rf_roster_set_reason(entry, reason);
	return 0;
}

static int on_left(struct rf_coordinator_keeper *keeper, const json_t *message,
		   struct rf_error *err)
{
	struct rf_rank *entry;
	int rank;

	if (rf_message_unpack(message, err, "{s:i}", "rank", &rank) < 0)
		return -1;
	entry = own_rank(keeper, rank, err);
	if (!entry)
		return -1;
	if (entry->keeper != keeper)
		return 0; /* its end follows */
	if (entry->state == RF_RANK_JOINED) {
		entry->state = RF_RANK_LEFT;
		lose_rank(keeper->all, (unsigned)rank, "has left MPI");
	}
	return 0;
}

/* Has the rank another process, which speaks for it? */
static bool is_former(const struct rf_coordinator_keeper *keeper, int rank)
{
	const struct rf_rank *entry = &keeper->all->roster.rank[rank];

	return entry->keeper != keeper && entry->next != keeper;
}

static int on_report(struct rf_coordinator_keeper *keeper, const json_t *message,
		     struct rf_error *err)
{
	const char *text, *base64 = json_string_value(json_object_get(message, "body"));
	int rank, id, step, where, error;
	struct rf_report report;
	void *body = NULL;

	if (rf_message_unpack(message, err, "{s:i, s:i, s:i, s:i, s:i, s:s}", "rank", &rank, "id",
			      &id, "step", &step, "where", &where, "error", &error, "text",
			      &text) < 0 ||
	    !own_rank(keeper, rank, err))
		return -1;
	report = (struct rf_report){.rank = (unsigned)rank,
				    .id = (uint32_t)id,
				    .step = (enum rf_step)step,
				    .where = (enum rf_where)where,
				    .error = error,
				    .text = text};
	if (base64)
		report.body = body = rf_base64_decode(base64, &report.size, err);
	if (base64 && !body)
		return -1;
	if (keeper->all->ops->report && !is_former(keeper, rank))
		keeper->all->ops->report(&report, keeper->all->data);
	free(body);
	return 0;
}

static int on_ended(struct rf_coordinator_keeper *keeper, const json_t *message,
		    struct rf_error *err)
{
	struct rf_rank *entry;
	int rank, status, how;

	if (rf_message_unpack(message, err, "{s:i, s:i, s:i}", "rank", &rank, "status", &status,
			      "how", &how) < 0)
		return -1;
	if (how >= RF_RANK_ENDS)
		return rf_error_set(err, EPROTO, "it says that a rank ended in the way %d", how);
	entry = own_rank(keeper, rank, err);
	if (!entry)
		return -1;
	if (entry->keeper == keeper) {
		entry->state = RF_RANK_ENDED;
		entry->status = status;
		if (status && !keeper->all->ending && !keeper->all->killed)
			rf_event(keeper->all->options.events, "rank.lost", "{s:i, s:s, s:i}",
				 "rank", rank, "host", rf_coordinator_name(keeper),
				 WIFSIGNALED(status) ? "signal" : "exit_code",
				 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		if (keeper->all->ops->ended)
			keeper->all->ops->ended((unsigned)rank, status, (enum rf_rank_end)how,
						keeper->all->data);
		lose_rank(keeper->all, (unsigned)rank, "has ended");
	} else if (entry->next == keeper) {
		char why[80];

		snprintf(why, sizeof(why), "could not be restored: its new process %s %d",
			 WIFSIGNALED(status) ? "was ended by signal" : "ended with",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		lose_rank(keeper->all, (unsigned)rank, why);
	}
	if (keeper->all->options.verbose < 2)
		return 0;
	if (WIFSIGNALED(status))
		rf_say("rank %d on %s ended by signal %d (%s)", rank, rf_coordinator_name(keeper),
		       WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		rf_say("rank %d on %s ended with %d", rank, rf_coordinator_name(keeper),
		       WEXITSTATUS(status));
	return 0;
}

static int on_native(struct rf_coordinator_keeper *keeper, const json_t *message,
		     struct rf_error *err)
{
	struct rf_coordinator *all = keeper->all;
	struct rf_rank *entry;
	const char *reason;
	int i, rank;

	if (rf_message_unpack(message, err, "{s:i, s:s}", "rank", &rank, "reason", &reason) < 0)
		return -1;
	all->had_ranks = true;
	entry = rf_roster_get(&all->roster, rank);
	if (entry) {
		rf_roster_set_reason(entry, reason);
		rf_roster_set_host(entry, rf_coordinator_name(keeper));
		entry->keeper = keeper;
	}
	for (i = 0; i < RF_REASONS && all->reasons[i]; i++)
		if (strcmp(all->reasons[i], reason) == 0)
			return 0; /* said already; many ranks have the same */
	if (i == RF_REASONS)
		return 0;
	all->reasons[i] = strdup(reason);
	if (all->options.strict)
		rf_say("%s, so it can not be moved; not started (--require-movable)", reason);
	else
		rf_say("%s, so it can not be moved; it runs natively", reason);
	return 0;
}

static int on_failed(struct rf_coordinator_keeper *keeper, const json_t *message,
		     struct rf_error *err)
{
	const char *text;

	if (rf_message_unpack(message, err, "{s:s}", "text", &text) < 0)
		return -1;
	rf_say("%s: %s", rf_coordinator_name(keeper), text);
	return 0;
}

static void forget(struct rf_coordinator_keeper *keeper)
{
	struct rf_coordinator *all = keeper->all;
	unsigned i;

	DL_DELETE(all->keepers, keeper);
	for (i = 0; i < all->roster.count; i++) {
		struct rf_rank *rank = &all->roster.rank[i];

		if (rank->former == keeper)
			rank->former = NULL;
		if (rank->arriving == keeper)
			rank->arriving = NULL;
		if (rank->keeper == keeper)
			rank->keeper = NULL;
		else if (rank->next != keeper)
			continue;
		if (rank->next == keeper)
			rank->next = NULL;
		lose_rank(all, i, "has lost its keeper");
	}
	rf_coordinator_forget_load(keeper);
	free(keeper->host);
	free(keeper);
}

/*
 * Is its host one of the mpirun that the job is in? That has just the hosts of the ranks, from the
 * first move on: a host that only has slots which wait, or that ranks have left, is no loss for the
 * job. Before, it may have ranks of which nothing has been heard.
 */
static bool is_needed(const struct rf_coordinator_keeper *keeper)
{
	const struct rf_roster *roster = &keeper->all->roster;
	unsigned i;

	for (i = 0; i < roster->count; i++)
		if (roster->rank[i].keeper == keeper)
			return true;
	return !keeper->all->complete;
}

static void on_message(struct rf_channel *channel, json_t *message, void *data)
{
	static const struct {
		const char *kind;
		int (*handle)(struct rf_coordinator_keeper *, const json_t *, struct rf_error *);
	} kinds[] = {
		{"keeper", on_keeper},
		{"started", on_started},
		{"ended", on_ended},
		{"native", on_native},
		{"failed", on_failed},
		{"joined", on_joined},
		{"left", on_left},
		{"report", on_report},
		{"waiting", rf_coordinator_on_waiting},
		{"load", rf_coordinator_on_load},
		{"described", rf_coordinator_on_described},
		{"compared", rf_coordinator_on_compared},
		{"receiving", rf_routes_on_receiving},
		{"carried", rf_routes_on_carried},
	};
	struct rf_coordinator_keeper *keeper = data;
	struct rf_coordinator *all = keeper->all;
	struct rf_error err;
	size_t i;

	(void)channel;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, rf_message_kind(message)) != 0)
			continue;
		if (kinds[i].handle(keeper, message, &err) == 0)
			return;
		rf_say("the keeper on %s does not fit: %s", rf_coordinator_name(keeper), err.text);
		rf_coordinator_tell_end(keeper);
		if (!all->ending && is_needed(keeper))
			all->ops->lost(rf_coordinator_name(keeper), all->data);
		return;
	}
}

static bool any_released(const struct rf_coordinator *all)
{
	const struct rf_coordinator_keeper *keeper;

	DL_FOREACH(all->keepers, keeper)
	{
		if (keeper->released)
			return true;
	}
	return false;
}

/* A keeper tries all of our addresses at once, and closes what was proven second: nobody is lost.
 * One that dies before it has said who it is has started no rank; its slots fail, and mpirun tells.
 */
static void drop_unnamed(struct rf_coordinator_keeper *keeper)
{
	struct rf_coordinator *all = keeper->all;
	bool released = keeper->released;

	forget(keeper);
	if (all->ending && !all->keepers)
		all->ops->empty(all->data);
	else if (!all->ending && released && !any_released(all) && all->ops->released)
		all->ops->released(all->data);
}

static void on_closed(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	struct rf_coordinator_keeper *keeper = data;
	struct rf_coordinator *all = keeper->all;
	bool released = keeper->released, needed = is_needed(keeper);
	char host[RF_HOSTLIST_NAME + 1];

	(void)channel;
	if (!keeper->host) {
		drop_unnamed(keeper);
		return;
	}
	if (!all->ending && !released)
		rf_say("lost the keeper on %s%s%s%s", rf_coordinator_name(keeper),
		       needed ? "" : ", where no rank is", why ? ": " : "", why ? why->text : "");
	if (!all->ending && !released)
		rf_event(all->options.events, "host.lost", "{s:s, s:s}", "host",
			 rf_coordinator_name(keeper), "why",
			 why ? why->text : "its keeper has closed the connection");
	snprintf(host, sizeof(host), "%s", rf_coordinator_name(keeper));
	forget(keeper);
	if (all->ending) {
		if (why) /* it has not said that nothing is left there */
			all->ops->lost(host, all->data);
		if (!all->keepers)
			all->ops->empty(all->data);
	} else if (!released) {
		if (needed)
			all->ops->lost(host, all->data);
	} else if (!any_released(all) && all->ops->released) {
		all->ops->released(all->data);
	}
}

static void on_accepted(struct rf_channel *channel, void *data)
{
	static const struct rf_channel_ops ops = {.message = on_message, .closed = on_closed};
	struct rf_coordinator *all = data;
	struct rf_coordinator_keeper *keeper = calloc(1, sizeof(*keeper));

	if (!keeper) {
		rf_channel_destroy(channel); /* the keeper takes it for our end, and says so */
		return;
	}
	keeper->all = all;
	keeper->channel = channel;
	DL_APPEND(all->keepers, keeper);
	rf_channel_handle(channel, &ops, keeper);
	rf_channel_set_silence(channel, all->options.silence_ms, NULL);
	if (all->ending)
		rf_coordinator_tell_end(keeper);
}

struct rf_coordinator *rf_coordinator_create(struct event_base *base,
					     const struct rf_secret *secret,
					     const struct rf_coordinator_options *options,
					     const struct rf_coordinator_ops *ops, void *data,
					     struct rf_error *err)
{
	struct rf_coordinator *all = calloc(1, sizeof(*all));

	if (!all) {
		rf_error_errno(err, "can not start");
		return NULL;
	}
	all->base = base;
	all->options = *options;
	all->ops = ops;
	all->data = data;
	all->listener = rf_listener_create(base, secret, on_accepted, all, err);
	if (!all->listener) {
		free(all);
		return NULL;
	}
	return all;
}

const char *rf_coordinator_addresses(const struct rf_coordinator *all)
{
	return rf_listener_addresses(all->listener);
}

struct rf_events *rf_coordinator_events(const struct rf_coordinator *all)
{
	return all->options.events;
}

bool rf_coordinator_had_ranks(const struct rf_coordinator *all)
{
	return all->had_ranks;
}

const struct rf_roster *rf_coordinator_roster(const struct rf_coordinator *all)
{
	return &all->roster;
}

struct rf_roster rf_coordinator_take_roster(struct rf_coordinator *all)
{
	struct rf_roster roster = all->roster;

	all->roster = (struct rf_roster){0};
	return roster;
}

uint32_t rf_coordinator_new_id(struct rf_coordinator *all)
{
	return ++all->last_id;
}

json_t *rf_coordinator_ranks(const struct rf_coordinator_keeper *keeper, const bool *who,
			     const bool *but)
{
	const struct rf_roster *roster = &keeper->all->roster;
	json_t *list = json_array();
	unsigned i;

	for (i = 0; i < roster->count; i++)
		if ((!who || who[i]) && (!but || !but[i]) && roster->rank[i].keeper == keeper)
			json_array_append_new(list, json_integer(i));
	if (json_array_size(list) > 0)
		return list;
	json_decref(list);
	return NULL;
}

int rf_coordinator_order(struct rf_coordinator *all, uint32_t id, enum rf_step step,
			 const bool *who, const void *body, size_t size, struct rf_error *err)
{
	char *text = body ? rf_base64_encode(body, size) : NULL;
	struct rf_coordinator_keeper *keeper;
	int rc = 0;

	if (body && !text)
		return rf_error_set(err, ENOMEM, "no memory for an order");
	DL_FOREACH(all->keepers, keeper)
	{
		/* never "all that the keeper has": one of them may have left, in a move */
		json_t *list = rf_coordinator_ranks(keeper, who, NULL), *message;

		if (!list)
			continue;
		message = rf_message_create(err, "order", "{s:i, s:i, s:o*, s:s*}", "id", (int)id,
					    "step", (int)step, "ranks", list, "body", text);
		if (!message || rf_channel_send(keeper->channel, message, err) < 0)
			rc = rf_error_prefix(err, "the ranks on %s can not be told",
					     rf_coordinator_name(keeper));
		json_decref(message);
	}
	free(text);
	return rc;
}

void rf_coordinator_kill(struct rf_coordinator *all)
{
	json_t *message = rf_message_create(NULL, "signal", "{s:i}", "signal", SIGKILL);
	struct rf_coordinator_keeper *keeper;

	all->killed = true;
	DL_FOREACH(all->keepers, keeper)
	{
		if (message)
			rf_channel_send(keeper->channel, message, NULL);
	}
	json_decref(message);
}

void rf_coordinator_end(struct rf_coordinator *all, bool goes_on)
{
	struct rf_coordinator_keeper *keeper;

	if (all->ending)
		return;
	all->ending = true;
	all->goes_on = goes_on;
	DL_FOREACH(all->keepers, keeper)
	{
		rf_coordinator_tell_end(keeper);
	}
	if (!all->keepers)
		all->ops->empty(all->data);
}

void rf_coordinator_complain(const struct rf_coordinator *all)
{
	const struct rf_coordinator_keeper *keeper;

	DL_FOREACH(all->keepers, keeper)
	{
		rf_say("%s has not confirmed that the job's processes there have ended",
		       rf_coordinator_name(keeper));
	}
}

void rf_coordinator_destroy(struct rf_coordinator *all)
{
	struct rf_coordinator_keeper *keeper, *next;
	int i;

	if (!all)
		return;
	DL_FOREACH_SAFE(all->keepers, keeper, next)
	{
		rf_channel_destroy(keeper->channel);
		forget(keeper);
	}
	rf_listener_destroy(all->listener);
	rf_roster_clear(&all->roster);
	for (i = 0; i < RF_REASONS; i++)
		free(all->reasons[i]);
	free(all);
}
