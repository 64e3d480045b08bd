/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "events.h"
#include "job.h"
#include "say.h"
#include "service.h"

/* Where its store was named the directory is made; else it comes with the first snapshot. */
static struct rf_events *create(const struct rf_job_options *options, const char *id)
{
	struct rf_events_config config = {
		.make = options->store, .job = options->name ? options->name : id, .id = id};
	char *store = rf_job_absolute(options->store ? options->store : RF_STORE_DEFAULT);
	char *directory = NULL;
	struct rf_events *events = NULL;
	struct rf_error err;

	if (!store || asprintf(&directory, "%s/%s", store, config.job) < 0) {
		rf_say("no memory for the job's events");
	} else {
		config.directory = directory;
		events = rf_events_create(&config, &err);
		if (!events)
			rf_say("%s", err.text);
		free(directory);
	}
	free(store);
	return events;
}

struct rf_events *rf_job_events(const struct rf_job_options *options, const char *id)
{
	struct rf_events *events = create(options, id);
	char host[HOST_NAME_MAX + 1] = "";
	json_t *command = json_array();
	char *const *word;

	gethostname(host, sizeof(host) - 1);
	for (word = options->line; *word; word++)
		json_array_append_new(command, json_string(*word));
	rf_event(events, "job.begin", "{s:s, s:i, s:O, s:s*}", "host", host, "pid", (int)getpid(),
		 "command", command, "from", options->restore);
	json_decref(command);
	return events;
}
