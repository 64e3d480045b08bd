/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A snapshot while it is taken, from the first order to its publication or to the removal of what
 * is unfinished: its phases, which ranks hold their images, and whose files are complete. One at a
 * time; snapshots.h is what others use.
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_TAKING_H
#define RF_LAUNCHER_TAKING_H

#include "snapshots.h"

struct rf_taking;

struct rf_taking_ops {
	/* It is published. Its client is told after that. */
	void (*published)(const struct rf_taken *taken, void *data);
	/* It is over, well or not, and the client has been told. */
	void (*ended)(void *data);
};

/* `config` and `ops` must stay valid. */
struct rf_taking *rf_taking_create(struct event_base *base, struct rf_coordinator *coordinator,
				   const struct rf_snapshots_config *config,
				   const struct rf_taking_ops *ops, void *data,
				   struct rf_error *err);

/*
 * Takes one. `base_path`: the snapshot of which it is to have only the differences, or NULL;
 * copied. Fails at once, and is not `ended`, if another one is under way.
 */
void rf_taking_begin(struct rf_taking *taking, const struct rf_snapshot_request *request,
		     const char *base_path, void *client);

/* Gives up what is under way, if anything is, unless it is published first. */
void rf_taking_cancel(struct rf_taking *taking, const struct rf_error *why);

/* What the coordinator hears. */
void rf_taking_report(struct rf_taking *taking, const struct rf_report *report);
void rf_taking_rank_lost(struct rf_taking *taking, unsigned rank, const char *how);

/* Are ranks stopped, or being stopped? */
bool rf_taking_stands(const struct rf_taking *taking);

/* What was asked for, and by whom (`client` may be NULL); NULL: nothing is under way. */
const struct rf_snapshot_request *rf_taking_request(const struct rf_taking *taking,
						    const void **client);

/* The phase under way, or "idle". */
const char *rf_taking_phase(const struct rf_taking *taking);

/* Removes what is unfinished; its client is told. NULL is allowed. */
void rf_taking_destroy(struct rf_taking *taking);

#endif
