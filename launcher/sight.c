/* SPDX-License-Identifier: BSD-3-Clause */
#include "sight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS_MAX 4096 /* of a job */

static void add_host(struct rf_sight *s, const struct rf_loads *loads, const char *name,
		     unsigned cpus, const struct rf_hostlist *avoid)
{
	struct rf_loads_host mean;
	unsigned i;

	for (i = 0; i < s->view.hosts; i++)
		if (rf_same_host(s->host[i].name, name))
			return;
	rf_loads_host(loads, name, &mean);
	s->host[s->view.hosts++] = (struct rf_balance_host){name, cpus, mean.foreign,
							    avoid && rf_has_host(avoid, name)};
}

static int add_ranks(struct rf_sight *s, const struct rf_loads *loads,
		     const struct rf_roster *roster, struct rf_error *err)
{
	unsigned i, r;

	for (r = 0; r < roster->count; r++) {
		struct rf_loads_rank mean = rf_loads_rank(loads, r);
		const char *host = roster->rank[r].host;

		for (i = 0; host && i < s->own && strcmp(s->host[i].name, host) != 0; i++)
			;
		if (!host || i == s->own)
			return rf_error_set(err, EAGAIN, "it is not known where all ranks are");
		s->rank[s->view.ranks++] = (struct rf_balance_rank){i, mean.demand, mean.memory};
	}
	return 0;
}

int rf_sight_open(struct rf_sight *s, const struct rf_coordinator *coordinator,
		  const struct rf_loads *loads, const struct rf_hostlist *spares,
		  const struct rf_hostlist *avoid, struct rf_error *err)
{
	const struct rf_roster *roster = rf_coordinator_roster(coordinator);
	const char *name;
	unsigned i, found;

	*s = (struct rf_sight){
		.found = calloc(HOSTS_MAX, sizeof(*s->found)),
		.host = calloc(HOSTS_MAX + rf_hostlist_count(spares), sizeof(*s->host)),
		.rank = calloc(roster->count + 1, sizeof(*s->rank)),
	};
	s->view.host = s->host;
	s->view.rank = s->rank;
	if (!s->found || !s->host || !s->rank)
		return rf_error_set(err, ENOMEM, "no memory to look at the job's hosts");
	found = rf_coordinator_hosts(coordinator, s->found, HOSTS_MAX);
	for (i = 0; i < found && i < HOSTS_MAX; i++)
		add_host(s, loads, s->found[i].name, s->found[i].cpus, avoid);
	s->own = s->view.hosts;
	for (name = rf_hostlist_first(spares); name; name = rf_hostlist_next(spares, name))
		add_host(s, loads, name, 0, avoid);
	return add_ranks(s, loads, roster, err);
}

void rf_sight_close(struct rf_sight *s)
{
	free(s->found);
	free(s->host);
	free(s->rank);
}

unsigned rf_sight_ranks_on(const struct rf_sight *s, unsigned host)
{
	unsigned r, n = 0;

	for (r = 0; r < s->view.ranks; r++)
		n += s->rank[r].host == host;
	return n;
}
