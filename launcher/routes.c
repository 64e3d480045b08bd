/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "coordinator_parts.h"
#include "wire/message.h"

struct rf_routes {
	struct rf_coordinator *coordinator;
	rf_routed *routed;
	void *data;
	unsigned ranks;
	bool *moves, *awaited; /* awaited: the connection was asked for */
	char **addresses;      /* of where each rank goes; NULL: not known yet */
	int generation, round, base;
	bool preparing;
	struct event *go, *deadline;
};

static void end(struct rf_routes *r, const struct rf_error *why)
{
	r->preparing = false;
	event_del(r->go);
	event_del(r->deadline);
	r->routed(why, r->data);
}

static const struct rf_rank *rank_of(const struct rf_routes *r, unsigned rank)
{
	return &rf_coordinator_roster(r->coordinator)->rank[rank];
}

static int tell(const struct rf_coordinator_keeper *keeper, json_t *message, struct rf_error *err)
{
	int rc = message ? rf_channel_send(keeper->channel, message, err) : -1;

	json_decref(message);
	return rc;
}

/* Who has the rank is asked, where it is known who takes it. */
static int ask(struct rf_routes *r, unsigned rank, struct rf_error *err)
{
	const struct rf_coordinator_keeper *keeper = rank_of(r, rank)->keeper;
	json_t *round = r->round < 0 ? NULL : json_integer(r->round);
	json_t *base = r->base < 0 ? NULL : json_integer(r->base);

	if (!keeper) {
		json_decref(round);
		json_decref(base);
		return rf_error_set(err, ENOTCONN, "rank %u has lost its keeper", rank);
	}
	r->awaited[rank] = true;
	return tell(keeper,
		    rf_message_create(err, "carry", "{s:i, s:i, s:s, s:o*, s:o*}", "rank",
				      (int)rank, "generation", r->generation, "addresses",
				      r->addresses[rank], "round", round, "base", base),
		    err);
}

static void on_go(evutil_socket_t fd, short what, void *data)
{
	struct rf_routes *r = data;
	struct rf_error err;
	unsigned i;

	(void)fd;
	(void)what;
	for (i = 0; i < r->ranks; i++)
		if (r->moves[i] && r->addresses[i] && ask(r, i, &err) < 0) {
			end(r, &err);
			return;
		}
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct rf_error err;

	(void)fd;
	(void)what;
	rf_error_set(&err, ETIMEDOUT,
		     "the hosts have not connected to each other within %d s; --via-store moves "
		     "ranks without that",
		     RF_ROUTES_MS / 1000);
	end(data, &err);
}

void rf_routes_prepare(struct rf_routes *r, int round, int base)
{
	static const struct timeval now = {0, 0}, wait = {RF_ROUTES_MS / 1000, 0};

	r->round = round;
	r->base = base;
	r->preparing = true;
	memset(r->awaited, 0, r->ranks * sizeof(*r->awaited));
	event_add(r->go, &now);
	event_add(r->deadline, &wait);
}

int rf_routes_on_receiving(struct rf_coordinator_keeper *keeper, const json_t *message,
			   struct rf_error *err)
{
	struct rf_routes *r = keeper->all->routes;
	const char *addresses, *text;
	int generation, code;
	struct rf_error why;
	unsigned i;

	if (rf_message_unpack(message, err, "{s:i, s:s, s:i, s:s}", "generation", &generation,
			      "addresses", &addresses, "code", &code, "text", &text) < 0)
		return -1;
	if (!r || generation != r->generation)
		return 0;
	if (code) {
		rf_error_set(&why, code, "%s can not take images: %s", rf_coordinator_name(keeper),
			     text);
		end(r, &why);
		return 0;
	}
	for (i = 0; i < r->ranks; i++) {
		if (!r->moves[i] || rank_of(r, i)->next != keeper || r->addresses[i])
			continue;
		r->addresses[i] = strdup(addresses);
		if (r->preparing && !r->awaited[i] && r->addresses[i] && ask(r, i, &why) < 0) {
			end(r, &why);
			break;
		}
	}
	return 0;
}

int rf_routes_on_carried(struct rf_coordinator_keeper *keeper, const json_t *message,
			 struct rf_error *err)
{
	struct rf_routes *r = keeper->all->routes;
	const char *text, *to;
	struct rf_error why;
	int rank, code;
	unsigned i;

	if (rf_message_unpack(message, err, "{s:i, s:i, s:s}", "rank", &rank, "code", &code, "text",
			      &text) < 0)
		return -1;
	if (!r || !r->preparing || rank < 0 || (unsigned)rank >= r->ranks || !r->awaited[rank])
		return 0;
	if (code) {
		to = rank_of(r, (unsigned)rank)->next
			     ? rf_coordinator_name(rank_of(r, (unsigned)rank)->next)
			     : "another host";
		if (code == ENOSPC)
			rf_error_set(&why, code, "%s: %s", to, text);
		else
			rf_error_set(&why, code,
				     "%s can not send memory to %s: %s; --via-store moves ranks "
				     "without that",
				     rf_coordinator_name(keeper), to, text);
		end(r, &why);
		return 0;
	}
	r->awaited[rank] = false;
	for (i = 0; i < r->ranks; i++)
		if (r->moves[i] && (r->awaited[i] || !r->addresses[i]))
			return 0;
	end(r, NULL);
	return 0;
}

/* Each keeper once, however many ranks it takes. */
static int open_all(struct rf_routes *r, struct rf_error *err)
{
	unsigned i;

	for (i = 0; i < r->ranks; i++) {
		struct rf_coordinator_keeper *keeper = rank_of(r, i)->next;

		if (!r->moves[i] || (keeper && keeper->receives))
			continue;
		if (!keeper)
			return rf_error_set(err, ENOTCONN, "the slot of rank %u is lost", i);
		keeper->receives = true;
		if (tell(keeper,
			 rf_message_create(err, "receive", "{s:i}", "generation", r->generation),
			 err) < 0)
			return -1;
	}
	return 0;
}

struct rf_routes *rf_routes_create(struct event_base *base, struct rf_coordinator *coordinator,
				   const bool *moves, rf_routed *routed, void *data,
				   struct rf_error *err)
{
	struct rf_routes *r = calloc(1, sizeof(*r));

	rf_error_set(err, ENOMEM, "no memory to send images");
	if (!r)
		return NULL;
	r->coordinator = coordinator;
	r->routed = routed;
	r->data = data;
	r->ranks = rf_coordinator_roster(coordinator)->count;
	r->generation = coordinator->expected;
	r->moves = calloc(r->ranks, sizeof(*r->moves));
	r->awaited = calloc(r->ranks, sizeof(*r->awaited));
	r->addresses = calloc(r->ranks, sizeof(*r->addresses));
	r->go = evtimer_new(base, on_go, r);
	r->deadline = evtimer_new(base, on_deadline, r);
	coordinator->routes = r;
	if (r->moves && r->awaited && r->addresses && r->go && r->deadline) {
		memcpy(r->moves, moves, r->ranks * sizeof(*moves));
		if (open_all(r, err) == 0)
			return r;
	}
	rf_routes_destroy(r);
	return NULL;
}

static void forget(struct rf_routes *r)
{
	struct rf_coordinator_keeper *keeper;
	struct rf_error err;

	DL_FOREACH(r->coordinator->keepers, keeper)
	{
		/* also those that have connected: what was not used is closed */
		tell(keeper,
		     rf_message_create(NULL, "forget", "{s:i}", "generation", r->generation), &err);
		keeper->receives = false;
	}
}

void rf_routes_destroy(struct rf_routes *r)
{
	unsigned i;

	if (!r)
		return;
	forget(r);
	r->coordinator->routes = NULL;
	if (r->go)
		event_free(r->go);
	if (r->deadline)
		event_free(r->deadline);
	for (i = 0; r->addresses && i < r->ranks; i++)
		free(r->addresses[i]);
	free(r->addresses);
	free(r->moves);
	free(r->awaited);
	free(r);
}
