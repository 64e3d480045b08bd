/* SPDX-License-Identifier: BSD-3-Clause */
/* The coordinator's part of how hosts are (load.h): who is to tell, and what was told. */
#include "coordinator.h"

#include <utlist.h>

#include "coordinator_parts.h"
#include "wire/message.h"

/* A keeper that can not be told is about to be lost, which is noticed elsewhere. */
void rf_coordinator_tell_watch(const struct rf_coordinator_keeper *keeper)
{
	json_t *message = rf_message_create(NULL, "watch", "{s:i}", "every", keeper->all->watch_ms);

	if (message)
		rf_channel_send(keeper->channel, message, NULL);
	json_decref(message);
}

void rf_coordinator_watch(struct rf_coordinator *all, int every_ms)
{
	struct rf_coordinator_keeper *keeper;

	if (all->watch_ms == every_ms)
		return;
	all->watch_ms = every_ms;
	DL_FOREACH(all->keepers, keeper)
	{
		if (keeper->host)
			rf_coordinator_tell_watch(keeper);
		if (every_ms == 0)
			rf_coordinator_forget_load(keeper);
	}
}

void rf_coordinator_forget_load(struct rf_coordinator_keeper *keeper)
{
	rf_load_clear(&keeper->load);
	keeper->loaded = false;
}

int rf_coordinator_on_load(struct rf_coordinator_keeper *keeper, const json_t *message,
			   struct rf_error *err)
{
	struct rf_load load;
	int rc = rf_load_read(message, &load, err);

	if (rc < 0 || keeper->all->watch_ms == 0) { /* the latter: sent before it was told */
		rf_load_clear(&load);
		return rc;
	}
	rf_coordinator_forget_load(keeper);
	keeper->load = load;
	keeper->loaded = true;
	if (keeper->all->ops->load)
		keeper->all->ops->load(rf_coordinator_name(keeper), &keeper->load,
				       keeper->all->data);
	return 0;
}

json_t *rf_coordinator_describe(const struct rf_coordinator *all)
{
	const struct rf_coordinator_keeper *keeper;
	json_t *list = json_array(), *host, *load;
	unsigned i, ranks;

	DL_FOREACH(all->keepers, keeper)
	{
		if (!keeper->host)
			continue;
		for (ranks = i = 0; i < all->roster.count; i++)
			ranks += all->roster.rank[i].keeper == keeper &&
				 all->roster.rank[i].state != RF_RANK_ENDED;
		host = json_pack("{s:s, s:i, s:i}", "name", keeper->host, "cpus", (int)keeper->cpus,
				 "ranks", (int)ranks);
		load = keeper->loaded ? rf_load_describe(&keeper->load) : NULL;
		json_object_update(host, load);
		json_decref(load);
		json_array_append_new(list, host);
	}
	return list;
}
