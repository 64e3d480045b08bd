/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the memory of ranks gets to where they go: from host to host (routes.h) or through files in
 * the store; first while they run (precopy.h), then what has changed, when they stand still.
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_COPYING_H
#define RF_LAUNCHER_COPYING_H

#include <event2/event.h>
#include <stdbool.h>

#include "coordinator.h"
#include "precopy.h"
#include "util/error.h"

struct rf_copying;

struct rf_copying_config {
	const char *store, *job; /* where files of the store go */
	bool via_store;
	int max_pause_ms;     /* fail if copying the rest will take longer; 0: whatever */
	bool max_pause_asked; /* by a user, so it must be known before */
	int rounds_ms;	      /* no more rounds after it, even if they would still pay */
};

struct rf_copying_ops {
	void (*progress)(const struct rf_copied *copied, void *data);
	/* The ranks can be stopped now, and their last images taken; or `why` not, and nothing is
	 * being written any more. Called once; it may be destroyed here. */
	void (*over)(const struct rf_error *why, void *data);
};

/* For ranks whose slots of the next generation wait. All but the struct itself is borrowed. */
struct rf_copying *rf_copying_begin(struct event_base *base, struct rf_coordinator *coordinator,
				    const bool *moves, const struct rf_copying_config *config,
				    const struct rf_copying_ops *ops, void *data,
				    struct rf_error *err);

/* Before over(): it follows with this reason. */
void rf_copying_cancel(struct rf_copying *copying, const struct rf_error *why);

/* What is heard, in any phase of the move. */
void rf_copying_report(struct rf_copying *copying, const struct rf_report *report);
void rf_copying_lost(struct rf_copying *copying, unsigned rank, const char *how);

/* The body of the order for the last images. -1: it is too long. */
int rf_copying_order(const struct rf_copying *copying, char *body, size_t room, size_t *n,
		     struct rf_error *err);

/* Where the images are, for rf_coordinator_switch(). */
const char *rf_copying_snapshot(const struct rf_copying *copying);

/* What has been copied. */
struct rf_copying_sizes {
	uint64_t memory;       /* of the ranks that move */
	uint64_t copied, last; /* while they ran, in so many rounds; and when they stood still */
	unsigned rounds;
	bool noted; /* only what was written to was compared at last */
};
struct rf_copying_sizes rf_copying_sizes(const struct rf_copying *copying);

/* Removes all images. NULL is allowed. */
void rf_copying_destroy(struct rf_copying *copying);

#endif
