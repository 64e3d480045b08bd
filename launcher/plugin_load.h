/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A plugin's shared object, loaded and checked. Only rankferry-plugin-host does this: whatever may
 * be wrong with the object happens to that process.
 */
#ifndef RF_LAUNCHER_PLUGIN_LOAD_H
#define RF_LAUNCHER_PLUGIN_LOAD_H

#include <jansson.h>

#include "rankferry/plugin.h"
#include "util/error.h"

#define RF_PLUGIN_NAME 64 /* bytes of a name, an option's, too */

/*
 * Loads the object, which stays for the life of the process. `plugin` gets a copy in which members
 * that it was built without are zero.
 */
int rf_plugin_load(const char *path, struct rankferry_plugin *plugin, struct rf_error *err);

/* "monitor"; NULL: there is no such kind. */
const char *rf_plugin_kind(enum rankferry_kind kind);

/* {"kind", "name", "version", "help", "every_ms", "options": [{"name", "preset", "help"}]}. */
json_t *rf_plugin_describe(const struct rankferry_plugin *plugin);

#endif
