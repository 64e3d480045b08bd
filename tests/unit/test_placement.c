/* SPDX-License-Identifier: BSD-3-Clause */
/* Rankferry's own placement plugins, each in its process. */
#define _GNU_SOURCE
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/plugin.h"
#include "util/clock.h"

/* CPUs, ranks that stay, room, and whether it is a spare. */
struct host {
	int cpus, ranks, room, spare;
};

static const struct place {
	const char *plugin;
	struct host host[5];
	const char *from; /* the host of each rank that moves */
	const char *to;	  /* where it goes; or why not, behind '!' */
} places[] = {
	{"spread", {{4, 2, 2, 0}, {4, 0, 4, 0}, {4, 0, 0, 0}}, "2222", "1101"},
	{"spread", {{8, 2, 6, 0}, {4, 1, 3, 0}, {4, 0, 0, 0}}, "222", "010"},
	{"pack", {{4, 1, 3, 0}, {4, 2, 2, 0}, {8, 0, 8, 1}, {4, 0, 0, 0}}, "333333", "110002"},
	{"pack", {{4, 0, 4, 1}, {8, 0, 8, 1}, {4, 0, 0, 0}}, "222", "111"},
	{"spares",
	 {{8, 0, 8, 0}, {4, 0, 4, 1}, {4, 0, 4, 1}, {4, 0, 0, 0}, {4, 0, 0, 0}},
	 "34343434",
	 "12121212"},
	{"spares", {{8, 0, 8, 0}, {4, 0, 2, 1}, {4, 0, 0, 0}}, "2222", "1100"},
	{"spread", {{4, 4, 1, 0}, {4, 0, 0, 0}}, "11", "!no room for rank 11"},
	{"pack", {{4, 4, 1, 0}, {4, 0, 0, 0}}, "11", "!no room for rank 11"},
	{"spares", {{4, 4, 1, 0}, {4, 0, 0, 0}}, "11", "!no room for rank 11"},
};

static struct event_base *base;
static char got[600];
static bool answered;

static void on_answer(const json_t *answer, const struct rf_error *why, void *data)
{
	json_t *index;
	size_t i, n = 0;

	(void)data;
	answered = true;
	*got = '\0';
	if (why)
		snprintf(got, sizeof(got), "!%s", why->text);
	json_array_foreach(json_object_get(answer, "to"), i, index)
	{
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%d",
				      (int)json_integer_value(index));
	}
}

static json_t *question(const struct place *place)
{
	json_t *hosts = json_array(), *rank = json_array(), *from = json_array();
	char name[] = "a";
	int i;

	for (i = 0; i < 5 && place->host[i].cpus; i++, name[0]++)
		json_array_append_new(
			hosts, json_pack("{s:s, s:i, s:i, s:i, s:b}", "name", name, "cpus",
					 place->host[i].cpus, "ranks", place->host[i].ranks, "room",
					 place->host[i].room, "spare", place->host[i].spare));
	for (i = 0; place->from[i]; i++) {
		json_array_append_new(rank, json_integer(10 + i));
		json_array_append_new(from, json_integer(place->from[i] - '0'));
	}
	return json_pack("{s:s, s:o, s:o, s:o}", "do", "place", "hosts", hosts, "rank", rank,
			 "from", from);
}

static void test_places(void)
{
	static const struct rf_plugin_ops ops;
	int64_t until = rf_clock_ms() + 50000;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct rf_plugin_spec spec;
		struct rf_error err = {0};
		struct rf_plugin *plugin;

		CU_ASSERT_EQUAL_FATAL(
			rf_plugin_spec_make("placement", places[i].plugin, NULL, &spec, &err), 0);
		plugin = rf_plugin_start(base, &spec, &ops, NULL, &err);
		CU_ASSERT_PTR_NOT_NULL_FATAL(plugin);
		CU_ASSERT_EQUAL_FATAL(rf_plugin_await(base, plugin, &err), 0);
		answered = false;
		rf_plugin_ask(plugin, question(&places[i]), on_answer, NULL);
		while (!answered && rf_clock_ms() < until)
			event_base_loop(base, EVLOOP_ONCE);
		CU_ASSERT_STRING_EQUAL(got, places[i].to);
		if (strcmp(got, places[i].to) != 0)
			printf("# %s: %s, not %s\n", places[i].plugin, got, places[i].to);
		rf_plugin_destroy(plugin);
	}
}

static const struct unit_test tests[] = {
	{"spread, pack and spares", test_places},
	{NULL, NULL},
};

int main(void)
{
	const char *build = getenv("RF_BUILDDIR");
	char path[4096];
	int rc;

	snprintf(path, sizeof(path), "%s/plugins/.libs", build ? build : ".");
	setenv(RF_PLUGIN_PATH, path, 1);
	base = event_base_new();
	rc = unit_run("placement", tests);
	event_base_free(base);
	return rc;
}
