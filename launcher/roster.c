/* SPDX-License-Identifier: BSD-3-Clause */
#include "roster.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1000000 /* ranks: a number beyond is a mistake */

struct rf_rank *rf_roster_get(struct rf_roster *roster, int rank)
{
	struct rf_rank *more;
	unsigned count;

	if (rank < 0 || rank >= MOST)
		return NULL;
	count = (unsigned)rank + 1;
	if (count > roster->count) {
		more = realloc(roster->rank, count * sizeof(*more));
		if (!more)
			return NULL;
		memset(more + roster->count, 0, (count - roster->count) * sizeof(*more));
		roster->rank = more;
		roster->count = count;
	}
	return &roster->rank[rank];
}

void rf_roster_set_host(struct rf_rank *rank, const char *host)
{
	free(rank->host);
	rank->host = strdup(host);
	if (!rank->home)
		rank->home = strdup(host);
}

void rf_roster_set_reason(struct rf_rank *rank, const char *reason)
{
	free(rank->reason);
	rank->reason = reason && *reason ? strdup(reason) : NULL;
}

const char *rf_roster_name(const struct rf_roster *roster, unsigned rank)
{
	static char text[320];
	const char *host = rank < roster->count ? roster->rank[rank].host : NULL;

	snprintf(text, sizeof(text), "%u%s%s", rank, host ? " on " : "", host ? host : "");
	return text;
}

const char *rf_roster_state(const struct rf_rank *rank)
{
	static const char *const words[] = {
		[RF_RANK_UNKNOWN] = "not started", [RF_RANK_STARTED] = "outside MPI",
		[RF_RANK_JOINED] = "running",	   [RF_RANK_LEFT] = "finalized",
		[RF_RANK_ENDED] = "ended",
	};

	return rank->state == RF_RANK_STARTED && rank->reason ? "native" : words[rank->state];
}

bool rf_roster_is_joined(const struct rf_roster *roster, unsigned rank)
{
	return rank < roster->count && roster->rank[rank].keeper &&
	       roster->rank[rank].state == RF_RANK_JOINED;
}

int rf_roster_check(const struct rf_roster *roster, struct rf_error *err)
{
	static const char *const why[] = {
		[RF_RANK_UNKNOWN] = "has not been started yet; try again",
		[RF_RANK_STARTED] =
			"has not called MPI_Init: it has not come to it yet, or it never does",
		[RF_RANK_LEFT] = "has finalized MPI, or is about to end",
		[RF_RANK_ENDED] = "has ended",
	};
	unsigned i;

	if (roster->count == 0)
		return rf_error_set(err, EAGAIN, "no rank has been started yet; try again");
	for (i = 0; i < roster->count; i++) {
		const struct rf_rank *rank = &roster->rank[i];

		if (rank->reason)
			return rf_error_set(err, ENOTSUP, "rank %s can not be captured: %s",
					    rf_roster_name(roster, i), rank->reason);
		if (rank->state != RF_RANK_JOINED)
			return rf_error_set(err, EAGAIN, "rank %s %s", rf_roster_name(roster, i),
					    why[rank->state]);
		if (!rank->keeper)
			return rf_error_set(err, ENOTCONN, "the keeper of rank %s is lost",
					    rf_roster_name(roster, i));
	}
	return 0;
}

bool rf_roster_is_coming(const struct rf_roster *roster)
{
	bool coming = roster->count == 0;
	unsigned i;

	for (i = 0; i < roster->count; i++) {
		const struct rf_rank *rank = &roster->rank[i];

		if (rank->reason || rank->state > RF_RANK_JOINED)
			return false;
		coming = coming || rank->state != RF_RANK_JOINED;
	}
	return coming;
}

void rf_roster_clear(struct rf_roster *roster)
{
	unsigned i;

	for (i = 0; i < roster->count; i++) {
		free(roster->rank[i].host);
		free(roster->rank[i].home);
		free(roster->rank[i].reason);
	}
	free(roster->rank);
	*roster = (struct rf_roster){0};
}
