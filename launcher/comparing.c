/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The coordinator's part of likeness.h: a slot that waits for a rank of another host counts when
 * that host has been compared with the one that the rank is on.
 */
#include "coordinator_parts.h"

#include "wire/message.h"

static int tell(const struct rf_coordinator_keeper *keeper, json_t *message, struct rf_error *err)
{
	int rc = message ? rf_channel_send(keeper->channel, message, err) : -1;

	json_decref(message);
	return rc;
}

static int refuse(struct rf_coordinator *all, unsigned rank,
		  const struct rf_coordinator_keeper *keeper, const struct rf_error *why)
{
	rf_error_set(&all->unlike, why->code, "rank %s can not go on on %s: %s",
		     rf_roster_name(&all->roster, rank), rf_coordinator_name(keeper), why->text);
	if (all->ops->waiting)
		all->ops->waiting(all->data);
	return 0;
}

int rf_coordinator_compare(struct rf_coordinator_keeper *keeper, unsigned rank,
			   struct rf_error *err)
{
	struct rf_rank *entry = &keeper->all->roster.rank[rank];

	entry->arriving = keeper;
	if (tell(entry->keeper,
		 rf_message_create(err, "describe", "{s:i, s:i}", "rank", (int)rank, "pid",
				   (int)entry->pid),
		 err) < 0)
		return refuse(keeper->all, rank, keeper, err);
	return 0;
}

int rf_coordinator_on_described(struct rf_coordinator_keeper *keeper, const json_t *message,
				struct rf_error *err)
{
	struct rf_coordinator *all = keeper->all;
	struct rf_coordinator_keeper *target;
	struct rf_error why;
	const char *text;
	json_t *texts;
	int rank, code;

	if (rf_message_unpack(message, err, "{s:i, s:o, s:i, s:s}", "rank", &rank, "texts", &texts,
			      "code", &code, "text", &text) < 0)
		return -1;
	target = (unsigned)rank < all->roster.count ? all->roster.rank[rank].arriving : NULL;
	if (target && code) {
		rf_error_set(&why, code, "what it runs on can not be described: %s", text);
		return refuse(all, (unsigned)rank, target, &why);
	}
	if (target && tell(target,
			   rf_message_create(err, "compare", "{s:i, s:i, s:O}", "rank", rank,
					     "generation", all->expected, "texts", texts),
			   err) < 0)
		return refuse(all, (unsigned)rank, target, err);
	return 0;
}

int rf_coordinator_on_compared(struct rf_coordinator_keeper *keeper, const json_t *message,
			       struct rf_error *err)
{
	struct rf_coordinator *all = keeper->all;
	int rank, generation, code;
	struct rf_error why;
	const char *text;

	if (rf_message_unpack(message, err, "{s:i, s:i, s:i, s:s}", "rank", &rank, "generation",
			      &generation, "code", &code, "text", &text) < 0)
		return -1;
	if ((unsigned)rank >= all->roster.count || generation != all->expected ||
	    all->roster.rank[rank].arriving != keeper)
		return 0;
	all->roster.rank[rank].arriving = NULL;
	if (code) {
		rf_error_set(&why, code, "%s", text);
		return refuse(all, (unsigned)rank, keeper, &why);
	}
	all->roster.rank[rank].next = keeper;
	if (all->ops->waiting)
		all->ops->waiting(all->data);
	return 0;
}
