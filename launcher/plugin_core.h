/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a plugin is given to use (struct rankferry_core), in rankferry-plugin-host. One per process:
 * words and the failure are of the call under way.
 */
#ifndef RF_LAUNCHER_PLUGIN_CORE_H
#define RF_LAUNCHER_PLUGIN_CORE_H

#include <jansson.h>

#include "rankferry/plugin.h"
#include "util/error.h"

#define RF_PLUGIN_WORDS 8192 /* of one look(), without those that a host is ok */

struct rf_plugin_core;

/*
 * `options` is an object of texts, or NULL; refused if there is one that the plugin does not have,
 * or one is missing.
 */
struct rf_plugin_core *rf_plugin_core_create(const struct rankferry_plugin *plugin,
					     const json_t *options, struct rf_error *err);

const struct rankferry_core *rf_plugin_core(struct rf_plugin_core *core);

/* Before a call: no words, no failure. */
void rf_plugin_core_reset(struct rf_plugin_core *core);

/* After it: an array of {"host", "state", "deadline", "reason"}, borrowed; what fail() said, or
 * NULL. */
json_t *rf_plugin_core_words(const struct rf_plugin_core *core);
const char *rf_plugin_core_failure(const struct rf_plugin_core *core);
const char *rf_plugin_core_note(const struct rf_plugin_core *core); /* or NULL */

void rf_plugin_core_destroy(struct rf_plugin_core *core);

#endif
