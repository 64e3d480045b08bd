/* SPDX-License-Identifier: BSD-3-Clause */
#include "config.h"
#include "unit.h"

#include <event2/event.h>
#include <string.h>
#include <time.h>

#include "launcher/coordinator.h"
#include "wire/listener.h"
#include "wire/message.h"

/* A coordinator, the end of one connection to it that a keeper would have, and what was heard. */
struct world {
	struct event_base *base;
	struct rf_secret secret;
	struct rf_coordinator *coordinator;
	struct rf_channel *keeper;
	int keepers, lost, empty;
	bool told_to_end;
	char host[64];
};

static void on_keeper(const char *host, unsigned cpus, void *data)
{
	(void)host;
	(void)cpus;
	((struct world *)data)->keepers++;
}

static void on_lost(const char *host, void *data)
{
	struct world *w = data;

	w->lost++;
	strncpy(w->host, host, sizeof(w->host) - 1);
}

static void on_empty(void *data)
{
	((struct world *)data)->empty++;
}

static void on_closed(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	(void)channel;
	(void)why;
	((struct world *)data)->keeper = NULL;
}

static void on_message(struct rf_channel *channel, json_t *message, void *data)
{
	struct world *w = data;

	(void)channel;
	if (strcmp(rf_message_kind(message), "end") == 0)
		w->told_to_end = true;
}

static void on_connected(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	static const struct rf_channel_ops ops = {.message = on_message, .closed = on_closed};
	struct world *w = data;

	(void)why;
	CU_ASSERT_PTR_NOT_NULL_FATAL(channel);
	w->keeper = channel;
	rf_channel_handle(channel, &ops, w);
}

static void begin(struct world *w)
{
	static const struct rf_coordinator_ops ops = {
		.keeper = on_keeper, .lost = on_lost, .empty = on_empty};
	const struct rf_coordinator_options options = {.silence_ms = RF_COORDINATOR_SILENCE_MS};
	struct rf_error err = {0};

	memset(w, 0, sizeof(*w));
	w->base = event_base_new();
	CU_ASSERT_EQUAL_FATAL(rf_secret_create(&w->secret, NULL), 0);
	w->coordinator = rf_coordinator_create(w->base, &w->secret, &options, &ops, w, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w->coordinator);
}

static void end(struct world *w)
{
	rf_channel_destroy(w->keeper);
	rf_coordinator_destroy(w->coordinator);
	event_base_free(w->base);
}

/* Runs the loop for so long; what is to be seen takes a fraction of it. */
static void settle(struct world *w, int ms)
{
	const struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_base_loopexit(w->base, &tv);
	event_base_dispatch(w->base);
}

/* As a keeper's connector does; both sides have proven the secret then. */
static void join(struct world *w)
{
	CU_ASSERT_PTR_NOT_NULL(rf_connect(w->base, rf_coordinator_addresses(w->coordinator),
					  &w->secret, 5000, on_connected, w, NULL));
	for (int turn = 0; !w->keeper && turn < 500; turn++)
		settle(w, 10);
	CU_ASSERT_PTR_NOT_NULL_FATAL(w->keeper);
	settle(w, 100);
}

static void say(struct world *w, json_t *message)
{
	CU_ASSERT_EQUAL(rf_channel_send(w->keeper, message, NULL), 0);
	json_decref(message);
	settle(w, 100);
}

static void name(struct world *w)
{
	say(w, rf_message_create(NULL, "keeper", "{s:s, s:i, s:s, s:i}", "host", "node7", "pid", 7,
				 "version", PACKAGE_VERSION, "cpus", 2));
}

static void start(struct world *w, int rank, int ranks)
{
	say(w, rf_message_create(NULL, "started", "{s:i, s:i, s:i}", "rank", rank, "ranks", ranks,
				 "pid", 4711));
}

static void leave(struct world *w)
{
	rf_channel_destroy(w->keeper);
	w->keeper = NULL;
	settle(w, 100);
}

static void test_lost(void)
{
	struct world w;

	begin(&w);
	join(&w);
	name(&w);
	CU_ASSERT_EQUAL(w.keepers, 1);
	CU_ASSERT_EQUAL(w.lost, 0);
	leave(&w);
	CU_ASSERT_EQUAL(w.lost, 1);
	CU_ASSERT_STRING_EQUAL(w.host, "node7");
	end(&w);
}

static void test_second_address(void)
{
	struct world w;

	begin(&w);
	join(&w);
	leave(&w);
	CU_ASSERT_EQUAL(w.lost, 0);
	CU_ASSERT_EQUAL(w.empty, 0);
	join(&w);
	name(&w);
	CU_ASSERT_EQUAL(w.keepers, 1);
	CU_ASSERT_EQUAL(w.lost, 0);
	end(&w);
}

static void test_second_address_at_the_end(void)
{
	struct world w;

	begin(&w);
	join(&w);
	rf_coordinator_end(w.coordinator, false);
	leave(&w);
	CU_ASSERT_EQUAL(w.lost, 0);
	CU_ASSERT_EQUAL(w.empty, 1);
	end(&w);
}

/* Others are on hosts that have not been heard of. */
static void test_coming(void)
{
	const struct rf_roster *roster;
	struct rf_error err;
	struct world w;

	begin(&w);
	join(&w);
	name(&w);
	roster = rf_coordinator_roster(w.coordinator);
	CU_ASSERT(rf_roster_is_coming(roster));
	start(&w, 0, 2);
	say(&w, rf_message_create(NULL, "joined", "{s:i, s:i, s:s}", "rank", 0, "pid", 4711,
				  "reason", ""));
	CU_ASSERT(rf_roster_is_joined(roster, 0));
	CU_ASSERT(rf_roster_is_coming(roster));
	CU_ASSERT(rf_roster_check(roster, &err) < 0);
	CU_ASSERT_STRING_EQUAL(err.text, "rank 1 has not been started yet; try again");
	start(&w, 1, 2);
	say(&w, rf_message_create(NULL, "joined", "{s:i, s:i, s:s}", "rank", 1, "pid", 4711,
				  "reason", ""));
	CU_ASSERT_FALSE(rf_roster_is_coming(roster));
	CU_ASSERT_EQUAL(rf_roster_check(roster, &err), 0);
	end(&w);
}

/* Before the first move, a keeper that knows no ranks yet may get some. */
static void test_not_needed(void)
{
	struct world w;

	begin(&w);
	rf_coordinator_expect(w.coordinator, 2);
	join(&w);
	name(&w);
	leave(&w);
	CU_ASSERT_EQUAL(w.lost, 0);
	join(&w);
	name(&w);
	start(&w, 0, 1);
	leave(&w);
	CU_ASSERT_EQUAL(w.lost, 1);
	end(&w);
}

static void test_late(void)
{
	struct world w;

	begin(&w);
	rf_coordinator_expect(w.coordinator, 2);
	rf_coordinator_dismiss(w.coordinator);
	join(&w);
	name(&w);
	CU_ASSERT_FALSE(w.told_to_end);
	say(&w, rf_message_create(NULL, "waiting", "{s:i, s:i}", "rank", 0, "generation", 2));
	CU_ASSERT(w.told_to_end);
	CU_ASSERT_EQUAL(w.lost, 0);
	end(&w);
}

static const struct unit_test tests[] = {
	{"while not all ranks have been heard of, it says so", test_coming},
	{"from the first move on only a host that a rank is on is needed", test_not_needed},
	{"a keeper that comes for a move that was given up is told to end", test_late},
	{"a keeper that goes is lost, by its host's name", test_lost},
	{"a connection that closes before it names a host is no loss", test_second_address},
	{"at the end, such a connection is waited for, and is no loss",
	 test_second_address_at_the_end},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("coordinator", tests);
}
