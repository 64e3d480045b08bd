/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Moves ranks away from hosts that other load slows down, or whose memory gets short, as the
 * policy's section `balance` says: listens to what keepers tell of their hosts (load.h), asks
 * balance.h and relief.h, and moves. Everything that it does is a line for people and one of the
 * job's events. In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_BALANCER_H
#define RF_LAUNCHER_BALANCER_H

#include <event2/event.h>

#include "coordinator.h"
#include "events.h"
#include "moves.h"
#include "policies.h"
#include "turns.h"
#include "util/hostlist.h"

#define RF_BALANCER_WATCH_MS 5000 /* keepers tell at least so often how their hosts are */

struct rf_balancer;

/* What it needs of the job. */
struct rf_balancer_ops {
	/* Lists, to be destroyed; NULL: none, or no memory. */
	struct rf_hostlist *(*spares)(void *data);
	struct rf_hostlist *(*avoid)(void *data);
	/* Ranks have left it, perhaps all. */
	void (*left)(const char *host, void *data);
};

/* All that it is given must stay valid. */
struct rf_balancer *rf_balancer_create(struct event_base *base, const struct rf_policies *policies,
				       struct rf_events *events, const struct rf_balancer_ops *ops,
				       void *data, struct rf_error *err);

/* The job can be moved from now on, by turns. */
void rf_balancer_begin(struct rf_balancer *balancer, struct rf_coordinator *coordinator,
		       struct rf_moves *moves, struct rf_turns *turns);

/* A keeper has told how its host is. */
void rf_balancer_load(struct rf_balancer *balancer, const char *host, const struct rf_load *load);

/* The policy is another one. */
void rf_balancer_change(struct rf_balancer *balancer);

/* How often the policy wants keepers to tell; 0: it need not be known. */
int rf_balancer_watch_ms(const struct rf_policy *policy);

/* The job ends: nothing is begun any more. NULL is allowed in these two. */
void rf_balancer_finish(struct rf_balancer *balancer);
void rf_balancer_destroy(struct rf_balancer *balancer);

#endif
