/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a job does with nobody at the keyboard: monitors (monitors.h) tell how hosts are, the warden
 * (warden.h) decides, and moves (moves.h) empty hosts as `rankferry evacuate` does. In a libevent
 * loop, one thread.
 */
#ifndef RF_LAUNCHER_UNATTENDED_H
#define RF_LAUNCHER_UNATTENDED_H

#include <event2/event.h>

#include "coordinator.h"
#include "events.h"
#include "moves.h"
#include "notifiers.h"
#include "policies.h"
#include "recover.h"
#include "turns.h"
#include "util/hostlist.h"

struct rf_unattended;
struct rf_limit; /* limit.h */

/*
 * Starts the plugins that the policy names, and waits until they have started. NULL and `err`: one
 * is not there or refuses what it is set to; when the job goes on after a failure (`again`) that is
 * only said, and it goes on without. Nothing is done before rf_unattended_begin(). All that it is
 * given must stay valid; `recover` has spares and hosts to be avoided, and those that have failed
 * are avoided, too.
 */
struct rf_unattended *
rf_unattended_create(struct event_base *base, const struct rf_policies *policies,
		     const struct rf_recover_options *recover, const struct rf_hostlist *failed,
		     struct rf_events *events, bool again, struct rf_error *err);

/* The policy's notify plugins, for all of a job. */
struct rf_notifiers *rf_unattended_notify(const struct rf_policies *policies,
					  struct rf_events *events, struct rf_error *err);

/* The job takes commands from now on: it can be moved, by turns. */
void rf_unattended_begin(struct rf_unattended *unattended, struct rf_coordinator *coordinator,
			 struct rf_moves *moves, struct rf_turns *turns, struct rf_limit *limit);

/*
 * Lists, to be destroyed: the hosts that no rank should be sent to, and the spares; those are also
 * the hosts that were emptied and are ok again. NULL: none, or no memory. NULL is allowed.
 */
struct rf_hostlist *rf_unattended_avoid(const struct rf_unattended *unattended);
struct rf_hostlist *rf_unattended_spares(const struct rf_unattended *unattended);

/* For a plan that has been begun: is the policy's placement plugin asked? See rf_moves_ops. */
bool rf_unattended_place(struct rf_unattended *unattended, const struct rf_plan *plan,
			 struct rf_moves *moves);

/* The policy is another one. */
void rf_unattended_change(struct rf_unattended *unattended);

/* A keeper has told how its host is. NULL is allowed. */
void rf_unattended_load(struct rf_unattended *unattended, const char *host,
			const struct rf_load *load);

/* The job ends: nothing is begun any more. NULL is allowed. */
void rf_unattended_finish(struct rf_unattended *unattended);

/* NULL is allowed. */
void rf_unattended_destroy(struct rf_unattended *unattended);

#endif
