/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who wants a snapshot: clients of the job (control.h), and the job itself. Each waits for its turn
 * (turns.h). In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_SNAPSHOT_REQUESTS_H
#define RF_LAUNCHER_SNAPSHOT_REQUESTS_H

#include <stdbool.h>

#include "control.h"
#include "policies.h"
#include "snapshots.h"
#include "turns.h"

struct rf_snapshot_requests;

struct rf_snapshot_requests_config {
	const struct rf_policies *policies;
	struct rf_snapshots *snapshots;
	struct rf_turns *turns;
	/* There is no snapshot that the job wanted of itself; to stop at it, or not. */
	void (*given_up)(const struct rf_error *why, bool stop, void *data);
	void *data;
};

/* Everything in `config` must stay valid. */
struct rf_snapshot_requests *
rf_snapshot_requests_create(const struct rf_snapshot_requests_config *config, struct rf_error *err);

/* A client's; it is answered. */
void rf_snapshot_requests_begin(struct rf_snapshot_requests *requests, struct rf_client *client,
				const json_t *message);

#define RF_SNAPSHOT_YIELD_MS 10000

/* The job's own, when it runs on: given up for what somebody has waited for so long, such as an
 * evacuation while a slow store is written to. */
void rf_snapshot_requests_casual(struct rf_snapshot_requests *requests);

/* The job's own, to stop at. */
void rf_snapshot_requests_stop(struct rf_snapshot_requests *requests);

/* When the snapshots are destroyed, and no turn waits any more. NULL is allowed. */
void rf_snapshot_requests_destroy(struct rf_snapshot_requests *requests);

#endif
