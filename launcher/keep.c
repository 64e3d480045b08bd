/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "keep.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "carrier.h"
#include "config.h"
#include "depot.h"
#include "detect.h"
#include "environment.h"
#include "guard.h"
#include "lend.h"
#include "likeness.h"
#include "links.h"
#include "order.h"
#include "procs.h"
#include "ranks.h"
#include "receiver.h"
#include "timer.h"
#include "verdict.h"
#include "watch.h"
#include "wire/listener.h"
#include "wire/message.h"
#include "wire/step.h"

enum { GUARD, GRACE, SIGNALS, EVENTS = SIGNALS + 3 };

struct keeper {
	const struct rf_keep *keep;
	struct event_base *base;
	struct rf_ranks *ranks;
	struct rf_links *links;
	struct rf_secret secret;
	struct rf_carrier *carrier;
	struct rf_receiver *receiver;
	struct rf_depot *depot; /* NULL: no snapshots are kept here */
	struct rf_watch *watch; /* NULL: no memory */
	struct rf_connector *connector;
	struct rf_channel *channel; /* NULL before it is proven, and after its end */
	json_t *waiting;	    /* messages to send once there is a channel */
	struct event *events[EVENTS];
	int detect_ms;	    /* of a job that goes on elsewhere without this host; else 0 */
	bool ending, stays; /* stays: the job goes on from what is in the depot */
	char why[RF_ERROR_TEXT + 64]; /* what slots are told if they are still there at the end */
};

static void end_now(struct keeper *k)
{
	k->ending = true;
	event_base_loopbreak(k->base);
}

/* mpirun has the same news and ends the ranks in its own way; what is left after that, we end. */
static void end_soon(struct keeper *k, const char *what, const char *why)
{
	/* a job that recovers counts on the end of the ranks within RF_DETECT_KILL_MS */
	int ms = k->detect_ms > 0 ? RF_DETECT_KILL_MS / 2 : RF_KEEP_GRACE_MS;

	if (k->ending)
		return;
	k->ending = true;
	snprintf(k->why, sizeof(k->why), "%s%s%s", what, why ? ": " : "", why ? why : "");
	if (rf_ranks_slots(k->ranks) == 0)
		end_now(k);
	else
		rf_later(k->events[GRACE], ms);
}

static void tell(struct keeper *k, json_t *message)
{
	if (!message)
		return;
	if (k->channel)
		rf_channel_send(k->channel, message, NULL);
	else if (k->connector)
		json_array_append(k->waiting, message);
	json_decref(message);
}

static void on_started(int rank, int ranks, pid_t pid, void *data)
{
	if (rank >= 0)
		tell(data, rf_message_create(NULL, "started", "{s:i, s:i, s:i}", "rank", rank,
					     "ranks", ranks, "pid", (int)pid));
}

static void on_ended(int rank, int status, enum rf_rank_end how, void *data)
{
	if (rank >= 0)
		tell(data, rf_message_create(NULL, "ended", "{s:i, s:i, s:i}", "rank", rank,
					     "status", status, "how", (int)how));
}

static void on_native(int rank, const char *reason, void *data)
{
	tell(data, rf_message_create(NULL, "native", "{s:i, s:s}", "rank", rank < 0 ? 0 : rank,
				     "reason", reason));
}

static void on_idle(void *data)
{
	struct keeper *k = data;

	/* not known to the coordinator, which may be gone already, and nothing to keep */
	if (!k->channel || k->ending)
		end_now(k);
}

static void on_waiting(int rank, int generation, void *data)
{
	tell(data, rf_message_create(NULL, "waiting", "{s:i, s:i}", "rank", rank, "generation",
				     generation));
}

static void on_join(int fd, pid_t pid, int rank, const char *reason, void *data)
{
	rf_links_join(((struct keeper *)data)->links, fd, pid, rank, reason);
}

static void on_joined(int rank, pid_t pid, const char *reason, void *data)
{
	tell(data, rf_message_create(NULL, "joined", "{s:i, s:i, s:s}", "rank", rank, "pid",
				     (int)pid, "reason", reason));
}

static void on_left(int rank, void *data)
{
	tell(data, rf_message_create(NULL, "left", "{s:i}", "rank", rank));
}

static void on_report(const struct rf_rankmsg *report, const void *body, size_t size, void *data)
{
	tell(data, rf_order_report(report, body, size));
}

/* With its connection, if there is one for the image that it is to take. */
static void give_order(struct keeper *k, int rank, uint32_t id, uint32_t step, int body)
{
	bool image = step == RF_STEP_PRECOPY || step == RF_STEP_CAPTURE;
	int socket = image ? rf_carrier_take(k->carrier, rank) : -1;

	if (socket < 0) {
		rf_links_order(k->links, rank, id, step, body);
		return;
	}
	rf_links_carry(k->links, rank, id, step, body, socket);
	close(socket);
}

static void on_order(struct keeper *k, const json_t *message)
{
	const json_t *ranks = json_object_get(message, "ranks"), *rank;
	int id, step, body = rf_order_body(message);
	size_t i;

	if (body == -2 ||
	    rf_message_unpack(message, NULL, "{s:i, s:i}", "id", &id, "step", &step) < 0) {
		tell(k, rf_message_create(NULL, "failed", "{s:i, s:s}", "code", EPROTO, "text",
					  "an order could not be given to the ranks"));
		return;
	}
	if (!ranks)
		rf_links_order(k->links, -1, (uint32_t)id, (uint32_t)step, body);
	json_array_foreach(ranks, i, rank)
		give_order(k, (int)json_integer_value(rank), (uint32_t)id, (uint32_t)step, body);
	if (body >= 0)
		close(body);
}

/* What the coordinator asked for a rank can not be done: said as a report of the rank. */
static void refuse(struct keeper *k, int rank, int id, enum rf_step step,
		   const struct rf_error *err)
{
	tell(k, rf_order_answer(rank, id, step, err));
}

static void on_stored(int rank, int id, const struct rf_error *why, void *data)
{
	tell(data, rf_order_answer(rank, id, RF_STEP_STORED, why));
}

static void on_standby(struct keeper *k, const json_t *message)
{
	int rank, id, generation;
	struct rf_error err;
	const char *seat;

	if (rf_message_unpack(message, NULL, "{s:i, s:i, s:i, s:s}", "id", &id, "rank", &rank,
			      "generation", &generation, "seat", &seat) == 0 &&
	    rf_ranks_standby(k->ranks, rank, generation, id, seat, &err) < 0)
		refuse(k, rank, id, RF_STEP_PREPARE, &err);
}

/* ---- images that come and go (receiver.h, carrier.h) ---- */

static void on_receive(struct keeper *k, const json_t *message)
{
	const char *addresses;
	struct rf_error err = {0};
	int generation;

	if (rf_message_unpack(message, NULL, "{s:i}", "generation", &generation) < 0)
		return;
	addresses = rf_receiver_open(k->receiver, generation, &err);
	tell(k, rf_message_create(NULL, "receiving", "{s:i, s:s, s:i, s:s}", "generation",
				  generation, "addresses", addresses ? addresses : "", "code",
				  addresses  ? 0
				  : err.code ? err.code
					     : -1,
				  "text", addresses ? "" : err.text));
}

static void on_forget(struct keeper *k, const json_t *message)
{
	(void)message;
	rf_receiver_close(k->receiver);
	rf_carrier_drop(k->carrier);
}

static void on_carried(int rank, const struct rf_error *why, void *data)
{
	tell(data, rf_message_create(NULL, "carried", "{s:i, s:i, s:s}", "rank", rank, "code",
				     !why	 ? 0
				     : why->code ? why->code
						 : -1,
				     "text", why ? why->text : ""));
}

static void on_carry(struct keeper *k, const json_t *message)
{
	const json_t *round = json_object_get(message, "round");
	const json_t *base = json_object_get(message, "base");
	const char *addresses;
	int rank, generation;
	struct rf_error err;
	json_t *image;

	if (rf_message_unpack(message, NULL, "{s:i, s:i, s:s}", "rank", &rank, "generation",
			      &generation, "addresses", &addresses) < 0)
		return;
	/* more than the image will have, since that has nothing of an engine */
	image = rf_message_create(&err, "image", "{s:i, s:i, s:I, s:O*, s:O*}", "rank", rank,
				  "generation", generation, "bytes",
				  (json_int_t)rf_proc_memory(rf_links_pid(k->links, rank)), "round",
				  round, "base", base);
	if (!image || rf_carrier_begin(k->carrier, rank, addresses, image, &err) < 0)
		on_carried(rank, &err, k);
}

/* To the process that stands by. */
static void on_restore(struct keeper *k, const json_t *message)
{
	int rank, id, generation, round = -1;
	const char *snapshot = NULL;
	struct rf_error err;

	if (rf_message_unpack(message, NULL, "{s:i, s:i, s:i, s?s, s?i}", "id", &id, "rank", &rank,
			      "generation", &generation, "snapshot", &snapshot, "round",
			      &round) < 0)
		return;
	if (!snapshot)
		snapshot = rf_receiver_path(k->receiver, rank);
	if (rf_lend_image(k->links, rank, id, snapshot, round, &err) < 0)
		refuse(k, rank, id, round < 0 ? RF_STEP_READY : RF_STEP_PLACE, &err);
}

/* For each of the ranks: its running process is to take the place of its waiting slot. */
static void lend_all(struct keeper *k, const json_t *message, enum rf_step step,
		     enum rf_step answer)
{
	const json_t *rank;
	int id, generation;
	struct rf_error err;
	size_t i;

	if (rf_message_unpack(message, NULL, "{s:i, s:i}", "id", &id, "generation", &generation) <
	    0)
		return;
	json_array_foreach(json_object_get(message, "ranks"), i, rank)
	{
		int number = (int)json_integer_value(rank);

		if (rf_lend(k->ranks, k->links, number, id, generation, step, &err) < 0)
			refuse(k, number, id, answer, &err);
	}
}

static void on_prepare(struct keeper *k, const json_t *message)
{
	lend_all(k, message, RF_STEP_PREPARE, RF_STEP_PREPARE);
}

static void on_switch(struct keeper *k, const json_t *message)
{
	lend_all(k, message, RF_STEP_SWITCH, RF_STEP_READY);
}

/* They have. */
static void on_adopt(struct keeper *k, const json_t *message)
{
	const json_t *rank;
	struct rf_error err;
	int generation;
	size_t i;

	if (rf_message_unpack(message, NULL, "{s:i}", "generation", &generation) < 0)
		return;
	json_array_foreach(json_object_get(message, "ranks"), i, rank)
	{
		if (rf_ranks_adopt(k->ranks, (int)json_integer_value(rank), generation, &err) < 0)
			tell(k, rf_message_create(NULL, "failed", "{s:i, s:s}", "code", err.code,
						  "text", err.text));
	}
}

/* Nothing of theirs uses the old slots any more. */
static void on_retire(struct keeper *k, const json_t *message)
{
	const json_t *rank;
	int generation;
	size_t i;

	if (rf_message_unpack(message, NULL, "{s:i}", "generation", &generation) < 0)
		return;
	json_array_foreach(json_object_get(message, "ranks"), i, rank)
		rf_ranks_retire(k->ranks, (int)json_integer_value(rank), generation);
}

static void on_dismiss(struct keeper *k, const json_t *message)
{
	int generation;

	if (rf_message_unpack(message, NULL, "{s:i}", "generation", &generation) == 0)
		rf_ranks_dismiss(k->ranks, generation);
}

static void on_load(const struct rf_load *load, void *data)
{
	tell(data, rf_load_tell(load));
}

static void on_watch(struct keeper *k, const json_t *message)
{
	int every;

	if (k->watch && rf_message_unpack(message, NULL, "{s:i}", "every", &every) == 0)
		rf_watch_every(k->watch, every);
}

static void on_end(struct keeper *k, const json_t *message)
{
	k->stays = json_is_true(json_object_get(message, "keep"));
	end_now(k);
}

static void on_signal_order(struct keeper *k, const json_t *message)
{
	int number;

	if (rf_message_unpack(message, NULL, "{s:i}", "signal", &number) == 0)
		rf_ranks_signal(k->ranks, number);
}

static void on_likeness(struct keeper *k, const json_t *message)
{
	tell(k, rf_likeness_answer(message));
}

static void on_message(struct rf_channel *channel, json_t *message, void *data)
{
	static const struct {
		const char *kind;
		void (*handle)(struct keeper *, const json_t *);
	} kinds[] = {
		{"end", on_end},	  {"order", on_order},	   {"signal", on_signal_order},
		{"prepare", on_prepare},  {"standby", on_standby}, {"restore", on_restore},
		{"switch", on_switch},	  {"adopt", on_adopt},	   {"retire", on_retire},
		{"dismiss", on_dismiss},  {"receive", on_receive}, {"forget", on_forget},
		{"carry", on_carry},	  {"watch", on_watch},	   {"describe", on_likeness},
		{"compare", on_likeness},
	};
	size_t i;

	(void)channel;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, rf_message_kind(message)) == 0)
			kinds[i].handle(data, message);
	if (((struct keeper *)data)->depot)
		rf_depot_message(((struct keeper *)data)->depot, message);
}

static void on_closed(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	struct keeper *k = data;

	(void)channel;
	k->channel = NULL;
	/* by the deadline that detect.h promises */
	if (why && k->detect_ms > 0 && !k->ending && why->code != ECONNRESET) {
		snprintf(k->why, sizeof(k->why),
			 "this host is cut off (%s), and the job goes on "
			 "without it",
			 why->text);
		end_now(k);
		return;
	}
	end_soon(k, "lost `rankferry run', and so the rank ends", why ? why->text : NULL);
}

static void on_connected(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	static const struct rf_channel_ops ops = {.message = on_message, .closed = on_closed};
	struct keeper *k = data;
	char host[HOST_NAME_MAX + 1] = "";
	json_t *message;
	size_t i;

	k->connector = NULL;
	if (!channel) {
		snprintf(k->why, sizeof(k->why), "can not reach `rankferry run': %s", why->text);
		end_now(k);
		return;
	}
	k->channel = channel;
	rf_channel_handle(channel, &ops, k);
	rf_channel_set_silence(
		channel, k->detect_ms > 0 ? rf_detect_silence(k->detect_ms) : RF_KEEP_SILENCE_MS,
		NULL);
	gethostname(host, sizeof(host) - 1);
	tell(k, rf_message_create(NULL, "keeper", "{s:s, s:i, s:s, s:i}", "host", host, "pid",
				  (int)getpid(), "version", PACKAGE_VERSION, "cpus",
				  rf_likeness_cpus()));
	json_array_foreach(k->waiting, i, message) rf_channel_send(channel, message, NULL);
	json_array_clear(k->waiting);
	rf_ranks_confirm(k->ranks);
}

static void on_guard(evutil_socket_t fd, short what, void *data)
{
	struct keeper *k = data;

	(void)fd;
	(void)what;
	strcpy(k->why, "the keeper's guard process is lost, and the ranks with it");
	end_now(k);
}

static void on_signal(evutil_socket_t number, short what, void *data)
{
	struct keeper *k = data;

	(void)what;
	rf_ranks_signal(k->ranks, SIGCONT);
	rf_ranks_signal(k->ranks, SIGTERM);
	end_soon(k, "the keeper was told to end", strsignal(number));
}

static void on_grace(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(((struct keeper *)data)->base);
}

static int watch(struct keeper *k, struct rf_error *err)
{
	static const int numbers[EVENTS - SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
	int i, good = 1;

	k->events[GUARD] = event_new(k->base, k->keep->guard, EV_READ, on_guard, k);
	k->events[GRACE] = evtimer_new(k->base, on_grace, k);
	for (i = SIGNALS; i < EVENTS; i++)
		k->events[i] = evsignal_new(k->base, numbers[i - SIGNALS], on_signal, k);
	for (i = 0; i < EVENTS; i++)
		good = good && k->events[i] && (i == GRACE || event_add(k->events[i], NULL) == 0);
	return good ? 0 : rf_error_set(err, ENOMEM, "the keeper can not watch for events");
}

static int connect_back(struct keeper *k, struct rf_error *err)
{
	const char *addresses = getenv(RF_ENV_COORD), *text = getenv(RF_ENV_SECRET);
	const char *shelf = getenv(RF_ENV_SHELF);

	if (!addresses || !text)
		return rf_error_set(err, EINVAL,
				    "mpirun did not pass on the environment of `rankferry run'");
	if (rf_secret_parse(text, &k->secret, err) < 0)
		return -1;
	unsetenv(RF_ENV_SECRET);
	k->carrier = rf_carrier_create(k->base, &k->secret, on_carried, k, err);
	if (!k->carrier)
		return -1;
	k->receiver = rf_receiver_create(k->base, &k->secret, k->keep->dir, err);
	if (!k->receiver)
		return -1;
	k->depot = shelf ? rf_depot_create(k->base, shelf, on_stored, k, err) : NULL;
	if (shelf && !k->depot)
		return -1;
	k->connector = rf_connect(k->base, addresses, &k->secret, RF_KEEP_CONNECT_MS, on_connected,
				  k, err);
	return k->connector ? 0 : -1;
}

static int begin(struct keeper *k, struct rf_error *err)
{
	static const struct rf_ranks_ops ops = {on_started, on_ended,	on_native,
						on_idle,    on_waiting, on_join};
	static const struct rf_links_ops links_ops = {on_joined, on_left, on_report};
	const char *strict = getenv(RF_ENV_STRICT), *detect = getenv(RF_ENV_DETECT);

	k->detect_ms = detect ? atoi(detect) : 0;
	k->waiting = json_array();
	k->base = event_base_new();
	if (!k->waiting || !k->base)
		return rf_error_set(err, ENOMEM, "the keeper can not start");
	k->links = rf_links_create(k->base, &links_ops, k, err);
	if (!k->links)
		return -1;
	k->watch = rf_watch_create(k->base, k->links, on_load, k);
	k->ranks = rf_ranks_create(k->base, k->keep->dir, k->keep->leftovers,
				   strict && *strict == '1', &ops, k, err);
	if (!k->ranks || watch(k, err) < 0)
		return -1;
	return connect_back(k, err);
}

/* If the slot is gone the next one, or the deadline, decides. */
static void report(int fd, const char *text)
{
	dprintf(fd, "%s", text);
	close(fd);
}

/*
 * Says goodbye to the coordinator, if there is one; it waits for that. It says that nothing is left
 * on this host when it sees the connection closed, which this process's end does.
 */
static void take_leave(struct keeper *k)
{
	if (!k->channel)
		return;
	event_del(k->events[GUARD]);
	rf_guard_end(k->keep);
	(void)rf_channel_hold(k->channel, NULL);
	rf_channel_finish(k->channel);
	rf_later(k->events[GRACE], RF_KEEP_LINGER_MS);
	while (k->channel && event_base_loop(k->base, EVLOOP_ONCE) == 0 &&
	       !event_base_got_break(k->base))
		;
	rf_channel_destroy(k->channel);
}

int rf_keep(const struct rf_keep *keep)
{
	struct keeper k = {.keep = keep};
	struct rf_error err = {0};
	int i, code = RF_EXIT_OWN;

	if (begin(&k, &err) < 0) {
		report(keep->ready, err.text);
	} else {
		report(keep->ready, RF_KEEP_READY);
		event_base_dispatch(k.base);
		rf_ranks_fail(k.ranks, k.why);
		code = 0;
	}
	rf_watch_destroy(k.watch);
	rf_links_destroy(k.links);
	rf_ranks_destroy(k.ranks, RF_KEEP_END_MS);
	rf_leftovers_remove(keep->leftovers, RF_KEEP_DAEMON_MS);
	rf_carrier_destroy(k.carrier);
	rf_receiver_destroy(k.receiver);
	rf_depot_destroy(k.depot, k.stays);
	rf_rundir_remove(keep->dir);
	take_leave(&k);
	rf_connector_destroy(k.connector);
	for (i = 0; i < EVENTS; i++)
		if (k.events[i])
			event_free(k.events[i]);
	json_decref(k.waiting);
	if (k.base)
		event_base_free(k.base);
	rf_secret_wipe(&k.secret);
	return code;
}
