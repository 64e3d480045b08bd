/* SPDX-License-Identifier: BSD-3-Clause */
/* rankferry events: what has happened to a job, from itself while it runs, or from its store. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "command.h"
#include "events.h"
#include "jobs.h"
#include "say.h"
#include "verdict.h"
#include "wire/message.h"

#define ANSWER_MS 10000 /* for a job to say what has happened, unless it is followed */

struct show {
	const char *job, *store;
	bool follow, json;
};

/* "2026-11-28 10:29:06" in local time, of what events.h writes. */
static void show_time(const char *text)
{
	struct tm tm = {0};
	char shown[32];
	time_t t;

	if (!strptime(text, "%Y-%m-%dT%H:%M:%S", &tm)) {
		printf("%-19s", "-");
		return;
	}
	t = timegm(&tm);
	localtime_r(&t, &tm);
	strftime(shown, sizeof(shown), "%Y-%m-%d %H:%M:%S", &tm);
	printf("%s", shown);
}

static void show_member(const char *name, const json_t *value)
{
	char *text;

	if (json_is_string(value) && !strpbrk(json_string_value(value), " \t\"")) {
		printf(" %s=%s", name, json_string_value(value));
		return;
	}
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	printf(" %s=%s", name, text ? text : "?");
	free(text);
}

/* -1: it is not one, as of a line that a full disk has cut. */
static int show_line(const struct show *show, const char *line)
{
	static const char *const common[] = {"time", "job", "id", "event"};
	json_t *event = json_loads(line, 0, NULL), *value;
	const char *name, *kind, *at;
	size_t i;

	if (!json_is_object(event)) {
		json_decref(event);
		return -1;
	}
	if (show->json) {
		puts(line);
	} else {
		kind = json_string_value(json_object_get(event, "event"));
		at = json_string_value(json_object_get(event, "time"));
		show_time(at ? at : "");
		printf("  %-16s", kind ? kind : "?");
		json_object_foreach(event, name, value)
		{
			for (i = 0; i < 4 && strcmp(name, common[i]) != 0; i++)
				;
			if (i == 4)
				show_member(name, value);
		}
		putchar('\n');
	}
	json_decref(event);
	return 0;
}

static bool on_answer(const json_t *message, void *data)
{
	const struct show *show = data;
	const char *line;

	if (strcmp(rf_message_kind(message), "event") != 0)
		return true;
	if (rf_message_unpack(message, NULL, "{s:s}", "line", &line) == 0)
		show_line(show, line);
	if (show->follow)
		fflush(stdout);
	return false;
}

/* 1: there is no such file. */
static int show_file(const struct show *show, const char *directory, const char *suffix)
{
	char *path = NULL, *line = NULL;
	size_t room = 0;
	unsigned bad = 0;
	ssize_t n;
	FILE *in;

	if (asprintf(&path, "%s/" RF_EVENTS_FILE "%s", directory, suffix) < 0)
		return -1;
	in = fopen(path, "re");
	if (!in) {
		int missing = errno == ENOENT;

		if (!missing)
			rf_say("can not read %s: %s", path, strerror(errno));
		free(path);
		return missing ? 1 : -1;
	}
	while ((n = getline(&line, &room, in)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (*line && show_line(show, line) < 0)
			bad++;
	}
	if (bad)
		rf_say("%s: %u lines are no events, and left out", path, bad);
	fclose(in);
	free(line);
	free(path);
	return 0;
}

/* Of a job that has ended. */
static int show_stored(const struct show *show)
{
	char *directory = NULL;
	int older, newer;

	if (asprintf(&directory, "%s%s%s", show->store ? show->store : "", show->store ? "/" : "",
		     show->job) < 0)
		return RF_EXIT_OWN;
	older = show_file(show, directory, ".1");
	newer = older < 0 ? -1 : show_file(show, directory, "");
	if (older > 0 && newer > 0)
		rf_say("%s has no events of a job", directory);
	free(directory);
	return older == 0 || newer == 0 ? 0 : RF_EXIT_OWN;
}

static int ask_job(struct show *show)
{
	struct rf_job_entry entry;
	struct rf_error err;
	int fd = rf_jobs_connect(show->job, &entry, &err);

	if (fd < 0) {
		rf_say("%s%s", err.text,
		       err.code == ENOENT ? "; for one that has ended name its store: rankferry "
					    "events STORE/JOB"
					  : "");
		return RF_EXIT_OWN;
	}
	if (rf_ask(fd, show->follow ? 0 : ANSWER_MS,
		   rf_message_create(&err, "events", "{s:b}", "follow", show->follow), on_answer,
		   show, &err) < 0) {
		if (show->follow && (err.code == EPIPE || err.code == ECANCELED))
			return 0; /* the job, or the interest, has ended */
		rf_say("%s: %s", entry.name, err.text);
		return RF_EXIT_OWN;
	}
	return 0;
}

int rf_events_main(int argc, char **argv)
{
	static const struct option options[] = {{"follow", no_argument, NULL, 'f'},
						{"store", required_argument, NULL, 's'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	struct show show = {0};
	int o, rc;

	opterr = 0;
	while ((o = getopt_long(argc, argv, ":fh", options, NULL)) != -1) {
		switch (o) {
		case 'f':
			show.follow = true;
			break;
		case 's':
			show.store = optarg;
			break;
		case 'j':
			show.json = true;
			break;
		case 'h':
			return rf_help_main(2, (char *[]){"help", "events", NULL});
		case ':':
			return rf_usage_error("events", "%s needs a value", argv[optind - 1]);
		default:
			return rf_usage_error("events", "unknown option %s", argv[optind - 1]);
		}
	}
	if (argc - optind > 1)
		return rf_usage_error("events", "takes one job");
	show.job = argv[optind];
	if (show.store && !show.job)
		return rf_usage_error("events", "--store needs the name of a job");
	if (show.job && (show.store || strchr(show.job, '/')))
		rc = show.follow ? rf_usage_error("events", "only a running job can be followed")
				 : show_stored(&show);
	else
		rc = ask_job(&show);
	if (rc == 0 && fflush(stdout) != 0) {
		rf_say("can not print: %s", strerror(errno));
		return RF_EXIT_OWN;
	}
	return rc;
}
