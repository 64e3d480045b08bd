/* SPDX-License-Identifier: BSD-3-Clause */
/* The coordinator's part of a move: ranks between two generations (coordinator.h). */
#include "coordinator.h"

#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "coordinator_parts.h"
#include "say.h"
#include "wire/message.h"

static int tell(const struct rf_coordinator_keeper *keeper, json_t *message, struct rf_error *err)
{
	int rc = -1;

	if (message && rf_channel_send(keeper->channel, message, err) == 0)
		rc = 0;
	else
		rf_error_prefix(err, "the ranks on %s can not be told",
				rf_coordinator_name(keeper));
	json_decref(message);
	return rc;
}

void rf_coordinator_expect(struct rf_coordinator *all, int generation)
{
	unsigned i;

	all->expected = generation;
	all->complete = true;
	all->unlike = (struct rf_error){0};
	for (i = 0; i < all->roster.count; i++) {
		all->roster.rank[i].arriving = all->roster.rank[i].next = NULL;
		all->roster.rank[i].next_pid = 0;
	}
}

/* One that has come too late, for a move that was given up: nobody else would tell it to end. */
static void send_away(struct rf_coordinator_keeper *keeper)
{
	const struct rf_coordinator *all = keeper->all;
	unsigned i;

	if (keeper->released || !all->complete || all->expected)
		return;
	for (i = 0; i < all->roster.count; i++)
		if (all->roster.rank[i].keeper == keeper || all->roster.rank[i].former == keeper)
			return;
	keeper->released = true;
	rf_coordinator_tell_end(keeper);
}

int rf_coordinator_on_waiting(struct rf_coordinator_keeper *keeper, const json_t *message,
			      struct rf_error *err)
{
	struct rf_coordinator *all = keeper->all;
	int rank, generation;

	if (rf_message_unpack(message, err, "{s:i, s:i}", "rank", &rank, "generation",
			      &generation) < 0)
		return -1;
	if (rank < 0 || (unsigned)rank >= all->roster.count || generation != all->expected) {
		/* of a move that was given up, or of another mpirun altogether: not needed */
		tell(keeper, rf_message_create(NULL, "dismiss", "{s:i}", "generation", generation),
		     err);
		send_away(keeper);
		return 0;
	}
	if (all->roster.rank[rank].keeper && all->roster.rank[rank].keeper != keeper)
		return rf_coordinator_compare(keeper, (unsigned)rank, err);
	all->roster.rank[rank].next = keeper;
	if (all->ops->waiting)
		all->ops->waiting(all->data);
	return 0;
}

int rf_coordinator_is_set(const struct rf_coordinator *all, const bool *moves, struct rf_error *err)
{
	int set = 1;
	unsigned i;

	if (all->unlike.text[0]) {
		*err = all->unlike;
		return -1;
	}
	for (i = 0; i < all->roster.count; i++) {
		const struct rf_rank *rank = &all->roster.rank[i];

		if (!rank->next)
			set = 0;
		else if (moves[i] == (rank->next == rank->keeper))
			return rf_error_set(
				err, EINVAL, "mpirun has started a slot on %s for rank %s",
				rf_coordinator_name(rank->next), rf_roster_name(&all->roster, i));
	}
	return set;
}

/* To every keeper, of its ranks that stay. */
static int tell_of_others(struct rf_coordinator *all, const char *kind, int generation, uint32_t id,
			  const bool *moves, struct rf_error *err)
{
	struct rf_coordinator_keeper *keeper;
	int rc = 0;

	DL_FOREACH(all->keepers, keeper)
	{
		json_t *list = rf_coordinator_ranks(keeper, NULL, moves);

		if (list && tell(keeper,
				 id ? rf_message_create(err, kind, "{s:i, s:i, s:o}", "id", (int)id,
							"generation", generation, "ranks", list)
				    : rf_message_create(err, kind, "{s:i, s:o}", "generation",
							generation, "ranks", list),
				 err) < 0)
			rc = -1;
	}
	return rc;
}

int rf_coordinator_prepare(struct rf_coordinator *all, uint32_t id, const bool *moves,
			   struct rf_error *err)
{
	if (rf_coordinator_order(all, id, RF_STEP_PREPARE, moves, NULL, 0, err) < 0)
		return -1;
	return tell_of_others(all, "prepare", all->expected, id, moves, err);
}

int rf_coordinator_standby(struct rf_coordinator *all, uint32_t id, unsigned rank, const char *seat,
			   struct rf_error *err)
{
	const struct rf_coordinator_keeper *keeper = all->roster.rank[rank].next;

	if (!keeper)
		return rf_error_set(err, ENOTCONN, "the slot of rank %u is lost", rank);
	return tell(keeper,
		    rf_message_create(err, "standby", "{s:i, s:i, s:i, s:s}", "id", (int)id, "rank",
				      (int)rank, "generation", all->expected, "seat", seat),
		    err);
}

/* `round`: -1 for the last image. */
static int restore(struct rf_coordinator *all, uint32_t id, unsigned rank, const char *snapshot,
		   int round, struct rf_error *err)
{
	const struct rf_coordinator_keeper *keeper = all->roster.rank[rank].next;
	json_t *number = round < 0 ? NULL : json_integer(round);

	if (!keeper) {
		json_decref(number);
		return rf_error_set(err, ENOTCONN, "the slot of rank %u is lost", rank);
	}
	return tell(keeper,
		    rf_message_create(err, "restore", "{s:i, s:i, s:i, s:s*, s:o*}", "id", (int)id,
				      "rank", (int)rank, "generation", all->expected, "snapshot",
				      snapshot, "round", number),
		    err);
}

int rf_coordinator_place(struct rf_coordinator *all, uint32_t id, const bool *moves,
			 const char *snapshot, unsigned round, struct rf_error *err)
{
	unsigned i;

	for (i = 0; i < all->roster.count; i++)
		if (moves[i] && restore(all, id, i, snapshot, (int)round, err) < 0)
			return -1;
	return 0;
}

int rf_coordinator_switch(struct rf_coordinator *all, uint32_t id, const bool *moves,
			  const char *snapshot, struct rf_error *err)
{
	unsigned i;

	for (i = 0; i < all->roster.count; i++) {
		if (!all->roster.rank[i].next)
			return rf_error_set(err, ENOTCONN, "the slot of rank %u is lost", i);
	}
	for (i = 0; i < all->roster.count; i++)
		if (moves[i] && restore(all, id, i, snapshot, -1, err) < 0)
			return -1;
	return tell_of_others(all, "switch", all->expected, id, moves, err);
}

int rf_coordinator_commit(struct rf_coordinator *all, uint32_t id, const bool *moves,
			  struct rf_error *err)
{
	struct rf_error why;
	unsigned i;

	for (i = 0; i < all->roster.count; i++)
		if (!all->roster.rank[i].next)
			return rf_error_set(err, ENOTCONN, "the slot of rank %s is lost",
					    rf_roster_name(&all->roster, i));
	/* from here on all or nothing: who can not be told is lost, or ends with its keeper */
	if (rf_coordinator_order(all, id, RF_STEP_LEAVE, moves, NULL, 0, &why) < 0)
		rf_say("%s", why.text);
	for (i = 0; i < all->roster.count; i++) {
		struct rf_rank *rank = &all->roster.rank[i];

		if (!moves[i])
			continue;
		rank->former = rank->keeper;
		rank->keeper = rank->next;
		rank->pid = rank->next_pid;
		rank->state = RF_RANK_JOINED;
		rf_roster_set_host(rank, rf_coordinator_name(rank->keeper));
	}
	return 0;
}

int rf_coordinator_adopt(struct rf_coordinator *all, const bool *moves, struct rf_error *err)
{
	int rc = tell_of_others(all, "adopt", all->expected, 0, moves, err);
	unsigned i;

	for (i = 0; i < all->roster.count; i++)
		all->roster.rank[i].next = NULL;
	all->expected = 0;
	return rc;
}

int rf_coordinator_retire(struct rf_coordinator *all, int generation, const bool *moves,
			  struct rf_error *err)
{
	return tell_of_others(all, "retire", generation, 0, moves, err);
}

void rf_coordinator_dismiss(struct rf_coordinator *all)
{
	struct rf_coordinator_keeper *keeper;
	struct rf_error err;
	unsigned i;

	if (!all->expected)
		return;
	DL_FOREACH(all->keepers, keeper)
	{
		tell(keeper,
		     rf_message_create(NULL, "dismiss", "{s:i}", "generation", all->expected),
		     &err);
	}
	/* what they have to say about processes that are killed now is of no interest */
	for (i = 0; i < all->roster.count; i++) {
		struct rf_rank *rank = &all->roster.rank[i];

		if (rank->next && rank->next != rank->keeper)
			rank->former = rank->next;
		rank->arriving = rank->next = NULL;
	}
	all->expected = 0;
}

unsigned rf_coordinator_release(struct rf_coordinator *all)
{
	struct rf_coordinator_keeper *keeper;
	unsigned released = 0;

	DL_FOREACH(all->keepers, keeper)
	{
		json_t *list = rf_coordinator_ranks(keeper, NULL, NULL);

		if (list || keeper->released) {
			json_decref(list);
			continue;
		}
		keeper->released = true;
		rf_coordinator_tell_end(keeper);
		released++;
	}
	return released;
}

unsigned rf_coordinator_hosts(const struct rf_coordinator *all, struct rf_plan_host *list,
			      unsigned most)
{
	const struct rf_coordinator_keeper *keeper;
	unsigned n = 0;

	DL_FOREACH(all->keepers, keeper)
	{
		if (!keeper->host || keeper->released)
			continue;
		if (n < most)
			list[n] = (struct rf_plan_host){keeper->host, keeper->cpus};
		n++;
	}
	return n;
}
