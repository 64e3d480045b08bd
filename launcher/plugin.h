/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A plugin at work: rankferry-plugin-host, a process with nothing of the job's, at the other end of
 * a socket (plugin_serve.h). One request at a time, each with a deadline. A plugin that crashes,
 * hangs, floods or answers what is no answer is ended with all that it has started, and started
 * again after 1, 2 and 4 s; at the next time within an hour it is switched off, which is said. In a
 * libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_PLUGIN_H
#define RF_LAUNCHER_PLUGIN_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>

#include "plugin_spec.h"
#include "util/error.h"

#define RF_PLUGIN_RESTARTS   3 /* within RF_PLUGIN_FORGIVE_MS */
#define RF_PLUGIN_FORGIVE_MS 3600000
#define RF_PLUGIN_LINE	     (1 << 20) /* bytes of an answer */

struct rf_plugin;

/* From the loop. Each may be NULL. */
struct rf_plugin_ops {
	void (*ready)(struct rf_plugin *plugin,
		      void *data);			   /* for the first, or the next request */
	void (*off)(struct rf_plugin *plugin, void *data); /* it has been switched off */
};

/* The answer, or NULL and why there is none. Its members have not been checked. */
typedef void rf_plugin_answer(const json_t *answer, const struct rf_error *why, void *data);

/* Finds it and begins to start it. Takes over what `spec` owns if it succeeds. */
struct rf_plugin *rf_plugin_start(struct event_base *base, struct rf_plugin_spec *spec,
				  const struct rf_plugin_ops *ops, void *data,
				  struct rf_error *err);

/*
 * Waits in the loop until it has begun its work or has failed to. -1: it refuses what it is set to;
 * that it crashes or hangs is no reason.
 */
int rf_plugin_await(struct event_base *base, const struct rf_plugin *plugin, struct rf_error *err);

/* Can it be asked now? */
bool rf_plugin_is_ready(const struct rf_plugin *plugin);
bool rf_plugin_is_off(const struct rf_plugin *plugin);

/* Asks a plugin that is ready. The request, an object with "do", is consumed. */
void rf_plugin_ask(struct rf_plugin *plugin, json_t *request, rf_plugin_answer *answer, void *data);

/* "monitor state", for messages; the period of a monitor, once it has been ready. */
const char *rf_plugin_name(const struct rf_plugin *plugin);
int rf_plugin_every_ms(const struct rf_plugin *plugin);

/* It is to end, and does so while others are told; no callback follows. */
void rf_plugin_stop(struct rf_plugin *plugin);
/* Waits until its processes are gone, at most a second. NULL is allowed. */
void rf_plugin_destroy(struct rf_plugin *plugin);

#endif
