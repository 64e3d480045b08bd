/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/events.h"

static char directory[600], path[700], older[800];

static struct rf_events *begin(const char *name, bool make, size_t bytes)
{
	struct rf_events_config config = {directory, make, "melt", "k2v", bytes};
	struct rf_events *events;
	struct rf_error err;

	snprintf(directory, sizeof(directory), "%s/%s/melt", unit_tmpdir(), name);
	snprintf(path, sizeof(path), "%s/" RF_EVENTS_FILE, directory);
	snprintf(older, sizeof(older), "%s.1", path);
	events = rf_events_create(&config, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(events);
	return events;
}

/* The events of a file; each line must be one. */
static json_t *read_file(const char *file)
{
	json_t *list = json_array();
	char *line = NULL;
	size_t room = 0;
	FILE *in = fopen(file, "re");

	while (in && getline(&line, &room, in) > 0) {
		json_t *event = json_loads(line, 0, NULL);

		CU_ASSERT_PTR_NOT_NULL(event);
		CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(event, "job")), "melt");
		json_array_append_new(list, event);
	}
	if (in)
		fclose(in);
	free(line);
	return list;
}

static const char *text(const json_t *list, size_t at, const char *member)
{
	const char *value = json_string_value(json_object_get(json_array_get(list, at), member));

	return value ? value : "";
}

static void test_file(void)
{
	struct rf_events *events = begin("file", true, 0);
	struct stat st;
	json_t *list;

	rf_event(events, "move.begin", "{s:i, s:s}", "generation", 2, "job", "not this one");
	rf_event(events, "job.end", NULL);
	rf_events_destroy(events);
	list = read_file(path);
	CU_ASSERT_EQUAL(json_array_size(list), 2);
	CU_ASSERT_STRING_EQUAL(text(list, 0, "event"), "move.begin");
	CU_ASSERT_STRING_EQUAL(text(list, 0, "id"), "k2v");
	CU_ASSERT_EQUAL(strlen(text(list, 0, "time")), strlen("2026-11-28T09:29:06.123456Z"));
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_array_get(list, 0), "generation")),
			2);
	CU_ASSERT_STRING_EQUAL(text(list, 1, "event"), "job.end");
	CU_ASSERT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	json_decref(list);
}

static void test_appended(void)
{
	struct rf_events *events = begin("appended", true, 0);
	json_t *list;

	rf_event(events, "job.begin", NULL);
	rf_events_destroy(events);
	events = begin("appended", true, 0);
	rf_event(events, "job.begin", NULL);
	rf_events_destroy(events);
	list = read_file(path);
	CU_ASSERT_EQUAL(json_array_size(list), 2);
	json_decref(list);
}

static void test_later(void)
{
	struct rf_events *events = begin("later", false, 0);
	char above[600];
	json_t *list;

	rf_event(events, "job.begin", NULL);
	usleep(50000);
	CU_ASSERT(access(path, F_OK) < 0);
	snprintf(above, sizeof(above), "%s/later", unit_tmpdir());
	CU_ASSERT(mkdir(above, 0700) == 0 && mkdir(directory, 0700) == 0);
	rf_event(events, "snapshot.done", NULL);
	rf_events_destroy(events);
	list = read_file(path);
	CU_ASSERT_EQUAL(json_array_size(list), 2);
	CU_ASSERT_STRING_EQUAL(text(list, 0, "event"), "job.begin");
	json_decref(list);
}

static void test_bounded(void)
{
	struct rf_events *events = begin("bounded", true, 4000);
	struct stat st;
	int i;

	/* until the thread has been there often enough to write a second piece */
	for (i = 0; i < 100000 && (i < 300 || access(older, F_OK) < 0); i++) {
		rf_event(events, "test.some", "{s:i}", "number", i);
		if (i % 10 == 0)
			usleep(1000);
	}
	rf_events_destroy(events);
	CU_ASSERT(stat(older, &st) == 0);
	CU_ASSERT(stat(path, &st) == 0);
	json_decref(read_file(older));
	json_decref(read_file(path));
}

/* A file stands where the directory should be; then it goes. */
static void test_unwritable(void)
{
	struct rf_events *events;
	char above[600];
	json_t *list;
	FILE *file;
	int i;

	snprintf(above, sizeof(above), "%s/unwritable", unit_tmpdir());
	file = fopen(above, "we");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fclose(file);
	events = begin("unwritable", true, 0);
	for (i = 0; i < 3 * RF_EVENTS_KEPT; i++)
		rf_event(events, "test.some", "{s:i}", "number", i);
	usleep(50000);
	unlink(above);
	rf_event(events, "test.last", NULL);
	rf_events_destroy(events);
	list = read_file(path);
	CU_ASSERT_EQUAL(json_array_size(list), RF_EVENTS_KEPT + 1);
	CU_ASSERT_STRING_EQUAL(text(list, 0, "event"), "events.lost");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_array_get(list, 0), "count")),
			2 * RF_EVENTS_KEPT + 1);
	CU_ASSERT_STRING_EQUAL(text(list, RF_EVENTS_KEPT, "event"), "test.last");
	json_decref(list);
}

struct heard {
	struct rf_events *events;
	struct rf_events_ear *ear, *other;
	int count, number;
};

static void hear(const json_t *event, const char *line, void *data)
{
	struct heard *heard = data;
	json_t *again = json_loads(line, 0, NULL);

	CU_ASSERT(json_equal(again, event));
	json_decref(again);
	heard->count++;
	if (json_object_get(event, "last")) {
		rf_events_unlisten(heard->events, heard->ear);
		rf_events_unlisten(heard->events, heard->other);
		rf_event(heard->events, "test.inner", NULL);
	}
}

static void test_listeners(void)
{
	struct heard one = {0}, two = {0};
	struct rf_events *events = begin("listeners", true, 0);

	one.events = events;
	one.ear = rf_events_listen(events, hear, &one);
	one.other = rf_events_listen(events, hear, &two);
	rf_event(events, "test.some", NULL);
	CU_ASSERT_EQUAL(one.count, 1);
	CU_ASSERT_EQUAL(two.count, 1);
	rf_event(events, "test.some", "{s:b}", "last", 1);
	rf_event(events, "test.some", NULL);
	CU_ASSERT_EQUAL(one.count, 2);
	CU_ASSERT_EQUAL(two.count, 1);
	rf_events_destroy(events);
}

static void count(const char *line, void *data)
{
	CU_ASSERT_PTR_NOT_NULL(line);
	++*(int *)data;
}

static void test_kept(void)
{
	struct rf_events *events = begin("kept", false, 0);
	int n = 0, i;

	rf_events_each(events, count, &n);
	CU_ASSERT_EQUAL(n, 0);
	for (i = 0; i < RF_EVENTS_KEPT + 5; i++)
		rf_event(events, "test.some", NULL);
	rf_events_each(events, count, &n);
	CU_ASSERT_EQUAL(n, RF_EVENTS_KEPT);
	rf_events_destroy(events);
}

static void test_none(void)
{
	int n = 0;

	rf_event(NULL, "test.some", "{s:i}", "number", 1);
	rf_events_each(NULL, count, &n);
	CU_ASSERT_EQUAL(n, 0);
	CU_ASSERT_PTR_NULL(rf_events_listen(NULL, hear, NULL));
	rf_events_unlisten(NULL, NULL);
	rf_events_destroy(NULL);
}

static const struct unit_test tests[] = {
	{"an event is a line of the job's file, with time, job, id and name", test_file},
	{"another job of that name appends", test_appended},
	{"without a directory they wait for it", test_later},
	{"a file of full size is replaced", test_bounded},
	{"when they can be written again the last ones are, and how many are lost",
	 test_unwritable},
	{"a listener hears each, until it ends that, from within, too", test_listeners},
	{"the last ones are kept in memory", test_kept},
	{"NULL has no events", test_none},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("events", tests);
}
