/* SPDX-License-Identifier: BSD-3-Clause */
#include "plan.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A host that ranks may go to. */
struct target {
	const char *name;
	unsigned cpus, ranks;
	bool named; /* by the user, who need not care for CPUs */
};

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

static bool contains(const struct rf_hostlist *list, const char *host)
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

static void add_target(struct target *list, unsigned *count, const struct rf_plan_host *host,
		       const char *name)
{
	unsigned i;

	name = host ? host->name : name;
	for (i = 0; i < *count; i++)
		if (strcmp(list[i].name, name) == 0)
			return;
	list[(*count)++] = (struct target){name, host ? host->cpus : 0, 0, false};
}

static struct target *targets(const struct rf_plan_now *now, const struct rf_plan_wish *wish,
			      unsigned *count, struct rf_error *err)
{
	size_t most = wish->to ? rf_hostlist_count(wish->to) : now->hosts;
	struct target *list = calloc(most + 1, sizeof(*list));
	const char *name;
	unsigned i;

	*count = 0;
	if (!list) {
		rf_error_errno(err, "no memory for a plan");
		return NULL;
	}
	for (name = rf_hostlist_first(wish->to); name; name = rf_hostlist_next(wish->to, name)) {
		if (wish->empty && contains(wish->empty, name)) {
			rf_error_set(err, EINVAL, "%s can not be emptied and be a target", name);
			free(list);
			return NULL;
		}
		add_target(list, count, known(now, name), name);
	}
	for (i = 0; !wish->to && i < now->hosts; i++)
		if (!wish->empty || !contains(wish->empty, now->host[i].name))
			add_target(list, count, &now->host[i], NULL);
	for (i = 0; i < *count; i++)
		list[i].named = wish->to != NULL;
	return list;
}

/* Has `a` less to do than `b`, for its CPUs? A host that is not known yet is as large as any. */
static bool freer(const struct target *a, const struct target *b)
{
	unsigned long long x = a->cpus ? a->cpus : b->cpus, y = b->cpus ? b->cpus : a->cpus;

	x = x ? x : 1;
	y = y ? y : 1;
	return a->ranks * y < b->ranks * x;
}

static struct target *choose(struct target *list, unsigned count)
{
	struct target *best = NULL;
	unsigned i;

	for (i = 0; i < count; i++) {
		if (!list[i].named && list[i].ranks >= list[i].cpus)
			continue;
		if (!best || freer(&list[i], best))
			best = &list[i];
	}
	return best;
}

static int mark(struct rf_plan *plan, const struct rf_plan_now *now,
		const struct rf_plan_wish *wish, struct rf_error *err)
{
	unsigned r;
	uint32_t id;

	for (r = 0; r < plan->ranks; r++)
		plan->moves[r] = wish->empty ? contains(wish->empty, now->host[now->place[r]].name)
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

static bool is_target(const struct target *list, unsigned count, const char *host)
{
	unsigned i;

	for (i = 0; i < count; i++)
		if (rf_same_host(list[i].name, host))
			return true;
	return false;
}

/* Ranks that stay take their room first, and one that is on a named target already stays. */
static void settle(struct rf_plan *plan, const struct rf_plan_now *now,
		   const struct rf_plan_wish *wish, struct target *list, unsigned count)
{
	unsigned r, i;

	for (r = 0; r < plan->ranks; r++) {
		const char *host = now->host[now->place[r]].name;

		if (plan->moves[r] && wish->to && is_target(list, count, host))
			plan->moves[r] = false;
		if (plan->moves[r])
			continue;
		plan->host[r] = strdup(host);
		for (i = 0; i < count; i++)
			if (rf_same_host(list[i].name, host))
				list[i].ranks++;
	}
}

static int place(struct rf_plan *plan, const struct rf_plan_now *now, struct target *list,
		 unsigned count, struct rf_error *err)
{
	unsigned r;

	for (r = 0; r < plan->ranks; r++) {
		struct target *target;

		if (!plan->moves[r])
			continue;
		target = choose(list, count);
		if (!target)
			return rf_error_set(err, ENOSPC,
					    "no room for rank %u of %s on the job's other hosts: "
					    "name others with --to",
					    r, now->host[now->place[r]].name);
		target->ranks++;
		plan->host[r] = strdup(target->name);
		plan->moving++;
	}
	for (r = 0; r < plan->ranks; r++)
		if (!plan->host[r])
			return rf_error_set(err, ENOMEM, "no memory for a plan");
	return 0;
}

struct rf_plan *rf_plan_make(const struct rf_plan_now *now, const struct rf_plan_wish *wish,
			     struct rf_error *err)
{
	struct rf_plan *plan = calloc(1, sizeof(*plan));
	struct target *list = NULL;
	unsigned count;
	int rc = -1;

	if (plan) {
		plan->ranks = now->ranks;
		plan->moves = calloc(now->ranks + 1, sizeof(*plan->moves));
		plan->host = calloc(now->ranks + 1, sizeof(*plan->host));
	}
	if (!plan || !plan->moves || !plan->host)
		rf_error_set(err, ENOMEM, "no memory for a plan");
	else if (mark(plan, now, wish, err) == 0)
		list = targets(now, wish, &count, err);
	if (list) {
		settle(plan, now, wish, list, count);
		rc = place(plan, now, list, count, err);
	}
	free(list);
	if (rc == 0)
		return plan;
	rf_plan_destroy(plan);
	return NULL;
}

void rf_plan_destroy(struct rf_plan *plan)
{
	unsigned r;

	if (!plan)
		return;
	for (r = 0; plan->host && r < plan->ranks; r++)
		free(plan->host[r]);
	free(plan->host);
	free(plan->moves);
	free(plan);
}
