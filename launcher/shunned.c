/* SPDX-License-Identifier: BSD-3-Clause */
#include "shunned.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct host {
	char *name;
	int64_t until, ms;
	UT_hash_handle hh;
};

struct rf_shunned {
	struct host *hosts;
};

struct rf_shunned *rf_shunned_create(void)
{
	return calloc(1, sizeof(struct rf_shunned));
}

static void drop(struct rf_shunned *shunned, struct host *host)
{
	HASH_DEL(shunned->hosts, host);
	free(host->name);
	free(host);
}

void rf_shunned_destroy(struct rf_shunned *shunned)
{
	struct host *host, *next;

	if (!shunned)
		return;
	HASH_ITER(hh, shunned->hosts, host, next)
	drop(shunned, host);
	free(shunned);
}

/* Without memory it is not shunned, and may fail once more. */
void rf_shunned_failed(struct rf_shunned *shunned, const char *name, int64_t now)
{
	struct host *host;

	HASH_FIND_STR(shunned->hosts, name, host);
	if (!host) {
		host = calloc(1, sizeof(*host));
		if (host)
			host->name = strdup(name);
		if (!host || !host->name) {
			free(host);
			return;
		}
		HASH_ADD_KEYPTR(hh, shunned->hosts, host->name, strlen(host->name), host);
	}
	host->ms = host->ms ? 2 * host->ms : RF_SHUNNED_MS;
	if (host->ms > RF_SHUNNED_MOST_MS)
		host->ms = RF_SHUNNED_MOST_MS;
	host->until = now + host->ms;
}

void rf_shunned_reached(struct rf_shunned *shunned, const char *name)
{
	struct host *host;

	HASH_FIND_STR(shunned->hosts, name, host);
	if (host)
		drop(shunned, host);
}

void rf_shunned_add_to(const struct rf_shunned *shunned, struct rf_hostlist *list, int64_t now)
{
	const struct host *host;

	for (host = shunned->hosts; host; host = host->hh.next)
		if (host->until > now)
			rf_hostlist_add(list, host->name, NULL);
}
