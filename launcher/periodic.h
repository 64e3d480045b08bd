/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Snapshots that a job takes of itself, as interval.h says. Not while ranks move or another
 * snapshot is being taken: then as soon as that is over.
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_PERIODIC_H
#define RF_LAUNCHER_PERIODIC_H

#include <event2/event.h>
#include <stdbool.h>

#include "interval.h"
#include "policy/policy.h"
#include "util/error.h"

#define RF_PERIODIC_AGAIN                                                                          \
	6 /* times in a row, twice as long before each next; then the interval counts */
#define RF_PERIODIC_AGAIN_MS 1000 /* while something else is under way, or ranks are not in MPI */

struct rf_periodic;

/* What it needs of the job. */
struct rf_periodic_ops {
	bool (*busy)(void *data);
	/* Begins a snapshot; done() or failed() follows. */
	void (*take)(void *data);
};

/* As the policy says; `facts` is what is known at this moment. */
struct rf_periodic *rf_periodic_create(struct event_base *base, const struct rf_policy *policy,
				       const struct rf_interval_facts *facts,
				       const struct rf_periodic_ops *ops, void *data,
				       struct rf_error *err);

/* The policy is another one, from now on. */
void rf_periodic_change(struct rf_periodic *periodic, const struct rf_policy *policy);

/* A snapshot, whoever wanted it, is there, after ranks have stood still for `pause_us`, or is not.
 */
void rf_periodic_done(struct rf_periodic *periodic, int64_t pause_us);
void rf_periodic_failed(struct rf_periodic *periodic, const struct rf_error *why);

/* NULL is allowed in these two. */
void rf_periodic_stop(struct rf_periodic *periodic);
void rf_periodic_destroy(struct rf_periodic *periodic);

#endif
