/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What happens to a job, for whoever wants to know later or now: events, each a JSON object
 *
 *	{"time": "2026-11-28T09:29:06.123456Z", "job": "melt", "id": "k2v...", "event":
 *"move.phase", "phase": "launch"}
 *
 * of which the first four members are always there; rankferry-events(1) has a table of all. The
 *last RF_EVENTS_KEPT are in memory. All are appended, a line each, to DIRECTORY/events.jsonl as
 *soon as that directory exists; at RF_EVENTS_BYTES the file becomes events.jsonl.1, in the place of
 *an older one.
 *
 * A thread of its own writes and syncs, so a slow file server never stops the coordinator. A file
 * that can not be written is said once; then events are kept in memory, and written when they can
 * be. All calls are from one thread. NULL for `events` is allowed everywhere, and does nothing.
 */
#ifndef RF_LAUNCHER_EVENTS_H
#define RF_LAUNCHER_EVENTS_H

#include <jansson.h>
#include <stdbool.h>

#include "util/error.h"

#define RF_EVENTS_KEPT	   1024
#define RF_EVENTS_BYTES	   (4 << 20)
#define RF_EVENTS_FILE	   "events.jsonl"
#define RF_EVENTS_LEAVE_MS 2000 /* for the last ones to be written, when the job has ended */

struct rf_events;

struct rf_events_config {
	const char *directory; /* of the job in its store; copied, as the others */
	bool make;	       /* it, and the one above, if they are not there */
	const char *job, *id;
	size_t bytes; /* 0: RF_EVENTS_BYTES */
};

struct rf_events *rf_events_create(const struct rf_events_config *config, struct rf_error *err);

/* `name` is "noun.what"; `format` and the rest are as for json_pack(): an object with the event's
 * own members; NULL: none. */
void rf_event(struct rf_events *events, const char *name, const char *format, ...);

/* Those that are kept, the oldest first, as lines without their ends. */
void rf_events_each(const struct rf_events *events, void (*each)(const char *line, void *data),
		    void *data);

/*
 * From now on `heard` is called, at once, with each event, which is borrowed: by then it is kept
 * and about to be written. It may end this or another subscription, and make events. NULL: no
 * memory.
 */
struct rf_events_ear;
struct rf_events_ear *
rf_events_listen(struct rf_events *events,
		 void (*heard)(const json_t *event, const char *line, void *data), void *data);
void rf_events_unlisten(struct rf_events *events, struct rf_events_ear *ear);

/* Writes what is still to be written, if that takes no longer than RF_EVENTS_LEAVE_MS. */
void rf_events_destroy(struct rf_events *events);

#endif
