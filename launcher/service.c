/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "service.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "followers.h"
#include "jobs.h"
#include "last_move.h"
#include "policies.h"
#include "pruner.h"
#include "say.h"
#include "snapshots.h"
#include "snapshot/store.h"
#include "wire/message.h"

struct rf_service {
	struct rf_service_options options;
	struct rf_coordinator *coordinator;
	struct rf_job_entry entry;
	struct rf_control *control;
	struct rf_snapshots *snapshots;
	struct rf_moves *moves;
	struct rf_followers *followers;
	struct rf_last_move *last_move;
	struct rf_periodic *periodic;
	struct rf_pruner *pruner;
	char *store;
	char cwd[PATH_MAX], host[HOST_NAME_MAX + 1];
	const struct rf_service_ops *ops;
	void *data;
};

static const struct rf_policy *now(const struct rf_service *service)
{
	return rf_policies_now(service->options.policies);
}

/* How snapshots are compressed unless it is said; NULL: not at all. */
static const char *codec(const struct rf_service *service)
{
	const char *name = now(service)->snapshot.compress;

	return strcmp(name, "none") == 0 ? NULL : name;
}

/* ---- snapshot ---- */

static int read_request(const json_t *request, const struct rf_policy *policy,
			struct rf_snapshot_request *r, struct rf_error *err)
{
	int sync = 0, full = 0;

	r->compress = policy->snapshot.compress;
	if (rf_message_unpack(request, err, "{s:i, s?b, s?b, s?s}", "deadline", &r->deadline_ms,
			      "sync", &sync, "full", &full, "compress", &r->compress) < 0)
		return -1;
	r->sync = sync;
	r->full = full;
	if (r->deadline_ms < 1)
		return rf_error_set(err, EINVAL, "a deadline of nothing");
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

static void begin_snapshot(struct rf_client *client, const json_t *message, void *data)
{
	struct rf_service *service = data;
	struct rf_snapshot_request request = {0};
	struct rf_error err;

	if (rf_moves_phase(service->moves)) {
		rf_error_set(&err, EBUSY, "ranks are being moved; try again");
		rf_client_fail(client, &err);
	} else if (read_request(message, now(service), &request, &err) < 0)
		rf_client_fail(client, &err);
	else
		rf_snapshots_take(service->snapshots, &request, client);
}

static void withdraw_snapshot(struct rf_client *client, void *data)
{
	rf_snapshots_withdraw(((struct rf_service *)data)->snapshots, client);
}

static void on_phase(const char *name, unsigned done, unsigned of, void *client)
{
	if (of)
		rf_client_say(client, rf_message_create(NULL, "phase", "{s:s, s:i, s:i}", "name",
							name, "done", (int)done, "of", (int)of));
	else
		rf_client_say(client, rf_message_create(NULL, "phase", "{s:s}", "name", name));
}

static void on_taken(const struct rf_taken *taken, void *client)
{
	rf_client_end(client,
		      rf_message_create(NULL, "taken", "{s:s, s:i, s:I, s:I, s:I, s:I, s:s*}",
					"path", taken->path, "ranks", (int)taken->ranks, "bytes",
					(json_int_t)taken->bytes, "pause",
					(json_int_t)taken->pause_us, "stop",
					(json_int_t)taken->stop_us, "capture",
					(json_int_t)taken->capture_us, "base", taken->base));
}

static void on_failed(const struct rf_error *why, void *client)
{
	rf_client_fail(client, why);
}

static void on_idle(void *data)
{
	struct rf_service *service = data;

	service->ops->idle(service->data);
}

/* Old ones go when there is a new one, but only those that nobody has asked for. */
static void prune(struct rf_service *service, const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX];
	struct rf_error err;
	unsigned number = slash ? rf_store_number(slash + 1) : 0;

	if (!number || slash - path >= (int)sizeof(directory))
		return;
	if (rf_idset_add(service->options.periodic_taken, number, number, &err) < 0) {
		rf_say("%s will not be removed: %s", path, err.text);
		return;
	}
	snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
	rf_pruner_prune(service->pruner, directory, service->options.id,
			now(service)->snapshot.keep, service->options.periodic_taken);
}

static void on_published(const struct rf_taken *taken, void *data)
{
	struct rf_service *service = data;

	service->ops->taken(taken->path, service->data);
	if (taken->casual)
		prune(service, taken->path);
	rf_periodic_done(service->periodic, taken->pause_us);
}

static void on_given_up(const struct rf_error *why, bool casual, void *data)
{
	if (casual)
		rf_periodic_failed(((struct rf_service *)data)->periodic, why);
}

static bool is_busy(void *data)
{
	struct rf_service *service = data;

	return rf_moves_phase(service->moves) ||
	       strcmp(rf_snapshots_phase(service->snapshots), "idle") != 0;
}

static void take(void *data)
{
	struct rf_service *service = data;
	const struct rf_snapshot_request request = {
		.deadline_ms = RF_SNAPSHOT_DEADLINE_MS, .compress = codec(service), .casual = true};

	rf_snapshots_take(service->snapshots, &request, NULL);
}

/* ---- moves ---- */

/* The texts of a request, as lists. */
struct wish {
	struct rf_hostlist *empty, *to, *home, *spare, *avoid;
	struct rf_idset *move;
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
			      &request->deadline_ms, "dry", &dry, "hosts", &hosts, "ranks", &ranks,
			      "to", &to, "home", &home, "max_pause", &request->max_pause_ms,
			      "via_store", &via_store) < 0)
		return -1;
	request->dry = dry;
	request->via_store = via_store;
	if (request->deadline_ms < 1)
		return rf_error_set(err, EINVAL, "a deadline of nothing");
	if (!!hosts + !!ranks + !!home != 1 || (home && to))
		return rf_error_set(err, EINVAL, "either hosts or ranks are to be moved");
	if ((hosts && !(wish->empty = rf_hostlist_parse(hosts, err))) ||
	    (ranks && !(wish->move = rf_idset_parse(ranks, err))) ||
	    (home && !(wish->home = rf_hostlist_parse(home, err))) ||
	    (to && !(wish->to = rf_hostlist_parse(to, err))))
		return -1;
	request->wish =
		(struct rf_plan_wish){wish->empty, wish->move, wish->to, wish->spare, wish->avoid};
	request->home = wish->home;
	return 0;
}

static int check_idle(void *data, struct rf_error *err)
{
	const struct rf_service *service = data;

	if (strcmp(rf_snapshots_phase(service->snapshots), "idle") == 0)
		return 0;
	return rf_error_set(err, EBUSY, "a snapshot is being taken; try again");
}

static int on_launch(int generation, char *const host[], unsigned ranks, void *data,
		     struct rf_error *err)
{
	struct rf_service *service = data;

	return service->ops->launch(generation, host, ranks, service->data, err);
}

static void on_abandon(bool dirty, void *data)
{
	struct rf_service *service = data;

	service->ops->abandon(dirty, service->data);
}

static void on_promote(void *data)
{
	struct rf_service *service = data;

	service->ops->promote(service->data);
}

static bool on_plan(const struct rf_plan *plan, void *data)
{
	struct rf_service *service = data;

	return rf_unattended_place(service->options.unattended, plan, service->moves);
}

static void on_kill_old(void *data)
{
	struct rf_service *service = data;

	service->ops->kill_old(service->data);
}

static void on_place(unsigned rank, const char *from, const char *to, void *client)
{
	rf_client_say(client, rf_message_create(NULL, "place", "{s:i, s:s, s:s}", "rank", (int)rank,
						"from", from, "to", to));
}

static void on_move_phase(const char *name, void *client)
{
	rf_client_say(client, rf_message_create(NULL, "phase", "{s:s}", "name", name));
}

static void on_copied(const struct rf_copied *copied, void *client)
{
	rf_client_say(client, rf_message_create(NULL, "phase", "{s:s, s:i, s:i, s:i, s:I, s:I}",
						"name", "precopy", "done", (int)copied->done, "of",
						(int)copied->of, "round", (int)copied->round + 1,
						"bytes", (json_int_t)copied->bytes, "rate",
						(json_int_t)copied->rate));
}

static void on_moved(const struct rf_moved *moved, void *client)
{
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

static const struct rf_moves_ops moves_ops = {
	.launch = on_launch,
	.abandon = on_abandon,
	.promote = on_promote,
	.kill_old = on_kill_old,
	.place = on_plan,
};

static const struct rf_move_hearer hearer = {on_place, on_move_phase, on_moved, on_failed,
					     on_copied};

static void begin_move(struct rf_client *client, const json_t *message, void *data)
{
	struct rf_service *service = data;
	struct rf_move_request request = {.hearer = &hearer};
	struct wish wish = {.spare = rf_unattended_spares(service->options.unattended),
			    .avoid = rf_unattended_avoid(service->options.unattended)};
	struct rf_error err;

	if (check_idle(service, &err) < 0) {
		rf_client_fail(client, &err);
	} else if (read_wish(message, now(service), &request, &wish, &err) < 0) {
		rf_client_fail(client, &err);
	} else {
		rf_moves_begin(service->moves, &request, client);
	}
	free_wish(&wish);
}

static void withdraw_move(struct rf_client *client, void *data)
{
	rf_moves_withdraw(((struct rf_service *)data)->moves, client);
}

/* ---- policy ---- */

static void say_values(struct rf_client *client, const struct rf_policy *policy)
{
	json_t *rows = rf_policies_list(policy), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_t *file = json_object_get(row, "file"), *line = json_object_get(row, "line");

		rf_client_say(client,
			      rf_message_create(NULL, "value", "{s:O, s:O, s:O, s:O*, s:O*}", "key",
						json_object_get(row, "key"), "value",
						json_object_get(row, "value"), "layer",
						json_object_get(row, "layer"), "file", file, "line",
						line));
	}
	json_decref(rows);
}

/* With a text: another policy for the job. Without: what holds. */
static void begin_policy(struct rf_client *client, const json_t *message, void *data)
{
	struct rf_service *service = data;
	const char *file = NULL, *text = NULL;
	json_t *keys;
	struct rf_error err;

	if (rf_message_unpack(message, &err, "{s?s, s?s}", "file", &file, "text", &text) < 0) {
		rf_client_fail(client, &err);
	} else if (!file || !text) {
		say_values(client, now(service));
		rf_client_end(client, rf_message_create(NULL, "complete", NULL));
	} else if (!(keys = rf_policies_apply(service->options.policies, file, text, &err))) {
		rf_client_fail(client, &err);
	} else {
		rf_say("the policy is that of %s now", file);
		rf_periodic_change(service->periodic, now(service));
		rf_client_end(client, rf_message_create(NULL, "applied", "{s:o}", "keys", keys));
	}
}

/* ---- status ---- */

static void say_rank(struct rf_client *client, const struct rf_rank *rank, unsigned number)
{
	rf_client_say(client,
		      rf_message_create(NULL, "rank", "{s:i, s:s*, s:i, s:s, s:s*}", "rank",
					(int)number, "host", rank->host, "pid", (int)rank->pid,
					"state", rf_roster_state(rank), "reason", rank->reason));
}

static void begin_status(struct rf_client *client, const json_t *request, void *data)
{
	struct rf_service *service = data;
	const struct rf_roster *roster = rf_coordinator_roster(service->coordinator);
	json_t *command = json_array();
	char *const *word, *line;
	unsigned i;

	(void)request;
	for (word = service->options.command; *word; word++)
		json_array_append_new(command, json_string(*word));
	rf_client_say(
		client,
		rf_message_create(NULL, "job",
				  "{s:s, s:s, s:i, s:s, s:i, s:s, s:s, s:s*, s:i, s:s*, s:o}", "id",
				  service->options.id, "name", service->options.name, "pid",
				  (int)getpid(), "host", service->host, "ranks", (int)roster->count,
				  "phase", rf_snapshots_phase(service->snapshots), "store",
				  service->store, "last", rf_snapshots_last(service->snapshots),
				  "generation", rf_moves_generation(service->moves), "move",
				  rf_moves_phase(service->moves), "command", command));
	line = rf_last_move_line(service->last_move);
	if (line)
		rf_client_say(client, rf_message_create(NULL, "last_move", "{s:s}", "line", line));
	free(line);
	for (i = 0; i < roster->count; i++)
		say_rank(client, &roster->rank[i], i);
	rf_client_end(client, rf_message_create(NULL, "complete", NULL));
}

/* ---- events ---- */

static void begin_events(struct rf_client *client, const json_t *request, void *data)
{
	rf_followers_add(((struct rf_service *)data)->followers, client, request);
}

static void withdraw_events(struct rf_client *client, void *data)
{
	rf_followers_withdraw(((struct rf_service *)data)->followers, client);
}

static const struct rf_control_verb verbs[] = {
	{"snapshot", begin_snapshot, withdraw_snapshot},
	{"move", begin_move, withdraw_move},
	{"status", begin_status, NULL},
	{"policy", begin_policy, NULL},
	{"events", begin_events, withdraw_events},
	{0},
};

struct rf_service *rf_service_create(struct event_base *base, struct rf_coordinator *coordinator,
				     const struct rf_service_options *options,
				     const struct rf_service_ops *hands, void *data,
				     struct rf_error *err)
{
	static const struct rf_periodic_ops periodic_ops = {is_busy, take};
	static const struct rf_snapshots_ops ops = {on_phase, on_taken,	    on_failed,
						    on_idle,  on_published, on_given_up};
	struct rf_service *service = calloc(1, sizeof(*service));
	struct rf_snapshots_config config;
	struct rf_moves_config moves;
	int listening;

	if (!service) {
		rf_error_errno(err, "the job can not take commands");
		return NULL;
	}
	service->options = *options;
	if (!options->name)
		service->options.name = options->id;
	service->coordinator = coordinator;
	service->ops = hands;
	service->data = data;
	gethostname(service->host, sizeof(service->host) - 1);
	if (!getcwd(service->cwd, sizeof(service->cwd))) {
		rf_error_errno(err, "can not read the working directory");
		goto failed;
	}
	service->store = rf_job_absolute(options->store ? options->store : RF_STORE_DEFAULT);
	if (!service->store) {
		rf_error_errno(err, "can not name the directory for snapshots");
		goto failed;
	}
	config = (struct rf_snapshots_config){service->store, service->options.name, options->id,
					      options->command, service->cwd};
	service->snapshots = rf_snapshots_create(base, coordinator, &config, &ops, service, err);
	if (!service->snapshots)
		goto failed;
	moves = (struct rf_moves_config){service->store, service->options.name, options->command};
	service->moves = rf_moves_create(base, coordinator, &moves, &moves_ops, service, err);
	if (!service->moves)
		goto failed;
	service->periodic = rf_periodic_create(base, now(service), &service->options.facts,
					       &periodic_ops, service, err);
	service->pruner = service->periodic ? rf_pruner_create(base, err) : NULL;
	if (!service->pruner)
		goto failed;
	service->last_move = rf_last_move_create(rf_coordinator_events(coordinator));
	service->followers = rf_followers_create(rf_coordinator_events(coordinator));
	if (!service->followers) {
		rf_error_set(err, ENOMEM, "no memory for the job's events");
		goto failed;
	}
	listening = rf_jobs_enter(service->options.name, options->id, &service->entry, err);
	if (listening < 0)
		goto failed;
	service->control = rf_control_create(base, listening, verbs, service, err);
	if (!service->control)
		goto failed;
	rf_unattended_begin(options->unattended, coordinator, service->moves, check_idle, service);
	return service;
failed:
	rf_service_destroy(service);
	return NULL;
}

void rf_service_report(struct rf_service *service, const struct rf_report *report)
{
	rf_snapshots_report(service->snapshots, report);
	rf_moves_report(service->moves, report);
}

struct rf_moves *rf_service_moves(struct rf_service *service)
{
	return service->moves;
}

void rf_service_rank_lost(struct rf_service *service, unsigned rank, const char *how)
{
	rf_snapshots_rank_lost(service->snapshots, rank, how);
	rf_moves_rank_lost(service->moves, rank, how);
}

bool rf_service_finish(struct rf_service *service)
{
	rf_unattended_finish(service->options.unattended);
	rf_periodic_stop(service->periodic);
	rf_moves_finish(service->moves);
	return rf_snapshots_finish(service->snapshots);
}

void rf_service_destroy(struct rf_service *service)
{
	if (!service)
		return;
	rf_unattended_finish(service->options.unattended);
	rf_moves_destroy(service->moves);
	rf_snapshots_destroy(service->snapshots);
	rf_periodic_destroy(service->periodic);
	rf_pruner_destroy(service->pruner);
	rf_last_move_destroy(service->last_move);
	rf_followers_destroy(service->followers);
	rf_control_destroy(service->control);
	rf_jobs_remove(&service->entry);
	free(service->store);
	free(service);
}
