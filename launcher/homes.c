/* SPDX-License-Identifier: BSD-3-Clause */
#include "homes.h"

#include <stdlib.h>
#include <string.h>

void rf_homes_note(struct rf_homes *homes, const struct rf_roster *roster,
		   const struct rf_hostlist *hosts)
{
	unsigned i;

	if (homes->count < roster->count) {
		char **more = realloc(homes->host, roster->count * sizeof(*more));

		if (!more)
			return; /* then they stay where they go */
		homes->host = more;
		while (homes->count < roster->count)
			homes->host[homes->count++] = NULL;
	}
	for (i = 0; i < roster->count; i++)
		if (!homes->host[i] && roster->rank[i].host &&
		    rf_hostlist_contains(hosts, roster->rank[i].host))
			homes->host[i] = strdup(roster->rank[i].host);
}

struct rf_idset *rf_homes_ranks(const struct rf_homes *homes, const struct rf_roster *roster,
				const char *host)
{
	struct rf_idset *ranks = rf_idset_create();
	unsigned i;

	for (i = 0; ranks && i < homes->count && i < roster->count; i++)
		if (homes->host[i] && strcmp(homes->host[i], host) == 0 && roster->rank[i].host &&
		    strcmp(roster->rank[i].host, host) != 0)
			rf_idset_add(ranks, i, i, NULL);
	if (!ranks || rf_idset_count(ranks) > 0)
		return ranks;
	rf_idset_destroy(ranks);
	return NULL;
}

void rf_homes_forget(struct rf_homes *homes, const char *host)
{
	unsigned i;

	for (i = 0; i < homes->count; i++) {
		if (!homes->host[i] || strcmp(homes->host[i], host) != 0)
			continue;
		free(homes->host[i]);
		homes->host[i] = NULL;
	}
}

void rf_homes_clear(struct rf_homes *homes)
{
	unsigned i;

	for (i = 0; i < homes->count; i++)
		free(homes->host[i]);
	free(homes->host);
	*homes = (struct rf_homes){0};
}
