/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The monitors of a job: plugins (plugin.h) that are asked again and again which hosts are to be
 * emptied. One that fails to find out leaves what it said before; that is said once for each
 * reason, by rf_say(). In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_MONITORS_H
#define RF_LAUNCHER_MONITORS_H

#include <event2/event.h>

#include "plugin.h"
#include "warden.h"

struct rf_monitors;

struct rf_monitors_ops {
	/* The hosts that there are: an array of HOST (plugin_serve.h), a new reference. */
	json_t *(*hosts)(void *data);
	/* All that the monitor says now, of those hosts, in their names. */
	void (*hear)(unsigned monitor, const char *name, const struct rf_word *words,
		     unsigned count, void *data);
};

/*
 * Starts them, at most RF_WARDEN_MONITORS, and takes over what the specs own. `ops` must stay
 * valid. Nothing is asked before rf_monitors_begin().
 */
struct rf_monitors *rf_monitors_create(struct event_base *base, struct rf_plugin_spec *spec,
				       unsigned count, const struct rf_monitors_ops *ops,
				       void *data, struct rf_error *err);

/* Waits until all have started. -1: one refuses what it is set to. */
int rf_monitors_await(struct rf_monitors *monitors, struct rf_error *err);

/* NULL is allowed in these two. */
void rf_monitors_begin(struct rf_monitors *monitors);

void rf_monitors_destroy(struct rf_monitors *monitors);

#endif
