/* SPDX-License-Identifier: BSD-3-Clause */
#include "move_requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/hostlist.h"
#include "util/idset.h"
#include "wire/message.h"

/* It waits for its turn, or has it. */
struct asked {
	struct rf_move_requests *all;
	struct rf_client *client;
	json_t *message;
	struct rf_turn *turn;
};

struct rf_move_requests {
	struct rf_move_requests_config config;
};

/* ---- what is wanted ---- */

/* The texts of a request, as lists. */
struct wish {
	struct rf_hostlist *empty, *to, *home, *spare, *avoid;
	struct rf_idset *move;
	char name[RF_TURN_NAME + 1];
};

static void free_wish(struct wish *wish)
{
	rf_hostlist_destroy(wish->empty);
	rf_hostlist_destroy(wish->to);
	rf_hostlist_destroy(wish->home);
	rf_hostlist_destroy(wish->spare);
	rf_hostlist_destroy(wish->avoid);
	rf_idset_destroy(wish->move);
}

static int read_wish(const json_t *message, const struct rf_policy *policy,
		     struct rf_move_request *request, struct wish *wish, struct rf_error *err)
{
	const char *hosts = NULL, *ranks = NULL, *to = NULL, *home = NULL;
	int dry = 0, via_store = 0;

	request->deadline_ms = (int)policy->evacuate.max_pause_ms;
	request->total_ms = (int)policy->evacuate.deadline_ms;
	if (rf_message_unpack(message, err, "{s?i, s?b, s?s, s?s, s?s, s?s, s?i, s?b}", "deadline",
			      &request->total_ms, "dry", &dry, "hosts", &hosts, "ranks", &ranks,
			      "to", &to, "home", &home, "max_pause", &request->max_pause_ms,
			      "via_store", &via_store) < 0)
		return -1;
	request->dry = dry;
	request->via_store = via_store;
	if (request->max_pause_ms > request->deadline_ms) /* asked for, so it may be longer */
		request->deadline_ms = request->max_pause_ms;
	if (json_object_get(message, "deadline") && request->total_ms < 1)
		return rf_error_set(err, EINVAL, "a deadline of nothing");
	if (!!hosts + !!ranks + !!home != 1 || (home && to))
		return rf_error_set(err, EINVAL, "either hosts or ranks are to be moved");
	if ((hosts && !(wish->empty = rf_hostlist_parse(hosts, err))) ||
	    (ranks && !(wish->move = rf_idset_parse(ranks, err))) ||
	    (home && !(wish->home = rf_hostlist_parse(home, err))) ||
	    (to && !(wish->to = rf_hostlist_parse(to, err))))
		return -1;
	request->wish = (struct rf_plan_wish){.empty = wish->empty,
					      .move = wish->move,
					      .to = wish->to,
					      .spare = wish->spare,
					      .avoid = wish->avoid};
	request->home = wish->home;
	snprintf(wish->name, sizeof(wish->name), "%s %s%s",
		 hosts	? "evacuate"
		 : home ? "return"
			: "migrate --ranks",
		 hosts	? hosts
		 : home ? home
			: ranks,
		 dry ? " (dry run)" : "");
	return 0;
}

/* ---- what is answered ---- */

static void forget(struct asked *asked)
{
	rf_turn_end(asked->turn);
	json_decref(asked->message);
	free(asked);
}

static void on_place(unsigned rank, const char *from, const char *to, void *data)
{
	rf_client_say(((struct asked *)data)->client,
		      rf_message_create(NULL, "place", "{s:i, s:s, s:s}", "rank", (int)rank, "from",
					from, "to", to));
}

static void on_phase(const char *name, void *data)
{
	rf_client_say(((struct asked *)data)->client,
		      rf_message_create(NULL, "phase", "{s:s}", "name", name));
}

static void on_copied(const struct rf_copied *copied, void *data)
{
	rf_client_say(((struct asked *)data)->client,
		      rf_message_create(NULL, "phase", "{s:s, s:i, s:i, s:i, s:I, s:I}", "name",
					"precopy", "done", (int)copied->done, "of", (int)copied->of,
					"round", (int)copied->round + 1, "bytes",
					(json_int_t)copied->bytes, "rate",
					(json_int_t)copied->rate));
}

static void on_moved(const struct rf_moved *moved, void *data)
{
	struct rf_client *client = ((struct asked *)data)->client;

	forget(data);
	if (moved->but) {
		rf_client_fail(client, moved->but);
		return;
	}
	rf_client_end(
		client,
		rf_message_create(
			NULL, "moved", "{s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i}",
			"generation", moved->generation, "ranks", (int)moved->ranks, "pause",
			(json_int_t)moved->pause_us, "stop", (json_int_t)moved->stop_us, "capture",
			(json_int_t)moved->capture_us, "switch", (json_int_t)moved->switch_us,
			"duration", (json_int_t)moved->duration_us, "memory",
			(json_int_t)moved->bytes.memory, "copied", (json_int_t)moved->bytes.copied,
			"last", (json_int_t)moved->bytes.last, "rounds", (int)moved->bytes.rounds));
}

static void on_failed(const struct rf_error *why, void *data)
{
	struct rf_client *client = ((struct asked *)data)->client;

	forget(data);
	rf_client_fail(client, why);
}

static const struct rf_move_hearer hearer = {on_place, on_phase, on_moved, on_failed, on_copied};

/* ---- one after the other ---- */

/* Hosts may be others by now, or the policy. */
static void on_turn(void *data)
{
	struct asked *asked = data;
	const struct rf_move_requests_config *config = &asked->all->config;
	struct rf_move_request request = {.hearer = &hearer};
	struct wish wish = {.spare = rf_unattended_spares(config->unattended),
			    .avoid = rf_unattended_avoid(config->unattended)};
	struct rf_error err;

	if (read_wish(asked->message, rf_policies_now(config->policies), &request, &wish, &err) <
	    0) {
		on_failed(&err, asked);
	} else {
		if (request.total_ms) {
			request.total_ms -= rf_turn_waited_ms(asked->turn);
			request.total_ms = request.total_ms < 1 ? 1 : request.total_ms;
		}
		rf_moves_begin(config->moves, &request, asked);
	}
	free_wish(&wish);
}

static void on_withdraw(void *data)
{
	rf_moves_withdraw(((struct asked *)data)->all->config.moves, data);
}

static int queue(struct rf_move_requests *all, struct rf_client *client, const json_t *message,
		 const struct wish *w, int wait_ms, struct rf_error *err)
{
	struct asked *asked = calloc(1, sizeof(*asked));
	const struct rf_turn_wish wish = {.name = w->name,
					  .wait_ms = wait_ms,
					  .begin = on_turn,
					  .late = on_failed,
					  .withdraw = on_withdraw,
					  .client = client,
					  .data = asked};
	char ahead[RF_TURN_NAME + 20];
	bool wait = rf_turns_ahead(all->config.turns, ahead, sizeof(ahead));

	if (!asked)
		return rf_error_set(err, ENOMEM, "no memory for a move");
	asked->turn = rf_turns_ask(all->config.turns, &wish, err);
	if (!asked->turn) {
		free(asked);
		return -1;
	}
	asked->all = all;
	asked->client = client;
	asked->message = json_deep_copy(message);
	if (wait)
		rf_client_say(client, rf_message_create(NULL, "phase", "{s:s, s:s}", "name",
							"queued", "behind", ahead));
	return 0;
}

/* What is wrong with it is said at once, not when its turn has come. */
void rf_move_requests_begin(struct rf_move_requests *all, struct rf_client *client,
			    const json_t *message)
{
	struct rf_move_request request = {0};
	struct wish wish = {0};
	struct rf_error err;

	if (read_wish(message, rf_policies_now(all->config.policies), &request, &wish, &err) < 0 ||
	    queue(all, client, message, &wish, request.total_ms, &err) < 0)
		rf_client_fail(client, &err);
	free_wish(&wish);
}

struct rf_move_requests *rf_move_requests_create(const struct rf_move_requests_config *config,
						 struct rf_error *err)
{
	struct rf_move_requests *all = calloc(1, sizeof(*all));

	if (all)
		all->config = *config;
	else
		rf_error_set(err, ENOMEM, "no memory for moves");
	return all;
}

void rf_move_requests_destroy(struct rf_move_requests *all)
{
	free(all);
}
