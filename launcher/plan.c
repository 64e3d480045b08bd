/* SPDX-License-Identifier: BSD-3-Clause */
#include "plan.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "unmeasured.h"

bool rf_same_host(const char *a, const char *b)
{
	size_t x = strcspn(a, "."), y = strcspn(b, ".");

	if (strcasecmp(a, b) == 0)
		return true;
	/* addresses have dots, too, and no domain */
	if (x != y || strncasecmp(a, b, x) != 0 || isdigit((unsigned char)*a))
		return false;
	return !a[x] || !b[y];
}

bool rf_has_host(const struct rf_hostlist *list, const char *host)
{
	const char *name;

	for (name = rf_hostlist_first(list); name; name = rf_hostlist_next(list, name))
		if (rf_same_host(name, host))
			return true;
	return false;
}

static const struct rf_plan_host *known(const struct rf_plan_now *now, const char *name)
{
	unsigned i;

	for (i = 0; i < now->hosts; i++)
		if (rf_same_host(now->host[i].name, name))
			return &now->host[i];
	return NULL;
}

static struct rf_plan_target *find(const struct rf_plan *plan, const char *name)
{
	unsigned i;

	for (i = 0; i < plan->targets; i++)
		if (rf_same_host(plan->target[i].name, name))
			return &plan->target[i];
	return NULL;
}

/* `most`: ranks that it may have at all, for now in the place of its room. */
static int add(struct rf_plan *plan, const char *name, unsigned cpus, unsigned most, bool spare,
	       struct rf_error *err)
{
	struct rf_plan_target *target = &plan->target[plan->targets];

	if (find(plan, name))
		return 0;
	*target = (struct rf_plan_target){strdup(name), cpus, 0, most, spare};
	if (!target->name)
		return rf_error_set(err, ENOMEM, "no memory for a plan");
	plan->targets++;
	return 0;
}

static bool is_allowed(const struct rf_plan_wish *wish, const char *name)
{
	return (!wish->empty || !rf_has_host(wish->empty, name)) &&
	       !rf_has_host(wish->avoid, name) && !rf_has_host(wish->shun, name);
}

/* The CPUs of the job's largest host. */
static unsigned largest(const struct rf_plan_now *now)
{
	unsigned i, cpus = 0;

	for (i = 0; i < now->hosts; i++)
		if (now->host[i].cpus > cpus)
			cpus = now->host[i].cpus;
	return cpus ? cpus : UINT_MAX;
}

static int add_named(struct rf_plan *plan, const struct rf_plan_now *now,
		     const struct rf_plan_wish *wish, struct rf_error *err)
{
	const char *name;

	for (name = rf_hostlist_first(wish->to); name; name = rf_hostlist_next(wish->to, name)) {
		const struct rf_plan_host *host = known(now, name);

		if (wish->empty && rf_has_host(wish->empty, name))
			return rf_error_set(err, EINVAL, "%s can not be emptied and be a target",
					    name);
		/* who names a host need not care for CPUs */
		if (add(plan, host ? host->name : name, host ? host->cpus : 0, UINT_MAX, false,
			err) < 0)
			return -1;
	}
	return 0;
}

static int add_others(struct rf_plan *plan, const struct rf_plan_now *now,
		      const struct rf_plan_wish *wish, struct rf_error *err)
{
	const char *name;
	unsigned i;

	for (i = 0; i < now->hosts; i++)
		if (is_allowed(wish, now->host[i].name) &&
		    add(plan, now->host[i].name, now->host[i].cpus, now->host[i].cpus, false, err) <
			    0)
			return -1;
	for (name = rf_hostlist_first(wish->spare); name;
	     name = rf_hostlist_next(wish->spare, name))
		if (is_allowed(wish, name) && !known(now, name) &&
		    add(plan, name, 0, largest(now), true, err) < 0)
			return -1;
	return 0;
}

static int mark(struct rf_plan *plan, const struct rf_plan_now *now,
		const struct rf_plan_wish *wish, struct rf_error *err)
{
	unsigned r;
	uint32_t id;

	for (r = 0; r < plan->ranks; r++)
		plan->moves[r] = wish->empty
					 ? rf_has_host(wish->empty, now->host[now->place[r]].name)
					 : rf_idset_contains(wish->move, r);
	if (wish->empty)
		return 0;
	for (id = rf_idset_first(wish->move); id != RF_IDSET_NONE;
	     id = rf_idset_next(wish->move, id))
		if (id >= plan->ranks)
			return rf_error_set(err, EINVAL, "there is no rank %u: the job has %u", id,
					    plan->ranks);
	return 0;
}

/* Ranks that stay take their room first, and one that is on a named target already stays. */
static int settle(struct rf_plan *plan, const struct rf_plan_now *now,
		  const struct rf_plan_wish *wish, struct rf_error *err)
{
	unsigned r;

	for (r = 0; r < plan->ranks; r++) {
		const char *host = now->host[now->place[r]].name;
		struct rf_plan_target *target = find(plan, host);

		if (plan->moves[r] && wish->to && target)
			plan->moves[r] = false;
		if (plan->moves[r])
			continue;
		plan->host[r] = strdup(host);
		if (!plan->host[r])
			return rf_error_set(err, ENOMEM, "no memory for a plan");
		if (target)
			target->ranks++;
	}
	return 0;
}

/* What is left on each target, and the hosts that are left, which have none. */
static int make_room(struct rf_plan *plan, const struct rf_plan_now *now, struct rf_error *err)
{
	unsigned i, r;

	for (i = 0; i < plan->targets; i++) {
		struct rf_plan_target *target = &plan->target[i];

		if (target->room != UINT_MAX)
			target->room -= target->ranks < target->room ? target->ranks : target->room;
	}
	for (r = 0; r < plan->ranks; r++) {
		const struct rf_plan_host *host = &now->host[now->place[r]];

		if (!plan->moves[r])
			continue;
		if (add(plan, host->name, host->cpus, 0, false, err) < 0)
			return -1;
		plan->from[plan->moving++] = (unsigned)(find(plan, host->name) - plan->target);
	}
	return 0;
}

static int check_room(const struct rf_plan *plan, struct rf_error *err)
{
	unsigned i, r, n = 0, room = 0;

	for (i = 0; i < plan->targets && room < plan->moving; i++)
		room += plan->target[i].room < plan->moving ? plan->target[i].room : plan->moving;
	for (r = 0; r < plan->ranks; r++)
		if (plan->moves[r] && n++ == room)
			return rf_error_set(err, ENOSPC,
					    "no room for rank %u of %s on the job's other hosts: "
					    "name others with --to",
					    r, plan->target[plan->from[room]].name);
	return 0;
}

/* A plan for which nobody need be asked: `to` gives the host of a rank, NULL: it stays. */
static struct rf_plan *make_exact(const struct rf_plan_now *now, const void *data,
				  const char *(*to)(const struct rf_plan_now *now, unsigned rank,
						    const void *data),
				  struct rf_error *err)
{
	struct rf_plan *plan = calloc(1, sizeof(*plan));
	unsigned r;

	if (plan) {
		plan->ranks = now->ranks;
		plan->moves = calloc(now->ranks + 1, sizeof(*plan->moves));
		plan->host = calloc(now->ranks + 1, sizeof(*plan->host));
	}
	for (r = 0; plan && plan->moves && plan->host && r < now->ranks; r++) {
		const char *here = now->host[now->place[r]].name;
		const char *there = to(now, r, data);

		plan->moves[r] = there && !rf_same_host(here, there);
		plan->moving += plan->moves[r];
		plan->host[r] = strdup(plan->moves[r] ? there : here);
		if (!plan->host[r])
			break;
	}
	if (plan && plan->moves && plan->host && r == now->ranks)
		return plan;
	rf_error_set(err, ENOMEM, "no memory for a plan");
	rf_plan_destroy(plan);
	return NULL;
}

static const char *to_home(const struct rf_plan_now *now, unsigned rank, const void *hosts)
{
	const char *home = now->home ? now->home[rank] : NULL;

	return home && rf_has_host(hosts, home) ? home : NULL;
}

struct rf_plan *rf_plan_home(const struct rf_plan_now *now, const struct rf_hostlist *hosts,
			     struct rf_error *err)
{
	return make_exact(now, hosts, to_home, err);
}

static const char *to_exact(const struct rf_plan_now *now, unsigned rank, const void *exact)
{
	(void)now;
	return ((const char *const *)exact)[rank];
}

static struct rf_plan *begin(const struct rf_plan_now *now, const struct rf_plan_wish *wish,
			     struct rf_error *err)
{
	size_t most = rf_hostlist_count(wish->to) + rf_hostlist_count(wish->spare) + 2 * now->hosts;
	struct rf_plan *plan;

	if (wish->exact)
		return make_exact(now, wish->exact, to_exact, err);
	plan = calloc(1, sizeof(*plan));
	if (plan) {
		plan->ranks = now->ranks;
		plan->moves = calloc(now->ranks + 1, sizeof(*plan->moves));
		plan->host = calloc(now->ranks + 1, sizeof(*plan->host));
		plan->from = calloc(now->ranks + 1, sizeof(*plan->from));
		plan->target = calloc(most + 1, sizeof(*plan->target));
	}
	if (!plan || !plan->moves || !plan->host || !plan->from || !plan->target)
		rf_error_set(err, ENOMEM, "no memory for a plan");
	else if (mark(plan, now, wish, err) == 0 &&
		 (wish->to ? add_named : add_others)(plan, now, wish, err) == 0 &&
		 settle(plan, now, wish, err) == 0 && make_room(plan, now, err) == 0 &&
		 check_room(plan, err) == 0)
		return plan;
	rf_plan_destroy(plan);
	return NULL;
}

struct rf_plan *rf_plan_begin(const struct rf_plan_now *now, const struct rf_plan_wish *wish,
			      struct rf_error *err)
{
	struct rf_plan_wish again = *wish;
	struct rf_error why;
	struct rf_plan *plan = begin(now, wish, &why);

	again.shun = NULL;
	if (!plan && why.code == ENOSPC && wish->shun)
		return begin(now, &again, err);
	if (!plan && err)
		*err = why;
	return plan;
}

int rf_plan_place(struct rf_plan *plan, const unsigned *to, struct rf_error *err)
{
	unsigned *given = calloc(plan->targets + 1, sizeof(*given)), r, n = 0;
	int rc = given ? 0 : rf_error_set(err, ENOMEM, "no memory for a plan");

	for (r = 0; rc == 0 && r < plan->moving; r++) {
		if (to[r] >= plan->targets)
			rc = rf_error_set(err, EINVAL, "a host that was not asked about");
		else if (++given[to[r]] > plan->target[to[r]].room)
			rc = rf_error_set(err, ENOSPC, "%u ranks to %s, which has room for %u",
					  given[to[r]], plan->target[to[r]].name,
					  plan->target[to[r]].room);
	}
	for (r = 0; rc == 0 && r < plan->ranks; r++) {
		if (!plan->moves[r])
			continue;
		free(plan->host[r]);
		plan->host[r] = strdup(plan->target[to[n++]].name);
		if (!plan->host[r])
			rc = rf_error_set(err, ENOMEM, "no memory for a plan");
	}
	free(given);
	return rc;
}

/* ---- the built-in rule ---- */

extern const struct rankferry_plugin rf_spread_plugin;

static int no_room(const struct rankferry_core *core, const char *format, ...)
{
	(void)core, (void)format;
	return -1;
}

/* As a placement plugin gets it. */
struct question {
	struct rankferry_host *list;
	const struct rankferry_host **host;
	unsigned *rank, *to;
};

static int ask(const struct rf_plan *plan, struct question *q, struct rf_error *err)
{
	const struct rankferry_core core = {.size = sizeof(core), .fail = no_room};
	const struct rankferry_move move = {sizeof(move), plan->moving,	 q->rank,
					    plan->from,	  plan->targets, q->host};
	unsigned i, n = 0;

	for (i = 0; i < plan->targets; i++) {
		const struct rf_plan_target *t = &plan->target[i];
		struct rankferry_host *host = &q->list[i];

		*host = rf_unmeasured_host();
		host->name = t->name;
		host->cpus = t->cpus;
		host->ranks = t->ranks;
		host->room = t->room;
		host->spare = t->spare;
		q->host[i] = host;
	}
	for (i = 0; i < plan->ranks; i++)
		if (plan->moves[i])
			q->rank[n++] = i;
	if (rf_spread_plugin.place(&core, NULL, &move, q->to) < 0)
		return rf_error_set(err, ENOMEM, "no memory for a plan");
	return 0;
}

int rf_plan_spread(struct rf_plan *plan, struct rf_error *err)
{
	struct question q = {calloc(plan->targets + 1, sizeof(*q.list)),
			     calloc(plan->targets + 1, sizeof(*q.host)),
			     calloc(plan->moving + 1, sizeof(*q.rank)),
			     calloc(plan->moving + 1, sizeof(*q.to))};
	int rc;

	if (plan->targets == 0) /* nobody moves, or all know where to */
		rc = 0;
	else if (!q.list || !q.host || !q.rank || !q.to)
		rc = rf_error_set(err, ENOMEM, "no memory for a plan");
	else
		rc = ask(plan, &q, err) < 0 ? -1 : rf_plan_place(plan, q.to, err);
	free(q.list);
	free(q.host);
	free(q.rank);
	free(q.to);
	return rc;
}

struct rf_plan *rf_plan_make(const struct rf_plan_now *now, const struct rf_plan_wish *wish,
			     struct rf_error *err)
{
	struct rf_plan *plan = rf_plan_begin(now, wish, err);

	if (!plan || rf_plan_spread(plan, err) == 0)
		return plan;
	rf_plan_destroy(plan);
	return NULL;
}

void rf_plan_destroy(struct rf_plan *plan)
{
	unsigned i;

	if (!plan)
		return;
	for (i = 0; plan->host && i < plan->ranks; i++)
		free(plan->host[i]);
	for (i = 0; i < plan->targets; i++)
		free(plan->target[i].name);
	free(plan->host);
	free(plan->moves);
	free(plan->from);
	free(plan->target);
	free(plan);
}
