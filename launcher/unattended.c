/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unattended.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce.h"
#include "balancer.h"
#include "homes.h"
#include "limit.h"
#include "monitors.h"
#include "placement.h"
#include "say.h"
#include "timer.h"
#include "util/clock.h"
#include "util/hostlist.h"

#define HOSTS_MAX 4096

struct rf_unattended {
	struct event_base *base;
	const struct rf_policies *policies;
	const struct rf_recover_options *recover;
	const struct rf_hostlist *failed;
	struct rf_coordinator *coordinator; /* NULL before begin() and after finish() */
	struct rf_moves *moves;
	struct rf_turns *turns;
	struct rf_limit *limit;
	/* the move that was asked for, or NULL; which hosts it is to empty, or let ranks back to */
	struct rf_turn *turn;
	struct rf_hostlist *target;
	bool back;
	struct rf_events *events;
	struct rf_placement *placement; /* NULL: the built-in rule */
	struct rf_monitors *monitors;
	struct rf_balancer *balancer;
	struct rf_warden *warden;
	struct event *timer;	  /* the warden's */
	struct rf_hostlist *left; /* hosts that were emptied; never NULL */
	struct rf_homes homes;
};

static const struct rf_policy *policy(const struct rf_unattended *u)
{
	return rf_policies_now(u->policies);
}

/* ---- hosts ---- */

static unsigned ranks_on(const struct rf_unattended *u, const char *host)
{
	const struct rf_roster *roster = rf_coordinator_roster(u->coordinator);
	unsigned i, n = 0;

	for (i = 0; i < roster->count; i++)
		n += roster->rank[i].host && roster->rank[i].state != RF_RANK_ENDED &&
		     strcmp(roster->rank[i].host, host) == 0;
	return n;
}

/* What may be used besides the job's hosts. NULL: no memory. */
static struct rf_hostlist *spares(const struct rf_unattended *u)
{
	struct rf_hostlist *list = rf_hostlist_create();

	if (!list)
		return NULL;
	rf_hostlist_union(list, policy(u)->hosts.spares, NULL);
	if (u->recover->spares)
		rf_hostlist_union(list, u->recover->spares, NULL);
	rf_hostlist_union(list, u->left, NULL);
	return list;
}

/* The job's hosts, and the spares that are not among them, whose names are those of `list`; *own
 * counts the former. To be freed. */
static struct rf_plan_host *all_hosts(const struct rf_unattended *u, const struct rf_hostlist *list,
				      unsigned *own, unsigned *count)
{
	struct rf_plan_host *hosts = calloc(HOSTS_MAX + rf_hostlist_count(list), sizeof(*hosts));
	const char *name;
	unsigned i, n = 0;

	if (hosts && u->coordinator)
		n = rf_coordinator_hosts(u->coordinator, hosts, HOSTS_MAX);
	*own = *count = n < HOSTS_MAX ? n : HOSTS_MAX;
	for (name = hosts ? rf_hostlist_first(list) : NULL; name;
	     name = rf_hostlist_next(list, name)) {
		for (i = 0; i < *own && !rf_same_host(hosts[i].name, name); i++)
			;
		if (i == *own)
			hosts[(*count)++].name = name;
	}
	return hosts;
}

/* What its keeper has told, if that is known. */
static void add_load(json_t *host, const json_t *told)
{
	const char *name = json_string_value(json_object_get(host, "name"));
	json_t *load;
	size_t i;

	json_array_foreach(told, i, load)
	{
		const char *other = json_string_value(json_object_get(load, "name"));

		if (strcmp(other, name) == 0)
			json_object_update(host, load);
	}
}

static json_t *on_hosts(void *data)
{
	struct rf_unattended *u = data;
	unsigned i, own, count;
	struct rf_hostlist *more = spares(u);
	struct rf_plan_host *hosts = all_hosts(u, more, &own, &count);
	json_t *told = u->coordinator ? rf_coordinator_describe(u->coordinator) : NULL;
	json_t *list = json_array(), *host;

	for (i = 0; i < count; i++) {
		unsigned ranks = i < own ? ranks_on(u, hosts[i].name) : 0;

		host = json_pack("{s:s, s:i, s:i, s:i, s:b}", "name", hosts[i].name, "cpus",
				 (int)hosts[i].cpus, "ranks", (int)ranks, "room",
				 hosts[i].cpus > ranks ? (int)(hosts[i].cpus - ranks) : 0, "spare",
				 i >= own);
		add_load(host, told);
		json_array_append_new(list, host);
	}
	json_decref(told);
	rf_hostlist_destroy(more);
	free(hosts);
	return list;
}

/* ---- moves ---- */

static void on_place(unsigned rank, const char *from, const char *to, void *client)
{
	(void)rank, (void)from, (void)to, (void)client; /* all of it is an event */
}

static void on_phase(const char *name, void *client)
{
	(void)name, (void)client;
}

static void end_turn(struct rf_unattended *u)
{
	rf_turn_end(u->turn);
	rf_hostlist_destroy(u->target);
	u->turn = NULL;
	u->target = NULL;
}

static void on_moved(const struct rf_moved *moved, void *client)
{
	struct rf_unattended *u = client;

	end_turn(u);
	if (moved->ranks > 0)
		rf_say("%u rank%s moved in %.1f s, all stopped for %.0f ms; generation %d",
		       moved->ranks, moved->ranks == 1 ? "" : "s", (double)moved->duration_us / 1e6,
		       (double)moved->pause_us / 1e3, moved->generation);
	rf_warden_moved(u->warden, rf_clock_ms(), moved->but);
	if (u->coordinator)
		event_active(u->timer, EV_TIMEOUT, 0);
}

static void on_failed(const struct rf_error *why, void *client)
{
	struct rf_unattended *u = client;

	end_turn(u);
	if (!u->coordinator)
		return; /* the job has ended: nobody cares */
	rf_warden_failed(u->warden, rf_clock_ms(), why);
	event_active(u->timer, EV_TIMEOUT, 0);
}

static const struct rf_move_hearer hearer = {on_place, on_phase, on_moved, on_failed, NULL};

struct rf_hostlist *rf_unattended_avoid(const struct rf_unattended *u)
{
	struct rf_hostlist *list = rf_hostlist_create(), *more = spares(u);
	struct rf_plan_host *hosts;
	unsigned i, own, count;

	if (list) {
		rf_hostlist_union(list, policy(u)->hosts.avoid, NULL);
		if (u->recover->avoid)
			rf_hostlist_union(list, u->recover->avoid, NULL);
		rf_hostlist_union(list, u->failed, NULL);
		hosts = all_hosts(u, more, &own, &count);
		for (i = 0; i < count; i++)
			if (rf_warden_avoids(u->warden, hosts[i].name))
				rf_hostlist_add(list, hosts[i].name, NULL);
		free(hosts);
	}
	rf_hostlist_destroy(more);
	return list;
}

struct rf_hostlist *rf_unattended_spares(const struct rf_unattended *u)
{
	return spares(u);
}

/* ---- the warden ---- */

/* The policy may be another one by now. */
static void set_warden(struct rf_unattended *u)
{
	struct rf_warden_options options = rf_warden_presets;
	unsigned on = policy(u)->evacuate.on;

	options.on[RF_HOST_DRAIN] = on & (1u << RF_POLICY_DRAIN | 1u << RF_POLICY_TIME_LEFT);
	options.on[RF_HOST_UNHEALTHY] = on & (1u << RF_POLICY_UNHEALTHY);
	options.back = policy(u)->hosts.home == RF_POLICY_HOME_RETURN;
	options.parallel = policy(u)->evacuate.parallel;
	rf_warden_set(u->warden, &options);
}

static void decide(struct rf_unattended *u)
{
	int64_t ms;

	event_del(u->timer);
	if (!u->coordinator)
		return;
	set_warden(u);
	ms = rf_warden_decide(u->warden, rf_clock_ms());
	if (ms < 0)
		return;
	rf_later(u->timer, ms);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	decide(data);
}

static void on_hear(unsigned monitor, const char *name, const struct rf_word *words, unsigned count,
		    void *data)
{
	struct rf_unattended *u = data;
	struct rf_word *judged = calloc(count + 1, sizeof(*judged));
	struct rf_hostlist *more = spares(u);
	unsigned i, own, n;
	struct rf_plan_host *hosts = all_hosts(u, more, &own, &n);

	rf_limit_hear(u->limit, monitor, words, count, hosts, hosts ? n : 0);
	free(hosts);
	rf_hostlist_destroy(more);
	for (i = 0; judged && i < count; i++) {
		judged[i] = words[i];
		judged[i].state = rf_limit_judge(u->limit, &words[i]);
	}
	if (judged)
		rf_warden_hear(u->warden, rf_clock_ms(), monitor, name, judged, count);
	free(judged);
	decide(u);
}

static bool on_is_used(const char *host, void *data)
{
	return ranks_on(data, host) > 0;
}

/* Ranks may be elsewhere by now. */
static void on_turn(void *data)
{
	struct rf_unattended *u = data;
	const struct rf_roster *roster = rf_coordinator_roster(u->coordinator);
	struct rf_hostlist *more = u->back ? NULL : spares(u);
	struct rf_hostlist *avoid = u->back ? NULL : rf_unattended_avoid(u);
	struct rf_idset *ranks =
		u->back ? rf_homes_ranks(&u->homes, roster, rf_hostlist_first(u->target)) : NULL;
	int waited_ms = rf_turn_waited_ms(u->turn);
	struct rf_move_request request = {
		.deadline_ms = (int)policy(u)->evacuate.max_pause_ms,
		.total_ms = (int)policy(u)->evacuate.deadline_ms,
		.hearer = &hearer,
	};
	static const struct rf_moved nothing;

	if (request.total_ms)
		request.total_ms -= waited_ms < request.total_ms ? waited_ms : request.total_ms - 1;
	if (u->back)
		request.wish = (struct rf_plan_wish){.move = ranks, .to = u->target};
	else
		request.wish =
			(struct rf_plan_wish){.empty = u->target, .spare = more, .avoid = avoid};
	if (!u->back)
		rf_homes_note(&u->homes, roster, u->target);
	if (u->back && !ranks)
		on_moved(&nothing, u);
	else
		rf_moves_begin(u->moves, &request, u);
	rf_idset_destroy(ranks);
	rf_hostlist_destroy(more);
	rf_hostlist_destroy(avoid);
}

/* That something else takes long is no failure: another time will do. */
static void on_late(const struct rf_error *why, void *data)
{
	struct rf_error busy = *why;

	busy.code = EBUSY;
	on_failed(&busy, data);
}

/* Takes the hosts. */
static void ask_for_turn(struct rf_unattended *u, struct rf_hostlist *target, bool back)
{
	char *hosts = target ? rf_hostlist_format(target) : NULL, name[RF_TURN_NAME + 1];
	const struct rf_turn_wish wish = {.name = name,
					  .wait_ms = (int)policy(u)->evacuate.deadline_ms,
					  .begin = on_turn,
					  .late = on_late,
					  .data = u};
	struct rf_error err;

	snprintf(name, sizeof(name), "policy: %s %s", back ? "return" : "evacuate",
		 hosts ? hosts : "");
	rf_error_set(&err, ENOMEM, "no memory for a move");
	u->target = target;
	u->back = back;
	u->turn = hosts ? rf_turns_ask(u->turns, &wish, &err) : NULL;
	free(hosts);
	if (u->turn)
		return;
	end_turn(u);
	rf_warden_failed(u->warden, rf_clock_ms(), &err);
}

/* A list that may be NULL: no memory. */
static struct rf_hostlist *list_of(const char *const host[], unsigned hosts)
{
	struct rf_hostlist *list = rf_hostlist_create();
	unsigned i;

	for (i = 0; list && i < hosts; i++)
		if (rf_hostlist_add(list, host[i], NULL) < 0) {
			rf_hostlist_destroy(list);
			list = NULL;
		}
	return list;
}

static bool on_bring_back(const char *host, void *data)
{
	struct rf_unattended *u = data;
	struct rf_idset *ranks =
		rf_homes_ranks(&u->homes, rf_coordinator_roster(u->coordinator), host);
	bool any = ranks;

	rf_idset_destroy(ranks);
	if (any)
		ask_for_turn(u, list_of(&host, 1), true);
	return any;
}

static void on_evacuate(const char *const host[], unsigned hosts, void *data)
{
	ask_for_turn(data, list_of(host, hosts), false);
}

static struct rf_hostlist *on_spares(void *data)
{
	return spares(data);
}

static struct rf_hostlist *on_avoid(void *data)
{
	return rf_unattended_avoid(data);
}

static void on_left(const char *host, void *data)
{
	rf_hostlist_add(((struct rf_unattended *)data)->left, host, NULL);
}

static void on_event(const struct rf_warden_event *e, void *data)
{
	struct rf_unattended *u = data;

	rf_announce(u->events, e);
	if (e->what == RF_WARDEN_EMPTY)
		rf_hostlist_add(u->left, e->host, NULL);
	/* the ranks are there, or stay elsewhere: they may get another home */
	if (e->what == RF_WARDEN_BACK || (e->what == RF_WARDEN_GIVE_UP && e->back))
		rf_homes_forget(&u->homes, e->host);
}

/* ---- the policy's plugins ---- */

static int make_spec(const char *kind, const struct rf_policy_plugin *plugin,
		     struct rf_plugin_spec *spec, struct rf_error *err)
{
	json_t *options = json_object();
	unsigned i;
	int rc;

	for (i = 0; i < plugin->options; i++)
		json_object_set_new(options, plugin->option[i].name,
				    json_string(plugin->option[i].value));
	rc = rf_plugin_spec_make(kind, plugin->use, options, spec, err);
	json_decref(options);
	return rc;
}

struct rf_notifiers *rf_unattended_notify(const struct rf_policies *policies,
					  struct rf_events *events, struct rf_error *err)
{
	const struct rf_policy *p = rf_policies_now(policies);
	struct rf_plugin_spec *specs = calloc(p->notifies + 1, sizeof(*specs));
	struct rf_notifiers *notifiers = NULL;
	unsigned i, n;
	int rc = specs ? 0 : rf_error_set(err, ENOMEM, "no memory for plugins");

	for (n = 0; rc == 0 && n < p->notifies; n++) {
		rc = make_spec("notify", &p->notify[n].plugin, &specs[n], err);
		if (rc == 0 && !specs[n].events)
			specs[n].events = strdup(p->notify[n].event);
	}
	if (rc == 0)
		notifiers = rf_notifiers_create(specs, n, events, err);
	for (i = 0; i < n; i++)
		rf_plugin_spec_clear(&specs[i]);
	free(specs);
	return notifiers;
}

static int start_monitors(struct rf_unattended *u, struct rf_error *err)
{
	static const struct rf_monitors_ops ops = {on_hosts, on_hear};
	const struct rf_policy *p = policy(u);
	struct rf_plugin_spec *specs = calloc(p->monitors + 1, sizeof(*specs));
	unsigned i, n;
	int rc = specs ? 0 : rf_error_set(err, ENOMEM, "no memory for plugins");

	for (n = 0; rc == 0 && n < p->monitors; n++) {
		rc = make_spec("monitor", &p->monitor[n].plugin, &specs[n], err);
		if (rc == 0)
			specs[n].every_ms = (int)p->monitor[n].every_ms;
	}
	if (rc == 0)
		u->monitors = rf_monitors_create(u->base, specs, n, &ops, u, err);
	for (i = 0; i < n; i++)
		rf_plugin_spec_clear(&specs[i]);
	free(specs);
	return u->monitors ? rf_monitors_await(u->monitors, err) : -1;
}

static int start_placement(struct rf_unattended *u, struct rf_error *err)
{
	const char *name = policy(u)->placement;
	struct rf_plugin_spec spec;

	if (!name || strcmp(name, RF_PLACEMENT_BUILT_IN) == 0)
		return 0;
	if (rf_plugin_spec_make("placement", name, NULL, &spec, err) < 0)
		return -1;
	u->placement = rf_placement_create(u->base, &spec, err);
	rf_plugin_spec_clear(&spec);
	return u->placement ? 0 : -1;
}

/* They have started once: a job that goes on is worth more than what they do for it. */
static int go_without(int rc, bool again, const struct rf_error *err)
{
	if (rc == 0 || !again)
		return rc;
	rf_say("%s; the job goes on without it", err->text);
	return 0;
}

struct rf_unattended *
rf_unattended_create(struct event_base *base, const struct rf_policies *policies,
		     const struct rf_recover_options *recover, const struct rf_hostlist *failed,
		     struct rf_events *events, bool again, struct rf_error *err)
{
	static const struct rf_warden_ops warden_ops = {on_is_used, on_evacuate, on_bring_back,
							on_event};
	static const struct rf_balancer_ops balancer_ops = {on_spares, on_avoid, on_left};
	struct rf_unattended *u = calloc(1, sizeof(*u));

	if (u) {
		u->base = base;
		u->policies = policies;
		u->recover = recover;
		u->failed = failed;
		u->events = events;
		u->timer = evtimer_new(base, on_timer, u);
		u->warden = rf_warden_create(&rf_warden_presets, &warden_ops, u);
		u->left = rf_hostlist_create();
	}
	if (!u || !u->timer || !u->warden || !u->left)
		rf_error_set(err, ENOMEM, "no memory for what the job does by itself");
	else if (go_without(start_placement(u, err), again, err) == 0 &&
		 go_without(start_monitors(u, err), again, err) == 0 &&
		 (u->balancer = rf_balancer_create(base, policies, events, &balancer_ops, u, err)))
		return u;
	rf_unattended_destroy(u);
	return NULL;
}

/* Hosts are only measured when somebody is to know. */
static void watch_hosts(struct rf_unattended *u)
{
	int ms = rf_balancer_watch_ms(policy(u));

	if (ms == 0 && policy(u)->monitors > 0)
		ms = RF_BALANCER_WATCH_MS;
	rf_coordinator_watch(u->coordinator, ms);
}

void rf_unattended_begin(struct rf_unattended *u, struct rf_coordinator *coordinator,
			 struct rf_moves *moves, struct rf_turns *turns, struct rf_limit *limit)
{
	u->limit = limit;
	u->coordinator = coordinator;
	u->moves = moves;
	u->turns = turns;
	rf_monitors_begin(u->monitors);
	rf_balancer_begin(u->balancer, coordinator, moves, turns);
	watch_hosts(u);
}

void rf_unattended_change(struct rf_unattended *u)
{
	if (!u->coordinator)
		return;
	rf_balancer_change(u->balancer);
	watch_hosts(u);
}

void rf_unattended_load(struct rf_unattended *u, const char *host, const struct rf_load *load)
{
	if (u)
		rf_balancer_load(u->balancer, host, load);
}

bool rf_unattended_place(struct rf_unattended *u, const struct rf_plan *plan,
			 struct rf_moves *moves)
{
	return u->placement && rf_placement_ask(u->placement, plan, moves);
}

void rf_unattended_finish(struct rf_unattended *u)
{
	if (!u)
		return;
	u->coordinator = NULL;
	event_del(u->timer);
	rf_balancer_finish(u->balancer);
	rf_placement_forget(u->placement);
	if (u->turn && !rf_turn_begun(u->turn))
		end_turn(u);
}

void rf_unattended_destroy(struct rf_unattended *u)
{
	if (!u)
		return;
	rf_balancer_destroy(u->balancer);
	rf_monitors_destroy(u->monitors);
	rf_placement_destroy(u->placement);
	rf_warden_destroy(u->warden);
	rf_hostlist_destroy(u->left);
	rf_homes_clear(&u->homes);
	if (u->timer)
		event_free(u->timer);
	free(u);
}
