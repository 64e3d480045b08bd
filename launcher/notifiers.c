/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "notifiers.h"

#include <errno.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utlist.h>

#include "say.h"

/* An event on its way to the thread. */
struct line {
	struct line *next;
	char text[];
};

struct notifier {
	struct rf_notifiers *all;
	struct rf_plugin *plugin;
	char *pattern;
	json_t *waiting; /* events; while it is busy the first is on its way */
	bool busy, dropped;
	unsigned tries;		  /* of the first */
	char said[RF_ERROR_TEXT]; /* of the last failure; "" after a success */
};

struct rf_notifiers {
	struct rf_events *events;
	struct rf_events_ear *ear;
	/* between the threads */
	pthread_mutex_t lock;
	struct line *lines;
	bool leaving;
	int wake; /* an eventfd; -1: none */
	/* the thread's, once it runs */
	struct event_base *base;
	struct event *woken;
	struct notifier *list;
	unsigned count;
	bool finishing; /* `leaving` has been seen */
	pthread_t thread;
	bool runs;
};

static const char *text_of(const json_t *event, const char *name)
{
	const char *text = json_string_value(json_object_get(event, name));

	return text ? text : "";
}

/* "move.done: generation 2, ranks 2, pause_us 455000": what a person may want in a mail's subject.
 */
static json_t *describe(const json_t *event)
{
	static const char *const first[] = {"time", "job", "id", "event"};
	char text[500];
	const char *name;
	json_t *value;
	size_t i, n;

	n = (size_t)snprintf(text, sizeof(text), "%s", text_of(event, "event"));
	json_object_foreach((json_t *)(uintptr_t)event, name, value)
	{
		char *dump;

		for (i = 0; i < 4 && strcmp(first[i], name) != 0; i++)
			;
		if (i < 4 || n >= sizeof(text) - 1)
			continue;
		dump = json_is_string(value) ? strdup(json_string_value(value))
					     : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %s %s",
				      strchr(text, ' ') ? "," : ":", name, dump ? dump : "");
		free(dump);
	}
	for (n = strlen(text); n > 0; n--) { /* what was cut may have been UTF-8 */
		value = json_stringn(text, n);
		if (value)
			return value;
	}
	return json_string("");
}

static bool is_idle(const struct rf_notifiers *all)
{
	unsigned i;

	for (i = 0; i < all->count; i++)
		if (all->list[i].busy || json_array_size(all->list[i].waiting) > 0)
			return false;
	return true;
}

static void leave_if_idle(struct rf_notifiers *all)
{
	if (all->finishing && is_idle(all))
		event_base_loopbreak(all->base);
}

/*
 * A plugin that has answered EIO does not want the event. One that has failed by itself, or was too
 * slow, gets it again when it has been started again, but only once: it may be the event's fault.
 */
static void on_answer(const json_t *answer, const struct rf_error *why, void *data)
{
	struct notifier *n = data;

	(void)answer;
	n->busy = false;
	if (why && why->code != EIO && n->tries < RF_NOTIFIERS_TRIES &&
	    !rf_plugin_is_off(n->plugin))
		return;
	json_array_remove(n->waiting, 0);
	n->tries = 0;
	leave_if_idle(n->all);
	if (!why)
		*n->said = '\0';
	if (!why || strcmp(n->said, why->text) == 0)
		return;
	strcpy(n->said, why->text);
	rf_say("the %s: an event was not passed on: %s", rf_plugin_name(n->plugin), why->text);
}

static void on_ready(struct rf_plugin *plugin, void *data)
{
	struct notifier *n = data;
	json_t *event = json_array_get(n->waiting, 0);

	if (!event || n->busy || !rf_plugin_is_ready(plugin))
		return;
	n->busy = true;
	n->tries++;
	rf_plugin_ask(plugin,
		      json_pack("{s:s, s:s, s:s, s:s, s:o, s:O}", "do", "notify", "name",
				text_of(event, "event"), "time", text_of(event, "time"), "job",
				text_of(event, "job"), "text", describe(event), "event", event),
		      on_answer, n);
}

static void on_off(struct rf_plugin *plugin, void *data)
{
	struct notifier *n = data;

	(void)plugin;
	json_array_clear(n->waiting);
	leave_if_idle(n->all);
}

static void pass_on(struct notifier *n, const json_t *event)
{
	if (rf_plugin_is_off(n->plugin) || fnmatch(n->pattern, text_of(event, "event"), 0) != 0)
		return;
	if (json_array_size(n->waiting) >= RF_NOTIFIERS_WAITING) {
		json_array_remove(n->waiting, n->busy ? 1 : 0);
		if (!n->dropped)
			rf_say("the %s is too slow: events are dropped", rf_plugin_name(n->plugin));
		n->dropped = true;
	}
	json_array_append(n->waiting, (json_t *)(uintptr_t)event);
	on_ready(n->plugin, n);
}

/* ---- from the job's thread to this one ---- */

static void wake(struct rf_notifiers *all)
{
	const uint64_t one = 1;

	if (write(all->wake, &one, sizeof(one)) < 0)
		return; /* it is awake */
}

static void hand_over(const char *text, void *data)
{
	struct rf_notifiers *all = data;
	struct line *line = malloc(sizeof(*line) + strlen(text) + 1);

	if (!line)
		return;
	strcpy(line->text, text);
	pthread_mutex_lock(&all->lock);
	LL_APPEND(all->lines, line);
	pthread_mutex_unlock(&all->lock);
	wake(all);
}

static void on_event(const json_t *event, const char *line, void *data)
{
	(void)event; /* its references are not for several threads */
	hand_over(line, data);
}

static void take(struct rf_notifiers *all, struct line *line)
{
	json_t *event = json_loads(line->text, 0, NULL);
	unsigned i;

	for (i = 0; event && i < all->count; i++)
		pass_on(&all->list[i], event);
	json_decref(event);
	free(line);
}

static void on_woken(evutil_socket_t fd, short what, void *data)
{
	const struct timeval wait = {RF_NOTIFIERS_LEAVE_MS / 1000, 0};
	struct rf_notifiers *all = data;
	struct line *lines, *line;
	uint64_t count;
	bool leaving;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&all->lock);
	lines = all->lines;
	all->lines = NULL;
	leaving = all->leaving;
	pthread_mutex_unlock(&all->lock);
	while ((line = lines)) {
		lines = line->next;
		take(all, line);
	}
	if (!leaving || all->finishing)
		return;
	all->finishing = true;
	event_base_loopexit(all->base, &wait);
	leave_if_idle(all);
}

static void *run(void *data)
{
	event_base_dispatch(((struct rf_notifiers *)data)->base);
	return NULL;
}

/* ---- */

static int start(struct rf_notifiers *all, struct notifier *n, struct rf_plugin_spec *spec,
		 struct rf_error *err)
{
	static const struct rf_plugin_ops ops = {on_ready, on_off};

	n->all = all;
	n->waiting = json_array();
	n->pattern = strdup(spec->events ? spec->events : "*");
	if (!n->waiting || !n->pattern)
		rf_error_set(err, ENOMEM, "no memory for a notify plugin");
	else
		n->plugin = rf_plugin_start(all->base, spec, &ops, n, err);
	if (n->plugin)
		return 0;
	json_decref(n->waiting);
	free(n->pattern);
	return -1;
}

static int start_all(struct rf_notifiers *all, struct rf_plugin_spec *spec, unsigned count,
		     struct rf_error *err)
{
	unsigned i;

	for (; all->count < count; all->count++)
		if (start(all, &all->list[all->count], &spec[all->count], err) < 0)
			return -1;
	for (i = 0; i < count; i++)
		if (rf_plugin_await(all->base, all->list[i].plugin, err) < 0)
			return -1;
	rf_events_each(all->events, hand_over, all);
	all->ear = rf_events_listen(all->events, on_event, all);
	if (all->events && !all->ear)
		return rf_error_set(err, ENOMEM, "no memory for notify plugins");
	if (pthread_create(&all->thread, NULL, run, all) != 0)
		return rf_error_set(err, EAGAIN, "can not start a thread for notify plugins");
	all->runs = true;
	return 0;
}

struct rf_notifiers *rf_notifiers_create(struct rf_plugin_spec *spec, unsigned count,
					 struct rf_events *events, struct rf_error *err)
{
	struct rf_notifiers *all = calloc(1, sizeof(*all));

	if (!all) {
		rf_error_errno(err, "no memory for notify plugins");
		return NULL;
	}
	pthread_mutex_init(&all->lock, NULL);
	all->events = events;
	all->list = calloc(count + 1, sizeof(*all->list));
	all->base = event_base_new();
	all->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (all->base && all->wake >= 0)
		all->woken = event_new(all->base, all->wake, EV_READ | EV_PERSIST, on_woken, all);
	if (!all->list || !all->woken || event_add(all->woken, NULL) < 0)
		rf_error_set(err, ENOMEM, "no memory for notify plugins");
	else if (count == 0 || start_all(all, spec, count, err) == 0)
		return all;
	rf_notifiers_destroy(all);
	return NULL;
}

void rf_notifiers_destroy(struct rf_notifiers *all)
{
	struct line *line;
	unsigned i;

	if (!all)
		return;
	if (all->ear)
		rf_events_unlisten(all->events, all->ear);
	if (all->runs) {
		pthread_mutex_lock(&all->lock);
		all->leaving = true;
		pthread_mutex_unlock(&all->lock);
		wake(all);
		pthread_join(all->thread, NULL);
	}
	for (i = 0; i < all->count; i++)
		rf_plugin_stop(all->list[i].plugin);
	for (i = 0; i < all->count; i++) {
		rf_plugin_destroy(all->list[i].plugin);
		json_decref(all->list[i].waiting);
		free(all->list[i].pattern);
	}
	while ((line = all->lines)) {
		all->lines = line->next;
		free(line);
	}
	if (all->woken)
		event_free(all->woken);
	if (all->base)
		event_base_free(all->base);
	if (all->wake >= 0)
		close(all->wake);
	pthread_mutex_destroy(&all->lock);
	free(all->list);
	free(all);
}
