/* SPDX-License-Identifier: BSD-3-Clause */
/* The coordinator's part of snapshots that are kept on the hosts: what it tells keepers of them. */
#include "coordinator.h"

#include <errno.h>
#include <utlist.h>

#include "coordinator_parts.h"
#include "say.h"
#include "wire/message.h"

static int tell(const struct rf_coordinator_keeper *keeper, json_t *message, struct rf_error *err)
{
	int rc = message && rf_channel_send(keeper->channel, message, err) == 0
			 ? 0
			 : rf_error_prefix(err, "the keeper on %s can not be told",
					   rf_coordinator_name(keeper));

	json_decref(message);
	return rc;
}

int rf_coordinator_shelve(struct rf_coordinator *all, uint32_t id, const char *path, json_t *keep,
			  struct rf_error *err)
{
	struct rf_coordinator_keeper *keeper;
	int rc = 0;

	/* those without a rank, too: they may have an older one of that number */
	DL_FOREACH(all->keepers, keeper)
	{
		json_t *ranks = rf_coordinator_ranks(keeper, NULL, NULL);

		if (tell(keeper,
			 rf_message_create(err, "shelve", "{s:i, s:s, s:o, s:O}", "id", (int)id,
					   "path", path, "ranks", ranks ? ranks : json_array(),
					   "keep", keep),
			 err) < 0)
			rc = -1;
	}
	json_decref(keep);
	return rc;
}

int rf_coordinator_store(struct rf_coordinator *all, uint32_t id, const char *from, const char *to,
			 struct rf_error *err)
{
	struct rf_coordinator_keeper *keeper;

	DL_FOREACH(all->keepers, keeper)
	{
		json_t *ranks = rf_coordinator_ranks(keeper, NULL, NULL);

		if (ranks &&
		    tell(keeper,
			 rf_message_create(err, "store", "{s:i, s:s, s:s, s:o}", "id", (int)id,
					   "from", from, "to", to, "ranks", ranks),
			 err) < 0)
			return -1;
	}
	return 0;
}

void rf_coordinator_unstore(struct rf_coordinator *all, uint32_t id)
{
	struct rf_coordinator_keeper *keeper;
	struct rf_error err;

	DL_FOREACH(all->keepers, keeper)
	{
		tell(keeper, rf_message_create(NULL, "unstore", "{s:i}", "id", (int)id), &err);
	}
}
