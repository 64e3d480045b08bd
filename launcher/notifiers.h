/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Passes a job's events (events.h) on to notify plugins (plugin.h), in order, to each those that it
 * wants. One that is slow gets them late; beyond RF_NOTIFIERS_WAITING the oldest are dropped, and
 * that is said. It is for all of a job, whatever loops that has, so it has a thread of its own.
 */
#ifndef RF_LAUNCHER_NOTIFIERS_H
#define RF_LAUNCHER_NOTIFIERS_H

#include "events.h"
#include "plugin.h"

#define RF_NOTIFIERS_WAITING  1024 /* events */
#define RF_NOTIFIERS_TRIES    2	   /* for one event, if the plugin fails by itself */
#define RF_NOTIFIERS_LEAVE_MS 5000 /* for the last ones to be passed on, when the job has ended */

struct rf_notifiers;

/*
 * Starts them, takes over what the specs own, and waits until they have started. They also get the
 * events so far. `events` must stay valid. NULL: one is not there or refuses what it is set to.
 */
struct rf_notifiers *rf_notifiers_create(struct rf_plugin_spec *spec, unsigned count,
					 struct rf_events *events, struct rf_error *err);

/* Waits until all is passed on, at most RF_NOTIFIERS_LEAVE_MS. NULL is allowed. */
void rf_notifiers_destroy(struct rf_notifiers *notifiers);

#endif
