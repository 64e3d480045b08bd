/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "plugin_serve.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin_core.h"
#include "plugin_load.h"
#include "unmeasured.h"
#include "verdict.h"

struct host {
	const char *path;
	struct rankferry_plugin plugin;
	bool loaded;
	struct rf_plugin_core *core; /* NULL before "open" */
	void *self;
};

/* The hosts of a request, as a plugin gets them. */
struct hosts {
	struct rankferry_host *list;
	const struct rankferry_host **each;
	unsigned count;
};

static void free_hosts(struct hosts *hosts)
{
	free(hosts->list);
	free(hosts->each);
}

static int read_hosts(const json_t *request, struct hosts *hosts, struct rf_error *err)
{
	const json_t *rows = json_object_get(request, "hosts");
	size_t i, n = json_array_size(rows);
	json_t *row;

	*hosts = (struct hosts){calloc(n + 1, sizeof(*hosts->list)),
				calloc(n + 1, sizeof(*hosts->each)), (unsigned)n};
	if (!hosts->list || !hosts->each)
		return rf_error_set(err, ENOMEM, "no memory for %zu hosts", n);
	json_array_foreach(rows, i, row)
	{
		struct rankferry_host *h = &hosts->list[i];
		int cpus, ranks, room;

		*h = rf_unmeasured_host();
		hosts->each[i] = h;
		if (json_unpack(row, "{s:s, s:i, s:i, s:i, s:b, s?F, s?F, s?F, s?F, s?F, s?F, s?F}",
				"name", &h->name, "cpus", &cpus, "ranks", &ranks, "room", &room,
				"spare", &h->spare, "load", &h->load, "pressure", &h->pressure,
				"memory", &h->memory, "available", &h->available, "corrected",
				&h->corrected, "uncorrected", &h->uncorrected, "heat",
				&h->heat) < 0)
			return rf_error_set(err, EPROTO, "a host that is none");
		h->cpus = (unsigned)cpus;
		h->ranks = (unsigned)ranks;
		h->room = (unsigned)room;
	}
	return 0;
}

static json_t *failed(const struct host *h, struct rf_error *err)
{
	const char *why = rf_plugin_core_failure(h->core);

	rf_error_set(err, EIO, "%s", why ? why : "it failed, and did not say why");
	return NULL;
}

static json_t *do_open(struct host *h, const json_t *request, struct rf_error *err)
{
	h->core = rf_plugin_core_create(&h->plugin, json_object_get(request, "options"), err);
	if (!h->core)
		return NULL;
	if (h->plugin.open && h->plugin.open(rf_plugin_core(h->core), &h->self) != 0)
		return failed(h, err);
	return rf_plugin_describe(&h->plugin);
}

static json_t *do_look(struct host *h, const json_t *request, struct rf_error *err)
{
	json_t *answer = NULL;
	struct hosts hosts;

	if (read_hosts(request, &hosts, err) == 0) {
		int rc = h->plugin.look(rf_plugin_core(h->core), h->self, hosts.each, hosts.count);

		answer = rc != 0 || rf_plugin_core_failure(h->core)
				 ? failed(h, err)
				 : json_pack("{s:O}", "words", rf_plugin_core_words(h->core));
	}
	free_hosts(&hosts);
	return answer;
}

static unsigned *numbers(const json_t *list, size_t count)
{
	unsigned *array = calloc(count + 1, sizeof(*array));
	size_t i;

	for (i = 0; array && i < count; i++)
		array[i] = (unsigned)json_integer_value(json_array_get(list, i));
	return array;
}

static json_t *do_place(struct host *h, const json_t *request, struct rf_error *err)
{
	const json_t *ranks = json_object_get(request, "rank");
	size_t i, n = json_array_size(ranks);
	unsigned *rank = numbers(ranks, n), *from = numbers(json_object_get(request, "from"), n);
	unsigned *to = calloc(n + 1, sizeof(*to));
	struct hosts hosts = {0};
	json_t *answer = NULL, *list;

	if (!rank || !from || !to) {
		rf_error_set(err, ENOMEM, "no memory for %zu ranks", n);
	} else if (read_hosts(request, &hosts, err) == 0) {
		const struct rankferry_move move = {sizeof(move), (unsigned)n, rank,
						    from,	  hosts.count, hosts.each};

		if (h->plugin.place(rf_plugin_core(h->core), h->self, &move, to) != 0) {
			failed(h, err);
		} else {
			list = json_array();
			for (i = 0; i < n; i++)
				json_array_append_new(list, json_integer(to[i]));
			answer = json_pack("{s:o}", "to", list);
		}
	}
	free_hosts(&hosts);
	free(rank);
	free(from);
	free(to);
	return answer;
}

static json_t *do_notify(struct host *h, const json_t *request, struct rf_error *err)
{
	struct rankferry_event event = {.size = sizeof(event)};
	char *text = json_dumps(json_object_get(request, "event"), JSON_COMPACT);
	json_t *answer = NULL;

	event.json = text;
	if (!text ||
	    json_unpack((json_t *)(uintptr_t)request, "{s:s, s:s, s:s, s:s}", "name", &event.name,
			"time", &event.time, "job", &event.job, "text", &event.text) < 0)
		rf_error_set(err, EPROTO, "an event that is none");
	else if (h->plugin.notify(rf_plugin_core(h->core), h->self, &event) != 0)
		failed(h, err);
	else
		answer = json_object();
	free(text);
	return answer;
}

static json_t *handle(struct host *h, const json_t *request, struct rf_error *err)
{
	static const struct {
		const char *name;
		enum rankferry_kind kind; /* 0: before "open" */
		json_t *(*run)(struct host *, const json_t *, struct rf_error *);
	} verbs[] = {
		{"open", 0, do_open},
		{"look", RANKFERRY_MONITOR, do_look},
		{"place", RANKFERRY_PLACEMENT, do_place},
		{"notify", RANKFERRY_NOTIFY, do_notify},
	};
	const char *name = json_string_value(json_object_get(request, "do"));
	size_t i;

	if (!h->loaded && rf_plugin_load(h->path, &h->plugin, err) < 0)
		return NULL;
	h->loaded = true;
	if (h->core)
		rf_plugin_core_reset(h->core);
	for (i = 0; name && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0 &&
		    verbs[i].kind == (h->core ? h->plugin.kind : 0))
			return verbs[i].run(h, request, err);
	rf_error_set(err, EPROTO, "it can not be asked for '%.32s'", name ? name : "nothing");
	return NULL;
}

/* One write a line, unless it is long. */
static int send_line(int socket, const json_t *reply)
{
	char *text = json_dumps(reply, JSON_COMPACT);
	size_t left = text ? strlen(text) + 1 : 0;
	const char *next = text;

	if (!text)
		return -1;
	text[left - 1] = '\n';
	while (left > 0) {
		ssize_t n = write(socket, next, left);

		if (n < 0 && errno != EINTR)
			break;
		next += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
	free(text);
	return left ? -1 : 0;
}

static int answer(struct host *h, int socket, const json_t *request)
{
	struct rf_error err = {0};
	json_t *reply = handle(h, request, &err);
	int rc;

	if (!reply)
		reply = json_pack("{s:s}", "error", err.text);
	if (!reply) /* a text that is not UTF-8 */
		reply = json_pack("{s:s}", "error", "its failure can not be passed on");
	if (h->core && rf_plugin_core_note(h->core))
		json_object_set_new(reply, "note", json_string(rf_plugin_core_note(h->core)));
	json_object_set(reply, "id", json_object_get(request, "id"));
	rc = send_line(socket, reply);
	json_decref(reply);
	return rc;
}

int rf_plugin_serve(int socket, const char *path)
{
	struct host h = {.path = path};
	FILE *in = fdopen(socket, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while (in && (n = getline(&line, &room, in)) > 0) {
		json_t *request = json_loadb(line, (size_t)n, 0, NULL);
		int rc = request ? answer(&h, socket, request) : -1;

		json_decref(request);
		if (rc < 0)
			return RF_EXIT_OWN;
	}
	if (h.core && h.plugin.close)
		h.plugin.close(h.self);
	free(line);
	rf_plugin_core_destroy(h.core);
	return 0;
}
