/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory of ranks that are to move is copied while they run, in rounds: the first has all of
 * it, each later one what has been written to since. What is left to copy when they stand still is
 * what has changed since the last. A round pays as long as it makes the next one clearly smaller.
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_PRECOPY_H
#define RF_LAUNCHER_PRECOPY_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "coordinator.h"
#include "util/error.h"

#define RF_PRECOPY_ROUNDS    8
#define RF_PRECOPY_SMALL     (4 << 20) /* bytes in a round: another one is not worth its forks */
#define RF_PRECOPY_HELD_MS   10000     /* for a rank to fork */
#define RF_PRECOPY_MS	     3600000   /* for all rounds, if nobody says less */
#define RF_PRECOPY_FENCE_MS  10000     /* for all ranks beside those that move to pass a fence */
#define RF_PRECOPY_CANCEL_MS 5000      /* for what is being written to be given up */

struct rf_precopy;

/* What has been copied so far. */
struct rf_copied {
	unsigned round, done, of; /* from 0; ranks whose image is complete, and that move */
	uint64_t memory;	  /* bytes of all that moves */
	uint64_t bytes;		  /* copied in all rounds, this one included */
	uint64_t rate;		  /* bytes/s in the round, 0: not known yet */
	uint64_t rest_us; /* how long what will have changed at the end takes at that rate */
	/* Whatever is written to from now on is noted by the kernel (0015): the last image need not
	 * compare all. */
	bool noted;
};

struct rf_precopy_ops {
	/* The next round is about to begin: the place for its files is to be made ready, and
	 * rf_precopy_ready() called, from the loop or at once. NULL: files are in `dir`. */
	void (*prepare)(unsigned round, void *data);
	/* A round is complete in all ranks. -1: it was cancelled, and may be destroyed already. */
	int (*complete)(unsigned round, void *data);
	/* A rank has come further. */
	void (*progress)(const struct rf_copied *copied, void *data);
	/*
	 * The last call. `last`: the last round that is complete in all ranks, or -1. `why`: the
	 * ranks can not be moved; NULL: they can, after no copy at all if need be. It may be
	 * destroyed here.
	 */
	void (*over)(int last, const struct rf_error *why, void *data);
};

/* `dir` is where files go; after `rounds_ms` no further round begins. Nothing has been called when
 * it returns. */
struct rf_precopy *rf_precopy_begin(struct event_base *base, struct rf_coordinator *coordinator,
				    const bool *moves, const char *dir, int rounds_ms,
				    const struct rf_precopy_ops *ops, void *data,
				    struct rf_error *err);

/* The place for the round is there, or can not be made. */
void rf_precopy_ready(struct rf_precopy *precopy, const struct rf_error *why);

void rf_precopy_report(struct rf_precopy *precopy, const struct rf_report *report);
void rf_precopy_lost(struct rf_precopy *precopy, unsigned rank, const char *how);

/* Not wanted any more: over() follows with this reason when nothing is being written. */
void rf_precopy_cancel(struct rf_precopy *precopy, const struct rf_error *why);

const struct rf_copied *rf_precopy_copied(const struct rf_precopy *precopy);

/* NULL is allowed. */
void rf_precopy_destroy(struct rf_precopy *precopy);

/* Takes "N of N bytes" (image.h), as a report about a file has it. -1: it is none. */
int rf_precopy_sizes(const char *text, uint64_t *given, uint64_t *total);

/* Adds KEY=VALUE and its zero to the body of an order. -1: there is no room. */
int rf_precopy_text(char *body, size_t room, size_t *n, const char *key, const char *value);

#endif
