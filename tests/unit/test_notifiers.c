/* SPDX-License-Identifier: BSD-3-Clause */
/* A job's events reach notify plugins, in order, the last ones too; and what the plugins make of
 * them. */
#define _GNU_SOURCE
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/notifiers.h"

static void spec(struct rf_plugin_spec *at, const char *text)
{
	struct rf_error err = {0};

	CU_ASSERT_EQUAL_FATAL(rf_plugin_spec_parse("notify", text, at, &err), 0);
}

static char *content(const char *path)
{
	static char text[65536];
	FILE *file = fopen(path, "r");
	size_t n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[n] = '\0';
	if (file)
		fclose(file);
	return text;
}

static struct rf_events *make_events(void)
{
	const struct rf_events_config config = {
		.directory = unit_tmpdir(), .job = "melt", .id = "x"};
	struct rf_error err = {0};
	struct rf_events *events = rf_events_create(&config, &err);

	CU_ASSERT_PTR_NOT_NULL_FATAL(events);
	return events;
}

/* Those before, those of a burst, and the last one before the end. */
static void test_order(void)
{
	struct rf_events *events = make_events();
	struct rf_notifiers *notifiers;
	struct rf_plugin_spec specs[3];
	struct rf_error err = {0};
	char *line, *rest;
	int i, next = 0;

	rf_event(events, "count.up", "{s:i}", "n", 0);
	spec(&specs[0], "jsonl:file=all");
	spec(&specs[1],
	     "exec:command=echo \"$RANKFERRY_JOB $RANKFERRY_TEXT\" >>hooked,events=odd.*");
	spec(&specs[2], "prometheus:file=melt.prom");
	notifiers = rf_notifiers_create(specs, 3, events, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(notifiers);
	for (i = 1; i < 300; i++)
		rf_event(events, "count.up", "{s:i}", "n", i);
	rf_event(events, "odd.one", "{s:s, s:[i,i]}", "who", "it's \"me\"", "list", 1, 2);
	rf_notifiers_destroy(notifiers);
	rf_event(events, "too.late", NULL);
	rf_events_destroy(events);
	rest = content("all");
	while ((line = strsep(&rest, "\n")) && *line) {
		json_t *event = json_loads(line, 0, NULL);

		CU_ASSERT_PTR_NOT_NULL_FATAL(event);
		if (next < 300)
			CU_ASSERT_EQUAL(json_integer_value(json_object_get(event, "n")), next);
		next++;
		json_decref(event);
	}
	CU_ASSERT_EQUAL(next, 301);
	CU_ASSERT_STRING_EQUAL(content("hooked"), "melt odd.one: who it's \"me\", list [1,2]\n");
	CU_ASSERT_EQUAL(access("melt.prom", F_OK), -1);
}

static void test_prometheus(void)
{
	struct rf_events *events = make_events();
	struct rf_notifiers *notifiers;
	struct rf_plugin_spec specs[2];
	struct rf_error err = {0};

	spec(&specs[0], "prometheus:file=melt.prom,events=a.*");
	spec(&specs[1], "exec:command=cp melt.prom kept,events=b.*");
	notifiers = rf_notifiers_create(specs, 2, events, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(notifiers);
	rf_event(events, "a.b", NULL);
	rf_event(events, "a.c", NULL);
	rf_event(events, "a.b", NULL);
	sleep(1); /* two plugins: neither waits for the other */
	rf_event(events, "b.a", NULL);
	rf_notifiers_destroy(notifiers);
	rf_events_destroy(events);
	CU_ASSERT_STRING_EQUAL(content("kept"),
			       "# HELP rankferry_events_total Events of a job of Rankferry.\n"
			       "# TYPE rankferry_events_total counter\n"
			       "rankferry_events_total{job=\"melt\",event=\"a.b\"} 2\n"
			       "rankferry_events_total{job=\"melt\",event=\"a.c\"} 1\n");
}

/* A hook that hangs delays nobody, and not the end for long. */
static void test_slow(void)
{
	struct rf_events *events = make_events();
	struct rf_notifiers *notifiers;
	struct rf_plugin_spec specs[2];
	struct rf_error err = {0};

	unlink("all");
	spec(&specs[0], "exec:command=sleep 100");
	spec(&specs[1], "jsonl:file=all");
	notifiers = rf_notifiers_create(specs, 2, events, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(notifiers);
	rf_event(events, "a.b", NULL);
	rf_event(events, "a.b", NULL);
	alarm(20);
	rf_notifiers_destroy(notifiers);
	alarm(60);
	rf_events_destroy(events);
	CU_ASSERT_PTR_NOT_NULL(strstr(content("all"), "\n{"));
}

/* A plugin that dies over an event, or before it has answered, gets it again, once. */
static void test_again(void)
{
	struct rf_events *events = make_events();
	struct rf_notifiers *notifiers;
	struct rf_plugin_spec specs[2];
	struct rf_error err = {0};

	spec(&specs[0], "exec:command=test -e once || { : >once; kill -9 $PPID; exit; }; "
			"echo $RANKFERRY_TEXT >>heard");
	spec(&specs[1], "exec:command=test $RANKFERRY_TEXT != a.bad || { kill -9 $PPID; exit; }; "
			"echo $RANKFERRY_TEXT >>rest");
	notifiers = rf_notifiers_create(specs, 2, events, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(notifiers);
	rf_event(events, "a.bad", NULL);
	rf_event(events, "a.good", NULL);
	rf_notifiers_destroy(notifiers);
	rf_events_destroy(events);
	CU_ASSERT_STRING_EQUAL(content("heard"), "a.bad\na.good\n");
	CU_ASSERT_STRING_EQUAL(content("rest"), "a.good\n");
}

static void test_refused(void)
{
	struct rf_events *events = make_events();
	struct rf_plugin_spec one;
	struct rf_error err = {0};

	spec(&one, "prometheus:file=melt");
	CU_ASSERT_PTR_NULL(rf_notifiers_create(&one, 1, events, &err));
	CU_ASSERT_STRING_EQUAL(err.text,
			       "notify prometheus: the collector only reads files named *.prom");
	spec(&one, "none");
	CU_ASSERT_PTR_NULL(rf_notifiers_create(&one, 1, events, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no notify 'none': notify-none.so is not in "));
	rf_plugin_spec_clear(&one);
	rf_events_destroy(events);
}

static const struct unit_test tests[] = {
	{"all events come in order, also the first and the last", test_order},
	{"they are counted for Prometheus", test_prometheus},
	{"a hook that hangs delays nobody", test_slow},
	{"one that dies over an event gets it again", test_again},
	{"one that is not there, or refuses its options", test_refused},
	{NULL, NULL},
};

int main(void)
{
	const char *build = getenv("RF_BUILDDIR");
	char path[4096];

	snprintf(path, sizeof(path), "%s/plugins/.libs", build ? build : ".");
	setenv(RF_PLUGIN_PATH, path, 1);
	if (chdir(unit_tmpdir()) < 0)
		return 1;
	return unit_run("notifiers", tests);
}
