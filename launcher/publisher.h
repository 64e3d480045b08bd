/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Publishing a snapshot reads and syncs files, which can take long, and needs HDF5: rankferry-store
 * (store.h) does it, and the coordinator's loop goes on meanwhile.
 */
#ifndef RF_LAUNCHER_PUBLISHER_H
#define RF_LAUNCHER_PUBLISHER_H

#include <event2/event.h>
#include <jansson.h>

#include "util/error.h"

#define RF_PUBLISHER_MS 600000 /* for rankferry-store; it is killed then */

struct rf_publisher;

/* path NULL: it has failed, and nothing was published. The last call. */
typedef void (*rf_published)(const char *path, const struct rf_error *why, void *data);

/* `extra` is borrowed. `done` is called from the loop. NULL: err, and it is not called. */
struct rf_publisher *rf_publisher_begin(struct event_base *base, const char *partial,
					unsigned ranks, const json_t *extra, rf_published done,
					void *data, struct rf_error *err);

/* Before `done`: kills rankferry-store. NULL is allowed. */
void rf_publisher_destroy(struct rf_publisher *publisher);

#endif
