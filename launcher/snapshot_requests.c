/* SPDX-License-Identifier: BSD-3-Clause */
#include "snapshot_requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/message.h"

/* It waits for its turn, or has it. */
struct asked {
	struct rf_snapshot_requests *all;
	struct rf_client *client; /* NULL: the job itself */
	struct rf_snapshot_request request;
	char compress[32];
	int total_ms; /* with the wait; 0: no limit */
	struct rf_turn *turn;
};

struct rf_snapshot_requests {
	struct rf_snapshot_requests_config config;
};

static void forget(struct asked *asked)
{
	rf_turn_end(asked->turn);
	free(asked);
}

static void on_phase(const char *name, unsigned done, unsigned of, void *data)
{
	struct rf_client *client = ((struct asked *)data)->client;

	if (client && of)
		rf_client_say(client, rf_message_create(NULL, "phase", "{s:s, s:i, s:i}", "name",
							name, "done", (int)done, "of", (int)of));
	else if (client)
		rf_client_say(client, rf_message_create(NULL, "phase", "{s:s}", "name", name));
}

static void on_taken(const struct rf_taken *taken, void *data)
{
	struct asked *asked = data;

	if (asked->client)
		rf_client_end(
			asked->client,
			rf_message_create(NULL, "taken", "{s:s, s:i, s:I, s:I, s:I, s:I, s:s*}",
					  "path", taken->path, "ranks", (int)taken->ranks, "bytes",
					  (json_int_t)taken->bytes, "pause",
					  (json_int_t)taken->pause_us, "stop",
					  (json_int_t)taken->stop_us, "capture",
					  (json_int_t)taken->capture_us, "base", taken->base));
	forget(asked);
}

static void on_failed(const struct rf_error *why, void *data)
{
	struct asked *asked = data;
	const struct rf_snapshot_requests_config config = asked->all->config;
	struct rf_client *client = asked->client;
	bool stop = asked->request.stop;

	forget(asked);
	if (client)
		rf_client_fail(client, why);
	else
		config.given_up(why, stop, config.data);
}

static const struct rf_snapshot_hearer hearer = {on_phase, on_taken, on_failed};

static void on_turn(void *data)
{
	struct asked *asked = data;
	int left = asked->total_ms - rf_turn_waited_ms(asked->turn);

	if (asked->total_ms && asked->request.deadline_ms > left)
		asked->request.deadline_ms = left < 1 ? 1 : left;
	rf_snapshots_begin(asked->all->config.snapshots, &asked->request, asked);
}

static void on_withdraw(void *data)
{
	rf_snapshots_withdraw(((struct asked *)data)->all->config.snapshots, data);
}

static int queue(struct rf_snapshot_requests *all, struct rf_client *client,
		 const struct rf_snapshot_request *request, int total_ms, struct rf_error *err)
{
	struct asked *asked = calloc(1, sizeof(*asked));
	const struct rf_turn_wish wish = {
		.name = client || request->stop ? "snapshot" : "periodic snapshot",
		.wait_ms = total_ms,
		.begin = on_turn,
		.late = on_failed,
		.withdraw = on_withdraw,
		.client = client,
		.yield_ms = request->casual ? RF_SNAPSHOT_YIELD_MS : 0,
		.data = asked,
	};
	char ahead[RF_TURN_NAME + 20];
	bool wait = rf_turns_ahead(all->config.turns, ahead, sizeof(ahead));

	if (!asked)
		return rf_error_set(err, ENOMEM, "no memory for a snapshot");
	asked->turn = rf_turns_ask(all->config.turns, &wish, err);
	if (!asked->turn) {
		free(asked);
		return -1;
	}
	asked->all = all;
	asked->client = client;
	asked->total_ms = total_ms;
	asked->request = *request;
	asked->request.hearer = &hearer;
	if (request->compress) {
		snprintf(asked->compress, sizeof(asked->compress), "%s", request->compress);
		asked->request.compress = asked->compress;
	}
	if (client && wait)
		rf_client_say(client, rf_message_create(NULL, "phase", "{s:s, s:s}", "name",
							"queued", "behind", ahead));
	return 0;
}

static int read_request(const json_t *message, const struct rf_policy *policy,
			struct rf_snapshot_request *r, int *total_ms, struct rf_error *err)
{
	int sync = 0, stop = 0, full = 0, files = policy->snapshot.save_files;

	*total_ms = 0;
	r->deadline_ms = RF_SNAPSHOT_DEADLINE_MS;
	r->compress = policy->snapshot.compress;
	if (rf_message_unpack(message, err, "{s?i, s?b, s?b, s?b, s?b, s?s}", "deadline", total_ms,
			      "sync", &sync, "stop", &stop, "full", &full, "files", &files,
			      "compress", &r->compress) < 0)
		return -1;
	r->sync = sync || stop;
	r->stop = stop;
	r->full = full;
	r->save_files = files;
	if (json_object_get(message, "deadline")) {
		if (*total_ms < 1)
			return rf_error_set(err, EINVAL, "a deadline of nothing");
		r->deadline_ms = *total_ms;
	}
	if (strcmp(r->compress, "none") == 0)
		r->compress = NULL;
	if (r->compress && strcmp(r->compress, "lz4") != 0 &&
	    (strncmp(r->compress, "zstd", 4) != 0 || strlen(r->compress) > 8 ||
	     (r->compress[4] &&
	      (r->compress[4] != ':' || !r->compress[5] ||
	       strspn(r->compress + 5, "0123456789") != strlen(r->compress + 5)))))
		return rf_error_set(err, EINVAL, "'%.32s' is not none, lz4, zstd or zstd:LEVEL",
				    r->compress);
	return 0;
}

void rf_snapshot_requests_begin(struct rf_snapshot_requests *all, struct rf_client *client,
				const json_t *message)
{
	struct rf_snapshot_request request = {0};
	struct rf_error err;
	int total_ms;

	if (read_request(message, rf_policies_now(all->config.policies), &request, &total_ms,
			 &err) < 0 ||
	    queue(all, client, &request, total_ms, &err) < 0)
		rf_client_fail(client, &err);
}

static void take_own(struct rf_snapshot_requests *all, bool stop)
{
	const struct rf_policy *policy = rf_policies_now(all->config.policies);
	const char *codec = policy->snapshot.compress;
	const struct rf_snapshot_request request = {.deadline_ms = RF_SNAPSHOT_DEADLINE_MS,
						    .compress =
							    strcmp(codec, "none") ? codec : NULL,
						    .save_files = policy->snapshot.save_files,
						    .casual = !stop,
						    .sync = stop,
						    .stop = stop};
	struct rf_error err;

	if (queue(all, NULL, &request, 0, &err) < 0)
		all->config.given_up(&err, stop, all->config.data);
}

void rf_snapshot_requests_casual(struct rf_snapshot_requests *all)
{
	take_own(all, false);
}

void rf_snapshot_requests_stop(struct rf_snapshot_requests *all)
{
	take_own(all, true);
}

struct rf_snapshot_requests *
rf_snapshot_requests_create(const struct rf_snapshot_requests_config *config, struct rf_error *err)
{
	struct rf_snapshot_requests *all = calloc(1, sizeof(*all));

	if (all)
		all->config = *config;
	else
		rf_error_set(err, ENOMEM, "no memory to take snapshots");
	return all;
}

void rf_snapshot_requests_destroy(struct rf_snapshot_requests *all)
{
	free(all);
}
