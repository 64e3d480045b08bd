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
#include "limit.h"
#include "move_requests.h"
#include "policies.h"
#include "pruner.h"
#include "say.h"
#include "shelf.h"
#include "snapshot_requests.h"
#include "snapshots.h"
#include "snapshot/store.h"
#include "turns.h"
#include "wire/message.h"

struct rf_service {
	struct rf_service_options options;
	struct rf_coordinator *coordinator;
	struct rf_job_entry entry;
	struct rf_control *control;
	struct rf_turns *turns;
	struct rf_snapshots *snapshots;
	struct rf_snapshot_requests *snapshot_requests;
	struct rf_moves *moves;
	struct rf_move_requests *move_requests;
	struct rf_followers *followers;
	struct rf_last_move *last_move;
	struct rf_periodic *periodic;
	struct rf_limit *limit;
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

static void withdraw(struct rf_client *client, void *data)
{
	rf_turns_withdraw(((struct rf_service *)data)->turns, client);
}

/* ---- snapshot ---- */

static void begin_snapshot(struct rf_client *client, const json_t *message, void *data)
{
	rf_snapshot_requests_begin(((struct rf_service *)data)->snapshot_requests, client, message);
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

/* The job does nothing of itself any more. */
static void calm(struct rf_service *service)
{
	rf_unattended_finish(service->options.unattended);
	rf_periodic_stop(service->periodic);
	rf_limit_stop(service->limit);
}

static void on_published(const struct rf_taken *taken, void *data)
{
	struct rf_service *service = data;
	struct rf_shelf *shelf = service->options.shelf;

	service->ops->taken(taken->path, service->data);
	if (taken->stop) {
		calm(service);
		service->ops->stopped(taken->path, service->data);
		return;
	}
	if (shelf)
		rf_shelf_prune(shelf, now(service)->snapshot.keep);
	if (taken->casual && (!shelf || rf_shelf_is_global(shelf)))
		prune(service, taken->path);
	rf_periodic_done(service->periodic, taken->pause_us);
}

static void on_given_up(const struct rf_error *why, bool stop, void *data)
{
	struct rf_service *service = data;

	if (stop)
		rf_limit_failed(service->limit, why);
	else
		rf_periodic_failed(service->periodic, why);
}

static bool is_busy(void *data)
{
	const struct rf_service *service = data;

	return rf_turns_now(service->turns) || rf_turns_waiting(service->turns, 0);
}

/* News of ranks that run may take its time, and is no reason to refuse what is asked for. */
static bool is_coming(void *data)
{
	const struct rf_service *service = data;

	return rf_roster_is_coming(rf_coordinator_roster(service->coordinator));
}

static void stop(void *data)
{
	rf_snapshot_requests_stop(((struct rf_service *)data)->snapshot_requests);
}

static void take(void *data)
{
	rf_snapshot_requests_casual(((struct rf_service *)data)->snapshot_requests);
}

/* ---- moves ---- */

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

static const struct rf_moves_ops moves_ops = {
	.launch = on_launch,
	.abandon = on_abandon,
	.promote = on_promote,
	.kill_old = on_kill_old,
	.place = on_plan,
};

static void begin_move(struct rf_client *client, const json_t *message, void *data)
{
	rf_move_requests_begin(((struct rf_service *)data)->move_requests, client, message);
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
		rf_limit_change(service->limit);
		service->ops->policy(service->data);
		rf_unattended_change(service->options.unattended);
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

static void say_hosts(const struct rf_service *service, struct rf_client *client)
{
	json_t *hosts = rf_coordinator_describe(service->coordinator), *host;
	size_t i;

	json_array_foreach(hosts, i, host)
	{
		char *line =
			json_object_get(host, "memory") ? json_dumps(host, JSON_COMPACT) : NULL;

		if (line)
			rf_client_say(client,
				      rf_message_create(NULL, "host", "{s:s}", "line", line));
		free(line);
	}
	json_decref(hosts);
}

static void begin_status(struct rf_client *client, const json_t *request, void *data)
{
	struct rf_service *service = data;
	const struct rf_roster *roster = rf_coordinator_roster(service->coordinator);
	json_t *command = json_array(), *waiting = json_array();
	const char *now = rf_turns_now(service->turns), *name;
	char *const *word, *line;
	unsigned i;

	(void)request;
	for (word = service->options.command; *word; word++)
		json_array_append_new(command, json_string(*word));
	for (i = 0; (name = rf_turns_waiting(service->turns, i)); i++)
		json_array_append_new(waiting, json_string(name));
	rf_client_say(
		client,
		rf_message_create(NULL, "job",
				  "{s:s, s:s, s:i, s:s, s:i, s:s, s:s, s:s*, s:i, s:s*, s:s*, s:o, "
				  "s:o}",
				  "id", service->options.id, "name", service->options.name, "pid",
				  (int)getpid(), "host", service->host, "ranks", (int)roster->count,
				  "phase", rf_snapshots_phase(service->snapshots), "store",
				  service->store, "last", rf_snapshots_last(service->snapshots),
				  "generation", rf_moves_generation(service->moves), "move",
				  rf_moves_phase(service->moves), "now", now, "waiting", waiting,
				  "command", command));
	line = rf_last_move_line(service->last_move);
	if (line)
		rf_client_say(client, rf_message_create(NULL, "last_move", "{s:s}", "line", line));
	free(line);
	say_hosts(service, client);
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
	{"snapshot", begin_snapshot, withdraw},
	{"move", begin_move, withdraw},
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
	static const struct rf_limit_ops limit_ops = {stop};
	static const struct rf_snapshots_ops ops = {on_idle, on_published};
	struct rf_service *service = calloc(1, sizeof(*service));
	struct rf_snapshots_config config;
	struct rf_moves_config moves;
	struct rf_move_requests_config move_requests;
	struct rf_snapshot_requests_config snapshot_requests;
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
	service->turns = rf_turns_create(base, is_coming, service, err);
	if (!service->turns)
		goto failed;
	service->store = rf_job_absolute(options->store ? options->store : RF_STORE_DEFAULT);
	if (!service->store) {
		rf_error_errno(err, "can not name the directory for snapshots");
		goto failed;
	}
	config = (struct rf_snapshots_config){.store = service->store,
					      .shelf = options->shelf,
					      .job = service->options.name,
					      .id = options->id,
					      .command = options->command,
					      .cwd = service->cwd,
					      .policy = now(service)};
	service->snapshots = rf_snapshots_create(base, coordinator, &config, &ops, service, err);
	if (!service->snapshots)
		goto failed;
	moves = (struct rf_moves_config){service->store, service->options.name, options->command};
	service->moves = rf_moves_create(base, coordinator, &moves, &moves_ops, service, err);
	if (!service->moves)
		goto failed;
	snapshot_requests = (struct rf_snapshot_requests_config){
		options->policies, service->snapshots, service->turns, on_given_up, service};
	move_requests = (struct rf_move_requests_config){options->policies, options->unattended,
							 service->moves, service->turns};
	service->snapshot_requests = rf_snapshot_requests_create(&snapshot_requests, err);
	service->move_requests = rf_move_requests_create(&move_requests, err);
	if (!service->snapshot_requests || !service->move_requests)
		goto failed;
	service->periodic = rf_periodic_create(base, now(service), &service->options.facts,
					       &periodic_ops, service, err);
	service->limit = service->periodic
				 ? rf_limit_create(base, now(service), &limit_ops, service, err)
				 : NULL;
	service->pruner = service->limit ? rf_pruner_create(base, err) : NULL;
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
	rf_unattended_begin(options->unattended, coordinator, service->moves, service->turns,
			    service->limit);
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
	calm(service);
	rf_turns_drop(service->turns);
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
	rf_turns_drop(service->turns);
	rf_move_requests_destroy(service->move_requests);
	rf_snapshot_requests_destroy(service->snapshot_requests);
	rf_turns_destroy(service->turns);
	rf_periodic_destroy(service->periodic);
	rf_limit_destroy(service->limit);
	rf_pruner_destroy(service->pruner);
	rf_last_move_destroy(service->last_move);
	rf_followers_destroy(service->followers);
	rf_control_destroy(service->control);
	rf_jobs_remove(&service->entry);
	free(service->store);
	free(service);
}
