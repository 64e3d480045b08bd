/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Clients of the job (control.h) that want ranks to be moved. Each waits for its turn (turns.h),
 * and can be withdrawn there. In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_MOVE_REQUESTS_H
#define RF_LAUNCHER_MOVE_REQUESTS_H

#include "control.h"
#include "moves.h"
#include "policies.h"
#include "turns.h"
#include "unattended.h"

struct rf_move_requests;

struct rf_move_requests_config {
	const struct rf_policies *policies;
	const struct rf_unattended *unattended; /* what it says of hosts counts here, too */
	struct rf_moves *moves;
	struct rf_turns *turns;
};

/* Everything in `config` must stay valid. */
struct rf_move_requests *rf_move_requests_create(const struct rf_move_requests_config *config,
						 struct rf_error *err);

/* It is answered. */
void rf_move_requests_begin(struct rf_move_requests *requests, struct rf_client *client,
			    const json_t *message);

/* When the moves are destroyed, and no turn waits any more. NULL is allowed. */
void rf_move_requests_destroy(struct rf_move_requests *requests);

#endif
