/* SPDX-License-Identifier: BSD-3-Clause */
#include "planning.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "events.h"

#define HOSTS_MAX 4096 /* of a job */

struct rf_plan *rf_planning_make(const struct rf_coordinator *coordinator,
				 const struct rf_hostlist *home, const struct rf_plan_wish *wish,
				 struct rf_error *err)
{
	const struct rf_roster *roster = rf_coordinator_roster(coordinator);
	static struct rf_plan_host host[HOSTS_MAX];
	struct rf_plan_now now = {.host = host, .ranks = roster->count};
	unsigned *place = calloc(roster->count + 1, sizeof(*place)), i;
	const char **first = calloc(roster->count + 1, sizeof(*first));
	struct rf_plan *plan = NULL;

	now.place = place;
	now.home = first;
	for (i = 0; first && i < roster->count; i++)
		first[i] = roster->rank[i].home;
	now.hosts = rf_coordinator_hosts(coordinator, host, HOSTS_MAX);
	if (now.hosts > HOSTS_MAX)
		now.hosts = HOSTS_MAX;
	for (i = 0; place && i < roster->count; i++)
		while (place[i] < now.hosts &&
		       strcmp(host[place[i]].name, roster->rank[i].host) != 0)
			place[i]++;
	for (i = 0; place && i < roster->count && place[i] < now.hosts; i++)
		;
	if (!place || i < roster->count)
		rf_error_set(err, EAGAIN, "it is not known where all ranks are");
	else
		plan = home ? rf_plan_home(&now, home, err) : rf_plan_begin(&now, wish, err);
	free(place);
	free(first);
	return plan;
}

void rf_planning_tell(const struct rf_coordinator *coordinator, const struct rf_plan *plan,
		      int generation)
{
	const struct rf_roster *roster = rf_coordinator_roster(coordinator);
	json_t *ranks = json_array(), *from = json_array(), *to = json_array();
	unsigned i;

	for (i = 0; i < plan->ranks; i++) {
		if (!plan->moves[i])
			continue;
		json_array_append_new(ranks, json_integer(i));
		json_array_append_new(from, json_string(roster->rank[i].host));
		json_array_append_new(to, json_string(plan->host[i]));
	}
	rf_event(rf_coordinator_events(coordinator), "move.begin", "{s:i, s:o, s:o, s:o}",
		 "generation", generation, "ranks", ranks, "from", from, "to", to);
}
