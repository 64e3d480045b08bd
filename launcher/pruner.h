/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Removing old snapshots takes time, which the coordinator's loop has not got: rankferry-store
 * (store.h) does it. One at a time.
 */
#ifndef RF_LAUNCHER_PRUNER_H
#define RF_LAUNCHER_PRUNER_H

#include <event2/event.h>

#include "util/error.h"
#include "util/idset.h"

#define RF_PRUNER_MS 600000 /* for rankferry-store; it is killed then */

struct rf_pruner;

struct rf_pruner *rf_pruner_create(struct event_base *base, struct rf_error *err);

/*
 * Begins to remove those of `only` that are neither among the newest `keep` of the job `id` in the
 * directory STORE/JOB nor needed by those. If it still does that since the last call: then not; the
 * next one will. What goes wrong is said.
 */
void rf_pruner_prune(struct rf_pruner *pruner, const char *directory, const char *id, unsigned keep,
		     const struct rf_idset *only);

/* Ends it; what it has begun to remove is removed, or left to the next one. NULL is allowed. */
void rf_pruner_destroy(struct rf_pruner *pruner);

#endif
