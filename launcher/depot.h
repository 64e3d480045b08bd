/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A keeper's part of snapshots that are kept on the hosts (shelf.h): makes their directories, lets
 * files be copied to the store by a process that yields to all others, and removes what is not
 * needed any more: at the latest all that the job has here, unless it goes on after a failure.
 *
 * In a libevent loop, one thread. The process reaps its children elsewhere (ranks.h).
 */
#ifndef RF_LAUNCHER_DEPOT_H
#define RF_LAUNCHER_DEPOT_H

#include <event2/event.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#include "util/error.h"

#define RF_DEPOT_IDLE_S 3600 /* what no keeper has held for so long is of a job that has ended */

struct rf_depot;

/* A rank's file is where the order `id` wanted it (why: NULL), or can not be. From the loop. */
typedef void rf_stored(int rank, int id, const struct rf_error *why, void *data);

/*
 * `path`: the job's directory (RF_ENV_SHELF), which is made when it is needed. What jobs that have
 * ended have left beside it is removed.
 */
struct rf_depot *rf_depot_create(struct event_base *base, const char *path, rf_stored *stored,
				 void *data, struct rf_error *err);

/* Does what the message asks for, if it is one of "shelve", "store" and "unstore". */
void rf_depot_message(struct rf_depot *depot, const json_t *message);

/*
 * The directory in which a rank finds its file of the snapshot, the nearest of the copies: that in
 * the job's own directory (`path`, may be NULL), if it is there and the very file that the
 * snapshot's manifest lists; else the snapshot itself.
 */
const char *rf_depot_find(const char *path, const char *snapshot, int rank, char found[PATH_MAX]);

/* Ends what is being copied. `keep`: the files stay, the job goes on. NULL is allowed. */
void rf_depot_destroy(struct rf_depot *depot, bool keep);

/* Removes the job's directory, with all that is in it. */
void rf_depot_remove(const char *path);

#endif
