/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin_load.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define OPTIONS_MAX 64

/* Up to the member that its kind needs, every plugin has had all from the beginning. */
#define SMALLEST (offsetof(struct rankferry_plugin, notify) + sizeof(rankferry_plugin.notify))

const char *rf_plugin_kind(enum rankferry_kind kind)
{
	static const char *const names[] = {
		[RANKFERRY_MONITOR] = "monitor",
		[RANKFERRY_PLACEMENT] = "placement",
		[RANKFERRY_NOTIFY] = "notify",
	};

	return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : NULL;
}

static bool good_name(const char *name)
{
	size_t n = name ? strlen(name) : 0;

	return n > 0 && n < RF_PLUGIN_NAME &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static int check_options(const struct rankferry_plugin *plugin, struct rf_error *err)
{
	const struct rankferry_option *option = plugin->option;
	int n;

	for (n = 0; option && option->name; option++)
		if (++n > OPTIONS_MAX || !good_name(option->name) || !option->help)
			return rf_error_set(err, ENOEXEC,
					    "its option %d has no proper name or help", n);
	return 0;
}

static int check(const struct rankferry_plugin *plugin, struct rf_error *err)
{
	const bool has[] = {
		[RANKFERRY_MONITOR] = plugin->look,
		[RANKFERRY_PLACEMENT] = plugin->place,
		[RANKFERRY_NOTIFY] = plugin->notify,
	};

	if (!rf_plugin_kind(plugin->kind))
		return rf_error_set(err, ENOEXEC, "its kind, %d, is not known", (int)plugin->kind);
	if (!good_name(plugin->name) || !plugin->version || !plugin->help)
		return rf_error_set(err, ENOEXEC,
				    "it has no name of small letters, version or help");
	if (!has[plugin->kind])
		return rf_error_set(err, ENOEXEC, "it is a %s and has no function of one",
				    rf_plugin_kind(plugin->kind));
	return check_options(plugin, err);
}

int rf_plugin_load(const char *path, struct rankferry_plugin *plugin, struct rf_error *err)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct rankferry_plugin *given;
	size_t size;

	if (!object)
		return rf_error_set(err, ENOEXEC, "can not load it: %s", dlerror());
	given = dlsym(object, "rankferry_plugin");
	if (!given)
		return rf_error_set(err, ENOEXEC, "it defines no rankferry_plugin");
	if (given->abi != RANKFERRY_PLUGIN_ABI)
		return rf_error_set(
			err, ENOEXEC,
			"it is for the plugin interface %u, and this is %d: build it again",
			(unsigned)given->abi, RANKFERRY_PLUGIN_ABI);
	size = given->size;
	if (size < SMALLEST)
		return rf_error_set(err, ENOEXEC, "its size, %zu, is too small for a plugin", size);
	memset(plugin, 0, sizeof(*plugin));
	memcpy(plugin, given, size < sizeof(*plugin) ? size : sizeof(*plugin));
	return check(plugin, err);
}

json_t *rf_plugin_describe(const struct rankferry_plugin *plugin)
{
	const struct rankferry_option *option = plugin->option;
	json_t *options = json_array();

	for (; option && option->name; option++)
		json_array_append_new(options,
				      json_pack("{s:s, s:s*, s:s}", "name", option->name, "preset",
						option->preset, "help", option->help));
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:o}", "kind", rf_plugin_kind(plugin->kind),
			 "name", plugin->name, "version", plugin->version, "help", plugin->help,
			 "every_ms", (int)plugin->every_ms, "options", options);
}
