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

/* Tells all keepers, and those that still come, to end everything of the job on their hosts. */
void rf_coordinator_end(struct rf_coordinator *coordinator);

/* Says which hosts have not confirmed their end. */
void rf_coordinator_complain(const struct rf_coordinator *coordinator);

void rf_coordinator_destroy(struct rf_coordinator *coordinator);

#endif
