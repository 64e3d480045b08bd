/* SPDX-License-Identifier: BSD-3-Clause */
#include "loads.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define RANKS_MAX (1u << 20) /* no job has a rank beyond it */

struct host {
	char *name;
	double foreign; /* sum */
	unsigned told, measured;
	struct rf_loads_host last;
	UT_hash_handle hh;
};

struct rank {
	double demand; /* sum */
	unsigned told;
	int64_t memory;
};

struct rf_loads {
	struct host *hosts;
	struct rank *rank;
	unsigned ranks;
};

struct rf_loads *rf_loads_create(void)
{
	return calloc(1, sizeof(struct rf_loads));
}

static void drop(struct rf_loads *loads, struct host *host)
{
	HASH_DEL(loads->hosts, host);
	free(host->name);
	free(host);
}

void rf_loads_reset(struct rf_loads *loads)
{
	struct host *host, *next;
	unsigned i;

	HASH_ITER(hh, loads->hosts, host, next)
	{
		if (host->told == 0)
			drop(loads, host);
		else
			host->foreign = host->told = host->measured = 0;
	}
	for (i = 0; i < loads->ranks; i++) {
		struct rank *rank = &loads->rank[i];

		*rank = (struct rank){.memory = rank->told ? rank->memory : 0};
	}
}

void rf_loads_destroy(struct rf_loads *loads)
{
	struct host *host, *next;

	if (!loads)
		return;
	HASH_ITER(hh, loads->hosts, host, next)
	drop(loads, host);
	free(loads->rank);
	free(loads);
}

static struct host *get(struct rf_loads *loads, const char *name)
{
	struct host *host;

	HASH_FIND_STR(loads->hosts, name, host);
	if (host)
		return host;
	host = calloc(1, sizeof(*host));
	if (host)
		host->name = strdup(name);
	if (!host || !host->name) {
		free(host);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, loads->hosts, host->name, strlen(host->name), host);
	return host;
}

static int make_room(struct rf_loads *loads, unsigned ranks)
{
	struct rank *more;

	if (ranks <= loads->ranks)
		return 0;
	more = realloc(loads->rank, ranks * sizeof(*more));
	if (!more)
		return -1;
	memset(more + loads->ranks, 0, (ranks - loads->ranks) * sizeof(*more));
	loads->rank = more;
	loads->ranks = ranks;
	return 0;
}

int rf_loads_hear(struct rf_loads *loads, const char *name, const struct rf_load *load)
{
	struct host *host = get(loads, name);
	unsigned i;

	if (!host)
		return -1;
	host->told++;
	if (load->foreign >= 0) {
		host->measured++;
		host->foreign += load->foreign;
	}
	host->last = (struct rf_loads_host){-1, load->memory, load->available, load->pressure};
	for (i = 0; i < load->ranks; i++) {
		const struct rf_load_rank *told = &load->rank[i];

		if (told->rank >= RANKS_MAX || make_room(loads, told->rank + 1) < 0)
			return -1;
		loads->rank[told->rank].told++;
		loads->rank[told->rank].demand += told->demand;
		loads->rank[told->rank].memory = told->memory;
	}
	return 0;
}

bool rf_loads_host(const struct rf_loads *loads, const char *name, struct rf_loads_host *mean)
{
	const struct host *host;

	HASH_FIND_STR(loads->hosts, name, host);
	*mean = (struct rf_loads_host){-1, -1, -1, -1};
	if (!host)
		return false;
	*mean = host->last;
	if (host->measured)
		mean->foreign = host->foreign / host->measured;
	return host->told > 0;
}

struct rf_loads_rank rf_loads_rank(const struct rf_loads *loads, unsigned rank)
{
	const struct rank *told = rank < loads->ranks ? &loads->rank[rank] : NULL;

	if (!told || told->told == 0)
		return (struct rf_loads_rank){-1, told ? told->memory : 0};
	return (struct rf_loads_rank){told->demand / told->told, told->memory};
}
