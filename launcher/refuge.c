/* SPDX-License-Identifier: BSD-3-Clause */
#include "refuge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct place {
	const char *name;
	unsigned room; /* ranks, without oversubscribing */
	unsigned ranks;
	bool spare;
	bool gone; /* no rank may be there any more */
};

struct places {
	struct place *list;
	unsigned count;
};

static struct place *find(const struct places *places, const char *host)
{
	unsigned i;

	for (i = 0; i < places->count; i++)
		if (rf_same_host(places->list[i].name, host))
			return &places->list[i];
	return NULL;
}

static unsigned cpus(const struct rf_refuge *refuge, const char *host)
{
	unsigned i;

	for (i = 0; i < refuge->hosts; i++)
		if (rf_same_host(refuge->host[i].name, host))
			return refuge->host[i].cpus;
	return 0;
}

static struct place *add(const struct rf_refuge *refuge, struct places *places, const char *host)
{
	struct place *place = &places->list[places->count++];

	*place = (struct place){
		.name = host,
		.room = cpus(refuge, host),
		.spare = rf_has_host(refuge->spares, host),
		.gone = rf_has_host(refuge->failed, host) || rf_has_host(refuge->avoid, host),
	};
	return place;
}

/* The places that there are; ranks that can stay have theirs. */
static int settle(const struct rf_refuge *refuge, struct places *places, char **then)
{
	size_t most = refuge->ranks + rf_hostlist_count(refuge->spares) + 1;
	unsigned crowd = 0, i, r;
	const char *name;

	places->list = calloc(most, sizeof(*places->list));
	if (!places->list)
		return -1;
	for (r = 0; r < refuge->ranks; r++) {
		struct place *place = find(places, refuge->now[r]);

		if (!place)
			place = add(refuge, places, refuge->now[r]);
		place->ranks++;
		if (place->gone)
			continue;
		then[r] = strdup(place->name);
		if (!then[r])
			return -1;
	}
	for (i = 0; i < places->count; i++) {
		struct place *place = &places->list[i];

		crowd = place->ranks > crowd ? place->ranks : crowd;
		place->room = place->ranks > place->room ? place->ranks : place->room;
	}
	for (name = rf_hostlist_first(refuge->spares); name;
	     name = rf_hostlist_next(refuge->spares, name))
		if (!find(places, name))
			add(refuge, places, name)->room = crowd;
	return 0;
}

static struct place *choose(const struct places *places, bool oversubscribe)
{
	struct place *best = NULL;
	bool free_room;
	unsigned i;

	for (i = 0; i < places->count; i++) {
		struct place *place = &places->list[i];

		if (place->gone || place->ranks >= place->room)
			continue;
		if (place->spare)
			return place;
		if (!best || place->room - place->ranks > best->room - best->ranks)
			best = place;
	}
	free_room = best != NULL;
	for (i = 0; !free_room && oversubscribe && i < places->count; i++)
		if (!places->list[i].gone && (!best || places->list[i].ranks < best->ranks))
			best = &places->list[i];
	return best;
}

char **rf_refuge_find(const struct rf_refuge *refuge, struct rf_error *err)
{
	char **then = calloc(refuge->ranks + 1, sizeof(*then));
	struct places places = {0};
	unsigned r;

	if (!then || settle(refuge, &places, then) < 0) {
		rf_error_set(err, ENOMEM, "no memory to find a place for the ranks");
		goto failed;
	}
	for (r = 0; r < refuge->ranks; r++) {
		struct place *place;

		if (then[r])
			continue;
		place = choose(&places, refuge->oversubscribe);
		if (!place) {
			rf_error_set(err, ENOSPC, "no host is left that has room for rank %u of %s",
				     r, refuge->now[r]);
			goto failed;
		}
		place->ranks++;
		then[r] = strdup(place->name);
		if (!then[r]) {
			rf_error_set(err, ENOMEM, "no memory to find a place for the ranks");
			goto failed;
		}
	}
	free(places.list);
	return then;
failed:
	free(places.list);
	rf_refuge_free(then, refuge->ranks);
	return NULL;
}

void rf_refuge_free(char **hosts, unsigned ranks)
{
	unsigned r;

	for (r = 0; hosts && r < ranks; r++)
		free(hosts[r]);
	free(hosts);
}
