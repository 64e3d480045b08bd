/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which plugin, and how it is set: "state:file=/site/hosts,every=5s". A comma in a value is "\,".
 * Options that every plugin has: `timeout`, for a call; of monitors `every`, between the beginnings
 * of two looks; of notify `events`, a pattern of fnmatch(3).
 */
#ifndef RF_LAUNCHER_PLUGIN_SPEC_H
#define RF_LAUNCHER_PLUGIN_SPEC_H

#include <jansson.h>
#include <limits.h>

#include "util/error.h"

#define RF_PLUGIN_TIMEOUT_MS 10000
#define RF_PLUGIN_PATH                                                                             \
	"RANKFERRY_PLUGIN_PATH" /* directories, separated by colons; before our own */

struct rf_plugin_spec {
	const char *kind; /* "monitor": not owned */
	char *name;
	json_t *options; /* name: text */
	int every_ms;	 /* 0: the plugin's own */
	int timeout_ms;
	char *events; /* of notify: which; NULL: all */
};

/* Is there such a plugin, it is not asked here. -1, and nothing to free, if the text is none. */
int rf_plugin_spec_parse(const char *kind, const char *text, struct rf_plugin_spec *spec,
			 struct rf_error *err);
/* The same, from an object of texts that has `every` and `timeout`, too. */
int rf_plugin_spec_make(const char *kind, const char *name, const json_t *options,
			struct rf_plugin_spec *spec, struct rf_error *err);
void rf_plugin_spec_clear(struct rf_plugin_spec *spec);

/* The file of a plugin, the first on the path. -1: `err` says where it was looked for. */
int rf_plugin_find(const char *kind, const char *name, char path[PATH_MAX], struct rf_error *err);

/* Calls `found` for each file that has a plugin's name: also for those that a first one hides. */
void rf_plugin_each(void (*found)(const char *path, const char *kind, const char *name, void *data),
		    void *data);

#endif
