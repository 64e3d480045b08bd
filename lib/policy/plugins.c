/* SPDX-License-Identifier: BSD-3-Clause */
/* The values of notify and monitors: lists of plugins with options. */
#include <stdlib.h>
#include <string.h>

#include "policy/value.h"

#define MONITOR_EVERY_MS 10000

static const char *const notify_members[] = {"event", "exec", "use", "options", NULL};
static const char *const monitor_members[] = {"use", "every", "options", NULL};

static int no_memory(struct rf_reading *reading, const struct rf_node *node)
{
	return rf_value_fault(reading, node, "no memory to keep it");
}

/* A list of maps that have only known members. Returns its length, or -1. */
static int check_list(struct rf_reading *reading, const char *name, const char *const members[],
		      const struct rf_node *list)
{
	const struct rf_node *one, *member;
	char hint[RF_VALUE_HINT];
	int count = 0, i;

	if (list->kind != RF_NODE_LIST)
		return rf_value_fault(reading, list, "%s is a list of maps, as in [{%s: ...}]",
				      name, members[0]);
	for (one = list->first; one; one = one->next) {
		if (one->kind != RF_NODE_MAP)
			return rf_value_fault(reading, one,
					      "%s is a list of maps, as in [{%s: ...}]", name,
					      members[0]);
		for (member = one->first; member; member = member->next) {
			for (i = 0; members[i] && strcmp(members[i], member->name) != 0; i++)
				;
			if (members[i])
				continue;
			rf_value_hint(member->name, members, "; there is: ", hint);
			return rf_policy_fault(reading->faults, reading->file, member->name_line,
					       member->name_column, "unknown key '%.64s' in %s%s",
					       member->name, name, hint);
		}
		if (++count > RF_KEY_PLACES)
			return rf_value_fault(reading, one, "%s has more than %d entries", name,
					      RF_KEY_PLACES);
	}
	return count;
}

/* A text that must be there, at most `most` bytes. */
static const char *need_text(struct rf_reading *reading, const char *name,
			     const struct rf_node *map, const char *member, size_t most)
{
	const struct rf_node *node = rf_node_member(map, member);

	if (!node)
		rf_value_fault(reading, map, "this entry of %s has no '%s'", name, member);
	else if (node->kind != RF_NODE_TEXT || !*node->text)
		rf_value_fault(reading, node, "%s: '%s' is a text", name, member);
	else if (strlen(node->text) > most)
		rf_value_fault(reading, node, "%s: '%s' is longer than %zu bytes", name, member,
			       most);
	else
		return node->text;
	return NULL;
}

static int add_option(struct rf_policy_plugin *plugin, const char *name, const char *value)
{
	struct rf_policy_option *more =
		reallocarray(plugin->option, plugin->options + 1, sizeof(*more));

	if (!more)
		return -1;
	plugin->option = more;
	more += plugin->options;
	more->name = strdup(name);
	more->value = strdup(value);
	if (more->name && more->value) {
		plugin->options++;
		return 0;
	}
	free(more->name);
	free(more->value);
	return -1;
}

static int read_options(struct rf_reading *reading, const char *name, const struct rf_node *map,
			struct rf_policy_plugin *plugin)
{
	const struct rf_node *options = rf_node_member(map, "options"), *one;

	if (!options)
		return 0;
	if (options->kind != RF_NODE_MAP)
		return rf_value_fault(reading, options, "%s: 'options' is a map", name);
	for (one = options->first; one; one = one->next) {
		if (!rf_value_good_name(one->name))
			return rf_policy_fault(
				reading->faults, reading->file, one->name_line, one->name_column,
				"%s: '%.64s' is not an option's name", name, one->name);
		if (one->kind != RF_NODE_TEXT || one->empty)
			return rf_value_fault(reading, one, "%s: the option '%s' is a text", name,
					      one->name);
		if (strlen(one->text) > RF_KEY_TEXT)
			return rf_value_fault(reading, one,
					      "%s: the option '%s' is longer than %d bytes", name,
					      one->name, RF_KEY_TEXT);
		if (plugin->options == RF_KEY_PLACES)
			return rf_value_fault(reading, one, "%s: more than %d options", name,
					      RF_KEY_PLACES);
		if (add_option(plugin, one->name, one->text) < 0)
			return no_memory(reading, one);
	}
	return 0;
}

static int read_plugin(struct rf_reading *reading, const char *name, const struct rf_node *map,
		       struct rf_policy_plugin *plugin)
{
	const char *use = need_text(reading, name, map, "use", RF_KEY_TEXT);

	if (!use)
		return -1;
	if (!rf_value_good_name(use))
		return rf_value_fault(reading, rf_node_member(map, "use"),
				      "%s: '%.64s' is not a plugin's name", name, use);
	plugin->use = strdup(use);
	if (!plugin->use)
		return no_memory(reading, map);
	return read_options(reading, name, map, plugin);
}

/* `exec: PATH' is short for the plugin of that name. */
static int read_exec(struct rf_reading *reading, const struct rf_node *map,
		     struct rf_policy_plugin *plugin)
{
	const char *path = need_text(reading, "notify", map, "exec", RF_KEY_TEXT);
	const struct rf_node *use = rf_node_member(map, "use");

	if (!path)
		return -1;
	if (*path != '/')
		return rf_value_fault(reading, rf_node_member(map, "exec"),
				      "notify: '%.64s' is not an absolute path", path);
	if (use || (use = rf_node_member(map, "options")))
		return rf_policy_fault(reading->faults, reading->file, use->name_line,
				       use->name_column, "notify: 'exec' goes without '%s'",
				       use->name);
	plugin->use = strdup("exec");
	return plugin->use && add_option(plugin, "command", path) == 0 ? 0
								       : no_memory(reading, map);
}

static int read_notice(struct rf_reading *reading, const struct rf_node *map,
		       struct rf_policy_notify *notify)
{
	const char *event = need_text(reading, "notify", map, "event", RF_KEY_TEXT);

	if (!event)
		return -1;
	if (strpbrk(event, " /"))
		return rf_value_fault(reading, rf_node_member(map, "event"),
				      "notify: '%.64s' is not a pattern of events", event);
	notify->event = strdup(event);
	if (!notify->event)
		return no_memory(reading, map);
	if (rf_node_member(map, "exec"))
		return read_exec(reading, map, &notify->plugin);
	if (!rf_node_member(map, "use"))
		return rf_value_fault(reading, map,
				      "this entry of notify has neither 'exec' nor 'use'");
	return read_plugin(reading, "notify", map, &notify->plugin);
}

int rf_value_read_notify(struct rf_reading *reading, const struct rf_key *key,
			 const struct rf_node *list)
{
	int count = check_list(reading, key->name, notify_members, list), rc = 0;
	struct rf_policy_notify *notify;
	const struct rf_node *one;
	unsigned n = 0;

	if (count < 0)
		return -1;
	notify = calloc((size_t)count + 1, sizeof(*notify));
	if (!notify)
		return no_memory(reading, list);
	for (one = list->first; one; one = one->next)
		rc |= read_notice(reading, one, &notify[n++]);
	if (rc < 0) {
		rf_policy_free_notify(notify, n);
		return -1;
	}
	rf_policy_free_notify(reading->policy->notify, reading->policy->notifies);
	reading->policy->notify = notify;
	reading->policy->notifies = n;
	return 0;
}

static int read_monitor(struct rf_reading *reading, const struct rf_key *key,
			const struct rf_node *map, struct rf_policy_monitor *monitor)
{
	const struct rf_node *every = rf_node_member(map, "every");

	monitor->every_ms = MONITOR_EVERY_MS;
	if (every && (every->kind != RF_NODE_TEXT || every->empty))
		return rf_value_fault(reading, every, "%s: 'every' is a duration", key->name);
	if (every && rf_value_read_duration(reading, key, "monitors: every", every, every->text,
					    &monitor->every_ms) < 0)
		return -1;
	return read_plugin(reading, key->name, map, &monitor->plugin);
}

int rf_value_read_monitors(struct rf_reading *reading, const struct rf_key *key,
			   const struct rf_node *list)
{
	int count = check_list(reading, key->name, monitor_members, list), rc = 0;
	struct rf_policy_monitor *monitor;
	const struct rf_node *one;
	unsigned n = 0;

	if (count < 0)
		return -1;
	monitor = calloc((size_t)count + 1, sizeof(*monitor));
	if (!monitor)
		return no_memory(reading, list);
	for (one = list->first; one; one = one->next)
		rc |= read_monitor(reading, key, one, &monitor[n++]);
	if (rc < 0) {
		rf_policy_free_monitors(monitor, n);
		return -1;
	}
	rf_policy_free_monitors(reading->policy->monitor, reading->policy->monitors);
	reading->policy->monitor = monitor;
	reading->policy->monitors = n;
	return 0;
}
