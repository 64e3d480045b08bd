/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The coordinator's end of the connections to keepers, one per host: lets in who has the job's
 * secret, hears of ranks, prints what the user must know, and ends it all. In a libevent loop, one
 * thread.
 */
#ifndef RF_LAUNCHER_COORDINATOR_H
#define RF_LAUNCHER_COORDINATOR_H

#include <event2/event.h>
#include <stdbool.h>

#include "quiesce.h"
#include "roster.h"
#include "util/error.h"
#include "wire/secret.h"

#define RF_COORDINATOR_SILENCE_MS                                                                  \
	30000 /* a keeper whose host does not answer is lost after this                            \
	       */

struct rf_coordinator;

struct rf_coordinator_options {
	bool strict; /* ranks that can not be moved have been refused, not only started natively */
	int verbose; /* 1: hosts; 2: ranks, too */
};

/* Called from the loop. */
struct rf_coordinator_ops {
	/* A keeper is gone that was not told to end. It has been said already. */
	void (*lost)(void *data);
	/* After rf_coordinator_end(): no keeper is connected any more. */
	void (*empty)(void *data);
	/* A rank has reported (quiesce.h). May be NULL. */
	void (*report)(const struct rf_report *report, void *data);
	/* A rank can take no orders any more: how it "has ended". May be NULL. */
	void (*rank_lost)(unsigned rank, const char *how, void *data);
};

struct rf_coordinator *rf_coordinator_create(struct event_base *base,
					     const struct rf_secret *secret,
					     const struct rf_coordinator_options *options,
					     const struct rf_coordinator_ops *ops, void *data,
					     struct rf_error *err);

/* Where keepers find it: for RF_ENV_COORD. */
const char *rf_coordinator_addresses(const struct rf_coordinator *coordinator);

/* Has any rank been reported so far? */
bool rf_coordinator_had_ranks(const struct rf_coordinator *coordinator);

/* What is known of the job's ranks. */
const struct rf_roster *rf_coordinator_roster(const struct rf_coordinator *coordinator);

/* An id for a quiesce, not used before. Only one is under way at a time. */
uint32_t rf_coordinator_new_id(struct rf_coordinator *coordinator);

/*
 * Gives an order to the ranks of `who` (an element for each of the roster), all if NULL. -1 if it
 * can not be sent to one of the keepers.
 */
int rf_coordinator_order(struct rf_coordinator *coordinator, uint32_t id, enum rf_step step,
			 const bool *who, const void *body, size_t size, struct rf_error *err);

/* Tells all keepers, and those that still come, to end everything of the job on their hosts. */
void rf_coordinator_end(struct rf_coordinator *coordinator);

/* Says which hosts have not confirmed their end. */
void rf_coordinator_complain(const struct rf_coordinator *coordinator);

void rf_coordinator_destroy(struct rf_coordinator *coordinator);

#endif
